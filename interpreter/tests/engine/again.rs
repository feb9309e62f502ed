//! ruled ends and is started again: what it kept, what that changes, and what is not told twice.

use std::collections::BTreeMap;
use std::time::Duration;

use grammar::Dialect::{Monit, Rules};
use grammar::ast::HashKind;
use interpreter::durable::{Kept, ServiceKey};
use interpreter::engine::{Engine, Fact, FactValue, Input, Interval, Metric, Order, Request, ServiceId};
use interpreter::program::{Action, Relation};
use interpreter::simulate::Scenario;

use crate::build::*;
use crate::things::World;

/// The file is long, and everybody was told.
const LONG: &str = "check file a with path /a\n if size > 100 B for 2 cycles then alert\n";

fn with_rules(name: &str, rules: Vec<interpreter::program::Rule>) -> interpreter::program::Service {
    interpreter::program::Service { rules, ..file(name) }
}

fn watched_file(name: &str, action: Action) -> interpreter::program::Service {
    with_rules(name, vec![missing(action)])
}

fn begins_long(dialect: grammar::Dialect) -> World {
    World::new(dialect, LONG).before(1, "a", |file| file.is_written(200))
}

#[test]
fn a_fault_that_was_told_is_not_told_again_and_its_end_is() {
    let world = begins_long(Rules).again(4, Interval::Restart).before(8, "a", |file| file.is_written(1));
    assert_eq!(world.events(9), ["2 a size failed alert", "5 a size succeeded alert"]);
}

#[test]
fn it_is_known_after_the_machine_has_started_too() {
    let world = begins_long(Rules).again(4, Interval::Reboot).before(8, "a", |file| file.is_written(1));
    assert_eq!(world.events(9), ["2 a size failed alert", "5 a size succeeded alert"]);
}

#[test]
fn monit_tells_it_again() {
    let world = begins_long(Monit).again(4, Interval::Restart).before(8, "a", |file| file.is_written(1));
    assert_eq!(world.events(9), ["2 a size failed alert", "2 a size failed alert", "5 a size succeeded alert"]);
}

#[test]
fn what_changed_meanwhile_is_told() {
    let rules = "\
        check file a with path /a\n if changed size then alert\n if changed checksum then alert\n\
        check process b with pidfile /b\n if changed pid then alert\n";
    let world = |dialect| {
        let digits = |text: &str| FactValue::Text(text.to_owned());
        let kind = if dialect == Monit { HashKind::Md5 } else { HashKind::Sha256 };
        World::new(dialect, rules)
            .before(1, "a", move |file| file.has(Fact::Checksum(kind), digits("00")))
            .again(4, Interval::Restart)
            .before(4, "a", move |file| {
                file.is_written(7);
                file.has(Fact::Checksum(kind), digits("11"));
            })
            .before(4, "b", |process| process.is_replaced())
            .events(6)
    };
    assert_eq!(
        world(Rules),
        ["1 a size changed alert", "1 a checksum changed alert", "1 b pid changed alert"],
        "all of it"
    );
    assert_eq!(world(Monit), ["1 a size changed alert"], "Monit keeps neither checksums nor processes");
}

#[test]
fn after_the_machine_has_started_every_process_is_another() {
    let rules = "check process b with pidfile /b\n if changed pid then alert\n";
    let world = World::new(Rules, rules).again(4, Interval::Reboot).before(4, "b", |process| process.is_replaced());
    assert_eq!(world.events(6), [""; 0]);
}

#[test]
fn lines_that_were_written_meanwhile_are_read_and_none_twice() {
    let rules = "check file log with path /log\n if match \"bad\" then alert\n";
    let world = World::new(Rules, rules)
        .before(2, "log", |log| log.is_told("bad 1"))
        .again(4, Interval::Restart)
        .before(4, "log", |log| log.is_told("bad 2"));
    assert_eq!(world.events(8), ["2 log content changed alert", "1 log content changed alert"]);
}

#[test]
fn whether_it_is_watched_is_known_and_a_reboot_asks_the_rules() {
    let rules = "\
        check file a with path /a\n if size > 100 B then unmonitor\n\
        check file b with path /a\n onreboot laststate\n if size > 100 B then unmonitor\n\
        check file c with path /a\n onreboot nostart\n if size > 100 B then unmonitor\n";
    let watched = |interval| {
        let mut world = ["a", "b"]
            .into_iter()
            .fold(World::new(Monit, rules), |world, name| world.before(1, name, |file| file.is_written(200)));
        world = world.before(1, "c", |file| file.is_written(1)).asks(2, "c", Request::Monitor);
        world = world
            .again(5, interval)
            .before(5, "a", |file| file.is_written(1))
            .before(5, "b", |file| file.is_written(1));
        let engine = world.engine_after(7);
        let flag = |id: ServiceId| engine.service_view(id).map(|view| view.monitored);
        [0, 1, 2].map(|index| flag(ServiceId(index)).expect("a service"))
    };
    assert_eq!(watched(Interval::Restart), [false, false, true]);
    assert_eq!(watched(Interval::Reboot), [true, false, false]);
}

#[test]
fn restarts_are_counted_on() {
    let rules = "\
        check process a with pidfile /a\n start program = \"/start\"\n if not exist then restart\n\
         if 2 restarts within 10 cycles then unmonitor\n";
    let world = World::new(Monit, rules).before(2, "a", |process| process.dies()).again(4, Interval::Restart).before(
        5,
        "a",
        |process| process.dies(),
    );
    let told: Vec<String> = world.events(9).into_iter().filter(|line| line.contains("timeout")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn restarts_behind_the_cycles_of_a_limit_are_the_first_of_the_next() {
    let rules = "\
        check process a with pidfile /a\n start program = \"/start\"\n if not exist then restart\n\
         if 2 restarts within 3 cycles then unmonitor\n";
    let told = |dialect| {
        // The three cycles of the first restart are over when the second comes.
        let world = World::new(dialect, rules).before(2, "a", |process| process.dies());
        let world = world.before(5, "a", |process| process.dies()).before(6, "a", |process| process.dies());
        world.events(12).into_iter().filter(|line| line.contains("timeout")).count()
    };
    assert_eq!(told(Rules), 1);
    assert_eq!(told(Monit), 0);
}

#[test]
fn a_minute_that_passed_meanwhile_is_made_up_for() {
    // It is midnight when the world begins, and a cycle is a minute.
    let rules = |every: &str| format!("check file a with path /a\n every \"{every}\"\n if size > 100 B then alert\n");
    let told = |dialect, every, down: u64, up: u64| {
        let world = World::new(dialect, &rules(every)).before(1, "a", |file| file.is_written(200));
        let scenario = world.into_scenario().stalls(s(down * 60), s((up - down) * 60));
        let mut scenario = scenario.starts_again(s(up * 60 - 1), Interval::Restart).traced();
        scenario.run_for(s(up * 60 + 300));
        let observed = |(_, order): &&(_, Order)| matches!(order, Order::Observe(ServiceId(0), ..));
        scenario.trace().iter().filter(observed).count()
    };
    // Due at 0:02 and 0:08; ruled does not run from 0:05 to 0:15.
    assert_eq!(told(Rules, "2,8 0 * * *", 5, 15), 2);
    assert_eq!(told(Monit, "2,8 0 * * *", 5, 15), 1);
    assert_eq!(told(Rules, "2,20 0 * * *", 5, 15), 1, "nothing was missed");
}

#[test]
fn a_quiet_program_keeps_nothing() {
    let mut scenario = Scenario::new(program(vec![process("web"), watched_file("data", Action::Alert)])).traced();
    scenario.run_for(Duration::from_secs(3600));
    assert!(!scenario.trace().iter().any(|(_, order)| matches!(order, Order::Keep(..))));
}

#[test]
fn what_is_ordered_to_be_kept_is_all_that_is_to_be_kept() {
    let rules = "\
        check process a with pidfile /a\n start program = \"/start\"\n if not exist then restart\n\
         if changed pid then alert\n if 3 restarts within 10 cycles then unmonitor\n\
        check file log with path /log\n if match \"bad\" then alert\n if changed size then alert\n depends on a\n\
        check file c with path /c\n if size > 100 B for 2 times within 3 cycles then stop\n";
    for dialect in [Monit, Rules] {
        let mut world = World::new(dialect, rules).asks(3, "log", Request::Unmonitor).asks(5, "log", Request::Monitor);
        for cycle in [4, 6, 7, 9, 12, 13] {
            world = world
                .before(cycle, "a", |process| process.dies())
                .before(cycle, "log", |log| log.is_told("bad"))
                .before(cycle, "c", move |file| file.is_written(cycle % 2 * 200));
        }
        let mut scenario = world.into_scenario().traced();
        let mut kept: BTreeMap<ServiceId, Kept> = BTreeMap::new();
        let mut seen = 0;
        for _ in 0..20 * 60 {
            scenario.run_for(s(1));
            for (_, order) in &scenario.trace()[seen..] {
                if let Order::Keep(id, one) = order {
                    kept.insert(*id, (**one).clone());
                }
            }
            seen = scenario.trace().len();
            for id in [0, 1, 2].map(ServiceId) {
                let now = scenario.engine().kept(id).expect("a service");
                assert_eq!(kept.get(&id).cloned().unwrap_or_default(), now, "{dialect:?}");
            }
        }
        assert!(kept.values().any(|one| !one.is_empty()), "something was kept");
    }
}

#[test]
fn a_rule_that_is_gone_or_another_is_left_out() {
    let key = |program: &interpreter::program::Program| ServiceKey::of(&program.services[0]);
    let before = program(vec![watched_file("data", Action::Alert)]);
    let mut scenario = Scenario::new(before.clone()).with("data", |file| file.dies());
    scenario.run_for(s(20));
    let kept = scenario.engine().kept(ServiceId(0)).expect("a service");
    assert_eq!(kept.faults.len(), 1, "{kept:?}");
    let kept: BTreeMap<ServiceKey, Kept> = [(key(&before), kept)].into();
    let failing = |program: interpreter::program::Program| {
        let now = interpreter::engine::Now::default();
        let mut engine = Engine::new(program, now);
        engine.go_on_from(&kept, Interval::Restart);
        engine.handle(now, Input::Tick);
        engine.service_view(ServiceId(0)).expect("a service").failures.len()
    };
    assert_eq!(failing(before), 1);
    assert_eq!(failing(program(vec![watched_file("DATA", Action::Restart)])), 1, "what is done is no matter");
    assert_eq!(failing(program(vec![with_rules("data", vec![limit(Metric::Size, Relation::Greater, 1.0)])])), 0);
    assert_eq!(failing(program(vec![process("data")])), 0, "another kind is another service");
}
