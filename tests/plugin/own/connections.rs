//! Connections that a check opens by itself: what is granted, by its names, and no more of it than may be.

use std::net::ToSocketAddrs;
use std::time::Duration;

use interpreter::program::{Behaviour, Tls};
use ruled::plugin::{Grant, Plugins, ProbeOutcome};
use ruled::transport::{Encryption, Route};

use super::super::peer;
use super::{Written, added, check, deed, failed, faulted, passed, report, report_by};

#[test]
fn a_connection_has_the_name_and_the_text_of_its_grant() {
    let port = peer::greets("hello\r\n");
    let text = format!("localhost:{port}");
    let opened = |name: &str| deed("open").with("name", name).connect("localhost", port, Some("broker"));
    assert_eq!(passed(opened("broker")), "hello");
    assert_eq!(passed(opened(&text)), "hello");
    let granted = deed("granted").connect("localhost", port, Some("broker")).connect("127.0.0.1", port, None);
    let granted = passed(granted);
    assert_eq!(granted, format!("[\"broker\", \"127.0.0.1:{port}\"] [\"/nowhere\"] [\"http://localhost:9\"]"));
    // How long opening the first one took is told, as it is of probes.
    assert!(report(opened("broker")).phases.is_some());
}

#[test]
fn what_is_not_granted_is_not_opened() {
    let port = peer::greets("hello\r\n");
    for name in ["other:1", "", "127.0.0.1", "a b", "a\u{0}b", &format!("127.0.0.1:{port}")] {
        let asked = deed("open").with("name", name).connect("localhost", port, Some("broker"));
        let sentence = faulted(asked);
        assert!(sentence.contains("which the rule does not grant; write `grant connect"), "{name:?}: {sentence}");
        assert!(!sentence.contains('\u{0}'), "{sentence:?}");
    }
    let told = deed("open").with("name", "other:1").telling().connect("localhost", port, None);
    assert_eq!(passed(told), "NotGranted");
}

#[test]
fn a_text_means_the_grant_that_has_no_name() {
    let (named, unnamed) = (peer::greets("named\r\n"), peer::greets("unnamed\r\n"));
    let grant = |port, name: Option<&str>| Grant::Connect {
        route: Route::tcp("localhost", port),
        text: "service:1".into(),
        name: name.map(str::to_owned),
    };
    let open =
        |name: &str| deed("open").with("name", name).grant(grant(named, Some("broker"))).grant(grant(unnamed, None));
    assert_eq!(passed(open("service:1")), "unnamed");
    assert_eq!(passed(open("broker")), "named");
    assert_eq!(passed(deed("open").with("name", "service:1").grant(grant(named, Some("broker")))), "named");
}

#[test]
fn five_connections_are_one_too_many() {
    let port = peer::greets("hello\r\n");
    let name = format!("localhost:{port}");
    let many = |what: &str| deed(what).with("name", &name).connect("localhost", port, None);
    assert_eq!(passed(many("open_many")), "[Ok(()), Ok(()), Ok(()), Ok(()), Err(Limit)]");
    assert_eq!(faulted(many("open_and_leave")), "the deeds plugin opened more than 4 connections");
}

#[test]
fn all_connections_share_the_quotas_of_one() {
    let silent = peer::silent();
    let name = format!("localhost:{silent}");
    let sends = deed("send_over_both").with("name", &name).connect("localhost", silent, None);
    assert_eq!(faulted(sends), "the deeds plugin sent more than 1 MiB");
    let endless = peer::endless();
    let name = format!("localhost:{endless}");
    let receives = deed("receive_over_both").with("name", &name).connect("localhost", endless, None);
    assert_eq!(failed(receives), "the service sent more than 8 MiB");
}

#[test]
fn nobody_there_is_said_with_the_reason() {
    let port = peer::nobody();
    let name = format!("localhost:{port}");
    let asked = || deed("open").with("name", &name).connect("localhost", port, None);
    assert_eq!(failed(asked()), format!("cannot connect to localhost port {port}: connection refused"));
    assert_eq!(passed(asked().telling()), "Unreachable");
    let mut late = deed("open").with("name", "x").connect("127.0.0.1", peer::silent(), Some("x"));
    late.timeout = Duration::from_millis(300);
    assert_eq!(failed(late), "no complete answer within 300 ms");
}

/// Names by which this machine knows itself: what a name of somebody else's becomes that is rebound to it.
fn names_of_this_machine() -> Vec<String> {
    let own = nix::unistd::gethostname().expect("a name").to_string_lossy().into_owned();
    let names = [own, "ip6-localhost".to_owned(), "localhost.localdomain".to_owned()];
    let leads_here = |name: &String| {
        let found: Vec<_> = (name.as_str(), 9).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
        !found.is_empty() && found.iter().all(|address| address.ip().is_loopback())
    };
    names.into_iter().filter(leads_here).collect()
}

#[test]
fn a_name_does_not_lead_to_this_machine() {
    let (port, connections) = peer::counts();
    // What the system's own lookup takes for an address, though it is not written as one; and names.
    let odd = ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0"].map(str::to_owned);
    for name in odd.into_iter().chain(names_of_this_machine()) {
        let asked = || deed("open").with("name", "x").connect(&name, port, Some("x"));
        let sentence = failed(asked());
        assert!(sentence.starts_with(&format!("{name} leads to ")) && sentence.contains("this machine"), "{sentence}");
        assert_eq!(passed(asked().telling()), "NotGranted", "{name}");
    }
    // The same of requests, and of the one connection of a probe. Numbers are written out there.
    for name in names_of_this_machine() {
        let origin = format!("http://{name}:{port}");
        let sentence = failed(deed("fetch").with("text", &origin).fetch(&origin));
        assert!(sentence.starts_with(&format!("{name} leads to ")), "{sentence}");
        assert_eq!(passed(deed("fetch").with("text", &origin).fetch(&origin).telling()), "NotGranted");
    }
    let probe = check(added("probe")).with("deed", "whole_line").connect("127.1", port, None);
    let report = report_by(&Plugins::with([]), probe);
    let ProbeOutcome::Failed(sentence) = &report.outcome else { panic!("{report:?}") };
    assert!(sentence.starts_with("127.1 leads to "), "{sentence}");
    assert_eq!(connections(), 0, "somebody was connected to");
}

#[test]
fn a_granted_connection_is_encrypted_and_verified_as_its_grant_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(authority) = crate::net::authority::Authority::make(folder.path()) else { return };
    authority.sign("good", "DNS:localhost", "20200101000000Z", "20990101000000Z");
    let server = authority.server("good", &["-rev"]);
    let asked = |host: &str, tls: Tls| {
        let route = Route { tls: Some(Encryption::of(&tls, None, &Behaviour::RULES)), ..Route::tcp(host, server.port) };
        deed("echo").with("name", "x").grant(Grant::Connect { route, text: "x:1".into(), name: Some("x".into()) })
    };
    let trusting = || Tls { ca_file: Some(authority.path("ca.pem")), ..Tls::default() };
    assert_eq!(passed(asked("localhost", trusting())), "olleh");
    let sentence = failed(asked("localhost", Tls::default()));
    assert!(sentence.contains("signed by nobody who is trusted"), "{sentence}");
    assert_eq!(passed(asked("localhost", Tls::default()).telling()), "Tls");
    let sentence = failed(asked("127.0.0.1", trusting()));
    assert!(sentence.contains("is not for 127.0.0.1"), "{sentence}");
}

#[test]
fn a_connection_that_is_opened_behaves_as_that_of_a_probe() {
    let opened = |what: &str, port: u16| deed(what).with("name", "x").connect("localhost", port, Some("x"));
    // What somebody put there before encryption began is refused.
    let injected = peer::greets("220 go ahead\r\n250 a line that was put there\r\n");
    let sentence = failed(opened("open_start_tls", injected));
    assert!(sentence.contains("encrypt"), "{sentence}");
    assert_eq!(passed(opened("open_reopen", peer::greets("hello\r\nand more\r\n"))), "hello hello Err(Other)");
    assert_eq!(passed(opened("open_after_the_end", peer::serve(drop))), "true");
    assert_eq!(passed(opened("open_edges", peer::endless())), "0 true Err(Other) Err(Limit)");
    let slow = peer::serve(|mut stream| {
        while std::io::Write::write_all(&mut stream, b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let mut slow = opened("open", slow);
    slow.timeout = Duration::from_millis(400);
    assert_eq!(failed(slow), "no complete answer within 400 ms");
}

#[test]
fn an_error_that_nothing_explains_is_the_plugins_fault() {
    for (lie, said) in [
        ("tls", "encryption failed, which it did not begin"),
        ("not_granted", "not granted, which it did not ask for"),
        ("not_found", "a file is missing, which it did not look for"),
        ("unreachable", "could not reach what it did not ask for"),
        ("limit", "a limit that it did not reach"),
    ] {
        let sentence = faulted(deed("lie").with("name", lie));
        assert!(sentence.starts_with("the deeds plugin reported ") && sentence.contains(said), "{sentence}");
    }
}
