//! What is too much is given up, the least important first, and said to be.

use interpreter::outbox::{BYTES_MAX, LETTER_BYTES_MAX, NewsTurn, Saying};

use crate::office::{Mood, Office, hours, news, secs};

const EVA: &str = "eva@example.com";

#[test]
fn slots_bound_what_waits_for_somebody() {
    let mut office = Office::new(&[Mood::Refused]);
    office.follow(Some(4));
    office.tell(news(EVA, "first", NewsTurn::Problem, "is in a letter"));
    for (service, turn) in [
        ("told", NewsTurn::End),
        ("short", NewsTurn::Problem),
        ("long", NewsTurn::Problem),
        ("short", NewsTurn::End),
        ("long", NewsTurn::Reminder),
        ("other", NewsTurn::Change),
        ("last", NewsTurn::Problem),
    ] {
        office.tell(news(EVA, service, turn, turn_word(turn)));
    }
    let dropped = office.said.iter().filter(|said| matches!(said, Saying::Dropped { .. })).count();
    assert_eq!(dropped, 2, "{:?}", office.said);
    office.mood(0, Mood::Kind);
    office.run(hours(1));
    for (said, is_kept) in [
        ("first: is in a letter", true),
        ("told: end", true),
        ("short: problem", false),
        ("long: problem", true),
        ("long: reminder", false),
        ("other: change", true),
        ("last: problem", true),
    ] {
        assert_eq!(office.has(EVA, said), is_kept, "{said}");
    }
    let texts: Vec<&str> = office.letters(EVA).iter().map(|one| one.letter.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.starts_with("3 earlier events could not be kept")), "{texts:?}");
    assert_eq!(office.rows(), 0);
}

fn turn_word(turn: NewsTurn) -> &'static str {
    match turn {
        NewsTurn::Problem => "problem",
        NewsTurn::Reminder => "reminder",
        NewsTurn::End => "end",
        NewsTurn::Change => "change",
    }
}

#[test]
fn all_that_waits_has_room_for_so_much() {
    let mut office = Office::new(&[Mood::Refused]);
    let long = "x".repeat(30_000);
    for number in 0..3_000 {
        let mut one = news(EVA, "shop", NewsTurn::Change, &format!("{number}"));
        one.text.push_str(&long);
        office.tell(one);
    }
    let status = office.outbox.status();
    assert!(status.news * long.len() <= BYTES_MAX && status.news > 1_500, "{status:?}");
    assert_eq!(status.news as u64 + status.given_up, 3_000);
    assert!(office.said.iter().any(|said| matches!(said, Saying::Dropped { limit, .. } if limit.contains("64 MB"))));
    office.mood(0, Mood::Kind);
    office.run(hours(4));
    assert!(office.has(EVA, "shop: 2999"), "the newest is kept");
    assert!(office.letters(EVA).iter().all(|one| one.letter.text.len() <= LETTER_BYTES_MAX));
    assert_eq!((office.rows(), office.outbox.status().news), (0, 0));
}

#[test]
fn without_a_server_all_waits_for_one() {
    let mut office = Office::new(&[]);
    for number in 0..3 {
        office.tell(news(EVA, "shop", NewsTurn::Change, &format!("{number}")));
        office.run(hours(number + 1));
    }
    assert_eq!(office.said, [Saying::NoServer], "said once");
    assert_eq!(office.outbox.status().news, 3);
    office.servers(&[Mood::Kind]);
    office.run(hours(4));
    assert!((0..3).all(|number| office.has(EVA, &format!("shop: {number}"))));
}

#[test]
fn a_limit_is_no_reason_to_be_slow() {
    // One call for each news, whatever waits: so many that anything quadratic would be noticed by whoever waits for the test.
    let mut office = Office::new(&[Mood::Refused]);
    for number in 0..120_000 {
        office.tell(news(EVA, "shop", NewsTurn::Change, &format!("{number}")));
    }
    office.run(secs(1));
    assert!(office.outbox.status().news <= interpreter::outbox::NEWS_MAX);
    assert!(office.outbox.status().given_up >= 10_000);
}
