//! How much of a web page a pattern is held against: what all rules have in common, and what one says itself.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use super::cycle;

/// A web server whose page has the word that is looked for behind its first 2,000 bytes.
fn serve() -> u16 {
    /// No test connects as often.
    const CONNECTIONS_MAX: usize = 20;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let page = "x".repeat(2_000) + "needle";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len());
    std::thread::spawn(move || {
        for mut client in listener.incoming().take(CONNECTIONS_MAX).flatten() {
            if client.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {
                client.write_all(answer.as_bytes()).ok();
            }
        }
    });
    port
}

#[test]
fn a_pattern_is_held_against_as_much_of_a_page_as_the_rules_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = serve();
    let rules = |settings: &str, options: &str| {
        format!(
            "{settings}\ncheck host peer with address 127.0.0.1\n    \
             if failed port {port} protocol http {options} content = \"needle\" then alert\n"
        )
    };
    let failed = |events: &[Value]| events.iter().any(|event| event["state"] == "failed");
    for dialect in ["monit", "rules"] {
        assert!(!failed(&cycle(folder.path(), dialect, &rules("", ""))), "{dialect}");
        let little = "set limits { httpContentBuffer: 1 kB }";
        assert!(failed(&cycle(folder.path(), dialect, &rules(little, ""))), "{dialect}");
    }
    let little = "set limits { httpContentBuffer: 1 kB }";
    let more = "with { content_buffer: 4 kB }";
    assert!(!failed(&cycle(folder.path(), "rules", &rules(little, more))));
    assert!(failed(&cycle(folder.path(), "rules", &rules("", "with { content_buffer: 1 kB }"))));
}
