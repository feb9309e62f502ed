//! NTP: chrony with a clock, without one, and one that does not answer this machine.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

use super::{Server, as_user, comes_up, fails, installed, is_silent, passes};
use crate::rig::{free_port, until, write};

const PROGRAM: &str = "/usr/sbin/chronyd";

/// chrony, which leaves the clock of this machine alone.
fn start(folder: &Path, settings: &str) -> Server {
    let port = free_port();
    let place = folder.display();
    let text = format!(
        "port {port}\nbindaddress 127.0.0.1\ncmdport 0\nbindcmdaddress /\npidfile {place}/chrony-{port}\n{settings}\n"
    );
    let path = write(folder, &format!("chrony-{port}.conf"), text);
    Server::spawn(as_user("_chrony", PROGRAM, folder).args(["-4", "-x", "-U", "-d", "-f", &path]), port)
}

/// Waits until datagrams are taken at a port.
fn takes_datagrams(port: u16) {
    until(|| {
        let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
        socket.connect(("127.0.0.1", port)).ok()?;
        socket.set_read_timeout(Some(Duration::from_millis(100))).ok()?;
        socket.send(&[0; 48]).ok()?;
        // Nobody answers that, or nobody is there.
        let said = socket.recv(&mut [0; 48]);
        (!said.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)).then_some(())
    })
    .expect("the server takes datagrams");
}

#[test]
fn ntp3_of_chrony() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder, "allow 127.0.0.1\nlocal stratum 10");
    comes_up(folder, server.port, "ntp3");
    passes(folder, server.port, "ntp3");
    passes(folder, server.port, "ntp3 type udp");
    passes(folder, server.port, "ntp3 with { max_offset: 1 hour }");
    server.held(|| is_silent(folder, server.port, "ntp3"));

    let server = start(folder, "allow 127.0.0.1");
    takes_datagrams(server.port);
    fails(folder, server.port, "ntp3", "the clock is not synchronised");

    let server = start(folder, "allow 192.0.2.1\nlocal stratum 10");
    takes_datagrams(server.port);
    is_silent(folder, server.port, "ntp3");
    fails(folder, free_port(), "ntp3", "nobody takes datagrams there");
    println!("proven against a real peer: ntp3 (chrony)");
}
