//! Probes against real servers from Debian's packages, started here on ports of their own, and against something that
//! only accepts connections.

mod acceptors;
mod clamav;
mod dns;
mod dwp;
mod fail2ban;
mod files;
mod gps;
mod ldap;
mod liar;
mod lmtp;
mod mail;
mod memcache;
mod mongodb;
mod mqtt;
mod mysql;
mod nntp;
mod ntp3;
mod pgsql;
mod postfix_policy;
mod proofs;
mod radius;
mod rdate;
mod redis;
mod rsync;
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
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
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

    /// Does something while the server is stopped: the kernel accepts for it, and nobody answers.
    fn held(&self, deed: impl FnOnce()) {
        self.signal(Signal::SIGSTOP);
        deed();
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            kill(Pid::from_raw(pid), signal).ok();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Those that have workers end them when they are asked to end; what does not end is killed.
        self.signal(Signal::SIGTERM);
        self.signal(Signal::SIGCONT);
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

/// A command that runs as this user where we are root, in a folder that is the user's then.
fn as_user(name: &str, program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = account(name) {
        chown(folder, Some(user), Some(group)).expect("a folder of ours");
        command.uid(user).gid(group);
    }
    command.current_dir(folder);
    command
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
    let mut once = ruled(&["run", "--once", "--events", events.to_str().expect("UTF-8"), &rules]);
    // Nothing was told before.
    let state = tempfile::tempdir().expect("a folder");
    once.env("STATE_DIRECTORY", state.path());
    let run = finish(once);
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

/// The same about a socket in the file system.
fn rule_on(outcome: &str, socket: &Path, protocol: &str) -> String {
    format!("if {outcome} unixsocket {} protocol {protocol} with timeout 8 seconds then alert", socket.display())
}

/// A service about a host, with this rule.
fn host(name: &str, rule: &str) -> String {
    format!("check host {name} with address 127.0.0.1\n    {rule}\n")
}

/// A service about this process, with this rule: only processes have sockets in the file system.
fn process(folder: &Path, name: &str, rule: &str) -> String {
    let pid = write(folder, "pid", format!("{}\n", std::process::id()));
    format!("check process {name} with pidfile {pid}\n    {rule}\n")
}

/// Asserts that of two services `peer` is green and `peer-up` is told: the rule that fires at a failure does not fire, and
/// the one that fires at a success does. What could not be looked at is neither.
fn is_green(folder: &Path, services: &str) {
    let events = events(folder, services);
    let told: Vec<&str> = events.iter().filter_map(|event| event["service"].as_str()).collect();
    assert_eq!(told, ["peer-up"], "{services}: {events:?}");
}

/// Asserts that of two rules about a host the one that fires at a failure does not, and the other does.
fn green(folder: &Path, failed: &str, succeeded: &str) {
    is_green(folder, &(host("peer", failed) + &host("peer-up", succeeded)));
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

/// Asserts that the connection to a socket in the file system succeeds.
fn passes_on(folder: &Path, socket: &Path, protocol: &str) {
    let of = |name, outcome| process(folder, name, &rule_on(outcome, socket, protocol));
    is_green(folder, &(of("peer", "failed") + &of("peer-up", "succeeded")));
}

/// Waits until this service is told, as one is whose server listens before it serves.
fn is_told(folder: &Path, service: &str) {
    until(|| (!events(folder, service).is_empty()).then_some(())).expect("the server serves");
}

/// Waits until the connection succeeds.
fn comes_up(folder: &Path, port: u16, protocol: &str) {
    is_told(folder, &host("peer", &rule("succeeded", "127.0.0.1", port, protocol)));
}

/// Waits until the connection to a socket in the file system succeeds.
fn comes_up_on(folder: &Path, socket: &Path, protocol: &str) {
    is_told(folder, &process(folder, "peer", &rule_on("succeeded", socket, protocol)));
}

/// Asserts that a connection of the service fails, and that the message has this.
fn is_red(folder: &Path, service: &str, wanted: &str) {
    let events = events(folder, service);
    assert_eq!(events.len(), 1, "{service}: {events:?}");
    assert_eq!((&events[0]["event"], &events[0]["state"]), (&"connection".into(), &"failed".into()), "{events:?}");
    let message = events[0]["message"].as_str().expect("a message");
    assert!(message.contains(wanted), "{service}: `{wanted}` is missing from `{message}`");
}

/// Asserts that the rule fails, and that the message has this.
fn fails_at(folder: &Path, address: &str, port: u16, protocol: &str, wanted: &str) {
    is_red(folder, &host("peer", &rule("failed", address, port, protocol)), wanted);
}

/// Asserts that the rule fails, and that the message has this.
fn fails(folder: &Path, port: u16, protocol: &str, wanted: &str) {
    fails_at(folder, "127.0.0.1", port, protocol, wanted);
}

/// Asserts that the connection to a socket in the file system fails, and that the message has this.
fn fails_on(folder: &Path, socket: &Path, protocol: &str, wanted: &str) {
    is_red(folder, &process(folder, "peer", &rule_on("failed", socket, protocol)), wanted);
}

/// Asserts that nobody answers within a second.
fn is_silent(folder: &Path, port: u16, protocol: &str) {
    let rule = format!("if failed port {port} protocol {protocol} with timeout 1 second then alert");
    is_red(folder, &host("peer", &rule), "no complete answer within 1 s");
}
