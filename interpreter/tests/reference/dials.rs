//! What can change about a thing, and what rules can ask of it, by the kind of service.

use grammar::ast::{HashKind, ServiceKind};
use interpreter::engine::{Fact, Metric};

/// Something about a thing that stands at one of several settings. It begins at the first.
#[derive(Debug, PartialEq)]
pub(crate) struct Dial {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    pub(crate) settings: &'static [Setting],
}

/// What a dial turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Metric(Metric),
    Fact(Fact),
    Port(u16),
    /// How the checks of a plugin end.
    Outcome,
    /// A metric of a plugin.
    Measure(&'static str),
}

/// Where a dial stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Setting {
    /// A value that stands for itself.
    Plain(f64),
    /// An amount of a whole.
    Part(f64, f64),
    /// So many percent of so many processors at work.
    Busy(f64, f64),
    /// One counter grows by so many percent of another.
    Portion(f64),
    /// So many bytes in a second.
    Moves(f64),
    Number(u64),
    Text(&'static str),
    Open,
    Refused,
    /// Nobody can tell.
    Unreadable,
}

use Setting::{Busy, Moves, Number, Open, Part, Plain, Portion, Refused, Text, Unreadable};

const fn metric(name: &'static str, metric: Metric, settings: &'static [Setting]) -> Dial {
    Dial { name, what: What::Metric(metric), settings }
}

const fn fact(name: &'static str, fact: Fact, settings: &'static [Setting]) -> Dial {
    Dial { name, what: What::Fact(fact), settings }
}

const fn port(name: &'static str, port: u16) -> Dial {
    Dial { name, what: What::Port(port), settings: &[Open, Refused] }
}

const SHARES: &[Setting] = &[Part(1.0e8, 1.0e9), Part(8.0e8, 1.0e9), Unreadable];
const RATES: &[Setting] = &[Moves(100.0), Moves(5_000.0), Moves(0.0), Unreadable];
const CHECKSUMS: &[Setting] =
    &[Text("0123456789abcdef0123456789abcdef"), Text("fedcba9876543210fedcba9876543210"), Unreadable];
const LOAD: Metric = Metric::LoadAverage { minutes: 1, per_core: false };

const PROCESS: &[Dial] = &[
    metric("memory", Metric::Memory, SHARES),
    metric("cpu", Metric::Cpu, &[Busy(5.0, 2.0), Busy(95.0, 2.0), Busy(60.0, 2.0), Unreadable]),
    metric("threads", Metric::Threads, &[Plain(3.0), Plain(30.0), Unreadable]),
    metric("reads", Metric::DiskRead, RATES),
    port("port 80", 80),
    fact("uid", Fact::Uid, &[Number(0), Number(1000), Unreadable]),
    fact("parent", Fact::Ppid, &[Number(1), Number(2), Unreadable]),
];
const FILE: &[Dial] = &[
    fact("uid", Fact::Uid, &[Number(0), Number(1000), Unreadable]),
    fact("MD5 checksum", Fact::Checksum(HashKind::Md5), CHECKSUMS),
    fact("SHA-256 checksum", Fact::Checksum(HashKind::Sha256), CHECKSUMS),
];
const SYSTEM: &[Dial] = &[
    metric("load", LOAD, &[Plain(0.5), Plain(9.0), Unreadable]),
    metric("memory", Metric::Memory, SHARES),
    metric("cpu", Metric::CpuUser, &[Portion(5.0), Portion(95.0), Portion(60.0), Unreadable]),
];
const HOST: &[Dial] = &[port("port 80", 80), port("port 443", 443)];
const PROGRAM: &[Dial] = &[
    metric("status", Metric::Status, &[Plain(0.0), Plain(1.0), Plain(3.0), Unreadable]),
    fact("output", Fact::Output, &[Text("fine"), Text("an error"), Unreadable]),
];
const FILESYSTEM: &[Dial] = &[
    metric("space", Metric::Space, SHARES),
    metric("inodes", Metric::Inodes, SHARES),
    metric("reads", Metric::Read, RATES),
    fact("flags", Fact::MountFlags, &[Text("rw"), Text("ro"), Unreadable]),
];
const NETWORK: &[Dial] = &[
    fact("link", Fact::Link, &[Number(1), Number(0), Unreadable]),
    fact("errors", Fact::LinkErrors, &[Number(0), Number(3), Number(8), Unreadable]),
    fact("capacity", Fact::LinkCapacity, &[Text("1000 Mb/s"), Text("100 Mb/s"), Unreadable]),
    metric("saturation", Metric::Saturation, &[Plain(5.0), Plain(95.0), Unreadable]),
    metric("sends", Metric::Upload, RATES),
    metric("receives", Metric::Download, RATES),
];

const PLUGIN: &[Dial] = &[
    Dial { name: "check", what: What::Outcome, settings: &[Open, Refused, Unreadable] },
    Dial { name: "depth", what: What::Measure("depth"), settings: &[Plain(3.0), Plain(300.0), Plain(30.0)] },
    Dial { name: "latency", what: What::Measure("latency"), settings: &[Plain(5_000.0), Plain(500.0)] },
    Dial { name: "jobs", what: What::Measure("jobs"), settings: &[Moves(5.0), Moves(77.0), Moves(0.0)] },
];

/// What can change about a thing of this kind, beside whether it is there.
pub(crate) fn dials(kind: ServiceKind) -> &'static [Dial] {
    match kind {
        ServiceKind::Process => PROCESS,
        ServiceKind::File => FILE,
        ServiceKind::System => SYSTEM,
        ServiceKind::Host => HOST,
        ServiceKind::Program => PROGRAM,
        ServiceKind::Filesystem => FILESYSTEM,
        ServiceKind::Network => NETWORK,
        ServiceKind::Plugin => PLUGIN,
        ServiceKind::Directory | ServiceKind::Fifo => &[],
    }
}

/// What a rule asks, the class of its events, and what it depends on: a dial, or something of a file.
pub(crate) type Question = (&'static str, &'static str, &'static str);

/// What rules can ask of a thing of this kind. What stands first can be joined with `and`, `or` and `not`.
pub(crate) fn questions(kind: ServiceKind) -> (&'static [Question], &'static [Question]) {
    match kind {
        ServiceKind::Process => (
            &[
                ("memory usage > 50%", "resource", "memory"),
                ("memory < 400 MB", "resource", "memory"),
                ("cpu usage > 47.3%", "resource", "cpu"),
                ("threads > 10", "resource", "threads"),
                ("disk read > 1013 B/s", "resource", "reads"),
            ],
            &[
                ("failed port 80", "connection", "port 80"),
                ("failed uid 0", "uid", "uid"),
                ("changed pid", "pid", ""),
                ("changed ppid", "ppid", "parent"),
                ("does not exist", "nonexist", ""),
                ("exist", "exist", ""),
            ],
        ),
        ServiceKind::File => (
            &[
                ("size > 1500 B", "size", "size"),
                ("size < 900 B", "size", "size"),
                ("timestamp > 40 seconds", "timestamp", "size"),
            ],
            &[
                ("mtime > 15 seconds", "timestamp", "size"),
                ("changed size", "size", "size"),
                ("changed timestamp", "timestamp", "size"),
                ("failed permission 644", "permission", "mode"),
                ("changed permission", "permission", "mode"),
                ("failed uid 0", "uid", "uid"),
                ("failed checksum", "checksum", "checksum"),
                ("changed checksum", "checksum", "checksum"),
                ("content = \"error\"", "content", "lines"),
                ("content != \"fine\"", "content", "lines"),
                ("does not exist", "nonexist", ""),
                ("exist", "exist", ""),
            ],
        ),
        ServiceKind::System => (
            &[
                ("loadavg (1min) > 4", "resource", "load"),
                ("memory usage > 50%", "resource", "memory"),
                ("cpu usage (user) > 47.3%", "resource", "cpu"),
            ],
            &[],
        ),
        ServiceKind::Host => {
            (&[], &[("failed port 80", "connection", "port 80"), ("failed port 443", "connection", "port 443")])
        }
        ServiceKind::Program => (
            &[("status != 0", "status", "status"), ("status > 2", "status", "status")],
            &[("changed status", "status", "status"), ("content = \"error\"", "content", "output")],
        ),
        ServiceKind::Filesystem => (
            &[
                ("space usage > 50%", "resource", "space"),
                ("inode usage < 30%", "resource", "inodes"),
                ("read > 1013 B/s", "resource", "reads"),
            ],
            &[("changed fsflags", "fsflags", "flags"), ("does not exist", "nonexist", ""), ("exist", "exist", "")],
        ),
        ServiceKind::Network => (
            &[("saturation > 50%", "saturation", "saturation"), ("upload > 1013 B/s", "byteout", "sends")],
            &[
                ("failed link", "link", "link"),
                ("changed link", "speed", "capacity"),
                ("total download > 90 kB in last 2 minutes", "bytein", "receives"),
                ("total upload > 30 kB in last 1 minute", "byteout", "sends"),
            ],
        ),
        ServiceKind::Plugin => (
            &[
                ("depth > 100", "resource", "depth"),
                ("latency < 2 s", "resource", "latency"),
                ("jobs > 50 per second", "resource", "jobs"),
            ],
            &[("failed", "status", "check"), ("succeeded", "status", "check"), ("changed depth", "resource", "depth")],
        ),
        ServiceKind::Directory | ServiceKind::Fifo => (&[], &[]),
    }
}
