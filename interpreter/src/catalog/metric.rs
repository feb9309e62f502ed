//! What can be measured.

use grammar::ast::{MetricName, ServiceKind};

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
    /// A length of time in seconds.
    Duration,
    /// A bare number.
    Count,
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

use ServiceKind::{File, Process, System};

/// Every metric.
pub const METRICS: &[MetricEntry] = &[
    MetricEntry {
        metric: Metric::Cpu,
        name: "cpu",
        words: "cpu usage",
        dimension: Dimension::Share,
        services: &[Process, System],
        sentence: "The share of the processor time since the last cycle: of a process its own, as a share of the \
                   cores that its threads can use; of the system the time spent for users and in the kernel.",
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
        metric: Metric::Size,
        name: "size",
        words: "size",
        dimension: Dimension::Size,
        services: &[File],
        sentence: "The size of a file.",
        example: "if size > 100 MB then alert",
    },
    MetricEntry {
        metric: Metric::Timestamp,
        name: "timestamp",
        words: "timestamp",
        dimension: Dimension::Duration,
        services: &[File],
        sentence: "The age of a file: the time since its content or its inode was last changed.",
        example: "if timestamp is older than 15 minutes then alert",
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
