//! `send` and `expect`: the same server, asked by ruled and by Monit's rules.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::{fails, passes, rule};

/// A server that does this with each client, on a port of its own.
fn server(serve: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            client.set_read_timeout(Some(Duration::from_secs(10))).ok();
            serve(&mut client).ok();
        }
    });
    port
}

#[test]
fn words_are_said_and_heard_in_turns() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = server(|client| {
        client.write_all(b"220 hello\r\n")?;
        let mut said = [0; 8];
        client.read_exact(&mut said)?;
        client.write_all(if &said == b"HELO me\n" { b"250 me" } else { b"500 what" })?;
        // The rest comes in pieces.
        std::thread::sleep(Duration::from_millis(60));
        client.write_all(b"\0and you\r\n")?;
        client.read(&mut said).map(|_| ())
    });
    let said =
        format!("if failed port {port} expect \"^220\" send \"HELO me\\n\" expect \"^250 me.*and you\" then alert");
    passes(folder.path(), &said);
    // A byte 0 stands as two characters.
    let zero = format!("if failed port {port} expect \"^220\" send \"HELO me\\n\" expect \"me[\\\\]0and\" then alert");
    assert_eq!(rule(folder.path(), "monit", &zero), Vec::<serde_json::Value>::new());
    let wrong = format!(
        "if failed port {port} expect \"^220\" send \"HELO yo\\n\" expect \"^250\" with timeout 2 seconds then alert"
    );
    fails(folder.path(), &wrong, "connection", "failed protocol test [generic] at [127.0.0.1]");
}

#[test]
fn failures_are_told_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let expecting = |port: u16| format!("if failed port {port} expect \"ready\" with timeout 1 second then alert");
    let other = server(|client| {
        client.write_all(b"busy\x1b[31m\r\n")?;
        std::thread::sleep(Duration::from_secs(2));
        Ok(())
    });
    fails(folder.path(), &expecting(other), "connection", "GENERIC: received unexpected data [busy\u{fffd}[31m");
    let closing = server(|_| Ok(()));
    fails(folder.path(), &expecting(closing), "connection", "the service closed the connection");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    fails(folder.path(), &expecting(port), "connection", "nothing arrived within the time-out");
}

#[test]
fn an_answer_is_looked_at_as_far_as_the_rules_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = server(|client| {
        client.write_all(&[b'x'; 1_000])?;
        client.write_all(b"needle")?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    });
    let check = format!(
        "check host peer with address 127.0.0.1\n    if failed port {port} expect \"needle\" with timeout 2 seconds then alert"
    );
    // 255 bytes where nothing is said.
    assert_eq!(super::cycle(folder.path(), "monit", &check).len(), 1);
    let more = format!("set limits {{ sendExpectBuffer: 2 kB }}\n{check}");
    assert_eq!(super::cycle(folder.path(), "monit", &more), Vec::<serde_json::Value>::new());
}

/// In `rules` an answer that is not complete yet is waited for; Monit takes what came before the first silence.
#[test]
fn patience() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = server(|client| {
        client.write_all(b"starting...\n")?;
        std::thread::sleep(Duration::from_millis(800));
        client.write_all(b"ready\n")?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    });
    let text = format!("if failed port {port} expect \"ready\" with timeout 4 seconds then alert");
    passes(folder.path(), &text);
    assert_eq!(rule(folder.path(), "monit", &text).len(), 1);
}

#[test]
fn an_endless_talker_fills_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = server(|client| {
        client.set_write_timeout(Some(Duration::from_millis(500)))?;
        for _ in 0..10_000 {
            client.write_all(&[b'y'; 4_096])?;
        }
        Ok(())
    });
    let text = format!("if failed port {port} expect \"never\" with timeout 2 seconds then alert");
    fails(folder.path(), &text, "connection", "received unexpected data");
}
