//! Takes the place of M/Monit: a server on the loopback that Monit hands its events to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::told::Told;
use crate::rig::PATIENCE;

/// Bits and words of the classes, as the reference of Monit's events has them.
const CLASSES: [(u64, &str); 31] = [
    (0x1, "checksum"),
    (0x2, "resource"),
    (0x4, "timeout"),
    (0x8, "timestamp"),
    (0x10, "size"),
    (0x20, "connection"),
    (0x40, "permission"),
    (0x80, "uid"),
    (0x100, "gid"),
    (0x200, "nonexist"),
    (0x400, "invalid"),
    (0x800, "data"),
    (0x1000, "exec"),
    (0x2000, "fsflags"),
    (0x4000, "icmp"),
    (0x8000, "content"),
    (0x1_0000, "instance"),
    (0x2_0000, "action"),
    (0x4_0000, "pid"),
    (0x8_0000, "ppid"),
    (0x10_0000, "heartbeat"),
    (0x20_0000, "status"),
    (0x40_0000, "uptime"),
    (0x80_0000, "link"),
    (0x100_0000, "speed"),
    (0x200_0000, "saturation"),
    (0x400_0000, "bytein"),
    (0x800_0000, "byteout"),
    (0x1000_0000, "packetin"),
    (0x2000_0000, "packetout"),
    (0x4000_0000, "exist"),
];

/// The words of the actions, by number.
const ACTIONS: [&str; 8] = ["ignore", "alert", "restart", "stop", "exec", "unmonitor", "start", "monitor"];

/// Starts it; events come in the order in which Monit tells them, because Monit waits for each answer.
pub(super) fn start() -> (u16, Receiver<Told>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A post that is cut off is missed by the test that waits for its event.
            if serve(&client, &sender).is_ok_and(|goes_on| !goes_on) {
                return;
            }
        }
    });
    (port, receiver)
}

/// Takes one post; whether anybody still wants events.
fn serve(mut client: &TcpStream, events: &Sender<Told>) -> std::io::Result<bool> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(client);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    // Monit says that it is ISO-8859-1; the worlds are ASCII.
    let event = event(&String::from_utf8_lossy(&body));
    let goes_on = event.is_none_or(|event| events.send(event).is_ok());
    client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(goes_on)
}

/// The event in a document, if it has one: the others only say how all services stand. The elements of an event have
/// no attributes and do not nest, so no parser of XML is needed.
fn event(document: &str) -> Option<Told> {
    let event = between(document, "<event>", "</event>")?;
    let element = |name: &str| {
        let text = between(event, &format!("<{name}>"), &format!("</{name}>")).unwrap_or_default();
        text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")).unwrap_or(text).to_owned()
    };
    let number = |name: &str| element(name).parse::<u64>().expect("a number");
    let class = CLASSES.iter().find(|(bit, _)| *bit == number("id")).expect("a class").1;
    let state = match number("state") {
        0 => "succeeded",
        1 => "failed",
        2 => "changed",
        4 => "unchanged",
        other => panic!("Monit tells of a state {other}"),
    };
    let action = ACTIONS[usize::try_from(number("action")).expect("a small number")];
    Some(Told {
        service: element("service"),
        event: class.to_owned(),
        state: state.to_owned(),
        action: action.to_owned(),
        message: element("message"),
        early: false,
    })
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let text = text.split_once(start)?.1;
    Some(text.split_once(end)?.0)
}
