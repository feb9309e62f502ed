//! What a rule asks, with units converted and defaults filled in.

use std::time::Duration;

use crate::catalog::Metric;

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The thing is not there.
    Missing,
    /// The thing is there.
    Present,
    /// A measured value against a limit.
    Limit(Limit),
    /// The twelve mode bits are others than these.
    Permission {
        /// The wanted mode.
        mode: u32,
    },
    /// A connection.
    Connection(Connection),
}

/// A measured value against a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What is measured.
    pub metric: Metric,
    /// The comparison.
    pub relation: Relation,
    /// The limit in the metric's base unit (bytes, seconds, a count), or in percent.
    pub value: f64,
    /// Whether the limit is a percentage of the whole.
    pub percent: bool,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Greater than.
    Greater,
    /// Greater than or equal to.
    GreaterOrEqual,
    /// Less than.
    Less,
    /// Less than or equal to.
    LessOrEqual,
    /// Equal to.
    Equal,
    /// Not equal to.
    NotEqual,
}

impl Relation {
    /// Whether the relation holds between the two.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Relation::Greater => value > limit,
            Relation::GreaterOrEqual => value >= limit,
            Relation::Less => value < limit,
            Relation::LessOrEqual => value <= limit,
            Relation::Equal => value == limit,
            Relation::NotEqual => value != limit,
        }
    }

    /// The sign in messages: `> >= < <= = !=`.
    pub fn sign(self) -> &'static str {
        match self {
            Relation::Greater => ">",
            Relation::GreaterOrEqual => ">=",
            Relation::Less => "<",
            Relation::LessOrEqual => "<=",
            Relation::Equal => "=",
            Relation::NotEqual => "!=",
        }
    }

    /// The word in `show`: `gt ge lt le eq ne`.
    pub fn word(self) -> &'static str {
        match self {
            Relation::Greater => "gt",
            Relation::GreaterOrEqual => "ge",
            Relation::Less => "lt",
            Relation::LessOrEqual => "le",
            Relation::Equal => "eq",
            Relation::NotEqual => "ne",
        }
    }
}

/// A connection test.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Which outcome makes the rule hold.
    pub wanted: Wanted,
    /// The host, filled in.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The protocol; a bare connection when absent.
    pub protocol: Option<ProtocolCall>,
    /// How long the whole of one attempt may take.
    pub timeout: Duration,
    /// How many attempts are made within a cycle, at least 1.
    pub attempts: u32,
}

/// Which outcome of a connection makes the rule hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It fails.
    Failed,
    /// It succeeds.
    Succeeded,
}

/// A protocol with its settings, checked against what the protocol's plugin describes.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolCall {
    /// The protocol's name in the catalog.
    pub name: String,
    /// Its settings.
    pub settings: Vec<ProtocolSetting>,
}

/// One setting of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolSetting {
    /// The option's name.
    pub name: String,
    /// The value, of the option's type.
    pub value: SettingValue,
}

/// The value of a protocol's setting.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// A text or one of the words of a choice.
    Text(String),
    /// A text that is never printed.
    Secret(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Truth(bool),
    /// A length of time.
    Duration(Duration),
    /// A size in bytes.
    Size(u64),
    /// A comparison with a whole number.
    Comparison(Relation, i64),
}

/// How often a test must hold: in `count` of the last `cycles` cycles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many times, at least 1.
    pub count: u32,
    /// Among how many cycles, at least `count`.
    pub cycles: u32,
}

impl Rate {
    /// At once.
    pub const ONCE: Rate = Rate { count: 1, cycles: 1 };
}
