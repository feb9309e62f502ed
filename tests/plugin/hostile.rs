//! Guests that do what they must not: each ends with one sentence, in bounded time, and the next check passes.

use std::time::Duration;

use ruled::plugin::{Plugins, Probe, ProbeOutcome, ProbeReport, Stock, Value};

use super::{failed, outcome, peer, probe, report, with};

/// Far above what any of them takes, even on a machine that is busy with something else, and below what a hang would.
const SOON: Duration = Duration::from_secs(20);

fn everything() -> impl Iterator<Item = &'static Stock> {
    ruled_embedded::STOCK.iter().chain(ruled_test_guests::HOSTILE)
}

fn deed(name: &'static str, port: u16) -> Probe {
    with(probe("hostile", port), "deed", Value::Text(name.into()))
}

/// Runs a deed, checks that the next check of a good plugin passes, and returns the report.
fn survive(deed: Probe) -> ProbeReport {
    let plugins = Plugins::with(everything());
    let after = report(&plugins, deed);
    assert!(after.total < SOON, "{after:?}");
    let good = outcome(&plugins, probe("ssh", peer::greets("SSH-2.0-good\r\n")));
    assert!(matches!(good, ProbeOutcome::Passed { .. }), "{good:?}");
    let same = outcome(&plugins, probe("hostile", peer::silent()));
    assert!(matches!(same, ProbeOutcome::Passed { .. }), "{same:?}");
    after
}

/// The sentence about the plugin's fault.
fn fault(name: &'static str) -> String {
    match survive(deed(name, peer::silent())).outcome {
        ProbeOutcome::Faulted(sentence) => sentence,
        other => panic!("{name}: the plugin should be at fault: {other:?}"),
    }
}

#[test]
fn an_endless_loop_uses_up_its_budget() {
    assert_eq!(fault("loop"), "the hostile plugin used up its CPU budget of 200 ms");
}

#[test]
fn endless_calls_of_the_host_use_up_the_budget() {
    assert_eq!(fault("call"), "the hostile plugin used up its CPU budget of 200 ms");
}

#[test]
fn endless_calls_on_a_closed_connection_use_up_the_budget() {
    let after = survive(deed("ignore_errors", peer::serve(drop)));
    let sentence = "the hostile plugin used up its CPU budget of 200 ms".to_owned();
    assert_eq!(after.outcome, ProbeOutcome::Faulted(sentence));
}

#[test]
fn memory_is_bounded() {
    assert_eq!(fault("grow"), "the hostile plugin asked for more than 16 MiB of memory");
    assert_eq!(fault("grow_at_once"), "the hostile plugin asked for more than 16 MiB of memory");
    assert_eq!(fault("send_much"), "the hostile plugin asked for more than 16 MiB of memory");
}

#[test]
fn a_panic_is_reported_with_its_words() {
    let sentence = fault("panic");
    assert!(sentence.starts_with("the hostile plugin stopped itself: "), "{sentence}");
    assert!(sentence.ends_with("the guest gives up [31mhere"), "{sentence}");
}

#[test]
fn a_division_by_zero_ends_the_guest() {
    let sentence = fault("divide");
    assert!(sentence.starts_with("the hostile plugin stopped itself: ") && sentence.contains("zero"), "{sentence}");
}

#[test]
fn what_a_guest_returns_is_bounded() {
    assert_eq!(fault("return_much"), "the hostile plugin handed over more than 1 MiB at once");
}

#[test]
fn memory_outside_its_own_is_out_of_reach() {
    assert_eq!(fault("out_of_bounds"), "the hostile plugin touched memory outside its own");
}

#[test]
fn recursion_is_bounded() {
    assert_eq!(fault("recurse"), "the hostile plugin used up its stack");
}

#[test]
fn sending_is_bounded() {
    assert_eq!(fault("send_on"), "the hostile plugin sent more than 1 MiB");
    assert_eq!(fault("send_more_than_a_call"), "the hostile plugin handed over more than 1 MiB at once");
}

#[test]
fn the_log_is_bounded() {
    assert_eq!(fault("log"), "the hostile plugin wrote more than 100 lines or 64 KiB to its log");
    let after = survive(deed("log", peer::silent()));
    assert_eq!(after.log.len(), 100);
    assert_eq!(after.log[0], "info: a line that nobody wants to read");
}

#[test]
fn what_a_peer_may_send_is_bounded() {
    let after = survive(deed("receive_all", peer::endless()));
    assert_eq!(after.outcome, ProbeOutcome::Failed("the service sent more than 8 MiB".into()));
}

#[test]
fn waiting_ends_with_the_deadline() {
    let mut waiting = deed("receive", peer::silent());
    waiting.timeout = Duration::from_millis(300);
    assert_eq!(failed(&Plugins::with(everything()), waiting), "no complete answer within 300 ms");
}

#[test]
fn endless_waiting_is_cut_off() {
    let mut waiting = deed("ignore_errors", peer::silent());
    waiting.timeout = Duration::from_millis(100);
    // After the deadline every call returns at once.
    let ProbeOutcome::Faulted(sentence) = survive(waiting).outcome else { panic!("it never ends by itself") };
    // Where others have the processor meanwhile it does not come to its budget, and is ended all the same.
    let is_cut_off = sentence == "the hostile plugin used up its CPU budget of 200 ms"
        || sentence.starts_with("this machine was too busy for the hostile plugin");
    assert!(is_cut_off, "{sentence}");
}

#[test]
fn a_peer_that_never_stops_talking_is_given_up_at_the_deadline() {
    // What it says is always there before the clock is looked at.
    let mut listening = deed("receive_on", peer::endless());
    listening.timeout = Duration::from_millis(100);
    assert_eq!(failed(&Plugins::with(everything()), listening), "no complete answer within 100 ms");
}

#[test]
fn an_answer_is_cleaned_and_cut() {
    let ProbeOutcome::Passed { summary, facts, metrics } = survive(deed("boast", peer::silent())).outcome else {
        panic!("boasting is no fault")
    };
    assert!(summary.starts_with("[2J line break [2J line break") && summary.len() <= 1_024, "{summary}");
    assert_eq!(metrics, []);
    let [(name, text)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(name, "bad name");
    assert!(text.len() <= 256 && !text.contains(char::is_control), "{text}");
}

#[test]
fn facts_and_metrics_are_counted() {
    let ProbeOutcome::Passed { facts, metrics, .. } = survive(deed("flood_facts", peer::silent())).outcome else {
        panic!("many facts are no fault")
    };
    assert_eq!((facts.len(), metrics.len()), (32, 64));
}
