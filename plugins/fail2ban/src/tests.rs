//! Good and bad peers for the Fail2ban probe.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ruled_plugin::*;

use super::Fail2ban;

const END: &str = "<F2B_END_COMMAND>";

/// What Fail2ban 1.0.2 answers to a ping, to the question for its version, and to that for its jails.
const PONG: &[u8] = b"\x80\x05\x95\x0c\0\0\0\0\0\0\0K\0\x8c\x04pong\x94\x86\x94.";
const VERSION: &[u8] = b"\x80\x05\x95\r\0\0\0\0\0\0\0K\0\x8c\x051.0.2\x94\x86\x94.";
const STATUS: &[u8] =
    b"\x80\x05\x953\0\0\0\0\0\0\0K\0]\x94(\x8c\x0eNumber of jail\x94K\x01\x86\x94\x8c\tJail list\x94\x8c\
                        \x04door\x94\x86\x94e\x86\x94.";
/// And to a command that it does not know.
const UNKNOWN: &[u8] =
    b"\x80\x05\x954\0\0\0\0\0\0\0K\x01\x8c\x08builtins\x94\x8c\tException\x94\x93\x94\x8c\x0fInvalid \
                         command\x94\x85\x94R\x94\x86\x94.";

/// A command as it is heard.
fn command(word: &str) -> Vec<u8> {
    let length = u8::try_from(word.len()).expect("a short word");
    [b"\x80\x02](X".as_slice(), &[length, 0, 0, 0], word.as_bytes(), b"e.", END.as_bytes()].concat()
}

fn answers(peer: Script, word: &str, answer: &[u8]) -> Script {
    peer.hears(command(word)).says(answer).says(END)
}

fn pings(answer: &[u8]) -> Script {
    answers(script().over(Transport::UnixStream), "ping", answer)
}

fn refused(check: Check) -> String {
    match check {
        Err(Failure::Protocol(sentence)) => sentence,
        other => panic!("the probe should find that this is no Fail2ban: {other:?}"),
    }
}

#[test]
fn a_ping_is_answered() {
    let peer = answers(answers(pings(PONG), "version", VERSION), "status", STATUS).hears_anything();
    let outcome = peer.run::<Fail2ban>().unwrap();
    assert_eq!(outcome.summary, "1 jail");
    assert_eq!(outcome.facts, [("version".into(), "1.0.2".into())]);
    assert_eq!(outcome.metrics, [("jails".into(), 1.0)]);
    // It leaves in good order.
    let peer = answers(answers(pings(PONG), "version", VERSION), "status", STATUS);
    assert!(peer.hears(format!("<F2B_CLOSE_COMMAND>{END}")).run::<Fail2ban>().is_ok());
}

#[test]
fn what_an_old_server_does_not_know_is_not_told() {
    let peer = answers(answers(pings(b"(lp0\nI0\naS'pong'\np1\na."), "version", UNKNOWN), "status", UNKNOWN);
    let outcome = peer.hears_anything().run::<Fail2ban>().unwrap();
    assert_eq!((outcome.summary.as_str(), outcome.facts.len(), outcome.metrics.len()), ("it answers", 0, 0));
}

#[test]
fn a_refusal_is_told_in_its_words() {
    assert_eq!(pings(UNKNOWN).run::<Fail2ban>(), Err(Failure::Rejected("Invalid command".into())));
    // One that ends answers everything so.
    let ends = pings(b"\x80\x05]\x94\x8c\x08SHUTDOWN\x94a.");
    assert_eq!(ends.run::<Fail2ban>(), Err(Failure::Rejected("SHUTDOWN".into())));
    let silent = pings(b"\x80\x02K\x01K\x01\x86.");
    assert_eq!(silent.run::<Fail2ban>(), Err(Failure::Rejected("it does not say why".into())));
}

#[test]
fn refuses_other_protocols() {
    for said in ["-ERR unknown command\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        assert!(refused(pings(said.as_bytes()).run::<Fail2ban>()).contains("as Fail2ban does"), "{said}");
    }
    assert!(refused(pings(VERSION).run::<Fail2ban>()).contains("pong"));
    let endless = script().hears(command("ping")).repeats("x");
    assert!(refused(endless.run::<Fail2ban>()).contains("as Fail2ban does"));
}

#[test]
fn a_peer_that_leaves_or_is_silent_is_an_error_of_the_connection() {
    let asked = || script().hears(command("ping"));
    assert_eq!(asked().run::<Fail2ban>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().says(PONG).run::<Fail2ban>(), Err(Failure::Io(IoError::Closed)));
    assert_eq!(asked().times_out().run::<Fail2ban>(), Err(Failure::Io(IoError::TimedOut)));
    assert_eq!(asked().breaks().run::<Fail2ban>(), Err(Failure::Io(IoError::Reset)));
    assert_eq!(pings(PONG).hears(command("version")).run::<Fail2ban>(), Err(Failure::Io(IoError::Closed)));
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[PONG, VERSION, STATUS, UNKNOWN, b"<F2B_END_COMMAND>", b"\x80\x05K\0", b"\x86.", b"(", b"e"];

proptest! {
    #[test]
    fn any_peer_is_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        fuzz::<Fail2ban>(&bytes).ok();
    }

    #[test]
    fn any_peer_that_knows_some_words_is_survived(
        head in any::<[u8; 2]>(),
        pieces in vec(prop_oneof![select(PIECES).prop_map(<[u8]>::to_vec), vec(any::<u8>(), 0..9)], 0..60),
    ) {
        fuzz::<Fail2ban>(&[head.to_vec(), pieces.concat()].concat()).ok();
    }
}
