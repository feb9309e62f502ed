//! Guests that do what they must not while they say what they are: each ends with one sentence, in bounded time.

use std::time::{Duration, Instant};

use ruled::plugin::{Stock, describe};

/// Far above what any of them takes, even on a machine that is busy with something else, and below what a hang would.
const SOON: Duration = Duration::from_secs(20);

fn guest(name: &str) -> &'static Stock {
    let found = ruled_test_guests::DESCRIBING.iter().find(|guest| guest.name == name);
    found.unwrap_or_else(|| panic!("{name} is not built"))
}

/// Why the description of a guest is of no use; a good plugin can be asked after it.
fn refused(name: &str) -> String {
    let began = Instant::now();
    let sentence = describe(guest(name)).expect_err("the description must be refused");
    assert!(began.elapsed() < SOON, "{name} took {:?}", began.elapsed());
    let good = ruled_embedded::STOCK.iter().find(|stock| stock.name == "ssh").expect("a stock plugin");
    assert_eq!(describe(good).as_ref(), Ok(&good.description));
    sentence
}

#[test]
fn a_description_without_end_uses_up_its_budget() {
    assert_eq!(refused("describe_loop"), "the describe_loop plugin used up its CPU budget of 20 ms");
}

#[test]
fn a_panic_is_reported_with_its_words() {
    let sentence = refused("describe_panic");
    assert!(sentence.starts_with("the describe_panic plugin stopped itself: "), "{sentence}");
    assert!(sentence.ends_with("nothing to say [31mabout itself"), "{sentence}");
}

#[test]
fn memory_and_log_are_bounded() {
    assert_eq!(refused("describe_grow"), "the describe_grow plugin asked for more than 16 MiB of memory");
    let sentence = "the describe_log plugin wrote more than 100 lines or 64 KiB to its log";
    assert_eq!(refused("describe_log"), sentence);
}

#[test]
fn floods_are_refused() {
    assert_eq!(refused("describe_page"), "the describe_page plugin handed over more than 1 MiB at once");
    let sentence = "the describe_options plugin describes 1000 options, and 64 is the most";
    assert_eq!(refused("describe_options"), sentence);
}

#[test]
fn names_must_be_such_that_rules_can_write_them() {
    let sentence = "the describe_names plugin calls an option `Bad [2J name`; a name begins with a small letter and has \
                    small letters, digits and _";
    assert_eq!(refused("describe_names"), sentence);
    assert_eq!(refused("describe_twice"), "the describe_twice plugin describes the option user twice");
}

#[test]
fn a_default_must_be_a_value_of_its_option() {
    let sentence = "the describe_default plugin describes a default for the option retries that is not a whole number \
                    between 0 and 9";
    assert_eq!(refused("describe_default"), sentence);
}

#[test]
fn every_guest_that_is_built_is_tried_here() {
    let text = include_str!("describing.rs");
    for guest in ruled_test_guests::DESCRIBING {
        assert!(text.contains(&format!("refused(\"{}\")", guest.name)), "{} is not tried", guest.name);
    }
}
