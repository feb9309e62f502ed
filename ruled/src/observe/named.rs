//! Finds the process that a pid file names, and remembers what the file named before: a number is given to another program
//! sooner or later, and the file does not know.

use std::sync::{Mutex, PoisonError};

use interpreter::engine::{PidfileState, Presence};
use interpreter::program::Behaviour;

use super::apart::Reader;
use super::pidfile::{self, Pidfile, Stamp};
use super::process::{Known, Look, Sighting, look, look_by_start};

/// A pid file, and the process that it named when somebody looked last.
#[derive(Debug)]
pub struct Named {
    path: String,
    /// A process that is known and lives is kept, whatever the file says by now.
    is_kept: bool,
    is_scanned: bool,
    last: Mutex<Option<Last>>,
}

/// What a pid file named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Last {
    file: Stamp,
    pid: u32,
    /// When that process started, in clock ticks since boot, and its name; nothing when there was none.
    process: Option<(u64, String)>,
}

/// Whether a process is the one that a pid file means.
enum Judgement {
    /// It is; what is odd about it.
    Meant(Option<String>),
    /// It is somebody else: why, in words that go on behind `which`.
    Stranger(String),
}

impl Named {
    /// Nobody has looked yet.
    pub fn new(path: &str, behaviour: &Behaviour) -> Named {
        Named {
            path: path.to_owned(),
            is_kept: behaviour.process_is_kept,
            is_scanned: behaviour.pid_file_is_scanned,
            last: Mutex::new(None),
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Looks for the process. `known` is the one that was found last.
    pub fn look(&self, reader: Reader, known: Option<Known>) -> Sighting {
        if let Some(known) = known.filter(|_| self.is_kept)
            && let Some(Look::Alive(found)) = look_by_start(known.pid, Some(known))
        {
            return Sighting::with(found, Some(PidfileState::Names(known.pid)));
        }
        let path = &self.path;
        match pidfile::read(reader, path, self.is_scanned) {
            Pidfile::Names(pid, file) => self.look_at(pid, file, known),
            Pidfile::Gone => Sighting::without(
                Presence::Absent(format!("the pid file {path} does not exist")),
                Some(PidfileState::Gone),
            ),
            Pidfile::Garbage(reason) => Sighting::without(Presence::Absent(reason), Some(PidfileState::Unreadable)),
            Pidfile::Unreadable(reason) => {
                let presence = if self.is_scanned { Presence::Absent(reason) } else { Presence::Unknown(reason) };
                Sighting::without(presence, Some(PidfileState::Unreadable))
            }
        }
    }

    fn look_at(&self, pid: u32, file: Stamp, known: Option<Known>) -> Sighting {
        let named = |why: &str| Presence::Absent(format!("the pid file {} names pid {pid}, which {why}", self.path));
        let (names, foreign) = (Some(PidfileState::Names(pid)), Some(PidfileState::Foreign(pid)));
        if pid == 1 {
            // Pid 1 always runs, so a file that names it would be "running" for ever.
            return Sighting::without(named("is the init process"), foreign);
        }
        match look(pid, known) {
            Look::Alive(found) if found.stat.is_kernel => {
                Sighting::without(named("is a thread of the kernel"), foreign)
            }
            Look::Alive(found) => {
                let process = (found.stat.start_ticks, found.stat.name.clone());
                match self.judge(pid, file, process) {
                    Judgement::Stranger(why) => Sighting::without(named(&why), foreign),
                    // Monit goes by what is shown of the first thread.
                    Judgement::Meant(_) if self.is_scanned && found.stat.has_ended() => {
                        Sighting::without(Presence::Zombie(found.identity), names)
                    }
                    Judgement::Meant(note) => Sighting { note, ..Sighting::with(found, names) },
                }
            }
            Look::Ended(identity) => Sighting::without(Presence::Zombie(identity), names),
            Look::Nobody => {
                self.remember(Last { file, pid, process: None });
                Sighting::without(named("does not exist"), names)
            }
            Look::Thread => Sighting::without(named("is a thread and not a process"), foreign),
            Look::Unknown(reason) => Sighting::without(Presence::Unknown(reason), names),
        }
    }

    /// Whether the process that has the number is the one that was meant. It is not where the file is as it was when another
    /// process had the number, or none: whoever takes over a service writes its number, so the file is another then.
    fn judge(&self, pid: u32, file: Stamp, process: (u64, String)) -> Judgement {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let name = crate::words::name(&process.1);
        let mut note = None;
        match &*last {
            Some(last) if (last.file, last.pid) == (file, pid) => match &last.process {
                Some((started, before)) if *started != process.0 => {
                    let before = crate::words::name(before);
                    return Judgement::Stranger(format!("was {before} and has ended; {name} has the number by now"));
                }
                None => return Judgement::Stranger(format!("did not exist; {name} has the number by now")),
                Some(_) => {}
            },
            Some(Last { pid: earlier, process: Some((_, before)), .. }) if *before != process.1 => {
                let (path, before) = (&self.path, crate::words::name(before));
                note = Some(format!(
                    "the pid file {path} names pid {pid} ({name}) where it named pid {earlier} ({before})"
                ));
            }
            _ => {}
        }
        *last = Some(Last { file, pid, process: Some(process) });
        Judgement::Meant(note.filter(|_| !self.is_scanned))
    }

    fn remember(&self, seen: Last) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Who had the number before says more than that nobody has it.
        if last.as_ref().is_none_or(|last| (last.file, last.pid) != (seen.file, seen.pid)) {
            *last = Some(seen);
        }
    }
}
