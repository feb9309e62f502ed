//! Mosquitto: open and behind a password, over TLS; and a broker that knows MQTT 3.1.1 only, which no package has.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Server, certificate, fails, fails_at, installed, passes, passes_at};
use crate::rig::{free_port, write};

const PROGRAM: &str = "/usr/sbin/mosquitto";

const ANNA: &str = "username \"anna\" password \"geheim\"";
const WRONG: &str = "username \"anna\" password \"falsch\"";

/// Mosquitto with three ports: open to all, behind a password, and that over TLS.
fn start(folder: &Path) -> (Server, u16, u16) {
    let [open, locked, tls] = [free_port(), free_port(), free_port()];
    let place = folder.display();
    let mut users = Command::new("/usr/bin/mosquitto_passwd");
    users.args(["-b", "-c"]).arg(folder.join("users")).args(["anna", "geheim"]).stderr(Stdio::null());
    assert!(users.status().expect("mosquitto_passwd").success());
    let text = format!(
        "per_listener_settings true\npersistence false\nlog_dest none\nuser root\n\
         listener {open} 127.0.0.1\nallow_anonymous true\n\
         listener {locked} 127.0.0.1\npassword_file {place}/users\n\
         listener {tls} 127.0.0.1\npassword_file {place}/users\ncertfile {place}/server.pem\nkeyfile {place}/server.key\n"
    );
    let settings = write(folder, "mosquitto.conf", text);
    (Server::start(Command::new(PROGRAM).args(["-c", &settings]), open), locked, tls)
}

#[test]
fn mqtt_of_mosquitto() {
    if !installed(PROGRAM) || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let trusted = certificate(folder);
    let (server, locked, tls) = start(folder);
    passes(folder, server.port, "mqtt");
    passes(folder, server.port, "mqtt with { client_id: \"ruled\" }");
    passes(folder, locked, &format!("mqtt {ANNA}"));
    fails(folder, locked, &format!("mqtt {WRONG}"), "not authorized");
    fails(folder, locked, "mqtt", "not authorized");
    passes_at(folder, "localhost", tls, &format!("mqtt {ANNA} {trusted}"));
    fails_at(folder, "localhost", tls, &format!("mqtt {WRONG} {trusted}"), "not authorized");
    // Encryption where there is none, and none where it is wanted.
    fails(folder, locked, &format!("mqtt {ANNA} {trusted}"), "TLS");
    fails(folder, tls, &format!("mqtt {ANNA}"), "the service");
    println!("proven against a real peer: mqtt (Mosquitto)");
}

/// A packet of MQTT that is shorter than 128 bytes.
fn packet(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 2];
    client.read_exact(&mut head).ok()?;
    let mut content = vec![0; usize::from(head[1])];
    client.read_exact(&mut content).ok()?;
    (head[0] == 0x10 && head[1] < 128).then_some(content)
}

/// A broker of version 3.1.1, as its specification wants it (sections 3.1 and 3.2): it says so to who speaks a later
/// version, or only hangs up.
fn old_broker(says_so: bool) -> u16 {
    const CLIENTS_MAX: usize = 50;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten().take(CLIENTS_MAX) {
            client.set_read_timeout(Some(std::time::Duration::from_secs(5))).ok();
            let Some(connect) = packet(&mut client) else { continue };
            let Some((name, rest)) = connect.split_at_checked(6) else { continue };
            let (known, flags) = (name == b"\0\x04MQTT" && rest.first() == Some(&4), rest.get(1).copied());
            let has_user = flags.is_some_and(|flags| flags & 0xc0 == 0xc0);
            let right = connect.ends_with(b"\0\x04anna\0\x06geheim");
            match (known, has_user && !right) {
                (true, false) => client.write_all(&[0x20, 2, 0, 0]).ok(),
                (true, true) => client.write_all(&[0x20, 2, 0, 4]).ok(),
                (false, _) if says_so => client.write_all(&[0x20, 2, 0, 1]).ok(),
                (false, _) => None,
            };
            if known {
                // It goes when the client does.
                client.read_exact(&mut [0; 2]).ok();
            }
        }
    });
    port
}

#[test]
fn mqtt_of_a_broker_of_version_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for says_so in [true, false] {
        let port = old_broker(says_so);
        passes(folder, port, "mqtt");
        passes(folder, port, &format!("mqtt {ANNA}"));
        fails(folder, port, &format!("mqtt {WRONG}"), "bad user name or password");
    }
    println!("proven against a stand-in: mqtt (a broker of MQTT 3.1.1 only)");
}
