//! Servers that do not take mail, for a day, and ruled killed in the middle of it.

use std::time::Duration;

use interpreter::outbox::{AGE_MAX, NewsTurn, PAUSE_LAST, REFUSED_AGE_MAX, Saying};
use proptest::prelude::*;

use crate::office::{Mood, Office, hours, news, secs};

const EVA: &str = "eva@example.com";
const BOB: &str = "bob@example.com";

const FAULTS: [Mood; 6] =
    [Mood::Refused, Mood::Busy, Mood::Greylisting, Mood::Strict, Mood::HangsAfterData, Mood::DeadTls];

/// A problem and its end, over and over.
fn incident(number: u64) -> (NewsTurn, String) {
    let turn = if number.is_multiple_of(2) { NewsTurn::Problem } else { NewsTurn::End };
    (turn, format!("incident {number}"))
}

#[test]
fn a_day_without_a_server_loses_no_incident() {
    for fault in FAULTS {
        let mut office = Office::new(&[fault]);
        let mut told = Vec::new();
        for number in 0..288 {
            office.run(secs(300 * number));
            let (turn, said) = incident(number);
            office.tell(news(EVA, "shop", turn, &said));
            office.tell(news(BOB, "shop", turn, &said));
            told.push(format!("shop: {said}"));
        }
        office.run(hours(24));
        let attempts = office.attempts;
        // Two recipients, a pause of 15 minutes at most and not less than 10 seconds.
        assert!((90..2_500).contains(&attempts), "{fault:?}: {attempts} attempts");
        assert!(office.outbox.status().news >= 500, "{fault:?}: {:?}", office.outbox.status());
        office.mood(0, Mood::Kind);
        office.run(hours(24) + PAUSE_LAST + secs(60));
        assert_eq!(office.outbox.status().news, 0, "{fault:?}");
        assert_eq!((office.rows(), office.outbox.status().last_error), (0, None));
        for said in &told {
            assert!(office.has(EVA, said) && office.has(BOB, said), "{fault:?}: {said} is lost");
        }
        office.is_consistent();
        // What was told first comes first, so that the end of a problem does not overtake it; but a letter that a server
        // refuses, which takes others, holds none of those up.
        if matches!(fault, Mood::Greylisting | Mood::Strict) {
            continue;
        }
        let texts: String = office.letters(EVA).iter().map(|one| one.letter.text.as_str()).collect();
        let places: Vec<_> = [0, 1, 287].map(|number| texts.find(&format!("incident {number}"))).to_vec();
        assert!(places.is_sorted(), "{places:?}");
        let said = office.said.iter().filter(|one| !matches!(one, Saying::ServerWorks(_))).count();
        assert!(said < 40, "{fault:?}: {:?}", office.said);
    }
}

#[test]
fn what_hangs_after_data_is_repeated_under_its_number() {
    let mut office = Office::new(&[Mood::HangsAfterData]);
    office.tell(news(EVA, "shop", NewsTurn::Problem, "gone"));
    office.run(hours(1));
    office.mood(0, Mood::Kind);
    office.run(hours(2));
    assert!(office.received.len() > 4, "{}", office.received.len());
    assert_eq!(office.letters(EVA).len(), 1, "it is one letter");
    assert_eq!(office.received.iter().filter(|one| one.is_said).count(), 1);
    let id = &office.received[0].letter.head.message_id;
    assert!(id.ends_with("@box.example") && id.contains(".0000000000000001@"), "{id}");
}

#[test]
fn the_next_server_is_tried_at_once_and_the_first_again_later() {
    for fault in FAULTS {
        let mut office = Office::new(&[fault, Mood::Kind]);
        office.tell(news(EVA, "shop", NewsTurn::Problem, "gone"));
        office.run(secs(10));
        let taken = office.received.iter().find(|one| one.is_said).expect("the second took it");
        assert!(taken.server == 1 && taken.at < secs(7), "{fault:?}: {:?}", taken.at);
        office.mood(0, Mood::Kind);
        office.run(hours(1));
        office.tell(news(EVA, "shop", NewsTurn::End, "back"));
        office.run(hours(2));
        assert_eq!(office.received.last().map(|one| one.server), Some(0), "{fault:?}");
    }
}

#[test]
fn a_server_that_is_dead_is_not_asked_for_each_letter() {
    let mut office = Office::new(&[Mood::Refused, Mood::Kind]);
    for number in 0..100 {
        office.run(secs(60 * number));
        office.tell(news(EVA, "shop", NewsTurn::Change, &format!("{number}")));
    }
    office.run(hours(2));
    assert_eq!(office.letters(EVA).len(), 100);
    assert!(office.attempts < 100 + 20, "{}", office.attempts);
}

#[test]
fn one_recipient_holds_up_no_other() {
    for mood in [Mood::Hates(EVA), Mood::Delays(EVA)] {
        let mut office = Office::new(&[mood]);
        for number in 0..20 {
            office.run(secs(60 * number));
            for to in [EVA, BOB] {
                office.tell(news(to, "shop", NewsTurn::Change, &format!("{number}")));
            }
            office.run(secs(60 * number + 1));
            assert!(office.has(BOB, &format!("shop: {number}")), "{mood:?}: {number} waits");
        }
        assert!(office.letters(EVA).is_empty());
        office.mood(0, Mood::Kind);
        office.run(secs(60 * 20) + PAUSE_LAST + secs(60));
        assert!((0..20).all(|number| office.has(EVA, &format!("shop: {number}"))), "{mood:?}");
    }
}

#[test]
fn a_letter_that_is_refused_holds_up_no_other() {
    let mut office = Office::new(&[Mood::Dreads("poison")]);
    office.tell(news(EVA, "shop", NewsTurn::Problem, "poison"));
    office.run(secs(30));
    office.tell(news(EVA, "shop", NewsTurn::End, "well"));
    office.run(secs(31));
    assert!(office.has(EVA, "shop: well") && !office.has(EVA, "shop: poison"));
    office.run(REFUSED_AGE_MAX + hours(1));
    assert_eq!(office.outbox.status().given_up, 1, "{:?}", office.said);
}

#[test]
fn a_refusal_of_one_server_is_not_that_of_another() {
    let mut office = Office::new(&[Mood::Strict, Mood::Refused]);
    office.tell(news(EVA, "shop", NewsTurn::Problem, "gone"));
    office.run(REFUSED_AGE_MAX + hours(24));
    assert!(!office.said.iter().any(|said| matches!(said, Saying::GivenUp { .. })));
    office.mood(1, Mood::Kind);
    office.run(REFUSED_AGE_MAX + hours(25));
    assert!(office.has(EVA, "shop: gone"));
}

#[test]
fn what_nobody_takes_is_given_up_and_said_to_be() {
    for (mood, age) in [(Mood::Strict, REFUSED_AGE_MAX), (Mood::Refused, AGE_MAX), (Mood::Greylisting, AGE_MAX)] {
        let mut office = Office::new(&[mood]);
        office.tell(news(EVA, "shop", NewsTurn::Problem, "gone"));
        office.run(age - hours(1));
        assert_eq!(office.outbox.status().given_up, 0, "{mood:?}");
        office.run(age + hours(2));
        let given_up = office.said.iter().find(|said| matches!(said, Saying::GivenUp { news: 1, .. }));
        assert!(given_up.is_some(), "{mood:?}: {:?}", office.said);
        assert_eq!((office.outbox.status().given_up, office.rows()), (1, 0));
        office.mood(0, Mood::Kind);
        office.run(age + hours(8));
        assert!(office.received.is_empty());
    }
}

#[test]
fn a_clock_that_jumps_gives_nothing_up() {
    for jump_us in [40 * 365 * 86_400 * 1_000_000, -60 * 365 * 86_400 * 1_000_000] {
        let mut office = Office::new(&[Mood::Refused]);
        office.tell(news(EVA, "shop", NewsTurn::Problem, "gone"));
        office.run(hours(1));
        office.jump_us = jump_us;
        office.run(hours(12));
        office.mood(0, Mood::Kind);
        office.run(hours(13));
        assert!(office.has(EVA, "shop: gone"));
    }
}

#[test]
fn a_machine_that_was_off_for_weeks_still_hands_its_mail_in() {
    let mut office = Office::new(&[Mood::Refused]);
    office.tell(news(EVA, "shop", NewsTurn::Problem, "gone"));
    office.run(hours(1));
    office.jump_us = 30 * 86_400 * 1_000_000;
    assert!(office.kill().is_empty());
    office.run(hours(2));
    office.mood(0, Mood::Kind);
    office.run(hours(3));
    assert!(office.has(EVA, "shop: gone"));
}

/// What happens in a random world.
#[derive(Debug, Clone)]
enum Step {
    Tell(u8),
    Wait(u32),
    Mood(u8, u8),
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u8).prop_map(Step::Tell),
        4 => (0..1_200_000_u32).prop_map(Step::Wait),
        2 => (0..50_u32).prop_map(Step::Wait),
        2 => (0..2_u8, 0..9_u8).prop_map(|(server, mood)| Step::Mood(server, mood)),
        1 => Just(Step::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever servers do and whenever ruled is killed: what was committed is delivered, and one number is one letter.
    #[test]
    fn nothing_is_lost_in_a_random_world(steps in prop::collection::vec(step(), 1..120)) {
        let moods = [
            Mood::Kind, Mood::Refused, Mood::Busy, Mood::Greylisting, Mood::Strict, Mood::HangsAfterData, Mood::DeadTls,
            Mood::Hates(EVA), Mood::Delays(BOB),
        ];
        let mut office = Office::new(&[Mood::Kind, Mood::Refused]);
        let mut told: Vec<(String, String)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Tell(who) => {
                    let to = [EVA, BOB, "zoe@example.com"][usize::from(who)];
                    office.tell(news(to, "shop", NewsTurn::Change, &format!("{number}")));
                    told.push((to.to_owned(), format!("shop: {number}")));
                }
                Step::Wait(milliseconds) => office.run(office.now + Duration::from_millis(milliseconds.into())),
                Step::Mood(server, mood) => office.mood(usize::from(server), moods[usize::from(mood)]),
                Step::Kill => {
                    // The engine is killed with it, and tells again what is not known as told.
                    for lost in office.kill() {
                        office.tell(lost);
                    }
                }
            }
        }
        office.mood(0, Mood::Kind);
        office.mood(1, Mood::Kind);
        office.run(office.now + hours(1));
        for (to, said) in told {
            prop_assert!(office.has(&to, &said), "{said} for {to} is lost");
        }
        office.is_consistent();
        prop_assert_eq!((office.rows(), office.outbox.status().news), (0, 0));
    }
}
