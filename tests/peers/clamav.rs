//! ClamAV with a signature of our own, over TCP and over its socket; one that hangs.

use std::path::Path;

use super::{Server, as_user, comes_up, fails, fails_on, installed, is_silent, passes, passes_on};
use crate::rig::{free_port, write};

const PROGRAM: &str = "/usr/sbin/clamd";

/// A file of these 68 bytes is what everybody tests with.
const SIGNATURE: &str = "44d88612fea8a8f36de82e1278abb02f:68:Test\n";

fn start(folder: &Path) -> Server {
    let port = free_port();
    let place = folder.display();
    std::fs::create_dir(folder.join("signatures")).expect("a folder");
    write(&folder.join("signatures"), "own.hdb", SIGNATURE);
    let text = format!(
        "DatabaseDirectory {place}/signatures\nTCPSocket {port}\nTCPAddr 127.0.0.1\nLocalSocket {place}/socket\n\
         Foreground yes\nPidFile {place}/clamd.pid\n"
    );
    let settings = write(folder, "clamd.conf", text);
    Server::start(as_user("clamav", PROGRAM, folder).args(["-c", &settings]), port)
}

#[test]
fn clamav_of_debian() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder);
    let socket = folder.join("socket");
    comes_up(folder, server.port, "clamav");
    passes(folder, server.port, "clamav");
    passes_on(folder, &socket, "clamav");
    // Signatures of one's own have no date.
    fails(folder, server.port, "clamav with { max_age: 3 days }", "the age of the signatures is not told");
    fails(folder, server.port, "http", "HTTP");
    fails_on(folder, &socket, "redis", "UNKNOWN COMMAND");
    server.held(|| is_silent(folder, server.port, "clamav"));
    drop(server);
    fails_on(folder, &socket, "clamav", "no such file");
    println!("proven against a real peer: clamav (ClamAV)");
}
