//! Kamailio: over UDP, TCP and TLS; an address that it does not know, and one that it cannot serve.

use std::path::Path;
use std::process::Command;

use super::{Server, certificate, comes_up, fails, fails_at, installed, passes, passes_at};
use crate::rig::{free_port, write};

pub(super) const PROGRAM: &str = "/usr/sbin/kamailio";

/// Where Debian has the modules, by the processor.
fn modules() -> String {
    format!("/usr/lib/{}-linux-gnu/kamailio/modules", std::env::consts::ARCH)
}

/// Kamailio with the certificate of the folder: SIP over UDP and TCP at one port and over TLS at another, WebSocket over
/// both of those.
pub(super) fn kamailio(folder: &Path) -> Option<(Server, u16)> {
    if !["sl", "tls", "websocket"].iter().all(|name| installed(&format!("{}/{name}.so", modules()))) {
        return None;
    }
    let [plain, tls] = [free_port(), free_port()];
    let place = folder.display();
    let load: String = ["sl", "pv", "maxfwd", "tls", "xhttp", "nathelper", "websocket"]
        .map(|name| format!("loadmodule \"{name}.so\"\n"))
        .concat();
    let text = format!(
        "#!KAMAILIO\nchildren=1\ntcp_children=1\nlog_stderror=yes\ndebug=0\ndns=no\nauto_aliases=no\n\
         tcp_accept_no_cl=yes\nenable_tls=yes\nlisten=udp:127.0.0.1:{plain}\nlisten=tcp:127.0.0.1:{plain}\n\
         listen=tls:127.0.0.1:{tls}\nmpath=\"{}/\"\n{load}\
         modparam(\"tls\", \"tls_method\", \"TLSv1.2+\")\n\
         modparam(\"tls\", \"certificate\", \"{place}/server.pem\")\n\
         modparam(\"tls\", \"private_key\", \"{place}/server.key\")\n\
         request_route {{\n\
         if (!mf_process_maxfwd_header(\"10\")) {{ sl_send_reply(\"483\", \"Too Many Hops\"); exit; }}\n\
         if ($rU == \"busy\") {{ sl_send_reply(\"503\", \"Service Unavailable\"); exit; }}\n\
         if (method==\"OPTIONS\" && $rU == \"monit\") {{ sl_send_reply(\"200\", \"OK\"); exit; }}\n\
         sl_send_reply(\"404\", \"Not Found\");\n}}\n\
         event_route[xhttp:request] {{\n\
         if ($hu == \"/ws\") {{ ws_handle_handshake(); exit; }}\n\
         xhttp_reply(\"404\", \"Not Found\", \"text/plain\", \"nothing\");\n}}\n",
        modules()
    );
    let settings = write(folder, "kamailio.cfg", text);
    let mut command = Command::new(PROGRAM);
    command.args(["-DD", "-E", "-m", "32", "-f", &settings]);
    command.arg("-Y").arg(folder).arg("-w").arg(folder).arg("-P").arg(folder.join("pid"));
    Some((Server::start(&mut command, plain), tls))
}

#[test]
fn sip_of_kamailio() {
    if !installed(PROGRAM) || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let trusted = certificate(folder);
    let Some((server, tls)) = kamailio(folder) else { return };
    // It listens before all of its processes are there.
    comes_up(folder, server.port, "sip");
    comes_up(folder, server.port, "sip type udp");
    for transport in ["", "type udp"] {
        let port = server.port;
        passes(folder, port, &format!("sip {transport}"));
        passes(folder, port, &format!("sip target \"monit@example.org\" maxforward 5 {transport}"));
        passes(folder, port, &format!("sip with {{ target: \"nobody@example.org\", status: 404 }} {transport}"));
        fails(folder, port, &format!("sip target \"nobody@example.org\" {transport}"), "404 Not Found");
        fails(folder, port, &format!("sip target \"busy@example.org\" {transport}"), "503 Service Unavailable");
        fails(folder, port, &format!("sip maxforward 0 {transport}"), "483");
    }
    passes_at(folder, "localhost", tls, &format!("sip {trusted}"));
    fails_at(folder, "localhost", tls, &format!("sip target \"busy@example.org\" {trusted}"), "503");
    fails(folder, server.port, &format!("sip {trusted}"), "TLS");
    drop(server);
    fails(folder, tls, "sip type udp", "nobody takes datagrams");
    println!("proven against a real peer: sip (Kamailio)");
}
