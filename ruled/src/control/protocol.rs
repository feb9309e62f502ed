//! What is said through the door: one JSON object per line, version 1. `docs/control.md` describes it for users.
//!
//! Within a version keys and words are only added, so readers ignore keys that they do not know. A daemon answers requests of
//! its own version and of earlier ones; of a later one it says which it knows.

use serde::{Deserialize, Serialize};

mod done;
mod plugin;
mod reasons;

pub use done::Done;
pub use plugin::{Plugin, Quarantine};
pub use reasons::{Deed, Need, Reasons, Rule, Undertaken};

/// The version of all that is said.
pub const VERSION: u32 = 1;

/// The longest line of a request, in bytes.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// The longest line of an answer, in bytes. The status of 10,000 services is about 5 MB.
pub const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The longest time that a request waits for its outcome, in milliseconds: an hour.
pub const WAIT_MS_MAX: u64 = 60 * 60 * 1000;

/// A line to the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The version in which it is written.
    pub ruled: u32,
    /// What is asked.
    #[serde(flatten)]
    pub ask: Ask,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// How services stand.
    Status(Which),
    /// Something to be done to services.
    Do(Doing),
    /// Everything is to be judged now.
    Validate(Waiting),
    /// The rules are to be read again.
    Reload(Waiting),
    /// ruled is to end.
    Quit,
    /// What was told last.
    Events(Telling),
    /// Why a service is in its state.
    Why {
        /// The service.
        service: String,
    },
}

/// Which services are meant. Where nothing is named, all are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Which {
    /// Names, in any case, or patterns of POSIX that fit a whole name.
    pub services: Vec<String>,
    /// All services of this group.
    pub group: Option<String>,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    /// What.
    pub action: Action,
    /// To which services; here nothing named means nothing.
    #[serde(flatten)]
    pub which: Which,
    /// To all services.
    #[serde(default)]
    pub all: bool,
    /// How long it is waited for.
    #[serde(flatten)]
    pub waiting: Waiting,
}

/// What can be done to services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Start them and what they need.
    Start,
    /// Stop them and what needs them.
    Stop,
    /// Restart them.
    Restart,
    /// Watch them and what they need.
    Monitor,
    /// Watch them no longer, nor what needs them.
    Unmonitor,
}

/// How long a request waits for its outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// In milliseconds; 0 does not wait. As long as it can take when absent.
    pub wait_ms: Option<u64>,
}

/// Which events are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Telling {
    /// How many of the last ones; as many as there are when absent.
    pub last: Option<usize>,
    /// Whether those that come are told, too, until the client goes away.
    pub follow: bool,
}

/// A line from the daemon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The version in which it is written.
    pub ruled: u32,
    /// What is answered.
    #[serde(flatten)]
    pub says: Says,
}

/// The same line, written without a copy of what is answered.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Line<'a> {
    /// The version in which it is written.
    pub ruled: u32,
    /// What is answered.
    #[serde(flatten)]
    pub says: &'a Says,
}

/// What a line begins with.
#[derive(Deserialize)]
struct Head {
    says: String,
}

impl Says {
    /// What a line says. Long answers are read at once into what they are, without a tree of values in between.
    pub fn read(line: &str) -> Result<Says, serde_json::Error> {
        match serde_json::from_str::<Head>(line)?.says.as_str() {
            "status" => serde_json::from_str(line).map(Says::Status),
            "why" => serde_json::from_str(line).map(Says::Why),
            _ => serde_json::from_str::<Answer>(line).map(|answer| answer.says),
        }
    }
}

/// What can be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Says {
    /// How services stand. The only line of its answer.
    Status(Box<Status>),
    /// What became of one service. Others follow.
    Outcome(Outcome),
    /// Nothing more follows of what was asked for.
    End(End),
    /// An event. Others follow.
    Event {
        /// As `--events` writes it.
        event: Event,
    },
    /// Events were left out, because the client did not keep up.
    Missed {
        /// How many.
        events: u64,
    },
    /// What a reload changed. The only line of its answer.
    Reloaded(Reloaded),
    /// Why a service is in its state. The only line of its answer.
    Why(Box<Reasons>),
    /// What was asked cannot be answered. The only line, or the last.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
}

/// How services stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The daemon.
    pub daemon: Daemon,
    /// The services that were asked for, in the order of the rules.
    pub services: Vec<Service>,
    /// What plugins have done since ruled began, by name; only where all services were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<Plugin>,
}

/// The daemon.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Daemon {
    /// Its version.
    pub version: String,
    /// Its process number.
    pub pid: u32,
    /// The machine.
    pub host: String,
    /// The rules that it runs.
    pub rules: String,
    /// How long it has run, in seconds.
    pub uptime_s: u64,
    /// The number of the present cycle; 0 before the first.
    pub cycle: u64,
    /// The length of a cycle, in seconds.
    pub cycle_s: f64,
    /// Whether it neither acts nor mails.
    pub dry: bool,
    /// The mail that waits for a server, or was given up; absent when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<Mail>,
}

/// The mail that waits for a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// About how many events.
    pub events: u64,
    /// How many letters were made of them and not taken.
    pub letters: u64,
    /// Since when the oldest event waits, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_us: Option<i64>,
    /// How many events were given up since ruled began.
    pub given_up: u64,
    /// Why a server did not take mail last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_us: Option<i64>,
}

/// How a service stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What it is: `process`, `file`, …
    pub kind: String,
    /// What that is called for people: `Remote Host`.
    pub title: String,
    /// How it stands: `ok`, `failed`, `blocked`, `initializing`, `waiting`, `not_monitored`.
    pub state: String,
    /// The same for people, as Monit says it, with what is being done.
    pub shown: String,
    /// Since when, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_us: Option<i64>,
    /// What is being done to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doing: Option<String>,
    /// What fails.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Whether it is watched.
    pub monitored: bool,
    /// `active`, `passive` or `manual`.
    pub mode: String,
    /// `start`, `nostart` or `laststate`.
    pub on_reboot: String,
    /// In which cycles it is checked, where that is not every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// Its groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<String>,
    /// Whether it is there; absent where nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// Its process number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// How long its process has run, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_s: Option<u64>,
    /// The mode bits of a file, as octal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// What was last measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// What became of its connections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Connection>,
    /// How often rules asked for a start or a restart, as their limits count it.
    pub restarts: u32,
    /// Cycles in which it was not looked at because the last look still ran.
    pub late_cycles: u64,
    /// When it was last seen, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_us: Option<i64>,
    /// What was last done to it or for one of its rules, with the first lines of the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_deed: Option<Done>,
}

/// Something that fails.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// The class word of its events.
    pub event: String,
    /// What was said.
    pub message: String,
    /// Since when, in microseconds since 1970.
    pub since_us: i64,
}

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// What it is called in the language.
    pub name: String,
    /// The amount in the base unit (bytes, seconds, a count, percent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// In percent of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// For people, with its unit; or why it is unknown.
    pub shown: String,
}

/// What became of a connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// Where it goes.
    pub place: String,
    /// What is spoken there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// How long the answer took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_ms: Option<f64>,
    /// Why there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// What became of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The service.
    pub service: String,
    /// What was asked for.
    pub action: String,
    /// `done`, `failed`, `dropped`, `asked` (nobody waits), `late` (it goes on) or `with` (another does it as well).
    pub how: String,
    /// Why, or what it led to, in a sentence.
    pub message: String,
}

/// The end of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct End {
    /// Whether all went as it should.
    pub well: bool,
}

/// What a reload changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reloaded {
    /// The rules.
    pub rules: String,
    /// Services that are new.
    pub added: Vec<String>,
    /// Services that are gone.
    pub removed: Vec<String>,
    /// Services whose definition is another.
    pub changed: Vec<String>,
    /// How many are as they were.
    pub unchanged: usize,
    /// Whether what holds for all services is another.
    pub settings: bool,
}

/// An event, as `--events` writes it; keys that are not shown here are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// The daemon's cycle.
    pub cycle: u64,
    /// The service.
    pub service: String,
    /// The class word.
    pub event: String,
    /// `failed`, `succeeded` or `changed`.
    pub state: String,
    /// What follows.
    pub action: String,
    /// One sentence.
    pub message: String,
}
