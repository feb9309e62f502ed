//! What is said about why a service is in its state.

use serde::{Deserialize, Serialize};

use super::{Done, Service};

/// Why a service is in its state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reasons {
    /// How it stands.
    pub service: Service,
    /// What leads to that, in sentences.
    pub causes: Vec<String>,
    /// The rules that are not green.
    pub rules: Vec<Rule>,
    /// How many rules there are in all.
    pub rules_total: usize,
    /// What is being done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undertaken: Option<Undertaken>,
    /// What is to be done when the services that it concerns are free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wish: Option<String>,
    /// What it needs and is not up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// What became of it when something was last done to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_deed: Option<Deed>,
    /// What was last done to it, of each kind and for each rule, the newest first, with all of the output that is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deeds: Vec<Done>,
}

/// A rule that is not green.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// What it asks.
    pub asks: String,
    /// How often that must hold.
    pub rate: String,
    /// What is done then.
    pub action: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whether it fails.
    pub failed: bool,
    /// What was last measured or seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// How many cycles count towards the next change of its state.
    pub hits: u32,
    /// How many of them are needed.
    pub needed: u32,
    /// Among how many.
    pub cycles: u32,
    /// What was said when its state last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When that was, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_us: Option<i64>,
    /// How often something was tried to mend it.
    pub attempts: u32,
    /// In how many cycles the next attempt is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_in_cycles: Option<u64>,
}

/// Something that is being done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Undertaken {
    /// What.
    pub what: String,
    /// For the sake of which service.
    pub service: String,
    /// Why.
    pub reason: String,
    /// What it waits for.
    pub waits_for: String,
    /// How long at most, in milliseconds.
    pub left_ms: u64,
    /// How many steps follow.
    pub steps_left: usize,
}

/// A service that is needed and not up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// Why it is not up.
    pub why: String,
}

/// What was last done to a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deed {
    /// The sentence about it.
    pub message: String,
    /// Whether it failed.
    pub failed: bool,
    /// Since when, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_us: Option<i64>,
    /// How long ago its start or restart program was last run, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_ago_ms: Option<u64>,
}
