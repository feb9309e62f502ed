//! What only accepts is no server: every stock protocol must fail at somebody who says nothing, who hangs up, and who
//! is not there. So a test that passes against a real server fails when that is replaced by a bare acceptor.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::thread;

use serde_json::Value;

use super::{events, fails, process};
use crate::rig::{finish, free_port, ruled, write};

/// More than there are protocols.
const CONNECTIONS_MAX: usize = 200;

/// The protocol with what it cannot do without.
pub(super) fn spoken(name: &str) -> String {
    match name {
        "apache-status" => format!("{name} loglimit > 50%"),
        "websocket" => format!("{name} version 13"),
        _ => name.to_owned(),
    }
}

/// Rules about all stock protocols at a port, and the rule of those that are spoken over datagrams, too.
fn all(port: u16, transport: &str, speaks: impl Fn(&ruled_embedded::Stock) -> bool) -> (usize, String) {
    let names = ruled_embedded::STOCK.iter().filter(|stock| speaks(stock)).map(|stock| stock.name);
    let rules: Vec<String> = names
        .map(|name| {
            format!(
                "check host peer-{name} with address 127.0.0.1\n    \
                 if failed port {port} {transport} protocol {} with timeout 1 second then alert\n",
                spoken(name)
            )
        })
        .collect();
    (rules.len(), rules.concat())
}

/// Asserts that each of these rules fails.
fn all_fail((count, rules): (usize, String)) {
    assert!(count > 0, "no protocol was asked for");
    let folder = tempfile::tempdir().expect("a folder");
    let events = events(folder.path(), &rules);
    let failed = |event: &&Value| event["event"] == "connection" && event["state"] == "failed";
    assert_eq!(events.iter().filter(failed).count(), count, "{rules}\n{events:?}");
}

fn over(transport: ruled_embedded::Transport) -> impl Fn(&ruled_embedded::Stock) -> bool {
    move |stock| stock.description.transports.contains(&transport)
}

#[test]
fn every_protocol_is_watched_in_both_dialects() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = ruled_embedded::STOCK.iter().map(|stock| {
        let streams = stock.description.transports.contains(&ruled_embedded::Transport::Tcp);
        let (name, transport) = (stock.name, if streams { "" } else { " type udp" });
        format!(
            "check host peer-{name} with address 127.0.0.1\n    if failed port 9 protocol {}{transport} then alert\n",
            spoken(name)
        )
    });
    let rules = format!("set daemon 30\n{}", rules.collect::<String>());
    for dialect in ["peers.rules", "monitrc"] {
        let checked = finish(ruled(&["check", &write(folder.path(), dialect, &rules)]));
        assert_eq!(checked.status, 0, "{dialect}: {}{}", checked.out, checked.err);
        let findings = checked.out + &checked.err;
        assert!(!findings.contains("not-watched-yet"), "{dialect}: {findings}");
    }
}

#[test]
fn every_protocol_fails_at_somebody_who_only_accepts() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    all_fail(all(port, "", over(ruled_embedded::Transport::Tcp)));
}

#[test]
fn every_protocol_fails_at_somebody_who_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || listener.incoming().take(CONNECTIONS_MAX).for_each(drop));
    all_fail(all(port, "", over(ruled_embedded::Transport::Tcp)));
}

#[test]
fn every_protocol_fails_at_a_socket_that_only_accepts() {
    let folder = tempfile::tempdir().expect("a folder");
    let (silent, hung) = (folder.path().join("silent"), folder.path().join("hung"));
    let _silent = UnixListener::bind(&silent).expect("a socket");
    let listener = UnixListener::bind(&hung).expect("a socket");
    thread::spawn(move || listener.incoming().take(CONNECTIONS_MAX).for_each(drop));
    let speaks = over(ruled_embedded::Transport::UnixStream);
    let names = ruled_embedded::STOCK.iter().filter(|stock| speaks(stock)).map(|stock| stock.name);
    let rules = names.flat_map(|name| [("silent", &silent, name), ("hung", &hung, name)]).map(|(who, socket, name)| {
        let (place, protocol) = (socket.display(), spoken(name));
        let rule = format!("if failed unixsocket {place} protocol {protocol} with timeout 1 second then alert");
        process(folder.path(), &format!("peer-{who}-{name}"), &rule)
    });
    let rules: Vec<String> = rules.collect();
    all_fail((rules.len(), rules.concat()));
}

#[test]
fn every_protocol_of_datagrams_fails_at_somebody_who_only_takes_them() {
    let udp = over(ruled_embedded::Transport::Udp);
    if !ruled_embedded::STOCK.iter().any(&udp) {
        return;
    }
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    all_fail(all(port, "type udp", udp));
}

#[test]
fn nobody_is_told_as_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fails(folder.path(), free_port(), "ssh", "refused");
}
