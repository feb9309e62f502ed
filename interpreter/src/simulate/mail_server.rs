//! Mail servers that do not exist, and what they do to a letter.

use std::time::Duration;

use super::random::Random;
use crate::outbox::Answer;

/// How long it takes until a server that is well has a letter, and until it has said so.
const TAKING: Duration = Duration::from_millis(80);
const SAYING: Duration = Duration::from_millis(20);

/// How a mail server behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mood {
    /// It takes everything.
    #[default]
    Kind,
    /// Nobody listens.
    Refused,
    /// Nobody answers at all.
    Silent,
    /// It takes no letter at present.
    Busy,
    /// It takes this letter later.
    Later,
    /// It takes this letter never.
    Never,
    /// It takes the letter and does not say so.
    HangsAfterData,
    /// Its encryption breaks off.
    BrokenTls,
    /// It takes everything, and its time.
    Slow,
}

impl Mood {
    /// Something that goes wrong.
    pub(super) fn drawn(random: &mut Random) -> Mood {
        match random.below(8) {
            0 => Mood::Refused,
            1 => Mood::Silent,
            2 => Mood::Busy,
            3 => Mood::Later,
            4 => Mood::Never,
            5 => Mood::HangsAfterData,
            6 => Mood::BrokenTls,
            _ => Mood::Slow,
        }
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Mood::Kind => "it takes mail",
            Mood::Refused => "it refuses connections",
            Mood::Silent => "it does not answer",
            Mood::Busy => "it is busy",
            Mood::Later => "it wants every letter to come again later",
            Mood::Never => "it refuses every letter",
            Mood::HangsAfterData => "it takes letters and does not say so",
            Mood::BrokenTls => "its encryption breaks off",
            Mood::Slow => "it is slow",
        }
    }
}

/// What becomes of a letter at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fate {
    /// After how long the server has it for sure, if it ever does.
    pub(super) arrives: Option<Duration>,
    /// After how long ruled is answered, and what.
    pub(super) answer: (Duration, Answer),
}

impl Fate {
    /// What becomes of a letter at a server in this mood, to which ruled listens for so long.
    pub(super) fn of(mood: Mood, patience: Duration) -> Fate {
        let taken = |after: Duration| Fate { arrives: Some(after), answer: (after + SAYING, Answer::Taken) };
        let failed = |after: Duration, reason: &str| Fate {
            arrives: None,
            answer: (after, Answer::ServerFailed(reason.to_owned())),
        };
        let refused = |is_final: bool, reason: &str| Fate {
            arrives: None,
            answer: (TAKING, Answer::LetterRefused { is_final, reason: reason.to_owned() }),
        };
        match mood {
            Mood::Kind => taken(TAKING),
            Mood::Slow => taken(patience / 2),
            Mood::Refused => failed(Duration::from_millis(1), "connection refused"),
            Mood::Silent => failed(patience, "no answer"),
            Mood::Busy => failed(TAKING, "421 not now"),
            Mood::BrokenTls => failed(TAKING, "TLS was broken off"),
            Mood::Later => refused(false, "450 later"),
            Mood::Never => refused(true, "550 no"),
            Mood::HangsAfterData => Fate { arrives: Some(TAKING), ..failed(patience * 2, "it did not finish in time") },
        }
    }
}
