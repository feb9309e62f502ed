//! What becomes of a letter at servers that refuse, hang and lie.

use std::time::Instant;

use interpreter::outbox::Answer;
use interpreter::program::Tls;
use ruled::report::mail::{Destination, SAID_BYTES_MAX};

use super::liar::{Liar, Mood};
use super::{letters, mailing};
use crate::world::{PATIENCE, run};

/// Hands a letter to a server in this mood, with these words behind its port; what became of it.
fn hand_in(liar: &Liar, words: &str) -> Answer {
    let mut settings = mailing(liar.port, words.trim_start_matches("starttls")).settings.clone();
    if words == "starttls" {
        settings.mail.servers[0].tls = Some(Tls { starttls: true, ..Tls::default() });
    }
    let to = Destination::all(&settings, "box.example");
    let letter = letters(&mailing(liar.port, ""), "process is not running").remove(0);
    run(to[0].hand_in(&letter))
}

fn reason(answer: &Answer) -> &str {
    match answer {
        Answer::Taken => "taken",
        Answer::LetterRefused { reason, .. } | Answer::ServerFailed(reason) => reason,
    }
}

#[test]
fn a_letter_arrives() {
    let liar = Liar::new(Mood::Guarded);
    let words = "username \"user\" password \"secret\" hostname \"box.example\"";
    assert_eq!(hand_in(&liar, words), Answer::Taken);
    let said = liar.said();
    assert_eq!(said[0], "EHLO box.example");
    assert!(said[1].starts_with("AUTH PLAIN "), "{said:?}");
    assert_eq!(said[2..4], ["MAIL FROM:<ruled@box.example>", "RCPT TO:<keeper@example.com>"]);
    let mail = liar.mails().remove(0);
    for (name, value) in [
        ("From", "ruled@box.example"),
        ("To", "keeper@example.com"),
        ("Subject", "ruled alert --  Does not exist shop"),
        ("Date", "Sat, 21 Nov 2026 04:26:00 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("Message-ID", "<1795235160000000.2.0000000000000007@box.example>"),
    ] {
        assert_eq!(mail.header(name), value);
    }
    for part in ["Does not exist Service shop\n", "Date:        Sat, 21 Nov 2026 04:26:00\n", "Action:      restart\n"]
    {
        assert!(mail.text.contains(part), "{part:?} in {}", mail.text);
    }
}

#[test]
fn what_is_said_of_the_letter_is_told_from_what_is_wrong_with_the_server() {
    for (mood, words, is_final, part) in [
        (Mood::Greylisting, "", Some(false), "later"),
        (Mood::Strict, "", Some(true), "nobody here"),
        (Mood::Picky, "", Some(true), "no such text"),
        (Mood::Closed, "", None, ""),
        (Mood::Busy, "", None, "not now"),
        (Mood::Forgetful, "username \"user\" password \"secret\"", None, "who is that"),
        (Mood::Kind, "username \"user\" password \"secret\"", None, "authentication"),
        (Mood::HangsAfterData, "with timeout 1 seconds", None, "hand the text in"),
        (Mood::Silent, "with timeout 1 seconds", None, "no answer within 1 s"),
        (Mood::Garbage, "", None, ""),
        (Mood::EndlessLines, "", None, ""),
        (Mood::EndlessLine, "", None, ""),
        (Mood::Dripping, "with timeout 1 seconds", None, "no answer within 1 s"),
        (Mood::DeadTls, "starttls", None, ""),
        (Mood::Kind, "starttls", None, "STARTTLS is not supported"),
        (Mood::Kind, "using tls", None, ""),
        (Mood::Injecting, "starttls", None, "before encryption began"),
    ] {
        let liar = Liar::new(mood);
        let begun = Instant::now();
        let answer = hand_in(&liar, words);
        let found = match &answer {
            Answer::LetterRefused { is_final, .. } => Some(*is_final),
            Answer::ServerFailed(_) => None,
            Answer::Taken => panic!("{mood:?} took it"),
        };
        assert_eq!(found, is_final, "{mood:?} {answer:?}");
        assert!(reason(&answer).contains(part), "{mood:?}: {answer:?}");
        assert!(reason(&answer).len() < SAID_BYTES_MAX / 64, "{mood:?} says {} bytes", reason(&answer).len());
        assert!(begun.elapsed() < PATIENCE, "{mood:?}");
        assert!(!reason(&answer).contains("secret"));
        if mood != Mood::HangsAfterData {
            assert!(liar.mails().is_empty());
        }
        if words.contains("tls") {
            let said = liar.said();
            assert!(!said.iter().any(|line| line.starts_with("MAIL") || line.starts_with("AUTH")), "{said:?}");
        }
    }
}

#[test]
fn nobody_listens() {
    let port = crate::rig::free_port();
    let program = mailing(port, "");
    let to = Destination::all(&program.settings, "box.example");
    let letter = letters(&program, "x").remove(0);
    match run(to[0].hand_in(&letter)) {
        Answer::ServerFailed(reason) => assert_eq!(reason, format!("localhost:{port}: connection refused")),
        other => panic!("{other:?}"),
    }
}
