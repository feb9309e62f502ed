//! Plays a world to both programs and compares what they tell.

use std::fmt::Write;
use std::path::Path;

use super::repair::Repair;
use super::stage::may_mount;
use super::told::Told;
use super::world::{Change, Differs, World};
use super::{monit, ours};
use crate::rig::{finish, ruled, skip, write};

/// Whether Monit is installed. In continuous integration a missing Monit is a failed test.
pub(crate) fn installed() -> bool {
    let there = Path::new(monit::MONIT).exists();
    if !there {
        skip(&format!("MONIT IS MISSING: {} is not installed; run tests/install", monit::MONIT));
    }
    there
}

/// Plays the world to Monit and to ruled, side by side.
pub(super) fn play(name: &str, world: &World) {
    if !installed() {
        return;
    }
    let mounts = world.cycles.iter().any(|(changes, _)| changes.iter().any(|one| matches!(one, Change::Mount(_))));
    if mounts && !may_mount() {
        skip(&format!("{name} mounts a file system, and that is forbidden here"));
        return;
    }
    assert!(!leaves_out(world), "ruled does not see all of {name}");
    let (told, own) = std::thread::scope(|scope| {
        let own = scope.spawn(|| ours::play(world));
        let told = scope.spawn(|| monit::play(world)).join();
        (told, own.join())
    });
    let told = told.unwrap_or_else(|_| panic!("Monit did not play {name} to its end"));
    let pinned: Vec<Vec<&str>> = world.cycles.iter().map(|(_, told)| told.to_vec()).collect();
    assert!(lines(&told) == pinned, "{name}: Monit tells\n{}", table(&told));
    let own = own.unwrap_or_else(|_| panic!("ruled did not play {name} to its end"));
    compare(name, world, &told, &own);
}

/// Whether the checker says that ruled does not watch some of it.
fn leaves_out(world: &World) -> bool {
    let stage = super::stage::Stage::new();
    let control = write(stage.path(), "control.monitrc", stage.fill(world.control));
    let checked = finish(ruled(&["check", "--dialect", "monit", "--output", "concise", &control]));
    assert!(checked.status == 0, "{}{}", checked.out, checked.err);
    checked.out.contains("not-watched-yet")
}

fn compare(name: &str, world: &World, monit: &[Vec<Told>], own: &[Vec<Told>]) {
    let expected: Vec<Vec<&str>> = (1..=world.cycles.len()).map(|number| world.expected(number).to_vec()).collect();
    let picture = || format!("{name}: ruled tells\n{}where Monit tells\n{}", table(own), table(monit));
    assert!(by_service(&lines(own)) == by_service(&expected), "{}", picture());
    match world.differs {
        Differs::Not => {}
        Differs::Repaired(Repair::DeathAtOnce, _) => {
            assert!(own.iter().flatten().any(|one| one.early), "the repair no longer shows:\n{}", picture());
        }
        Differs::Repaired(..) => {
            assert!(by_service(&lines(own)) != by_service(&lines(monit)), "it no longer differs:\n{}", picture());
        }
    }
    let mut same = monit.iter().zip(own).filter(|(theirs, ours)| lines_of(theirs) == lines_of(ours));
    let differing = same.find(|(theirs, ours)| sentences(theirs) != sentences(ours));
    assert!(differing.is_none(), "{name}: ruled says it in other words\n{}", picture());
}

fn lines(told: &[Vec<Told>]) -> Vec<Vec<String>> {
    told.iter().map(|cycle| cycle.iter().map(Told::line).collect()).collect()
}

/// The events of a cycle, whatever their order.
fn lines_of(cycle: &[Told]) -> Vec<String> {
    let mut lines: Vec<String> = cycle.iter().map(Told::line).collect();
    lines.sort();
    lines
}

/// The events of a cycle with their messages, whatever their order.
fn sentences(cycle: &[Told]) -> Vec<(String, &str)> {
    let mut sentences: Vec<(String, &str)> = cycle.iter().map(|one| (one.line(), one.message.as_str())).collect();
    sentences.sort();
    sentences
}

/// The events of each cycle, service by service: ruled looks at all services side by side, so that what it tells about
/// different ones has no order.
fn by_service<T: AsRef<str>>(told: &[Vec<T>]) -> Vec<Vec<String>> {
    let sorted = |cycle: &Vec<T>| {
        let mut cycle: Vec<String> = cycle.iter().map(|line| line.as_ref().to_owned()).collect();
        cycle.sort_by_key(|line| line.split(' ').next().unwrap_or_default().to_owned());
        cycle
    };
    told.iter().map(sorted).collect()
}

/// What was told, as the world would have it, with the messages beside it.
fn table(told: &[Vec<Told>]) -> String {
    let mut table = String::new();
    for (number, cycle) in (1..).zip(told) {
        let lines: Vec<String> = cycle.iter().map(Told::line).collect();
        writeln!(table, "  cycle {number}: &{lines:?}").expect("memory");
        for one in cycle {
            writeln!(table, "      {}{}", if one.early { "(early) " } else { "" }, one.message).expect("memory");
        }
    }
    table
}
