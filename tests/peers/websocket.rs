//! WebSocket: Kamailio, which speaks SIP over it, and the library of Python, which most servers in Python are made with.

use std::path::Path;
use std::process::Command;

use super::sip::{self, kamailio};
use super::{Server, certificate, comes_up, fails, fails_at, installed, passes, passes_at};
use crate::rig::{free_port, write};

#[test]
fn websocket_of_kamailio() {
    if !installed(sip::PROGRAM) || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let trusted = certificate(folder);
    let Some((server, tls)) = kamailio(folder) else { return };
    let spoken = "websocket with { request: \"/ws\", subprotocol: \"sip\" }";
    comes_up(folder, server.port, spoken);
    passes(folder, server.port, spoken);
    passes_at(folder, "localhost", tls, &format!("{spoken} {trusted}"));
    // It takes nobody who does not say what is to be spoken.
    fails(folder, server.port, "websocket request \"/ws\"", "400 Bad Request");
    fails(folder, server.port, "websocket with { request: \"/ws\", subprotocol: \"mqtt\" }", "400 Bad Request");
    fails(folder, server.port, "websocket request \"/nothing\"", "404 Not Found");
    println!("proven against a real peer: websocket (Kamailio)");
}

const PYTHON: &str = "/usr/bin/python3";

/// A server that says much to who comes, serves pages of one origin only, and has a path at which it is full.
const PROGRAM: &str = r#"
import asyncio, ssl, sys, websockets

async def talk(client):
    if client.path == "/full":
        await client.close(1013, "try again later")
    await client.send("hello")
    await client.send("x" * 100000)
    await client.wait_closed()

async def main(plain, secured):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("server.pem", "server.key")
    origins = [None, "https://chat.example"]
    async with websockets.serve(talk, "127.0.0.1", secured, ssl=context, origins=origins):
        async with websockets.serve(talk, "127.0.0.1", plain, origins=origins):
            await asyncio.Future()

asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
"#;

fn python(folder: &Path) -> (Server, u16) {
    let [plain, secured] = [free_port(), free_port()];
    let program = write(folder, "server.py", PROGRAM);
    let mut command = Command::new(PYTHON);
    command.args([&program, &plain.to_string(), &secured.to_string()]).current_dir(folder);
    (Server::start(&mut command, plain), secured)
}

#[test]
fn websocket_of_python() {
    if !installed("/usr/lib/python3/dist-packages/websockets/__init__.py") || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let trusted = certificate(folder);
    let (server, secured) = python(folder);
    passes(folder, server.port, "websocket request \"/\"");
    // What Monit takes for "whatever the server speaks".
    passes(folder, server.port, "websocket version 0");
    passes(folder, server.port, "websocket origin \"https://chat.example\" host \"chat.example\" request \"/a?b=c\"");
    passes_at(folder, "localhost", secured, &format!("websocket request \"/\" {trusted}"));
    fails_at(folder, "localhost", secured, &format!("websocket request \"/full\" {trusted}"), "try again later");
    fails(folder, server.port, "websocket request \"/full\"", "try again later (code 1013)");
    fails(folder, server.port, "websocket origin \"https://other.example\"", "403 Forbidden");
    fails(folder, server.port, "websocket version 8", "the status is");
    fails(folder, server.port, "websocket with { request: \"/\", subprotocol: \"mqtt\" }", "subprotocol is none");
    println!("proven against a real peer: websocket (websockets for Python)");
}
