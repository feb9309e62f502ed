//! The stock probes against good and bad servers.

use std::time::Duration;

use ruled::plugin::{Comparison, Plugins, ProbeOutcome, Relation, Value, describe};

use super::{failed, faulted, outcome, peer, probe, report, with};

#[test]
fn the_embedded_description_is_what_the_component_says() {
    assert!(!ruled_embedded::STOCK.is_empty());
    for stock in ruled_embedded::STOCK.iter().chain(ruled_test_guests::HOSTILE) {
        assert_eq!(describe(stock).as_ref(), Ok(&stock.description), "{}", stock.name);
        assert_eq!(stock.name, stock.description.name);
    }
}

#[test]
fn ssh_passes_with_a_server_that_identifies_itself() {
    let port = peer::greets("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    let report = report(&Plugins::stock(), probe("ssh", port));
    let passed = ProbeOutcome::Passed {
        summary: "OpenSSH_9.2p1 Debian-2".into(),
        facts: vec![("software".into(), "OpenSSH_9.2p1".into())],
        metrics: vec![],
    };
    assert_eq!(report.outcome, passed);
    assert!(report.phases.is_some_and(|phases| phases.resolve + phases.connect <= report.total));
}

#[test]
fn ssh_fails_with_everything_else() {
    let plugins = Plugins::stock();
    assert!(failed(&plugins, probe("ssh", peer::greets("SSH-1.5-old\r\n"))).contains("1.5"));
    assert!(failed(&plugins, probe("ssh", peer::greets("HTTP/1.1 400 Bad Request\r\n\r\n"))).contains("HTTP"));
    assert!(failed(&plugins, probe("ssh", peer::endless())).contains("255 bytes"));
    assert!(failed(&plugins, probe("ssh", peer::serve(drop))).starts_with("the service "));
}

#[test]
fn a_plain_acceptor_that_says_nothing_fails() {
    let plugins = Plugins::stock();
    for protocol in ["ssh", "http"] {
        let mut probe = probe(protocol, peer::silent());
        probe.timeout = Duration::from_millis(300);
        assert_eq!(failed(&plugins, probe), "no complete answer within 300 ms");
    }
}

#[test]
fn a_closed_port_fails_with_one_sentence() {
    let port = peer::nobody();
    let sentence = failed(&Plugins::stock(), probe("ssh", port));
    assert_eq!(sentence, format!("cannot connect to 127.0.0.1 port {port}: connection refused"));
}

#[test]
fn what_the_peer_sends_is_cleaned() {
    let port = peer::greets("SSH-2.0-\u{1b}[31mred\u{7}\u{202e} x\r\n");
    let ProbeOutcome::Passed { summary, .. } = outcome(&Plugins::stock(), probe("ssh", port)) else {
        panic!("the identification is odd but valid")
    };
    assert_eq!(summary, "[31mred x");
}

#[test]
fn http_asks_as_it_should() {
    let port = peer::answers(|request| {
        let host = request.lines().find(|line| line.starts_with("Host: 127.0.0.1:")).unwrap_or("no host");
        let polite = request.contains("User-Agent: ruled/") && request.contains("Connection: close\r\n");
        let asked = request.starts_with("GET / HTTP/1.1\r\n");
        format!("HTTP/1.1 200 {host} {polite} {asked}\r\nServer: test\r\n\r\n")
    });
    let ProbeOutcome::Passed { summary, facts, .. } = outcome(&Plugins::stock(), probe("http", port)) else {
        panic!("the server answers with 200")
    };
    assert_eq!(summary, format!("200 Host: 127.0.0.1:{port} true true"));
    assert_eq!(facts, [("status".into(), "200".into()), ("server".into(), "test".into())]);
}

#[test]
fn http_compares_the_status_with_what_the_rule_wants() {
    let plugins = Plugins::stock();
    let port = peer::answers(|_| "HTTP/1.1 404 Not Found\r\n\r\n".into());
    assert_eq!(failed(&plugins, probe("http", port)), "the status is 404 Not Found, expected < 400");
    let wanted = Value::Comparison(Comparison { relation: Relation::Equal, number: 404 });
    let passes = outcome(&plugins, with(probe("http", port), "status", wanted));
    assert!(matches!(passes, ProbeOutcome::Passed { .. }), "{passes:?}");
}

#[test]
fn http_sends_what_the_rule_sets() {
    let port = peer::answers(|request| {
        let asked = request.starts_with("HEAD /health HTTP/1.1\r\nHost: app.example\r\n");
        format!("HTTP/1.1 {} x\r\n\r\n", if asked { 200 } else { 500 })
    });
    let probe = with(probe("http", port), "request", Value::Text("/health".into()));
    let probe = with(probe, "method", Value::Text("head".into()));
    let probe = with(probe, "host_header", Value::Text("app.example".into()));
    let passes = outcome(&Plugins::stock(), probe);
    assert!(matches!(passes, ProbeOutcome::Passed { .. }), "{passes:?}");
}

#[test]
fn http_fails_with_what_is_no_http() {
    let plugins = Plugins::stock();
    assert!(failed(&plugins, probe("http", peer::greets("SSH-2.0-OpenSSH_9.2\r\n"))).contains("status line"));
    assert!(failed(&plugins, probe("http", peer::endless())).contains("8192 bytes"));
}

#[test]
fn a_rule_that_makes_no_sense_is_not_the_services_fault() {
    let plugins = Plugins::stock();
    let port = peer::silent();
    let odd = with(probe("http", port), "request", Value::Text("/a b".into()));
    assert!(faulted(&plugins, odd).contains("make no sense"));
    let unknown = with(probe("http", port), "colour", Value::Text("red".into()));
    assert_eq!(faulted(&plugins, unknown), "the http plugin has no option colour");
}

#[test]
fn a_missing_component_is_named() {
    let sentence = faulted(&Plugins::with([]), probe("ssh", peer::silent()));
    assert_eq!(sentence, "there is no plugin for the protocol ssh");
}
