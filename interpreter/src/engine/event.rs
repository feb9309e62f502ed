//! What is told: something changed its state.

use super::{ServiceId, Taking, Wall};

/// Something that recipients, the log and the history are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Wall,
    /// The daemon's cycle, counted from 1.
    pub cycle: u64,
    /// Whether it was judged out of turn, because a process exited or a file changed.
    pub early: bool,
    /// Whose.
    pub service: ServiceId,
    /// What it is about.
    pub class: EventClass,
    /// The rule, by its place in the service; none for what nobody wrote a rule for.
    pub rule: Option<u32>,
    /// What became of it.
    pub state: EventState,
    /// The word of the action that follows: `alert`, `restart`, …
    pub action: &'static str,
    /// One sentence.
    pub message: String,
    /// Who has most of what there is too little of, where a limit of the machine was passed. It stands beside the message,
    /// whose words are Monit's.
    pub takers: Vec<Taking>,
}

/// What an event is about: Monit's classes, as far as ruled has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventClass {
    /// An action that somebody asked for.
    Action,
    /// What a network interface received.
    ByteIn,
    /// What a network interface sent.
    ByteOut,
    /// The checksum of a file.
    Checksum,
    /// A connection.
    Connection,
    /// What a file or a program says.
    Content,
    /// Something could not be read.
    Data,
    /// A start, stop, restart or program failed.
    Exec,
    /// Something is there that should not.
    Exist,
    /// The options with which a filesystem is mounted.
    FilesystemFlags,
    /// The group of something.
    Gid,
    /// An echo request.
    Icmp,
    /// ruled itself started, stopped or reloaded.
    Instance,
    /// Something is of the wrong type.
    Invalid,
    /// A network link.
    Link,
    /// Something is not there that should.
    Nonexist,
    /// The packets that a network interface received.
    PacketIn,
    /// The packets that a network interface sent.
    PacketOut,
    /// The mode bits.
    Permission,
    /// Another process under the same name.
    Pid,
    /// Another parent of a process.
    Ppid,
    /// A measured value and its limit.
    Resource,
    /// The load of a network link.
    Saturation,
    /// The size of a file.
    Size,
    /// The capacity of a network link.
    Speed,
    /// The exit status of a program.
    Status,
    /// Too many restarts.
    Timeout,
    /// The age of a file.
    Timestamp,
    /// The user of something.
    Uid,
    /// How long something has run.
    Uptime,
}

impl EventClass {
    /// All classes.
    pub const ALL: [EventClass; 30] = [
        EventClass::Action,
        EventClass::ByteIn,
        EventClass::ByteOut,
        EventClass::Checksum,
        EventClass::Connection,
        EventClass::Content,
        EventClass::Data,
        EventClass::Exec,
        EventClass::Exist,
        EventClass::FilesystemFlags,
        EventClass::Gid,
        EventClass::Icmp,
        EventClass::Instance,
        EventClass::Invalid,
        EventClass::Link,
        EventClass::Nonexist,
        EventClass::PacketIn,
        EventClass::PacketOut,
        EventClass::Permission,
        EventClass::Pid,
        EventClass::Ppid,
        EventClass::Resource,
        EventClass::Saturation,
        EventClass::Size,
        EventClass::Speed,
        EventClass::Status,
        EventClass::Timeout,
        EventClass::Timestamp,
        EventClass::Uid,
        EventClass::Uptime,
    ];

    /// The word in rules and in machine-readable output.
    pub fn word(self) -> &'static str {
        match self {
            EventClass::Action => "action",
            EventClass::ByteIn => "bytein",
            EventClass::ByteOut => "byteout",
            EventClass::Checksum => "checksum",
            EventClass::Connection => "connection",
            EventClass::Content => "content",
            EventClass::Data => "data",
            EventClass::Exec => "exec",
            EventClass::Exist => "exist",
            EventClass::FilesystemFlags => "fsflags",
            EventClass::Gid => "gid",
            EventClass::Icmp => "icmp",
            EventClass::Instance => "instance",
            EventClass::Invalid => "invalid",
            EventClass::Link => "link",
            EventClass::Nonexist => "nonexist",
            EventClass::PacketIn => "packetin",
            EventClass::PacketOut => "packetout",
            EventClass::Permission => "permission",
            EventClass::Pid => "pid",
            EventClass::Ppid => "ppid",
            EventClass::Resource => "resource",
            EventClass::Saturation => "saturation",
            EventClass::Size => "size",
            EventClass::Speed => "speed",
            EventClass::Status => "status",
            EventClass::Timeout => "timeout",
            EventClass::Timestamp => "timestamp",
            EventClass::Uid => "uid",
            EventClass::Uptime => "uptime",
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
