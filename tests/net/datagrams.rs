//! UDP, and sockets in the filesystem.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{cycle, fails, passes, rule};
use crate::rig::free_port;

#[test]
fn datagrams_are_refused_or_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
    let port = socket.local_addr().expect("an address").port();
    passes(folder.path(), &format!("if failed port {port} type udp then alert"));
    // What Monit sends, too.
    let mut seen = [1; 8];
    assert_eq!((socket.recv(&mut seen).expect("a datagram"), seen[0]), (1, 0));
    drop(socket);
    fails(
        folder.path(),
        &format!("if failed port {port} type udp then alert"),
        "connection",
        "[UDP/IP] -- Connection refused",
    );
}

#[test]
fn words_over_datagrams() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let mut question = [0; 64];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let answer: &[u8] = if &question[..length] == b"who?" { b"it is me" } else { b"what?" };
            socket.send_to(answer, from).ok();
        }
    });
    passes(folder.path(), &format!("if failed port {port} type udp send \"who?\" expect \"^it is\" then alert"));
    let wrong =
        format!("if failed port {port} type udp send \"why?\" expect \"^it is\" with timeout 1 second then alert");
    fails(folder.path(), &wrong, "connection", "[what?]");
}

/// Rules of a process, because only processes have sockets in the filesystem.
fn of_process(folder: &Path, rule: &str) -> Vec<Value> {
    let pid = crate::rig::write(folder, "pid", format!("{}\n", std::process::id()));
    cycle(folder, "rules", &format!("check process peer with pidfile {pid}\n    {rule}"))
}

#[test]
fn sockets_in_the_filesystem() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stream, datagrams, nobody) =
        (folder.path().join("stream"), folder.path().join("datagrams"), folder.path().join("nobody"));
    let listener = UnixListener::bind(&stream).expect("a socket");
    let receiver = UnixDatagram::bind(&datagrams).expect("a socket");
    receiver.set_nonblocking(true).expect("a socket of ours");
    drop(UnixDatagram::bind(&nobody).expect("a socket"));
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::io::Write::write_all(&mut client, b"welcome\n").ok();
        }
    });
    let green = |rule: &str| assert_eq!(of_process(folder.path(), rule), Vec::<Value>::new(), "{rule}");
    let red = |rule: &str, wanted: &str| {
        let events = of_process(folder.path(), rule);
        let message = events.first().and_then(|event| event["message"].as_str()).unwrap_or_default();
        assert!(message.contains(wanted), "{rule}: {events:?}");
    };
    green(&format!("if failed unixsocket {} then alert", stream.display()));
    green(&format!("if failed unixsocket {} expect \"welcome\" then alert", stream.display()));
    red(
        &format!("if failed unixsocket {} expect \"farewell\" with timeout 1 second then alert", stream.display()),
        "[welcome",
    );
    green(&format!("if failed unixsocket {} type udp then alert", datagrams.display()));
    // Nothing is said to somebody who could take it for a message.
    assert!(receiver.recv(&mut [0; 8]).is_err(), "something was sent");
    red(&format!("if failed unixsocket {} type udp then alert", nobody.display()), "Connection refused");
    red(&format!("if failed unixsocket {} then alert", folder.path().join("none").display()), "No such file");
    red(&format!("if failed unixsocket {} then alert", datagrams.display()), "Protocol wrong type");
}

#[test]
fn families_and_source_addresses() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let of = |words: &str| format!("if failed host \"localhost\" port {port} {words} then alert");
    passes(folder.path(), &of(""));
    passes(folder.path(), &of("ipv4"));
    fails(folder.path(), &of("ipv6"), "connection", "[TCP/IPv6]");
    passes(folder.path(), &of("address 127.0.0.9"));
    let seen = |_| listener.accept().map(|(_, from)| from.ip().to_string());
    let from: Vec<String> = (0..3).map(seen).collect::<Result<_, _>>().expect("clients");
    assert_eq!(from, ["127.0.0.1", "127.0.0.1", "127.0.0.9"]);
    // An address of the sender that is not ours.
    fails(folder.path(), &of("address 192.0.2.1"), "connection", "Cannot assign requested address");
    let closed = free_port();
    let events = rule(folder.path(), "rules", &format!("if failed host \"localhost\" port {closed} then alert"));
    assert!(events[0]["message"].as_str().is_some_and(|said| said.ends_with("-- Connection refused")), "{events:?}");
}
