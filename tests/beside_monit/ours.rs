//! ruled, led from cycle to cycle like Monit.
//!
//! While a world changes ruled is stopped, so that it sees the change and the wish for a cycle together. What it judges
//! out of turn is counted to the cycle that follows: there Monit sees it, because Monit sees nothing in between. Only the
//! worlds that show this repair let ruled see an exit before it is told to look.

use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;

use super::repair::Repair;
use super::stage::Stage;
use super::told::Told;
use super::world::{Change, Differs, World};
use crate::rig::{Daemon, until, write};

/// Plays the world to ruled; what it tells, cycle by cycle, with `{here}` in its messages.
pub(super) fn play(world: &World) -> Vec<Vec<Told>> {
    let mut stage = Stage::new();
    let mut cycles = world.cycles.iter();
    let (changes, _) = cycles.next().expect("a world has cycles");
    for change in *changes {
        stage.change(*change);
    }
    let own = format!("set daemon 3600\nset statefile {}/ruled.state\n{}", stage.here(), stage.fill(world.control));
    let control = write(stage.path(), "control.monitrc", own);
    let log = stage.path().join("ruled.log");
    let events = stage.path().join("events");
    let daemon = Daemon::start(&["-v", "--dialect", "monit", "--events", events.to_str().expect("UTF-8"), &control], &log);
    end_of_cycle(&daemon, 1);
    let is_seen_at_once = matches!(world.differs, Differs::Repaired(Repair::DeathAtOnce, _));
    for (number, (changes, _)) in (2..).zip(cycles) {
        let at_once = is_seen_at_once && changes.iter().any(|change| matches!(change, Change::Kill(_)));
        let rests = rests(&daemon);
        if !at_once {
            daemon.signal(Signal::SIGSTOP);
            until(|| is_stopped(daemon.pid()).then_some(())).expect("it stops");
        }
        for change in *changes {
            stage.change(*change);
        }
        if at_once {
            until(|| (self::rests(&daemon) > rests).then_some(())).expect("it sees the exit without being told to look");
        }
        daemon.signal(Signal::SIGUSR1);
        daemon.signal(Signal::SIGCONT);
        end_of_cycle(&daemon, number);
    }
    let said = daemon.said();
    assert_eq!(daemon.end(), 0, "{said}");
    told(&events, world.cycles.len(), stage.here())
}

/// How often ruled has come to rest: after each cycle, and after what an exit brought about.
fn rests(daemon: &Daemon) -> usize {
    daemon.said().matches(" is over\n").count()
}

/// ruled says in its log when all that a cycle brought about is done.
fn end_of_cycle(daemon: &Daemon, number: usize) {
    let line = format!("cycle {number} is over");
    let over = until(|| daemon.said().contains(&line).then_some(()));
    over.unwrap_or_else(|| panic!("cycle {number} does not end:\n{}", daemon.said()));
}

fn is_stopped(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with('T'))
}

fn told(path: &Path, cycles: usize, here: &str) -> Vec<Vec<Told>> {
    let mut told = vec![Vec::new(); cycles];
    for line in fs::read_to_string(path).expect("events").lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let word = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let early = event["early"] == true;
        let cycle = usize::try_from(event["cycle"].as_u64().expect("a cycle")).expect("a small number");
        let mut one = Told {
            service: word("service"),
            event: word("event"),
            state: word("state"),
            action: word("action"),
            message: word("message"),
            early,
        };
        one.message = one.sentence(here);
        if one.event != "instance" {
            told[cycle - usize::from(!early)].push(one);
        }
    }
    told
}
