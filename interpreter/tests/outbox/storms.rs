//! Storms: many alerts at once reach people as a few letters.

use std::time::Duration;

use interpreter::outbox::{Input, LETTER_GAP, LETTERS_AT_ONCE, NewsTurn, WHOLE_MAX};

use crate::office::{Mood, Office, hours, news, secs};

const EVA: &str = "eva@example.com";

#[test]
fn an_alert_alone_comes_at_once_and_alone() {
    let mut office = Office::new(&[Mood::Kind]);
    for number in 0..u64::from(LETTERS_AT_ONCE) {
        office.tell(news(EVA, "shop", NewsTurn::Change, &format!("{number}")));
        office.run(secs(1 + number));
        let received = office.received.last().expect("it came");
        assert_eq!(received.letter.subject, format!("shop: {number}"));
        assert!(received.at <= secs(number) + Duration::from_millis(10), "{:?}", received.at);
    }
    assert_eq!(office.received.len(), 4);
}

#[test]
fn ten_thousand_alerts_in_a_minute_come_in_a_few_letters() {
    let mut office = Office::new(&[Mood::Kind]);
    for number in 0..10_000_u64 {
        office.run(Duration::from_millis(6 * number));
        office.tell(news(EVA, &format!("s{}", number % 500), NewsTurn::Problem, &format!("alert {number}")));
    }
    office.run(secs(600));
    let letters = office.letters(EVA);
    assert!(letters.len() <= 20, "{} letters", letters.len());
    let gaps = letters.windows(2).skip(LETTERS_AT_ONCE as usize);
    for pair in gaps.map(|pair| [pair[0].at, pair[1].at]) {
        assert!(pair[1] - pair[0] >= LETTER_GAP - Duration::from_millis(200), "{pair:?}");
    }
    for number in 0..10_000_u64 {
        assert!(letters.iter().any(|one| one.letter.text.contains(&format!("alert {number}"))), "{number} is lost");
    }
    let large = letters.iter().map(|one| &one.letter).max_by_key(|letter| letter.text.len()).expect("letters");
    assert!(
        large.text.contains(" events of 500 services: ") && large.text.contains(" failed.\n"),
        "{}",
        &large.text[..200]
    );
    let whole = large.text.lines().filter(|line| line.chars().all(|one| one == '-') && line.len() > 10).count();
    assert_eq!(whole, WHOLE_MAX + 1, "the most important whole, and the rest");
    assert!(large.text.contains("\nand ") && large.text.contains(" more:\n"));
    assert!(
        large.subject.starts_with("ruled alert --  ") && large.subject.contains(" of 500 services: "),
        "{}",
        large.subject
    );
    assert_eq!(office.outbox.status().news, 0);
}

#[test]
fn what_fails_still_stands_first_in_a_letter() {
    let mut office = Office::new(&[Mood::Refused]);
    for number in 0..100 {
        office.tell(news(EVA, &format!("s{number}"), NewsTurn::Problem, "down"));
        if number != 70 {
            office.tell(news(EVA, &format!("s{number}"), NewsTurn::End, "up"));
        }
    }
    office.run(secs(60));
    office.mood(0, Mood::Kind);
    office.run(hours(1));
    let letters = office.letters(EVA);
    let text = &letters.last().expect("letters").letter.text;
    assert!(text.contains("events of 100 services: 99 failed, 99 succeeded."), "{}", &text[..100]);
    let (whole, rest) = text.split_once("and 178 more:").expect("a rest");
    assert!(whole.contains("s70: down.\n") && !rest.contains("s70: down"), "{whole}");
}

#[test]
fn of_what_goes_on_one_waits() {
    let mut office = Office::new(&[Mood::Refused]);
    office.tell(news(EVA, "shop", NewsTurn::Problem, "down"));
    office.run(secs(1));
    for number in 0..1_000 {
        office.run(secs(1 + number * 60));
        office.tell(news(EVA, "shop", NewsTurn::Reminder, &format!("still down {number}")));
        office.tell(news(EVA, "mail", NewsTurn::Reminder, &format!("still down {number}")));
    }
    office.tell(news(EVA, "shop", NewsTurn::End, "up"));
    office.run(secs(61_000));
    assert_eq!(office.outbox.status().news, 4, "the problem, one reminder of each, the end");
    assert_eq!(office.rows(), 5);
    office.mood(0, Mood::Kind);
    office.run(hours(30));
    for said in ["shop: down", "shop: still down 999", "mail: still down 999", "shop: up"] {
        assert!(office.has(EVA, said), "{said}");
    }
}

#[test]
fn the_end_waits_for_nothing() {
    let mut office = Office::new(&[Mood::Kind]);
    for number in 0..50 {
        office.tell(news(EVA, "shop", NewsTurn::Change, &format!("{number}")));
    }
    office.hand(Input::Finish);
    office.run(secs(5));
    assert!((0..50).all(|number| office.has(EVA, &format!("shop: {number}"))));
    assert!(office.letters(EVA).len() <= 2 && office.outbox.is_idle());
}
