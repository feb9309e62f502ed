//! ruled, led from cycle to cycle like Monit.
//!
//! While a world changes ruled is stopped, so that it sees the change and the wish for a cycle together. What it tells
//! between two cycles, because it judges an exit out of turn, is counted to the cycle that follows: there Monit tells it,
//! because Monit sees nothing in between. Only the worlds that show this repair let ruled see an exit before it is told
//! to look.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use super::repair::Repair;
use super::stage::{Stage, state};
use super::told::Told;
use super::world::{Change, Differs, World};
use crate::rig::{Daemon, finish, ruled, until, write};

/// A running ruled and its stage.
struct Ours {
    stage: Stage,
    daemon: Daemon,
    control: String,
    events: PathBuf,
    /// How many events were read.
    read: usize,
    cycles: usize,
}

/// Plays the world to ruled; what it tells, cycle by cycle, with `{here}` in its messages.
pub(super) fn play(world: &World) -> Vec<Vec<Told>> {
    let at_once = matches!(world.differs, Differs::Repaired(Repair::DeathAtOnce, _));
    let mut cycles = world.cycles.iter();
    let (changes, _) = cycles.next().expect("a world has cycles");
    let mut stage = Stage::new();
    for change in *changes {
        stage.change(*change);
    }
    let mut ours = Ours::start(stage, world.control);
    let mut told = vec![ours.end_of_cycle()];
    for (changes, _) in cycles {
        if changes.iter().any(|change| matches!(change, Change::Again)) {
            ours.start_again(changes);
        } else if at_once && changes.iter().any(|change| matches!(change, Change::Kill(_))) {
            ours.see_at_once(changes);
        } else {
            ours.change(changes);
        }
        told.push(ours.end_of_cycle());
    }
    let said = ours.daemon.said();
    assert_eq!(ours.daemon.end(), 0, "{said}");
    told
}

impl Ours {
    fn start(stage: Stage, text: &str) -> Ours {
        let own = format!("set daemon 3600\nset statefile {}/ruled.state\n{}", stage.here(), stage.fill(text));
        let control = write(stage.path(), "control.monitrc", own);
        let events = stage.path().join("events");
        let daemon = spawn(stage.path(), &control);
        Ours { stage, daemon, control, events, read: 0, cycles: 0 }
    }

    /// Ends ruled and starts it again.
    fn start_again(&mut self, changes: &[Change]) {
        self.daemon.signal(Signal::SIGTERM);
        assert_eq!(self.daemon.wait(), 0, "{}", self.daemon.said());
        for change in changes.iter().filter(|change| !matches!(change, Change::Again)) {
            self.stage.change(*change);
        }
        self.daemon = spawn(self.stage.path(), &self.control);
        self.cycles = 0;
    }

    /// Changes the world while ruled does not look, and wakes it.
    fn change(&mut self, changes: &[Change]) {
        self.daemon.signal(Signal::SIGSTOP);
        until(|| (state(self.daemon.pid()) == Some('T')).then_some(())).expect("it stops");
        let asked =
            changes.iter().filter_map(|change| if let Change::Ask(words) = change { Some(*words) } else { None });
        for change in changes.iter().filter(|change| !matches!(change, Change::Ask(_))) {
            self.stage.change(*change);
        }
        let asked: Vec<&str> = asked.collect();
        if asked.is_empty() {
            self.daemon.signal(Signal::SIGUSR1);
            self.daemon.signal(Signal::SIGCONT);
            return;
        }
        self.daemon.signal(Signal::SIGCONT);
        asked.iter().for_each(|words| self.ask(words));
        self.daemon.signal(Signal::SIGUSR1);
    }

    /// Asks in the words of Monit's command line, and waits until that is done: Monit does it at the beginning of a cycle.
    fn ask(&self, words: &str) {
        let words: Vec<&str> = words.split(' ').collect();
        let words = match words.as_slice() {
            ["-g", group, action, "all"] => vec![*action, "-g", *group],
            words => words.to_vec(),
        };
        let mut command = ruled(&words);
        command.args(["--config", &self.control]).env("RUNTIME_DIRECTORY", self.stage.path());
        let done = finish(command);
        assert_ne!(done.status, 2, "nobody hears {words:?}: {}", done.err);
    }

    /// Changes the world before its eyes, lets it do what it does, and wakes it.
    fn see_at_once(&mut self, changes: &[Change]) {
        // It says that a cycle is over once more when all that an exit brought about is done.
        let rests = |said: &str| said.matches(" is over\n").count();
        let before = rests(&self.daemon.said());
        for change in changes {
            self.stage.change(*change);
        }
        let seen = until(|| (rests(&self.daemon.said()) > before).then_some(()));
        seen.unwrap_or_else(|| panic!("it does not see the exit without being told to:\n{}", self.daemon.said()));
        self.daemon.signal(Signal::SIGUSR1);
    }

    /// Waits until ruled says that all that the cycle brought about is done; what it told since the cycle before.
    fn end_of_cycle(&mut self) -> Vec<Told> {
        self.cycles += 1;
        let line = format!("cycle {} is over\n", self.cycles);
        let over = until(|| self.daemon.said().contains(&line).then_some(()));
        over.unwrap_or_else(|| panic!("cycle {} does not end:\n{}", self.cycles, self.daemon.said()));
        let text = fs::read_to_string(&self.events).expect("events");
        let fresh: Vec<Told> = text.lines().skip(self.read).map(|line| told(line, self.stage.here())).collect();
        self.read += fresh.len();
        // That ruled itself starts and stops is told in other words by each program.
        fresh.into_iter().filter(|one| one.event != "instance").collect()
    }
}

fn spawn(folder: &Path, control: &str) -> Daemon {
    let events = folder.join("events");
    let words = ["-v", "--dialect", "monit", "--events", events.to_str().expect("UTF-8"), control];
    Daemon::start(&words, &folder.join("ruled.log"))
}

fn told(line: &str, here: &str) -> Told {
    let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let word = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let mut told = Told {
        service: word("service"),
        event: word("event"),
        state: word("state"),
        action: word("action"),
        message: word("message"),
        early: event["early"] == true,
    };
    told.message = told.sentence(here);
    told
}
