//! Finds the process that a pattern matches, and remembers it: as long as it lives nobody else is looked at.

use std::sync::{Mutex, PoisonError};

use interpreter::engine::Presence;
use interpreter::pattern::Pattern;

use super::command_lines;
use super::process::{Known, Look, Sighting, look};
use super::procfs::ProcessStat;
use super::snapshot::Snapshot;

/// A pattern, and the process that it matched last.
#[derive(Debug)]
pub struct Matched {
    pattern: Pattern,
    last: Mutex<Option<ProcessName>>,
}

/// Number, start time and the kernel's name: another program in the same process has another name.
type ProcessName = (u32, u64, String);

fn name(process: &ProcessStat) -> ProcessName {
    (process.pid, process.start_ticks, process.name.clone())
}

impl Matched {
    /// Nobody has looked yet.
    pub fn new(pattern: Pattern) -> Matched {
        Matched { pattern, last: Mutex::new(None) }
    }

    /// Looks for the oldest process whose command line the pattern matches. `known` is the process that was found last;
    /// while it lives and matches, nobody else is looked at.
    pub fn look(&self, known: Option<Known>, snapshot: &Snapshot) -> Sighting {
        if let Some(before) = known
            && let Look::Alive(found) = look(before.pid, known)
            && found.stat.start_ticks == before.start_ticks
            && self.matches(&found.stat)
        {
            return Sighting::with(found, None);
        }
        let sweep = match snapshot.sweep() {
            Ok(sweep) => sweep,
            Err(error) => return Sighting::without(Presence::Unknown(error.to_string()), None),
        };
        let own = std::process::id();
        let (mut ended, mut hidden) = (None, None);
        for (process, line) in sweep.with_command_lines() {
            let Some(line) = line else {
                hidden = hidden.or(Some(process));
                continue;
            };
            // Our own command line may hold the pattern.
            if process.pid == own || !self.pattern.is_match(line.as_bytes()) {
                continue;
            }
            match look(process.pid, None) {
                Look::Alive(found) if found.stat.start_ticks == process.start_ticks => {
                    self.remember(&found.stat);
                    return Sighting::with(found, None);
                }
                Look::Ended(identity) => ended = ended.or(Some(identity)),
                // It ended since the sweep.
                _ => {}
            }
        }
        let pattern = self.pattern.written();
        let presence = match (ended, hidden) {
            (Some(identity), _) => Presence::Zombie(identity),
            (None, None) => Presence::Absent(format!("no process matches `{pattern}`")),
            // It may be the very one.
            (None, Some(process)) => {
                let (pid, name) = (process.pid, crate::words::name(&process.name));
                let why = format!("pid {pid} ({name}) does not let its command line be read");
                Presence::Unknown(format!("cannot tell whether a process matches `{pattern}`: {why}"))
            }
        };
        Sighting::without(presence, None)
    }

    /// Whether the pattern matches a process. One that was matched and is the same program still is believed.
    fn matches(&self, process: &ProcessStat) -> bool {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if last.is_some_and(|last| last == name(process)) {
            return true;
        }
        let lines = command_lines::read(std::slice::from_ref(process));
        let matches = lines.first().and_then(Option::as_ref).is_some_and(|line| self.pattern.is_match(line.as_bytes()));
        if matches {
            self.remember(process);
        }
        matches
    }

    fn remember(&self, process: &ProcessStat) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(name(process));
    }
}
