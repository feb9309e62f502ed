//! Cycles: when they begin, what makes them late, and that nobody waits for anybody.

use std::time::Duration;

use interpreter::engine::{Engine, Input, Metric, Monotonic, Now, Order, ServiceId, Wall};
use interpreter::engine::{EventClass, EventState};
use interpreter::program::{Program, Relation};
use interpreter::simulate::{Port, Scenario, SimValue, Thing};

use crate::build::*;

fn at(seconds: u64) -> Now {
    Now { monotonic: Monotonic(seconds * 1_000_000_000), wall: Wall(0) }
}

fn observed(orders: &[Order]) -> Vec<u32> {
    let observed = orders.iter().filter_map(|order| match order {
        Order::Observe(ServiceId(id), _, _) => Some(*id),
        _ => None,
    });
    observed.collect()
}

/// When each cycle of a host that answers at once began.
fn cycle_times(scenario: Scenario, length: Duration) -> Vec<u128> {
    let mut scenario = scenario.traced();
    scenario.run_for(length);
    let observations = scenario.trace().iter().filter(|(_, order)| matches!(order, Order::Observe(..)));
    observations.map(|(at, _)| Duration::from_nanos(at.0 - 1_000_000_000).as_millis()).collect()
}

fn one_host() -> Program {
    program(vec![host("web").rule(port(80, None))])
}

#[test]
fn the_first_cycle_begins_at_once_and_all_services_are_observed_in_one_batch() {
    let mut engine = Engine::new(program(vec![process("a"), file("b"), host("c"), system()]), at(1));
    assert_eq!(engine.next_wake(), Some(at(1).monotonic));
    let orders = engine.handle(at(1), Input::Tick);
    assert_eq!(observed(&orders), [0, 1, 2, 3]);
    let Some(Order::Tell(event)) = orders.first() else { panic!("nobody was told: {orders:?}") };
    assert_eq!((event.class, event.state, event.service), (EventClass::Instance, EventState::Changed, ServiceId(3)));
    assert!(event.message.starts_with("ruled ") && event.message.ends_with(" started"), "{}", event.message);
    assert_eq!(engine.next_wake(), Some(at(6).monotonic));
}

#[test]
fn a_start_delay_puts_off_the_first_cycle() {
    let mut program = one_host();
    program.settings.start_delay = s(12);
    assert_eq!(cycle_times(Scenario::new(program), s(20)), [12_000, 17_000]);
}

#[test]
fn cycles_do_not_drift_whatever_observations_take() {
    let scenario = Scenario::new(one_host()).with("web", |web| web.answers(80, Port::Open(ms(4_900))));
    let times = cycle_times(scenario, s(3600));
    assert_eq!(times.len(), 721);
    assert!(times.iter().zip(0_u128..).all(|(time, cycle)| *time == cycle * 5_000), "{times:?}");
}

#[test]
fn a_stall_is_followed_by_one_cycle_on_the_old_grid() {
    let mut scenario = Scenario::new(one_host()).stalls(s(6), s(60)).traced();
    scenario.run_for(s(80));
    assert_eq!(scenario.engine().skipped_cycles(), 11);
    assert_eq!(scenario.engine().cycle(), 6);
    let times = cycle_times(Scenario::new(one_host()).stalls(s(6), s(60)), s(80));
    assert_eq!(times, [0, 5_000, 66_000, 70_000, 75_000, 80_000]);
}

#[test]
fn a_wake_makes_all_due_and_moves_the_grid() {
    let scenario = Scenario::new(one_host()).input(s(7), Input::Wake);
    assert_eq!(cycle_times(scenario, s(20)), [0, 5_000, 7_000, 12_000, 17_000]);
}

#[test]
fn a_jump_of_the_clock_on_the_wall_moves_no_cycle() {
    let scenario = Scenario::new(one_host()).wall_jumps(s(7), 86_400).wall_jumps(s(11), -1_000_000);
    assert_eq!(cycle_times(scenario, s(20)), [0, 5_000, 10_000, 15_000, 20_000]);
}

#[test]
fn a_service_that_hangs_delays_nobody_and_its_late_cycles_are_counted() {
    let mut rules = program(vec![host("slow").rule(port(80, None)), host("quick").rule(port(80, None))]);
    rules.settings.cycle = s(1);
    let mut scenario = Scenario::new(rules).with("slow", |slow| slow.answers(80, Port::Hanging)).traced();
    scenario.run_for(ms(60_500));
    let count = |id| {
        let mine = |order: &Order| matches!(order, Order::Observe(ServiceId(one), ..) if *one == id);
        scenario.trace().iter().filter(|(_, order)| mine(order)).count()
    };
    // A round of 5 s and 1 ms takes the place of six cycles.
    assert_eq!((count(0), count(1)), (11, 61));
    let slow = scenario.engine().service_view(ServiceId(0)).expect("a service");
    assert_eq!((slow.late_cycles, slow.unanswered_rounds), (50, 0));
    assert_eq!(scenario.timeline().count("slow", EventClass::Connection, EventState::Failed), 1);
    assert_eq!(scenario.engine().service_view(ServiceId(1)).expect("a service").late_cycles, 0);
}

#[test]
fn an_observation_that_never_ends_is_unknown_after_its_deadline() {
    let rules = program(vec![host("web").rule(port(80, None).cycles(2)), system()]);
    let mut scenario =
        Scenario::new(rules).at(s(7), "web", |web| web.silent = true).at(s(40), "web", |web| web.silent = false);
    scenario.run_for(s(120));
    let lines = scenario.timeline().to_string();
    let wanted = "\
0.000s #1 system instance changed, start: ruled 0.1.0 started
25.000s #5 web data failed, alert: the observation did not end within 15 seconds
40.002s #9 web data succeeded, alert: data access succeeded
";
    assert_eq!(lines, wanted);
}

#[test]
fn late_readings_are_dropped_and_counted() {
    let rules = program(vec![host("web").rule(port(80, None))]);
    let mut scenario = Scenario::new(rules).with("web", |web| web.latency = s(17));
    scenario.run_for(s(100));
    let web = scenario.engine().service_view(ServiceId(0)).expect("a service");
    assert!(web.dropped_rounds >= 4 && web.unanswered_rounds >= 5, "{web:?}");
    assert_eq!(scenario.timeline().count("web", EventClass::Data, EventState::Failed), 1);
}

#[test]
fn hours_pass_in_milliseconds() {
    let rules = program(vec![
        process("nginx").rule(share(Metric::Memory, Relation::Greater, 50.0).cycles(3)),
        system().rule(limit(Metric::LoadAverage { minutes: 1, per_core: false }, Relation::Greater, 8.0)),
    ]);
    let mut scenario = Scenario::new(rules);
    for hour in 0..24 {
        scenario = scenario
            .at(s(hour * 3600 + 602), "nginx", |nginx| nginx.shows(Metric::Memory, SimValue::Part(8.0, 10.0)))
            .at(s(hour * 3600 + 1202), "nginx", |nginx| nginx.shows(Metric::Memory, SimValue::Part(1.0, 10.0)));
    }
    let timeline = scenario.run(s(24 * 3600));
    assert_eq!(timeline.count("nginx", EventClass::Resource, EventState::Failed), 24);
    assert_eq!(timeline.count("nginx", EventClass::Resource, EventState::Succeeded), 24);
    assert_eq!(timeline.observations, 2 * (24 * 720 + 1));
}

#[test]
fn after_quit_nothing_is_done_any_more() {
    let scenario =
        Scenario::new(program(vec![process("a"), system()])).input(s(12), Input::Quit).at(s(13), "a", Thing::dies);
    let timeline = scenario.run(s(60));
    let last = timeline.events().last().expect("an event");
    assert_eq!((last.0, last.2.class, last.2.action), (s(12), EventClass::Instance, "stop"));
    assert_eq!((timeline.observations, timeline.deeds().count()), (6, 0));
}

#[test]
fn what_came_during_a_stall_is_not_taken_for_missing() {
    let mut engine = Engine::new(program(vec![host("web").rule(port(80, None))]), at(1));
    let orders = engine.handle(at(1), Input::Tick);
    let Some(Order::Observe(service, round, _)) = orders.last() else { panic!("{orders:?}") };
    // The machine stood still for a minute; the clock is heard before the readings in the queue.
    let told = |orders: Vec<Order>| orders.into_iter().filter(|order| matches!(order, Order::Tell(_))).count();
    assert_eq!(told(engine.handle(at(61), Input::Tick)), 0);
    let there = interpreter::engine::Presence::Present(interpreter::engine::Identity::Itself);
    let readings = interpreter::engine::Readings::of(at(2), there);
    assert_eq!(told(engine.handle(at(61), Input::Readings(*service, *round, readings))), 0);
    assert_eq!(engine.service_view(*service).expect("web").unanswered_rounds, 0);
}
