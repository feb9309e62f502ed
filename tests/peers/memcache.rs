//! memcached: well, and one that speaks its text protocol only.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::rig::free_port;

use super::{Server, account, fails, installed, passes};

const PROGRAM: &str = "/usr/bin/memcached";

fn start(words: &[&str]) -> Server {
    let port = free_port();
    let mut command = Command::new(PROGRAM);
    command.args(["-l", "127.0.0.1", "-U", "0", "-p", &port.to_string()]).args(words);
    if let Some((user, group)) = account("memcache") {
        command.uid(user).gid(group);
    }
    Server::start(&mut command, port)
}

#[test]
fn memcache_of_memcached() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(&[]);
    passes(folder, server.port, "memcache");
    fails(folder, server.port, "ssh", "SSH");
    fails(folder, start(&["-B", "ascii"]).port, "memcache", "refuses: ERROR");
    println!("proven against a real peer: memcache (memcached)");
}
