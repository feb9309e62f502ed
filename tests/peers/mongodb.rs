//! MongoDB, of which Debian has no package: a server that answers as the specification of OP_MSG and of the handshake want
//! it, as a primary, as a member that starts, as a server of 3.6, and while it shuts down.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::{fails, passes};

/// No message of a handshake is longer.
const MESSAGE_BYTES_MAX: usize = 4_096;
const CLIENTS_MAX: usize = 50;

/// What the server is.
#[derive(Clone, Copy)]
enum Server {
    /// The one of a replica set that takes writes.
    Primary,
    /// A member that neither takes writes nor answers reads yet.
    Starting,
    /// One that knows `isMaster` only, as before 4.4.2.
    Old,
    /// One that answers commands no more.
    ShuttingDown,
}

/// An element of BSON.
fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

fn number(name: &str, number: f64) -> Vec<u8> {
    element(1, name, &number.to_le_bytes())
}

fn text(name: &str, text: &str) -> Vec<u8> {
    let length = i32::try_from(text.len() + 1).expect("a short text").to_le_bytes();
    element(2, name, &[&length, text.as_bytes(), &[0]].concat())
}

fn truth(name: &str, truth: bool) -> Vec<u8> {
    element(8, name, &[truth.into()])
}

fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let inner = elements.concat();
    let length = i32::try_from(inner.len() + 5).expect("a short document").to_le_bytes();
    [&length, inner.as_slice(), &[0]].concat()
}

impl Server {
    /// The answer to a command.
    fn answer(self, command: &str) -> Vec<u8> {
        let refuses = |words: &str, code: i32, name: &str| {
            let code = element(0x10, "code", &code.to_le_bytes());
            document(&[number("ok", 0.0), text("errmsg", words), code, text("codeName", name)])
        };
        let is = |by: &str, more: &[Vec<u8>]| {
            let hosts = element(4, "hosts", &document(&[text("0", "127.0.0.1:27017")]));
            let time = element(9, "localTime", &1_700_000_000_000_i64.to_le_bytes());
            let wire = element(0x10, "maxWireVersion", &21_i32.to_le_bytes());
            let own = [truth(by, matches!(self, Server::Primary | Server::Old)), hosts, time, wire, number("ok", 1.0)];
            document(&[more, &own].concat())
        };
        match (self, command) {
            (Server::ShuttingDown, _) => {
                refuses("The server is in quiesce mode and will shut down", 91, "ShutdownInProgress")
            }
            (Server::Primary, "hello") => is("isWritablePrimary", &[text("setName", "rs0"), truth("secondary", false)]),
            (Server::Starting, "hello") => {
                is("isWritablePrimary", &[text("setName", "rs0"), truth("secondary", false)])
            }
            (Server::Old, "isMaster") => is("ismaster", &[]),
            _ => refuses(&format!("no such command: '{command}'"), 59, "CommandNotFound"),
        }
    }

    /// Takes messages as long as they are some, and answers each.
    fn serve(self, mut client: TcpStream) -> Option<()> {
        client.set_read_timeout(Some(std::time::Duration::from_secs(5))).ok()?;
        loop {
            let mut head = [0; 16];
            client.read_exact(&mut head).ok()?;
            let word = |at: usize| head[at..at + 4].try_into().map(i32::from_le_bytes).ok();
            let length = usize::try_from(word(0)?).ok().filter(|length| (21..MESSAGE_BYTES_MAX).contains(length))?;
            let mut content = vec![0; length - head.len()];
            client.read_exact(&mut content).ok()?;
            // Flags, one document, and that has the length that it says.
            let own = i32::from_le_bytes(content.get(5..9)?.try_into().ok()?);
            let is_message = word(12)? == 2_013 && content.starts_with(&[0; 5]);
            if !is_message || usize::try_from(own).ok()? != content.len() - 5 || content.last() != Some(&0) {
                return None;
            }
            // The name of its first element is the command, and it says for which database.
            let name = content.get(10..)?.split(|byte| *byte == 0).next()?;
            if !content.windows(15).any(|window| window == b"\x02$db\0\x06\0\0\0admin\0") {
                return None;
            }
            let answer = self.answer(std::str::from_utf8(name).ok()?);
            let mut message = Vec::new();
            for number in [i32::try_from(21 + answer.len()).ok()?, 1, word(4)?, 2_013] {
                message.extend(number.to_le_bytes());
            }
            message.extend([0; 5]);
            message.extend(answer);
            client.write_all(&message).ok()?;
        }
    }

    fn start(self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten().take(CLIENTS_MAX) {
                self.serve(client);
            }
        });
        port
    }
}

#[test]
fn mongodb_as_its_specification_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let writable = "mongodb with { writable: true }";
    let primary = Server::Primary.start();
    passes(folder, primary, "mongodb");
    passes(folder, primary, writable);
    let starting = Server::Starting.start();
    passes(folder, starting, "mongodb");
    fails(folder, starting, writable, "the role of the server is other");
    let old = Server::Old.start();
    passes(folder, old, "mongodb");
    passes(folder, old, writable);
    fails(folder, Server::ShuttingDown.start(), "mongodb", "will shut down (code 91)");
    println!("proven against a stand-in: mongodb (OP_MSG and hello, as MongoDB specifies them)");
}
