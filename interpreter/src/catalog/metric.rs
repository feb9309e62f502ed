//! What can be measured.

use grammar::ast::{MetricName, ServiceKind, TimestampKind};

/// What is measured. The words are the language's; see [`MetricEntry`].
pub type Metric = MetricName;

/// What kind of value a metric has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// A share of a whole; written in percent only.
    Share,
    /// An amount of memory or storage: bytes, or percent of the whole.
    SizeOrShare,
    /// A size in bytes.
    Size,
    /// A length of time in seconds; a bare number is one of seconds.
    Duration,
    /// A short length of time, with its unit.
    Latency,
    /// A bare number.
    Count,
    /// A bare number, or percent of the most that there can be.
    CountOrShare,
    /// What disks transfer: bytes or operations in a second.
    SizeOrOperations,
    /// What a network transfers: bytes or packets in a second, or as a total.
    SizeOrPackets,
}

/// One metric and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct MetricEntry {
    /// Which metric.
    pub metric: Metric,
    /// The name in `show`.
    pub name: &'static str,
    /// The words as an author writes them.
    pub words: &'static str,
    /// What kind of value it has.
    pub dimension: Dimension,
    /// The kinds of services that have it.
    pub services: &'static [ServiceKind],
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// A rule that uses it.
    pub example: &'static str,
}

use ServiceKind::{Directory, Fifo, File, Filesystem, Network, Process, Program, System};

/// Every metric.
pub const METRICS: &[MetricEntry] = &[
    MetricEntry {
        metric: Metric::Cpu,
        name: "cpu",
        words: "cpu usage",
        dimension: Dimension::Share,
        services: &[Process, System],
        sentence: "The share of the processor time since the last cycle: of a process its own, as a share of the cores that its threads can use; of the system the time spent for users and in the kernel.",
        example: "if cpu usage > 80% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::TotalCpu,
        name: "total_cpu",
        words: "total cpu usage",
        dimension: Dimension::Share,
        services: &[Process],
        sentence: "The share of the processor time since the last cycle that a process and its descendants used.",
        example: "if total cpu usage > 90% for 5 cycles then restart",
    },
    MetricEntry {
        metric: Metric::CpuUser,
        name: "cpu_user",
        words: "cpu usage (user)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent for programs.",
        example: "if cpu usage (user) > 70% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuSystem,
        name: "cpu_system",
        words: "cpu usage (system)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent in the kernel.",
        example: "if cpu usage (system) > 30% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuWait,
        name: "cpu_wait",
        words: "cpu usage (wait)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent waiting for disks.",
        example: "if cpu usage (wait) > 20% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuNice,
        name: "cpu_nice",
        words: "cpu usage (nice)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent for programs of low priority.",
        example: "if cpu usage (nice) > 50% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuHardirq,
        name: "cpu_hardirq",
        words: "cpu usage (hardirq)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent answering devices.",
        example: "if cpu usage (hardirq) > 10% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuSoftirq,
        name: "cpu_softirq",
        words: "cpu usage (softirq)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent for what devices left to be done later, such as packets of the network.",
        example: "if cpu usage (softirq) > 20% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuSteal,
        name: "cpu_steal",
        words: "cpu usage (steal)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent by the host of this virtual machine on other things.",
        example: "if cpu usage (steal) > 10% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuGuest,
        name: "cpu_guest",
        words: "cpu usage (guest)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent for virtual machines.",
        example: "if cpu usage (guest) > 80% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::CpuGuestNice,
        name: "cpu_guestnice",
        words: "cpu usage (guestnice)",
        dimension: Dimension::Share,
        services: &[System],
        sentence: "The share of the processor time since the last cycle that was spent for virtual machines of low priority.",
        example: "if cpu usage (guestnice) > 80% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::Memory,
        name: "memory",
        words: "memory usage",
        dimension: Dimension::SizeOrShare,
        services: &[Process, System],
        sentence: "The memory in use: of a process its resident set, of the system all that is not available.",
        example: "if memory usage > 500 MB for 5 cycles then restart",
    },
    MetricEntry {
        metric: Metric::TotalMemory,
        name: "total_memory",
        words: "total memory usage",
        dimension: Dimension::SizeOrShare,
        services: &[Process],
        sentence: "The memory in use by a process and its descendants.",
        example: "if total memory usage > 2 GB for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::Swap,
        name: "swap",
        words: "swap usage",
        dimension: Dimension::SizeOrShare,
        services: &[System],
        sentence: "The swap space in use.",
        example: "if swap usage > 25% for 5 cycles then alert",
    },
    load_average(1, false, "loadavg (1min)", "if loadavg (1min) > 8 for 3 cycles then alert"),
    load_average(5, false, "loadavg (5min)", "if loadavg (5min) > 6 for 3 cycles then alert"),
    load_average(15, false, "loadavg (15min)", "if loadavg (15min) > 4 then alert"),
    load_average(1, true, "loadavg (1min) per core", "if loadavg (1min) per core > 2 for 3 cycles then alert"),
    load_average(5, true, "loadavg (5min) per core", "if loadavg (5min) per core > 1.5 then alert"),
    load_average(15, true, "loadavg (15min) per core", "if loadavg (15min) per core > 1 then alert"),
    MetricEntry {
        metric: Metric::Threads,
        name: "threads",
        words: "threads",
        dimension: Dimension::Count,
        services: &[Process],
        sentence: "How many threads a process has.",
        example: "if threads > 500 then alert",
    },
    MetricEntry {
        metric: Metric::Children,
        name: "children",
        words: "children",
        dimension: Dimension::Count,
        services: &[Process],
        sentence: "How many descendants a process has.",
        example: "if children > 250 then restart",
    },
    MetricEntry {
        metric: Metric::FileDescriptors,
        name: "filedescriptors",
        words: "filedescriptors",
        dimension: Dimension::CountOrShare,
        services: &[Process, System],
        sentence: "How many files and sockets are open: of a process its own, in percent of its limit; of the system all, in percent of what the kernel allows.",
        example: "if filedescriptors > 80% for 3 cycles then alert",
    },
    MetricEntry {
        metric: Metric::TotalFileDescriptors,
        name: "total_filedescriptors",
        words: "total filedescriptors",
        dimension: Dimension::Count,
        services: &[Process],
        sentence: "How many files and sockets a process and its descendants have open.",
        example: "if total filedescriptors > 10000 then alert",
    },
    MetricEntry {
        metric: Metric::Uptime,
        name: "uptime",
        words: "uptime",
        dimension: Dimension::Duration,
        services: &[Process, System],
        sentence: "For how long a process or this machine has run.",
        example: "if uptime < 10 minutes then alert",
    },
    MetricEntry {
        metric: Metric::Read,
        name: "read",
        words: "read",
        dimension: Dimension::SizeOrOperations,
        services: &[Process, Filesystem],
        sentence: "What is read in a second since the last cycle: by a process from anywhere, or from a filesystem in bytes or operations.",
        example: "if read > 50 MB/s for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::Write,
        name: "write",
        words: "write",
        dimension: Dimension::SizeOrOperations,
        services: &[Process, Filesystem],
        sentence: "What is written in a second since the last cycle: by a process to anywhere, or to a filesystem in bytes or operations.",
        example: "if write > 50 MB/s for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::DiskRead,
        name: "disk_read",
        words: "disk read",
        dimension: Dimension::SizeOrOperations,
        services: &[Process],
        sentence: "What a process reads from disks in a second since the last cycle, in bytes or operations.",
        example: "if disk read > 20 MB/s for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::DiskWrite,
        name: "disk_write",
        words: "disk write",
        dimension: Dimension::SizeOrOperations,
        services: &[Process],
        sentence: "What a process writes to disks in a second since the last cycle, in bytes or operations.",
        example: "if disk write > 1000 operations/s for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::ServiceTime,
        name: "service_time",
        words: "service time",
        dimension: Dimension::Latency,
        services: &[Filesystem],
        sentence: "How long the disk of a filesystem took for an operation on average since the last cycle.",
        example: "if service time > 300 ms for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::Space,
        name: "space",
        words: "space usage",
        dimension: Dimension::SizeOrShare,
        services: &[Filesystem],
        sentence: "The space in use on a filesystem.",
        example: "if space usage > 90% then alert",
    },
    MetricEntry {
        metric: Metric::SpaceFree,
        name: "space_free",
        words: "space free",
        dimension: Dimension::SizeOrShare,
        services: &[Filesystem],
        sentence: "The space that is left on a filesystem.",
        example: "if space free < 1 GB then alert",
    },
    MetricEntry {
        metric: Metric::Inodes,
        name: "inodes",
        words: "inode usage",
        dimension: Dimension::CountOrShare,
        services: &[Filesystem],
        sentence: "How many inodes of a filesystem are in use; there is one for each file.",
        example: "if inode usage > 90% then alert",
    },
    MetricEntry {
        metric: Metric::InodesFree,
        name: "inodes_free",
        words: "inode free",
        dimension: Dimension::CountOrShare,
        services: &[Filesystem],
        sentence: "How many inodes are left on a filesystem; there is one for each file.",
        example: "if inode free < 10000 then alert",
    },
    MetricEntry {
        metric: Metric::Size,
        name: "size",
        words: "size",
        dimension: Dimension::Size,
        services: &[File],
        sentence: "The size of a file.",
        example: "if size > 100 MB then alert",
    },
    MetricEntry {
        metric: Metric::Timestamp(TimestampKind::Any),
        name: "timestamp",
        words: "timestamp",
        dimension: Dimension::Duration,
        services: &[File, Directory, Fifo],
        sentence: "The age of a file: the time since its content or its inode was last changed.",
        example: "if timestamp is older than 15 minutes then alert",
    },
    MetricEntry {
        metric: Metric::Timestamp(TimestampKind::Access),
        name: "timestamp",
        words: "atime",
        dimension: Dimension::Duration,
        services: &[File, Directory, Fifo],
        sentence: "The time since a file was last read.",
        example: "if atime > 30 days then alert",
    },
    MetricEntry {
        metric: Metric::Timestamp(TimestampKind::Change),
        name: "timestamp",
        words: "ctime",
        dimension: Dimension::Duration,
        services: &[File, Directory, Fifo],
        sentence: "The time since the inode of a file was last changed: its content, owner, mode or name.",
        example: "if ctime < 1 hour then alert",
    },
    MetricEntry {
        metric: Metric::Timestamp(TimestampKind::Modify),
        name: "timestamp",
        words: "mtime",
        dimension: Dimension::Duration,
        services: &[File, Directory, Fifo],
        sentence: "The time since the content of a file was last changed.",
        example: "if mtime > 2 days then alert",
    },
    MetricEntry {
        metric: Metric::Status,
        name: "status",
        words: "status",
        dimension: Dimension::Count,
        services: &[Program],
        sentence: "The exit status of a program.",
        example: "if status != 0 then alert",
    },
    MetricEntry {
        metric: Metric::Saturation,
        name: "saturation",
        words: "saturation",
        dimension: Dimension::Share,
        services: &[Network],
        sentence: "The share of the capacity of a network link that is used.",
        example: "if saturation > 90% for 5 cycles then alert",
    },
    MetricEntry {
        metric: Metric::Upload,
        name: "upload",
        words: "upload",
        dimension: Dimension::SizeOrPackets,
        services: &[Network],
        sentence: "What a network link sends: bytes or packets in a second since the last cycle, or `total` in a length of time.",
        example: "if total upload > 10 GB in last 24 hours then alert",
    },
    MetricEntry {
        metric: Metric::Download,
        name: "download",
        words: "download",
        dimension: Dimension::SizeOrPackets,
        services: &[Network],
        sentence: "What a network link receives: bytes or packets in a second since the last cycle, or `total` in a length of time.",
        example: "if download > 50 MB/s for 5 cycles then alert",
    },
];

const fn load_average(minutes: u8, per_core: bool, words: &'static str, example: &'static str) -> MetricEntry {
    MetricEntry {
        metric: Metric::LoadAverage { minutes, per_core },
        name: "loadavg",
        words,
        dimension: Dimension::Count,
        services: &[Process, System],
        sentence: "The average number of processes on this machine that ran or waited to run. In a process entry Monit \
                   reads it and never fires.",
        example,
    }
}

impl MetricEntry {
    /// The entry of a metric.
    pub fn of(metric: Metric) -> Option<&'static MetricEntry> {
        METRICS.iter().find(|entry| entry.metric == metric)
    }
}
