//! BIND: with the zone of the root, for nobody, and with nobody to ask.

use std::path::Path;
use std::process::Command;

use crate::rig::{free_port, write};

use super::{Server, comes_up, fails, installed, passes};

const PROGRAM: &str = "/usr/sbin/named";

const ROOT: &str = "$TTL 60\n. SOA a.example. b.example. 1 60 60 60 60\n. NS a.example.\na.example. A 127.0.0.1\n";

fn start(folder: &Path, options: &str, zones: &str) -> Server {
    let port = free_port();
    let place = folder.display();
    write(folder, "root.db", ROOT);
    let text = format!(
        "options {{ directory \"{place}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n\
         pid-file none; session-keyfile none; lock-file none; dnssec-validation no; {options} }};\n\
         controls {{ }};\n{zones}\n"
    );
    let settings = write(folder, "named.conf", text);
    Server::start(Command::new(PROGRAM).args(["-4", "-g", "-n", "1", "-c", &settings]), port)
}

#[test]
fn dns_of_bind() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = start(folder, "recursion no;", "zone \".\" { type primary; file \"root.db\"; };");
    // BIND listens before it has read its zones.
    comes_up(folder, server.port, "dns");
    passes(folder, server.port, "dns");
    passes(folder, server.port, "dns type udp");
    passes(folder, start(folder, "recursion no; allow-query { none; };", "").port, "dns type udp");

    let options = format!("recursion yes; forward only; forwarders {{ 127.0.0.1 port {}; }};", free_port());
    let server = start(folder, &options, "");
    fails(folder, server.port, "dns", "SERVFAIL");
    fails(folder, server.port, "dns type udp", "SERVFAIL");
    println!("proven against a real peer: dns (BIND)");
}
