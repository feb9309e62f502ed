//! Monit, led from cycle to cycle.
//!
//! Its cycle is an hour long, so that it only looks when told to. The last service of its control file is a mark: a
//! file that comes and goes, so that each cycle ends with one event about it. After that event Monit does nothing but
//! go to sleep, and a signal is not lost only once it sleeps; the kernel tells when it does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::collector;
use super::stage::{Stage, sleeps, state};
use super::told::Told;
use super::world::{Change, World};
use crate::rig::{until, wait};

/// Where Debian's package has it.
pub(crate) const MONIT: &str = "/usr/bin/monit";

/// How long is waited for an event before is looked whether Monit still runs.
const GLANCE: Duration = Duration::from_millis(100);

/// The service that marks the end of a cycle.
const MARK: &str = "mark";

/// A running Monit and its stage.
struct Monit {
    stage: Stage,
    child: Child,
    control: PathBuf,
    told: Receiver<Told>,
    cycles: usize,
}

/// Plays the world to Monit; what it tells, cycle by cycle, with `{here}` in its messages.
pub(super) fn play(world: &World) -> Vec<Vec<Told>> {
    let mut stage = Stage::new();
    let mut cycles = world.cycles.iter();
    let (changes, _) = cycles.next().expect("a world has cycles");
    for change in *changes {
        stage.change(*change);
    }
    let mut monit = Monit::start(stage, world.control);
    let mut told = vec![monit.end_of_cycle()];
    told.extend(cycles.map(|(changes, _)| monit.cycle(changes)));
    monit.quit();
    told
}

impl Monit {
    fn start(stage: Stage, text: &str) -> Monit {
        let (port, told) = collector::start();
        let here = stage.here();
        let own = format!(
            "set daemon 3600\n\
             set log {here}/monit.log\n\
             set pidfile {here}/monit.pid\n\
             set idfile {here}/monit.id\n\
             set statefile {here}/monit.state\n\
             set mmonit http://127.0.0.1:{port}/collector\n\
             set httpd unixsocket {here}/monit.sock allow keeper:opensesame\n\
             {}\n\
             check file {MARK} path {here}/{MARK}\n    if not exist then alert\n",
            stage.fill(text)
        );
        let control = PathBuf::from(crate::rig::write(stage.path(), "control.monitrc", own));
        fs::set_permissions(&control, PermissionsExt::from_mode(0o600)).expect("a mode");
        let child = spawn(stage.path(), &control);
        Monit { stage, child, control, told, cycles: 0 }
    }

    /// Ends Monit and starts it again. Its own mark is gone then, so that the first cycle has an event too.
    fn start_again(&mut self, changes: &[Change]) {
        kill(self.pid(), Signal::SIGTERM).expect("Monit is there");
        wait(&mut self.child).expect("Monit ends in time");
        while self.told.recv_timeout(GLANCE).is_ok() {}
        fs::remove_file(self.stage.path().join(MARK)).ok();
        for change in changes.iter().filter(|change| !matches!(change, Change::Again)) {
            self.stage.change(*change);
        }
        self.child = spawn(self.stage.path(), &self.control);
        self.cycles = 0;
    }

    fn cycle(&mut self, changes: &[Change]) -> Vec<Told> {
        if changes.iter().any(|change| matches!(change, Change::Again)) {
            self.start_again(changes);
            return self.end_of_cycle();
        }
        for change in changes {
            if !matches!(change, Change::Ask(..)) {
                self.stage.change(*change);
            }
        }
        let mark = self.stage.path().join(MARK);
        if self.cycles % 2 == 1 { fs::write(mark, "") } else { fs::remove_file(mark) }.expect("the mark");
        let mut asked = false;
        for change in changes {
            if let Change::Ask(words) = change {
                // Monit wakes itself for this, so it is not woken once more.
                asked = true;
                self.ask(words);
            }
        }
        if !asked {
            kill(self.pid(), Signal::SIGUSR1).expect("Monit is there");
        }
        self.end_of_cycle()
    }

    fn ask(&self, words: &str) {
        let mut command = Command::new(MONIT);
        command.arg("-c").arg(&self.control).args(words.split(' ')).stdin(Stdio::null());
        let done = crate::rig::finish(command);
        assert_eq!(done.status, 0, "monit {words}: {}{}", done.out, done.err);
    }

    /// Waits for the mark, and until Monit sleeps.
    fn end_of_cycle(&mut self) -> Vec<Told> {
        self.cycles += 1;
        let mut events = Vec::new();
        loop {
            let event = self.next().unwrap_or_else(|| panic!("cycle {} does not end:\n{}", self.cycles, self.said()));
            if event.service == MARK {
                break;
            }
            // That Monit itself starts and stops is told in other words by each program.
            if event.event != "instance" {
                events.push(event);
            }
        }
        until(|| (sleeps(self.child.id()) && !self.has_children()).then_some(())).expect("Monit goes to sleep");
        let log = self.said();
        let seen = log.lines().filter(|line| line.contains(&format!("'{MARK}' file "))).count();
        assert_eq!(seen, self.cycles, "not one cycle at a time:\n{log}");
        for event in &mut events {
            event.message = event.sentence(self.stage.here());
        }
        events
    }

    /// The next event; nothing when it does not come in time, or when Monit has ended.
    fn next(&mut self) -> Option<Told> {
        until(|| match self.told.recv_timeout(GLANCE) {
            Ok(event) => Some(Some(event)),
            Err(_) => self.child.try_wait().expect("a child of ours").map(|_| None),
        })
        .flatten()
    }

    /// Whether a program of a program entry still runs. It sees the world, so the world must not change meanwhile.
    fn has_children(&self) -> bool {
        let pid = self.pid();
        let tasks = Path::new("/proc").join(pid.to_string()).join("task").join(pid.to_string()).join("children");
        let children = fs::read_to_string(tasks).unwrap_or_default();
        let mut living = children.split_whitespace().filter_map(|pid| pid.parse().ok()).filter_map(state);
        living.any(|state| state != 'Z')
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"))
    }

    fn said(&self) -> String {
        fs::read_to_string(self.stage.path().join("monit.out")).unwrap_or_default()
    }

    fn quit(mut self) {
        kill(self.pid(), Signal::SIGTERM).expect("Monit is there");
        wait(&mut self.child).expect("Monit ends in time");
    }
}

fn spawn(folder: &Path, control: &Path) -> Child {
    let said = fs::File::create(folder.join("monit.out")).expect("a file");
    let mut command = Command::new(MONIT);
    command.args(["-v", "-I", "-c"]).arg(control).stdin(Stdio::null());
    command.stdout(said.try_clone().expect("a copy")).stderr(said);
    command.spawn().expect("Monit starts")
}

impl Drop for Monit {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
