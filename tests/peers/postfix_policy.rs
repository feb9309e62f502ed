//! Postgrey, a policy server for Postfix: what it lets pass, and what it puts off; over a Unix socket, too.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Server, events, fails, installed, is_root, passes, passes_in_monit, succeeded};
use crate::rig::{free_port, until, write};

const PROGRAM: &str = "/usr/sbin/postgrey";

fn command(folder: &Path, name: &str) -> Command {
    let database = folder.join(name);
    fs::create_dir(&database).expect("a folder");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o777)).expect("a mode");
    let mut command = Command::new(PROGRAM);
    command.arg(format!("--dbdir={}", database.display())).args(["--user=nobody", "--group=nogroup"]);
    command
}

#[test]
fn postfix_policy_of_postgrey() {
    if !installed(PROGRAM) || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("a mode");
    let port = free_port();
    let _server = Server::start(command(folder, "one").arg(format!("--inet=127.0.0.1:{port}")), port);
    passes(folder, port, "postfix-policy");
    passes_in_monit(folder, port, "postfix-policy");
    passes(folder, port, "postfix-policy with { action: \"dunno\" }");
    // Whom it does not know it puts off, which is an answer, too.
    passes(folder, port, "postfix-policy with { recipient: \"eva@example.com\" }");
    let wants = "postfix-policy with { recipient: \"eva@example.com\", action: \"DUNNO\" }";
    fails(folder, port, wants, "DEFER_IF_PERMIT");

    let socket = folder.join("socket");
    let mut command = command(folder, "two");
    command.arg(format!("--unix={}", socket.display())).stdout(Stdio::null()).stderr(Stdio::null());
    let _server = Server { child: command.spawn().expect("Postgrey"), port: 0 };
    until(|| UnixStream::connect(&socket).ok()).expect("it opens its socket");
    let pid_file = write(folder, "pid", std::process::id().to_string());
    let rule = format!("if succeeded unixsocket {} protocol postfix-policy then alert", socket.display());
    let events = events(folder, &format!("check process peer with pidfile {pid_file}\n    {rule}\n"));
    assert_eq!(events.len(), 1, "{events:?}");
    succeeded(&events[0]);
    println!("proven against a real peer: postfix-policy (Postgrey)");
}
