//! What a plugin of one's own may use, and that the next check of it passes.

use std::sync::mpsc;
use std::time::Duration;

use ruled::plugin::{Plugins, ProbeOutcome};

use super::super::{fairness, memory, peer};
use super::{Written, deed, faulted, passed, report, report_by};
use crate::rig::PATIENCE;

/// What a small plugin of one's own may have (32 MiB), and what the host may need to end it.
const GROWTH_KB_MAX: u64 = (32 + 8) << 10;

#[test]
fn budgets_are_larger_than_those_of_stock_plugins_and_hold() {
    assert_eq!(faulted(deed("loop")), "the deeds plugin used up its CPU budget of 500 ms");
    assert_eq!(faulted(deed("grow")), "the deeds plugin asked for more than 32 MiB of memory");
    // More than a stock plugin may have.
    assert_eq!(passed(deed("grow_a_little")), (24 << 20).to_string());
    assert_eq!(faulted(deed("return_much")), "the deeds plugin handed over more than 1 MiB at once");
    let sentence = faulted(deed("panic"));
    assert!(sentence.contains("stopped itself: ") && sentence.ends_with("the guest gives up"), "{sentence}");
}

#[test]
fn a_fault_does_not_reach_the_next_check() {
    let plugins = Plugins::with(ruled_test_guests::HOSTILE);
    for what in ["loop", "grow", "panic", "return_much"] {
        let ended = report_by(&plugins, deed(what).everything());
        assert!(matches!(ended.outcome, ProbeOutcome::Faulted(_)), "{ended:?}");
        // Of another name, so that no quarantine bars it.
        let mut good = deed("").everything();
        good.name = what.to_owned();
        let good = report_by(&plugins, good);
        assert!(matches!(good.outcome, ProbeOutcome::Passed { .. }), "{good:?}");
    }
    let stock = super::super::outcome(&plugins, super::super::probe("hostile", peer::silent()));
    assert!(matches!(stock, ProbeOutcome::Passed { .. }), "{stock:?}");
}

#[test]
fn an_answer_is_cleaned_and_cut() {
    let report = report(deed("boast"));
    let ProbeOutcome::Passed { summary, facts, metrics } = report.outcome else { panic!("it passes") };
    assert!(summary.len() <= 1_024 && summary.ends_with('…') && !summary.contains('\u{1b}'), "{summary:?}");
    assert!(facts.iter().all(|(name, text)| name.len() <= 256 && text.len() <= 256), "{facts:?}");
    assert!(facts.iter().all(|(name, text)| !name.contains('\u{0}') && !text.contains('\u{7}')), "{facts:?}");
    assert_eq!(metrics, []);
    // Its author is told of what nobody can ask for.
    let told = [
        "warn: the metric \"known\" is left out: it is NaN",
        "warn: the metric \"known\" is left out: it is inf",
        "warn: the metric \"Un known\" is left out: the description does not name it",
    ];
    assert_eq!(report.log, told);
}

#[test]
fn those_that_loop_side_by_side_are_at_fault_all_the_same() {
    let plugins = Plugins::with([]);
    let (sender, receiver) = mpsc::channel();
    // All their budgets together are longer than the time in which each of them must end.
    for number in 0..14 {
        let sender = sender.clone();
        let mut check = deed("loop").rest();
        (check.name, check.timeout) = (format!("loop {number}"), Duration::from_millis(300));
        plugins.check(check, Box::new(move |report| sender.send(report).expect("the test waits")));
    }
    for _ in 0..14 {
        let report = receiver.recv_timeout(PATIENCE).expect("every check is reported");
        let ProbeOutcome::Faulted(sentence) = report.outcome else { panic!("{report:?}") };
        let is_said = sentence.contains("used up its CPU budget") || sentence.contains("and came to no end within");
        assert!(is_said, "{sentence}");
    }
    assert_eq!(plugins.told()[0].faults, 14);
}

#[test]
fn many_checks_at_once_wait_for_each_other_and_pass() {
    let plugins = Plugins::with([]);
    let port = peer::serve(|mut stream| {
        std::thread::sleep(Duration::from_millis(50));
        std::io::Write::write_all(&mut stream, b"late\n").ok();
    });
    let (sender, receiver) = mpsc::channel();
    for _ in 0..400 {
        let mut check = deed("open").with("name", "x").connect("127.0.0.1", port, Some("x")).rest();
        check.timeout = Duration::from_secs(25);
        let sender = sender.clone();
        plugins.check(check, Box::new(move |report| sender.send(report.outcome).expect("the test waits")));
    }
    for _ in 0..400 {
        let outcome = receiver.recv_timeout(PATIENCE).expect("every check is reported");
        assert!(matches!(outcome, ProbeOutcome::Passed { .. }), "{outcome:?}");
    }
}

#[test]
fn looping_checks_delay_nobody_else() {
    let plugins = Plugins::with([]);
    let (sender, receiver) = mpsc::channel();
    for number in 0..fairness::GUESTS {
        let mut check = deed("loop").everything();
        check.name = number.to_string();
        let sender = sender.clone();
        plugins.check(check, Box::new(move |report| sender.send(report.outcome).expect("the test waits")));
    }
    fairness::connects_fast(peer::silent());
    for _ in 0..fairness::GUESTS {
        let outcome = receiver.recv_timeout(PATIENCE).expect("every check is reported");
        assert!(matches!(outcome, ProbeOutcome::Faulted(_)), "{outcome:?}");
    }
}

#[test]
fn looping_checks_make_no_stock_protocol_late() {
    let plugins = Plugins::with(ruled_test_guests::HOSTILE);
    let (sender, receiver) = mpsc::channel();
    // So many that a turn of each of them takes longer than a probe may.
    for number in 0..3 * fairness::GUESTS {
        let sender = sender.clone();
        let mut check = deed("loop").rest();
        (check.name, check.timeout) = (format!("loop {number}"), Duration::from_secs(2));
        plugins.check(check, Box::new(move |report| sender.send(report.outcome).expect("the test waits")));
    }
    let port = peer::silent();
    fairness::is_fast(|| {
        let outcome = super::super::outcome(&plugins, super::super::probe("hostile", port));
        assert!(matches!(outcome, ProbeOutcome::Passed { .. }), "{outcome:?}");
    });
    for _ in 0..3 * fairness::GUESTS {
        let outcome = receiver.recv_timeout(PATIENCE).expect("every check is reported");
        assert!(matches!(outcome, ProbeOutcome::Faulted(_)), "{outcome:?}");
    }
}

fn does(what: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large");
    std::fs::File::create(&file).and_then(|file| file.set_len(1 << 30)).expect("a file");
    let (endless, plugins) = (peer::endless(), Plugins::with([]));
    let origin = format!("http://localhost:{endless}");
    let text = if what == "fetch_on" { origin.clone() } else { file.display().to_string() };
    let check = |what: &str| {
        let check = deed(what).with("name", "x").with("text", &text).connect("localhost", endless, Some("x"));
        check.read(folder.path()).fetch(&origin)
    };
    let good = report_by(&plugins, check(""));
    assert!(matches!(good.outcome, ProbeOutcome::Passed { .. }), "{good:?}");
    let before = memory::peak();
    memory::says(what, before, &report_by(&plugins, check(what)).outcome);
}

#[test]
fn no_check_makes_its_host_grow_beyond_its_limit() {
    if let Some(what) = memory::told() {
        return does(&what);
    }
    for what in ["loop", "grow", "return_much", "receive_over_both", "read_on", "fetch_on"] {
        let (grew, said) = memory::grown("plugin::own::limits::no_check_makes_its_host_grow_beyond_its_limit", what);
        assert!(grew <= GROWTH_KB_MAX, "{said}");
    }
}
