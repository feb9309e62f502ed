//! What is remembered of what was done.

use std::collections::BTreeMap;
use std::time::Duration;

use interpreter::durable::{Kept, KeptDeed, ServiceKey};
use interpreter::engine::{
    Cause, DEED_OUTPUT_BYTES, DEEDS_OUTPUT_BYTES, DeedEnd, DeedId, Engine, Identity, Input, Interval, Monotonic, Now,
    Order, Outcome, PidfileState, Presence, Readings, Request, ServiceId, Wall,
};
use interpreter::program::{Action, Program};

use crate::build::*;

const P: ServiceId = ServiceId(0);

fn at(milliseconds: u64) -> Now {
    let wall = Wall(i64::try_from(milliseconds).expect("a short time") * 1_000);
    Now { monotonic: Monotonic(milliseconds * 1_000_000), wall }
}

fn looks(orders: &[Order]) -> Vec<interpreter::engine::RoundId> {
    orders
        .iter()
        .filter_map(|order| if let Order::Observe(_, round, _) = order { Some(*round) } else { None })
        .collect()
}

fn deeds(orders: &[Order]) -> Vec<DeedId> {
    orders.iter().filter_map(|order| if let Order::Act(deed, _) = order { Some(*deed) } else { None }).collect()
}

fn absent(milliseconds: u64) -> Readings {
    let gone = Presence::Absent("it exited".to_owned());
    Readings { pidfile: Some(PidfileState::Names(7)), ..Readings::of(at(milliseconds), gone) }
}

fn ended(status: i32, output: &str) -> Outcome {
    Outcome::Ended { status, signal: None, output: output.to_owned() }
}

fn rules() -> Program {
    program(vec![process("p").only(vec![missing(Action::Restart), missing(exec("/bin/page", 0))])])
}

/// An engine whose process was seen and crashes, with two rules for that; what it orders then.
fn crashed() -> (Engine, Vec<DeedId>) {
    let mut engine = Engine::new(rules(), at(1_000));
    let process = Identity::Process { pid: 7, start_ticks: 1, uptime_s: 1 };
    let round = looks(&engine.handle(at(1_000), Input::Tick))[0];
    engine.handle(at(1_000), Input::Readings(P, round, Readings::of(at(1_000), Presence::Present(process))));
    assert_eq!((engine.last_deed(P), engine.last_exec(P, 1)), (None, None));
    let round = looks(&engine.handle(at(2_000), Input::Woken(P, Cause::Exited(process))))[0];
    let orders = engine.handle(at(2_000), Input::Readings(P, round, absent(2_000)));
    let deeds = deeds(&orders);
    assert_eq!(deeds.len(), 2, "{orders:?}");
    (engine, deeds)
}

#[test]
fn a_deed_is_remembered_with_why_and_how_it_ended() {
    let (mut engine, done) = crashed();
    let last = engine.last_deed(P).expect("a start").clone();
    assert_eq!((last.word, last.argv.join(" ").as_str(), last.began), ("start", "/start/p", at(2_000).wall));
    assert_eq!((last.reason.event, last.reason.message.as_str()), ("nonexist", "process is not running"));
    assert_eq!((last.took, last.end), (None, None));
    // The rule's program was ordered first.
    engine.handle(at(2_001), Input::Outcome(done[1], Outcome::Running));
    engine.handle(at(2_500), Input::Outcome(done[1], ended(3, "no config\n")));
    let last = engine.last_deed(P).expect("a start");
    assert_eq!(last.took, Some(Duration::from_millis(500)));
    assert_eq!((last.end.clone(), last.output.as_str()), (Some(DeedEnd::Exited(3)), "no config"));
    let page = engine.last_exec(P, 1).expect("a program");
    assert_eq!((page.word, page.argv.join(" ").as_str(), page.took), ("exec", "/bin/page", None));
    engine.handle(at(9_000), Input::Outcome(done[0], Outcome::TimedOut));
    let page = engine.last_exec(P, 1).expect("a program");
    assert_eq!((page.took, &page.end), (Some(Duration::from_secs(7)), &Some(DeedEnd::TimedOut)));
    assert_eq!(engine.last_exec(P, 0), None);
    // It was killed, and tells afterwards what it had printed.
    let killed = Outcome::Ended { status: 137, signal: Some(9), output: "still at it".to_owned() };
    engine.handle(at(9_010), Input::Outcome(done[0], killed));
    let page = engine.last_exec(P, 1).expect("a program");
    assert_eq!((page.took, &page.end), (Some(Duration::from_secs(7)), &Some(DeedEnd::TimedOut)));
    assert_eq!(page.output, "still at it");
    let words: Vec<&str> = engine.last_deeds(P).iter().map(|deed| deed.word).collect();
    assert_eq!(words, ["start", "exec"], "the newest first");
}

#[test]
fn the_end_of_a_program_that_stays_is_remembered_although_nobody_waits_for_it() {
    let (mut engine, done) = crashed();
    let orders = engine.handle(at(2_020), Input::Tick);
    let process = Identity::Process { pid: 8, start_ticks: 2, uptime_s: 0 };
    let round = looks(&orders)[0];
    engine.handle(at(2_020), Input::Readings(P, round, Readings::of(at(2_020), Presence::Present(process))));
    assert_eq!(engine.last_deed(P).expect("a start").end, None);
    engine.handle(
        at(60_000),
        Input::Outcome(done[1], Outcome::Ended { status: 139, signal: Some(11), output: String::new() }),
    );
    let last = engine.last_deed(P).expect("a start");
    assert_eq!(last.end, Some(DeedEnd::Signalled(11)));
    assert_eq!(last.took, Some(Duration::from_secs(58)));
}

#[test]
fn the_newest_deed_takes_the_place_of_the_one_before() {
    let (mut engine, done) = crashed();
    engine.handle(at(2_100), Input::Outcome(done[1], Outcome::Refused("cannot run /start/p".to_owned())));
    let refused = DeedEnd::Refused("cannot run /start/p".to_owned());
    assert_eq!(engine.last_deed(P).expect("a start").end, Some(refused));
    let round = looks(&engine.handle(at(3_000), Input::Request(P, Request::Start)))[0];
    engine.handle(at(3_000), Input::Readings(P, round, absent(3_000)));
    let last = engine.last_deed(P).expect("a start");
    assert_eq!((last.end.clone(), last.reason.message.as_str()), (None, "start on user request"));
    // How the one before ends is of no interest any more.
    engine.handle(at(3_100), Input::Outcome(done[1], Outcome::TimedOut));
    assert_eq!(engine.last_deed(P).expect("a start").end, None);
}

/// What the engine is told to keep of the service, the last time.
fn kept(orders: &[Order]) -> Option<Kept> {
    let kept = |order: &Order| if let Order::Keep(_, kept) = order { Some((**kept).clone()) } else { None };
    orders.iter().filter_map(kept).next_back()
}

fn after(kept: Kept, program: Program, interval: Interval) -> Engine {
    let key = ServiceKey { kind: "process".to_owned(), name: "p".to_owned() };
    let mut engine = Engine::new(program, at(20_000));
    engine.go_on_from(&BTreeMap::from([(key, kept)]), interval);
    engine
}

#[test]
fn deeds_outlive_ruled_and_the_machine() {
    let (mut engine, done) = crashed();
    engine.handle(at(2_400), Input::Outcome(done[0], ended(0, "paged")));
    let orders = engine.handle(at(2_500), Input::Outcome(done[1], ended(3, "no config\nat all")));
    let kept = kept(&orders).expect("an end is kept");
    let read = Kept::from_json(&kept.to_json()).expect("what was written is read");
    for interval in [Interval::Restart, Interval::Reboot] {
        let engine = after(read.clone(), rules(), interval);
        let last = engine.last_deed(P).expect("a start");
        assert_eq!((last.word, last.argv.join(" ").as_str(), last.began), ("start", "/start/p", at(2_000).wall));
        assert_eq!((last.reason.event, last.reason.message.as_str()), ("nonexist", "process is not running"));
        assert_eq!((last.took, last.end.clone()), (Some(Duration::from_millis(500)), Some(DeedEnd::Exited(3))));
        assert_eq!(last.output, "no config\nat all");
        assert_eq!(engine.last_exec(P, 1).map(|deed| deed.output.as_str()), Some("paged"));
    }
    // A rule that is gone takes what it ran with it.
    let other = program(vec![process("p").only(vec![missing(Action::Restart)])]);
    let engine = after(read, other, Interval::Restart);
    assert_eq!(engine.last_deeds(P).len(), 1);
}

#[test]
fn what_was_under_way_when_ruled_ended_ended_nobody_knows_how() {
    let (engine, _) = crashed();
    let kept = engine.kept(P).expect("a service");
    assert_eq!(kept.deeds.iter().map(|deed| deed.how.clone()).collect::<Vec<_>>(), [None, None]);
    let later = after(kept, rules(), Interval::Restart);
    assert_eq!(later.last_deed(P).and_then(|deed| deed.end.clone()), Some(DeedEnd::Unknown));
}

#[test]
fn a_deed_is_kept_before_it_is_done() {
    let mut engine = Engine::new(rules(), at(1_000));
    let round = looks(&engine.handle(at(1_000), Input::Tick))[0];
    let orders = engine.handle(at(1_000), Input::Readings(P, round, absent(1_000)));
    let place = |wanted: fn(&Order) -> bool| orders.iter().position(wanted).expect("an order");
    assert!(place(|order| matches!(order, Order::Keep(..))) < place(|order| matches!(order, Order::Act(..))));
}

#[test]
fn deeds_of_a_later_version_take_nothing_away() {
    let deed = |what: &str, how: &str| KeptDeed {
        what: what.to_owned(),
        event: "nonexist".to_owned(),
        how: Some(how.to_owned()),
        ..KeptDeed::default()
    };
    let kept = Kept { deeds: vec![deed("freeze", "exited"), deed("start", "melted")], ..Kept::default() };
    let engine = after(kept, rules(), Interval::Restart);
    let known: Vec<_> = engine.last_deeds(P).iter().map(|deed| (deed.word, deed.end.clone())).collect();
    assert_eq!(known, [("start", Some(DeedEnd::Unknown))]);
}

#[test]
fn an_exchange_of_the_rules_forgets_no_deed() {
    let (mut engine, done) = crashed();
    engine.handle(at(2_500), Input::Outcome(done[1], ended(3, "no config")));
    engine.handle(at(2_600), Input::Retire);
    // The rules stand in another order, so the program belongs to another place.
    let turned = program(vec![process("p").only(vec![missing(exec("/bin/page", 0)), missing(Action::Restart)])]);
    let mut next = Engine::new(turned, at(2_600));
    next.go_on_after(&engine, at(2_600));
    assert_eq!(next.last_deed(P).map(|deed| deed.output.as_str()), Some("no config"));
    assert_eq!(next.last_exec(P, 1).map(|deed| deed.end.clone()), Some(None), "it is under way");
    engine.handle(at(2_700), Input::Outcome(done[0], ended(0, "paged")));
    next.learn_from(&engine);
    assert_eq!(next.last_exec(P, 1).map(|deed| deed.output.as_str()), Some("paged"));
    let orders = next.handle(at(2_700), Input::Tick);
    assert_eq!(kept(&orders).map(|kept| kept.deeds.len()), Some(2), "it is kept by the one that goes on");
}

#[test]
fn outputs_are_bounded_one_by_one_and_together() {
    let names: Vec<String> = (0..100).map(|number| format!("p{number}")).collect();
    let services = names.iter().map(|name| process(name).only(vec![missing(Action::Restart)])).collect();
    let mut engine = Engine::new(program(services), at(1_000));
    let long = format!("{}\n", "ü".repeat(60)).repeat(2 * DEED_OUTPUT_BYTES / 121);
    engine.handle(at(1_000), Input::Tick);
    for number in 0..100_u32 {
        let id = ServiceId(number);
        let now = 2_000 + u64::from(number) * 100;
        let round = looks(&engine.handle(at(now), Input::Request(id, Request::Start)))[0];
        let deed = deeds(&engine.handle(at(now), Input::Readings(id, round, absent(now))))[0];
        engine.handle(at(now + 50), Input::Outcome(deed, ended(1, &long)));
        let last = engine.last_deed(id).expect("a start");
        assert_eq!(last.output.len() as u64 + last.output_left_out_bytes, long.trim_end().len() as u64);
        assert!((DEED_OUTPUT_BYTES - 3..=DEED_OUTPUT_BYTES).contains(&last.output.len()));
    }
    let held = |number: u32| engine.last_deed(ServiceId(number)).map_or(0, |deed| deed.output.len());
    let all: usize = (0..100).map(held).sum();
    assert!(all <= DEEDS_OUTPUT_BYTES, "{all}");
    assert!(held(0) < 1_100 && held(0) > 600 && held(99) > DEED_OUTPUT_BYTES - 4, "{} {}", held(0), held(99));
    let first = engine.last_deed(ServiceId(0)).expect("a start");
    assert_eq!(first.output.len() as u64 + first.output_left_out_bytes, long.trim_end().len() as u64);
}
