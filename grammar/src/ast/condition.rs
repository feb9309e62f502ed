//! What a rule asks: existence, limits, changes, contents.

use super::value::{Operator, Quantity};
use super::{Connection, Ping, PluginTest};
use crate::{Span, Spanned};

/// What stands between `if` and the rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The whole of it.
    pub span: Span,
    /// What must hold.
    pub kind: ConditionKind,
}

/// How conditions are made of others.
#[derive(Debug, Clone, PartialEq)]
pub enum ConditionKind {
    /// A single test.
    Test(Box<Test>),
    /// Several resource tests side by side, as Monit reads them: the last one counts.
    Last(Vec<Test>),
    /// `… and …`: all of them, at least two.
    All(Vec<Condition>),
    /// `… or …`: any of them, at least two.
    Any(Vec<Condition>),
    /// `not …`.
    Not(Box<Condition>),
}

impl Condition {
    /// The tests in the condition, in the order written.
    pub fn tests(&self) -> Tests<'_> {
        Tests { next: Some(self), behind: Vec::new(), beside: [].iter() }
    }
}

/// The tests in a condition. Most have one, for which nothing is allocated.
#[derive(Debug, Clone)]
pub struct Tests<'a> {
    next: Option<&'a Condition>,
    /// What stands behind it, the last first.
    behind: Vec<&'a Condition>,
    /// What stands before it.
    beside: std::slice::Iter<'a, Test>,
}

impl<'a> Iterator for Tests<'a> {
    type Item = &'a Test;

    fn next(&mut self) -> Option<&'a Test> {
        loop {
            if let Some(test) = self.beside.next() {
                return Some(test);
            }
            match &self.next.take().or_else(|| self.behind.pop())?.kind {
                ConditionKind::Test(test) => return Some(test),
                ConditionKind::Last(tests) => self.beside = tests.iter(),
                ConditionKind::All(parts) | ConditionKind::Any(parts) => self.behind.extend(parts.iter().rev()),
                ConditionKind::Not(part) => self.next = Some(part),
            }
        }
    }
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
    /// `changed …`: another value than in the cycle before.
    Changed(Spanned<Changed>),
    /// `failed uid|euid|gid NAME`: the rule holds when it belongs to somebody else.
    Owner {
        /// Which identity.
        which: Owner,
        /// A name or a number.
        name: Spanned<String>,
    },
    /// `failed permission MODE`: the rule holds when the mode is another.
    Permission {
        /// The octal digits as written.
        mode: Spanned<String>,
    },
    /// `failed security attribute NAME`.
    SecurityAttribute {
        /// The attribute that the process should have.
        attribute: Spanned<String>,
    },
    /// `failed [md5|sha1] checksum [expect HASH]`.
    Checksum {
        /// The kind of checksum, where it was written.
        hash: Option<Spanned<HashKind>>,
        /// The checksum that the file should have; that of the first cycle when absent.
        expected: Option<Spanned<String>>,
    },
    /// `content = PATTERN`, `match PATTERN`.
    Content(ContentTest),
    /// `link up`, `link down`, `failed link`.
    Link {
        /// Whether the rule holds when the link is up.
        up: bool,
    },
    /// `performance LABEL > NUMBER`, in the `rules` dialect.
    Performance(PerformanceTest),
    /// What a plugin is asked, in a check of one.
    Plugin(Box<PluginTest>),
    /// A connection.
    Connection(Box<Connection>),
    /// An echo request.
    Ping(Ping),
}

/// What can change from one cycle to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Changed {
    /// The number of a process.
    Pid,
    /// The number of a process's parent.
    Ppid,
    /// The flags with which a filesystem is mounted.
    FilesystemFlags,
    /// The exit status of a program.
    Status,
    /// The speed and the mode of a network link.
    Link,
    /// A time of a file.
    Timestamp(TimestampKind),
    /// The size of a file.
    Size,
    /// The mode of a file.
    Permission,
    /// The checksum of a file, of the default kind or this one.
    Checksum(Option<HashKind>),
}

/// Which time of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimestampKind {
    /// The newer of change and modification.
    Any,
    /// When it was last read.
    Access,
    /// When its inode was last changed.
    Change,
    /// When its content was last changed.
    Modify,
}

/// Whose a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The user.
    Uid,
    /// The effective user of a process.
    Euid,
    /// The group.
    Gid,
}

/// A kind of checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashKind {
    /// MD5, 32 hexadecimal digits.
    Md5,
    /// SHA-1, 40 hexadecimal digits.
    Sha1,
    /// SHA-256, 64 hexadecimal digits; in the `rules` dialect.
    Sha256,
}

/// A pattern that lines or a text are held against.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentTest {
    /// The whole of it.
    pub span: Span,
    /// `!=` or `not match`: the test asks whether it does not match.
    pub negated: bool,
    /// Whether the pattern is the path of a file of patterns: to Monit what begins with `/`, in `rules` what stands
    /// behind `patterns from`.
    pub from_file: bool,
    /// The pattern, or the path.
    pub pattern: Spanned<String>,
}

/// `performance "load1" > 5`: a figure of a program's performance data against a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct PerformanceTest {
    /// What the program calls the figure.
    pub label: Spanned<String>,
    /// The comparison.
    pub operator: Spanned<Operator>,
    /// The limit.
    pub value: Quantity,
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
    /// Over how long a total of transferred bytes or packets is taken: `in last 2 hours`. Absent: per second.
    pub window: Option<Quantity>,
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
    /// `cpu (nice)`.
    CpuNice,
    /// `cpu (hardirq)`.
    CpuHardirq,
    /// `cpu (softirq)`.
    CpuSoftirq,
    /// `cpu (steal)`.
    CpuSteal,
    /// `cpu (guest)`.
    CpuGuest,
    /// `cpu (guestnice)`.
    CpuGuestNice,
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
    /// `threads` of a process.
    Threads,
    /// `children` of a process, and theirs.
    Children,
    /// `filedescriptors`.
    FileDescriptors,
    /// `total filedescriptors`: a process and its children.
    TotalFileDescriptors,
    /// `uptime`.
    Uptime,
    /// `read`: of a process all that it reads, of a filesystem what is read from it.
    Read,
    /// `write`.
    Write,
    /// `disk read` of a process.
    DiskRead,
    /// `disk write` of a process.
    DiskWrite,
    /// `service time` of a filesystem.
    ServiceTime,
    /// `space usage`.
    Space,
    /// `space free`.
    SpaceFree,
    /// `inode usage`.
    Inodes,
    /// `inode free`.
    InodesFree,
    /// `size` of a file.
    Size,
    /// `timestamp`, `atime`, `ctime`, `mtime`: the age of a file.
    Timestamp(TimestampKind),
    /// `status` of a program.
    Status,
    /// `saturation` of a network link.
    Saturation,
    /// `upload`: what a network link sends.
    Upload,
    /// `download`: what a network link receives.
    Download,
}
