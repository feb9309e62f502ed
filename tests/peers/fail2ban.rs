//! Fail2ban with a jail that bans nobody; one that hangs, and one that has ended.

use std::path::Path;

use super::{Server, as_user, comes_up_on, fails_on, installed, passes_on};
use crate::rig::write;

const PROGRAM: &str = "/usr/bin/fail2ban-server";

fn start(folder: &Path) -> Server {
    let place = folder.display();
    for name in ["filter.d", "action.d"] {
        std::fs::create_dir(folder.join(name)).expect("a folder");
    }
    let settings = format!(
        "[Definition]\nloglevel = INFO\nlogtarget = {place}/log\nsyslogsocket = auto\nsocket = {place}/socket\n\
         pidfile = {place}/fail2ban.pid\ndbfile = None\ndbpurgeage = 1d\n"
    );
    write(folder, "fail2ban.conf", settings);
    let watched = write(folder, "watched", "");
    let jail = format!("[door]\nenabled = true\nbackend = polling\nfilter = door\nlogpath = {watched}\n");
    write(folder, "jail.conf", jail);
    write(&folder.join("filter.d"), "door.conf", "[Definition]\nfailregex = ^no <HOST>$\n");
    let mut command = as_user("nobody", PROGRAM, folder);
    Server::spawn(command.args(["-f", "-c"]).arg(folder).arg("start"), 0)
}

#[test]
fn fail2ban_of_debian() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder);
    let socket = folder.join("socket");
    comes_up_on(folder, &socket, "fail2ban");
    passes_on(folder, &socket, "fail2ban");
    // Another protocol on the socket: Fail2ban waits for its own end of a message.
    fails_on(folder, &socket, "ssh", "no complete answer");
    server.held(|| fails_on(folder, &socket, "fail2ban", "no complete answer"));
    drop(server);
    fails_on(folder, &socket, "fail2ban", "no such file");
    println!("proven against a real peer: fail2ban (Fail2ban)");
}
