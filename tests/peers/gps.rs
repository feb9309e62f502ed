//! gpsd with a receiver, which is a program of ours that says what receivers say, and without one; and the answer that
//! gpsd gave before 2010, from a program that gives it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::{Server, as_user, comes_up, fails, installed, is_silent, passes};
use crate::rig::free_port;

const PROGRAM: &str = "/usr/sbin/gpsd";

/// A receiver: it says where it is, twice a second, for longer than the test takes.
fn receiver() -> u16 {
    const SENTENCE: &[u8] = b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten().take(10) {
            thread::spawn(move || {
                for _ in 0..200 {
                    if client.write_all(SENTENCE).is_err() {
                        break;
                    }
                    thread::sleep(Duration::from_millis(500));
                }
            });
        }
    });
    port
}

/// A daemon of old, which answers each letter and says nothing by itself.
fn old(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten().take(10) {
            let mut question = String::new();
            let asked = client.try_clone().map(|client| BufReader::new(client).read_line(&mut question));
            if asked.is_ok() && question == "G\r\n" {
                client.write_all(answer.as_bytes()).ok();
            }
        }
    });
    port
}

fn start(folder: &Path, words: &[&str]) -> Server {
    let port = free_port();
    let mut command = as_user("gpsd", PROGRAM, folder);
    Server::start(command.args(["-N", "-S", &port.to_string()]).args(words), port)
}

#[test]
fn gps_of_gpsd() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder, &["-n", &format!("tcp://127.0.0.1:{}", receiver())]);
    comes_up(folder, server.port, "gps");
    passes(folder, server.port, "gps");
    fails(folder, server.port, "ssh", "SSH");
    server.held(|| is_silent(folder, server.port, "gps"));

    let socket = folder.join("control");
    let server = start(folder, &["-F", socket.to_str().expect("UTF-8")]);
    fails(folder, server.port, "gps", "the number of receivers is 0");
    println!("proven against a real peer: gps (gpsd)");
}

#[test]
fn gps_of_a_daemon_of_old() {
    let folder = tempfile::tempdir().expect("a folder");
    passes(folder.path(), old("GPSD,G=GPS\r\n"), "gps");
    fails(folder.path(), old("GPSD,G=?\r\n"), "gps", "the number of receivers is 0");
}
