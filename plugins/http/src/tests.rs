//! Good and bad peers for the HTTP probe.

use ruled_plugin::*;

use super::{Http, USER_AGENT};

fn request(line: &str, host: &str) -> String {
    format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
}

/// A server that answers whatever it is asked.
fn answers(answer: &str) -> Script {
    script().hears_anything().says(answer)
}

fn status(relation: Relation, number: i64) -> Value {
    Value::Comparison(Comparison { relation, number })
}

#[test]
fn asks_for_the_root_and_reads_the_header() {
    let peer = script()
        .at("www.example.org", 80)
        .hears(request("GET /", "www.example.org"))
        .says("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 3\r\n\r\nabc");
    let outcome = peer.passes::<Http>();
    assert_eq!(outcome.summary, "200 OK");
    let facts = [("status".to_owned(), "200".to_owned()), ("server".to_owned(), "nginx".to_owned())];
    assert_eq!(outcome.facts, facts);
}

#[test]
fn names_path_method_and_host_as_the_rule_does() {
    let peer = script()
        .at("10.0.0.1", 8080)
        .with("request", Value::Text("/health?full=1".into()))
        .with("method", Value::Text("head".into()))
        .with("host_header", Value::Text("app.example".into()))
        .hears(request("HEAD /health?full=1", "app.example"))
        .says("HTTP/1.0 204\r\n\r\n");
    assert_eq!(peer.passes::<Http>().summary, "204");
}

#[test]
fn names_the_port_unless_it_is_the_usual_one() {
    let answer = "HTTP/1.1 200 OK\r\n\r\n";
    script().at("a", 8080).hears(request("GET /", "a:8080")).says(answer).passes::<Http>();
    script().at("::1", 81).hears(request("GET /", "[::1]:81")).says(answer).passes::<Http>();
    script().at("::1", 80).hears(request("GET /", "[::1]")).says(answer).passes::<Http>();
}

#[test]
fn the_status_is_compared() {
    let not_found = "HTTP/1.1 404 Not Found\r\n\r\n";
    assert_eq!(
        answers(not_found).run::<Http>(),
        Err(Failure::Mismatch { what: "status".into(), expected: "< 400".into(), found: "404 Not Found".into() })
    );
    answers(not_found).with("status", status(Relation::Equal, 404)).passes::<Http>();
    assert!(answers(not_found).with("status", status(Relation::GreaterOrEqual, 405)).run::<Http>().is_err());
    answers("HTTP/1.1 399 x\r\n\r\n").passes::<Http>();
    assert!(answers("HTTP/1.1 400 x\r\n\r\n").run::<Http>().is_err());
}

#[test]
fn interim_answers_are_passed_over() {
    answers("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").passes::<Http>();
    let endless = script().hears_anything().repeats("HTTP/1.1 100 Continue\r\n\r\n");
    assert!(endless.is_foreign_to::<Http>().contains("interim"));
}

#[test]
fn a_path_cannot_smuggle_a_header_line() {
    for path in ["/a\r\nX: y", "/a b", "no-slash", "/\u{7f}", "/ü"] {
        assert!(!answers("").with("request", Value::Text(path.into())).misconfigures::<Http>().is_empty(), "{path:?}");
    }
    assert!(!answers("").with("host_header", Value::Text("a\r\nX: y".into())).misconfigures::<Http>().is_empty());
}

#[test]
fn refuses_what_is_no_http() {
    assert!(answers("SSH-2.0-OpenSSH_9.2\r\n").is_foreign_to::<Http>().contains("status line"));
    assert!(answers("HTTP/2 200\r\n\r\n").is_foreign_to::<Http>().contains("HTTP/2"));
    assert!(answers("HTTP/1.1 2000 OK\r\n\r\n").is_foreign_to::<Http>().contains("2000"));
    assert!(answers("HTTP/1.1 -20 OK\r\n\r\n").is_foreign_to::<Http>().contains("-20"));
    assert!(answers("HTTP/1.1 99999999999999999999 OK\r\n\r\n").is_foreign_to::<Http>().contains("three digits"));
    assert!(answers("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").is_foreign_to::<Http>().contains("colon"));
}

#[test]
fn a_header_without_end_is_refused() {
    let peer = script().hears_anything().says("HTTP/1.1 200 OK\r\n");
    assert!(peer.clone().repeats("a: b\r\n").is_foreign_to::<Http>().contains("200 lines"));
    assert!(peer.repeats("x").is_foreign_to::<Http>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    answers("HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\n\r\n").needs_every_byte::<Http>();
    answers("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n").drips().passes::<Http>();
}

fn pattern(text: &str, negated: bool) -> Value {
    Value::Pattern(Pattern { text: text.into(), negated })
}

fn checksum(kind: HashKind, digits: &str) -> Value {
    Value::Hash(Hash { kind, digits: digits.into() })
}

const MD5_OF_ABC: &str = "900150983cd24fb0d6963f7d28e17f72";

#[test]
fn the_content_is_looked_at() {
    let page = answers("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nall is\nwell!\n");
    page.clone().with("content", pattern("is\\nwell", false)).passes::<Http>();
    page.clone().with("content", pattern("ill", true)).passes::<Http>();
    let expected = Err(Failure::Mismatch {
        what: "content".into(),
        expected: "!= \"well\"".into(),
        found: "\"all is\nwell!\"".into(),
    });
    assert_eq!(page.clone().with("content", pattern("well", true)).run::<Http>(), expected);
    assert!(page.with("content", pattern("^well", false)).run::<Http>().is_err());
}

#[test]
fn the_content_comes_by_length_in_chunks_or_up_to_the_end() {
    let good = [
        "Content-Length: 3\r\n\r\nabc",
        "Content-Length: 3, 3\r\n\r\nabc and what follows",
        "Transfer-Encoding: chunked\r\n\r\n1;name=value\r\na\r\n002\r\nbc\r\n0\r\nTrailer: x\r\n\r\n",
        "transfer-encoding: gzip, Chunked\r\nContent-Length: 99\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "\r\nabc",
    ];
    for rest in good {
        let peer = answers(&format!("HTTP/1.1 200 OK\r\n{rest}"));
        let check = peer.with("checksum", checksum(HashKind::Md5, MD5_OF_ABC)).run::<Http>();
        assert!(check.is_ok(), "{rest:?}: {check:?}");
    }
}

#[test]
fn a_content_that_does_not_come_as_announced_is_refused() {
    let bad = [
        ("Content-Length: 4\r\n\r\nabc", "before the end of the content"),
        ("Content-Length: 0\r\n\r\n", "no content"),
        ("\r\n", "no content"),
        ("Content-Length: -1\r\n\r\nabc", "\"-1\""),
        ("Content-Length: 99999999999999999999\r\n\r\nabc", "99999999999999999999"),
        ("Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "two lengths"),
        ("Transfer-Encoding: gzip\r\n\r\nabc", "\"gzip\""),
        ("Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", "does not end"),
        ("Transfer-Encoding: chunked\r\n\r\nabc", "hexadecimal"),
        ("Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n", "\"+3\""),
        ("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n", "fffffffffffffffff"),
        ("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc\r\n", "before the end"),
    ];
    for (rest, wanted) in bad {
        let peer = answers(&format!("HTTP/1.1 200 OK\r\n{rest}")).closes();
        let check = peer.with("content", pattern("abc", false)).run::<Http>();
        match &check {
            Err(Failure::Protocol(sentence)) if sentence.contains(wanted) => {}
            // A line that the peer does not end.
            Err(Failure::Io(IoError::Closed)) if rest.ends_with("\nabc") => {}
            _ => panic!("{rest:?}: {check:?}"),
        }
    }
    let trailers = answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n").repeats("a: b\r\n");
    assert!(trailers.with("content", pattern("a", false)).is_foreign_to::<Http>().contains("50 lines"));
}

#[test]
fn an_answer_that_never_has_content_is_not_waited_for() {
    let peer = answers("HTTP/1.1 204 No Content\r\n\r\n").times_out();
    assert_eq!(peer.with("content", pattern("a", false)).is_foreign_to::<Http>(), "the answer has no content");
}

#[test]
fn of_an_endless_content_only_the_beginning_is_read() {
    let endless = answers("HTTP/1.1 200 OK\r\n\r\nfirst").repeats("x".repeat(100_000));
    endless.clone().with("content", pattern("^firstx", false)).passes::<Http>();
    let summed = endless.with("checksum", checksum(HashKind::Md5, MD5_OF_ABC));
    assert!(summed.is_foreign_to::<Http>().contains("more than 7 MiB"));
}

#[test]
fn all_kinds_of_checksums_are_compared() {
    let page = answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    let sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (kind, digits) in [(HashKind::Md5, MD5_OF_ABC), (HashKind::Sha1, sha1), (HashKind::Sha256, sha256)] {
        assert!(page.clone().with("checksum", checksum(kind, digits)).run::<Http>().is_ok(), "{digits}");
    }
    let other = "0".repeat(32);
    assert_eq!(
        page.with("checksum", checksum(HashKind::Md5, &other)).run::<Http>(),
        Err(Failure::Mismatch { what: "checksum of the content".into(), expected: other, found: MD5_OF_ABC.into() })
    );
}

#[test]
fn logs_in_and_takes_headers_of_the_rule_in_place_of_the_usual() {
    let peer = script()
        .at("a", 80)
        .with("username", "Aladdin")
        .with("password", "open sesame")
        .with(
            "headers",
            Value::Headers(vec![
                ("user-agent".into(), "me".into()),
                ("X-One".into(), " 1 ".into()),
                ("x-one".into(), "2".into()),
            ]),
        )
        .hears(
            "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\
             Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nuser-agent: me\r\nX-One: 1\r\nx-one: 2\r\n\r\n",
        )
        .says("HTTP/1.1 200 OK\r\n\r\n");
    peer.passes::<Http>();
    assert!(!answers("").with("username", "a:b").misconfigures::<Http>().is_empty());
}

#[test]
fn a_header_of_the_rule_cannot_smuggle_another() {
    for (name, value) in [("X: y\r\nZ", "1"), ("", "1"), ("X Y", "1"), ("X", "1\r\nZ: 2"), ("X", "\u{0}")] {
        let headers = Value::Headers(vec![(name.into(), value.into())]);
        assert!(!answers("").with("headers", headers).misconfigures::<Http>().is_empty(), "{name:?} {value:?}");
    }
}

#[test]
fn the_answer_to_head_has_no_content_to_look_at() {
    assert!(!script().with("method", "head").with("content", pattern("a", false)).misconfigures::<Http>().is_empty());
}

#[test]
fn names_the_host_as_the_transport_has_it() {
    let answer = "HTTP/1.1 301 Moved\r\nLocation: https://a/\r\n\r\n";
    let tls = script().at("a", 443).encrypted().hears(request("GET /", "a")).says(answer);
    let outcome = tls.passes::<Http>();
    assert!(outcome.facts.contains(&("location".to_owned(), "https://a/".to_owned())), "{outcome:?}");
    script().at("a", 443).hears(request("GET /", "a:443")).says(answer).passes::<Http>();
    let unix = script().over(Transport::UnixStream).hears(request("GET /", "localhost")).says(answer);
    unix.passes::<Http>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 \r\n",
    "Server: x\r\n",
    "Content-Length: 2\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\r\n",
    "1\r\n",
    "ffffffffffffffff\r\n",
    "a",
    "0\r\n",
];

survives_any_peer!(Http, PIECES, after "HTTP/1.1 200 OK\r\n");
