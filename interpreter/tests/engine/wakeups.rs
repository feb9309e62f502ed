//! Judgement out of turn: a process exits.

use std::time::Duration;

use interpreter::engine::{
    Cause, Engine, EventClass, EventState, Identity, Input, Metric, Monotonic, Now, Order, PidfileState, Presence,
    Readings, Request, Wall,
};
use interpreter::program::{Action, Behaviour, Program, Rate, Relation, Rule};
use interpreter::simulate::{Random, Scenario, Script, SimValue, Thing, Timeline};

use crate::build::*;

fn lines(timeline: &Timeline) -> String {
    let entries = timeline.entries.iter().filter(|entry| !entry.to_string().contains(" instance "));
    entries.map(|entry| format!("{entry}\n")).collect()
}

fn one(rules: Vec<Rule>) -> Program {
    program(vec![process("p").only(rules)])
}

#[test]
fn a_crash_is_acted_on_at_once_and_once() {
    let timeline = Scenario::new(program(vec![process("p")])).process_dies(ms(12_300), "p").run(s(60));
    let wanted = "\
12.301s #3 early p nonexist failed, restart: process is not running
12.301s p: start /start/p
15.001s #4 p nonexist succeeded, alert: process is running with pid 10102
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_crash_before_the_cycle_that_would_see_it_well_again_is_acted_on() {
    let starts = |behaviour, lived: Duration| {
        let mut program = program(vec![process("p")]);
        (program.settings.behaviour, program.settings.cycle) = (behaviour, s(60));
        let scenario = Scenario::new(program).process_dies(s(61), "p");
        let timeline = scenario.process_dies(s(61) + lived, "p").run(s(119));
        timeline.deeds().map(|(at, ..)| at.as_millis()).collect::<Vec<_>>()
    };
    for behaviour in [Behaviour::RULES, Behaviour::MONIT] {
        assert_eq!(starts(behaviour, s(30)), [61_001, 91_001]);
        assert_eq!(starts(behaviour, s(5)), [61_001, 66_001]);
        assert_eq!(starts(behaviour, ms(300)), [61_001, 61_301]);
    }
}

#[test]
fn whoever_dies_young_twice_in_a_row_waits() {
    // It crashes in the second cycle and so often again, each time after as long.
    let starts = |behaviour, lived: Duration| {
        let mut program = program(vec![process("p")]);
        (program.settings.behaviour, program.settings.cycle) = (behaviour, s(60));
        let short = move |p: &mut Thing| p.start = Script { lifetime: Some(lived), ..Script::default() };
        let timeline = Scenario::new(program).with("p", short).process_dies(s(61), "p").run(s(700));
        timeline.deeds().map(|(at, ..)| at.as_secs()).collect::<Vec<_>>()
    };
    // Where attempts back off: two cycles, four, eight.
    assert_eq!(starts(Behaviour::RULES, s(5)), [61, 66, 180, 420]);
    assert_eq!(starts(Behaviour::MONIT, ms(300)), [61, 61, 120, 180, 240, 300, 360, 420, 480, 540, 600, 660]);
    // Who lives long enough is started again each time.
    assert_eq!(starts(Behaviour::RULES, s(11)).len(), 58);
    assert_eq!(starts(Behaviour::MONIT, s(5)).len(), 127);
}

#[test]
fn whoever_was_well_in_between_begins_anew() {
    let mut rules = program(vec![process("p")]);
    rules.settings.cycle = s(60);
    let scenario = Scenario::new(rules).process_dies(s(61), "p").process_dies(s(63), "p");
    // A cycle sees it well at 120 s.
    let timeline = scenario.process_dies(s(121), "p").process_dies(s(123), "p").run(s(170));
    let starts: Vec<u64> = timeline.deeds().map(|(at, ..)| at.as_secs()).collect();
    assert_eq!(starts, [61, 63, 121, 123], "{timeline}");
}

#[test]
fn a_crash_right_before_a_cycle_is_not_told_twice() {
    let slow = |p: &mut Thing| p.start = Script { effect_after: Some(s(12)), ends_after: None, ..Script::default() };
    for before in [1_u64, 2, 3, 10, 500] {
        let scenario = Scenario::new(program(vec![process("p")])).with("p", slow);
        let timeline = scenario.process_dies(Duration::from_millis(15_000 - before), "p").run(s(60));
        assert_eq!(timeline.count("p", EventClass::Nonexist, EventState::Failed), 1, "{timeline}");
        assert_eq!(timeline.done("p", "start"), 1, "{timeline}");
    }
}

#[test]
fn an_early_failure_that_only_alerts_is_not_told_again_by_the_cycle() {
    let timeline = Scenario::new(one(vec![missing(Action::Alert)])).process_dies(ms(12_300), "p").run(s(60));
    assert_eq!(lines(&timeline), "12.301s #3 early p nonexist failed, alert: process is not running\n");
}

#[test]
fn an_early_look_at_what_fails_already_repeats_no_program() {
    let rule = missing(exec("/bin/page", 3)).recovery(5, Action::Alert);
    let timeline = Scenario::new(one(vec![rule]))
        .process_dies(s(12), "p")
        .at(s(18), "p", Thing::comes_up)
        .process_dies(s(22), "p")
        .run(s(38));
    // The third cycle since it failed sees it well, the sixth does not.
    let at: Vec<u64> = timeline.deeds().map(|(at, ..)| at.as_secs()).collect();
    assert_eq!(at, [12, 35], "{timeline}");
}

#[test]
fn rules_that_count_cycles_do_not_count_early_judgements() {
    let twice = Rule { rate: Rate::of(2, 2), ..missing(Action::Restart) };
    let timeline = Scenario::new(one(vec![twice])).process_dies(ms(12_300), "p").run(s(40));
    assert_eq!(timeline.events().nth(1).expect("an event").2.cycle, 5, "{timeline}");
    assert!(timeline.events().all(|event| !event.2.early));
}

#[test]
fn a_cycle_in_which_it_crashes_looks_again() {
    let at = |seconds: u64| Now { monotonic: Monotonic(seconds * 1_000_000_000), wall: Wall(0) };
    let observed = |orders: &[Order]| {
        let observed = |order: &Order| match order {
            Order::Observe(service, round, _) => Some((*service, *round)),
            _ => None,
        };
        orders.iter().rev().find_map(observed).unwrap_or_else(|| panic!("{orders:?}"))
    };
    let mut engine = Engine::new(one(vec![missing(Action::Alert)]), at(1));
    let process = Identity::Process { pid: 7, start_ticks: 1, uptime_s: 1 };
    let (service, round) = observed(&engine.handle(at(1), Input::Tick));
    engine.handle(at(1), Input::Readings(service, round, Readings::of(at(1), Presence::Present(process))));
    // Its exit is seen while the cycle looks, and the look that it leads to is faster.
    engine.handle(at(2), Input::Wake);
    let (_, early) = observed(&engine.handle(at(2), Input::Woken(service, Cause::Exited(process))));
    let absent = Presence::Absent("it exited".to_owned());
    let readings = Readings { pidfile: Some(PidfileState::Names(7)), ..Readings::of(at(2), absent) };
    let orders = engine.handle(at(2), Input::Readings(service, early, readings));
    assert!(orders.iter().any(|order| matches!(order, Order::Tell(event) if event.early)), "{orders:?}");
    // The cycle counts for every rule, so it looks once more.
    assert_ne!(observed(&orders).1, early);
}

#[test]
fn an_early_judgement_is_no_base_for_rates_and_shifts_no_count() {
    let over = share(Metric::Memory, Relation::Greater, 50.0).cycles(3);
    let rules = one(vec![missing(Action::Alert), over]);
    let timeline = Scenario::new(rules)
        .with("p", |p| p.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
        .process_dies(ms(6_000), "p")
        .at(ms(6_500), "p", Thing::comes_up)
        .run(s(40));
    let resource = timeline.events().find(|event| event.2.class == EventClass::Resource).expect("an event");
    assert_eq!(resource.2.cycle, 3, "{timeline}");
}

#[test]
fn a_crash_loop_is_one_restart_a_cycle_after_its_first_crash() {
    let short = |p: &mut Thing| p.start = Script { lifetime: Some(ms(300)), ..Script::default() };
    for program in [program(vec![process("p")]), monit(vec![process("p")])] {
        let timeline = Scenario::new(program).with("p", short).process_dies(ms(12_300), "p").run(s(600));
        let starts: Vec<u64> = timeline.deeds().map(|deed| deed.0.as_secs() / 5).collect();
        assert!(starts[0] == 2 && starts[1] == 2, "the first crash after a start is acted on at once: {starts:?}");
        assert!(starts[1..].windows(2).all(|two| two[0] < two[1]), "{starts:?}");
        assert_eq!(timeline.count("p", EventClass::Nonexist, EventState::Failed), 1);
    }
}

#[test]
fn a_limit_of_restarts_is_not_passed_between_two_cycles() {
    use interpreter::program::{Origin, RestartLimit};
    // It dies again soon, but lives long enough not to be left to its cycle.
    let short = |p: &mut Thing| p.start = Script { lifetime: Some(ms(1_500)), ..Script::default() };
    for make in [program, monit] {
        let mut limited = process("p");
        let limit =
            |restarts| RestartLimit { restarts, cycles: 4, action: Action::Unmonitor, origin: Origin::default() };
        limited.restart_limits = vec![limit(2)];
        let mut slow = make(vec![limited]);
        slow.settings.cycle = s(60);
        let timeline = Scenario::new(slow).with("p", short).process_dies(ms(72_000), "p").run(s(600));
        assert_eq!(timeline.done("p", "start"), 2, "{timeline}");
        assert_eq!(timeline.count("p", EventClass::Timeout, EventState::Failed), 1, "{timeline}");
    }
}

#[test]
fn what_needs_a_process_that_has_just_left_is_not_started_before_it() {
    for make in [program, monit] {
        let both = || make(vec![process("child").needs(&[1]), process("parent")]);
        let timeline =
            Scenario::new(both()).at(ms(12_000), "parent", Thing::leaves).process_dies(ms(12_300), "child").run(s(60));
        let started: Vec<&str> = timeline.deeds().filter(|deed| deed.2.word() == "start").map(|deed| deed.1).collect();
        assert_eq!(started.first(), Some(&"parent"), "{timeline}");
        assert!(started.contains(&"child"), "{timeline}");
    }
}

#[test]
fn an_orderly_exit_is_left_to_the_next_cycle_and_given_a_moment() {
    for exit in [12_000, 14_700, 14_999] {
        let timeline = Scenario::new(program(vec![process("p")])).at(ms(exit), "p", Thing::leaves).run(s(18));
        assert!(lines(&timeline).starts_with("17.002s #4 p nonexist failed"), "{timeline}");
    }
    let mut quick = program(vec![process("p")]);
    quick.settings.cycle = s(1);
    let timeline = Scenario::new(quick).at(ms(12_300), "p", Thing::leaves).run(s(18));
    assert!(lines(&timeline).starts_with("14.001s #15 p nonexist failed"), "{timeline}");
}

#[test]
fn another_process_in_its_place_is_no_crash() {
    let timeline = Scenario::new(program(vec![process("p")])).at(s(12), "p", Thing::is_replaced).run(s(60));
    assert_eq!(lines(&timeline), "");
}

#[test]
fn the_crash_of_a_process_that_took_anothers_place_is_news() {
    let timeline = Scenario::new(program(vec![process("p")]))
        .at(s(11), "p", Thing::is_replaced)
        .process_dies(s(13), "p")
        .run(s(14));
    assert!(lines(&timeline).starts_with("13.001s #3 early p nonexist failed"), "{timeline}");
}

#[test]
fn a_service_found_by_pattern_is_judged_in_its_cycle() {
    let timeline = Scenario::new(program(vec![matching("p")])).process_dies(s(12), "p").run(s(16));
    assert!(lines(&timeline).starts_with("15.001s #4 p nonexist failed"), "{timeline}");
}

#[test]
fn an_exit_during_a_deed_of_ours_is_no_news() {
    let timeline = Scenario::new(program(vec![process("p")])).request(s(12), "p", Request::Restart).run(s(60));
    let wanted = "\
12.001s p: stop /stop/p
12.062s p: start /start/p
12.123s #3 p action changed, alert: restart action done
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn an_unmonitored_service_wakes_nobody() {
    let timeline = Scenario::new(program(vec![process("p")]))
        .request(s(7), "p", Request::Unmonitor)
        .process_dies(s(12), "p")
        .run(s(60));
    assert_eq!(timeline.deeds().count(), 0);
}

#[test]
fn a_child_whose_parent_is_down_is_not_started_early() {
    let rules = program(vec![process("c").needs(&[1]), process("a").only(vec![missing(Action::Alert)])]);
    let timeline = Scenario::new(rules).process_dies(s(12), "a").process_dies(s(13), "c").run(s(60));
    assert_eq!(timeline.deeds().count(), 0, "{timeline}");
}

#[test]
fn parent_and_child_crash_together_and_each_is_up_again() {
    let rules = || program(vec![process("c").needs(&[1]), process("a")]);
    let mut scenario = Scenario::new(rules()).process_dies(s(12), "a").process_dies(s(12), "c");
    scenario.run_for(s(60));
    assert_eq!(scenario.timeline().done("a", "start"), 1, "{}", scenario.timeline());
    assert_eq!(scenario.timeline().done("c", "start"), 1, "{}", scenario.timeline());
    let mut scenario = Scenario::new(rules()).process_dies(s(12), "c").process_dies(s(12), "a");
    scenario.run_for(s(60));
    assert_eq!(scenario.timeline().done("a", "start"), 1, "{}", scenario.timeline());
    assert!(["a", "c"].iter().all(|name| scenario.thing(name).expect("one").second_copies == 0));
}

#[test]
fn a_hundred_restarts_by_somebody_else_make_no_second_copy() {
    for (seed, rules, pause_ms, gap_ms) in [
        (1, program(vec![process("p")]), 12_000, 1_900),
        (2, monit(vec![process("p")]), 12_000, 1_900),
        (3, program(vec![process("p")]), 1_000, 300),
        (4, monit(vec![process("p")]), 500, 200),
    ] {
        let mut random = Random::new(seed);
        let mut scenario = Scenario::new(rules);
        let mut at = 3_000;
        for _ in 0..100 {
            let gap = random.below(gap_ms);
            scenario = scenario.at(ms(at), "p", Thing::leaves).at(ms(at + gap), "p", Thing::comes_up);
            at += gap + pause_ms / 2 + random.below(pause_ms);
        }
        scenario.run_for(ms(at + 60_000));
        assert_eq!(scenario.thing("p").expect("p").second_copies, 0);
        assert_eq!(scenario.timeline().deeds().count(), 0, "{}", scenario.timeline());
        assert_eq!(scenario.timeline().events().count(), 1, "{}", scenario.timeline());
    }
}
