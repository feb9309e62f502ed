//! What a rule asks: existence, limits, permissions, connections.

use super::value::{Length, Operator, Quantity, Value};
use crate::{Span, Spanned};

/// What stands between `if` and the rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The whole of it.
    pub span: Span,
    /// The tests side by side, at least one. Several are possible for limits only.
    pub tests: Vec<Test>,
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The whole of it.
    pub span: Span,
    /// What is asked.
    pub kind: TestKind,
}

/// What a test asks.
#[derive(Debug, Clone, PartialEq)]
pub enum TestKind {
    /// `does not exist` (false) or `exists` (true).
    Existence {
        /// Whether the rule holds when the thing is there.
        exists: bool,
    },
    /// A measured value against a limit.
    Limit(Limit),
    /// `failed permission MODE`: the rule holds when the mode is another.
    Permission {
        /// The octal digits as written.
        mode: Spanned<String>,
    },
    /// A connection.
    Connection(Connection),
}

/// `cpu usage > 50 %` and its like.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What is measured.
    pub metric: Spanned<MetricName>,
    /// The comparison; `=` when absent.
    pub operator: Option<Spanned<Operator>>,
    /// The limit.
    pub value: Quantity,
}

/// The words for what can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricName {
    /// `cpu`: of a process its own, of the system user and system time.
    Cpu,
    /// `total cpu`: a process and its children.
    TotalCpu,
    /// `cpu (user)`.
    CpuUser,
    /// `cpu (system)`.
    CpuSystem,
    /// `cpu (wait)`.
    CpuWait,
    /// `memory`.
    Memory,
    /// `total memory`: a process and its children.
    TotalMemory,
    /// `swap`.
    Swap,
    /// `loadavg (1|5|15) [per core]`.
    LoadAverage {
        /// Over how many minutes: 1, 5 or 15.
        minutes: u8,
        /// Whether it is divided by the number of cores.
        per_core: bool,
    },
    /// `size` of a file.
    Size,
    /// `timestamp`: the age of the newer of change and modification.
    Timestamp,
}

/// `failed [host H] port N …` or `succeeded …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Whether the rule holds when the connection fails or when it succeeds.
    pub wanted: Wanted,
    /// The host; the address of the `check host`, or `localhost`, when absent.
    pub host: Option<Spanned<String>>,
    /// The TCP port.
    pub port: Spanned<Value<f64>>,
    /// The options in the order written.
    pub options: Vec<ConnectionOption>,
}

/// Which outcome of a test makes the rule hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// `failed`.
    Failed,
    /// `succeeded`.
    Succeeded,
}

/// An option of a connection test.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionOption {
    /// `protocol NAME …`.
    Protocol(Protocol),
    /// `with timeout N seconds`.
    Timeout(Length),
    /// `retry N`.
    Retry(Spanned<Value<f64>>),
}

/// A protocol and what it is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// The whole of it.
    pub span: Span,
    /// The name as written.
    pub name: Spanned<String>,
    /// Its options, whether written as words or inside `with { … }`.
    pub options: Vec<ProtocolOption>,
}

/// One option of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolOption {
    /// The whole of it.
    pub span: Span,
    /// The name as written.
    pub name: Spanned<String>,
    /// A comparison, as in `status = 404`.
    pub operator: Option<Spanned<Operator>>,
    /// The value.
    pub value: Spanned<OptionValue>,
}

/// The value of a protocol's option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// A text, quoted or not.
    Text(String),
    /// A number with its unit, if any.
    Quantity(Quantity),
    /// `true` or `false`.
    Truth(bool),
    /// A bare word that names something declared.
    Name(String),
    /// `{name}`, alone in the place of the value.
    Hole(String),
}
