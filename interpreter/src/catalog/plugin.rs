//! What a plugin of the author's says about itself, as the checker wants it.

use super::{ProtocolEntry, ProtocolOptionEntry};

/// A plugin that can be named in `check plugin`.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginEntry {
    /// What it is called.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// Whether it is a probe of a protocol, for which one connection is opened.
    pub is_probe: bool,
    /// The customary port.
    pub default_port: Option<u16>,
    /// The options it takes.
    pub options: Vec<ProtocolOptionEntry>,
    /// What it measures.
    pub metrics: Vec<PluginMetric>,
    /// What it wants to be granted, sorted.
    pub wants: Vec<GrantKind>,
    /// The grants that it says it cannot do without.
    pub needs: Vec<PluginNeed>,
}

/// A grant that a plugin says it cannot do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginNeed {
    /// Its kind.
    pub kind: GrantKind,
    /// What stands between the quotation marks in a customary rule.
    pub example: String,
    /// What it is for, in a few words: `to count the queues`.
    pub purpose: String,
}

/// Something that a plugin measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginMetric {
    /// The name, as in `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What it is, in a sentence.
    pub help: String,
    /// What it counts.
    pub kind: PluginMetricKind,
}

/// What a metric of a plugin counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PluginMetricKind {
    /// A bare number that stands for itself.
    Gauge,
    /// A bare number that only grows, until whatever is counted begins anew.
    Counter,
    /// Milliseconds.
    DurationMs,
    /// Bytes.
    Bytes,
    /// Per cent.
    Percent,
}

/// What a plugin may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantKind {
    /// Connect to a port of a host.
    Connect,
    /// Read a file, or what is below a directory.
    Read,
    /// Fetch pages of a server.
    Fetch,
}

impl GrantKind {
    /// The word behind `grant`.
    pub fn word(self) -> &'static str {
        match self {
            GrantKind::Connect => "connect",
            GrantKind::Read => "read",
            GrantKind::Fetch => "fetch",
        }
    }

    /// What it allows, behind "wants to".
    pub fn purpose(self) -> &'static str {
        match self {
            GrantKind::Connect => "connect to a server",
            GrantKind::Read => "read files",
            GrantKind::Fetch => "fetch pages",
        }
    }

    /// A statement that grants it.
    pub fn example(self) -> &'static str {
        match self {
            GrantKind::Connect => "grant connect \"HOST:PORT\"",
            GrantKind::Read => "grant read \"/PATH\"",
            GrantKind::Fetch => "grant fetch \"https://HOST\"",
        }
    }
}

impl PluginMetricKind {
    /// What it counts, behind "is".
    pub fn counts(self) -> &'static str {
        match self {
            PluginMetricKind::Gauge => "a bare number",
            PluginMetricKind::Counter => "a bare number that only grows",
            PluginMetricKind::DurationMs => "a length of time",
            PluginMetricKind::Bytes => "a size",
            PluginMetricKind::Percent => "a share in per cent",
        }
    }

    /// Whether what it grows by in a second can be asked for: that of counters, and that of sizes.
    pub fn may_grow(self) -> bool {
        matches!(self, PluginMetricKind::Counter | PluginMetricKind::Bytes)
    }
}

impl PluginEntry {
    /// The metric of that name; names are compared without regard to case.
    pub fn metric(&self, name: &str) -> Option<&PluginMetric> {
        self.metrics.iter().find(|metric| metric.name.eq_ignore_ascii_case(name))
    }

    /// Its options as those of a protocol: both are checked alike.
    pub fn as_protocol(&self) -> ProtocolEntry {
        ProtocolEntry {
            name: self.name.clone(),
            summary: self.summary.clone(),
            default_port: self.default_port,
            options: self.options.clone(),
        }
    }
}
