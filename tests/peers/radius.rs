//! FreeRADIUS: a server of authentication and of accounting, another secret, and one that does not say that it is there.

use std::path::Path;
use std::process::Command;

use super::{Server, comes_up, events, fails, installed, passes};
use crate::rig::{free_port, write};

const PROGRAM: &str = "/usr/sbin/freeradius";

/// FreeRADIUS; its ports for authentication and for accounting.
fn start(folder: &Path, says_that_it_is_there: bool) -> (Server, u16) {
    let [auth, accounting] = [free_port(), free_port()];
    let place = folder.display();
    let status = if says_that_it_is_there { "yes" } else { "no" };
    let listen = |kind: &str, port: u16| format!("listen {{\ntype = {kind}\nipaddr = 127.0.0.1\nport = {port}\n}}\n");
    let text = format!(
        "prefix = /usr\nname = ruled\nlogdir = {place}\nrun_dir = {place}\npidfile = {place}/pid\n\
         libdir = /usr/lib/freeradius\nhostname_lookups = no\nlog {{\ndestination = stdout\n}}\n\
         security {{\nstatus_server = {status}\n}}\nmodules {{\nalways ok {{\nrcode = ok\n}}\n}}\n\
         client here {{\nipaddr = 127.0.0.1\nsecret = geheim123\n}}\n\
         server default {{\n{}{}authorize {{\nok\n}}\npreacct {{\nok\n}}\naccounting {{\nok\n}}\n}}\n",
        listen("auth", auth),
        listen("acct", accounting),
    );
    write(folder, "radiusd.conf", text);
    let mut command = Command::new(PROGRAM);
    // In the foreground, in one process.
    command.args(["-f", "-s", "-n", "radiusd", "-d"]).arg(folder);
    (Server::spawn(&mut command, auth), accounting)
}

const RIGHT: &str = "radius secret \"geheim123\" type udp";

/// Asserts that nothing comes back.
fn is_silent(folder: &Path, port: u16, protocol: &str) {
    let rule = format!("if failed port {port} protocol {protocol} with timeout 2 seconds then alert");
    let events = events(folder, &format!("check host peer with address 127.0.0.1\n    {rule}\n"));
    let message = events[0]["message"].as_str().expect("a message");
    assert!(message.contains("no complete answer within 2 s"), "{message}");
}

#[test]
fn radius_of_freeradius() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (server, accounting) = start(folder, true);
    comes_up(folder, server.port, RIGHT);
    passes(folder, server.port, RIGHT);
    passes(folder, accounting, RIGHT);
    passes(folder, server.port, "radius with { secret: \"geheim123\" } type udp");
    // Another secret, and that of a new installation.
    is_silent(folder, server.port, "radius secret \"falsch\" type udp");
    is_silent(folder, server.port, "radius type udp");
    drop(server);
    fails(folder, accounting, RIGHT, "nobody takes datagrams");

    let (server, _) = start(folder, false);
    // It is there, and does not say so.
    crate::rig::until(|| std::net::UdpSocket::bind(("127.0.0.1", server.port)).err()).expect("a server");
    is_silent(folder, server.port, RIGHT);
    println!("proven against a real peer: radius (FreeRADIUS)");
}
