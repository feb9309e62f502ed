//! What waits for one recipient.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::letter::{LETTER_BYTES_MAX, LetterHead, NEWS_PER_LETTER_MAX};
use super::news::{News, NewsTurn};
use crate::engine::{Monotonic, Now};

/// How many letters a recipient gets one by one before they are held back, so that news which come alone arrive at once.
pub const LETTERS_AT_ONCE: u32 = 4;

/// What more there is comes together in one letter, once in this time.
pub const LETTER_GAP: Duration = Duration::from_secs(20);

/// How many letters for one recipient are made and not taken at most. Only letters that a server refuses, while it
/// takes others, let further ones pass.
pub const LETTERS_OPEN_MAX: usize = 8;

/// What waits for one recipient.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    /// News in no letter, the oldest first.
    pub(super) waiting: VecDeque<News>,
    pub(super) letters: Vec<Open>,
    /// How many news were given up and not yet said to be in a letter.
    pub(super) dropped: u64,
    /// When as many letters as at first may be made at once again.
    full_at: Monotonic,
}

/// A letter that nobody took yet.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) head: LetterHead,
    pub(super) news: Vec<News>,
    pub(super) retry_at: Monotonic,
    pub(super) pause: Duration,
    /// Which servers did not take it since the last pause, and whether that was said to be for good; nothing for those that
    /// failed themselves.
    pub(super) refused: BTreeMap<usize, Option<bool>>,
    /// The place of the server that it is being handed to.
    pub(super) at: Option<usize>,
    /// Whether a server refused it that takes others; with the last reason.
    pub(super) trouble: Option<String>,
    /// When this run of ruled began to try it.
    begun: Monotonic,
}

/// A letter is old by the clock on the wall only when it was tried for this part of its time, because that clock may jump, or
/// the machine may have been off.
const TRIED_PART: u32 = 7;

impl Open {
    pub(super) fn new(head: LetterHead, news: Vec<News>, begun: Monotonic) -> Open {
        Open {
            head,
            news,
            retry_at: Monotonic::default(),
            pause: Duration::ZERO,
            refused: BTreeMap::new(),
            at: None,
            trouble: None,
            begun,
        }
    }

    /// Whether it was made so long ago.
    pub(super) fn is_older(&self, now: Now, age: Duration) -> bool {
        let tried = now.monotonic.since(self.begun);
        let made = Duration::from_micros(u64::try_from(now.wall.0.saturating_sub(self.head.made_us)).unwrap_or(0));
        tried >= age || made >= age && tried >= age / TRIED_PART
    }

    /// Whether every server says that it will never take it.
    pub(super) fn is_refused_by_all(&self, servers: usize) -> bool {
        self.refused.len() >= servers && self.refused.values().all(|answer| *answer == Some(true))
    }
}

impl Queue {
    /// Takes news; the number of those whose place they take.
    pub(super) fn take(&mut self, news: News) -> Option<u64> {
        let mut replaced = None;
        // Of what goes on, one that waits says as much as several.
        if news.turn == NewsTurn::Reminder {
            let same = |one: &News| one.turn == NewsTurn::Reminder && one.is_about(&news);
            if let Some(place) = self.waiting.iter().position(same) {
                replaced = self.waiting.remove(place).map(|one| one.number);
            }
        }
        self.waiting.push_back(news);
        replaced
    }

    /// Whether a letter may be made at this moment.
    pub(super) fn may_make(&self, now: Monotonic, is_finishing: bool) -> bool {
        let others_pass = self.letters.iter().all(|letter| letter.trouble.is_some());
        !self.waiting.is_empty()
            && others_pass
            && self.letters.len() < LETTERS_OPEN_MAX
            && (is_finishing || self.credit(now) > 0)
    }

    /// When a letter may be made that may not at this moment, if only time is wanting.
    pub(super) fn makes_at(&self) -> Monotonic {
        let all = LETTER_GAP * (LETTERS_AT_ONCE - 1);
        Monotonic(self.full_at.0.saturating_sub(u64::try_from(all.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// Takes the news for the next letter out: one alone while there are few, else as many as fit.
    pub(super) fn make(&mut self, now: Monotonic) -> Vec<News> {
        let few = self.waiting.len() <= self.credit(now) as usize;
        let most = if few { 1 } else { NEWS_PER_LETTER_MAX };
        let mut bytes = 0;
        let fits = |one: &&News| {
            bytes += one.bytes();
            bytes <= LETTER_BYTES_MAX
        };
        let count = self.waiting.iter().take(most).take_while(fits).count().max(1);
        self.full_at = self.full_at.max(now).after(LETTER_GAP);
        self.waiting.drain(..count.min(self.waiting.len())).collect()
    }

    /// How many letters may be made at this moment: so many at first, and one more in each gap.
    fn credit(&self, now: Monotonic) -> u32 {
        let owed = self.full_at.since(now).as_nanos().div_ceil(LETTER_GAP.as_nanos());
        LETTERS_AT_ONCE.saturating_sub(u32::try_from(owed).unwrap_or(u32::MAX))
    }

    /// Gives up news until at most so many wait: reminders, then problems whose end waits too, with it, then the oldest.
    /// Their numbers.
    pub(super) fn shed(&mut self, most: usize) -> Vec<u64> {
        let excess = self.waiting.len().saturating_sub(most);
        let mut gone = BTreeSet::new();
        let reminders = self.waiting.iter().filter(|one| one.turn == NewsTurn::Reminder);
        gone.extend(reminders.map(|one| one.number).take(excess));
        for pair in ended(&self.waiting) {
            if gone.len() < excess {
                gone.extend(pair);
            }
        }
        for one in &self.waiting {
            if gone.len() < excess {
                gone.insert(one.number);
            }
        }
        self.waiting.retain(|one| !gone.contains(&one.number));
        self.dropped += gone.len() as u64;
        gone.into_iter().collect()
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_empty(&self, now: Monotonic) -> bool {
        self.waiting.is_empty() && self.letters.is_empty() && self.dropped == 0 && self.full_at <= now
    }
}

/// The numbers of problems that wait together with their ends, each with that of its end.
fn ended(waiting: &VecDeque<News>) -> Vec<[u64; 2]> {
    let mut open: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut ended = Vec::new();
    for one in waiting {
        let about = (one.service.as_str(), one.topic.as_str());
        match one.turn {
            NewsTurn::Problem => {
                open.insert(about, one.number);
            }
            NewsTurn::End => ended.extend(open.remove(&about).map(|problem| [problem, one.number])),
            NewsTurn::Reminder | NewsTurn::Change => {}
        }
    }
    ended
}
