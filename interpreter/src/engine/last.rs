//! What was last done: for each service, and for each rule that runs a program, with why, when, how long and how it ended.
//!
//! It is for people who ask. Nothing is decided by it, so it may be bounded and is lost without harm.

use std::time::Duration;

use super::{Deed, DeedId, DeedKind, Engine, Identity, Monotonic, Outcome, Reason, ServiceId, Wall};
use crate::program::Command;

/// How many bytes of a command line are kept.
pub const ARGV_KEPT_BYTES: usize = 512;

/// How many lines of what a program printed are told of or kept, and how many bytes of them.
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
    /// What was run, word by word, at most [`ARGV_KEPT_BYTES`]; empty for signals.
    pub argv: Vec<String>,
    /// The process that a signal was for.
    pub pid: Option<u32>,
    /// Why: the class and the sentence of the event.
    pub reason: Reason,
    /// When it began.
    pub began: Wall,
    /// How long it took; absent while it is under way.
    pub took: Option<Duration>,
    /// How it ended; absent while it is under way. What a program printed is cut to its first lines.
    pub outcome: Option<Outcome>,
    id: DeedId,
    since: Monotonic,
}

/// For what something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Doer {
    service: ServiceId,
    /// The place of the rule that ran a program; none for the service itself.
    rule: Option<usize>,
}

impl Engine {
    /// What was last done to a service; nothing when nothing was, since ruled or its rules were started.
    pub fn last_deed(&self, service: ServiceId) -> Option<&LastDeed> {
        self.last_deeds.get(&Doer { service, rule: None })
    }

    /// The program that the rule at this place of the service ran last.
    pub fn last_exec(&self, service: ServiceId, rule: usize) -> Option<&LastDeed> {
        self.last_deeds.get(&Doer { service, rule: Some(rule) })
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
        let doer = Doer { service: deed.service, rule };
        let last = LastDeed {
            word: deed.kind.word(),
            argv,
            pid,
            reason: deed.reason.clone(),
            began: self.now.wall,
            took: None,
            outcome: None,
            id,
            since: self.now.monotonic,
        };
        self.under_way.insert(id, doer);
        if let Some(former) = self.last_deeds.insert(doer, last) {
            self.under_way.remove(&former.id);
        }
    }

    /// Takes note of how it ended. What was followed by something newer is not kept.
    pub(super) fn end_deed(&mut self, id: DeedId, outcome: &Outcome) {
        if *outcome == Outcome::Running {
            return;
        }
        let Some(last) = self.under_way.remove(&id).and_then(|doer| self.last_deeds.get_mut(&doer)) else { return };
        last.took = Some(self.now.monotonic.since(last.since));
        last.outcome = Some(match outcome {
            Outcome::Ended { status, output } => Outcome::Ended { status: *status, output: first_lines(output) },
            Outcome::Refused(reason) => Outcome::Refused(first_lines(reason)),
            other => other.clone(),
        });
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
    let end = text.match_indices('\n').nth(OUTPUT_KEPT_LINES - 1).map_or(text.len(), |(place, _)| place);
    let lines = text.get(..end).unwrap_or(text);
    if lines.len() > OUTPUT_KEPT_BYTES {
        return cut(lines, OUTPUT_KEPT_BYTES);
    }
    if lines.len() < text.len() { format!("{lines}{CUT}") } else { lines.to_owned() }
}

/// The beginning of a text, of at most so many bytes.
fn cut(text: &str, bytes: usize) -> String {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{CUT}", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_lines_are_kept() {
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
