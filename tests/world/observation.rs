//! Observations under way, and the pool in which they wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use interpreter::engine::{
    Cause, ConnectionResult, Identity, Metric, Now, Plan, Presence, Reading, Readings, RoundId, ServiceId,
};
use interpreter::program::{Behaviour, Target};
use ruled::observe::pool::{Job, Pool, PoolError};
use ruled::observe::{Figures, Seen, Sight};
use ruled::world::clock::Clock;
use ruled::world::looks::{Look, Looks};
use ruled::world::places::Places;
use ruled::world::rounds::{Next, RoundKey, Rounds};
use ruled::world::timers::Timers;
use tokio::sync::mpsc::unbounded_channel;

use super::{PATIENCE, eventually};

const KEY: RoundKey = RoundKey { generation: 0, service: ServiceId(1), round: RoundId(9) };

fn begin(after_s: u64) -> Rounds {
    let mut rounds = Rounds::default();
    let plan = Plan {
        metrics: vec![Metric::Memory],
        connections: vec![2, 5],
        connections_after: Duration::from_secs(after_s),
        deadline: Duration::from_secs(7),
        ..Plan::default()
    };
    rounds.begin(KEY, Arc::new(plan), std::time::Instant::now());
    rounds
}

fn seen(presence: Presence) -> Seen {
    Seen {
        presence,
        pidfile: None,
        figures: Figures::default(),
        takers: BTreeMap::new(),
        family: None,
        note: None,
        pidfd: None,
    }
}

fn process(uptime_s: u64) -> Presence {
    Presence::Present(Identity::Process { pid: 7, start_ticks: 1, uptime_s })
}

fn complete(next: Next) -> Readings {
    match next {
        Next::Complete(readings) => readings,
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_changes_at_once_leave_room_for_the_cycle() {
    const CHANGES: u32 = 5_000;
    let file = tempfile::NamedTempFile::new().expect("a file");
    let sight = Arc::new(Sight::new(&Target::File(file.path().display().to_string()), &Behaviour::RULES));
    let (sighted, mut results) = unbounded_channel();
    let mut looks = Looks::new(Clock::start(), Arc::new(Places::none()), sighted);
    for service in (0..=CHANGES).map(ServiceId) {
        let early = (service.0 < CHANGES).then_some(Cause::Changed);
        let plan = Plan { early, ..Plan::default() };
        let key = RoundKey { generation: 0, service, round: RoundId(1) };
        let until = Instant::now() + PATIENCE;
        assert!(
            looks
                .batch(vec![Look {
                    key,
                    sight: Arc::clone(&sight),
                    plan: Arc::new(plan),
                    known: None,
                    group: None,
                    until
                }])
                .is_empty()
        );
    }
    let mut seen = 0;
    assert!(eventually(|| {
        while let Ok(sighted) = results.try_recv() {
            assert!(matches!(sighted.seen.presence, Presence::Present(_)));
            seen += 1;
        }
        seen == CHANGES + 1
    }));
}

#[test]
fn connections_are_made_to_what_is_there_and_has_started() {
    for absent in [
        Presence::Absent(String::new()),
        Presence::Unknown(String::new()),
        Presence::Zombie(Identity::Itself),
        process(30),
    ] {
        let readings = complete(begin(30).seen(KEY, Now::default(), seen(absent)));
        assert!(readings.connections.is_empty());
    }
    for there in [Presence::Present(Identity::Itself), process(31)] {
        assert_eq!(begin(30).seen(KEY, Now::default(), seen(there)), Next::Connect(vec![2, 5]));
    }
    assert_eq!(begin(0).seen(KEY, Now::default(), seen(process(0))), Next::Connect(vec![2, 5]));
}

#[test]
fn a_round_is_complete_when_all_is_there() {
    let mut rounds = begin(0);
    rounds.seen(KEY, Now::default(), seen(process(1)));
    let failed = Reading::Known(ConnectionResult::Failed("refused".to_owned()));
    assert_eq!(rounds.connected(KEY, 5, failed.clone()), Next::Nothing);
    assert_eq!(rounds.connected(KEY, 5, failed.clone()), Next::Nothing, "each counts once");
    let readings = complete(rounds.connected(KEY, 2, failed));
    assert_eq!(readings.connections.len(), 2);
    assert!(rounds.is_empty());
    assert_eq!(rounds.expire(KEY, Now::default(), "no answer"), Next::Nothing);
}

#[test]
fn what_did_not_come_is_unknown() {
    let readings = complete(begin(0).expire(KEY, Now::default(), "no answer"));
    assert!(matches!(readings.presence, Presence::Unknown(reason) if reason.contains("no answer within 7s")));
    assert!(matches!(readings.values.get(&Metric::Memory), Some(Reading::Unknown(_))));
    let mut rounds = begin(0);
    rounds.seen(KEY, Now::default(), seen(process(1)));
    let failed = Reading::Known(ConnectionResult::Failed("refused".to_owned()));
    rounds.connected(KEY, 2, failed.clone());
    let readings = complete(rounds.expire(KEY, Now::default(), "no answer"));
    assert_eq!(readings.connections.get(&2), Some(&failed));
    assert!(matches!(readings.connections.get(&5), Some(Reading::Unknown(_))));
}

#[test]
fn a_lane_that_hangs_holds_up_no_other() {
    let pool = Pool::default();
    let (release, hang) = channel::<()>();
    pool.submit("dead", vec![Box::new(move || hang.recv().unwrap_or(()))]).expect("taken");
    let many = || (0..60_000).map(|_| -> Job { Box::new(|| ()) }).collect();
    pool.submit("dead", many()).expect("taken");
    let (done, wait) = channel();
    for number in 0..10 {
        let done = done.clone();
        pool.submit("alive", vec![Box::new(move || done.send(number).unwrap_or(()))]).expect("taken");
    }
    // Those of one lane keep their order.
    let order: Vec<i32> = (0..10).map(|_| wait.recv_timeout(PATIENCE).expect("done")).collect();
    assert_eq!(order, (0..10).collect::<Vec<_>>());
    release.send(()).expect("it hangs");
    pool.close();
}

#[test]
fn a_lane_is_bounded() {
    let pool = Pool::default();
    let holds: Vec<_> = (0..2).map(|_| channel::<()>()).collect();
    let (releases, hangs): (Vec<_>, Vec<_>) = holds.into_iter().unzip();
    pool.submit("dead", hangs.into_iter().map(|hang| -> Job { Box::new(move || hang.recv().unwrap_or(())) }).collect())
        .expect("taken");
    assert!(eventually(|| pool.stuck(Duration::ZERO).len() == 1));
    let many = || (0..60_000).map(|_| -> Job { Box::new(|| ()) }).collect();
    let refused: Vec<_> = (0..9).filter_map(|_| pool.submit("dead", many()).err()).collect();
    assert_eq!(refused.last(), Some(&PoolError::Full("dead".to_owned())));
    drop(releases);
    pool.close();
}

#[test]
fn what_waits_behind_a_slow_job_goes_on() {
    let pool = Pool::default();
    let (release, hang) = channel::<()>();
    let (done, wait) = channel();
    let slow: Job = Box::new(move || hang.recv().unwrap_or(()));
    let quick = (0..5).map(|number| -> Job {
        let done = done.clone();
        Box::new(move || done.send(number).unwrap_or(()))
    });
    pool.submit("disk", std::iter::once(slow).chain(quick).collect()).expect("taken");
    // Nobody hands in anything meanwhile.
    let order: Vec<i32> = (0..5).map(|_| wait.recv_timeout(PATIENCE).expect("done")).collect();
    assert_eq!(order, [0, 1, 2, 3, 4]);
    assert_eq!(pool.stuck(Duration::ZERO).first().map(|stuck| stuck.lane.clone()), Some("disk".to_owned()));
    release.send(()).expect("it hangs");
    assert!(eventually(|| pool.stuck(Duration::ZERO).is_empty()));
    pool.close();
}

#[test]
fn many_dead_lanes_leave_threads_for_those_that_live() {
    let pool = Pool::default();
    let mut releases = Vec::new();
    for number in 0..12 {
        let (release, hang) = channel::<()>();
        releases.push(release);
        pool.submit(&format!("dead {number}"), vec![Box::new(move || hang.recv().unwrap_or(()))]).expect("taken");
    }
    let (done, wait) = channel();
    // What was handed in first may find all threads busy with what is not known yet to be dead.
    let served = eventually(|| {
        let done = done.clone();
        pool.submit("alive", vec![Box::new(move || done.send(()).unwrap_or(()))]).expect("taken");
        wait.try_recv().is_ok()
    });
    assert!(served);
    assert!(eventually(|| pool.stuck(Duration::ZERO).len() >= 12), "all of them have a thread");
    drop(releases);
    assert!(eventually(|| pool.stuck(Duration::ZERO).is_empty()));
    pool.close();
}

#[test]
fn timers_come_out_in_order() {
    let (mut timers, now) = (Timers::new(), Instant::now());
    for (wait_s, what) in [(2, "c"), (1, "a"), (1, "b"), (9, "d")] {
        timers.set(now + Duration::from_secs(wait_s), what);
    }
    assert_eq!(timers.next(), Some(now + Duration::from_secs(1)));
    let later = now + Duration::from_secs(3);
    let out: Vec<&str> = std::iter::from_fn(|| timers.take(later)).collect();
    assert_eq!(out, ["a", "b", "c"]);
    assert_eq!(timers.take(now), None);
}
