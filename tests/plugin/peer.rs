//! Small servers on the loopback, one thread for each, which end with the test process.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use crate::rig::PATIENCE;

/// Serves every connection with `serve`, and returns the port.
pub(super) fn serve(serve: impl Fn(TcpStream) + Send + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    let port = listener.local_addr().expect("its number").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    port
}

/// Says `greeting`, then takes whatever comes until the other side closes.
pub(super) fn greets(greeting: &'static str) -> u16 {
    serve(move |mut stream| {
        let _ = stream.write_all(greeting.as_bytes());
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    })
}

/// Reads one request up to its empty line, then says `answer` of it.
pub(super) fn answers(answer: impl Fn(&str) -> String + Send + Clone + 'static) -> u16 {
    serve(move |mut stream| {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
            request.push(byte[0]);
        }
        let _ = stream.write_all(answer(&String::from_utf8_lossy(&request)).as_bytes());
    })
}

/// Says `greeting`, waits for something, says `answer`, and takes whatever comes.
pub(super) fn answers_line(greeting: &'static str, answer: &'static str) -> u16 {
    serve(move |mut stream| {
        let _ = stream.write_all(greeting.as_bytes());
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(answer.as_bytes());
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    })
}

/// A port on which nobody takes datagrams. It is held by a socket that only hears one other port, so that nobody else
/// gets it meanwhile.
pub(super) fn no_datagrams() -> u16 {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port on the loopback");
    socket.connect("127.0.0.1:9").expect("a port that need not exist");
    let port = socket.local_addr().expect("its number").port();
    // It is to stay as long as the tests run.
    std::mem::forget(socket);
    port
}

/// Accepts, takes everything and never says a word.
pub(super) fn silent() -> u16 {
    greets("")
}

/// Talks until the other side has had enough.
pub(super) fn endless() -> u16 {
    serve(|mut stream| while stream.write_all(&[b'x'; 65_536]).is_ok() {})
}

/// A port that counts who connects to it, and what says how many that were.
pub(super) fn counts() -> (u16, impl Fn() -> usize) {
    let (accepts, accepted) = mpsc::channel();
    let port = serve(move |stream| accepts.send(stream.peer_addr().ok()).unwrap_or(()));
    let counted = move || {
        // Connections are taken in their order: when ours has come, all before it have.
        let ours = TcpStream::connect(("127.0.0.1", port)).expect("the port is open");
        let itself = ours.local_addr().ok();
        let come = || accepted.recv_timeout(PATIENCE).expect("our own connection is taken");
        (0..).take_while(|_| come() != itself).count()
    };
    (port, counted)
}

/// A port on which nobody listens.
pub(super) fn nobody() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    listener.local_addr().expect("its number").port()
}
