//! Good and bad peers for the MySQL probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::{MySql, can};
use crate::rsa::tests::PEM;

const CHALLENGE: &[u8] = b"abcdefghijklmnopqrst";
const OK: &[u8] = b"\0\0\0\x02\0\0\0";
const QUIT: &[u8] = b"\x01\0\0\0\x01";

/// The proof of `pwd` for [`CHALLENGE`], made by Python.
const NATIVE: &str = "878a115c2da5ffd523ce9202cb4e0d66475fd205";
const CACHING: &str = "d08eb21116f9ac3ba0bb52c2bf235ef86bed35f131e7597fe0a302d266e1adb4";
/// `pwd` encrypted by [`PEM`], made by Python, too.
const BY_KEY: &str = "2332e09225cb933c8f75de889a62dd456f7e03fd3dbefeb43db092183b0cbfbd9d78d9f00c6d670c2c16cb20a3bea959\
    0a153e00634f11c11825ead0438e2c05cb4cb538f5d46fc64c79cdb2f8e85fdf6ccd7a04117ecf61cfb82fdbe67dda64\
    4fc8ce80ba7822b493e921f13c909845ee6f1dc6af36cdbb8f7851c343adb413";

const ALL: u32 = can::NEEDED | can::LONG_PASSWORD | can::TRANSACTIONS | can::PLUGIN_AUTH;

fn packet(number: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut packet = (content.len() as u32).to_le_bytes()[..3].to_vec();
    packet.push(number);
    packet.extend_from_slice(content);
    packet
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The content of a greeting.
fn greeting(capabilities: u32, method: &str) -> Vec<u8> {
    let mut content = b"\x0a5.5.5-10.11.6-MariaDB\0\x07\0\0\0".to_vec();
    content.extend(&CHALLENGE[..8]);
    content.push(0);
    content.extend(&capabilities.to_le_bytes()[..2]);
    content.extend([33, 2, 0]);
    content.extend(&capabilities.to_le_bytes()[2..]);
    content.push(21);
    content.extend([0; 10]);
    content.extend(&CHALLENGE[8..]);
    content.push(0);
    content.extend(method.as_bytes());
    content.push(0);
    content
}

fn greets(method: &str) -> Script {
    script().says(packet(0, greeting(ALL, method)))
}

/// What the probe logs in with as `u`.
fn login(number: u8, capabilities: u32, proof: &[u8], method: &str) -> Vec<u8> {
    let mut content = capabilities.to_le_bytes().to_vec();
    content.extend([0, 0, 0, 1, 33]);
    content.extend([0; 23]);
    content.extend(b"u\0");
    content.push(proof.len() as u8);
    content.extend(proof);
    content.extend(method.as_bytes());
    content.push(0);
    packet(number, content)
}

fn as_user(peer: Script) -> Script {
    peer.with("username", "u").with("password", "pwd")
}

fn caching() -> Script {
    let method = "caching_sha2_password";
    greets(method).hears(login(1, ALL, &unhex(CACHING), method))
}

#[test]
fn the_greeting_suffices_without_a_user() {
    let outcome = greets("mysql_native_password").passes::<MySql>();
    assert_eq!(outcome.facts, [("version".to_owned(), "10.11.6-MariaDB".to_owned())]);
    assert!(script().with("password", "pwd").misconfigures::<MySql>().contains("no user"));
}

#[test]
fn errors_in_place_of_the_greeting_are_told() {
    for full in [b"\xff\x10\x04Too many connections".as_slice(), b"\xff\x10\x04#08004Too many connections"] {
        assert_eq!(script().says(packet(0, full)).rejects::<MySql>(), "Too many connections (error 1040)");
    }
    assert!(script().says(packet(0, b"\xff\x10")).is_foreign_to::<MySql>().contains("too early"));
}

#[test]
fn logs_in_by_the_native_method() {
    let method = "mysql_native_password";
    let peer = greets(method).hears(login(1, ALL, &unhex(NATIVE), method)).says(packet(2, OK)).hears(QUIT);
    assert_eq!(as_user(peer).passes::<MySql>().facts[1].1, method);
    let wrong = b"\xff\x15\x04#28000Access denied for user 'u'@'localhost' (using password: YES)";
    let said = "Access denied for user 'u'@'localhost' (using password: YES) (error 1045)";
    let peer = greets(method).hears_anything().says(packet(2, wrong));
    assert_eq!(as_user(peer).rejects::<MySql>(), said);
    let empty = greets(method).hears(login(1, ALL, &[], method)).says(packet(2, OK)).hears(QUIT);
    empty.with("username", "u").passes::<MySql>();
}

#[test]
fn logs_in_by_the_caching_method() {
    let peer = caching().says(packet(2, [1, 3])).says(packet(3, OK)).hears(QUIT);
    assert_eq!(as_user(peer).passes::<MySql>().facts[1].1, "caching_sha2_password");
}

#[test]
fn sends_the_password_itself_only_in_private() {
    let wanted = |peer: Script| {
        as_user(peer.says(packet(2, [1, 4])).hears(packet(3, b"pwd\0")).says(packet(4, OK)).hears(QUIT)).run::<MySql>()
    };
    assert!(wanted(caching().over(Transport::UnixStream)).is_ok());
    let asked = caching().says(packet(2, [1, 4])).hears(packet(3, [2]));
    let key = [&[1], PEM.as_bytes()].concat();
    let peer = asked.clone().says(packet(4, &key)).hears(packet(5, unhex(BY_KEY))).says(packet(6, OK)).hears(QUIT);
    as_user(peer.clone()).passes::<MySql>();
    let right = Hash { kind: HashKind::Sha256, digits: hex(&digest(HashKind::Sha256, PEM.as_bytes())) };
    as_user(peer.with("rsakey", Value::Hash(right))).passes::<MySql>();
    let wrong = Hash { kind: HashKind::Sha1, digits: "0".repeat(40) };
    let other = as_user(asked.clone().says(packet(4, &key)).with("rsakey", Value::Hash(wrong))).run::<MySql>();
    assert!(matches!(other, Err(Failure::Mismatch { .. })));
    assert!(as_user(asked.clone().says(packet(4, b"\x01no key"))).is_foreign_to::<MySql>().contains("cannot be read"));
    assert!(as_user(asked.says(packet(4, [7]))).is_foreign_to::<MySql>().contains("its key"));
}

#[test]
fn takes_up_another_method() {
    let switch = [b"\xfemysql_native_password\0".as_slice(), CHALLENGE, &[0]].concat();
    let peer = caching().says(packet(2, &switch)).hears(packet(3, unhex(NATIVE))).says(packet(4, OK)).hears(QUIT);
    assert_eq!(as_user(peer).passes::<MySql>().facts[1].1, "mysql_native_password");
    for method in ["client_ed25519", "mysql_clear_password", "\u{1b}[31m"] {
        let switch = [b"\xfe", method.as_bytes(), &[0], CHALLENGE].concat();
        assert!(
            matches!(as_user(caching().says(packet(2, switch))).run::<MySql>(), Err(Failure::Misconfigured(_))),
            "{method}"
        );
    }
    assert!(as_user(caching().says(packet(2, [0xfe]))).is_foreign_to::<MySql>().contains("2004"));
    assert!(
        as_user(caching().says(packet(2, b"\xfemysql_native_password\0abc")))
            .is_foreign_to::<MySql>()
            .contains("challenge")
    );
    let endless = (0..9).fold(greets("x"), |peer, at| peer.hears_anything().says(packet(at, &switch)));
    assert!(as_user(endless).is_foreign_to::<MySql>().contains("whether"));
}

#[test]
fn encryption_begins_after_the_greeting() {
    let method = "caching_sha2_password";
    let mut wish = (ALL | can::TLS).to_le_bytes().to_vec();
    wish.extend([0, 0, 0, 1, 33]);
    wish.extend([0; 23]);
    let offers = script().wants_start_tls().says(packet(0, greeting(ALL | can::TLS, method)));
    let peer = offers.clone().hears(packet(1, &wish));
    peer.clone().starts_tls().passes::<MySql>();
    let logs_in = peer.clone().starts_tls().hears(login(2, ALL | can::TLS, &unhex(CACHING), method));
    let logs_in = logs_in.says(packet(3, [1, 4])).hears(packet(4, b"pwd\0")).says(packet(5, OK)).hears(QUIT);
    as_user(logs_in).passes::<MySql>();
    // What somebody puts before encryption is not believed, and a server without encryption learns nothing.
    let injected = offers.says(packet(2, OK)).hears(packet(1, &wish)).starts_tls();
    assert_eq!(as_user(injected).breaks_off::<MySql>(), IoError::Tls);
    assert_eq!(as_user(peer.refuses_tls()).breaks_off::<MySql>(), IoError::Tls);
    assert!(as_user(greets(method).wants_start_tls()).is_foreign_to::<MySql>().contains("no encryption"));
}

#[test]
fn a_server_that_is_read_only_takes_no_writes() {
    let asked = || {
        let method = "mysql_native_password";
        let peer = greets(method).hears_anything().says(packet(2, OK)).with("writable", Value::Boolean(true));
        peer.hears(packet(0, super::IS_READ_ONLY))
            .says(packet(1, [1]))
            .says(packet(2, "column"))
            .says(packet(3, [0xfe, 0, 0, 0, 0]))
    };
    let end = packet(5, [0xfe, 0, 0, 0, 0]);
    as_user(asked().says(packet(4, b"\x010")).says(&end).hears(QUIT)).passes::<MySql>();
    match as_user(asked().says(packet(4, b"\x011")).says(&end)).run::<MySql>() {
        Err(Failure::Mismatch { found, .. }) => assert_eq!(found, "1"),
        other => panic!("{other:?}"),
    }
    assert!(as_user(asked().says(packet(4, b"\x081"))).is_foreign_to::<MySql>().contains("too early"));
}

#[test]
fn refuses_other_protocols() {
    let says = |said: &[u8]| script().says(said).is_foreign_to::<MySql>();
    assert!(says(b"HTTP/1.1 400 Bad Request\r\n\r\n").contains("HTTP"));
    assert!(says(b"SSH-2.0-OpenSSH\r\n").contains("announces"));
    assert!(says(b"220 mail ESMTP\r\n").contains("announces"));
    assert!(says(&[0xff; 9]).contains("announces"));
    assert!(says(&[0; 9]).contains("announces"));
    assert!(says(&packet(0, [9, 1])).contains("version 9"));
    assert!(says(&packet(0, [10])).contains("tell its version"));
    let whole = greeting(ALL, "");
    for length in 2..whole.len() - 1 {
        assert!(script().says(packet(0, &whole[..length])).run::<MySql>().is_err() || length > 64, "{length}");
    }
    assert!(as_user(script().says(packet(0, greeting(0, "")))).is_foreign_to::<MySql>().contains("too old"));
    assert!(as_user(caching().says(packet(2, [9]))).is_foreign_to::<MySql>().contains("type 9"));
    assert!(as_user(caching().says(packet(2, [1, 9]))).is_foreign_to::<MySql>().contains("not a part of it"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let good = as_user(caching().says(packet(2, [1, 3])).says(packet(3, OK)).hears(QUIT));
    good.clone().needs_every_byte::<MySql>();
    good.drips().passes::<MySql>();
}

/// What a peer of the protocol says.
fn pieces() -> Vec<Vec<u8>> {
    let switch = |method: &str| packet(2, [b"\xfe", method.as_bytes(), &[0], CHALLENGE, &[0]].concat());
    vec![
        packet(0, greeting(ALL, "caching_sha2_password")),
        packet(0, greeting(ALL | can::TLS, "mysql_native_password")),
        packet(2, OK),
        packet(2, [1, 3]),
        packet(2, [1, 4]),
        packet(2, [&[1], PEM.as_bytes()].concat()),
        switch("sha256_password"),
        switch("mysql_clear_password"),
        packet(1, [1]),
        packet(1, b"\x010"),
    ]
}

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<MySql>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![9 => select(pieces()), 1 => vec(any::<u8>(), 0..9)], 0..12),
    ) {
        let greeting = packet(0, greeting(ALL | can::TLS, "caching_sha2_password"));
        fuzz::<MySql>(&[head.to_vec(), greeting, pieces.concat()].concat()).ok();
    }
}
