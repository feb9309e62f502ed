//! What outlives ruled: the only state of the engine that is stored, as types of its own.
//!
//! A service is known across reloads and restarts by its kind and its name, a rule by what it tests. What cannot be read
//! is left out, so that a text of another version takes nothing away but itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::program::{Rule, Service};
use crate::show;

/// By what a service is known across reloads and restarts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey {
    /// The word of its kind: `process`, `file`.
    pub kind: String,
    /// Its name in lower case, since names are compared without regard to case.
    pub name: String,
}

impl ServiceKey {
    /// The key of this service.
    pub fn of(service: &Service) -> ServiceKey {
        ServiceKey { kind: service.kind().word().to_owned(), name: service.name.to_ascii_lowercase() }
    }
}

/// What is kept of one service. Whatever is as it is at the very beginning is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct Kept {
    /// Whether it is watched, where that is not as the rules would have it at the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitored: Option<bool>,
    /// How often rules asked for a start or a restart.
    #[serde(skip_serializing_if = "is_zero")]
    pub restarts: u32,
    /// In how many cycles since the first of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub restart_cycles: u32,
    /// How far a followed file was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<KeptPosition>,
    /// The minute of the local calendar, counted since 1970, in which a schedule was last due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ran_minute: Option<i64>,
    /// What rules about changes saw last, by their words.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<String, KeptValue>,
    /// The first checksum of each kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: BTreeMap<String, String>,
    /// What was told as failing and not yet as ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<KeptFault>,
    /// What is being done to it. Kept before it is done, and not any more when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<KeptIntent>,
    /// What was last done to it, the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deeds: Vec<KeptDeed>,
    /// A number for the life of the machine in which this was kept; 0 where that is not known. The engine knows none: whoever
    /// stores it adds it, and takes it away again.
    #[serde(skip_serializing_if = "is_none")]
    pub boot: u64,
}

/// Something that was done to a service, for people who ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptDeed {
    /// What: `start`, `stop`, `restart`, `exec`, `terminate` or `kill`.
    pub what: String,
    /// For which rule, where it was a rule's program: [`rule_keys`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What was run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// The process that a signal was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The class word of the event that led to it.
    pub event: String,
    /// The sentence of that event.
    pub reason: String,
    /// When it began, in microseconds since 1970.
    pub began_us: i64,
    /// How long it took, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_us: Option<u64>,
    /// How it ended: `exited`, `signalled`, `sent`, `refused`, `timed_out` or `unknown`; nothing while it is under way.
    /// It is a word and not an enum, so that one of a later version makes nothing else unreadable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// The exit status, or the number of the signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i32>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What the program printed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// How many bytes of that were left out.
    #[serde(skip_serializing_if = "is_none")]
    pub output_left_out_bytes: u64,
}

/// What is being done to a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptIntent {
    /// Whether it is to be down in the end, and not up.
    pub stops: bool,
    /// Whether a person asked for it.
    pub is_asked: bool,
    /// What is under way.
    pub step: KeptStep,
    /// Until when it has time, in microseconds since 1970.
    pub until_us: i64,
    /// The program that runs, as far as it is known: its number, and when it started, in clock ticks since boot. The
    /// engine knows neither; whoever runs the program adds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<(u32, u64)>,
}

/// What is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptStep {
    /// Nothing yet: something else comes first.
    #[default]
    Nothing,
    /// A program that brings it up.
    Start,
    /// A program that brings it down.
    Stop,
    /// A signal that brings it down.
    Signal,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptPosition {
    /// The number of the file in its file system.
    pub inode: u64,
    /// How many bytes of it were read.
    pub offset_bytes: u64,
    /// A number for what stands before that place.
    #[serde(skip_serializing_if = "is_none")]
    pub fingerprint: u64,
    /// The number of the file that had the name before, and how many bytes of it were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<(u64, u64)>,
}

/// What a rule about a change saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeptValue {
    /// A number: a size, a mode, a time.
    Number(u64),
    /// A text: a checksum, flags.
    Text(String),
}

/// Something that was told as failing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptFault {
    /// Which rule: [`rule_keys`], or a word for what nobody writes rules for.
    pub rule: String,
    /// Since when, in microseconds since 1970.
    pub since_us: i64,
    /// What was told then.
    pub message: String,
    /// How often a start, stop or restart was tried since.
    pub attempts: u32,
}

impl Kept {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Kept::default()
    }

    /// As a text to store.
    pub fn to_json(&self) -> String {
        // Every key is a text and there are no fractions, so that nothing can go wrong.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was stored; nothing when it cannot be read.
    pub fn from_json(text: &str) -> Option<Kept> {
        serde_json::from_str(text).ok()
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_none(number: &u64) -> bool {
    *number == 0
}

/// By what the rules of a service are known: a hash of what each tests, and its number among those that test the same.
/// The text itself is not kept, because it may hold passwords.
pub fn rule_keys(rules: &[Rule]) -> Vec<String> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    let key = |rule: &Rule| {
        let hash = hash(show::test_value(rule).to_string().as_bytes());
        let number = counts.entry(hash).and_modify(|count| *count += 1).or_insert(1);
        format!("{hash:016x}-{number}")
    };
    rules.iter().map(key).collect()
}

/// FNV-1a with 64 bits (RFC 9923), for what is kept: it is the same in every version of ruled. It is of no use against
/// anybody who would gain by a collision.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{Kept, KeptPosition, KeptValue, hash};

    #[test]
    fn the_hash_is_fnv_1a() {
        // Test vectors of the algorithm.
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let kept = Kept {
            monitored: Some(false),
            restarts: 2,
            position: Some(KeptPosition { inode: 7, offset_bytes: u64::MAX, ..KeptPosition::default() }),
            marks: [
                ("size".to_owned(), KeptValue::Number(9)),
                ("fsflags".to_owned(), KeptValue::Text("ro".to_owned())),
            ]
            .into(),
            ..Kept::default()
        };
        assert_eq!(Kept::from_json(&kept.to_json()), Some(kept));
        assert_eq!(Kept::default().to_json(), "{}");
    }

    #[test]
    fn a_later_version_takes_nothing_away() {
        let kept = Kept::from_json(r#"{"restarts":3,"wishes":[1]}"#);
        assert_eq!(kept.map(|kept| kept.restarts), Some(3));
        assert_eq!(Kept::from_json("{"), None);
    }
}
