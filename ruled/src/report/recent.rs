//! The events that were told last, for whoever asks for them through the door, and a way to follow those that come.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{self, Receiver, Sender};

/// How many events are kept.
pub const EVENTS_KEPT_MAX: usize = 1_000;

/// How much room they take at most, in bytes: messages can be as long as what a program printed.
pub const EVENTS_KEPT_BYTES_MAX: usize = 1024 * 1024;

/// How many events a follower may be behind before it misses some.
const BEHIND_MAX: usize = 1_024;

/// The events that were told last, each as the line that `--events` writes, without its end.
#[derive(Debug)]
pub struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    lines: VecDeque<Arc<str>>,
    bytes: usize,
    followers: Sender<Arc<str>>,
}

impl Default for Recent {
    fn default() -> Recent {
        let (followers, _) = broadcast::channel(BEHIND_MAX);
        Recent { kept: Mutex::new(Kept { lines: VecDeque::new(), bytes: 0, followers }) }
    }
}

impl Recent {
    /// Keeps an event and tells those who follow. Nobody is waited for.
    pub fn push(&self, line: &str) {
        let line: Arc<str> = line.trim_end_matches('\n').into();
        let mut kept = self.lock();
        kept.bytes += line.len();
        kept.lines.push_back(Arc::clone(&line));
        while kept.lines.len() > EVENTS_KEPT_MAX || kept.bytes > EVENTS_KEPT_BYTES_MAX {
            let Some(oldest) = kept.lines.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
        // Nobody follows most of the time.
        kept.followers.send(line).ok();
    }

    /// The last events, the oldest first, and those that come from here on: none is left out between, and none is there twice.
    pub fn follow(&self, last: usize) -> (Vec<Arc<str>>, Receiver<Arc<str>>) {
        let kept = self.lock();
        let skipped = kept.lines.len().saturating_sub(last);
        (kept.lines.iter().skip(skipped).cloned().collect(), kept.followers.subscribe())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Whoever panicked here left lines that are whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS_KEPT_BYTES_MAX, EVENTS_KEPT_MAX, Recent};

    #[test]
    fn the_last_are_kept_within_their_limits() {
        let recent = Recent::default();
        for number in 0..EVENTS_KEPT_MAX + 5 {
            recent.push(&format!("{number}\n"));
        }
        let (lines, _) = recent.follow(usize::MAX);
        assert_eq!((lines.len(), &*lines[0]), (EVENTS_KEPT_MAX, "5"));
        assert_eq!(recent.follow(2).0.iter().map(|line| &**line).collect::<Vec<_>>(), ["1003", "1004"]);
        for _ in 0..20 {
            recent.push(&"x".repeat(100_000));
        }
        let bytes: usize = recent.follow(usize::MAX).0.iter().map(|line| line.len()).sum();
        assert!((900_000..=EVENTS_KEPT_BYTES_MAX).contains(&bytes), "{bytes}");
    }

    #[test]
    fn whoever_follows_misses_nothing_unless_he_sleeps() {
        let recent = Recent::default();
        recent.push("1");
        let (lines, mut next) = recent.follow(9);
        recent.push("2");
        assert_eq!((lines.len(), next.try_recv().as_deref().ok()), (1, Some("2")));
        for _ in 0..5_000 {
            recent.push("x");
        }
        assert!(next.try_recv().is_err(), "it says how many it missed");
        assert!(next.try_recv().is_ok());
    }
}
