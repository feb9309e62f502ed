//! What is told of plugins: checks, faults, the time they took, and that one is left alone.

use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use ruled::plugin::{Plugins, ProbeOutcome, Quarantined, Told, Turn};

use super::super::{peer, probe, report as probed};
use super::{Written, added, check, deed, report_by};

fn of<'a>(told: &'a [Told], name: &str) -> &'a Told {
    told.iter().find(|told| told.name == name).unwrap_or_else(|| panic!("nothing is told of {name}: {told:?}"))
}

#[test]
fn what_a_plugin_did_is_told() {
    let plugins = Plugins::stock();
    assert_eq!(plugins.told(), []);
    for what in ["", "", "loop"] {
        report_by(&plugins, deed(what).everything());
    }
    report_by(&plugins, check(added("alone")));
    probed(&plugins, probe("ssh", peer::greets("SSH-2.0-x\r\n")));
    let told = plugins.told();
    let names: Vec<&str> = told.iter().map(|told| told.name.as_str()).collect();
    assert_eq!(names, ["alone", "deeds", "ssh"]);
    let deeds = of(&told, "deeds");
    assert_eq!((deeds.version.as_str(), deeds.checks, deeds.faults), ("1.2.3", 3, 1));
    assert_eq!(deeds.last_fault.as_deref(), Some("the deeds plugin used up its CPU budget of 500 ms"));
    assert_eq!(deeds.sha256, Some(ruled_manifest::sha256(super::guest("deeds").component)));
    // The loop had the processor for some of its budget, however busy the machine is.
    assert!(deeds.cpu > Duration::from_millis(5) && deeds.cpu < Duration::from_secs(5), "{:?}", deeds.cpu);
    assert!(deeds.quarantined.is_empty());
    let ssh = of(&told, "ssh");
    assert_eq!((ssh.sha256.as_deref(), ssh.checks, ssh.faults), (None, 1, 0));
    assert!(ssh.cpu < deeds.cpu);
}

#[test]
fn a_plugin_that_fails_again_and_again_is_left_alone_with_that_check() {
    let plugins = Plugins::with([]);
    for _ in 0..3 {
        report_by(&plugins, deed("panic").everything());
    }
    let ProbeOutcome::Faulted(sentence) = report_by(&plugins, deed("").everything()).outcome else {
        panic!("it is left alone")
    };
    assert!(sentence.starts_with("the deeds plugin is in quarantine with test until "), "{sentence}");
    assert!(
        sentence.contains(", after 3 faults in a row; the last one: the deeds plugin stopped itself"),
        "{sentence}"
    );
    let told = plugins.told();
    let [(with, left)] = &of(&told, "deeds").quarantined[..] else { panic!("{told:?}") };
    assert_eq!(with.as_deref(), Some("test"));
    assert!(*left > Duration::from_secs(200), "{left:?}");
    // Another check of the same plugin is made, and so is one of another plugin.
    let mut other = deed("").everything();
    other.name = "other".into();
    for good in [other, check(added("alone"))] {
        let report = report_by(&plugins, good);
        assert!(matches!(report.outcome, ProbeOutcome::Passed { .. }), "{report:?}");
    }
}

#[test]
fn whoever_watches_is_told_once_of_each_quarantine() {
    // The quarantine is over at once, so that the plugin is asked again.
    let plugins = Plugins::with_quarantine([], Duration::ZERO);
    let (sender, receiver) = mpsc::channel();
    let asks = plugins.clone();
    plugins.watch(move |news| sender.send((news, asks.told())).expect("the test waits"));
    for _ in 0..5 {
        report_by(&plugins, deed("panic").everything());
    }
    let (news, told) = receiver.try_recv().expect("it is told before the report");
    let Quarantined { name, version, sha256, with, turn } = &news;
    assert_eq!((&**name, &**version, with.as_deref()), ("deeds", "1.2.3", Some("test")));
    assert_eq!(*sha256, Some(ruled_manifest::sha256(super::guest("deeds").component)));
    let Turn::Begins { faults: 3, last_fault, until } = turn else { panic!("{news:?}") };
    assert!(last_fault.ends_with("the guest gives up"), "{last_fault}");
    assert!(*until <= SystemTime::now());
    assert_eq!(of(&told, "deeds").faults, 3);
    let said = news.to_string();
    assert!(said.starts_with("the deeds plugin 1.2.3 is in quarantine with test until "), "{said}");
    assert!(receiver.try_recv().is_err(), "it is told twice");
    report_by(&plugins, deed("").everything());
    report_by(&plugins, deed("").everything());
    let (ended, _) = receiver.try_recv().expect("that it is over is told");
    assert_eq!(
        ended.to_string(),
        "the deeds plugin 1.2.3 is in quarantine with test no longer, because a check came to its end"
    );
    assert!(receiver.try_recv().is_err(), "it is told twice");
}

#[test]
fn a_plugin_may_say_that_nothing_is_known() {
    let plugins = Plugins::with([]);
    for _ in 0..4 {
        let outcome = report_by(&plugins, deed("shrug").everything()).outcome;
        assert_eq!(outcome, ProbeOutcome::Faulted("nobody [31mcan tell".into()));
    }
    // That is no fault of its own, and it is asked again.
    assert_eq!(of(&plugins.told(), "deeds").faults, 0);
}

#[test]
fn what_the_rule_or_the_service_does_wrong_is_no_fault_of_the_plugin() {
    let plugins = Plugins::with([]);
    let nobody = || deed("open").with("name", "x").connect("localhost", peer::nobody(), Some("x")).rest();
    for _ in 0..5 {
        assert!(matches!(report_by(&plugins, nobody()).outcome, ProbeOutcome::Failed(_)));
        let odd = deed("nothing that it knows").everything();
        assert!(matches!(report_by(&plugins, odd).outcome, ProbeOutcome::Faulted(_)));
        let other = deed("open").with("name", "not granted").everything();
        assert!(matches!(report_by(&plugins, other).outcome, ProbeOutcome::Faulted(_)));
    }
    let told = plugins.told();
    assert_eq!((of(&told, "deeds").checks, of(&told, "deeds").faults), (15, 0));
    assert!(of(&told, "deeds").quarantined.is_empty());
}
