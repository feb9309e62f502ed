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

/// How often a lie is told to those of whom nothing was known after it. A plugin that cannot bear a lie is told nothing new
/// by the next one, and a machine that was too busy to see the end of a look sees it then.
const TOLD_MAX: usize = 3;

/// Asserts that every stock protocol over this transport fails at a port where somebody lies. One lie follows the other:
/// it is about the protocols, and not about how many liars this machine can serve at a time.
fn nobody_believes(lie: &str, port: u16, transport: Transport) {
    let folder = tempfile::tempdir().expect("a folder");
    let words = if transport == Transport::Udp { "type udp " } else { "" };
    let speaks = |stock: &&ruled_embedded::Stock| stock.description.transports.contains(&transport);
    let mut names: Vec<&str> = ruled_embedded::STOCK.iter().filter(speaks).map(|stock| stock.name).collect();
    let service = |name: &str| format!("peer_{lie}_{}", name.replace('-', "_"));
    for _ in 0..TOLD_MAX {
        let rules = names.iter().map(|name| {
            let rule =
                format!("if failed port {port} {words}protocol {} with timeout 2 seconds then alert", spoken(name));
            format!("check host {} with address 127.0.0.1\n    {rule}\n", service(name))
        });
        let events = events(folder.path(), &rules.collect::<String>());
        assert!(events.iter().all(|event| event["event"] == "connection" && event["state"] == "failed"), "{events:?}");
        names.retain(|name| events.iter().all(|event| event["service"] != service(name)));
        if names.is_empty() {
            return;
        }
    }
    panic!("somebody {lie}, and these do not fail: {names:?}");
}

#[test]
fn no_protocol_of_datagrams_believes_a_liar() {
    for (lie, reply) in REPLIES {
        nobody_believes(lie, serve_datagrams(reply), Transport::Udp);
    }
}

#[test]
fn no_protocol_believes_a_liar() {
    let alerts: (&str, Lie) = ("wants_tls", |mut client| {
        client.read_exact(&mut [0; 1]).ok();
        client.write_all(ALERT).ok();
    });
    for (lie, served) in LIES.into_iter().chain([alerts]) {
        nobody_believes(lie, serve(served), Transport::Tcp);
    }
}
