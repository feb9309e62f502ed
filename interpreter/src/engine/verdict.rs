//! What a judgement of one rule says.

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
    /// A connection was made.
    Connected,
    /// A connection failed, with the reason.
    Unconnected(&'a str),
}

impl Verdict<'_> {
    /// Nobody can tell.
    pub(super) const UNKNOWN: Verdict<'static> = Verdict { truth: Truth::Unknown, sight: Sight::Nothing };
}
