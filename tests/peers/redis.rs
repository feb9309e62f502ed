//! Redis: with and without a password, while it loads, as a replica, without its master, with too many clients.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use crate::rig::{free_port, until, write};

use super::{Server, comes_up, fails, installed, passes};

const PROGRAM: &str = "/usr/bin/redis-server";

fn start(folder: &Path, settings: &str) -> Server {
    let port = free_port();
    let place = folder.display();
    let text = format!("port {port}\nbind 127.0.0.1\ndir {place}\nsave \"\"\ndaemonize no\n{settings}\n");
    Server::start(Command::new(PROGRAM).arg(write(folder, "redis.conf", text)), port)
}

/// Leaves a file behind that takes a while to load, if each key takes a tenth of a second.
fn fill(folder: &Path) {
    const KEYS: usize = 200;
    let server = start(folder, "");
    let mut client = TcpStream::connect(("127.0.0.1", server.port)).expect("Redis");
    let value = "0123456789".repeat(200);
    for key in 0..KEYS {
        write!(client, "SET key{key} {value}{key}\r\n").expect("Redis");
    }
    client.write_all(b"SAVE\r\n").expect("Redis");
    let mut answers = vec![0; 5 * (KEYS + 1)];
    client.read_exact(&mut answers).expect("as many answers");
    assert!(fs::metadata(folder.join("dump.rdb")).is_ok());
}

#[test]
fn redis_of_debian() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder, "user alice on >pwd ~* +ping +hello");
    passes(folder, server.port, "redis");
    passes(folder, server.port, "redis with { writable: true }");
    passes(folder, server.port, "redis with { username: \"alice\", password: \"pwd\", writable: true }");
    fails(folder, server.port, "redis with { username: \"alice\", password: \"another\" }", "WRONGPASS");
    fails(folder, server.port, "http", "closed the connection");

    let server = start(folder, "requirepass pwd");
    passes(folder, server.port, "redis");
    passes(folder, server.port, "redis with { password: \"pwd\" }");
    fails(folder, server.port, "redis with { password: \"another\" }", "WRONGPASS");

    let server = start(folder, &format!("replicaof 127.0.0.1 {}", free_port()));
    passes(folder, server.port, "redis");
    fails(folder, server.port, "redis with { writable: true }", "replica");
    let server = start(folder, &format!("replicaof 127.0.0.1 {}\nreplica-serve-stale-data no", free_port()));
    fails(folder, server.port, "redis", "MASTERDOWN");

    let server = start(folder, "maxclients 1");
    // Who asked whether the port is open may still be there.
    let guest = until(|| {
        let mut guest = TcpStream::connect(("127.0.0.1", server.port)).ok()?;
        guest.write_all(b"PING\r\n").ok()?;
        let mut answer = [0; 5];
        guest.read_exact(&mut answer).ok()?;
        (&answer == b"+PONG").then_some(guest)
    })
    .expect("there is room for one");
    fails(folder, server.port, "redis", "max number of clients");
    drop(guest);
    comes_up(folder, server.port, "redis");

    fill(folder);
    let server = start(folder, "key-load-delay 100000\nloading-process-events-interval-bytes 1024");
    fails(folder, server.port, "redis", "LOADING");
    println!("proven against a real peer: redis (Redis)");
}
