//! Good and bad peers for the Fail2ban probe.

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

#[test]
fn a_ping_is_answered() {
    let peer = answers(answers(pings(PONG), "version", VERSION), "status", STATUS).hears_anything();
    let outcome = peer.passes::<Fail2ban>();
    assert_eq!(outcome.summary, "1 jail");
    assert_eq!(outcome.facts, [("version".into(), "1.0.2".into())]);
    assert_eq!(outcome.metrics, [("jails".into(), 1.0)]);
    // It leaves in good order.
    let peer = answers(answers(pings(PONG), "version", VERSION), "status", STATUS);
    peer.hears(format!("<F2B_CLOSE_COMMAND>{END}")).passes::<Fail2ban>();
}

#[test]
fn what_an_old_server_does_not_know_is_not_told() {
    let peer = answers(answers(pings(b"(lp0\nI0\naS'pong'\np1\na."), "version", UNKNOWN), "status", UNKNOWN);
    let outcome = peer.hears_anything().passes::<Fail2ban>();
    assert_eq!((outcome.summary.as_str(), outcome.facts.len(), outcome.metrics.len()), ("it answers", 0, 0));
}

#[test]
fn a_refusal_is_told_in_its_words() {
    assert_eq!(pings(UNKNOWN).rejects::<Fail2ban>(), "Invalid command");
    // One that ends answers everything so.
    let ends = pings(b"\x80\x05]\x94\x8c\x08SHUTDOWN\x94a.");
    assert_eq!(ends.rejects::<Fail2ban>(), "SHUTDOWN");
    let silent = pings(b"\x80\x02K\x01K\x01\x86.");
    assert_eq!(silent.rejects::<Fail2ban>(), "it does not say why");
}

#[test]
fn refuses_other_protocols() {
    for (name, said) in strangers(&[]).into_iter().chain([("nothing", b"".as_slice())]) {
        assert!(pings(said).is_foreign_to::<Fail2ban>().contains("as Fail2ban does"), "{name}");
    }
    assert!(pings(VERSION).is_foreign_to::<Fail2ban>().contains("pong"));
    let endless = script().hears(command("ping")).repeats("x");
    assert!(endless.is_foreign_to::<Fail2ban>().contains("as Fail2ban does"));
}

#[test]
fn a_lost_connection_is_an_error_of_the_connection() {
    let peer = answers(answers(pings(PONG), "version", VERSION), "status", STATUS).hears_anything();
    peer.clone().needs_every_byte::<Fail2ban>();
    peer.drips().passes::<Fail2ban>();
}

/// What a peer of the protocol says, and what it does not.
const PIECES: &[&[u8]] = &[PONG, VERSION, STATUS, UNKNOWN, b"<F2B_END_COMMAND>", b"\x80\x05K\0", b"\x86.", b"(", b"e"];

survives_any_peer!(Fail2ban, PIECES);
