//! Good and bad peers for the probe of policy servers.

use ruled_plugin::*;

use super::PostfixPolicy;

const REQUEST: &str = "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nhelo_name=mail.example.com\n\
                       sender=probe@example.com\nrecipient=postmaster@example.com\nrecipient_count=0\n\
                       client_address=192.0.2.1\nclient_name=mail.example.com\ninstance=ruled\n\n";

fn asked() -> Script {
    script().hears(REQUEST)
}

#[test]
fn a_decision_passes_whichever_it_is() {
    for decision in
        ["DUNNO", "REJECT you", "DEFER_IF_PERMIT Greylisted, see http://postgrey.example/", "450 4.7.1 later"]
    {
        let outcome = asked().says(format!("action={decision}\n\n")).passes::<PostfixPolicy>();
        assert_eq!(outcome.summary, format!("it decides: {decision}"));
    }
    let more = asked().says("own=1\naction=dunno\nmore=\n\n").passes::<PostfixPolicy>();
    assert_eq!(more.facts, [("action".to_owned(), "dunno".to_owned())]);
    let drips = "action=OK\n\n".bytes().fold(asked(), |peer, byte| peer.says([byte]));
    drips.passes::<PostfixPolicy>();
}

#[test]
fn a_decision_may_be_wanted() {
    let wants = |decision: &str| asked().says(format!("action={decision}\n\n")).with("action", "DUNNO");
    wants("dunno").passes::<PostfixPolicy>();
    let deferred = "DEFER_IF_PERMIT Service temporarily unavailable";
    assert!(wants(deferred).mismatches::<PostfixPolicy>().contains(&format!("is {deferred}, expected")));
    assert!(wants("DUNNOT").mismatches::<PostfixPolicy>().contains("is DUNNOT, expected"));
}

#[test]
fn the_mail_can_be_described() {
    let request = REQUEST.replace("probe@example.com", "eva@here").replace("192.0.2.1", "::1");
    let peer = script().hears(request).says("action=OK\n\n").with("sender", "eva@here").with("client_address", "::1");
    peer.passes::<PostfixPolicy>();
    for odd in ["a\nrequest=other", "a\r", "a\u{0}"] {
        for option in ["sender", "recipient", "client_address", "client_name"] {
            assert!(script().with(option, odd).misconfigures::<PostfixPolicy>().starts_with(option), "{option}");
        }
    }
    // No decision has more words or fewer, so such a rule would always fail.
    for odd in ["REJECT you", "", " "] {
        assert!(script().with("action", odd).misconfigures::<PostfixPolicy>().contains("one word"), "{odd}");
    }
}

#[test]
fn refuses_other_protocols() {
    for other in ["HTTP/1.1 400 Bad Request\r\n", "220 mail ESMTP\r\n", "502 5.5.2 Error\r\n", "500 ?\n"] {
        let quoted = format!("the server answers {:?}, and not in lines of names and values", other.trim_end());
        assert!(asked().says(other).is_foreign_to::<PostfixPolicy>().starts_with(&quoted), "{other}");
    }
    for other in ["\n", "actions=DUNNO\n\n", "action=\n\n", "action= \n\n"] {
        assert!(asked().says(other).is_foreign_to::<PostfixPolicy>().contains("without an action"), "{other}");
    }
}

#[test]
fn an_answer_without_end_is_refused() {
    assert!(asked().repeats("action=DUNNO\n").is_foreign_to::<PostfixPolicy>().contains("50 lines"));
    assert!(asked().repeats("action=").is_foreign_to::<PostfixPolicy>().contains("8192 bytes"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    // Without the empty line nobody knows whether that is all.
    asked().says("action=DUNNO\n\n").needs_every_byte::<PostfixPolicy>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&str] = &["action=", "DUNNO", "\n", "\n\n", "=", "own=1\n"];

survives_any_peer!(PostfixPolicy, PIECES);
