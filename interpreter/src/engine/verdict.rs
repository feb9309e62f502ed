//! What a judgement of one rule says.

use std::time::Duration;

use super::fact::FactValue;

/// Whether something is so. There are three answers.
///
/// **Invariant:** what could not be read is unknown, never false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// The rule's test holds.
    Holds,
    /// It does not hold.
    Passes,
    /// Nobody can tell.
    Unknown,
}

impl Truth {
    pub(super) fn of(holds: bool) -> Truth {
        if holds { Truth::Holds } else { Truth::Passes }
    }

    /// The answer to the opposite question. What is unknown stays unknown.
    pub(super) fn opposite(self) -> Truth {
        match self {
            Truth::Holds => Truth::Passes,
            Truth::Passes => Truth::Holds,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// What a judgement of one rule says, and what was seen. The sentence is made only when somebody is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict<'a> {
    pub(super) truth: Truth,
    pub(super) sight: Sight<'a>,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sight<'a> {
    /// Nothing that helps.
    Nothing,
    /// The thing is there; a process has a number.
    There(Option<u32>),
    /// The thing is not there.
    Missing,
    /// A value in the unit of the limit.
    Value(f64),
    /// The twelve mode bits.
    Mode(u32),
    /// A number, such as that of a user.
    Number(u64),
    /// A text, such as a checksum.
    Text(&'a str),
    /// What was seen the last time, and this time.
    Change(&'a FactValue, &'a FactValue),
    /// Lines of a file, or what a program printed.
    Content,
    /// Whether a link is up, and how many errors were counted since the last look.
    Link {
        /// Whether it is up.
        up: bool,
        /// The errors since.
        errors: u64,
    },
    /// How the check of a plugin ended: whether it failed, and what it said.
    Outcome(bool, &'a str),
    /// A connection was made, or an echo came, in this time.
    Connected(Duration),
    /// The same, but it took a time that is not accepted.
    Slow(Duration),
    /// The same, but its certificate is valid for so many days only.
    Expiring(i64),
    /// A connection failed, with the reason.
    Unconnected(&'a str),
}

impl Verdict<'_> {
    /// Nobody can tell.
    pub(super) const UNKNOWN: Verdict<'static> = Verdict { truth: Truth::Unknown, sight: Sight::Nothing };
}
