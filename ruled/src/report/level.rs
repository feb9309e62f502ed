//! How much a line of the log matters.

use interpreter::engine::{EventClass, EventState};

/// How much a line of the log matters, in syslog's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something fails.
    Error,
    /// Something deserves a look.
    Warning,
    /// What happens.
    Info,
    /// How it happens; with `-v` only.
    Debug,
}

impl Level {
    /// The word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }

    /// The number of syslog(3).
    pub fn severity(self) -> u8 {
        match self {
            Level::Error => 3,
            Level::Warning => 4,
            Level::Info => 6,
            Level::Debug => 7,
        }
    }

    /// How much an event matters: what succeeded, what people asked for and ruled's own coming and going inform;
    /// everything else is an error, so are rules that cannot be reloaded.
    pub fn of(class: EventClass, state: EventState) -> Level {
        match (class, state) {
            (EventClass::Instance, EventState::Failed) => Level::Error,
            (EventClass::Instance | EventClass::Action, _) | (_, EventState::Succeeded) => Level::Info,
            (_, EventState::Failed | EventState::Changed) => Level::Error,
        }
    }
}
