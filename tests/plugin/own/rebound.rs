//! A name that leads elsewhere when it is looked up first, and to this machine when it is looked up again. For that the test
//! runs itself in a network of its own, whose one other address is on its loopback, with names of its own.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ruled::plugin::{CustomCheck, Plugins, ProbeOutcome};

use super::{Written, added, check, deed, failed, passed, report_by};
use crate::rig::{finish, skip, write};

/// Names the list of names for the test that runs in the other network.
const NAMES: &str = "RULED_TEST_NAMES";

const TEST: &str = "plugin::own::rebound::a_name_that_is_rebound_to_this_machine_is_refused";

const APART: &str = "ip link set lo up && ip address add 10.9.8.7/32 dev lo && mount --bind \"$RULED_TEST_NAMES\" \
                     /etc/hosts && exec \"$@\"";

#[test]
fn a_name_that_is_rebound_to_this_machine_is_refused() {
    if let Ok(names) = std::env::var(NAMES) {
        return is_refused(&names);
    }
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can make a network of its own");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let names = write(folder.path(), "hosts", "10.9.8.7 service.example\n");
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c", APART, "sh"]).arg(std::env::current_exe().expect("this test"));
    command.args([TEST, "--exact", "--nocapture"]).env(NAMES, names);
    let run = finish(command);
    if run.err.contains("unshare failed") {
        return skip("unshare(1) may not make a network namespace");
    }
    assert!(run.status == 0 && run.out.contains("1 passed"), "{}{}", run.out, run.err);
}

/// Serves all addresses of this network, and counts who comes.
fn serves(serve: impl Fn(&mut TcpStream) + Send + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            serve(&mut stream);
        }
    });
    (port, count)
}

fn is_refused(names: &str) {
    let (greeter, greeted) = serves(|stream| stream.write_all(b"hello\r\n").unwrap_or(()));
    let (server, served) = serves(|stream| {
        let (mut request, mut byte) = (Vec::new(), [0]);
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
            request.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").unwrap_or(());
    });
    let origin = format!("http://service.example:{server}");
    let opens = || deed("open").with("name", "x").connect("service.example", greeter, Some("x"));
    let fetches = || deed("fetch").with("text", &origin).fetch(&origin);
    let probes = || check(added("probe")).with("deed", "whole_line").connect("service.example", greeter, None);
    let probed = |check: CustomCheck| report_by(&Plugins::with([]), check).outcome;
    let counts = || (greeted.load(Ordering::Relaxed), served.load(Ordering::Relaxed));

    assert_eq!(passed(opens()), "hello");
    assert!(passed(fetches()).contains("hello"));
    assert!(matches!(probed(probes()), ProbeOutcome::Passed { .. }));
    // The first deed opens its connection twice.
    assert_eq!(counts(), (3, 1));

    // In place, because the list is mounted over that of the machine.
    fs::write(names, "127.0.0.1 service.example\n").expect("a list of names");
    let ProbeOutcome::Failed(of_probe) = probed(probes()) else { panic!("the probe was let in") };
    for sentence in [failed(opens()), failed(fetches()), of_probe] {
        assert!(sentence.starts_with("service.example leads to 127.0.0.1"), "{sentence}");
    }
    assert_eq!(passed(opens().telling()), "NotGranted");
    assert_eq!(counts(), (3, 1), "somebody was connected to");
}
