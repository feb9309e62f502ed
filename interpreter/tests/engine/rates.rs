//! Rates, unknown readings, derived values, repeated programs.

use std::time::Duration;

use interpreter::engine::{EventClass, EventState, Metric, Reading, ServiceId};
use interpreter::program::{Action, Relation, Test};
use interpreter::simulate::{Scenario, SimValue, Thing, Timeline};

use crate::build::*;

const MEMORY: Metric = Metric::Memory;

/// Runs a rule `memory > 50 %` with one letter a cycle: `F` holds, `.` does not, `?` cannot be read, `M` means
/// that the process is gone. Hands back the events with the number of their cycle.
fn letters(rule: interpreter::program::Rule, letters: &str) -> Vec<(u64, EventState)> {
    let rules = program(vec![process("p").only(vec![rule])]);
    let mut scenario = Scenario::new(rules);
    for (cycle, letter) in (0..).zip(letters.chars()) {
        let at = Duration::from_millis((cycle * 5_000_u64).saturating_sub(100));
        scenario = scenario.at(at, "p", move |p| {
            if letter != 'M' && !p.is_running() {
                p.comes_up();
            }
            match letter {
                'F' => p.shows(MEMORY, SimValue::Part(8.0, 10.0)),
                '.' => p.shows(MEMORY, SimValue::Part(1.0, 10.0)),
                'M' => p.dies(),
                _ => p.shows(MEMORY, SimValue::Unreadable("permission denied".to_owned())),
            }
        });
    }
    let timeline = scenario.run(s(5 * letters.len() as u64 - 3));
    events(&timeline, EventClass::Resource)
}

fn events(timeline: &Timeline, class: EventClass) -> Vec<(u64, EventState)> {
    timeline.events().filter(|one| one.2.class == class).map(|one| (one.2.cycle, one.2.state)).collect()
}

fn memory() -> interpreter::program::Rule {
    share(MEMORY, Relation::Greater, 50.0)
}

use EventState::{Failed, Succeeded};

#[test]
fn for_n_cycles_fires_exactly_at_the_nth() {
    assert_eq!(letters(memory().cycles(3), "FF.FFFFF.F"), [(6, Failed), (9, Succeeded)]);
    assert_eq!(letters(memory(), ".F.FF."), [(2, Failed), (3, Succeeded), (4, Failed), (6, Succeeded)]);
    let many = format!("{}.", "F".repeat(200));
    assert_eq!(letters(memory().cycles(200), &many), [(200, Failed), (201, Succeeded)]);
}

#[test]
fn a_recovery_has_a_rate_of_its_own() {
    assert_eq!(
        letters(memory().recovery(3, Action::Alert), "F..F..F...F"),
        [(1, Failed), (10, Succeeded), (11, Failed)]
    );
}

#[test]
fn an_unknown_reading_restarts_a_run_and_ends_nothing() {
    assert_eq!(letters(memory().cycles(3), "FF?FF?FFF"), [(9, Failed)]);
    assert_eq!(letters(memory(), "F???."), [(1, Failed), (5, Succeeded)]);
    assert_eq!(letters(memory().recovery(2, Action::Alert), "F.?.?.."), [(1, Failed), (7, Succeeded)]);
}

#[test]
fn an_unknown_reading_is_forgiven_within_a_window() {
    assert_eq!(letters(memory().within(3, 5), "F?F?F"), [(5, Failed)]);
    assert_eq!(letters(memory().within(3, 5), "F??F?F"), []);
    assert_eq!(letters(memory().within(2, 4), "F..F..F...F...F"), [(4, Failed), (5, Succeeded)]);
}

#[test]
fn a_missing_process_ends_the_other_tests() {
    assert_eq!(letters(memory().cycles(2), "FMFF"), [(4, Failed)]);
    assert_eq!(letters(memory(), "FMM."), [(1, Failed), (4, Succeeded)]);
}

#[test]
fn a_restart_of_ours_forgets_what_was_counted() {
    let rules = program(vec![process("p").rule(memory().cycles(3))]);
    let timeline = Scenario::new(rules)
        .with("p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .process_dies(s(7), "p")
        .run(s(29));
    // Two cycles count, then it crashes; three more count in full.
    assert_eq!(events(&timeline, EventClass::Resource), [(5, Failed)]);
}

#[test]
fn cpu_comes_from_two_readings_and_their_own_times() {
    let over = share(Metric::Cpu, Relation::Greater, 50.0);
    let rules = program(vec![process("p").rule(over)]);
    let mut scenario = Scenario::new(rules)
        .with("p", |p| p.shows(Metric::Cpu, SimValue::Busy(80.0, 2.0)))
        .at(s(12), "p", |p| p.latency = s(2))
        .at(s(31), "p", |p| p.shows(Metric::Cpu, SimValue::Busy(20.0, 2.0)));
    scenario.run_for(ms(2));
    let cpu = |scenario: &Scenario| scenario.engine().service_view(ServiceId(0)).expect("p").values[0].1.clone();
    assert!(matches!(cpu(&scenario), Reading::Unknown(_)), "nothing to compare with yet");
    scenario.run_for(s(60));
    let Reading::Known(value) = cpu(&scenario) else { panic!("unknown") };
    assert!((value.amount - 20.0).abs() < 0.001, "{value:?}");
    assert_eq!(events(scenario.timeline(), EventClass::Resource), [(2, Failed), (8, Succeeded)]);
}

#[test]
fn the_counters_of_another_process_are_no_base() {
    let low = share(Metric::Cpu, Relation::Less, 1.0);
    let rules = program(vec![process("p").rule(low)]);
    let timeline = Scenario::new(rules)
        .with("p", |p| p.shows(Metric::Cpu, SimValue::Busy(50.0, 1.0)))
        .at(s(23), "p", Thing::is_replaced)
        .run(s(60));
    assert_eq!(events(&timeline, EventClass::Resource), []);
}

#[test]
fn a_system_without_swap_uses_none() {
    let rules = program(vec![system().rule(share(Metric::Swap, Relation::GreaterOrEqual, 0.0))]);
    let timeline =
        Scenario::new(rules).with("system", |one| one.shows(Metric::Swap, SimValue::Part(0.0, 0.0))).run(s(1));
    let message = &timeline.events().last().expect("an event").2.message;
    assert_eq!(message, "swap usage of 0.0% matches resource limit [swap usage >= 0.0%]");
}

#[test]
fn a_program_runs_once_or_every_so_many_cycles() {
    let runs = |repeat| {
        let rules = program(vec![process("p").rule(memory().then(exec("/bin/page", repeat)))]);
        let timeline = Scenario::new(rules)
            .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
            .at(s(53), "p", |p| p.shows(MEMORY, SimValue::Part(1.0, 10.0)))
            .run(s(80));
        let cycles = timeline.deeds().map(|(at, _, _)| at.as_secs() / 5 + 1);
        cycles.collect::<Vec<u64>>()
    };
    assert_eq!(runs(0), [2]);
    assert_eq!(runs(1), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    // The change of state counts as 1.
    assert_eq!(runs(2), [2, 3, 5, 7, 9, 11]);
    assert_eq!(runs(3), [2, 4, 7, 10]);
}

#[test]
fn a_recovery_may_run_a_program() {
    let rules = program(vec![process("p").rule(memory().recovery(1, exec("/bin/calm", 0)))]);
    let timeline = Scenario::new(rules)
        .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .at(s(13), "p", |p| p.shows(MEMORY, SimValue::Part(1.0, 10.0)))
        .run(s(40));
    assert_eq!(timeline.done("p", "exec"), 1);
    let event = timeline.events().last().expect("an event").2;
    assert_eq!((event.state, event.action), (Succeeded, "exec"));
}

#[test]
fn a_program_that_cannot_be_run_is_told_once() {
    let rules = program(vec![process("p").rule(memory().then(exec("/bin/page", 1)))]);
    let timeline = Scenario::new(rules)
        .with("p", |p| p.exec.refused = Some("/bin/page does not exist".to_owned()))
        .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .at(s(53), "p", |p| p.shows(MEMORY, SimValue::Part(1.0, 10.0)))
        .run(s(80));
    assert_eq!(events(&timeline, EventClass::Exec), [(2, Failed), (12, Succeeded)], "{timeline}");
}

/// Two limits of which the second cannot be read after half a minute.
fn joined(join: fn(Vec<Test>) -> Test) -> Timeline {
    let parts = vec![
        share(MEMORY, Relation::Greater, 50.0).test,
        Test::Not(Box::new(share(Metric::TotalMemory, Relation::Greater, 50.0).test)),
    ];
    let rules = program(vec![process("p").rule(rule(join(parts)))]);
    Scenario::new(rules)
        .with("p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .with("p", |p| p.shows(Metric::TotalMemory, SimValue::Part(8.0, 10.0)))
        .at(s(12), "p", |p| p.shows(Metric::TotalMemory, SimValue::Part(1.0, 10.0)))
        .at(s(22), "p", |p| p.shows(Metric::TotalMemory, SimValue::Unreadable("no permission".to_owned())))
        .at(s(32), "p", |p| p.shows(MEMORY, SimValue::Part(1.0, 10.0)))
        .run(s(59))
}

#[test]
fn conditions_are_joined_with_three_answers() {
    // Both hold from the fourth cycle; unknown and true is unknown, unknown and false is false.
    assert_eq!(events(&joined(Test::All), EventClass::Resource), [(4, Failed), (8, Succeeded)]);
    // One of them is enough; unknown or false is unknown, so nothing ends.
    assert_eq!(events(&joined(Test::Any), EventClass::Resource), [(1, Failed)]);
    let timeline = joined(Test::All);
    let (_, _, event) = timeline.events().find(|one| one.2.class == EventClass::Resource).expect("an event");
    assert_eq!(
        event.message,
        "mem usage of 80.0% matches resource limit [mem usage > 50.0%]; total mem usage check succeeded [current total \
         mem usage = 10.0%]"
    );
}
