//! SSH, against OpenSSH.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Server, fails, installed, passes};
use crate::rig::free_port;

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

#[test]
fn ssh_of_openssh() {
    if !installed("/usr/sbin/sshd") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = sshd(folder.path());
    passes(folder.path(), server.port, "ssh");
    // Another protocol on the port.
    fails(folder.path(), server.port, "http", "HTTP");
    // The bare connection.
    passes(folder.path(), server.port, "default");
    fails(folder.path(), free_port(), "default", "refused");
    println!("proven against a real peer: default (OpenSSH)");
    println!("proven against a real peer: ssh (OpenSSH)");
}
