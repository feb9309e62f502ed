//! The time protocol, over TCP and UDP: xinetd's own, a program behind xinetd whose clock is wrong, and one that turns
//! everybody away.

use std::path::Path;

use super::{Server, as_user, fails, installed, is_silent, passes};
use crate::rig::{free_port, write};

const PROGRAM: &str = "/usr/sbin/xinetd";

/// A service of xinetd; the name tells which it is, and the id which of that name.
fn service(name: &str, id: &str, port: u16, kind: &str, beside: &str) -> String {
    let (socket, protocol, wait) = if kind == "udp" { ("dgram", "udp", "yes") } else { ("stream", "tcp", "no") };
    format!(
        "service {name}\n{{\nid = {id}\nsocket_type = {socket}\nprotocol = {protocol}\nwait = {wait}\nport = {port}\n\
         bind = 127.0.0.1\nuser = nobody\n{beside}\n}}\n"
    )
}

#[test]
fn rdate_of_xinetd() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder: &Path = folder.path();
    let [port, late, closed] = [free_port(), free_port(), free_port()];
    // What the clock said on 2024-09-24.
    let program = "type = UNLISTED\nserver = /usr/bin/printf\nserver_args = \\352\\235\\000\\000";
    let text = [
        format!("defaults\n{{\nlog_type = FILE {}/log\n}}\n", folder.display()),
        service("time", "stream", port, "tcp", "type = INTERNAL UNLISTED"),
        service("time", "datagrams", port, "udp", "type = INTERNAL UNLISTED"),
        service("late", "late", late, "tcp", program),
        service("time", "closed", closed, "tcp", "type = INTERNAL UNLISTED\nonly_from = 192.0.2.1"),
    ];
    let settings = write(folder, "xinetd.conf", text.concat());
    let mut command = as_user("nobody", PROGRAM, folder);
    let pid = folder.join("xinetd.pid");
    let server = Server::start(command.args(["-dontfork", "-f", &settings, "-pidfile"]).arg(pid), port);
    passes(folder, port, "rdate");
    passes(folder, port, "rdate type udp");
    fails(folder, late, "rdate", "behind this machine's");
    passes(folder, late, "rdate with { max_offset: 5000 days }");
    fails(folder, closed, "rdate", "the service closed the connection");
    fails(folder, free_port(), "rdate type udp", "nobody takes datagrams there");
    server.held(|| is_silent(folder, port, "rdate"));
    println!("proven against a real peer: rdate (xinetd)");
}
