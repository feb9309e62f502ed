//! The stock probe for WebSocket (RFC 6455): asks a web server to change to it, and pings.
//!
//! What does not live here: requests and answers of HTTP, which are `http-message`; frames, which are `frame`.

use http_message::{Answer, Request};
use ruled_plugin::*;

mod frame;

const USER_AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// The version of RFC 6455, and the only one that is left.
const VERSION: i64 = 13;

/// What a server proves by it that it knows WebSocket (RFC 6455, section 1.3).
const PROOF: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// How long the key of a request is before it is written as base64.
const KEY_BYTES: u32 = 16;

struct WebSocket;

impl Probe for WebSocket {
    fn describe() -> Describe {
        Describe::new("websocket", "A web server that changes to WebSocket and answers a ping")
            .version(env!("CARGO_PKG_VERSION"))
            .port(80)
            .tls_port(443)
            .page(
                "Asks by HTTP/1.1 to change to WebSocket (`Upgrade: websocket`), and expects status 101 with the proof \
                 that belongs to the key of the request. Then it sends a ping, expects the pong with the same content, and \
                 closes. What the server says before the pong is passed over, up to 1 MiB.\n\n\
                 Another status fails, and is told. A server that closes says why, and fails.\n\n\
                 Specified in RFC 6455.",
            )
            .option("request", OptionType::Text, "The path and the query that are asked for")
            .explained("Without one it is `/`.")
            .option("host", OptionType::Text, "What the request names as its host, in place of the real one")
            .option("origin", OptionType::Text, "Where the request claims to come from")
            .explained("Servers that serve browsers only often take requests from their own pages alone.")
            .option("version", OptionType::Integer(0, i64::MAX), "The version of the protocol that is asked for")
            .explained("0 stands for 13, which is that of RFC 6455 and the only one that servers know today.")
            .option("subprotocol", OptionType::Text, "What is spoken over WebSocket, as `mqtt`")
            .explained("The server must take it up. Without one nothing is asked for.")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let key = base64::encode(&random_bytes(KEY_BYTES));
        let subprotocol = options.text("subprotocol").filter(|subprotocol| !subprotocol.is_empty());
        request(&conn.peer(), options, &key)?.send(conn)?;
        let answer = Answer::read(conn)?;
        changed(&answer, &key, subprotocol)?;
        frame::ping(conn)?;
        answer.outcome("it changes to WebSocket and answers a ping").into()
    }
}
probe!(WebSocket);

fn request(peer: &Peer, options: &Options, key: &str) -> Result<Request, Failure> {
    let target = options.text("request").filter(|target| !target.is_empty()).unwrap_or("/");
    let mut request = Request::new("GET", target, peer, USER_AGENT)?;
    if let Some(host) = options.text("host") {
        request.host(host)?;
    }
    let version = options.integer("version").filter(|version| *version != 0).unwrap_or(VERSION);
    request.header("Upgrade", "websocket")?;
    request.header("Connection", "Upgrade")?;
    request.header("Sec-WebSocket-Key", key)?;
    request.header("Sec-WebSocket-Version", &version.to_string())?;
    if let Some(origin) = options.text("origin") {
        request.header("Origin", origin)?;
    }
    if let Some(subprotocol) = options.text("subprotocol").filter(|subprotocol| !subprotocol.is_empty()) {
        request.header("Sec-WebSocket-Protocol", subprotocol)?;
    }
    Ok(request)
}

/// Fails unless the server changes to WebSocket as it should (RFC 6455, section 4.1).
fn changed(answer: &Answer, key: &str, subprotocol: Option<&str>) -> Result<(), Failure> {
    if answer.status != 101 {
        let found = match answer.header("sec-websocket-version") {
            Some(versions) => format!("{} (the server knows version {versions})", answer.line()),
            None => answer.line(),
        };
        return Err(Failure::Mismatch { what: "status".into(), expected: "101".into(), found });
    }
    let names = |header: &str, word: &str| words(answer, header).any(|one| one.eq_ignore_ascii_case(word));
    ensure!(names("upgrade", "websocket"), "the server changes to something else than WebSocket");
    ensure!(names("connection", "upgrade"), "the server answers with 101 and keeps the connection as it was");
    let proof = base64::encode(&digest(HashKind::Sha1, format!("{key}{PROOF}").as_bytes()));
    let found = answer.header("sec-websocket-accept").unwrap_or_default();
    ensure!(found == proof, "the server answers with 101 and does not prove that it knows WebSocket");
    if let Some(extension) = words(answer, "sec-websocket-extensions").next() {
        fail!("the server uses the extension {}, which was not asked for", excerpt(extension));
    }
    let taken = answer.header("sec-websocket-protocol").filter(|taken| !taken.is_empty());
    if taken != subprotocol {
        let word = |protocol: Option<&str>| protocol.unwrap_or("none").to_owned();
        let (expected, found) = (word(subprotocol), word(taken));
        return Err(Failure::Mismatch { what: "subprotocol".into(), expected, found });
    }
    Ok(())
}

/// The words of a header that is a list, which may stand in several lines (RFC 9110, section 5.3).
fn words<'a>(answer: &'a Answer, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = answer.headers.iter().filter(move |(one, _)| one.eq_ignore_ascii_case(name));
    named.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
