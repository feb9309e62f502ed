//! What a rule can ask, apart from measured values.

use grammar::Dialect;
use grammar::ast::ServiceKind;

/// Which test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestName {
    /// `does not exist` and `exists`.
    Existence,
    /// `changed pid`.
    Pid,
    /// `changed ppid`.
    Ppid,
    /// `failed uid`.
    Uid,
    /// `failed euid`.
    Euid,
    /// `failed gid`.
    Gid,
    /// `failed security attribute`.
    SecurityAttribute,
    /// `failed checksum` and `changed checksum`.
    Checksum,
    /// `failed permission` and `changed permission`.
    Permission,
    /// `changed size`.
    Size,
    /// `changed timestamp` and its like.
    Timestamp,
    /// `content`, `match` and `ignore`.
    Content,
    /// `changed fsflags`.
    FilesystemFlags,
    /// `changed status`.
    Status,
    /// `link up`, `link down` and `failed link`.
    Link,
    /// `changed link`.
    LinkSpeed,
    /// `failed port`, `failed url` and `succeeded …`.
    Connection,
    /// `failed unixsocket` and `succeeded unixsocket`.
    UnixSocket,
    /// `failed ping` and `succeeded ping`.
    Ping,
    /// `performance`.
    Performance,
    /// `failed` and `succeeded`, and nothing behind it.
    PluginOutcome,
    /// A metric of a plugin against a limit.
    PluginMetric,
    /// `changed` and a metric of a plugin.
    PluginChanged,
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

use ServiceKind::{Directory, Fifo, File, Filesystem, Host, Network, Plugin, Process, Program};

/// Every test that is not the comparison of a metric with a limit.
pub const TESTS: &[TestEntry] = &[
    TestEntry {
        test: TestName::Existence,
        words: "existence",
        services: &[Process, File, Directory, Fifo, Filesystem],
        sentence: "Whether the thing is there.",
        example: "if does not exist for 2 cycles then restart",
    },
    TestEntry {
        test: TestName::Pid,
        words: "changed pid",
        services: &[Process],
        sentence: "Whether another process runs than in the cycle before.",
        example: "if changed pid then alert",
    },
    TestEntry {
        test: TestName::Ppid,
        words: "changed ppid",
        services: &[Process],
        sentence: "Whether the process has another parent than in the cycle before.",
        example: "if changed ppid then alert",
    },
    TestEntry {
        test: TestName::Uid,
        words: "uid",
        services: &[Process, File, Directory, Fifo, Filesystem],
        sentence: "Whether the thing belongs to another user than this one; of a process, whether another user started it.",
        example: "if failed uid root then alert",
    },
    TestEntry {
        test: TestName::Euid,
        words: "euid",
        services: &[Process],
        sentence: "Whether the process acts for another user than this one.",
        example: "if failed euid root then alert",
    },
    TestEntry {
        test: TestName::Gid,
        words: "gid",
        services: &[Process, File, Directory, Fifo, Filesystem],
        sentence: "Whether the thing belongs to another group than this one.",
        example: "if failed gid root then alert",
    },
    TestEntry {
        test: TestName::SecurityAttribute,
        words: "security attribute",
        services: &[Process],
        sentence: "Whether the process runs in another security context than this one, as AppArmor or SELinux names it.",
        example: "if failed security attribute \"unconfined\" then alert",
    },
    TestEntry {
        test: TestName::Checksum,
        words: "checksum",
        services: &[File],
        sentence: "Whether the checksum of the file is another than this one, than that of the first cycle, or with `changed` than that of the cycle before.",
        example: "if failed checksum then alert",
    },
    TestEntry {
        test: TestName::Permission,
        words: "permission",
        services: &[File, Directory, Fifo, Filesystem],
        sentence: "Whether the twelve mode bits are others than these; with `changed`, than in the cycle before.",
        example: "if failed permission 0640 then alert",
    },
    TestEntry {
        test: TestName::Size,
        words: "changed size",
        services: &[File],
        sentence: "Whether the size is another than in the cycle before.",
        example: "if changed size then alert",
    },
    TestEntry {
        test: TestName::Timestamp,
        words: "changed timestamp",
        services: &[File, Directory, Fifo],
        sentence: "Whether a time of the file is another than in the cycle before: `timestamp`, `atime`, `ctime` or `mtime`.",
        example: "if changed timestamp then alert",
    },
    TestEntry {
        test: TestName::Content,
        words: "content",
        services: &[File, Program],
        sentence: "Whether a pattern matches a new line of the file, or the output of the program.",
        example: "if content = \"error|panic\" then alert",
    },
    TestEntry {
        test: TestName::FilesystemFlags,
        words: "changed fsflags",
        services: &[Filesystem],
        sentence: "Whether the filesystem is mounted with other flags than in the cycle before. Without such a rule there is one that alerts.",
        example: "if changed fsflags then alert",
    },
    TestEntry {
        test: TestName::Status,
        words: "changed status",
        services: &[Program],
        sentence: "Whether the exit status is another than in the cycle before.",
        example: "if changed status then alert",
    },
    TestEntry {
        test: TestName::Link,
        words: "link",
        services: &[Network],
        sentence: "Whether the network link is up or down. Without such a rule there is one that alerts when it is down.",
        example: "if link down then alert",
    },
    TestEntry {
        test: TestName::LinkSpeed,
        words: "changed link",
        services: &[Network],
        sentence: "Whether the network link has another speed or mode than in the cycle before.",
        example: "if changed link capacity then alert",
    },
    TestEntry {
        test: TestName::Connection,
        words: "port",
        services: &[Process, Host],
        sentence: "Whether a connection to a port, or to the server of an address behind `url`, can be made and a protocol is spoken there.",
        example: "if failed port 22 protocol ssh with timeout 10 seconds for 2 cycles then alert",
    },
    TestEntry {
        test: TestName::UnixSocket,
        words: "unixsocket",
        services: &[Process],
        sentence: "Whether a connection to a socket in the filesystem can be made.",
        example: "if failed unixsocket /run/app.sock then alert",
    },
    TestEntry {
        test: TestName::Ping,
        words: "ping",
        services: &[Host],
        sentence: "Whether a host answers an echo request.",
        example: "if failed ping count 5 with timeout 10 seconds for 2 cycles then alert",
    },
    TestEntry {
        test: TestName::Performance,
        words: "performance",
        services: &[Program],
        sentence: "Whether a figure that the program reports is beyond a limit. It reports as plugins of Nagios do: behind a `|` it prints performance data such as `'/var'=82%;80;90`, of which the label stands before `=`. A bare number is compared with the figure as it is printed; with `%`, a size or a time behind the number the figure must be of that kind, and is converted. A figure that is missing or of another kind is unknown: the rule neither holds nor ends.",
        example: "if performance \"load1\" > 5 for 3 cycles then alert",
    },
    TestEntry {
        test: TestName::PluginOutcome,
        words: "outcome",
        services: &[Plugin],
        sentence: "Whether the check of the plugin failed, or with `succeeded` whether it passed. A plugin that is broken itself says nothing about what it checks: then the rule neither holds nor ends.",
        example: "if failed for 3 cycles then alert",
    },
    TestEntry {
        test: TestName::PluginMetric,
        words: "metric of a plugin",
        services: &[Plugin],
        sentence: "Whether something that the plugin measures is beyond a limit. Its name is the plugin's; one that is a word of the language, such as `usage`, stands in quotes. The limit has the unit that the plugin says: a size, a time, per cent, or none. Behind the limit of a counter or a size, `per second` asks for what it grows by. What the plugin did not report is unknown: the rule neither holds nor ends.",
        example: "if depth > 1000 for 3 cycles then alert",
    },
    TestEntry {
        test: TestName::PluginChanged,
        words: "changed metric",
        services: &[Plugin],
        sentence: "Whether something that the plugin measures is another than in the cycle before.",
        example: "if changed consumers then alert",
    },
];

impl TestEntry {
    /// The entry of a test.
    pub fn of(test: TestName) -> Option<&'static TestEntry> {
        TESTS.iter().find(|entry| entry.test == test)
    }

    /// Whether a dialect has the test.
    pub fn is_in(&self, dialect: Dialect) -> bool {
        let is_ours = matches!(
            self.test,
            TestName::Performance | TestName::PluginOutcome | TestName::PluginMetric | TestName::PluginChanged
        );
        dialect == Dialect::Rules || !is_ours
    }
}
