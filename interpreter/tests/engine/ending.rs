//! The end where ruled is the first process: services are stopped in order, and nothing is begun any more.

use interpreter::engine::{Input, Request, ServiceId};
use interpreter::program::{Program, Service};
use interpreter::simulate::{Scenario, Script};

use crate::build::*;

/// What was done and told behind the start, from then on.
fn entries(scenario: &Scenario, from: std::time::Duration) -> Vec<String> {
    let later = scenario.timeline().entries.iter().filter(|entry| entry.at >= from);
    later.map(|entry| entry.to_string().split_once(' ').expect("a time").1.to_owned()).collect()
}

fn shop() -> Vec<Service> {
    let needs = |name, other| Service { depends: vec![ServiceId(other)], ..process(name) };
    vec![process("db"), needs("app", 0), needs("web", 1), file("config"), host("far"), system()]
}

fn ends(program: Program) -> Scenario {
    Scenario::new(program).traced().input(s(12), Input::End)
}

#[test]
fn those_that_need_others_are_stopped_first() {
    for program in [program(shop()), monit(shop())] {
        let mut scenario = ends(program);
        scenario.run_for(s(60));
        assert_eq!(
            entries(&scenario, s(12)),
            [
                "web: stop /stop/web",
                "app: stop /stop/app",
                "db: stop /stop/db",
                "#3 db action changed, alert: stop action done",
            ],
            "{}",
            scenario.timeline()
        );
        assert!(["db", "app", "web"].iter().all(|name| scenario.thing(name).is_some_and(|thing| !thing.is_running())));
        assert!(scenario.engine().is_settled());
        assert_eq!(scenario.engine().cycle(), 3, "no cycle begins any more");
        assert_eq!(scenario.engine().next_wake(), None);
    }
}

#[test]
fn what_has_no_stop_program_is_ended_by_signals_in_our_dialect() {
    let shop = || vec![Service { stop: None, ..process("p") }];
    let mut scenario = ends(program(shop()));
    scenario.run_for(s(30));
    assert_eq!(entries(&scenario, s(12)), ["p: terminate", "#3 p action changed, alert: stop action done"]);
    let mut scenario = ends(monit(shop()));
    scenario.run_for(s(30));
    assert_eq!(entries(&scenario, s(12)), [""; 0], "Monit leaves it alone");
    assert!(scenario.engine().is_settled());
}

#[test]
fn nothing_is_started_again() {
    // It dies while all is stopped, somebody asks for it, and its stop program fails.
    let stubborn = Script { effect_after: None, status: 1, ..Script::default() };
    let mut scenario = ends(program(shop()))
        .with("web", move |web| web.stop = stubborn)
        .process_dies(ms(12_010), "db")
        .request(ms(12_020), "db", Request::Start)
        .input(ms(12_030), Input::Wake)
        .input(ms(12_040), Input::End);
    scenario.run_for(s(200));
    let entries = entries(&scenario, s(12));
    assert!(!entries.iter().any(|entry| entry.contains(": start ")), "{entries:#?}");
    assert!(entries.iter().any(|entry| entry.contains("web exec failed")), "{entries:#?}");
    assert!(entries.contains(&"app: stop /stop/app".to_owned()), "the others are stopped all the same: {entries:#?}");
    assert!(scenario.engine().is_settled());
    assert_eq!(scenario.timeline().overlaps, 0);
}

#[test]
fn a_start_under_way_is_waited_for() {
    let slow = Script { effect_after: Some(s(4)), ends_after: Some(s(5)), ..Script::default() };
    let mut scenario = ends(program(vec![process("p")])).with("p", move |p| p.start = slow).process_dies(s(11), "p");
    scenario.run_for(s(60));
    let entries = entries(&scenario, s(11));
    assert_eq!(
        entries.last().map(String::as_str),
        Some("#3 p action changed, alert: stop action done"),
        "{entries:#?}"
    );
    assert!(scenario.thing("p").is_some_and(|thing| !thing.is_running()), "{entries:#?}");
}

#[test]
fn the_end_ends() {
    let mut scenario = ends(program(shop())).input(s(20), Input::Quit);
    scenario.run_for(s(60));
    assert!(entries(&scenario, s(20)).iter().any(|entry| entry.contains("instance changed, stop")));
    assert_eq!(scenario.engine().next_wake(), None);
}
