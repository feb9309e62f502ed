//! A mail server that does what the test tells it to, and remembers what it was handed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::world::PATIENCE;

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Takes everything.
    Kind,
    /// Takes everything, and asks for a name and a password first, which it does not look at.
    Guarded,
    /// Ends the connection at once.
    Closed,
    /// Greets with 421.
    Busy,
    /// 450 for each recipient.
    Greylisting,
    /// 550 for each recipient.
    Strict,
    /// 554 for each text.
    Picky,
    /// 535 for each password.
    Forgetful,
    /// Takes the text and never says so.
    HangsAfterData,
    /// Says nothing at all.
    Silent,
    /// Speaks another language.
    Garbage,
    /// Greets without end, in lines.
    EndlessLines,
    /// Greets without end, in one line.
    EndlessLine,
    /// A letter of its greeting in a while.
    Dripping,
    /// Offers STARTTLS and breaks off.
    DeadTls,
    /// Offers STARTTLS, and says more behind its answer than it should.
    Injecting,
}

/// One mail.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mail {
    /// Its headers.
    pub(super) headers: String,
    /// Its text, decoded.
    pub(super) text: String,
    /// What stood behind RCPT.
    pub(super) recipients: Vec<String>,
    /// Whether the server said that it took it.
    pub(super) is_said: bool,
}

impl Mail {
    /// What stands in a header.
    pub(super) fn header(&self, name: &str) -> &str {
        let line = self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.headers))
    }
}

/// The server.
pub(super) struct Liar {
    pub(super) port: u16,
    mood: Arc<Mutex<Mood>>,
    mails: Arc<Mutex<Vec<Mail>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Liar {
    pub(super) fn new(mood: Mood) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let liar = Liar { port, mood: Arc::new(Mutex::new(mood)), mails: Arc::default(), said: Arc::default() };
        let (mood, mails, said) = (Arc::clone(&liar.mood), Arc::clone(&liar.mails), Arc::clone(&liar.said));
        thread::spawn(move || {
            // More conversations than any test has; the thread ends with the test process.
            for client in listener.incoming().take(10_000).flatten() {
                let (mood, mails, said) = (*mood.lock().expect("a mood"), Arc::clone(&mails), Arc::clone(&said));
                thread::spawn(move || {
                    client.set_read_timeout(Some(PATIENCE)).ok();
                    client.set_write_timeout(Some(PATIENCE)).ok();
                    talk(mood, client, &mails, &said);
                });
            }
        });
        liar
    }

    pub(super) fn mood(&self, mood: Mood) {
        *self.mood.lock().expect("a mood") = mood;
    }

    /// What it was handed so far.
    pub(super) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().expect("mails").clone()
    }

    /// What clients said so far.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().expect("words").clone()
    }
}

fn talk(mood: Mood, mut client: TcpStream, mails: &Mutex<Vec<Mail>>, said: &Mutex<Vec<String>>) -> Option<()> {
    let reader = BufReader::new(client.try_clone().ok()?);
    match mood {
        Mood::Closed => return Some(()),
        Mood::Silent => return wait_for_end(client),
        Mood::Busy => client.write_all(b"421 not now\r\n").ok()?,
        Mood::Garbage => client.write_all(b"\x16\x03\x01SSH-2.0-no\r\n\0\r\n").ok()?,
        // Bounded by what a client stands.
        Mood::EndlessLines => return (0..1_000_000).try_for_each(|_| client.write_all(b"220-more\r\n").ok()),
        Mood::EndlessLine => return (0..100_000).try_for_each(|_| client.write_all(&[b'x'; 1024]).ok()),
        Mood::Dripping => {
            return (0..100).try_for_each(|_| {
                thread::sleep(Duration::from_millis(200));
                client.write_all(b"2").ok()
            });
        }
        _ => client.write_all(b"220 ready\r\n").ok()?,
    }
    let (mut data, mut recipients): (Option<String>, Vec<String>) = (None, Vec::new());
    for line in reader.lines() {
        let line = line.ok()?;
        if let Some(text) = &mut data {
            if line != "." {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
                continue;
            }
            let is_said = !matches!(mood, Mood::HangsAfterData | Mood::Picky);
            let mail = mail(&data.take()?, std::mem::take(&mut recipients), is_said);
            if mood != Mood::Picky {
                mails.lock().ok()?.push(mail);
            }
            match mood {
                Mood::HangsAfterData => return wait_for_end(client),
                Mood::Picky => client.write_all(b"554 no such text\r\n").ok()?,
                _ => client.write_all(b"250 taken\r\n").ok()?,
            }
            continue;
        }
        said.lock().ok()?.push(line.clone());
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match word.as_str() {
            "EHLO" if matches!(mood, Mood::DeadTls | Mood::Injecting) => b"250-here\r\n250 STARTTLS\r\n",
            "EHLO" if matches!(mood, Mood::Guarded | Mood::Forgetful) => b"250-here\r\n250 AUTH LOGIN PLAIN\r\n",
            "EHLO" => b"250-here\r\n250 8BITMIME\r\n",
            "STARTTLS" if mood == Mood::Injecting => b"220 go on\r\n250-evil\r\n250 AUTH PLAIN\r\n",
            "STARTTLS" => {
                client.write_all(b"220 go on\r\n").ok()?;
                return Some(());
            }
            "AUTH" if mood == Mood::Forgetful => b"535 who is that\r\n",
            "AUTH" => b"235 welcome\r\n",
            "RCPT" if mood == Mood::Greylisting => b"450 later\r\n",
            "RCPT" if mood == Mood::Strict => b"550 nobody here\r\n",
            "RCPT" => {
                recipients.push(line.clone());
                b"250 ok\r\n"
            }
            "DATA" => {
                data = Some(String::new());
                b"354 go on\r\n"
            }
            "QUIT" => return client.write_all(b"221 bye\r\n").ok(),
            _ => b"250 ok\r\n",
        };
        client.write_all(reply).ok()?;
    }
    Some(())
}

/// Reads on, and says nothing, until the client has gone.
fn wait_for_end(mut client: TcpStream) -> Option<()> {
    let mut rest = [0; 1024];
    while client.read(&mut rest).ok()? > 0 {}
    Some(())
}

fn mail(text: &str, recipients: Vec<String>, is_said: bool) -> Mail {
    let (headers, body) = text.split_once("\n\n").unwrap_or((text, ""));
    // A header that is folded is one line.
    let headers = headers.replace("\n ", " ");
    let is_quoted = headers.contains("Content-Transfer-Encoding: quoted-printable");
    let text = if is_quoted { unquoted(body) } else { body.to_owned() };
    Mail { headers, text, recipients, is_said }
}

/// Quoted-printable text (RFC 2045, section 6.7).
fn unquoted(body: &str) -> String {
    let body = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'=') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
