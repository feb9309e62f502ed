//! The listener of an Oracle database, of which there is no package: what answers packets of TNS as a listener does. It
//! wants the request a second time, as listeners do, and closes the connections of those whom it does not allow.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::{fails, passes};

const CLIENTS_MAX: usize = 50;
const PACKET_BYTES_MAX: u16 = 2_048;

const CONNECT: u8 = 1;
const ACCEPT: u8 = 2;
const REFUSE: u8 = 4;
const RESEND: u8 = 11;

/// A packet of this type with this content.
fn packet(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + content.len()).expect("a short packet").to_be_bytes();
    [&[length[0], length[1], 0, 0, kind, 0, 0, 0], content].concat()
}

/// What a CONNECT asks for.
fn asked(client: &mut TcpStream) -> Option<String> {
    let mut head = [0; 8];
    client.read_exact(&mut head).ok()?;
    let length = u16::from_be_bytes([head[0], head[1]]);
    if head[4] != CONNECT || !(58..=PACKET_BYTES_MAX).contains(&length) {
        return None;
    }
    let mut rest = vec![0; usize::from(length) - head.len()];
    client.read_exact(&mut rest).ok()?;
    let word = |at: usize| usize::from(u16::from_be_bytes([rest[at - 8], rest[at - 7]]));
    // A version that this listener knows, the order of bytes, and where the data lie.
    let is_known = word(8) >= 300 && word(10) <= 319 && word(22) == 1;
    let data = rest.get(word(26).checked_sub(8)?..)?.get(..word(24))?;
    is_known.then(|| String::from_utf8_lossy(data).into_owned())
}

/// Serves a client: `refusal` is its answer to a ping, and a service is let in.
fn serve(mut client: TcpStream, refusal: &str) -> Option<()> {
    client.set_read_timeout(Some(std::time::Duration::from_secs(5))).ok()?;
    asked(&mut client)?;
    client.write_all(&packet(RESEND, &[])).ok()?;
    let asked = asked(&mut client)?;
    if !asked.contains("(COMMAND=ping)") {
        return client.write_all(&packet(ACCEPT, &[0; 24])).ok();
    }
    let length = u16::try_from(refusal.len()).ok()?.to_be_bytes();
    client.write_all(&packet(REFUSE, &[&[4, 0, length[0], length[1]], refusal.as_bytes()].concat())).ok()
}

fn listener(refusal: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten().take(CLIENTS_MAX) {
            if let Some(refusal) = refusal {
                serve(client, refusal);
            }
        }
    });
    port
}

#[test]
fn tns_as_a_listener_speaks_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let port = listener(Some("(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=0)(ALIAS=LISTENER))"));
    passes(folder, port, "tns");
    fails(folder, port, "http", "the service");
    // A listener that does not allow this host.
    fails(folder, listener(None), "tns", "the service");
    println!("proven against a stand-in: tns (packets as Oracle's listener sends them)");
}
