//! A check of a plugin: what it is told, what it is granted, and what is asked of it.

use std::time::Duration;

use super::{PerformanceTest, ProtocolSetting, Tls, Wanted};

/// What is checked by a plugin of the author's.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginCheck {
    /// The path of the author's file: where a relative one was written, it begins at the folder of the rules.
    pub file: String,
    /// What it is told.
    pub settings: Vec<ProtocolSetting>,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// How long a check may take.
    pub timeout: Duration,
}

/// What a plugin may do.
#[derive(Debug, Clone, PartialEq)]
pub enum Grant {
    /// Connect to a port.
    Connect {
        /// The host, without the brackets of an IPv6 address.
        host: String,
        /// The TCP port.
        port: u16,
        /// How the connection is encrypted; not at all when absent.
        tls: Option<Box<Tls>>,
        /// What is written, by which the plugin may ask for the connection.
        text: String,
        /// What the plugin calls the connection, where the rules name it.
        name: Option<String>,
    },
    /// Read a file, or what is below a directory.
    Read {
        /// The whole path.
        path: String,
    },
    /// Fetch pages of a server.
    Fetch {
        /// Scheme, host and, where it is not the customary one, port: `https://api.example.com`.
        origin: String,
    },
}

/// What is asked of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginTest {
    /// How the check ended.
    Outcome(Wanted),
    /// A metric against a limit; the label is the name of the metric.
    Limit(PerformanceTest),
    /// What a counter grows by in a second, against a limit.
    Rate(PerformanceTest),
    /// The metric of this name is another than in the cycle before.
    Changed(String),
}
