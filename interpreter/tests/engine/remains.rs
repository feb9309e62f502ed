//! What a process leaves behind that ended by itself: in `rules` it is ended before the next start.

use interpreter::engine::{EventClass, EventState, Request};
use interpreter::program::{Mode, Program, Service};
use interpreter::simulate::{Scenario, Thing, Timeline};

use crate::build::*;

/// What was done, and when.
fn deeds(timeline: &Timeline) -> Vec<(u128, String)> {
    timeline.deeds().map(|(at, service, deed)| (at.as_millis(), format!("{} {service}", deed.word()))).collect()
}

fn words(timeline: &Timeline) -> Vec<String> {
    deeds(timeline).into_iter().map(|(_, words)| words).collect()
}

/// It has two workers, and dies alone.
fn widowed(program: Program) -> Scenario {
    Scenario::new(program).with("p", |p| p.workers = 2).process_dies(s(7), "p")
}

#[test]
fn it_is_given_a_second_and_killed_before_the_start() {
    for is_woken in [true, false] {
        let scenario = widowed(program(vec![process("p")]));
        let scenario = if is_woken { scenario } else { scenario.without_wakes() };
        let timeline = scenario.run(s(60));
        assert_eq!(words(&timeline), ["kill p", "start p"], "{timeline}");
        let [(killed, _), (started, _)] = deeds(&timeline)[..] else { panic!("{timeline}") };
        // An exit is noticed at once, otherwise in the next cycle.
        let noticed = if is_woken { 7_000 } else { 10_000 };
        assert!((noticed + 1_000..noticed + 1_100).contains(&killed), "{timeline}");
        assert!((killed..killed + 100).contains(&started), "{timeline}");
        assert_eq!(timeline.count("p", EventClass::Exec, EventState::Failed), 0, "{timeline}");
        assert_eq!(timeline.count("p", EventClass::Nonexist, EventState::Succeeded), 1, "{timeline}");
    }
}

#[test]
fn what_ends_by_itself_is_not_killed() {
    let timeline = widowed(program(vec![process("p")])).at(ms(7_300), "p", |p| p.workers = 0).run(s(60));
    assert_eq!(words(&timeline), ["start p"], "{timeline}");
    let (started, _) = deeds(&timeline)[0];
    assert!((7_300..8_000).contains(&started), "{timeline}");
}

#[test]
fn what_nothing_ends_keeps_it_down() {
    let timeline = widowed(program(vec![process("p")])).with("p", |p| p.ignores_kill = true).run(s(60));
    assert_eq!(timeline.done("p", "start"), 0, "{timeline}");
    let wanted = "failed to start -- of what belongs to it, 2 processes will not end, not even after SIGKILL";
    assert!(timeline.to_string().contains(wanted), "{timeline}");
}

#[test]
fn a_process_that_left_in_good_order_may_leave_somebody_behind() {
    let timeline =
        Scenario::new(program(vec![process("p")])).with("p", |p| p.workers = 2).at(s(7), "p", Thing::leaves).run(s(60));
    assert_eq!(words(&timeline), ["start p"], "{timeline}");
}

#[test]
fn monit_starts_it_beside() {
    let timeline = widowed(monit(vec![process("p")])).run(s(60));
    assert_eq!(words(&timeline), ["start p"], "{timeline}");
}

#[test]
fn what_somebody_else_started_meanwhile_is_not_started_again() {
    let timeline = widowed(program(vec![process("p")])).at(ms(7_200), "p", Thing::comes_up).run(s(60));
    assert_eq!(words(&timeline), Vec::<String>::new(), "{timeline}");
    assert_eq!(timeline.count("p", EventClass::Nonexist, EventState::Succeeded), 1, "{timeline}");
}

#[test]
fn a_stop_ends_it_too() {
    let passive = Service { mode: Mode::Passive, ..process("p") };
    let timeline = widowed(program(vec![passive])).request(s(8), "p", Request::Stop).run(s(60));
    assert_eq!(words(&timeline), ["kill p"], "{timeline}");
}

#[test]
fn nothing_is_started_below_what_goes_meanwhile() {
    let timeline = widowed(program(vec![process("p").needs(&[1]), process("q")]))
        .with("q", |q| q.start.effect_after = None)
        .process_dies(ms(7_500), "q")
        .run(s(60));
    assert_eq!(timeline.done("p", "start"), 0, "{timeline}");
}
