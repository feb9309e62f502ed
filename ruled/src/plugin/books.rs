//! What plugins have done so far: how often they checked, how often they were at fault, and how much time they took of the
//! processor. `ruled status` shows it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::source::{Identity, Source};

/// More plugins than this nobody has; those that come later are not counted.
const PLUGINS_MAX: usize = 1_000;

/// What one plugin has done since ruled began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The SHA-256 of its component, hexadecimal; nothing of a stock plugin, which is part of the program.
    pub sha256: Option<String>,
    /// How many checks came to an end, however they ended.
    pub checks: u64,
    /// In how many of them the plugin was at fault.
    pub faults: u64,
    /// The last of these faults, as a sentence without its full stop.
    pub last_fault: Option<String>,
    /// The CPU time that its checks took; of a stock plugin only that of checks that took longer than usual.
    pub cpu: Duration,
    /// With what it is left alone at this moment, and for how long: a service or the name of a check. Nothing in place of
    /// that means with all.
    pub quarantined: Vec<(Option<String>, Duration)>,
}

/// The books of all plugins.
#[derive(Default)]
pub(super) struct Books {
    entries: Mutex<HashMap<Identity, Entry>>,
}

struct Entry {
    name: String,
    version: String,
    checks: u64,
    faults: u64,
    last_fault: Option<String>,
    cpu: Duration,
}

impl Books {
    /// Enters a check that came to its end.
    pub(super) fn enter(&self, source: &Source, cpu: Duration, fault: Option<&str>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = source.identity();
        if entries.len() >= PLUGINS_MAX && !entries.contains_key(&identity) {
            return;
        }
        let entry = entries.entry(identity).or_insert_with(|| Entry {
            name: source.name().to_owned(),
            version: source.description().version.clone().into_owned(),
            checks: 0,
            faults: 0,
            last_fault: None,
            cpu: Duration::ZERO,
        });
        entry.checks += 1;
        entry.cpu += cpu;
        if let Some(fault) = fault {
            entry.faults += 1;
            entry.last_fault = Some(fault.to_owned());
        }
    }

    /// What all of them have done, by name. `quarantined` says with what one is left alone.
    pub(super) fn told(&self, quarantined: impl Fn(Identity) -> Vec<(Option<String>, Duration)>) -> Vec<Told> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told: Vec<Told> = entries
            .iter()
            .map(|(identity, entry)| Told {
                name: entry.name.clone(),
                version: entry.version.clone(),
                sha256: match identity {
                    Identity::Stock(_) => None,
                    Identity::Added(digest) => Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()),
                },
                checks: entry.checks,
                faults: entry.faults,
                last_fault: entry.last_fault.clone(),
                cpu: entry.cpu,
                quarantined: quarantined(*identity),
            })
            .collect();
        told.sort_by(|one, other| (&one.name, &one.sha256).cmp(&(&other.name, &other.sha256)));
        told
    }
}
