//! What is said about something that was done.

use serde::{Deserialize, Serialize};

/// Something that was done to a service or for one of its rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    /// What: `start`, `stop`, `restart`, `exec`, `terminate` (SIGTERM) or `kill` (SIGKILL).
    pub what: String,
    /// The program, word by word; a long command is cut.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// The process that a signal was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The class word of the event that led to it.
    pub event: String,
    /// The sentence of that event.
    pub reason: String,
    /// When it began, in microseconds since 1970.
    pub began_us: i64,
    /// How long it took, in milliseconds; absent while it is under way, and where nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
    /// How it ended: `running` (it did not yet), `exited`, `signalled`, `sent` (a signal was), `refused`, `timed_out` (it did
    /// not end in time and was killed) or `unknown` (ruled ended before it did).
    pub how: String,
    /// The exit status of a program that exited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// The number of the signal that ended a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Why it could not be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What the program printed, cleaned.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// How many bytes of that were left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub output_left_out_bytes: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
