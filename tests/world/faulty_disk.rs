//! Each system call with which ruled writes its state fails once, one after the other, and then all that follow do: supervision
//! goes on, one event says so, and what was kept in memory is written as soon as it can be.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::crash::{Shop, can_trace};

/// Which calls fail, and how: a disk that is full, that is broken, and that cannot be written to.
const FAULTS: [(&str, &str); 9] = [
    ("openat", "EROFS"),
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("fdatasync", "EIO"),
    ("fdatasync", "ENOSPC"),
    ("fsync", "EIO"),
    ("ftruncate", "ENOSPC"),
    ("unlink", "EROFS"),
    ("fallocate", "ENOSPC"),
];

/// At how many points calls must have failed, and after how many of them that was told. Fewer would mean that this does not see
/// what it is for.
const POINTS_MIN: usize = 30;
const TOLD_MIN: usize = 10;

/// No run makes a call so often.
const TIMES_MAX: usize = 60;

/// How many are tried side by side.
const SIDE_BY_SIDE: usize = 4;

/// What came of all the points.
#[derive(Default)]
struct Tally {
    points: AtomicUsize,
    told: AtomicUsize,
}

/// Tries every fault at its first, second, third … call, until a run comes to its end without that call; `and_on` is added
/// behind the number: nothing, or a plus where all that follow fail as well.
fn at_every_point(and_on: &str, is_begun: bool) -> Tally {
    let tally = Tally::default();
    // A file that cannot be opened even to be read is no disk that cannot be written to, and nobody could know what was.
    let faults: Vec<_> = FAULTS.into_iter().filter(|(call, _)| and_on.is_empty() || *call != "openat").collect();
    let over: Mutex<BTreeMap<(&str, &str), ()>> = Mutex::default();
    let all = (1..=TIMES_MAX).flat_map(|times| faults.iter().map(move |fault| (*fault, times)));
    let agenda = Mutex::new(all.collect::<Vec<_>>().into_iter());
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some((fault, times)) = agenda.lock().expect("no panic").next() else { return };
                    if over.lock().expect("no panic").contains_key(&fault) {
                        continue;
                    }
                    if !try_at(fault, &format!("{times}{and_on}"), is_begun, &tally) {
                        over.lock().expect("no panic").insert(fault, ());
                    }
                }
            });
        }
    });
    assert_eq!(over.lock().expect("no panic").len(), faults.len(), "every call was made often enough");
    tally
}

/// One cycle with this fault; whether the call was made so often.
fn try_at((call, error): (&str, &str), when: &str, is_begun: bool, tally: &Tally) -> bool {
    let at = format!("{call} fails with {error}, number {when}");
    let shop = Shop::new();
    if !is_begun {
        assert_eq!(shop.run().status, 0);
        shop.changes();
    }
    let (end, was_hit) = shop.traced(&format!("{call}:error={error}:when={when}"));
    assert!(end.contains("exited with 0"), "{at}: {end}");
    if !was_hit {
        return false;
    }
    tally.points.fetch_add(1, Ordering::Relaxed);
    let (failed, healed) = (shop.told("data", "failed"), shop.told("data", "succeeded"));
    assert!(
        failed <= 1 && healed <= failed,
        "{at}: told {failed} times that it fails, and {healed} times that it is over"
    );
    if when.ends_with('+') {
        assert_eq!(healed, 0, "{at}: nothing can be written");
    } else {
        assert_eq!(healed, failed, "{at}: it heals without another start");
    }
    tally.told.fetch_add(failed, Ordering::Relaxed);
    // What a cycle has to do was done and told.
    if is_begun {
        assert_eq!(shop.starts(), "started\n", "{at}");
    } else {
        shop.is_well(&at);
    }
    // And the next one finds state that it can use; where all was written, nothing of this cycle is done or told again.
    let again = shop.run();
    assert_eq!(again.status, 0, "{at}: {}", again.err);
    assert!(!again.err.contains("damaged") && !again.err.contains("cannot"), "{at}: {}", again.err);
    if is_begun {
        assert_eq!(shop.starts(), "started\n", "{at}");
    } else if healed == failed {
        for (event, state) in [("content", "changed"), ("size", "changed"), ("size", "failed")] {
            assert_eq!(shop.told(event, state), 1, "{at}: {event} {state} is told once");
        }
    }
    true
}

#[test]
fn a_disk_that_fails_once_is_told_once_and_heals() {
    if !can_trace() {
        return;
    }
    let (begun, written) = (at_every_point("", true), at_every_point("", false));
    let points = begun.points.into_inner() + written.points.into_inner();
    let told = begun.told.into_inner() + written.told.into_inner();
    println!("the disk failed once at {points} points, and that was told after {told} of them");
    assert!(points >= POINTS_MIN && told >= TOLD_MIN, "only {points} points, {told} told");
}

#[test]
fn a_disk_that_fails_from_some_point_on_is_told_once_and_holds_nothing_up() {
    if !can_trace() {
        return;
    }
    let tally = at_every_point("+", false);
    let (points, told) = (tally.points.into_inner(), tally.told.into_inner());
    println!("the disk failed from {points} points on, and that was told after {told} of them");
    assert!(points >= POINTS_MIN / 2 && told >= TOLD_MIN / 2, "only {points} points, {told} told");
}
