//! Somebody who answers, and whom no protocol may believe: what all of them are held against, through the whole program.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use ruled_embedded::Transport;

use super::acceptors::spoken;
use super::events;

/// How long a liar goes on, whoever listens.
const TALK: Duration = Duration::from_secs(10);

/// What a liar does with a client.
type Lie = fn(TcpStream);

const LIES: [(&str, Lie); 7] = [
    ("leaves", drop),
    ("leaves_when_asked", |mut client| {
        client.read_exact(&mut [0; 1]).ok();
    }),
    ("drips", |client| repeats(client, b"2", Duration::from_secs(1))),
    ("goes_on", |client| repeats(client, &[b'x'; 4_096], Duration::ZERO)),
    ("goes_on_in_lines", |client| repeats(client, "hello\r\n".repeat(500).as_bytes(), Duration::ZERO)),
    ("says_absurd_lengths", |client| repeats(client, &[0xff; 4_096], Duration::ZERO)),
    ("says_anything", |mut client| {
        // xorshift with a fixed seed, so that a failure is the same each time.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[4]
        })
        .take(100_000)
        .collect();
        client.write_all(&bytes).ok();
        client.read_exact(&mut [0; 1]).ok();
    }),
];

/// An alert: what a server of TLS says to a client that begins without.
const ALERT: &[u8] = &[21, 3, 3, 0, 2, 2, 70];

fn repeats(mut client: TcpStream, bytes: &[u8], pause: Duration) {
    let end = std::time::Instant::now() + TALK;
    client.set_write_timeout(Some(TALK)).ok();
    while std::time::Instant::now() < end && client.write_all(bytes).is_ok() {
        std::thread::sleep(pause);
    }
}

/// A port on which each client is lied to, each on a thread of its own; the threads end with the test.
fn serve(lie: Lie) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten().take(200) {
            std::thread::spawn(move || lie(client));
        }
    });
    port
}

/// What a liar makes of a datagram.
type Reply = fn(&[u8]) -> Vec<u8>;

const REPLIES: [(&str, Reply); 6] = [
    ("repeats", <[u8]>::to_vec),
    ("repeats_and_goes_on", |asked| [asked, &[0xff; 100]].concat()),
    ("turns_it_round", |asked| asked.iter().rev().copied().collect()),
    ("says_nothing", |_| Vec::new()),
    ("says_zeros", |_| vec![0; 1_400]),
    ("says_absurd_lengths", |_| vec![0xff; 1_400]),
];

/// A port on which each datagram gets two of these replies; the thread ends with the test.
fn serve_datagrams(reply: Reply) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let mut asked = [0; 4_096];
        for _ in 0..1_000 {
            let Ok((count, client)) = socket.recv_from(&mut asked) else { continue };
            let reply = reply(&asked[..count]);
            for _ in 0..2 {
                socket.send_to(&reply, client).ok();
            }
        }
    });
    port
}

/// Asserts that every stock protocol over this transport fails at each of these ports, where somebody lies. All are asked
/// at once: however busy the machine is, it is the peers who are at fault, and not the plugins.
fn nobody_believes(liars: Vec<(&str, u16)>, transport: Transport) {
    let folder = tempfile::tempdir().expect("a folder");
    let words = if transport == Transport::Udp { "type udp " } else { "" };
    let (mut rules, mut names) = (String::new(), Vec::new());
    for (lie, port) in liars {
        for stock in ruled_embedded::STOCK.iter().filter(|stock| stock.description.transports.contains(&transport)) {
            let service = format!("peer_{lie}_{}", stock.name.replace('-', "_"));
            let protocol = spoken(stock.name);
            rules.push_str(&format!(
                "check host {service} with address 127.0.0.1\n    \
                 if failed port {port} {words}protocol {protocol} with timeout 2 seconds then alert\n"
            ));
            names.push(service);
        }
    }
    let events = events(folder.path(), &rules);
    assert!(events.iter().all(|event| event["event"] == "connection" && event["state"] == "failed"), "{events:?}");
    let told = |name: &String| events.iter().any(|event| event["service"] == name.as_str());
    names.retain(|name| !told(name));
    assert!(names.is_empty(), "these do not fail: {names:?}");
}

#[test]
fn no_protocol_of_datagrams_believes_a_liar() {
    nobody_believes(REPLIES.map(|(lie, reply)| (lie, serve_datagrams(reply))).into(), Transport::Udp);
}

#[test]
fn no_protocol_believes_a_liar() {
    let alerts: (&str, Lie) = ("wants_tls", |mut client| {
        client.read_exact(&mut [0; 1]).ok();
        client.write_all(ALERT).ok();
    });
    nobody_believes(
        LIES.into_iter().chain([alerts]).map(|(lie, served)| (lie, serve(served))).collect(),
        Transport::Tcp,
    );
}
