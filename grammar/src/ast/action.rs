//! What a rule does.

use super::{Program, Value};
use crate::{Span, Spanned};

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The whole of it.
    pub span: Span,
    /// What is done.
    pub kind: ActionKind,
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionKind {
    /// Tells the recipients.
    Alert,
    /// Starts the service.
    Start,
    /// Stops the service, and watches it no longer.
    Stop,
    /// Stops and starts the service.
    Restart,
    /// Watches the service no longer.
    Unmonitor,
    /// Does nothing; of use behind `else` only.
    Ignore,
    /// Runs a program.
    Exec(Box<Exec>),
}

/// `exec …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Exec {
    /// The program and its arguments.
    pub program: Program,
    /// The user to run it as: a name or a number.
    pub uid: Option<Spanned<String>>,
    /// The group to run it as: a name or a number.
    pub gid: Option<Spanned<String>>,
    /// `repeat every N cycles`: run again while the rule keeps failing.
    pub repeat_cycles: Option<Spanned<Value<f64>>>,
}
