//! What was seen: raw values with their own time. The judge derives rates and shares from them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Fact, FactValue, Family, Metric, Now, Resource, Taker, Wall};

/// Everything that one observation of one service saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// When the readings were taken.
    pub taken: Now,
    /// Whether the thing is there.
    pub presence: Presence,
    /// What the pid file says, for a service that has one.
    pub pidfile: Option<PidfileState>,
    /// The metrics that the plan asked for.
    pub values: BTreeMap<Metric, Reading<Raw>>,
    /// What else the plan asked for.
    pub facts: BTreeMap<Fact, Reading<FactValue>>,
    /// The connections that the plan asked for and that were made, by the rule's place in the service.
    pub connections: BTreeMap<u32, Reading<ConnectionResult>>,
    /// What a plugin found out that checks something; unknown where the plugin itself failed. Nothing where none was asked.
    pub plugin: Option<Box<Reading<PluginReport>>>,
    /// Who has most of what the plan asked for.
    pub takers: BTreeMap<Resource, Reading<Vec<Taker>>>,
    /// What belongs to the process, where the plan asked for it; and what a process left behind that was there when it was
    /// last looked at, and is gone.
    pub family: Option<Reading<Family>>,
}

impl Readings {
    /// What is known when only the presence is.
    pub fn of(taken: Now, presence: Presence) -> Readings {
        Readings {
            taken,
            presence,
            pidfile: None,
            values: BTreeMap::new(),
            facts: BTreeMap::new(),
            connections: BTreeMap::new(),
            plugin: None,
            takers: BTreeMap::new(),
            family: None,
        }
    }
}

/// A value that was read, or why it could not be.
///
/// **Invariant:** a reading that is missing is unknown, never 0 and never false.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<T> {
    /// It was read.
    Known(T),
    /// It could not be read: the reason, in a sentence.
    Unknown(String),
}

/// Whether a thing is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    Present(Identity),
    /// It is not there; the reason, such as "the pid file names pid 17, which does not exist".
    Absent(String),
    /// It is a process that has ended and that its parent has not noticed yet.
    Zombie(Identity),
    /// Something else is in its place; a sentence such as "/var/run is a directory".
    Invalid(String),
    /// Nobody can tell; the reason, in a sentence.
    Unknown(String),
}

/// Which thing it is that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Things that cannot be exchanged for another: this machine, a host.
    Itself,
    /// A process: its number may be used again, the number with the start time is not.
    Process {
        /// The process number.
        pid: u32,
        /// When it started, in clock ticks since boot (field 22 of `/proc/PID/stat`).
        start_ticks: u64,
        /// How long it has run, in seconds.
        uptime_s: u64,
    },
    /// A file.
    File {
        /// The number of its file system.
        device: u64,
        /// Its number there.
        inode: u64,
        /// The twelve mode bits.
        mode: u32,
    },
}

impl Identity {
    /// Whether both are the same thing: a process by number and start time, a file by file system and number.
    pub fn is_same(&self, other: &Identity) -> bool {
        match (self, other) {
            (Identity::Itself, Identity::Itself) => true,
            (
                Identity::Process { pid, start_ticks, .. },
                Identity::Process { pid: other_pid, start_ticks: other_start, .. },
            ) => pid == other_pid && start_ticks == other_start,
            (Identity::File { device, inode, .. }, Identity::File { device: other_device, inode: other_inode, .. }) => {
                device == other_device && inode == other_inode
            }
            _ => false,
        }
    }
}

/// What a pid file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PidfileState {
    /// It names this process.
    Names(u32),
    /// It names this process, which is not the service's, whoever it is.
    Foreign(u32),
    /// It is not there.
    Gone,
    /// It cannot be read, or does not begin with a number.
    Unreadable,
}

/// A raw value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Raw {
    /// A value that stands for itself, in the metric's base unit.
    Gauge(f64),
    /// An amount and the whole of which it is a part, both in the base unit.
    Part {
        /// The amount.
        amount: f64,
        /// The whole.
        whole: f64,
    },
    /// Seconds of work done so far, and how many seconds of work are possible in a second.
    Work {
        /// Seconds of work done so far.
        seconds: f64,
        /// How many can be done in a second.
        capacity: f64,
    },
    /// Two counters: the growth of the first as a share of the growth of the second.
    Share {
        /// What counts.
        part: f64,
        /// The whole.
        whole: f64,
    },
    /// Two counters of the same thing: what was moved in bytes, and in how many pieces (operations, packets). The value
    /// is what they grow in a second.
    Growth {
        /// The bytes.
        bytes: f64,
        /// The pieces.
        pieces: f64,
    },
    /// Two counters: the value is the growth of the first for each of the second. Where the second stands still, nothing
    /// took any time.
    Mean {
        /// What is spread, such as seconds.
        sum: f64,
        /// Over how many.
        count: f64,
    },
    /// Two counters: the value is the faster growth of the two, as a share of what can be done in a second.
    Busier {
        /// One.
        one: f64,
        /// The other.
        other: f64,
        /// How much of either can be done in a second.
        capacity: f64,
    },
    /// A point in time; the value is its age in seconds.
    Stamp(Wall),
}

/// What a plugin found out that checks something.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginReport {
    /// The check passed.
    Passed {
        /// What the plugin reported, in a line.
        summary: String,
        /// What it measured, by the names that it describes, in the units of their kinds: lengths of time in milliseconds.
        metrics: Vec<(String, f64)>,
    },
    /// It failed: the reason, in a sentence.
    Failed(String),
}

/// What a connection test or echo requests found.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionResult {
    /// It was made, and the protocol's conversation went as it should.
    Passed {
        /// How long it took.
        response_time: Duration,
        /// What the protocol's plugin reported, in a line; empty without a protocol.
        summary: String,
        /// Until when the certificate of the other side is valid; absent where none was seen.
        certificate_expiry: Option<Wall>,
    },
    /// It failed: the reason, in a sentence.
    Failed(String),
}
