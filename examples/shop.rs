//! A small service to watch: a shop that answers HTTP and writes a pid file, and a mailbox that shows mail.
//!
//! ```text
//! shop serve PORT PIDFILE      answers on 127.0.0.1:PORT until it is killed
//! shop mailbox PORT            takes mail on 127.0.0.1:PORT and prints it
//! shop port                    prints a port that nobody uses
//! ```
//! It stands for the services of a real machine, so that the first run of ruled needs nothing else installed.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How long a client may be silent before it is dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest request or mail that is read.
const LONGEST_BYTES: u64 = 1 << 20;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["serve", port, pidfile] => serve(port, Path::new(pidfile)),
        ["mailbox", port] => listen(port).and_then(|listener| each(listener, take_mail)),
        ["port"] => listen("0").and_then(|free| free.local_addr()).map(|address| println!("{}", address.port())),
        _ => {
            eprintln!("usage: shop serve PORT PIDFILE | shop mailbox PORT | shop port");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: &str, pidfile: &Path) -> io::Result<()> {
    // The pid file appears once the port is open, so that whoever sees it can connect.
    let listener = listen(port)?;
    let beside = pidfile.with_extension("new");
    std::fs::write(&beside, format!("{}\n", std::process::id()))?;
    std::fs::rename(&beside, pidfile)?;
    each(listener, answer)
}

fn listen(port: &str) -> io::Result<TcpListener> {
    let port: u16 = port.parse().map_err(|_| io::Error::other(format!("`{port}` is not a port")))?;
    TcpListener::bind(("127.0.0.1", port))
}

fn each(listener: TcpListener, talk: fn(TcpStream) -> io::Result<()>) -> io::Result<()> {
    for client in listener.incoming() {
        let client = client?;
        client.set_read_timeout(Some(PATIENCE))?;
        client.set_write_timeout(Some(PATIENCE))?;
        // A client that breaks off is the client's affair.
        std::thread::spawn(move || talk(client).ok());
    }
    Ok(())
}

fn answer(mut client: TcpStream) -> io::Result<()> {
    let mut request = BufReader::new(client.try_clone()?.take(LONGEST_BYTES));
    let mut line = String::new();
    request.read_line(&mut line)?;
    let known = line.starts_with("GET / ") || line.starts_with("HEAD / ");
    while line.trim_end() != "" {
        line.clear();
        if request.read_line(&mut line)? == 0 {
            break;
        }
    }
    let (status, body) = if known { ("200 OK", "The shop is open.\n") } else { ("404 Not Found", "No such shelf.\n") };
    write!(
        client,
        "HTTP/1.1 {status}\r\nServer: shop\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn take_mail(mut client: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?.take(LONGEST_BYTES)).lines();
    client.write_all(b"220 mailbox ready\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?.to_ascii_uppercase();
        let reply: &[u8] = match line.split_whitespace().next().unwrap_or_default() {
            "DATA" => {
                client.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    mail.push_str(&format!("  | {}\n", line.escape_debug()));
                }
                print!("mail:\n{mail}");
                io::stdout().flush()?;
                b"250 taken\r\n"
            }
            "QUIT" => {
                return client.write_all(b"221 bye\r\n");
            }
            _ => b"250 ok\r\n",
        };
        client.write_all(reply)?;
    }
    Ok(())
}
