//! Probes against real servers from Debian's packages, started here on ports of their own, and against something that
//! only accepts connections.

mod acceptors;
mod dns;
mod dwp;
mod files;
mod ldap;
mod liar;
mod lmtp;
mod mail;
mod memcache;
mod mongodb;
mod mqtt;
mod mysql;
mod nntp;
mod pgsql;
mod postfix_policy;
mod radius;
mod redis;
mod sieve;
mod sip;
mod spamassassin;
mod ssh;
mod starttls;
mod tns;
mod web;
mod websocket;

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::rig::{finish, ruled, skip, until, wait, write};

/// A server of the test; it is ended when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a server, and does not wait until it is there: over datagrams that is seen by an answer only.
    fn spawn(command: &mut Command, port: u16) -> Server {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a server");
        Server { child, port }
    }

    /// Starts a server and waits until its port answers.
    fn start(command: &mut Command, port: u16) -> Server {
        let server = Server::spawn(command, port);
        until(|| TcpStream::connect(("127.0.0.1", port)).ok()).expect("the server opens its port");
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Those that have workers end them when they are asked to end; what does not end is killed.
        if let Ok(pid) = i32::try_from(self.child.id()) {
            kill(Pid::from_raw(pid), Signal::SIGTERM).ok();
        }
        wait(&mut self.child);
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Whether the program is installed. In continuous integration a missing one is a failed test.
pub(crate) fn installed(program: &str) -> bool {
    let there = Path::new(program).exists();
    if !there {
        skip(&format!("{program} is not installed; run tests/install"));
    }
    there
}

/// The user and group of this name, where we are root and can be anybody.
fn account(name: &str) -> Option<(u32, u32)> {
    let is_root = nix::unistd::geteuid().is_root();
    let user = nix::unistd::User::from_name(name).ok().flatten().filter(|_| is_root)?;
    Some((user.uid.as_raw(), user.gid.as_raw()))
}

/// Whether servers can be started that need root, to change their user.
fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        skip("this server runs as root only");
    }
    root
}

/// A certificate for `localhost` that its owner signed, in `server.pem` of the folder, with its key in `server.key`, and
/// the words of a rule that trusts it.
fn certificate(folder: &Path) -> String {
    let mut openssl = Command::new("/usr/bin/openssl");
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
                 -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout server.key -out server.pem";
    let made = openssl.args(words.split_whitespace()).current_dir(folder).stderr(Stdio::null()).status();
    assert!(made.expect("openssl").success());
    format!("using ssl {{ cacertificatefile: {} }}", folder.join("server.pem").display())
}

/// Runs one cycle over these rules about hosts, and returns the events that it led to.
fn events(folder: &Path, rules: &str) -> Vec<Value> {
    events_of(folder, "peer.rules", rules)
}

/// The same with rules in a file of that name, whose end tells their dialect.
fn events_of(folder: &Path, name: &str, rules: &str) -> Vec<Value> {
    let rules = write(folder, name, format!("set daemon 30\n{rules}"));
    let events = folder.join("events");
    let run = finish(ruled(&["run", "--once", "--events", events.to_str().expect("UTF-8"), &rules]));
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let lines = fs::read_to_string(&events).expect("events");
    fs::remove_file(&events).expect("events");
    let all = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let ours = |event: &Value| event["service"].as_str().is_some_and(|name| name.starts_with("peer"));
    all.filter(ours).collect()
}

/// A rule against a port of a host that fires at this outcome.
fn rule(outcome: &str, host: &str, port: u16, protocol: &str) -> String {
    format!("if {outcome} host \"{host}\" port {port} protocol {protocol} with timeout 8 seconds then alert")
}

/// Asserts that of two rules the one that fires at a failure does not, and the one that fires at a success does: what
/// could not be looked at is neither.
fn green(folder: &Path, failed: &str, succeeded: &str) {
    let host = |name: &str, rule: &str| format!("check host {name} with address 127.0.0.1\n    {rule}\n");
    let events = events(folder, &(host("peer", failed) + &host("peer-up", succeeded)));
    let services: Vec<&str> = events.iter().filter_map(|event| event["service"].as_str()).collect();
    assert_eq!(services, ["peer-up"], "{failed}: {events:?}");
}

/// Asserts that a rule of Monit's dialect is judged, and succeeds.
fn passes_in_monit(folder: &Path, port: u16, protocol: &str) {
    let rule = format!("if succeeded port {port} protocol {protocol} with timeout 8 seconds then alert");
    let events = events_of(folder, "peer.monitrc", &format!("check host peer with address 127.0.0.1\n    {rule}\n"));
    assert_eq!(events.len(), 1, "{protocol}: {events:?}");
    succeeded(&events[0]);
}

/// Asserts that this is the event of a rule that fires at a success.
fn succeeded(event: &Value) {
    let message = event["message"].as_str().unwrap_or_default();
    assert!(event["event"] == "connection" && message.starts_with("connection succeeded"), "{event:?}");
}

/// Asserts that the connection succeeds.
fn passes_at(folder: &Path, host: &str, port: u16, protocol: &str) {
    green(folder, &rule("failed", host, port, protocol), &rule("succeeded", host, port, protocol));
}

/// Asserts that the rule is green.
fn passes(folder: &Path, port: u16, protocol: &str) {
    passes_at(folder, "127.0.0.1", port, protocol);
}

/// Waits until the connection succeeds, with a server that listens before it serves.
fn comes_up(folder: &Path, port: u16, protocol: &str) {
    let service =
        format!("check host peer with address 127.0.0.1\n    {}\n", rule("succeeded", "127.0.0.1", port, protocol));
    until(|| (!events(folder, &service).is_empty()).then_some(())).expect("the server serves");
}

/// Asserts that the rule fails, and that the message has this.
fn fails_at(folder: &Path, host: &str, port: u16, protocol: &str, wanted: &str) {
    let failed = rule("failed", host, port, protocol);
    let events = events(folder, &format!("check host peer with address 127.0.0.1\n    {failed}\n"));
    assert_eq!(events.len(), 1, "{protocol}: {events:?}");
    assert_eq!((&events[0]["event"], &events[0]["state"]), (&"connection".into(), &"failed".into()), "{events:?}");
    let message = events[0]["message"].as_str().expect("a message");
    assert!(message.contains(wanted), "{protocol}: `{wanted}` is missing from `{message}`");
}

/// Asserts that the rule fails, and that the message has this.
fn fails(folder: &Path, port: u16, protocol: &str, wanted: &str) {
    fails_at(folder, "127.0.0.1", port, protocol, wanted);
}
