//! Good and bad peers for the probe of policy servers.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::PostfixPolicy;

const REQUEST: &str = "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nhelo_name=mail.example.com\n\
                       sender=probe@example.com\nrecipient=postmaster@example.com\nrecipient_count=0\n\
                       client_address=192.0.2.1\nclient_name=mail.example.com\ninstance=ruled\n\n";

fn asked() -> Script {
    script().hears(REQUEST)
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no policy server: {other:?}"),
    }
}

#[test]
fn a_decision_passes_whichever_it_is() {
    for decision in
        ["DUNNO", "REJECT you", "DEFER_IF_PERMIT Greylisted, see http://postgrey.example/", "450 4.7.1 later"]
    {
        let outcome = asked().says(format!("action={decision}\n\n")).run::<PostfixPolicy>().unwrap();
        assert_eq!(outcome.summary, format!("it decides: {decision}"));
    }
    let more = asked().says("own=1\naction=dunno\nmore=\n\n").run::<PostfixPolicy>().unwrap();
    assert_eq!(more.facts, [("action".to_owned(), "dunno".to_owned())]);
    let drips = "action=OK\n\n".bytes().fold(asked(), |peer, byte| peer.says([byte]));
    assert!(drips.run::<PostfixPolicy>().is_ok());
}

#[test]
fn a_decision_may_be_wanted() {
    let wants = |decision: &str| asked().says(format!("action={decision}\n\n")).with("action", "DUNNO");
    assert!(wants("dunno").run::<PostfixPolicy>().is_ok());
    match wants("DEFER_IF_PERMIT Service temporarily unavailable").run::<PostfixPolicy>() {
        Err(Failure::Mismatch { found, .. }) => assert_eq!(found, "DEFER_IF_PERMIT Service temporarily unavailable"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(wants("DUNNOT").run::<PostfixPolicy>(), Err(Failure::Mismatch { .. })));
}

#[test]
fn the_mail_can_be_described() {
    let request = REQUEST.replace("probe@example.com", "eva@here").replace("192.0.2.1", "::1");
    let peer = script().hears(request).says("action=OK\n\n").with("sender", "eva@here").with("client_address", "::1");
    assert!(peer.run::<PostfixPolicy>().is_ok());
    for odd in ["a\nrequest=other", "a\r", "a\u{0}"] {
        let check = script().with("recipient", odd).run::<PostfixPolicy>();
        assert!(matches!(check, Err(Failure::Misconfigured(_))), "{check:?}");
    }
}

#[test]
fn refuses_other_protocols() {
    for other in ["HTTP/1.1 400 Bad Request\r\n", "220 mail ESMTP\r\n", "502 5.5.2 Error\r\n", "500 ?\n"] {
        assert!(refused(asked().says(other).run::<PostfixPolicy>()).contains("names and values"), "{other}");
    }
    for other in ["\n", "actions=DUNNO\n\n", "action=\n\n", "action= \n\n"] {
        assert!(refused(asked().says(other).run::<PostfixPolicy>()).contains("without an action"), "{other}");
    }
}

#[test]
fn an_answer_without_end_is_refused() {
    assert!(refused(asked().repeats("action=DUNNO\n").run::<PostfixPolicy>()).contains("50 lines"));
    assert!(refused(asked().repeats("action=").run::<PostfixPolicy>()).contains("8192 bytes"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    assert_eq!(asked().run::<PostfixPolicy>(), Err(Failure::Io(IoError::Closed)));
    // Without the empty line nobody knows whether that is all.
    assert_eq!(asked().says("action=DUNNO\n").run::<PostfixPolicy>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().times_out().run::<PostfixPolicy>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().breaks().run::<PostfixPolicy>(), Err(Failure::Io(IoError::Reset)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["action=", "DUNNO", "\n", "\n\n", "=", "own=1\n"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<PostfixPolicy>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<PostfixPolicy>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
