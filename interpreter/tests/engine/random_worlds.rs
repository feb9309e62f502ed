//! Whatever happens, some things never do.

use std::collections::BTreeSet;

use interpreter::engine::{EventState, Input, Metric, Request, ServiceId};
use interpreter::program::{Action, Program, Rate, Relation};
use interpreter::simulate::{Port, Random, Scenario, Script, SimValue, Thing};

use crate::build::*;

const SERVICES: u32 = 6;
const LENGTH_S: u64 = 3_000;

/// Six processes, some of which need others, with all kinds of rules.
fn world(random: &mut Random) -> Program {
    let services = (0..SERVICES).map(|index| {
        let mut one = process(&format!("p{index}"));
        let action = match random.below(4) {
            0 => Action::Alert,
            1 => exec("/bin/page", 2),
            2 => Action::Restart,
            _ => Action::Stop,
        };
        let count = 1 + u32::try_from(random.below(3)).expect("small");
        let cycles = count + u32::try_from(random.below(3)).expect("small");
        let mut limit = share(Metric::Memory, Relation::Greater, 50.0).then(action);
        limit.rate = Rate::of(count, cycles);
        one = one.rule(limit).rule(port(80, None).cycles(2).then(Action::Restart));
        let needed: Vec<u32> = (0..index).filter(|_| random.one_in(3)).collect();
        if random.one_in(4) {
            one.stop = None;
        }
        if random.one_in(5) {
            one.restart = Some(Box::new(command("/restart")));
        }
        one.needs(&needed)
    });
    let services = services.collect();
    if random.one_in(2) { monit(services) } else { program(services) }
}

fn script(random: &mut Random) -> Script {
    let takes = random.below(12_000);
    Script {
        effect_after: (!random.one_in(6)).then(|| ms(takes)),
        ends_after: (!random.one_in(4)).then(|| ms(takes + 10)),
        status: i32::from(random.one_in(6)),
        refused: random.one_in(12).then(|| "no such file".to_owned()),
        lifetime: random.one_in(5).then(|| ms(1 + random.below(9_000))),
        ..Script::default()
    }
}

fn disturb(thing: &mut Thing, random: &mut Random) {
    match random.below(14) {
        0..3 => thing.dies(),
        3 => thing.leaves(),
        4 => thing.is_replaced(),
        5 if !thing.is_running() => thing.comes_up(),
        6 => thing.becomes_zombie(),
        7 => thing.shows(Metric::Memory, SimValue::Part(8.0, 10.0)),
        8 => thing.shows(Metric::Memory, SimValue::Part(1.0, 10.0)),
        9 => thing.answers(80, Port::Hanging),
        10 => thing.answers(80, Port::Open(ms(2))),
        11 => thing.silent = !thing.silent,
        12 => thing.unreadable = if thing.unreadable.is_some() { None } else { Some("no permission".to_owned()) },
        13 => (thing.start, thing.stop) = (script(random), script(random)),
        _ => thing.shows(Metric::Memory, SimValue::Unreadable("no permission".to_owned())),
    }
}

fn scenario(seed: u64) -> Scenario {
    let mut random = Random::new(seed);
    let mut scenario = Scenario::new(world(&mut random)).traced();
    for _ in 0..200 {
        let at = ms(random.below(LENGTH_S * 1_000 / 2));
        let name = format!("p{}", random.below(u64::from(SERVICES)));
        let mut inner = Random::new(random.number());
        scenario = match random.below(20) {
            0 => scenario.stalls(at, ms(random.below(30_000))),
            1 => scenario.wall_jumps(at, 1_000),
            2 => scenario.input(at, Input::Wake),
            3 => {
                let requests = [Request::Start, Request::Stop, Request::Restart, Request::Monitor, Request::Unmonitor];
                let which = usize::try_from(random.below(5)).expect("small");
                scenario.request(at, &name, requests[which])
            }
            _ => scenario.at(at, &name, move |thing| disturb(thing, &mut inner)),
        };
    }
    // At last all is well and stays so.
    for index in 0..SERVICES {
        scenario = scenario.at(s(LENGTH_S / 2), &format!("p{index}"), |thing| {
            (thing.start, thing.stop, thing.restart) = Default::default();
            (thing.silent, thing.unreadable) = (false, None);
            thing.shows(Metric::Memory, SimValue::Part(1.0, 10.0));
            thing.answers(80, Port::Open(ms(1)));
            if !thing.is_running() {
                thing.dies();
            }
        });
    }
    scenario
}

#[test]
fn the_same_seed_gives_the_same_orders() {
    for seed in 0..20 {
        let run = || {
            let mut scenario = scenario(seed);
            scenario.run_for(s(LENGTH_S));
            (scenario.trace().to_vec(), scenario.timeline().clone())
        };
        assert!(run() == run(), "seed {seed}");
    }
}

#[test]
fn events_take_turns_and_worlds_heal() {
    for seed in 0..150 {
        let mut scenario = scenario(seed);
        scenario.run_for(s(LENGTH_S));
        assert_eq!(scenario.timeline().overlaps, 0, "seed {seed}: two deeds on one service\n{}", scenario.timeline());
        let mut failing: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (_, service, event) in scenario.timeline().events() {
            // Every service has one rule of each class at most. What is unmonitored is forgotten and may fail anew.
            let key = (service, event.class.word());
            match event.state {
                EventState::Failed => {
                    failing.insert(key);
                }
                EventState::Succeeded => {
                    assert!(failing.remove(&key), "seed {seed}: {event:?} ends nothing\n{}", scenario.timeline());
                }
                EventState::Changed => {}
            }
        }
        for id in (0..SERVICES).map(ServiceId) {
            let view = scenario.engine().service_view(id).expect("a service");
            let well = !view.monitored || view.is_well() || view.blocked;
            assert!(well, "seed {seed}: {view:?}\n{}", scenario.timeline());
        }
    }
}

#[test]
fn a_rule_fires_exactly_at_its_nth_cycle_whatever_was_before() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let count = 1 + random.below(5);
        let cycles = count + random.below(6);
        let rate = Rate::of(u32::try_from(count).expect("small"), u32::try_from(cycles).expect("small"));
        let mut rule = share(Metric::Memory, Relation::Greater, 50.0);
        rule.rate = rate;
        let results: Vec<Option<bool>> =
            (0..120).map(|_| [Some(true), Some(true), Some(false), None][random.below(4) as usize]).collect();
        let mut scenario = Scenario::new(program(vec![process("p").only(vec![rule])]));
        for (cycle, result) in (0_u64..).zip(&results) {
            let result = *result;
            let value = move || match result {
                Some(true) => SimValue::Part(8.0, 10.0),
                Some(false) => SimValue::Part(1.0, 10.0),
                None => SimValue::Unreadable("no permission".to_owned()),
            };
            scenario =
                scenario.at(ms((cycle * 5_000).saturating_sub(1_000)), "p", move |p| p.shows(Metric::Memory, value()));
        }
        let timeline = scenario.run(s(120 * 5 - 2));
        let told: Vec<(u64, EventState)> =
            timeline.events().skip(1).map(|event| (event.2.cycle, event.2.state)).collect();
        assert_eq!(
            told,
            slow_and_obvious(&results, count, cycles),
            "seed {seed}, {count} within {cycles}: {results:?}"
        );
    }
}

/// Looks at the whole history in every cycle.
fn slow_and_obvious(results: &[Option<bool>], count: u64, cycles: u64) -> Vec<(u64, EventState)> {
    let (mut told, mut since, mut failed) = (Vec::new(), 0, false);
    for at in 0..results.len() {
        let number = at as u64 + 1;
        if failed {
            if results[at] == Some(false) {
                (failed, since) = (false, at + 1);
                told.push((number, EventState::Succeeded));
            }
            continue;
        }
        let history = &results[since..=at];
        let hits = history.iter().rev().take(cycles as usize).filter(|one| **one == Some(true)).count() as u64;
        if hits >= count {
            (failed, since) = (true, at + 1);
            told.push((number, EventState::Failed));
        }
    }
    told
}
