//! Good and bad peers for the probe of LDAP, version 2; what both versions share is tested with version 3.

use proptest::collection::vec;
use proptest::prelude::*;
use ruled_plugin::*;

use super::Ldap2;

const BIND: &[u8] = &[0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 2, 4, 0, 0x80, 0];
const LET_IN: &[u8] = &[0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0];
const UNBIND: &[u8] = &[0x30, 5, 2, 1, 2, 0x42, 0];

#[test]
fn binds_in_version_2() {
    let outcome = script().hears(BIND).says(LET_IN).hears(UNBIND).needs_every_byte::<Ldap2>();
    assert_eq!(outcome.summary, "it lets anybody in");
}

#[test]
fn a_server_that_has_left_version_2_behind_says_so() {
    let answer = [&[0x30, 0x1a, 2, 1, 1, 0x61, 0x15, 0x0a, 1, 2, 4, 0, 4, 14][..], b"use version 3!"];
    let said = script().hears(BIND).says(answer.concat()).rejects::<Ldap2>();
    assert_eq!(said, "protocolError (2): use version 3!");
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&[]) {
        let sentence = script().hears(BIND).says(said).is_foreign_to::<Ldap2>();
        assert_eq!(sentence, "the server does not answer in LDAP", "{name}");
    }
}

proptest! {
    #[test]
    fn any_peer_is_survived(head in any::<[u8; 2]>(), lets_in in any::<bool>(), bytes in vec(any::<u8>(), 0..500)) {
        let start = if lets_in { LET_IN } else { &[] };
        fuzz::<Ldap2>(&[head.to_vec(), start.to_vec(), bytes].concat()).ok();
    }
}
