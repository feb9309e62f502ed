//! Services that need others.

use std::time::Duration;

use interpreter::engine::{EventClass, EventState, Metric, Request, ServiceId};
use interpreter::program::{Action, Program, Relation, Rule};
use interpreter::simulate::{Port, Scenario, Script, SimValue, Thing, Timeline};

use crate::build::*;

/// a ← b ← c, and d that needs nobody.
fn chain() -> Program {
    let greedy = || share(Metric::Memory, Relation::Greater, 50.0).then(Action::Restart);
    let one = |name: &str| process(name).rule(greedy());
    program(vec![one("c").needs(&[1]), one("b").needs(&[2]), one("a"), one("d")])
}

fn deeds(timeline: &Timeline) -> Vec<String> {
    timeline.deeds().map(|(_, service, deed)| format!("{} {service}", deed.word())).collect()
}

fn scenario(program: Program) -> Scenario {
    Scenario::new(program).without_wakes()
}

fn failing() -> Script {
    Script { status: 1, effect_after: None, ..Script::default() }
}

#[test]
fn a_restart_stops_what_needs_it_before_and_starts_it_after() {
    let timeline = scenario(chain())
        .at(s(3), "a", |a| a.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
        .at(s(6), "a", |a| a.shows(Metric::Memory, SimValue::Part(1.0, 10.0)))
        .run(s(300));
    assert_eq!(deeds(&timeline), ["stop c", "stop b", "stop a", "start a", "start b", "start c"]);
    // No child complains that it is down meanwhile.
    assert_eq!(timeline.count("b", EventClass::Nonexist, EventState::Failed), 0);
    assert_eq!(timeline.count("c", EventClass::Nonexist, EventState::Failed), 0);
}

#[test]
fn all_die_at_once_and_each_is_started_once() {
    let timeline =
        scenario(chain()).process_dies(s(7), "a").process_dies(s(7), "b").process_dies(s(7), "c").run(s(300));
    assert_eq!(deeds(&timeline), ["start a", "start b", "start c"]);
    assert_eq!(timeline.count("c", EventClass::Nonexist, EventState::Failed), 0);
}

#[test]
fn what_is_stopped_for_one_is_not_started_below_another_that_is_gone() {
    let greedy = || share(Metric::Memory, Relation::Greater, 50.0).then(Action::Restart);
    let world = program(vec![process("c").needs(&[1, 2]), process("a").rule(greedy()), process("b")]);
    let timeline = scenario(world)
        .with("b", |b| b.start = failing())
        .process_dies(s(3), "b")
        .at(s(20), "a", |a| a.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
        .at(s(26), "a", |a| a.shows(Metric::Memory, SimValue::Part(1.0, 10.0)))
        .at(s(100), "b", |b| b.start = Script::default())
        .run(s(500));
    let place = |wanted: &str| deeds(&timeline).iter().rposition(|deed| deed == wanted);
    assert!(place("start a").is_some() && place("start a") < place("start b"), "{timeline}");
    assert!(place("start b") < place("start c"), "{timeline}");
    assert_eq!(timeline.done("c", "start"), 1, "{timeline}");
}

#[test]
fn nobody_starts_what_needs_a_process_that_is_gone_and_that_ruled_cannot_start() {
    let mut foreign = process("a");
    (foreign.start, foreign.stop) = (None, None);
    let timeline = scenario(program(vec![process("b").needs(&[1]), foreign]))
        .process_dies(s(3), "a")
        .process_dies(s(4), "b")
        .request(s(32), "b", Request::Start)
        .at(s(100), "a", Thing::comes_up)
        .run(s(300));
    let starts: Vec<u64> = timeline.deeds().filter(|deed| deed.1 == "b").map(|deed| deed.0.as_secs()).collect();
    assert!(starts.len() == 1 && starts[0] >= 100, "{timeline}");
    let refused = "failed to start -- could not start required services: 'a'";
    assert!(timeline.events().any(|(_, name, event)| name == "b" && event.message == refused), "{timeline}");
}

#[test]
fn a_parent_that_does_not_come_up_keeps_its_children_down() {
    let timeline = scenario(chain())
        .with("a", |a| a.start = failing())
        .process_dies(s(7), "a")
        .process_dies(s(8), "b")
        .at(s(200), "a", |a| a.start = Script::default())
        .run(s(500));
    let deeds = deeds(&timeline);
    let (failed, healed) = deeds.split_at(deeds.len() - 3);
    assert_eq!(healed, ["start a", "start b", "start c"]);
    assert_eq!(failed[0], "stop c");
    assert!(failed[1..].iter().all(|deed| deed == "start a"), "{deeds:?}");
    assert_eq!(timeline.count("a", EventClass::Exec, EventState::Failed), 1);
    assert_eq!(timeline.count("a", EventClass::Exec, EventState::Succeeded), 1);
    assert_eq!(timeline.events().filter(|event| event.1 != "a").count(), 1, "{timeline}");
}

#[test]
fn a_start_brings_up_what_it_needs() {
    let mut scenario = scenario(chain()).request(s(7), "a", Request::Stop).request(s(32), "c", Request::Start);
    scenario.run_for(s(30));
    assert_eq!(deeds(scenario.timeline()), ["stop c", "stop b", "stop a"]);
    assert!((0..3).all(|id| !scenario.engine().service_view(ServiceId(id)).expect("one").monitored));
    assert!(scenario.engine().service_view(ServiceId(3)).expect("d").monitored);
    scenario.run_for(s(30));
    assert_eq!(deeds(scenario.timeline())[3..], ["start a", "start b", "start c"]);
    assert!((0..4).all(|id| scenario.engine().service_view(ServiceId(id)).expect("one").is_well()));
}

#[test]
fn a_start_fails_where_what_it_needs_does_not_come_up() {
    let timeline = scenario(chain())
        .with("a", |a| a.start = failing())
        .request(s(7), "a", Request::Stop)
        .request(s(32), "c", Request::Start)
        .run(s(34));
    let last: Vec<String> = timeline.events().map(|event| event.2.message.clone()).collect();
    assert_eq!(
        last[2..],
        ["failed to start (exit status 1) -- no output", "failed to start -- could not start required services: 'a'"]
    );
    assert_eq!(deeds(&timeline)[3..], ["start a"]);
}

#[test]
fn what_cannot_be_stopped_is_not_restarted_and_its_children_come_back() {
    let timeline = scenario(chain())
        .with("a", |a| a.stop = failing())
        .at(s(3), "a", |a| a.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
        .run(s(9));
    assert_eq!(deeds(&timeline), ["stop c", "stop b", "stop a", "start b", "start c"]);
}

#[test]
fn an_unmonitored_parent_takes_its_children_along() {
    let mut scenario = scenario(chain()).request(s(7), "b", Request::Unmonitor).process_dies(s(8), "c");
    scenario.run_for(s(60));
    let monitored: Vec<bool> =
        (0..4).map(|id| scenario.engine().service_view(ServiceId(id)).expect("one").monitored).collect();
    assert_eq!(monitored, [false, false, true, true]);
    assert_eq!(scenario.timeline().deeds().count(), 0);
}

#[test]
fn monitoring_a_child_monitors_what_it_needs() {
    let mut scenario = scenario(chain()).request(s(7), "a", Request::Unmonitor).request(s(12), "c", Request::Monitor);
    scenario.run_for(s(60));
    assert!((0..4).all(|id| scenario.engine().service_view(ServiceId(id)).expect("one").is_well()));
}

#[test]
fn a_child_is_not_blamed_for_its_parents_fault() {
    let alert: Rule = missing(Action::Alert);
    let rules = program(vec![
        process("shop").needs(&[1]).rule(port(80, None).then(Action::Restart)),
        process("db").only(vec![alert]),
    ]);
    let timeline = scenario(rules)
        .process_dies(s(48), "db")
        .at(s(48), "shop", |shop| shop.answers(80, Port::Refused("Connection refused".to_owned())))
        .at(s(120), "db", Thing::comes_up)
        .at(s(120), "shop", |shop| shop.answers(80, Port::Open(ms(1))))
        .run(s(300));
    assert_eq!(timeline.deeds().count(), 0, "{timeline}");
    assert_eq!(timeline.events().filter(|event| event.1 == "shop").count(), 0);
}

#[test]
fn a_child_waits_for_its_parents_readings_only() {
    let rules = program(vec![process("shop").needs(&[1]), host("db").rule(port(5432, None))]);
    let timeline =
        scenario(rules).with("db", |db| db.answers(5432, Port::Open(s(2)))).process_dies(s(7), "shop").run(s(30));
    let failed = timeline.events().find(|event| event.2.class == EventClass::Nonexist).expect("an event");
    assert_eq!(failed.0, ms(12_001));
}

#[test]
fn a_ring_that_nobody_refused_makes_nobody_wait() {
    let rules = program(vec![process("a").needs(&[1]), process("b").needs(&[0]), process("c").needs(&[2])]);
    let timeline = scenario(rules).process_dies(s(7), "a").process_dies(s(7), "c").run(s(60));
    assert_eq!(deeds(&timeline), ["start a", "start c"]);
}

/// The same chain in Monit's dialect.
fn monits_chain() -> Program {
    let mut program = chain();
    program.settings.behaviour = interpreter::program::Behaviour::MONIT;
    program
}

#[test]
fn where_what_is_needed_is_checked_its_recovery_is_told_before_its_children_start() {
    let recovered = |program: Program| {
        let timeline = scenario(program).process_dies(s(7), "a").run(s(60));
        let (_, _, event) = timeline
            .events()
            .find(|(_, name, event)| *name == "a" && event.state == EventState::Succeeded)
            .expect("it is there again");
        let started = timeline.deeds().filter(|(_, _, deed)| deed.word() == "start").count();
        assert_eq!(started, 3, "{timeline}");
        event.cycle
    };
    assert_eq!(recovered(monits_chain()), 3, "in the cycle of the restart");
    assert_eq!(recovered(chain()), 4, "in the next one");
}

#[test]
fn where_what_is_needed_is_checked_nothing_starts_before_it_is_well() {
    let timeline = scenario(monits_chain())
        .at(s(3), "a", |a| a.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
        .at(s(28), "a", |a| a.shows(Metric::Memory, SimValue::Part(1.0, 10.0)))
        .run(s(60));
    let refused = |event: &interpreter::engine::Event| event.message.contains("could not start required services: 'a'");
    let told: Vec<u64> =
        timeline.events().filter(|(_, _, event)| refused(event)).map(|(_, _, one)| one.cycle).collect();
    assert_eq!(told.len(), 1, "told once, until it is started: {timeline}");
    let deeds = deeds(&timeline);
    assert_eq!(deeds.iter().filter(|deed| *deed == "start b").count(), 1, "{deeds:?}");
    assert_eq!(deeds.last().map(String::as_str), Some("start c"), "{deeds:?}");
}

#[test]
fn what_cannot_be_looked_at_any_more_is_still_gone() {
    let greedy = || share(Metric::Memory, Relation::Greater, 50.0).then(Action::Restart);
    let run = |hides: bool| {
        let needing = process("p").needs(&[1, 2]);
        let scenario = scenario(program(vec![needing, process("q").rule(greedy()), process("r")]))
            .with("r", |r| r.start = failing())
            .process_dies(s(7), "r")
            .at(s(63), "q", |q| q.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
            .at(s(66), "q", |q| q.shows(Metric::Memory, SimValue::Part(1.0, 10.0)));
        let hide = |r: &mut Thing| r.unreadable = Some("Permission denied".to_owned());
        if hides { scenario.at(s(50), "r", hide) } else { scenario }.run(s(120))
    };
    for hides in [false, true] {
        let timeline = run(hides);
        assert_eq!((timeline.done("q", "start"), timeline.done("p", "stop")), (1, 1), "{timeline}");
        assert_eq!(timeline.done("p", "start"), 0, "{timeline}");
    }
}

#[test]
fn what_was_watched_no_longer_keeps_down_what_needs_it_until_it_is_there() {
    let mut foreign = process("foreign");
    (foreign.start, foreign.stop) = (None, None);
    let timeline = scenario(program(vec![process("first"), foreign.needs(&[0]), process("last").needs(&[0, 1])]))
        .request(s(9), "first", Request::Unmonitor)
        .process_dies(s(12), "foreign")
        .process_dies(s(13), "last")
        .process_dies(s(14), "first")
        // Nothing is known of them, because nobody has looked for a while.
        .request(s(100), "last", Request::Restart)
        .at(s(150), "foreign", Thing::comes_up)
        .run(s(300));
    let starts: Vec<u64> = timeline.deeds().filter(|deed| deed.1 == "last").map(|deed| deed.0.as_secs()).collect();
    assert!(starts.len() == 1 && starts[0] >= 150, "{timeline}");
    assert_eq!(timeline.done("first", "start"), 1, "{timeline}");
}

/// d ← b ← c, and a ← b: a was well when the start of the others began, and has died when it is b's turn.
#[test]
fn what_is_needed_dies_while_a_start_of_what_needs_it_is_under_way() {
    let slow = Script { effect_after: Some(s(5)), ..Script::default() };
    let rules = program(vec![process("c").needs(&[1]), process("b").needs(&[2, 3]), process("a"), process("d")]);
    let mut scenario = Scenario::new(rules)
        .promising()
        .with("d", |d| d.start = slow)
        .request(s(7), "d", Request::Stop)
        .request(s(32), "c", Request::Start)
        .process_dies(s(34), "a");
    scenario.run_for(s(300));
    let timeline = scenario.timeline();
    assert_eq!(scenario.breaches(), [] as [String; 0], "{timeline}");
    assert_eq!(
        deeds(timeline),
        ["stop c", "stop b", "stop d", "start d", "start a", "start b", "start c"],
        "{timeline}"
    );
    assert!((0..4).all(|id| scenario.engine().service_view(ServiceId(id)).expect("one").is_well()), "{timeline}");
}

/// While those that need it are looked at, because they died, it dies too.
#[test]
fn what_is_needed_dies_while_those_that_need_it_are_looked_at() {
    let (first, names) = (Duration::from_millis(20_000), ["a", "b", "c"]);
    for (delay, order) in (0..40).flat_map(|step| [(step * 5, [1, 2, 0]), (step * 5, [2, 1, 0])]) {
        let mut scenario = Scenario::new(chain()).promising();
        for (place, which) in (0..).zip(order) {
            scenario = scenario.process_dies(first + Duration::from_millis(place * delay), names[which]);
        }
        scenario.run_for(s(300));
        assert_eq!(scenario.breaches(), [] as [String; 0], "{order:?} {delay}: {}", scenario.timeline());
        let started = |name: &&str| scenario.timeline().done(name, "start") >= 1;
        assert!(names.iter().all(started), "{order:?} {delay}: {}", scenario.timeline());
    }
}
