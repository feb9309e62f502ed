//! Who took it: the event about a limit of the machine names the processes that have most of what there is too little of.

use grammar::ast::ServiceKind;
use interpreter::engine::{
    Event, EventState, Input, Metric, Monotonic, Order, Reading, Resource, ServiceId, Share, TAKERS_PATIENCE, Taking,
};
use interpreter::program::{Action, Program, Rate, Relation, Rule, Service, Test};
use interpreter::simulate::{Scenario, SimValue, Thing};

use crate::build::*;

use Relation::{Greater, Less};

const GIGABYTE: f64 = 1_073_741_824.0;

fn machine(rules: Vec<Rule>) -> Program {
    program(vec![Service { rules, ..system() }])
}

fn short_of_memory(thing: &mut Thing) {
    thing.shows(Metric::Memory, SimValue::Part(0.9 * GIGABYTE, GIGABYTE));
    let share = |bytes: f64| Share::Bytes { bytes, percent: bytes / GIGABYTE * 100.0 };
    thing.is_taken(Resource::Memory, &[(17, "java", share(0.5 * GIGABYTE)), (5, "sh", share(1_048_576.0))]);
}

/// How often the takers were asked for, and of what.
fn asked(scenario: &Scenario) -> Vec<Vec<Resource>> {
    let takers = |(_, order): &(Monotonic, Order)| match order {
        Order::Observe(_, _, plan) if !plan.takers.is_empty() => Some(plan.takers.clone()),
        _ => None,
    };
    scenario.trace().iter().filter_map(takers).collect()
}

fn told(scenario: &Scenario, state: EventState) -> Vec<(u128, Event)> {
    let wanted = |(at, _, event): (std::time::Duration, &str, &Event)| {
        (event.class.word() == "resource" && event.state == state).then(|| (at.as_millis(), event.clone()))
    };
    scenario.timeline().events().filter_map(wanted).collect()
}

fn failed(scenario: &Scenario) -> (u128, Event) {
    let mut told = told(scenario, EventState::Failed);
    assert_eq!(told.len(), 1, "{}", scenario.timeline());
    told.remove(0)
}

fn sentences(event: &Event) -> Vec<String> {
    event.takers.iter().map(Taking::sentence).collect()
}

#[test]
fn the_event_names_who_has_most() {
    for monit in [false, true] {
        let mut program = machine(vec![share(Metric::Memory, Greater, 80.0)]);
        if monit {
            program.settings.behaviour = interpreter::program::Behaviour::MONIT;
        }
        let mut scenario = Scenario::new(program).traced().at(s(7), "system", short_of_memory);
        scenario.run_for(s(14));
        let (at, event) = failed(&scenario);
        assert_eq!(event.message, "mem usage of 90.0% matches resource limit [mem usage > 80.0%]");
        assert_eq!(
            sentences(&event),
            ["most memory: java (pid 17, user root) 512 MB 50.0%, sh (pid 5, user root) 1 MB 0.1%"]
        );
        assert_eq!((at, event.cycle), (10_202, 3), "the look at the processes takes 200 ms");
        assert_eq!(asked(&scenario), [[Resource::Memory]]);
    }
}

#[test]
fn a_machine_that_is_well_or_stays_ill_is_not_swept() {
    let rules = vec![share(Metric::Memory, Greater, 80.0), limit(load(1), Greater, 4.0)];
    let well = |thing: &mut Thing| thing.shows(Metric::Memory, SimValue::Part(0.1 * GIGABYTE, GIGABYTE));
    let mut scenario = Scenario::new(machine(rules)).traced();
    scenario.run_for(s(300));
    assert_eq!(asked(&scenario), [[]; 0]);
    let mut scenario = scenario.at(s(2), "system", short_of_memory).at(s(300), "system", well);
    scenario.run_for(s(400));
    assert_eq!(asked(&scenario), [[Resource::Memory]], "once for each time that it is told");
    let over = told(&scenario, EventState::Succeeded);
    assert!(matches!(over.as_slice(), [(_, event)] if event.takers.is_empty()), "{over:?}");
}

fn load(minutes: u8) -> Metric {
    Metric::LoadAverage { minutes, per_core: false }
}

#[test]
fn only_the_cycle_that_is_told_asks() {
    let rule = Rule { rate: Rate::of(3, 3), ..share(Metric::Memory, Greater, 80.0) };
    let mut scenario = Scenario::new(machine(vec![rule])).traced().with("system", short_of_memory);
    scenario.run_for(s(9));
    assert_eq!(asked(&scenario), [[]; 0]);
    scenario.run_for(s(20));
    assert_eq!(asked(&scenario), [[Resource::Memory]]);
    assert_eq!(failed(&scenario).1.cycle, 3);
}

#[test]
fn nobody_is_asked_for_what_nobody_takes() {
    let silent = Rule { action: Action::Ignore, ..share(Metric::Memory, Greater, 80.0) };
    let rules = vec![
        share(Metric::Memory, Less, 95.0),
        rule(Test::Not(Box::new(share(Metric::Memory, Greater, 95.0).test))),
        share(Metric::CpuSteal, Greater, 10.0),
        limit(Metric::Uptime, Greater, 1.0),
        silent,
    ];
    let mut scenario = Scenario::new(machine(rules)).traced().with("system", |thing| {
        short_of_memory(thing);
        thing.shows(Metric::CpuSteal, SimValue::Portion(50.0));
        thing.shows(Metric::Uptime, SimValue::Gauge(7.0));
    });
    scenario.run_for(s(20));
    assert_eq!(asked(&scenario), [[]; 0]);
    assert_eq!(told(&scenario, EventState::Failed).len(), 3, "{}", scenario.timeline());
    // What a process takes is its own.
    let mut web = process("web");
    web.rules.push(share(Metric::Memory, Greater, 80.0));
    assert_eq!(web.kind(), ServiceKind::Process);
    let mut scenario = Scenario::new(program(vec![web])).traced().with("web", short_of_memory);
    scenario.run_for(s(20));
    assert_eq!(asked(&scenario), [[]; 0]);
    assert_eq!(told(&scenario, EventState::Failed).len(), 1);
}

#[test]
fn joined_tests_name_the_takers_of_each() {
    let both = rule(Test::All(vec![
        share(Metric::Cpu, Greater, 50.0).test,
        limit(load(5), Greater, 4.0).test,
        limit(load(1), Greater, 4.0).test,
        Test::Not(Box::new(share(Metric::Swap, Less, 10.0).test)),
    ]));
    let mut scenario = Scenario::new(machine(vec![both])).traced().with("system", |thing| {
        thing.shows(Metric::Cpu, SimValue::Portion(75.0));
        thing.shows(Metric::Swap, SimValue::Part(0.5 * GIGABYTE, GIGABYTE));
        for minutes in [1, 5] {
            thing.shows(load(minutes), SimValue::Gauge(6.0));
        }
        thing.is_taken(Resource::Cpu, &[(9, "yes", Share::Time(49.96))]);
        thing.is_taken(
            Resource::Load,
            &[(9, "yes", Share::Threads(1.0)), (8, "cc", Share::Threads(2.5)), (7, "ld", Share::Threads(2.0))],
        );
    });
    scenario.run_for(s(20));
    assert_eq!(asked(&scenario), [[Resource::Load, Resource::Cpu, Resource::Swap]]);
    assert_eq!(
        sentences(&failed(&scenario).1),
        [
            "most load: yes (pid 9, user root) 1 thread, cc (pid 8, user root) 2.5 threads, ld (pid 7, user root) 2 threads",
            "most cpu: yes (pid 9, user root) 50.0%",
            "most swap: no process is found"
        ]
    );
}

#[test]
fn an_event_is_told_without_takers_that_are_late_or_unknown() {
    for (cycle, patience_ms) in [(s(60), TAKERS_PATIENCE.as_millis()), (s(1), 500), (ms(1), 1)] {
        let mut program = machine(vec![share(Metric::Memory, Greater, 80.0)]);
        program.settings.cycle = cycle;
        let mut scenario = Scenario::new(program).traced().with("system", |thing| {
            short_of_memory(thing);
            thing.latency = std::time::Duration::ZERO;
            thing.sweep_time = None;
        });
        scenario.run_for(s(5));
        let (at, event) = failed(&scenario);
        assert!(at <= patience_ms, "{cycle:?}: {at}");
        assert_eq!(sentences(&event), ["most memory: unknown, the look at all processes did not end in time"]);
        let view = scenario.engine().service_view(event.service).expect("the system");
        assert_eq!((view.late_cycles, view.unanswered_rounds), (0, 0), "{cycle:?}");
    }
    let mut scenario = Scenario::new(machine(vec![share(Metric::Memory, Greater, 80.0)]))
        .with("system", short_of_memory)
        .with("system", |thing| {
            thing.hides_takers(Resource::Memory, "cannot read the table of processes: too many open files")
        });
    scenario.run_for(s(5));
    assert_eq!(
        sentences(&failed(&scenario).1),
        ["most memory: unknown, cannot read the table of processes: too many open files"]
    );
}

#[test]
fn an_answer_that_is_late_changes_nothing() {
    let rules = vec![share(Metric::Memory, Greater, 80.0)];
    let mut scenario = Scenario::new(machine(rules)).traced().with("system", |thing| {
        short_of_memory(thing);
        thing.sweep_time = Some(TAKERS_PATIENCE + ms(500));
    });
    scenario.run_for(s(29));
    let (_, event) = failed(&scenario);
    assert!(matches!(event.takers.as_slice(), [Taking { takers: Reading::Unknown(_), .. }]));
    assert_eq!(scenario.engine().service_view(event.service).expect("the system").dropped_rounds, 1);
    println!("{:#?}", scenario.trace());
    assert!(scenario.engine().is_settled());
}

#[test]
fn a_stall_loses_no_event() {
    let rules = vec![share(Metric::Memory, Greater, 80.0)];
    let mut scenario = Scenario::new(machine(rules)).with("system", short_of_memory).stalls(ms(100), s(100)).traced();
    scenario.run_for(s(120));
    let (_, event) = failed(&scenario);
    assert!(matches!(event.takers.as_slice(), [Taking { takers: Reading::Known(_), .. }]), "{event:?}");
}

#[test]
fn what_follows_comes_after_its_event_and_those_that_need_the_machine_wait() {
    let exec = Rule { action: exec("/bin/note", 0), ..share(Metric::Memory, Greater, 80.0) };
    let child = Service { depends: vec![ServiceId(0)], ..process("web") };
    let mut program = program(vec![Service { rules: vec![exec], ..system() }, child]);
    program.settings.cycle = s(60);
    let mut scenario =
        Scenario::new(program).traced().with("system", short_of_memory).with("web", |thing| thing.dies());
    scenario.run_for(s(30));
    let entries: Vec<String> = scenario.timeline().entries.iter().map(ToString::to_string).collect();
    let told = entries.iter().position(|entry| entry.contains("mem usage")).expect("told");
    assert!(entries.get(told + 1).is_some_and(|next| next.ends_with("system: exec /bin/note")), "{entries:#?}");
    assert!(
        !entries.iter().any(|entry| entry.contains("web")),
        "it is not judged while the machine is ill: {entries:#?}"
    );
}

#[test]
fn an_end_does_not_wait_for_a_sweep() {
    let rules = vec![share(Metric::Memory, Greater, 80.0)];
    let mut scenario =
        Scenario::new(machine(rules)).traced().with("system", short_of_memory).input(ms(100), Input::Quit);
    scenario.run_for(s(30));
    assert_eq!(asked(&scenario).len(), 1);
    assert_eq!(told(&scenario, EventState::Failed).len(), 0, "whoever runs these rules next is told");
}
