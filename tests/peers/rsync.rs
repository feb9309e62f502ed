//! The rsync daemon: its list, and modules that are open, guarded, closed to us, full, or not there.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;

use super::{Server, as_user, fails, installed, is_silent, passes};
use crate::rig::{free_port, until, write};

const PROGRAM: &str = "/usr/bin/rsync";

fn start(folder: &Path) -> Server {
    let port = free_port();
    let place = folder.display();
    write(folder, "secrets", "anna:geheim\n");
    write(folder, "motd", "@ Be welcome\n");
    let module = |name: &str, beside: &str| format!("[{name}]\npath = {place}\n{beside}\n");
    let text = format!(
        "port = {port}\naddress = 127.0.0.1\nuse chroot = no\nreverse lookup = no\nlog file = {place}/log\n\
         motd file = {place}/motd\nlock file = {place}/lock\n{}{}{}{}",
        module("open", "comment = for all"),
        module("guarded", &format!("auth users = anna\nsecrets file = {place}/secrets\nstrict modes = no")),
        module("closed", "hosts deny = *"),
        module("narrow", "max connections = 1"),
    );
    let settings = write(folder, "rsyncd.conf", text);
    let mut command = as_user("nobody", PROGRAM, folder);
    Server::start(command.args(["--daemon", "--no-detach", "--config", &settings]), port)
}

/// Takes the only place of a module, which is taken until the connection is dropped; nothing while somebody else has it.
fn guest(port: u16, module: &str) -> Option<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "@RSYNCD: 31.0\n{module}\n").ok()?;
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = String::new();
        match lines.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line == "@RSYNCD: OK\n" => return Some(lines),
            Ok(_) => {}
        }
    }
}

#[test]
fn rsync_of_debian() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder);
    let login =
        |password: &str| format!("rsync with {{ module: \"guarded\", username: \"anna\", password: \"{password}\" }}");
    passes(folder, server.port, "rsync");
    passes(folder, server.port, "rsync with { module: \"open\" }");
    passes(folder, server.port, "rsync with { module: \"guarded\" }");
    passes(folder, server.port, &login("geheim"));
    fails(folder, server.port, &login("falsch"), "auth failed on module guarded");
    fails(folder, server.port, "rsync with { module: \"nothing\" }", "Unknown module 'nothing'");
    fails(folder, server.port, "rsync with { module: \"closed\" }", "access denied to closed");

    let guest = until(|| guest(server.port, "narrow")).expect("the module has a place");
    fails(folder, server.port, "rsync with { module: \"narrow\" }", "max connections (1) reached");
    drop(guest);

    // Another protocol on the port, and a daemon that hangs.
    fails(folder, server.port, "http", "HTTP");
    server.held(|| is_silent(folder, server.port, "rsync"));
    println!("proven against a real peer: rsync (rsync)");
}
