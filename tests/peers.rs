//! Probes against real servers from Debian's packages, started here on ports of their own, and against something that
//! only accepts connections.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::rig::{finish, free_port, ruled, skip, until, write};

/// A server of the test; it is ended when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a server and waits until its port answers.
    fn start(command: &mut Command, port: u16) -> Server {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a server");
        let server = Server { child, port };
        until(|| TcpStream::connect(("127.0.0.1", port)).ok()).expect("the server opens its port");
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
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

fn sshd(folder: &Path) -> Server {
    let key = folder.join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.expect("ssh-keygen").success());
    fs::create_dir_all("/run/sshd").ok();
    let port = free_port();
    let mut command = Command::new("/usr/sbin/sshd");
    command.args(["-D", "-e", "-f", "/dev/null", "-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none", "-h"]);
    Server::start(command.arg(&key).arg("-p").arg(port.to_string()), port)
}

fn nginx(folder: &Path) -> Server {
    let port = free_port();
    let place = folder.display();
    fs::create_dir(folder.join("page")).expect("a folder");
    fs::write(folder.join("page/health"), "fine\n").expect("a page");
    let text = format!(
        "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;\n\
         events {{}}\n\
         http {{ access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f;\n\
         uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;\n\
         server {{ listen 127.0.0.1:{port}; root {place}/page; }} }}\n"
    );
    let path = write(folder, "nginx.conf", text);
    Server::start(Command::new("/usr/sbin/nginx").args(["-c", &path, "-p"]).arg(folder), port)
}

/// Runs one cycle over one rule against a port, and returns the events that it led to.
fn cycle(folder: &Path, port: u16, protocol: &str) -> Vec<serde_json::Value> {
    let text = format!(
        "set daemon 30\ncheck host peer with address 127.0.0.1\n    \
         if failed port {port} protocol {protocol} with timeout 3 seconds then alert\n"
    );
    let rules = write(folder, "peer.rules", text);
    let events = folder.join("events");
    let run = finish(ruled(&["run", "--once", "--events", events.to_str().expect("UTF-8"), &rules]));
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let lines = fs::read_to_string(&events).expect("events");
    fs::remove_file(&events).expect("events");
    let all = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    all.filter(|event: &serde_json::Value| event["service"] == "peer").collect()
}

/// Asserts that the rule holds, and that the message has this.
fn fails(folder: &Path, port: u16, protocol: &str, wanted: &str) {
    let events = cycle(folder, port, protocol);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((&events[0]["event"], &events[0]["state"]), (&"connection".into(), &"failed".into()), "{events:?}");
    let message = events[0]["message"].as_str().expect("a message");
    assert!(message.contains(wanted), "`{wanted}` is missing from `{message}`");
}

#[test]
fn ssh_of_openssh() {
    if !installed("/usr/sbin/sshd") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = sshd(folder.path());
    assert_eq!(cycle(folder.path(), server.port, "ssh"), Vec::<serde_json::Value>::new());
    // Another protocol on the port.
    fails(folder.path(), server.port, "http", "HTTP");
    println!("proven against a real peer: ssh (OpenSSH)");
}

#[test]
fn http_of_nginx() {
    if !installed("/usr/sbin/nginx") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = nginx(folder.path());
    for good in
        ["http request \"/health\"", "http request \"/nothing\" status = 404", "http request \"/health\" method head"]
    {
        assert_eq!(cycle(folder.path(), server.port, good), Vec::<serde_json::Value>::new(), "{good}");
    }
    fails(folder.path(), server.port, "http request \"/nothing\"", "404");
    fails(folder.path(), server.port, "http request \"/health\" status = 503", "503");
    fails(folder.path(), server.port, "ssh", "SSH");
    println!("proven against a real peer: http (nginx)");
}

#[test]
fn nobody_and_somebody_who_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    fails(folder.path(), free_port(), "ssh", "refused");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    for protocol in ["ssh", "http"] {
        fails(folder.path(), port, protocol, "within 3 s");
    }
}
