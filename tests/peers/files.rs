//! FTP, against vsftpd.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{Server, fails, installed, is_root, passes};
use crate::rig::{free_port, until, write};

/// vsftpd, which lets anybody in who calls himself anonymous, with these lines beside.
pub(super) fn vsftpd(folder: &Path, beside: &str) -> Server {
    let port = free_port();
    let empty = folder.join("empty");
    fs::create_dir_all(&empty).expect("a folder");
    for one in [folder, &empty] {
        fs::set_permissions(one, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let empty = empty.display();
    let text = format!(
        "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nanonymous_enable=YES\n\
         local_enable=NO\nsecure_chroot_dir={empty}\nanon_root={empty}\nseccomp_sandbox=NO\nxferlog_enable=NO\n{beside}\n"
    );
    let path = write(folder, "vsftpd.conf", text);
    Server::start(Command::new("/usr/sbin/vsftpd").arg(path), port)
}

#[test]
fn ftp_of_vsftpd() {
    if !installed("/usr/sbin/vsftpd") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (folder, server) = (folder.path(), vsftpd(folder.path(), ""));
    passes(folder, server.port, "ftp");
    passes(folder, server.port, "ftp username \"anonymous\" password \"nobody@example.com\"");
    fails(folder, server.port, "ftp username \"anna\" password \"falsch\"", "530");
    // Another protocol on the port, though its greeting begins as this one's.
    fails(folder, server.port, "smtp", "530");
    println!("proven against a real peer: ftp (vsftpd)");
}

#[test]
fn a_vsftpd_that_has_too_many_guests() {
    if !installed("/usr/sbin/vsftpd") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (folder, server) = (folder.path(), vsftpd(folder.path(), "max_clients=1"));
    // Who asked whether it is up may still be counted.
    let guest = until(|| {
        let guest = TcpStream::connect(("127.0.0.1", server.port)).ok()?;
        let mut greeting = String::new();
        BufReader::new(&guest).read_line(&mut greeting).ok()?;
        greeting.starts_with("220").then_some(guest)
    });
    assert!(guest.is_some(), "the only place is taken");
    fails(folder, server.port, "ftp", "421 There are too many connected users");
}
