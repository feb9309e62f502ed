//! How often a file that changes is looked at, and when a look counts.

use interpreter::engine::{
    Cause, Engine, Identity, Input, LONGEST_GAP, LONGEST_PAUSE, LONGEST_SILENCE, MOST_TELLINGS, Monotonic, Now, Order,
    Presence, Readings, RoundId, ServiceId, Wall,
};
use interpreter::simulate::{Scenario, Script};

use grammar::Dialect::Rules;

use crate::build::{ms, s};
use crate::changes::{CYCLE_S, file, program, told};

#[test]
fn who_writes_for_a_while_is_waited_for_but_not_for_long() {
    let writes = |pause: u64, times: u64| {
        let write = |scenario: Scenario, number: u64| {
            scenario.at(s(70) + ms(pause * number), "f", move |f| f.is_written(number))
        };
        (0..times).fold(file("if changed size then alert\n"), write).run(s(119))
    };
    assert_eq!(told(&writes(4, 5)).len(), 1);
    let timeline = writes(4, 40);
    let (at, ..) = timeline.events().nth(1).expect("an event");
    assert!(at <= s(70) + LONGEST_SILENCE + ms(3), "{timeline}");
}

#[test]
fn a_busy_file_costs_few_looks() {
    let mut scenario = file("if content = \"error\" then alert\n");
    for number in 0..30_000 {
        scenario = scenario.at(s(61) + ms(number), "f", |f| f.is_told("well"));
    }
    let timeline = scenario.run(s(95));
    let most = 30 / LONGEST_GAP.as_secs() + 10;
    // The first two cycles look at the file and the system.
    assert!((20..most).contains(&(timeline.observations - 4)), "{}", timeline.observations);
}

#[test]
fn a_file_that_keeps_fitting_is_told_little_more_often_than_by_cycles() {
    let rules = || file("if content = \"error\" then exec /bin/log\n");
    let minutes = 30;
    // What the rule does writes the same line again.
    let scenario = (0..minutes * 600)
        .fold(rules(), |scenario, number| scenario.at(s(61) + ms(number * 100), "f", |f| f.is_told("error")));
    let timeline = scenario.run(s((minutes + 1) * CYCLE_S));
    let told = told(&timeline);
    let burst = timeline.events().filter(|(at, ..)| (s(61)..s(75)).contains(at)).count();
    assert_eq!(burst, MOST_TELLINGS as usize, "{told:?}");
    assert!(told.len() as u64 <= 3 * minutes + u64::from(MOST_TELLINGS), "{told:?}");
    // A file that is quiet for a while is quick again.
    let scenario = (70..90)
        .chain([119 + 10 * LONGEST_PAUSE.as_secs()])
        .fold(rules(), |scenario, at| scenario.at(s(at), "f", |f| f.is_told("error")));
    let last = scenario.run(s(900)).events().last().map(|(at, _, event)| (at.as_secs(), event.early));
    assert_eq!(last, Some((419, true)));
}

#[test]
fn what_ruled_itself_does_to_a_file_is_for_the_cycle_to_judge() {
    let rules = "start program = \"/bin/make\"\n if changed size then restart\n";
    let mut scenario = file(rules).with("f", |f| f.start = Script { effect_after: Some(ms(50)), ..Script::default() });
    scenario = scenario.at(s(70), "f", |f| f.is_written(1));
    // Its start program writes the file, and is not done when ruled thinks that it is.
    for late in 1..2_000 {
        scenario = scenario.at(s(70) + ms(50 * late), "f", move |f| f.is_written(late));
    }
    let timeline = scenario.run(s(190));
    let starts: Vec<u64> = timeline.deeds().map(|(at, ..)| at.as_secs()).collect();
    assert_eq!(starts, [70, 120, 180], "{timeline}");
}

/// An engine with one file, seen once, and the number of the file.
fn engine(rules: &str) -> (Engine, ServiceId) {
    let mut engine = Engine::new(program(Rules, &format!("check file f with path /f\n{rules}")), at(0));
    for order in engine.handle(at(0), Input::Tick) {
        if let Order::Observe(service, round, _) = order {
            engine.handle(at(0), Input::Readings(service, round, mode(0, 0o644)));
        }
    }
    let file = engine.program().find("f").expect("the file");
    (engine, file)
}

fn at(milliseconds: u64) -> Now {
    Now { monotonic: Monotonic(milliseconds * 1_000_000), wall: Wall(0) }
}

fn mode(milliseconds: u64, mode: u32) -> Readings {
    Readings::of(at(milliseconds), Presence::Present(Identity::File { device: 1, inode: 1, mode }))
}

fn looks(orders: &[Order], of: ServiceId) -> Vec<RoundId> {
    let look = |order: &Order| match order {
        Order::Observe(service, round, _) if *service == of => Some(*round),
        _ => None,
    };
    orders.iter().filter_map(look).collect()
}

#[test]
fn a_change_behind_the_look_of_a_cycle_is_looked_for() {
    let (mut engine, file) = engine("if failed permission 0644 then alert\n");
    let cycle = looks(&engine.handle(at(60_000), Input::Tick), file);
    assert!(engine.handle(at(60_005), Input::Woken(file, Cause::Changed)).is_empty());
    assert!(engine.handle(at(60_007), Input::Readings(file, cycle[0], mode(60_001, 0o644))).is_empty());
    let again = looks(&engine.handle(at(60_017), Input::Tick), file);
    let orders = engine.handle(at(60_018), Input::Readings(file, again[0], mode(60_018, 0o600)));
    assert!(matches!(&orders[..], [Order::Tell(event), Order::Keep(..)] if event.early), "{orders:?}");
}

#[test]
fn a_change_behind_an_early_look_is_looked_for_and_a_look_that_hangs_is_given_up() {
    let (mut engine, file) = engine("if failed permission 0644 then alert\n");
    engine.handle(at(1_000), Input::Woken(file, Cause::Changed));
    let first = looks(&engine.handle(at(1_010), Input::Tick), file);
    engine.handle(at(1_011), Input::Woken(file, Cause::Changed));
    engine.handle(at(1_012), Input::Readings(file, first[0], mode(1_012, 0o644)));
    let second = looks(&engine.handle(at(1_062), Input::Tick), file);
    assert_eq!(second.len(), 1, "a gap of 50 ms behind the first look");
    assert!(engine.handle(at(12_000), Input::Tick).is_empty());
    let view = engine.service_view(file).expect("the file");
    assert_eq!(view.unanswered_rounds, 1);
    // What comes late is not judged.
    assert!(engine.handle(at(12_001), Input::Readings(file, second[0], mode(1_012, 0o600))).is_empty());
}

#[test]
fn a_cycle_overtakes_an_early_look() {
    let (mut engine, file) = engine("if failed permission 0644 then alert\n");
    engine.handle(at(59_980), Input::Woken(file, Cause::Changed));
    let early = looks(&engine.handle(at(59_990), Input::Tick), file);
    let cycle = looks(&engine.handle(at(60_000), Input::Tick), file);
    assert_eq!((early.len(), cycle.len()), (1, 1));
    assert!(engine.handle(at(60_001), Input::Readings(file, early[0], mode(59_991, 0o600))).is_empty());
    let orders = engine.handle(at(60_002), Input::Readings(file, cycle[0], mode(60_001, 0o600)));
    assert!(matches!(&orders[..], [Order::Tell(event), Order::Keep(..)] if !event.early), "{orders:?}");
}
