//! What a rule can ask, apart from measured values.

use grammar::ast::ServiceKind;

/// Which test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestName {
    /// `does not exist` and `exists`.
    Existence,
    /// `failed permission`.
    Permission,
    /// `failed port` and `succeeded port`.
    Connection,
}

/// One test and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct TestEntry {
    /// Which test.
    pub test: TestName,
    /// The words as an author writes them.
    pub words: &'static str,
    /// The kinds of services that have it.
    pub services: &'static [ServiceKind],
    /// What it asks, in a sentence.
    pub sentence: &'static str,
    /// A rule that uses it.
    pub example: &'static str,
}

use ServiceKind::{File, Host, Process};

/// Every test that is not the comparison of a metric with a limit.
pub const TESTS: &[TestEntry] = &[
    TestEntry {
        test: TestName::Existence,
        words: "existence",
        services: &[Process, File],
        sentence: "Whether the thing is there.",
        example: "if does not exist for 2 cycles then restart",
    },
    TestEntry {
        test: TestName::Permission,
        words: "permission",
        services: &[File],
        sentence: "Whether the twelve mode bits are others than these.",
        example: "if failed permission 0640 then alert",
    },
    TestEntry {
        test: TestName::Connection,
        words: "port",
        services: &[Process, Host],
        sentence: "Whether a connection to a TCP port can be made and a protocol is spoken there.",
        example: "if failed port 22 protocol ssh with timeout 10 seconds for 2 cycles then alert",
    },
];

impl TestEntry {
    /// The entry of a test.
    pub fn of(test: TestName) -> Option<&'static TestEntry> {
        TESTS.iter().find(|entry| entry.test == test)
    }
}
