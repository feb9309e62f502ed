//! What a rule does.

use super::{Command, Rate};

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Tells the recipients.
    Alert,
    /// Starts the service.
    Start,
    /// Stops the service and watches it no longer.
    Stop,
    /// Stops and starts the service.
    Restart,
    /// Watches the service no longer.
    Unmonitor,
    /// Does nothing.
    Ignore,
    /// Runs a program.
    Exec(Box<Exec>),
}

impl Action {
    /// The word by which events name the action.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Alert => "alert",
            Action::Start => "start",
            Action::Stop => "stop",
            Action::Restart => "restart",
            Action::Unmonitor => "unmonitor",
            Action::Ignore => "ignore",
            Action::Exec(_) => "exec",
        }
    }
}

/// A program that a rule runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Exec {
    /// The program.
    pub command: Command,
    /// Run again every so many cycles while the rule keeps failing; 0 means once.
    pub repeat_cycles: u32,
}

/// What is done when a condition holds no longer.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// How often it must have ended.
    pub rate: Rate,
    /// What is done.
    pub action: Action,
}
