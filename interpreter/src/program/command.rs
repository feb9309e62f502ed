//! A program to run, with its arguments and its user.

use std::time::Duration;

/// A program to run. No shell reads its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The path and the arguments; never empty.
    pub argv: Vec<String>,
    /// The user to run it as.
    pub uid: Option<Identity>,
    /// The group to run it as.
    pub gid: Option<Identity>,
    /// How long it may take; for a start or stop program until the service is up or down.
    pub timeout: Duration,
}

/// A user or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name or number as written.
    pub written: String,
    /// The number, where this machine knows it.
    pub number: Option<u32>,
}
