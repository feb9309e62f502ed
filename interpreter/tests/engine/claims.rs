//! What findings say about time is so: the text that has the finding is checked, and what was checked is run.

use std::collections::BTreeSet;

use grammar::{Dialect, Source};
use interpreter::catalog::Protocols;
use interpreter::check::{Checked, Imaginary, check, load_text};
use interpreter::engine::{DeedKind, Metric, Request, ServiceId};
use interpreter::program::Program;
use interpreter::simulate::{Port, Random, Scenario, Script, SimValue, Thing, Timeline, What};

use crate::build::*;

use Dialect::{Monit, Rules};

const CYCLES: u64 = 2_000;
const CYCLE_S: u64 = 10;
const SEEDS: u64 = 3;
const DIALECTS: [Dialect; 2] = [Monit, Rules];
/// A program that runs in the second rule only.
const SECOND: &str = "exec \"/bin/second\"";
const PROGRAMS: &str = "    start program = \"/bin/up\"\n    stop program = \"/bin/down\"\n";

fn check_text(dialect: Dialect, text: &str) -> (Source, Checked) {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main", text.as_bytes(), dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols { entries: Vec::new() }, &machine);
    (loaded.source, checked)
}

/// A process with these statements.
fn process_text(statements: &str) -> String {
    format!("set daemon {CYCLE_S}\nset alert a@example.com\ncheck process p with pidfile /run/p.pid\n{statements}")
}

/// The program of a text, and the lines that have the finding.
fn checked(dialect: Dialect, text: &str, finding: &str) -> (Program, Vec<String>) {
    let (source, checked) = check_text(dialect, text);
    let found = checked.findings.iter().filter(|one| one.name == finding);
    let lines = found.map(|one| source.place(one.span().start).line as usize);
    let lines = lines.map(|line| text.lines().nth(line - 1).expect("a line").trim().to_owned()).collect();
    (checked.program.unwrap_or_else(|| panic!("{text}\n{:?}", checked.findings)), lines)
}

/// A program in a world in which anything happens to `p`: what is measured changes, ports fail, the process dies, its
/// programs do not work, and now and then somebody watches it again.
fn random_run(program: &Program, seed: u64) -> Timeline {
    let mut random = Random::new(seed);
    let mut scenario = Scenario::new(program.clone());
    for cycle in 0..CYCLES {
        let at = s(cycle * CYCLE_S + CYCLE_S / 2);
        if random.one_in(30) {
            scenario = scenario.request(at, "p", Request::Monitor);
        }
        if random.one_in(5) {
            let (what, value) = (random.below(14), random.below(5));
            scenario = scenario.at(at, "p", move |p| disturb(p, what, value));
        }
    }
    scenario.run(s(CYCLES * CYCLE_S))
}

fn disturb(p: &mut Thing, what: u64, value: u64) {
    let megabytes = [50.0, 150.0, 250.0, 350.0, 450.0][usize::try_from(value).expect("small")];
    match what {
        0..6 => p.shows(Metric::Memory, SimValue::Part(megabytes * 1_048_576.0, 1_048_576_000.0)),
        6 => p.shows(Metric::TotalMemory, SimValue::Part(megabytes * 1_048_576.0, 1_048_576_000.0)),
        7 => p.answers(80, Port::Open(ms(1))),
        8 | 9 => p.answers(80, Port::Refused("Connection refused".to_owned())),
        10 => p.dies(),
        11 if !p.is_running() => p.comes_up(),
        11 => p.is_replaced(),
        // A stop that fails: where the status of the program counts, and where it does not.
        12 => {
            let effect_after = (value > 1).then(|| ms(20));
            p.stop = Script { effect_after, status: i32::from(value <= 1), ..Script::default() };
        }
        _ => p.start = Script { status: i32::from(value < 2), ..Script::default() },
    }
}

/// What was done, each thing once for every time at which it was done.
fn deeds(timeline: &Timeline) -> BTreeSet<(u128, String)> {
    let did = timeline.entries.iter().filter(|entry| matches!(entry.what, What::Did(_)));
    did.map(|entry| (entry.at.as_millis(), entry.to_string())).collect()
}

/// What was told, each thing once for every time at which it was told.
fn told(timeline: &Timeline) -> BTreeSet<(u128, String)> {
    let told = timeline.entries.iter().filter(|entry| matches!(entry.what, What::Told(_)));
    told.map(|entry| (entry.at.as_millis(), entry.to_string())).collect()
}

/// How often the second rule fired.
fn second_fired(program: &Program) -> usize {
    let second = |deed: &DeedKind| matches!(deed, DeedKind::Exec(command) if command.argv == ["/bin/second"]);
    (0..SEEDS).map(|seed| random_run(program, seed).deeds().filter(|deed| second(deed.2)).count()).sum()
}

const RATES: [&str; 7] = [
    "",
    "for 2 cycles",
    "for 3 cycles",
    "for 5 cycles",
    "2 times within 4 cycles",
    "3 times within 5 cycles",
    "1 times within 3 cycles",
];

#[test]
fn an_unreachable_rule_never_fires() {
    let conditions = [
        ("memory usage > 100 MB", "memory usage > 100 MB"),
        ("memory usage > 100 MB", "memory usage >= 200 MB"),
        ("failed port 80", "failed port 80"),
        ("does not exist", "does not exist"),
    ];
    let mut reported = 0;
    for dialect in DIALECTS {
        for (first, second) in conditions {
            for (place, earlier) in RATES.iter().enumerate() {
                for later in RATES {
                    // Stops and unmonitors in turn, and a third rule that asks for something else.
                    let action = if place % 2 == 0 { "unmonitor" } else { "stop" };
                    let first = format!("    if {first} {earlier} then {action}\n");
                    let others = format!(
                        "    if {second} {later} then {SECOND}\n    \
                         if total memory usage > 300 MB for 4 cycles then restart\n"
                    );
                    let text = process_text(&format!("{first}{others}"));
                    let (program, found) = checked(dialect, &text, "unreachable-rule");
                    if !found.is_empty() {
                        reported += 1;
                        assert!(found.iter().all(|line| line.ends_with(SECOND)), "{text}");
                        assert_eq!(second_fired(&program), 0, "{dialect:?}\n{text}");
                        let (alone, found) = checked(dialect, &process_text(&others), "unreachable-rule");
                        assert!(found.is_empty() && second_fired(&alone) > 0, "{dialect:?}\n{others}");
                    }
                }
            }
        }
    }
    assert!(reported > 100, "{reported}");
}

#[test]
fn a_rule_like_an_unreachable_one_fires() {
    let both = &DIALECTS[..];
    let cases = [
        // The same cycle, or a window that no run fills.
        (both, "", "memory usage > 100 MB for 3 cycles then unmonitor", "memory usage > 100 MB for 3 cycles"),
        (
            both,
            "",
            "memory usage > 100 MB for 3 cycles then unmonitor",
            "memory usage > 100 MB 5 times within 15 cycles",
        ),
        // A limit that is passed without the other one.
        (both, "", "memory usage > 200 MB for 3 cycles then unmonitor", "memory usage > 100 MB for 10 cycles"),
        (both, "", "failed port 80 for 3 cycles then alert", "failed port 80 for 10 cycles"),
        // Somebody starts to count anew, and gets there where restarts fail or wait.
        (both, PROGRAMS, "memory usage > 100 MB for 2 cycles then restart", "memory usage > 100 MB for 4 cycles"),
        // A stop that fails.
        (both, PROGRAMS, "memory usage > 100 MB for 3 cycles then stop", "memory usage > 100 MB for 5 cycles"),
        // In a passive service nothing is stopped.
        (
            both,
            "    mode passive\n",
            "memory usage > 100 MB for 3 cycles then stop",
            "memory usage > 100 MB for 5 cycles",
        ),
    ];
    for (dialects, statements, first, second) in cases {
        for dialect in dialects {
            let text = process_text(&format!("{statements}    if {first}\n    if {second} then {SECOND}\n"));
            let (program, found) = checked(*dialect, &text, "unreachable-rule");
            assert!(found.is_empty(), "{text}");
            assert!(second_fired(&program) > 0, "{dialect:?}\n{text}");
        }
    }
}

#[test]
fn a_stop_that_fails_beside_an_unmonitor_leaves_the_service_in_watch() {
    let text = process_text(&format!(
        "{PROGRAMS}    if memory usage > 100 MB for 3 cycles then unmonitor\n    \
         if memory usage > 100 MB for 3 cycles then stop\n    if memory usage > 100 MB for 4 cycles then {SECOND}\n"
    ));
    for dialect in DIALECTS {
        let (program, found) = checked(dialect, &text, "unreachable-rule");
        assert!(found.is_empty(), "{text}");
        assert!(second_fired(&program) > 0, "{dialect:?}");
    }
}

#[test]
fn a_stop_that_others_keep_from_being_done_leaves_the_service_in_watch() {
    let rules = format!(
        "    if memory usage > 100 MB for 3 cycles then stop\n    if memory usage > 100 MB for 5 cycles then {SECOND}\n"
    );
    let alone = process_text(&rules);
    let child = "check process c with pidfile /run/c.pid\n    stop program = \"/bin/down\"\n    depends on p\n";
    let (alone, found) = checked(Monit, &alone, "unreachable-rule");
    assert!(!found.is_empty() && second_fired(&alone) == 0);
    let (needed, found) = checked(Monit, &process_text(&format!("{rules}{child}")), "unreachable-rule");
    assert!(found.is_empty());
    let timeline = Scenario::new(needed)
        .with("c", |c| c.stop = Script { effect_after: None, ..Script::default() })
        .with("p", |p| p.shows(Metric::Memory, SimValue::Part(2.0e9, 4.0e9)))
        .run(s(CYCLES));
    assert_eq!(timeline.done("p", "exec"), 1, "{timeline}");
}

/// Runs a process with both rules and with the first one only, in the same worlds.
fn with_and_without(dialect: Dialect, first: &str, second: &str) -> Vec<(Timeline, Timeline)> {
    let both = checked(dialect, &two(first, second), "shadowed-rule").0;
    let one = checked(dialect, &two(first, ""), "shadowed-rule").0;
    (0..SEEDS).map(|seed| (random_run(&both, seed), random_run(&one, seed))).collect()
}

/// A process with two rules, or one, and another that asks for something else.
fn two(first: &str, second: &str) -> String {
    let third = "    if total memory usage > 300 MB for 4 cycles then restart\n";
    process_text(&format!("{PROGRAMS}    {first}\n    {second}\n{third}"))
}

/// The rules that are reported as shadowed.
fn shadowed(dialect: Dialect, first: &str, second: &str) -> Vec<String> {
    checked(dialect, &two(first, second), "shadowed-rule").1
}

#[test]
fn a_rule_that_stands_there_twice_does_nothing_in_another_cycle() {
    for dialect in DIALECTS {
        for action in ["alert", SECOND, "exec \"/bin/second\" repeat every 2 cycles", "restart", "start", "stop"] {
            for condition in ["memory usage > 100 MB", "failed port 80", "does not exist"] {
                for rate in ["", "for 3 cycles", "2 times within 4 cycles"] {
                    let rule = format!("if {condition} {rate} then {action}");
                    assert_eq!(shadowed(dialect, &rule, &rule), [rule.as_str()]);
                    for (both, one) in with_and_without(dialect, &rule, &rule) {
                        assert!(deeds(&both) == deeds(&one), "{dialect:?} {rule}");
                        assert!(told(&both) == told(&one), "{dialect:?} {rule}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_shadowed_rule_does_nothing_in_a_cycle_in_which_the_other_does_not() {
    let conditions = [
        ("memory usage > 100 MB", "memory usage > 200 MB"),
        ("memory usage > 100 MB", "memory usage > 100 MB"),
        ("does not exist", "does not exist"),
        ("exist", "exist"),
    ];
    let mut reported = [0, 0];
    for (dialect, reported) in DIALECTS.into_iter().zip(&mut reported) {
        for action in ["restart", "stop", "unmonitor"] {
            for (first, second) in conditions {
                for earlier in RATES {
                    for later in RATES {
                        if (first, earlier) == (second, later) {
                            continue;
                        }
                        let first = format!("if {first} {earlier} then {action}");
                        let second = format!("if {second} {later} then {action}");
                        let reports = shadowed(dialect, &first, &second);
                        let (kept, left_out) = match reports.as_slice() {
                            [] => continue,
                            [one] if *one == second => (&first, &second),
                            _ => (&second, &first),
                        };
                        assert_eq!(reports, [left_out.as_str()]);
                        *reported += 1;
                        for (both, one) in with_and_without(dialect, kept, left_out) {
                            assert!(deeds(&both) == deeds(&one), "{dialect:?}\n{kept}\n{left_out}");
                            assert!(told(&both).is_superset(&told(&one)), "{dialect:?}\n{kept}\n{left_out}");
                        }
                    }
                }
            }
        }
    }
    assert!(reported[0] > 100 && reported[1] > 10, "{reported:?}");
}

#[test]
fn a_rule_like_a_shadowed_one_makes_a_difference() {
    let over = |megabytes: u32, rest: &str| format!("if memory usage > {megabytes} MB {rest}");
    let cases = [
        // While the first rule waits, the second one restarts at once.
        (Rules, over(100, "then restart"), over(200, "then restart")),
        (Rules, over(100, "then restart"), over(100, "for 3 cycles then restart")),
        (Monit, over(100, "for 3 cycles then restart"), over(200, "then restart")),
        (Monit, over(100, "then alert"), over(100, "then exec \"/bin/second\"")),
        (Rules, over(100, "then restart"), over(100, "then restart else exec \"/bin/second\"")),
    ];
    for (dialect, first, second) in cases {
        assert!(shadowed(dialect, &first, &second).is_empty(), "{first}\n{second}");
        let runs = with_and_without(dialect, &first, &second);
        assert!(runs.iter().any(|(both, one)| deeds(both) != deeds(one)), "{dialect:?}\n{first}\n{second}");
    }
    for dialect in DIALECTS {
        let (first, second) = (over(100, "then alert"), over(200, "then alert"));
        assert!(shadowed(dialect, &first, &second).is_empty());
        assert!(with_and_without(dialect, &first, &second).iter().any(|(both, one)| told(both) != told(one)));
    }
}

/// The program of a text, and whether it has a window that is too short.
fn checked_window(dialect: Dialect, text: &str) -> (Program, bool) {
    let (program, lines) = checked(dialect, text, "window-too-short");
    (program, !lines.is_empty())
}

#[test]
fn a_window_that_is_too_short_is_not_loaded() {
    for dialect in DIALECTS {
        let (_, checked) =
            check_text(dialect, &process_text("    if failed port 80 5 times within 3 cycles then alert\n"));
        assert!(checked.findings.iter().any(|one| one.name == "window-too-short"));
        assert!(checked.program.is_none());
        let five = process_text(&format!("    if failed port 80 3 times within 5 cycles then {SECOND}\n"));
        let (program, found) = checked_window(dialect, &five);
        assert!(!found && second_fired(&program) > 0);
    }
}

#[test]
fn a_rate_that_one_cycle_reaches_changes_nothing() {
    let cases = [
        (Monit, "1 times within 5 cycles", true),
        (Rules, "1 times within 5 cycles", true),
        (Rules, "for 7 seconds", true),
        (Rules, "for 10 seconds", true),
        (Rules, "for 11 seconds", false),
        (Rules, "2 times within 5 cycles", false),
        (Monit, "for 2 cycles", false),
    ];
    for condition in ["memory usage > 100 MB", "failed port 80"] {
        for (dialect, rate, reported) in cases {
            let text = |rate: &str| process_text(&format!("{PROGRAMS}    if {condition} {rate} then restart\n"));
            let (with, found) = checked_window(dialect, &text(rate));
            let (without, _) = checked_window(dialect, &text(""));
            assert_eq!(found, reported, "{rate}");
            let same = (0..SEEDS).all(|seed| random_run(&with, seed) == random_run(&without, seed));
            assert_eq!(same, reported, "{dialect:?} {condition} {rate}");
        }
    }
    // An exit is judged at once, but for rules with a rate. So there the words make a difference, and are not told of.
    let text = |rate: &str| process_text(&format!("    if does not exist {rate} then alert\n"));
    for dialect in DIALECTS {
        let (with, found) = checked_window(dialect, &text("1 times within 5 cycles"));
        let (without, _) = checked_window(dialect, &text(""));
        assert!(!found && (0..SEEDS).any(|seed| random_run(&with, seed) != random_run(&without, seed)));
    }
}

#[test]
fn of_rules_about_files_nothing_is_claimed_where_a_change_is_judged_at_once() {
    let text =
        |rules: &str| format!("set daemon {CYCLE_S}\nset alert a@example.com\ncheck file f with path /f\n{rules}");
    let (once, window) =
        ("    if size > 1 kB then unmonitor\n", "    if size > 1 kB 1 times within 3 cycles then unmonitor\n");
    for (dialect, claims) in [(Monit, true), (Rules, false)] {
        let first_fires = |rules: &str| {
            let scenario = Scenario::new(check_text(dialect, &text(rules)).1.program.expect("good rules"));
            let timeline = scenario.at(ms(12_000), "f", |f| f.is_written(5_000)).run(s(100));
            timeline.events().map(|(at, ..)| at.as_secs()).nth(1).expect("an event")
        };
        assert_eq!(first_fires(once) == first_fires(window), claims, "{dialect:?}");
        assert_eq!(checked(dialect, &text(window), "window-too-short").1.is_empty(), !claims, "{dialect:?}");
    }
    // The quicker one does all that the other does, though not the other way round.
    assert_eq!(checked(Rules, &text(&format!("{window}{once}")), "shadowed-rule").1, [window.trim()]);
}

#[test]
fn a_time_out_as_long_as_a_cycle_leaves_cycles_out() {
    let cases = [
        ("timeout 9 seconds", false),
        ("timeout 10 seconds", true),
        ("timeout 30 seconds", true),
        ("timeout 4 seconds retry 2", false),
        ("timeout 4 seconds retry 3", true),
        ("retry 2", true),
        ("", false),
    ];
    for dialect in DIALECTS {
        for (options, reported) in cases {
            let text = process_text(&format!("    if failed port 80 {options} then alert\n"));
            let (program, found) = checked(dialect, &text, "timeout-longer-than-cycle");
            assert_eq!(!found.is_empty(), reported, "{options}");
            let mut scenario = Scenario::new(program).with("p", |p| p.answers(80, Port::Hanging));
            scenario.run_for(s(CYCLES * CYCLE_S));
            let late = scenario.engine().service_view(ServiceId(0)).expect("p").late_cycles;
            assert_eq!(late > CYCLES / 3, reported, "{options}: {late}");
            assert_eq!(late > 0, reported, "{options}: {late}");
        }
    }
}
