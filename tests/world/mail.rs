//! Mail, against servers that say what the test tells them to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use interpreter::engine::{Event, EventClass, EventState, ServiceId, Wall};
use interpreter::program::{AlertTarget, EventMask, MailServer, MailSettings, Tls};
use jiff::tz::TimeZone;
use ruled::report::mail::{Delivery, Letter, Post, deliver, recipients, run as run_mail};

use super::{PATIENCE, run};

/// How a server behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    /// Takes everything.
    Kind,
    /// Refuses every recipient for good.
    Strict,
    /// Greets with "not now".
    Busy,
    /// Says nothing.
    Silent,
}

/// A server for a few conversations; what clients said comes line by line.
fn server(mood: Mood) -> (MailServer, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (said, heard) = channel();
    thread::spawn(move || {
        // More conversations than any test has; the thread ends with the test process.
        for client in listener.incoming().take(100).flatten() {
            client.set_read_timeout(Some(PATIENCE)).ok();
            talk(mood, client, &said);
        }
    });
    (MailServer { host: "127.0.0.1".to_owned(), port, username: None, password: None, tls: None }, heard)
}

fn talk(mood: Mood, mut client: TcpStream, said: &Sender<String>) -> Option<()> {
    let mut lines = BufReader::new(client.try_clone().ok()?).lines();
    match mood {
        Mood::Silent => {
            lines.next();
            return Some(());
        }
        Mood::Busy => return client.write_all(b"421 not now\r\n").ok(),
        Mood::Kind | Mood::Strict => client.write_all(b"220 ready\r\n").ok()?,
    }
    let mut in_data = false;
    while let Some(Ok(line)) = lines.next() {
        said.send(line.clone()).ok();
        let reply: &[u8] = match line.split(' ').next() {
            _ if in_data && line != "." => continue,
            _ if in_data => {
                in_data = false;
                b"250 taken\r\n"
            }
            Some("EHLO") => b"250-here\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
            Some("RCPT") if mood == Mood::Strict => b"550 nobody here\r\n",
            Some("DATA") => {
                in_data = true;
                b"354 go on\r\n"
            }
            Some("AUTH") => b"235 welcome\r\n",
            Some("QUIT") => return client.write_all(b"221 bye\r\n").ok(),
            _ => b"250 ok\r\n",
        };
        client.write_all(reply).ok()?;
    }
    Some(())
}

fn settings(servers: Vec<MailServer>) -> MailSettings {
    MailSettings {
        servers,
        timeout: Duration::from_secs(5),
        hostname: Some("box.example".to_owned()),
        ..MailSettings::default()
    }
}

fn letter(service: &str, message: &str) -> Letter {
    let event = Event {
        at: Wall(1_795_235_160_000_000),
        cycle: 1,
        early: false,
        service: ServiceId(0),
        class: EventClass::Nonexist,
        state: EventState::Failed,
        action: "restart",
        message: message.to_owned(),
        takers: Vec::new(),
    };
    Letter::new(&event, service, "box.example", "keeper@example.com", &TimeZone::UTC, 5).expect("a letter")
}

fn heard(heard: &Receiver<String>) -> String {
    let mut text = String::new();
    while let Ok(line) = heard.recv_timeout(PATIENCE) {
        text.push_str(&line);
        text.push('\n');
        if line == "." || line == "QUIT" {
            break;
        }
    }
    text
}

#[test]
fn a_letter_arrives() {
    let (mut server, ears) = server(Mood::Kind);
    (server.username, server.password) = (Some("user".to_owned()), Some("secret".to_owned()));
    let settings = settings(vec![server]);
    assert_eq!(run(deliver(&settings, &letter("shop", "process is not running"))), Delivery::Taken);
    let text = heard(&ears);
    for part in [
        "EHLO box.example\n",
        "AUTH PLAIN ",
        "MAIL FROM:<ruled@box.example>",
        "RCPT TO:<keeper@example.com>\n",
        "From: ruled@box.example\n",
        "To: keeper@example.com\n",
        "Subject: ruled alert --  Does not exist shop\n",
        "Message-ID: <1795235160000000.",
        "Does not exist Service shop\n",
        "Date:        Sat, 21 Nov 2026 04:26:00\n",
        "Action:      restart\n",
        "Host:        box.example\n",
        "Description: process is not running\n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn names_and_messages_cannot_add_headers() {
    let letter = letter("shop\r\nBcc: evil@example.com", "x\r\nBcc: evil@example.com\r\n.\r\nQUIT");
    let text = String::from_utf8(letter.message.formatted()).expect("text");
    let (headers, body) = text.split_once("\r\n\r\n").expect("headers and a body");
    assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
    assert!(body.contains("Bcc: evil@example.com"));
    assert_eq!(letter.message.envelope().to().len(), 1);
    let (server, ears) = server(Mood::Kind);
    assert_eq!(run(deliver(&settings(vec![server]), &letter)), Delivery::Taken);
    assert!(!heard(&ears).contains("\nRCPT TO:<evil"));
}

#[test]
fn the_next_server_is_tried() {
    let (busy, _) = server(Mood::Busy);
    let (kind, ears) = server(Mood::Kind);
    let closed = MailServer { host: "127.0.0.1".to_owned(), port: 1, username: None, password: None, tls: None };
    let settings = settings(vec![closed, busy, kind]);
    assert_eq!(run(deliver(&settings, &letter("shop", "x"))), Delivery::Taken);
    assert!(heard(&ears).contains("RCPT TO:<keeper@example.com>"));
}

#[test]
fn silence_and_refusal_are_told_apart() {
    let (silent, _) = server(Mood::Silent);
    let begun = Instant::now();
    assert!(matches!(
        run(deliver(
            &MailSettings { timeout: Duration::from_millis(300), ..settings(vec![silent]) },
            &letter("shop", "x")
        )),
        Delivery::Failed(_)
    ));
    assert!(begun.elapsed() < PATIENCE);
    let (strict, _ears) = server(Mood::Strict);
    match run(deliver(&settings(vec![strict]), &letter("shop", "x"))) {
        Delivery::Refused(reason) => assert!(reason.contains("nobody here"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_wants_tls_is_passed_over_in_silence() {
    let (mut guarded, ears) = server(Mood::Kind);
    (guarded.username, guarded.password) = (Some("user".to_owned()), Some("secret".to_owned()));
    guarded.tls = Some(Tls::default());
    match run(deliver(&settings(vec![guarded.clone()]), &letter("shop", "x"))) {
        Delivery::Failed(reason) => assert!(reason.contains("TLS"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let (kind, _) = server(Mood::Kind);
    assert_eq!(run(deliver(&settings(vec![guarded, kind]), &letter("shop", "x"))), Delivery::Taken);
    assert!(ears.try_recv().is_err(), "nobody speaks to it");
}

#[test]
fn what_waits_is_handed_in_before_the_end() {
    let (kind, ears) = server(Mood::Kind);
    let (complaint, complaints) = channel();
    run(async {
        let (post, inbox) = tokio::sync::mpsc::channel(8);
        let complain = Box::new(move |text: String| complaint.send(text).unwrap_or(()));
        post.send(Post::Letter(Box::new(letter("one", "x")))).await.expect("taken");
        post.send(Post::Letter(Box::new(letter("two", "x")))).await.expect("taken");
        post.send(Post::Finish(Instant::now() + PATIENCE)).await.expect("taken");
        run_mail(settings(vec![kind]), inbox, complain).await;
    });
    let mut text = String::new();
    while let Ok(line) = ears.try_recv() {
        text.push_str(&line);
    }
    assert!(text.contains("Does not exist one") && text.contains("Does not exist two"), "{text}");
    assert!(complaints.try_recv().is_err());
}

#[test]
fn a_services_own_entry_replaces_the_one_for_all() {
    let target = |address: &str, events: EventMask| AlertTarget {
        address: address.to_owned(),
        events,
        reminder_cycles: 0,
        format: None,
    };
    let all = [target("A@example.com", EventMask::all()), target("b@example.com", EventMask::all())];
    let own =
        [target("a@example.com", EventMask::of([])), target("c@example.com", EventMask::of([EventClass::Nonexist]))];
    assert_eq!(recipients(&all, &own, EventClass::Nonexist), ["c@example.com", "b@example.com"]);
    assert_eq!(recipients(&all, &own, EventClass::Resource), ["b@example.com"]);
    assert_eq!(recipients(&all, &[], EventClass::Resource), ["A@example.com", "b@example.com"]);
}
