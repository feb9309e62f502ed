//! The expiry of certificates, against openssl.

use jiff::{SignedDuration, Timestamp};

use super::Example;
use crate::net::authority::Authority;
use crate::rig::free_port;

const GRANT: &str = "grant connect \"www.example.org:443\" with ssl";
const BEGIN: &str = "20200101000000Z";

/// So many hours from now, as openssl writes dates.
fn in_hours(hours: i64) -> String {
    (Timestamp::now() + SignedDuration::from_hours(hours)).strftime("%Y%m%d%H%M%SZ").to_string()
}

#[test]
fn the_expiry_of_a_certificate_at_openssl() {
    let example = Example::new("certificate");
    example.is_checked();
    let folder = tempfile::tempdir().expect("a folder");
    let Some(authority) = Authority::make(folder.path()) else { return };
    // A half more than whole days, so that a slow machine makes no other number of them.
    authority.sign("shop", "DNS:localhost", BEGIN, &in_hours(60 * 24 + 12));
    authority.sign("short", "DNS:localhost", BEGIN, &in_hours(3 * 24 + 12));
    authority.sign("old", "DNS:localhost", BEGIN, &in_hours(-4 * 24 - 12));
    authority.sign("other", "DNS:other.example", BEGIN, &in_hours(60 * 24));
    // Only who asks for localhost is shown a certificate for it.
    let named = |name: &str| {
        let (cert, key) = (format!("{name}.pem"), format!("{name}.key"));
        authority.server("other", &["-servername", "localhost", "-cert2", &cert, "-key2", &key])
    };
    let ca = authority.path("ca.pem");
    let cycle =
        |host: &str, port: u16, tls: &str| example.cycle(&[(GRANT, &format!("grant connect \"{host}:{port}\"{tls}"))]);
    let verified = format!(" with ssl {{ cacertificatefile: \"{ca}\" }}");

    let shop = named("shop");
    cycle("localhost", shop.port, &verified).passes("CN=shop is valid for another 60 days");
    let by_number = cycle("127.0.0.1", shop.port, &verified);
    assert!(by_number.said.contains("is not for 127.0.0.1"), "{}", by_number.said);
    assert_eq!(by_number.events.len(), 1, "{:?}", by_number.events);

    let short = named("short");
    cycle("localhost", short.port, &verified).tells(&[("shop", "expires_in")]);

    let old = named("old");
    cycle("localhost", old.port, &verified).tells(&[("shop", "has expired")]);
    // Where nobody verifies it the rule about its days tells it.
    cycle("localhost", old.port, " with ssl { verify: disable }").tells(&[("shop", "expires_in")]);

    // What is not there is a failure, and of days nothing is known.
    let nobody = free_port();
    cycle("localhost", nobody, &verified).tells(&[("shop", "refused")]);
    // A rule that makes no sense says nothing about the server.
    let plain = cycle("localhost", shop.port, "");
    plain.tells(&[("shop", "the connection is not encrypted; grant it `with ssl`")]);
    assert_eq!(plain.events[0]["event"], "data", "{:?}", plain.events);
    println!("tried against a real peer: the example certificate (openssl)");
}
