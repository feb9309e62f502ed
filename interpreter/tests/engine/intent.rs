//! ruled ends without a word while something is being done: it is taken up, and nothing is done twice.

use interpreter::engine::{Interval, Order, Request, ServiceId};
use interpreter::program::Program;
use interpreter::simulate::{Scenario, Script, Timeline};

use crate::build::*;

fn quiet(program: Program) -> Scenario {
    Scenario::new(program).without_wakes()
}

/// What was done to the processes, and when, in whole seconds.
fn deeds(timeline: &Timeline) -> Vec<String> {
    timeline.deeds().map(|deed| format!("{} {}", deed.0.as_secs(), deed.2.word())).collect()
}

fn after(seconds: u64) -> Script {
    Script { effect_after: Some(s(seconds)), ends_after: Some(s(seconds)), ..Script::default() }
}

fn never() -> Script {
    Script { effect_after: None, ends_after: None, ..Script::default() }
}

#[test]
fn what_is_being_started_is_not_started_twice() {
    let scenario = quiet(program(vec![process("p")])).with("p", |p| p.start = after(12)).process_dies(s(7), "p");
    let timeline = scenario.starts_again(s(12), Interval::Restart).run(s(120));
    assert_eq!(deeds(&timeline), ["10 start"]);
}

#[test]
fn what_does_not_come_up_is_started_again_when_its_time_is_over() {
    let scenario = quiet(program(vec![process("p")])).with("p", |p| p.start = never()).process_dies(s(7), "p");
    let timeline = scenario.starts_again(s(12), Interval::Restart).run(s(60));
    assert_eq!(deeds(&timeline)[..2], ["10 start", "40 start"], "the first start had time until second 40");
}

#[test]
fn another_boot_has_ended_what_was_under_way() {
    let scenario = quiet(program(vec![process("p")])).with("p", |p| p.start = never()).process_dies(s(7), "p");
    let timeline = scenario.starts_again(s(12), Interval::Reboot).run(s(30));
    assert_eq!(deeds(&timeline)[..2], ["10 start", "12 start"]);
}

#[test]
fn what_is_being_restarted_comes_up_once() {
    let scenario = quiet(program(vec![process("p")])).with("p", |p| p.stop = after(5));
    let timeline = scenario.request(s(3), "p", Request::Restart).starts_again(s(5), Interval::Restart).run(s(90));
    // A stop program that still runs might take down what is started next, so its time is waited for.
    assert_eq!(deeds(&timeline), ["3 stop", "33 start"]);
}

#[test]
fn what_was_done_before_ruled_ended_is_done() {
    let scenario = quiet(program(vec![process("p")])).request(s(3), "p", Request::Restart);
    let timeline = scenario.starts_again(s(5), Interval::Restart).run(s(90));
    assert_eq!(deeds(&timeline), ["3 stop", "3 start"]);
}

#[test]
fn what_a_person_stops_stays_stopped() {
    let scenario = quiet(program(vec![process("p")])).with("p", |p| p.stop = after(5));
    let mut scenario = scenario.request(s(3), "p", Request::Stop).starts_again(s(5), Interval::Restart);
    scenario.run_for(s(90));
    assert_eq!(deeds(scenario.timeline()), ["3 stop"]);
    let view = scenario.engine().service_view(ServiceId(0)).expect("a service");
    assert!(!view.monitored);
    assert!(scenario.timeline().to_string().contains("stop action done"), "{}", scenario.timeline());
}

#[test]
fn a_stop_that_had_no_effect_is_tried_again() {
    let scenario = quiet(program(vec![process("p")])).with("p", |p| p.stop = never());
    let timeline = scenario
        .request(s(3), "p", Request::Stop)
        .starts_again(s(5), Interval::Restart)
        .at(s(20), "p", |p| p.stop = after(1))
        .run(s(90));
    assert_eq!(deeds(&timeline), ["3 stop", "33 stop"]);
}

#[test]
fn what_is_to_be_done_is_kept_before_it_is_done_and_forgotten_afterwards() {
    let scenario = quiet(program(vec![process("p")])).process_dies(s(7), "p").traced();
    let mut scenario = scenario.request(s(30), "p", Request::Restart);
    scenario.run_for(s(60));
    let mut intent = None;
    let mut seen = 0;
    for (_, order) in scenario.trace() {
        match order {
            Order::Keep(_, kept) => intent.clone_from(&kept.intent),
            Order::Act(..) => {
                assert!(intent.is_some());
                seen += 1;
            }
            _ => {}
        }
    }
    assert_eq!(seen, 3, "a start, and a restart of two steps");
    assert_eq!(intent, None);
}

#[test]
fn a_stop_that_waits_for_its_dependants_is_not_lost() {
    let services = vec![process("p"), process("q").needs(&[0])];
    let scenario = quiet(program(services)).with("q", |q| q.stop = after(5));
    let timeline = scenario.request(s(3), "p", Request::Stop).starts_again(s(5), Interval::Restart).run(s(90));
    let stopped: Vec<String> = timeline.deeds().map(|deed| format!("{} {}", deed.1, deed.2.word())).collect();
    assert_eq!(stopped, ["q stop", "p stop"], "{timeline}");
}
