//! What was last done to each service: with why, when, how long it took, how it ended and what it printed.
//!
//! It is for people who ask. Nothing is decided by it, so it may be bounded. Of each service the last deed of each kind is
//! known, and the last program of each rule; the newest of them outlive ruled (`last/keep.rs`).

use std::time::Duration;

use super::{Deed, DeedId, DeedKind, Engine, Identity, Monotonic, Outcome, Reason, ServiceId, Wall};
use crate::program::Command;

mod keep;

/// How many bytes of a command line are kept.
pub const ARGV_KEPT_BYTES: usize = 512;

/// How many bytes of the sentence that led to a deed are kept.
pub const REASON_KEPT_BYTES: usize = 4 * 1024;

/// How many bytes of what a program printed are kept with its deed.
pub const DEED_OUTPUT_BYTES: usize = 64 * 1024;

/// How much output all deeds of all services may hold together, in bytes. When there is more, that of the oldest deeds is
/// cut to what is told of, until half as much is left.
pub const DEEDS_OUTPUT_BYTES: usize = 4 * 1024 * 1024;

/// How many lines of what a program printed are told of, and how many bytes of them.
pub const OUTPUT_KEPT_LINES: usize = 10;
/// See [`OUTPUT_KEPT_LINES`].
pub const OUTPUT_KEPT_BYTES: usize = 1024;

/// What stands where something was left out.
const CUT: &str = " …";

/// Something that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct LastDeed {
    /// What: `start`, `stop`, `restart`, `exec`, `terminate` or `kill`.
    pub word: &'static str,
    /// The place of the rule whose program it was; nothing for what was done to the service itself.
    pub rule: Option<usize>,
    /// What was run, word by word, at most [`ARGV_KEPT_BYTES`]; empty for signals.
    pub argv: Vec<String>,
    /// The process that a signal was for.
    pub pid: Option<u32>,
    /// Why: the class and the sentence of the event, at most [`REASON_KEPT_BYTES`].
    pub reason: Reason,
    /// When it began.
    pub began: Wall,
    /// How long it took; absent while it is under way, and where nobody can tell.
    pub took: Option<Duration>,
    /// How it ended; absent while it is under way.
    pub end: Option<DeedEnd>,
    /// What the program printed, at most [`DEED_OUTPUT_BYTES`].
    pub output: String,
    /// How many bytes of that were left out.
    pub output_left_out_bytes: u64,
    id: DeedId,
    since: Monotonic,
}

/// How a deed ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeedEnd {
    /// The program ended with this status.
    Exited(i32),
    /// A signal of this number ended the program.
    Signalled(i32),
    /// The signal was sent, or there was nobody any more to send it to.
    Sent,
    /// It could not be done: the reason, in a sentence.
    Refused(String),
    /// The program did not end in time and was killed.
    TimedOut,
    /// ruled ended before it did.
    Unknown,
}

impl DeedEnd {
    /// The word in what is stored and in machine-readable output.
    pub fn word(&self) -> &'static str {
        match self {
            DeedEnd::Exited(_) => "exited",
            DeedEnd::Signalled(_) => "signalled",
            DeedEnd::Sent => "sent",
            DeedEnd::Refused(_) => "refused",
            DeedEnd::TimedOut => "timed_out",
            DeedEnd::Unknown => "unknown",
        }
    }
}

impl LastDeed {
    /// With no more of the output than is told of.
    #[must_use]
    pub fn shortened(&self) -> LastDeed {
        let mut short = self.clone();
        short.cut_output();
        short
    }

    fn cut_output(&mut self) {
        let end = first_end(&self.output);
        self.output_left_out_bytes += (self.output.len() - end) as u64;
        self.output.truncate(end);
        self.output.shrink_to_fit();
    }

    /// Whether one takes the place of the other: of a kind at the service itself, and of the programs of a rule, there is one.
    fn replaces(&self, other: &LastDeed) -> bool {
        let is_signal = |deed: &LastDeed| matches!(deed.word, "terminate" | "kill");
        self.rule == other.rule && (self.word == other.word || is_signal(self) && is_signal(other))
    }

    /// Whether it says more than what is known of the same deed, or is newer.
    fn outdates(&self, other: &LastDeed) -> bool {
        (self.began, self.end.is_some()) > (other.began, other.end.is_some())
    }

    fn take_output(&mut self, output: &str) {
        let output = output.trim_end();
        let end = floor(output, DEED_OUTPUT_BYTES);
        self.output = output.get(..end).unwrap_or_default().to_owned();
        self.output_left_out_bytes = (output.len() - end) as u64;
    }
}

impl Engine {
    /// What was last done to a service itself; nothing when nothing was that is remembered.
    pub fn last_deed(&self, service: ServiceId) -> Option<&LastDeed> {
        self.last_deeds(service).into_iter().find(|deed| deed.rule.is_none())
    }

    /// The program that the rule at this place of the service ran last.
    pub fn last_exec(&self, service: ServiceId, rule: usize) -> Option<&LastDeed> {
        self.last_deeds(service).into_iter().find(|deed| deed.rule == Some(rule))
    }

    /// What was last done to a service and for its rules, the newest first.
    pub fn last_deeds(&self, service: ServiceId) -> Vec<&LastDeed> {
        let deeds = self.memories.get(service.index()).map(|memory| memory.deeds.as_slice()).unwrap_or_default();
        deeds.iter().rev().collect()
    }

    /// Takes note of what is ordered.
    pub(super) fn begin_deed(&mut self, id: DeedId, deed: &Deed, rule: Option<usize>) {
        let (argv, pid) = match &deed.kind {
            DeedKind::Start(command)
            | DeedKind::Stop(command)
            | DeedKind::Restart(command)
            | DeedKind::Exec(command) => (kept_argv(command), None),
            DeedKind::Terminate(identity) => (Vec::new(), pid(identity)),
            DeedKind::Kill(all) => (Vec::new(), all.first().and_then(pid)),
        };
        let message = if deed.reason.message.len() > REASON_KEPT_BYTES {
            cut(&deed.reason.message, REASON_KEPT_BYTES)
        } else {
            deed.reason.message.clone()
        };
        let last = LastDeed {
            word: deed.kind.word(),
            rule,
            argv,
            pid,
            reason: Reason { event: deed.reason.event, message },
            began: self.now.wall,
            took: None,
            end: None,
            output: String::new(),
            output_left_out_bytes: 0,
            id,
            since: self.now.monotonic,
        };
        let Some(memory) = self.memories.get_mut(deed.service.index()) else { return };
        if let Some(place) = memory.deeds.iter().position(|former| last.replaces(former)) {
            let former = memory.deeds.remove(place);
            self.under_way.remove(&former.id);
            self.output_bytes = self.output_bytes.saturating_sub(former.output.len());
        }
        memory.deeds.push(last);
        self.under_way.insert(id, deed.service);
        self.note(deed.service);
    }

    /// Takes note of how it ended. A program that was killed because it did not end in time tells afterwards what it printed.
    /// What was followed by something newer is not kept.
    pub(super) fn end_deed(&mut self, id: DeedId, outcome: &Outcome) {
        if *outcome == Outcome::Running {
            return;
        }
        let Some(service) = self.under_way.get(&id).copied() else { return };
        let took = self.now.monotonic;
        let Some(memory) = self.memories.get_mut(service.index()) else { return };
        let Some(last) = memory.deeds.iter_mut().find(|last| last.id == id) else { return };
        let is_program = last.pid.is_none() && !last.argv.is_empty();
        if *outcome != Outcome::TimedOut {
            self.under_way.remove(&id);
        }
        if let Outcome::Ended { output, .. } = outcome {
            last.take_output(output);
            self.output_bytes += last.output.len();
        }
        if last.end.is_none() {
            last.took = Some(took.since(last.since));
            last.end = Some(match outcome {
                Outcome::Ended { signal: Some(signal), .. } => DeedEnd::Signalled(*signal),
                Outcome::Ended { status, .. } if is_program => DeedEnd::Exited(*status),
                Outcome::Ended { .. } | Outcome::Running => DeedEnd::Sent,
                Outcome::Refused(reason) => DeedEnd::Refused(first_lines(reason)),
                Outcome::TimedOut => DeedEnd::TimedOut,
            });
        }
        self.note(service);
        self.spare_output();
    }

    /// Cuts the output of the oldest deeds where all hold too much together.
    fn spare_output(&mut self) {
        if self.output_bytes <= DEEDS_OUTPUT_BYTES {
            return;
        }
        let mut all: Vec<(Wall, usize, usize)> = Vec::new();
        for (service, memory) in self.memories.iter().enumerate() {
            all.extend(memory.deeds.iter().enumerate().map(|(place, deed)| (deed.began, service, place)));
        }
        all.sort_unstable();
        for (_, service, place) in all {
            if self.output_bytes <= DEEDS_OUTPUT_BYTES / 2 {
                return;
            }
            let deed = self.memories.get_mut(service).and_then(|memory| memory.deeds.get_mut(place));
            if let Some(deed) = deed.filter(|deed| deed.output.len() > OUTPUT_KEPT_BYTES) {
                let before = deed.output.len();
                deed.cut_output();
                self.output_bytes = self.output_bytes.saturating_sub(before - deed.output.len());
                self.note(ServiceId::new(service));
            }
        }
    }
}

fn pid(identity: &Identity) -> Option<u32> {
    match identity {
        Identity::Process { pid, .. } => Some(*pid),
        Identity::Itself | Identity::File { .. } => None,
    }
}

fn kept_argv(command: &Command) -> Vec<String> {
    let mut room = ARGV_KEPT_BYTES;
    let mut kept = Vec::new();
    for word in &command.argv {
        if word.len() > room {
            kept.push(cut(word, room));
            break;
        }
        room -= word.len();
        kept.push(word.clone());
    }
    kept
}

/// The first lines of what a program printed, as far as they are told of.
pub fn first_lines(text: &str) -> String {
    let text = text.trim();
    let end = first_end(text);
    let lines = text.get(..end).unwrap_or(text);
    if lines.len() < text.len() { format!("{lines}{CUT}") } else { lines.to_owned() }
}

/// Where the first lines of a text end.
fn first_end(text: &str) -> usize {
    let end = text.match_indices('\n').nth(OUTPUT_KEPT_LINES - 1).map_or(text.len(), |(place, _)| place);
    end.min(floor(text, OUTPUT_KEPT_BYTES))
}

/// The end of the longest beginning of a text with at most so many bytes.
fn floor(text: &str, bytes: usize) -> usize {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// The beginning of a text, of at most so many bytes.
fn cut(text: &str, bytes: usize) -> String {
    format!("{}{CUT}", text.get(..floor(text, bytes)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_lines_are_told_of() {
        assert_eq!(first_lines("one\ntwo\n"), "one\ntwo");
        let many: String = (1..=30).map(|line| format!("{line}\n")).collect();
        assert_eq!(first_lines(&many), "1\n2\n3\n4\n5\n6\n7\n8\n9\n10 …");
        let long = "ü".repeat(OUTPUT_KEPT_BYTES);
        assert_eq!(first_lines(&long), format!("{} …", "ü".repeat(OUTPUT_KEPT_BYTES / 2)));
    }

    #[test]
    fn a_long_command_is_cut() {
        let argv = vec!["/bin/x".to_owned(), "a".repeat(600), "more".to_owned()];
        let command = Command { argv, uid: None, gid: None, timeout: Duration::ZERO };
        let kept = kept_argv(&command);
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().map(String::len).sum::<usize>() <= ARGV_KEPT_BYTES + CUT.len());
    }
}
