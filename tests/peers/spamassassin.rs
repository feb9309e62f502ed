//! spamd of SpamAssassin: well, busy, for others, and over TLS.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{Server, certificate, events, fails, installed, passes, passes_at, passes_in_monit};
use crate::rig::{free_port, until};

const PROGRAM: &str = "/usr/sbin/spamd";

/// One with one process that judges mail.
fn start(folder: &Path, words: &[&str]) -> Server {
    let port = free_port();
    let place = |name: &str| folder.join(name).display().to_string();
    let mut command = Command::new(PROGRAM);
    command.args(["--listen", "127.0.0.1", "--port", &port.to_string(), "--syslog", "null"]);
    command.args(["--local", "--nouser-config", "--max-children", "1", "--min-children", "1"]);
    command.args(["--pidfile", &place("pid"), "--helper-home-dir", &place("")]).args(words);
    if nix::unistd::geteuid().is_root() {
        command.args(["--username", "nobody"]);
    }
    Server::start(&mut command, port)
}

#[test]
fn spamassassin_of_debian() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder, &[]);
    passes(folder, server.port, "spamassassin");
    passes_in_monit(folder, server.port, "spamassassin");

    // Its one process waits for what this client says.
    let mut guest = TcpStream::connect(("127.0.0.1", server.port)).expect("spamd");
    guest.write_all(b"PI").expect("spamd");
    let rule = format!("if failed port {} protocol spamassassin with timeout 1 second then alert", server.port);
    let service = format!("check host peer with address 127.0.0.1\n    {rule}\n");
    let failed = until(|| events(folder, &service).pop()).expect("nobody has time");
    assert!(
        failed["message"].as_str().is_some_and(|message| message.contains("no complete answer within 1 s")),
        "{failed}"
    );
    drop(guest);

    let server = start(folder, &["--allowed-ips", "192.0.2.1"]);
    let rule = format!("if failed port {} protocol spamassassin then alert", server.port);
    assert_eq!(events(folder, &format!("check host peer with address 127.0.0.1\n    {rule}\n")).len(), 1);
    println!("proven against a real peer: spamassassin (spamd)");
}

#[test]
fn spamassassin_over_tls() {
    if !installed(PROGRAM) || !installed("/usr/share/perl5/IO/Socket/SSL.pm") || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let place = |name: &str| folder.join(name).display().to_string();
    // It reads both when it is nobody already.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::set_permissions(place("server.key"), fs::Permissions::from_mode(0o644)).expect("a mode");
    let server = start(folder, &["--ssl", "--server-key", &place("server.key"), "--server-cert", &place("server.pem")]);
    passes_at(folder, "localhost", server.port, &format!("spamassassin {tls}"));
    fails(folder, server.port, "spamassassin", "the connection");
    println!("proven against a real peer: spamassassin over TLS (spamd)");
}
