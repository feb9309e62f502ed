//! Good and bad peers for the MongoDB probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::MongoDb;

/// The number of the first message, which is made of the bytes 0 to 3.
const ID: i32 = 0x0001_0203;

/// `hello`, byte for byte.
const HELLO: &[u8] = b"\x34\0\0\0\x03\x02\x01\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\
    \x1f\0\0\0\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0";
const IS_MASTER: &[u8] = b"\x37\0\0\0\x04\x02\x01\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\
    \x22\0\0\0\x10isMaster\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0";

fn double(name: &str, number: f64) -> Vec<u8> {
    [b"\x01", name.as_bytes(), b"\0", &number.to_le_bytes()].concat()
}

fn int(name: &str, number: i32) -> Vec<u8> {
    [b"\x10", name.as_bytes(), b"\0", &number.to_le_bytes()].concat()
}

fn truth(name: &str, truth: bool) -> Vec<u8> {
    [b"\x08", name.as_bytes(), b"\0", &[truth.into()]].concat()
}

fn text(name: &str, text: &str) -> Vec<u8> {
    [b"\x02", name.as_bytes(), b"\0", &(text.len() as i32 + 1).to_le_bytes(), text.as_bytes(), b"\0"].concat()
}

fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let inner = elements.concat();
    [&(inner.len() as i32 + 5).to_le_bytes(), inner.as_slice(), b"\0"].concat()
}

fn message(answered: i32, flags: u32, document: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    for number in [21 + document.len() as i32, 7, answered, 2_013] {
        message.extend(number.to_le_bytes());
    }
    message.extend(flags.to_le_bytes());
    message.push(0);
    message.extend(document);
    message
}

/// A server that was asked, and answers with these elements.
fn answers(elements: &[Vec<u8>]) -> Script {
    script().hears(HELLO).says(message(ID, 0, &document(elements)))
}

fn says(said: impl AsRef<[u8]>) -> Script {
    script().hears(HELLO).says(said)
}

/// What servers tell beside what is looked at: a document, a list, bytes, null, an object, a date, a time stamp, and so on.
fn beside() -> Vec<Vec<u8>> {
    let parts: [&[u8]; 12] = [
        b"\x03topologyVersion\0\x05\0\0\0\0",
        b"\x04hosts\0\x0d\0\0\0\x02\x30\0\x01\0\0\0\0\0",
        b"\x05b\0\x02\0\0\0\0ab",
        b"\x0an\0",
        b"\x07o\0abcdefghijkl",
        b"\x09localTime\x000123\0\0\0\0",
        b"\x11t\x0001234567",
        b"\x0br\0a\0i\0",
        b"\x0dj\0\x01\0\0\0\0",
        b"\x13d\x000123456789abcdef",
        b"\xffm\0",
        b"\x12maxWireVersion\0\x19\0\0\0\0\0\0\0",
    ];
    parts.map(<[u8]>::to_vec).to_vec()
}

fn role(elements: &[Vec<u8>]) -> String {
    let outcome = answers(&[elements, &[double("ok", 1.0)]].concat()).passes::<MongoDb>();
    outcome.facts.into_iter().find(|(name, _)| name == "role").unwrap().1
}

#[test]
fn every_role_passes() {
    let (primary, set) = (truth("isWritablePrimary", true), text("setName", "rs0"));
    assert_eq!(role(std::slice::from_ref(&primary)), "standalone");
    assert_eq!(role(&[primary.clone(), set.clone()]), "primary");
    assert_eq!(role(&[primary, text("msg", "isdbgrid")]), "mongos");
    let other = truth("isWritablePrimary", false);
    assert_eq!(role(&[other.clone(), truth("secondary", true), set.clone()]), "secondary");
    assert_eq!(role(&[other.clone(), truth("secondary", false), truth("arbiterOnly", true), set]), "arbiter");
    assert_eq!(role(&[other, truth("isreplicaset", true)]), "other");
}

#[test]
fn tells_what_the_server_is() {
    let own = vec![truth("isWritablePrimary", true), text("setName", "rs0"), int("ok", 1)];
    // A check sum stands behind the document.
    let said = message(ID, 1, &document(&[beside(), own].concat()));
    let mut said = [said.as_slice(), b"\x01\x02\x03\x04"].concat();
    let length = (said.len() as i32).to_le_bytes();
    said[..4].copy_from_slice(&length);
    let outcome = says(said).passes::<MongoDb>();
    let facts = [("role".to_owned(), "primary".to_owned()), ("replica_set".to_owned(), "rs0".to_owned())];
    assert_eq!(outcome.facts, facts);
    assert_eq!(outcome.metrics, [("wire_version".to_owned(), 25.0)]);
}

#[test]
fn only_one_that_takes_writes_is_writable() {
    let writable = |yes: bool| {
        let peer = answers(&[truth("isWritablePrimary", yes), double("ok", 1.0)]);
        peer.with("writable", Value::Boolean(true))
    };
    writable(true).passes::<MongoDb>();
    let sentence = "the role of the server is other, expected one that takes writes";
    assert_eq!(writable(false).mismatches::<MongoDb>(), sentence);
}

#[test]
fn an_older_server_is_asked_by_the_older_name() {
    let unknown = [double("ok", 0.0), text("errmsg", "no such command: 'hello'"), int("code", 59)];
    let older = message(ID + 1, 0, &document(&[truth("ismaster", true), double("ok", 1.0)]));
    let peer = answers(&unknown).hears(IS_MASTER).says(older);
    assert_eq!(peer.passes::<MongoDb>().summary, "it answers, as standalone");
    let still = message(ID + 1, 0, &document(&unknown));
    let peer = answers(&unknown).hears(IS_MASTER).says(still);
    assert_eq!(peer.rejects::<MongoDb>(), "no such command: 'hello' (code 59)");
}

#[test]
fn an_error_is_told_in_its_words() {
    let down = answers(&[double("ok", 0.0), text("errmsg", "The server is in quiesce mode"), int("code", 91)]);
    assert_eq!(down.rejects::<MongoDb>(), "The server is in quiesce mode (code 91)");
    assert_eq!(answers(&[]).rejects::<MongoDb>(), "without a word");
    assert!(answers(&[double("ok", 1.0)]).is_foreign_to::<MongoDb>().contains("takes writes"));
}

#[test]
fn absurd_documents_are_refused() {
    let torn = |document: &[u8]| {
        assert!(says(message(ID, 0, document)).is_foreign_to::<MongoDb>().contains("does not end"), "{document:?}")
    };
    torn(b"");
    torn(b"\x05\0\0\0");
    torn(b"\x04\0\0\0\0");
    torn(b"\xff\xff\xff\xff\0");
    torn(b"\xff\xff\xff\x7f\0");
    torn(b"\x06\0\0\0\x01\x01");
    torn(&document(&[b"\x02a\0\xff\xff\xff\x7f".to_vec()]));
    torn(&document(&[b"\x02a\0\0\0\0\0".to_vec()]));
    torn(&document(&[b"\x03a\0\x03\0\0\0".to_vec()]));
    torn(&document(&[b"\x05a\0\xff\xff\xff\xff".to_vec()]));
    torn(&document(&[b"\x10no end".to_vec()]));
    assert!(says(message(ID, 0, &document(&[b"\x42a\0".to_vec()]))).is_foreign_to::<MongoDb>().contains("0x42"));
    let many = vec![b"\x0aa\0".to_vec(); 501];
    assert!(says(message(ID, 0, &document(&many))).is_foreign_to::<MongoDb>().contains("more than 500"));
}

#[test]
fn absurd_messages_are_refused() {
    let head = |length: i32, kind: i32| {
        [length, 7, ID, kind].iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>()
    };
    for length in [i32::MIN, -1, 15, i32::MAX] {
        assert!(says(head(length, 2_013)).is_foreign_to::<MongoDb>().contains("announces"), "{length}");
    }
    assert!(says([head(20, 2_013), vec![0; 4]].concat()).is_foreign_to::<MongoDb>().contains("too few"));
    assert!(says(head(36, 1)).is_foreign_to::<MongoDb>().contains("3.6"));
    assert!(says(message(ID, 2, &document(&[]))).is_foreign_to::<MongoDb>().contains("flags"));
    assert!(says(message(ID + 5, 0, &document(&[]))).is_foreign_to::<MongoDb>().contains("another message"));
    let mut listed = message(ID, 0, &document(&[]));
    listed[20] = 1;
    assert!(says(listed).is_foreign_to::<MongoDb>().contains("begin with a document"));
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&["POP3", "TLS"]) {
        let of = if name == "HTTP" { "HTTP" } else { "as a MongoDB" };
        assert!(says(said).is_foreign_to::<MongoDb>().contains(of), "{name}");
    }
    assert!(script().hears(HELLO).repeats("x").is_foreign_to::<MongoDb>().contains("as a MongoDB"));
    // What these say is shorter than a head.
    for short in ["+OK ready\r\n".as_bytes(), &[21, 3, 3, 0, 2, 2, 70]] {
        assert_eq!(says(short).breaks_off::<MongoDb>(), IoError::Closed);
    }
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let unknown = [double("ok", 0.0), int("code", 59)];
    let older = message(ID + 1, 0, &document(&[truth("ismaster", true), double("ok", 1.0)]));
    let peer = answers(&unknown).hears(IS_MASTER).says(older);
    peer.clone().needs_every_byte::<MongoDb>();
    peer.drips().passes::<MongoDb>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[
    b"\x08ismaster\0\x01",
    b"\x01ok\0\0\0\0\0\0\0\xf0\x3f",
    b"\x02setName\0\x02\0\0\0a\0",
    b"\x10code\0\x3b\0\0\0",
    b"\x03d\0\x05\0\0\0\0",
];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<MongoDb>(&bytes).ok();
    }

    #[test]
    fn any_document_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<MongoDb>(&[head.to_vec(), message(ID, 0, &document(&pieces))].concat()).ok();
    }
}
