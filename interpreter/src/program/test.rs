//! What a rule asks, with units converted and defaults filled in.

use super::{Connection, HashKind, Identity, Ping, PluginTest};
use crate::catalog::Metric;

pub use grammar::ast::{Changed, Owner};

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The thing is not there.
    Missing,
    /// The thing is there.
    Present,
    /// A measured value against a limit.
    Limit(Limit),
    /// Something is not what it was in the cycle before.
    Changed(Changed),
    /// It belongs to somebody else than this one.
    Owner(Owner, Identity),
    /// The twelve mode bits are others than these.
    Permission {
        /// The wanted mode.
        mode: u32,
    },
    /// The security attribute of the process is another than this one.
    SecurityAttribute(String),
    /// The checksum of the file is another than this one.
    Checksum {
        /// Its kind.
        hash: HashKind,
        /// Its digits in lower case; those of the first cycle when absent.
        expected: Option<String>,
    },
    /// A pattern is found, or not found.
    Content(ContentTest),
    /// The link is up, or down.
    Link {
        /// Whether it is up.
        up: bool,
    },
    /// A connection.
    Connection(Box<Connection>),
    /// An echo request.
    Ping(Ping),
    /// A figure of a program's performance data against a limit.
    Performance(Box<PerformanceTest>),
    /// What a plugin is asked.
    Plugin(Box<PluginTest>),
    /// All of these hold.
    All(Vec<Test>),
    /// Any of these holds.
    Any(Vec<Test>),
    /// This does not hold.
    Not(Box<Test>),
}

impl Test {
    /// The tests of which it is made; itself when it is a single one.
    pub fn parts(&self) -> Parts<'_> {
        Parts { next: Some(self), behind: Vec::new() }
    }

    /// Whether each time that it holds is news of its own: something changed, or new content fits.
    pub fn is_news(&self) -> bool {
        match self {
            Test::Changed(_) | Test::Content(_) => true,
            Test::Plugin(test) => matches!(**test, PluginTest::Changed(_)),
            _ => false,
        }
    }
}

/// The tests of which a test is made. Most are single ones, for which nothing is allocated.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    next: Option<&'a Test>,
    /// What stands behind it, the last first.
    behind: Vec<&'a Test>,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a Test;

    fn next(&mut self) -> Option<&'a Test> {
        loop {
            match self.next.take().or_else(|| self.behind.pop())? {
                Test::All(parts) | Test::Any(parts) => self.behind.extend(parts.iter().rev()),
                Test::Not(part) => self.next = Some(part),
                single => return Some(single),
            }
        }
    }
}

/// A pattern that lines or a text are held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentTest {
    /// Whether the test holds where the pattern does not match.
    pub negated: bool,
    /// The pattern in the syntax of the dialect.
    pub pattern: String,
}

/// A figure of a program's performance data against a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct PerformanceTest {
    /// What the program calls the figure.
    pub label: String,
    /// The comparison.
    pub relation: Relation,
    /// The limit in the unit.
    pub value: f64,
    /// The unit; absent where the number is meant as the program writes it, whatever it counts.
    pub unit: Option<PerformanceUnit>,
}

/// What a figure of performance data counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerformanceUnit {
    /// Per cent of a whole that only the program knows.
    Percent,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
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
    /// Whether operations of disks or packets of networks are counted instead of bytes.
    pub pieces: bool,
    /// Over how many seconds a total is taken; per second, or at the moment, when absent.
    pub window_s: Option<u64>,
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
    /// Not equal to, in the word `changed`.
    Changed,
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
            Relation::NotEqual | Relation::Changed => value != limit,
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
            Relation::NotEqual | Relation::Changed => "!=",
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
            Relation::Changed => "changed",
        }
    }
}

/// How often a test must hold: in `count` of the last `cycles` cycles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many times, at least 1.
    pub count: u32,
    /// Among how many cycles, at least `count`.
    pub cycles: u32,
    /// How many seconds the author wrote, where he wrote no cycles; `count` and `cycles` follow from it.
    pub lasting_s: Option<u32>,
}

impl Rate {
    /// At once.
    pub const ONCE: Rate = Rate::of(1, 1);

    /// So many times among so many cycles.
    pub const fn of(count: u32, cycles: u32) -> Rate {
        Rate { count, cycles, lasting_s: None }
    }
}
