//! Requests over HTTP: only to origins that are granted, wherever a redirect leads, and nothing is smuggled into them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use interpreter::program::Tls;

use super::super::peer;
use super::{Written, deed, failed, faulted, passed};

/// Reads what stands above the body of a request.
fn head_of(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Reads a request with its body, and says `answer` of what stands above that.
fn serves(answer: impl Fn(&str) -> String + Send + Clone + 'static) -> u16 {
    peer::serve(move |mut stream| {
        let head = head_of(&mut stream);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        if stream.read_exact(&mut body).is_ok() {
            stream.write_all(answer(&head).as_bytes()).ok();
        }
    })
}

/// An origin that answers with this status line, these headers and this body.
fn origin(head: &'static str, body: &'static str) -> String {
    let port = serves(move |_| format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    format!("http://localhost:{port}")
}

/// One that answers with the request, in one line.
fn echo() -> String {
    let port = serves(|request| {
        let lines: Vec<&str> = request.lines().filter(|line| !line.is_empty()).collect();
        let body = lines.join(" | ");
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    });
    format!("http://localhost:{port}")
}

/// One that sends whoever asks to another address.
fn leads_to(status: &'static str, address: String) -> String {
    let port =
        serves(move |_| format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n"));
    format!("http://localhost:{port}")
}

#[test]
fn what_is_granted_is_asked() {
    let origin = echo();
    let answer = passed(deed("fetch").with("text", &format!("{origin}/a/b?c=d#e")).fetch(&origin));
    let host = origin.trim_start_matches("http://");
    assert!(answer.starts_with(&format!("200 {origin}/a/b?c=d true GET /a/b?c=d HTTP/1.1 | ")), "{answer}");
    for header in [format!("host: {host}"), "connection: close".into(), "user-agent: ruled/".into()] {
        assert!(answer.contains(&header), "{header}: {answer}");
    }
    for header in ["cookie", "authorization", "accept-encoding", "transfer-encoding"] {
        assert!(!answer.contains(header), "{header}: {answer}");
    }
    let posted = deed("fetch_with").with("text", &origin).with("password", "Bearer x").fetch(&origin);
    let answer = passed(posted);
    assert!(answer.starts_with("POST / HTTP/1.1 | ") && answer.contains("content-length: 3"), "{answer}");
    assert!(answer.contains("authorization: ***"), "{answer}");
}

#[test]
fn other_origins_are_not_asked() {
    let origin = echo();
    let port = origin.rsplit(':').next().expect("a port");
    for address in [
        "http://localhost:1/".to_owned(),
        format!("https://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost.:{port}/"),
        format!("http://localhost:{port}@other.example/"),
        "http://localhost/".to_owned(),
    ] {
        let sentence = faulted(deed("fetch").with("text", &address).fetch(&origin));
        let said = sentence.contains("the rule does not grant that; write `grant fetch \"http")
            || sentence.contains("a user or a password in it");
        assert!(said, "{address}: {sentence}");
    }
    let told = deed("fetch").with("text", "http://localhost:1/").fetch(&origin).telling();
    assert_eq!(passed(told), "NotGranted");
    for address in ["file:///etc/passwd", "unix:/run/docker.sock", "ftp://localhost/", "localhost", "", "http://"] {
        let sentence = faulted(deed("fetch").with("text", address).fetch(&origin));
        assert!(sentence.starts_with("the plugin asks what cannot be asked: the address "), "{address}: {sentence}");
        assert_eq!(passed(deed("fetch").with("text", address).fetch(&origin).telling()), "Other");
    }
}

#[test]
fn redirects_lead_to_granted_origins_only() {
    let target = origin("200 OK", "arrived");
    let first = leads_to("302", format!("{target}/there"));
    let both = || deed("fetch").with("text", &first).fetch(&first).fetch(&target);
    assert_eq!(passed(both()), format!("200 {target}/there true arrived"));
    let sentence = failed(deed("fetch").with("text", &first).fetch(&first));
    assert_eq!(
        sentence,
        format!(
            "{first} leads to {target}, which the rule does not grant; where that is meant, write `grant fetch \"{target}\"`"
        )
    );
    assert_eq!(passed(deed("fetch").with("text", &first).fetch(&first).telling()), "NotGranted");
    assert_eq!(passed(deed("fetch_once").with("text", &first).fetch(&first)), "302");
    for (address, said) in [
        ("file:///etc/passwd", "scheme \"file\""),
        ("http://user:secret@localhost/", "a user or a password"),
        ("http://", "leads to an address that"),
    ] {
        let odd = leads_to("301", address.to_owned());
        let sentence = failed(deed("fetch").with("text", &odd).fetch(&odd));
        assert!(sentence.contains(said), "{address}: {sentence}");
    }
}

#[test]
fn redirects_have_an_end_and_do_not_carry_secrets_away() {
    let port = serves(|request| {
        let number =
            request.split_whitespace().nth(1).and_then(|path| path.trim_start_matches('/').parse::<u32>().ok());
        format!("HTTP/1.1 302 x\r\nLocation: /{}\r\nContent-Length: 0\r\n\r\n", number.unwrap_or(0) + 1)
    });
    let circle = format!("http://localhost:{port}");
    let answer = passed(deed("fetch").with("text", &format!("{circle}/0")).fetch(&circle));
    assert_eq!(answer, format!("302 {circle}/5 true"));
    // The one that is led to is another origin, and gets none of the headers.
    let target = echo();
    let first = leads_to("307", target.clone());
    let asked = deed("fetch_with").with("text", &first).with("password", "Bearer x").fetch(&first).fetch(&target);
    let answer = passed(asked);
    assert!(answer.starts_with("POST / HTTP/1.1") && !answer.contains("authorization"), "{answer}");
}

#[test]
fn nothing_is_smuggled_into_a_request() {
    let origin = echo();
    let sentence = faulted(deed("fetch_header").with("text", &origin).with("name", "X-Name").fetch(&origin));
    assert!(sentence.contains("has a line break or another control character"), "{sentence}");
    assert!(!sentence.contains("Injected"), "{sentence}");
    for name in ["Host", "Content-Length", "transfer-encoding", "Connection", "Upgrade"] {
        let sentence = faulted(deed("fetch_own_header").with("text", &origin).with("name", name).fetch(&origin));
        assert!(sentence.contains("belongs to the connection"), "{name}: {sentence}");
    }
    for name in ["X Y", "X:", "X\r\nY", ""] {
        let sentence = faulted(deed("fetch_own_header").with("text", &origin).with("name", name).fetch(&origin));
        assert!(sentence.contains("is no name of a header"), "{name:?}: {sentence}");
    }
    for method in ["GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "", "G T"] {
        let sentence = faulted(deed("fetch_method").with("text", &origin).with("name", method).fetch(&origin));
        assert!(sentence.contains("is no method"), "{method:?}: {sentence}");
    }
    let sentence = faulted(deed("fetch_method").with("text", &origin).with("name", "CONNECT").fetch(&origin));
    assert!(sentence.contains("tunnels are not opened"), "{sentence}");
    for address in [format!("{origin}/\r\nX: y"), format!("{origin}/ HTTP/1.1\r\n\r\n")] {
        let sentence = faulted(deed("fetch").with("text", &address).fetch(&origin));
        assert!(sentence.contains("blanks or control characters"), "{sentence}");
    }
}

#[test]
fn answers_are_bounded() {
    let large = serves(|_| format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{}", "x".repeat(5_000)));
    let endless = peer::serve(|mut stream| {
        head_of(&mut stream);
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(4_096));
        let mut sent = stream.write_all(head).is_ok();
        while sent {
            sent = stream.write_all(chunk.as_bytes()).is_ok();
        }
    });
    for port in [large, endless] {
        let origin = format!("http://localhost:{port}");
        let sentence = failed(deed("fetch").with("text", &origin).fetch(&origin));
        assert_eq!(sentence, format!("the answer of {origin} has more than 1000 bytes"));
        assert_eq!(passed(deed("fetch").with("text", &origin).fetch(&origin).telling()), "TooLong");
    }
    let heads = peer::serve(|mut stream| {
        head_of(&mut stream);
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n").is_ok();
        while sent {
            sent = stream.write_all(b"X-Header: and another one of them\r\n").is_ok();
        }
    });
    for port in [heads, peer::greets("SSH-2.0-OpenSSH_9.2\r\n"), peer::endless(), peer::serve(drop)] {
        let origin = format!("http://localhost:{port}");
        let sentence = failed(deed("fetch").with("text", &origin).fetch(&origin));
        assert!(sentence.starts_with(&format!("{origin} does not answer as it should: ")), "{sentence}");
        assert_eq!(passed(deed("fetch").with("text", &origin).fetch(&origin).telling()), "Unreachable");
    }
    let silent = format!("http://localhost:{}", peer::silent());
    let mut late = deed("fetch").with("text", &silent).fetch(&silent);
    late.timeout = Duration::from_millis(300);
    assert_eq!(failed(late), format!("{silent} gives no complete answer in time"));
    let nobody = format!("http://localhost:{}", peer::nobody());
    let sentence = failed(deed("fetch").with("text", &nobody).fetch(&nobody));
    assert!(sentence.ends_with("connection refused"), "{sentence}");
}

#[test]
fn what_comes_before_an_answer_counts_too() {
    // Answers that only say that the answer is yet to come, without end.
    let port = peer::serve(|mut stream| {
        head_of(&mut stream);
        let said = format!("HTTP/1.1 100 Continue\r\nX: {}\r\n\r\n", "x".repeat(32 << 10));
        while stream.write_all(said.as_bytes()).is_ok() {}
    });
    let origin = format!("http://localhost:{port}");
    assert_eq!(failed(deed("fetch").with("text", &origin).fetch(&origin)), "the service sent more than 8 MiB");
    assert_eq!(passed(deed("fetch").with("text", &origin).fetch(&origin).telling()), "Limit");
}

#[test]
fn a_check_asks_sixteen_times_at_most() {
    let origin = origin("200 OK", "x");
    let asked = deed("fetch_on").with("text", &origin).fetch(&origin);
    assert_eq!(faulted(asked), "the deeds plugin asked more than 16 times over HTTP");
}

#[test]
fn encrypted_origins_are_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(authority) = crate::net::authority::Authority::make(folder.path()) else { return };
    authority.sign("good", "DNS:localhost", "20200101000000Z", "20990101000000Z");
    let server = authority.server("good", &["-www"]);
    let origin = format!("https://localhost:{}", server.port);
    let asked =
        || deed("fetch").with("text", &format!("{origin}/")).setting("tells", ruled::plugin::Value::Boolean(false));
    let sentence = failed(asked().fetch(&origin));
    assert!(sentence.contains("signed by nobody who is trusted"), "{sentence}");
    let trusting = Tls { ca_file: Some(authority.path("ca.pem")), ..Tls::default() };
    let other = format!("https://127.0.0.1:{}", server.port);
    let by_number = deed("fetch").with("text", &format!("{other}/")).fetch_with(&other, trusting.clone());
    let sentence = failed(by_number);
    assert!(sentence.contains("is not for 127.0.0.1"), "{sentence}");
    // What openssl says there is longer than the guest wants, so it was read.
    let sentence = failed(asked().fetch_with(&origin, trusting));
    assert_eq!(sentence, format!("the answer of {origin} has more than 1000 bytes"));
}
