//! What is told: something changed its state.

use super::{ServiceId, Wall};

/// Something that recipients, the log and the history are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Wall,
    /// The daemon's cycle, counted from 1.
    pub cycle: u64,
    /// Whether it was judged out of turn, because a process exited or the like.
    pub early: bool,
    /// Whose.
    pub service: ServiceId,
    /// What it is about.
    pub class: EventClass,
    /// What became of it.
    pub state: EventState,
    /// The word of the action that follows: `alert`, `restart`, …
    pub action: &'static str,
    /// One sentence.
    pub message: String,
}

/// What an event is about: Monit's classes, as far as ruled has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventClass {
    /// An action that somebody asked for.
    Action,
    /// A connection.
    Connection,
    /// Something could not be read.
    Data,
    /// A start, stop, restart or program failed.
    Exec,
    /// Something is there that should not.
    Exist,
    /// ruled itself started, stopped or reloaded.
    Instance,
    /// Something is of the wrong type.
    Invalid,
    /// Something is not there that should.
    Nonexist,
    /// The mode bits.
    Permission,
    /// Another process under the same name.
    Pid,
    /// A measured value and its limit.
    Resource,
    /// The size of a file.
    Size,
    /// The age of a file.
    Timestamp,
}

impl EventClass {
    /// All classes.
    pub const ALL: [EventClass; 13] = [
        EventClass::Action,
        EventClass::Connection,
        EventClass::Data,
        EventClass::Exec,
        EventClass::Exist,
        EventClass::Instance,
        EventClass::Invalid,
        EventClass::Nonexist,
        EventClass::Permission,
        EventClass::Pid,
        EventClass::Resource,
        EventClass::Size,
        EventClass::Timestamp,
    ];

    /// The word in rules and in machine-readable output.
    pub fn word(self) -> &'static str {
        match self {
            EventClass::Action => "action",
            EventClass::Connection => "connection",
            EventClass::Data => "data",
            EventClass::Exec => "exec",
            EventClass::Exist => "exist",
            EventClass::Instance => "instance",
            EventClass::Invalid => "invalid",
            EventClass::Nonexist => "nonexist",
            EventClass::Permission => "permission",
            EventClass::Pid => "pid",
            EventClass::Resource => "resource",
            EventClass::Size => "size",
            EventClass::Timestamp => "timestamp",
        }
    }
}

/// What became of what an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventState {
    /// A rule holds.
    Failed,
    /// A rule holds no longer.
    Succeeded,
    /// Something is another than before.
    Changed,
}

impl EventState {
    /// The word in machine-readable output.
    pub fn word(self) -> &'static str {
        match self {
            EventState::Failed => "failed",
            EventState::Succeeded => "succeeded",
            EventState::Changed => "changed",
        }
    }
}
