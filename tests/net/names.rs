//! Names: a name server that never answers delays no check but those that ask it.

use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ruled::transport::{Route, connect};

use crate::rig::{finish, skip, write};

#[test]
fn what_is_not_known_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let route = Route::tcp("no-such-host.invalid", 80);
    let asked = connect(&route, Instant::now() + Duration::from_secs(20));
    let error = runtime.block_on(asked).expect_err("nobody has this name").to_string();
    assert!(error.starts_with("cannot resolve no-such-host.invalid: "), "{error}");
}

#[test]
fn localhost_is_asked_of_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let deadline = Instant::now() + Duration::from_secs(10);
    for name in ["localhost", "db.localhost"] {
        let connected = runtime.block_on(connect(&Route::tcp(name, port), deadline)).expect("a connection");
        assert_eq!(connected.address, "127.0.0.1", "{name}");
    }
}

/// 300 checks ask a name server that is silent; another, by `localhost`, and one by address are made meanwhile.
#[test]
fn a_silent_name_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // In a mount namespace of its own the machine has another list of name servers.
    let Ok(server) = UdpSocket::bind("127.0.0.53:53").or_else(|_| UdpSocket::bind("127.0.0.77:53")) else {
        return skip("port 53 cannot be taken");
    };
    let address = server.local_addr().expect("an address").ip();
    let resolv = write(folder, "resolv.conf", format!("nameserver {address}\noptions timeout:30 attempts:3\n"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut rules = String::from("set daemon 60\n");
    for number in 0..300 {
        rules += &format!(
            "check host far{number} with address far{number}.example.com\n    \
             if failed port 80 with timeout 6 seconds then alert\n"
        );
    }
    rules += &format!(
        "check host near with address localhost\n    if failed port {port} responsetime < 3 seconds then alert\n\
         check host nearer with address 127.0.0.1\n    if failed port {port} responsetime < 3 seconds then alert\n"
    );
    let rules = write(folder, "names.rules", rules);
    let events = folder.join("events");
    if !can_unshare() {
        return skip("unshare(1) may not make a mount namespace");
    }
    let began = Instant::now();
    let run = in_namespace(&resolv, &["run", "--once", "--dialect", "rules", "--events", &path(&events), &rules]);
    let run = finish(run);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(began.elapsed() < Duration::from_secs(25), "it took {:?}", began.elapsed());
    let text = std::fs::read_to_string(&events).expect("events");
    let about = |name: &str| text.lines().filter(|line| line.contains(&format!("\"service\":\"{name}\""))).count();
    assert_eq!((about("near"), about("nearer")), (0, 0), "{text}");
    let late = text.lines().filter(|line| line.contains("no answer within 6 s")).count();
    assert_eq!(late, 300, "each of the others has timed out");
}

fn can_unshare() -> bool {
    Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|done| done.status.success())
}

/// The program under test on a machine with this list of name servers.
fn in_namespace(resolv: &str, words: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", resolv]);
    command.arg(env!("CARGO_BIN_EXE_ruled")).args(words).env("NO_COLOR", "1");
    command.env("STATE_DIRECTORY", env!("CARGO_TARGET_TMPDIR")).env("RUNTIME_DIRECTORY", env!("CARGO_TARGET_TMPDIR"));
    command
}

fn path(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}
