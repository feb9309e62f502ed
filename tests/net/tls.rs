//! TLS: whom rules trust, which versions and ciphers they want, and what certificates must be like.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use ruled::transport::{Endpoint, Route, TlsError, Verification, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::authority::Authority;
use super::{fails, passes, rule};

const LONG: (&str, &str) = ("20200101000000Z", "20990101000000Z");

#[test]
fn whom_a_rule_trusts() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let Some(authority) = Authority::make(folder) else { return };
    authority.sign("good", "DNS:localhost,IP:127.0.0.1", LONG.0, LONG.1);
    authority.sign("other", "DNS:other.example.com", LONG.0, LONG.1);
    authority.sign("old", "IP:127.0.0.1", "20200101000000Z", "20210101000000Z");
    authority.sign_itself("own", "localhost", "DNS:localhost,IP:127.0.0.1");
    let (ca, good) = (authority.path("ca.pem"), authority.server("good", &[]));
    let ours = format!("using ssl {{ cacertificatefile: {ca} }}");
    passes(folder, &format!("if failed port {} {ours} then alert", good.port));
    passes(folder, &format!("if failed host \"localhost\" port {} {ours} then alert", good.port));
    // Nobody on this machine knows that authority.
    let unknown = format!("if failed port {} using ssl then alert", good.port);
    fails(folder, &unknown, "connection", "certificate of the service is signed by nobody who is trusted");
    passes(folder, &format!("if failed port {} using ssl {{ verify: disable }} then alert", good.port));

    let other = authority.server("other", &[]);
    let of_other = format!("if failed port {} {ours} then alert", other.port);
    fails(folder, &of_other, "connection", "is not for 127.0.0.1");
    // Monit compares no names.
    let in_monit =
        format!("if failed port {} using ssl {{ verify: enable, cacertificatefile: {ca} }} then alert", other.port);
    assert_eq!(rule(folder, "monit", &in_monit), Vec::<serde_json::Value>::new());

    let old = authority.server("old", &[]);
    fails(folder, &format!("if failed port {} {ours} then alert", old.port), "connection", "has expired");

    let own = authority.server("own", &[]);
    let by_itself = |what: &str| format!("if failed port {} using ssl {{ {what} }} then alert", own.port);
    fails(folder, &by_itself("verify: enable"), "connection", "is self-signed");
    passes(folder, &by_itself("selfsigned: allow"));
    // Whom the rule names is trusted, authority or not.
    passes(folder, &by_itself(&format!("cacertificatefile: {}", authority.path("own.pem"))));
    // A folder of authorities, in which openssl finds them by the checksums of their names.
    let trusted = folder.join("trusted");
    std::fs::create_dir(&trusted).expect("a folder");
    std::fs::copy(&ca, trusted.join("ca.pem")).expect("a copy");
    let within = |place: &std::path::Path| format!("using ssl {{ cacertificatepath: {} }}", place.display());
    passes(folder, &format!("if failed port {} {} then alert", good.port, within(&trusted)));
    let empty = folder.join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let by_none = rule(folder, "rules", &format!("if failed port {} {} then alert", good.port, within(&empty)));
    assert!(by_none.iter().all(|event| event["state"] == "failed"), "{by_none:?}");
    // What `set ssl` says for all.
    let all = format!(
        "set ssl {{ cacertificatefile: {ca} }}\ncheck host peer with address 127.0.0.1\n    if failed port {} using ssl then alert",
        good.port
    );
    assert_eq!(super::cycle(folder, "rules", &all), Vec::<serde_json::Value>::new());
    println!("tried against a real peer: TLS (openssl)");
}

#[test]
fn versions_ciphers_and_clients() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let Some(authority) = Authority::make(folder) else { return };
    authority.sign("good", "IP:127.0.0.1", LONG.0, LONG.1);
    authority.sign("client", "DNS:client", LONG.0, LONG.1);
    let with = |port: u16, what: &str| {
        format!(
            "if failed port {port} using ssl {{ cacertificatefile: {}, {what} }} then alert",
            authority.path("ca.pem")
        )
    };
    let older = authority.server("good", &["-tls1_2"]);
    passes(folder, &with(older.port, "version: auto"));
    passes(folder, &with(older.port, "version: tlsv12, ciphers: \"ECDHE-ECDSA-AES256-GCM-SHA384\""));
    fails(folder, &with(older.port, "version: tlsv13"), "connection", "none of the versions");
    let picky = authority.server("good", &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]);
    passes(folder, &with(picky.port, "ciphers: \"HIGH\""));
    fails(folder, &with(picky.port, "ciphers: \"CHACHA20\""), "connection", "none of the ciphers");
    let asking = authority.server("good", &["-tls1_2", "-Verify", "1", "-CAfile", "ca.pem", "-verify_return_error"]);
    let identity = format!("clientpemfile: {}", authority.path("client-both.pem"));
    passes(folder, &with(asking.port, &identity));
    fails(folder, &with(asking.port, "version: tlsv12"), "connection", "TLS handshake failed");
    // A file that is of no use is ours to mend: the service is neither well nor ill.
    let useless = format!("clientpemfile: {}", authority.path("ca.pem"));
    assert_eq!(rule(folder, "rules", &with(asking.port, &useless)), Vec::<serde_json::Value>::new());
}

#[test]
fn what_a_certificate_must_be_like() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let Some(authority) = Authority::make(folder) else { return };
    authority.sign_itself("own", "localhost", "IP:127.0.0.1");
    let server = authority.server("own", &[]);
    let with = |what: &str| format!("if failed port {} using ssl {{ verify: disable }} {what} then alert", server.port);
    for kind in ["md5", "sha1"] {
        let checksum = authority.fingerprint("own", kind);
        passes(folder, &with(&format!("certificate checksum {kind} = \"{checksum}\"")));
        let wrong = "0".repeat(checksum.len());
        fails(folder, &with(&format!("certificate checksum {kind} = \"{wrong}\"")), "connection", &checksum);
    }
    passes(folder, &with("certificate valid > 20 days"));
    fails(
        folder,
        &with("certificate valid > 40 days"),
        "timestamp",
        "certificate expiry in 29 days matches check limit [valid > 40 days]",
    );
    passes(folder, &with("responsetime < 20 seconds"));
    fails(folder, &with("responsetime > 20 seconds"), "speed", "doesn't match limit [time > 20 s]");
}

#[test]
fn what_is_no_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = plain.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in plain.incoming().flatten() {
            client.write_all(b"220 I speak plainly\r\n").ok();
        }
    });
    let text = format!("if failed port {port} using ssl {{ verify: disable }} then alert");
    fails(folder.path(), &text, "connection", "does not speak TLS here");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let text = format!("if failed port {port} using ssl {{ verify: disable }} with timeout 1 second then alert");
    fails(folder.path(), &text, "connection", "No TLS handshake within");
}

/// A server that says it is ready for TLS, and more than that.
#[test]
fn what_comes_before_the_encryption_is_not_taken_for_what_comes_after() {
    for (read_ahead, injected) in [(false, true), (true, true), (false, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let serving = std::thread::spawn(move || {
            let (mut client, _) = listener.accept().expect("a client");
            client.write_all(if injected { b"OK\r\n250 injected\r\n" } else { b"OK\r\n" }).expect("it is taken");
            // Kept open for as long as the client looks.
            std::io::Read::read(&mut client, &mut [0; 1]).ok();
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let error = runtime.block_on(async {
            let deadline = Instant::now() + Duration::from_secs(5);
            let mut connected = connect(&Route::tcp("127.0.0.1", port), deadline).await.expect("a connection");
            let mut line = [0; 4];
            connected.read_exact(&mut line).await.expect("a line");
            // What is injected was sent in one piece with the line, so it is there with it.
            let unread: &[u8] = if read_ahead { b"250 injected\r\n" } else { b"" };
            let short = Instant::now() + Duration::from_millis(500);
            let error = connected.start_tls(unread, short).await.expect_err("nobody speaks TLS there");
            assert!(connected.write_all(b"x").await.is_err(), "the connection is of no use any more");
            error
        });
        assert_eq!(error == TlsError::Injection, injected, "{error}");
        serving.join().expect("the server ends");
    }
}

#[test]
fn what_is_known_of_an_encrypted_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(authority) = Authority::make(folder.path()) else { return };
    authority.sign_itself("own", "localhost", "DNS:localhost");
    let server = authority.server("own", &[]);
    let said = interpreter::program::Tls { verify: Some(false), ..Default::default() };
    let tls = ruled::transport::Encryption::of(&said, None, &interpreter::program::Behaviour::RULES);
    let route = Route { tls: Some(tls), ..Route::to(Endpoint::port("localhost", server.port)) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let connected = runtime.block_on(connect(&route, Instant::now() + Duration::from_secs(10))).expect("a connection");
    assert!(connected.is_encrypted() && !connected.start_tls_wanted());
    let info = connected.tls_info().expect("it is encrypted");
    assert_eq!((info.version.as_str(), info.verification), ("TLS 1.3", Verification::NotAsked));
    assert!(info.cipher.starts_with("TLS_"), "{}", info.cipher);
    let certificate = info.certificate.as_ref().expect("a certificate");
    assert_eq!((certificate.subject.as_str(), certificate.issuer.as_str()), ("CN=localhost", "CN=localhost"));
    assert_eq!(certificate.sha256, authority.fingerprint("own", "sha256"));
    assert!(certificate.not_before < certificate.not_after);
    assert!(connected.phases.tls.is_some());
}
