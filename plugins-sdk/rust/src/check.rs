//! What a plugin is, a probe or a check of its own, and what its check returns.

use crate::{Conn, Describe, IoError, Options};

/// A protocol probe.
pub trait Probe {
    /// What the probe is. It must be the same at every call.
    fn describe() -> Describe;

    /// Checks one service over one connection. The instance lives for this check only.
    fn check(conn: &Conn, options: &Options) -> Check;
}

/// A check that is handed no connection. What it looks at the rule grants: connections ([`dial`](crate::dial)), files
/// ([`files`](crate::files)) and requests over HTTP ([`http`](crate::http)). What it does not use it does not ask for.
pub trait Checker {
    /// What the check is. It must be the same at every call.
    fn describe() -> Describe;

    /// Checks once. The instance lives for this check only.
    fn check(options: &Options) -> Check;
}

/// What a check returns.
pub type Check = Result<Outcome, Failure>;

/// The check passed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// One line for people.
    pub summary: String,
    /// Numbers that rules may test; their names stand in the description.
    pub metrics: Vec<(String, f64)>,
    /// Facts worth showing, as pairs of a name and a text.
    pub facts: Vec<(String, String)>,
}

/// The check passed, which `summary` says in one line.
pub fn ok(summary: impl Into<String>) -> Outcome {
    Outcome { summary: summary.into(), ..Outcome::default() }
}

impl Outcome {
    /// Adds a fact worth showing.
    pub fn fact(mut self, name: &str, text: impl Into<String>) -> Self {
        self.facts.push((name.into(), text.into()));
        self
    }

    /// Adds a number; `name` must stand in the description.
    pub fn metric(mut self, name: &str, value: f64) -> Self {
        self.metrics.push((name.into(), value));
        self
    }
}

impl From<Outcome> for Check {
    fn from(outcome: Outcome) -> Check {
        Ok(outcome)
    }
}

/// The check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Sending or receiving failed.
    Io(IoError),
    /// The peer does not speak the protocol; a sentence without its full stop.
    Protocol(String),
    /// The peer speaks it and says no; what it said.
    Rejected(String),
    /// The peer answered, but not what the rule wants: "the WHAT is FOUND, expected EXPECTED".
    Mismatch {
        /// What was compared.
        what: String,
        /// What the rule wants.
        expected: String,
        /// What the peer answered.
        found: String,
    },
    /// The settings make no sense together, which is an error of the rule.
    Misconfigured(String),
    /// Nothing is known: the peer may be as the rule wants it or not. No rule is told that it failed. A sentence without
    /// its full stop.
    Unknown(String),
}

/// Something shorter stands in too many answers by chance, and is no secret.
const SECRET_BYTES_MIN: usize = 4;

impl Failure {
    /// This failure, without what the peer said where that repeats one of these secrets: what a peer says is shown.
    pub fn without(self, secrets: &[&str]) -> Failure {
        match self {
            Failure::Rejected(said)
                if secrets.iter().any(|secret| secret.len() >= SECRET_BYTES_MIN && said.contains(secret)) =>
            {
                Failure::Rejected("(what the server says is not shown, because it repeats the password)".into())
            }
            other => other,
        }
    }
}

impl From<IoError> for Failure {
    fn from(error: IoError) -> Self {
        Failure::Io(error)
    }
}
