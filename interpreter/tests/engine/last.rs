//! What is remembered of what was done.

use std::time::Duration;

use interpreter::engine::{
    Cause, DeedId, Engine, Identity, Input, Monotonic, Now, Order, Outcome, PidfileState, Presence, Readings, Request,
    ServiceId, Wall,
};
use interpreter::program::Action;

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

/// An engine whose process was seen and crashes, with two rules for that; what it orders then.
fn crashed() -> (Engine, Vec<DeedId>) {
    let rules = vec![missing(Action::Restart), missing(exec("/bin/page", 0))];
    let mut engine = Engine::new(program(vec![process("p").only(rules)]), at(1_000));
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
    assert_eq!((last.took, last.outcome), (None, None));
    // The rule's program was ordered first.
    engine.handle(at(2_001), Input::Outcome(done[1], Outcome::Running));
    engine.handle(at(2_500), Input::Outcome(done[1], Outcome::Ended { status: 3, output: "no config\n".to_owned() }));
    let last = engine.last_deed(P).expect("a start");
    assert_eq!(last.took, Some(Duration::from_millis(500)));
    assert_eq!(last.outcome, Some(Outcome::Ended { status: 3, output: "no config".to_owned() }));
    let page = engine.last_exec(P, 1).expect("a program");
    assert_eq!((page.word, page.argv.join(" ").as_str(), page.took), ("exec", "/bin/page", None));
    engine.handle(at(9_000), Input::Outcome(done[0], Outcome::TimedOut));
    let page = engine.last_exec(P, 1).expect("a program");
    assert_eq!((page.took, &page.outcome), (Some(Duration::from_secs(7)), &Some(Outcome::TimedOut)));
    assert_eq!(engine.last_exec(P, 0), None);
}

#[test]
fn the_end_of_a_program_that_stays_is_remembered_although_nobody_waits_for_it() {
    let (mut engine, done) = crashed();
    let orders = engine.handle(at(2_020), Input::Tick);
    let process = Identity::Process { pid: 8, start_ticks: 2, uptime_s: 0 };
    let round = looks(&orders)[0];
    engine.handle(at(2_020), Input::Readings(P, round, Readings::of(at(2_020), Presence::Present(process))));
    assert_eq!(engine.last_deed(P).expect("a start").outcome, None);
    engine.handle(at(60_000), Input::Outcome(done[1], Outcome::Ended { status: 137, output: String::new() }));
    let last = engine.last_deed(P).expect("a start");
    assert_eq!(last.outcome, Some(Outcome::Ended { status: 137, output: String::new() }));
    assert_eq!(last.took, Some(Duration::from_secs(58)));
}

#[test]
fn the_newest_deed_takes_the_place_of_the_one_before() {
    let (mut engine, done) = crashed();
    engine.handle(at(2_100), Input::Outcome(done[1], Outcome::Refused("cannot run /start/p".to_owned())));
    assert_eq!(engine.last_deed(P).expect("a start").outcome, Some(Outcome::Refused("cannot run /start/p".to_owned())));
    let round = looks(&engine.handle(at(3_000), Input::Request(P, Request::Start)))[0];
    engine.handle(at(3_000), Input::Readings(P, round, absent(3_000)));
    let last = engine.last_deed(P).expect("a start");
    assert_eq!((last.outcome.clone(), last.reason.message.as_str()), (None, "start on user request"));
    // How the one before ends is of no interest any more.
    engine.handle(at(3_100), Input::Outcome(done[1], Outcome::TimedOut));
    assert_eq!(engine.last_deed(P).expect("a start").outcome, None);
}
