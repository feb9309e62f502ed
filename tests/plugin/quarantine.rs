//! A plugin that fails again and again is left alone, the service is not blamed, and others are looked at.

use std::time::Duration;

use ruled::plugin::{Plugins, Probe, ProbeOutcome, Stock, Value};

use super::{faulted, outcome, peer, probe, with};

fn everything() -> impl Iterator<Item = &'static Stock> {
    ruled_embedded::STOCK.iter().chain(ruled_test_guests::HOSTILE)
}

fn panics(port: u16) -> Probe {
    with(probe("hostile", port), "deed", Value::Text("panic".into()))
}

#[test]
fn after_three_faults_in_a_row_it_is_not_asked_about_that_service() {
    let plugins = Plugins::with(everything());
    let port = peer::silent();
    for _ in 0..3 {
        assert!(faulted(&plugins, panics(port)).contains("stopped itself"));
    }
    // Even a check that would pass is not made.
    let sentence = faulted(&plugins, probe("hostile", port));
    let begins = format!("the hostile plugin is in quarantine with 127.0.0.1 port {port} until ");
    assert!(sentence.starts_with(&begins), "{sentence}");
    assert!(
        sentence.contains(", after 3 faults in a row; the last one: the hostile plugin stopped itself"),
        "{sentence}"
    );
    for healthy in [probe("hostile", peer::silent()), probe("ssh", peer::greets("SSH-2.0-x\r\n"))] {
        let outcome = outcome(&plugins, healthy);
        assert!(matches!(outcome, ProbeOutcome::Passed { .. }), "{outcome:?}");
    }
}

#[test]
fn when_its_time_is_over_it_is_asked_again() {
    let plugins = Plugins::with_quarantine(everything(), Duration::ZERO);
    let port = peer::silent();
    for _ in 0..5 {
        assert!(faulted(&plugins, panics(port)).contains("stopped itself"));
    }
    let outcome = outcome(&plugins, probe("hostile", port));
    assert!(matches!(outcome, ProbeOutcome::Passed { .. }), "{outcome:?}");
}

#[test]
fn what_the_rule_or_the_service_does_wrong_is_no_fault_of_the_plugin() {
    let plugins = Plugins::with(everything());
    let port = peer::silent();
    for _ in 0..5 {
        let odd = with(probe("hostile", port), "deed", Value::Text("nothing that it knows".into()));
        assert!(faulted(&plugins, odd).contains("make no sense"));
    }
    let outcome = outcome(&plugins, probe("hostile", port));
    assert!(matches!(outcome, ProbeOutcome::Passed { .. }), "{outcome:?}");
}
