//! What plugins have done, as it is said through the door.

use serde::{Deserialize, Serialize};

/// What one plugin has done since ruled began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The SHA-256 of its component, hexadecimal; absent for those that are part of ruled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How many checks came to an end, however they ended.
    pub checks: u64,
    /// In how many of them the plugin was at fault.
    pub faults: u64,
    /// The last of these faults, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_fault: Option<String>,
    /// The CPU time of its checks, in milliseconds; of one that is part of ruled only that of checks that took longer than
    /// usual.
    pub cpu_ms: f64,
    /// With what it is left alone at this moment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quarantine: Vec<Quarantine>,
}

/// That a plugin is left alone after several faults in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quarantine {
    /// With what: a service, or the name of a check; absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// For how many more seconds.
    pub left_s: u64,
}
