//! Rules that try more than once before they say that a service is ill.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{fails, passes};

/// No test connects as often.
const CONNECTIONS_MAX: usize = 20;

/// A server that hangs up on the first of its clients and serves the others; its port, and how many came.
fn moody(refused: usize) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for mut client in listener.incoming().take(CONNECTIONS_MAX).flatten() {
            if counted.fetch_add(1, Ordering::SeqCst) >= refused {
                client.write_all(b"SSH-2.0-moody\r\n").ok();
                std::io::Read::read(&mut client, &mut [0; 64]).ok();
            }
        }
    });
    (port, count)
}

#[test]
fn a_rule_tries_as_often_as_it_says_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (port, count) = moody(2);
    passes(folder, &format!("if failed port {port} protocol ssh retry 3 then alert"));
    assert_eq!(count.load(Ordering::SeqCst), 3);

    let (port, count) = moody(2);
    fails(
        folder,
        &format!("if failed port {port} protocol ssh retry 2 then alert"),
        "connection",
        "closed the connection",
    );
    assert_eq!(count.load(Ordering::SeqCst), 2);

    // What succeeds is tried once, and so is what says nothing of it.
    let (port, count) = moody(0);
    passes(folder, &format!("if failed port {port} protocol ssh retry 5 then alert"));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let (port, count) = moody(1);
    fails(folder, &format!("if failed port {port} protocol ssh then alert"), "connection", "closed the connection");
    assert_eq!(count.load(Ordering::SeqCst), 1);

    // Words of the rule's own, too.
    let (port, count) = moody(1);
    passes(folder, &format!("if failed port {port} expect \"SSH-2.0-.*\" retry 2 then alert"));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
