//! Says, once for each reason, that rules of a service cannot be judged because ruled has no right to look, or cannot make a
//! connection as they want it.

use std::collections::{BTreeSet, HashMap};

use interpreter::engine::{Presence, Reading, Readings, ServiceId};

/// How many reasons are said of a service.
const REASONS_MAX: usize = 4;

/// With which words the system refuses.
const REFUSALS: [&str; 2] = ["permission denied", "operation not permitted"];

/// What was said already.
#[derive(Debug, Default)]
pub struct Lacking {
    said: HashMap<ServiceId, BTreeSet<String>>,
}

impl Lacking {
    /// What is to be said of this observation, behind the name of the service; nothing when all could be seen, or it was
    /// said before.
    pub fn note(&mut self, service: ServiceId, readings: &Readings) -> Option<String> {
        let presence = match &readings.presence {
            Presence::Unknown(reason) => Some(reason),
            Presence::Present(_) | Presence::Absent(_) | Presence::Zombie(_) | Presence::Invalid(_) => None,
        };
        let unmade =
            readings.connections.values().filter_map(reason).chain(readings.plugin.as_deref().and_then(reason));
        let unmade = unmade.filter(|reason| !is_told_otherwise(reason));
        let unmade = self.fresh(service, unmade);
        if !unmade.is_empty() {
            return Some(format!("cannot be judged in full: {}", unmade.join(", and ")));
        }
        let unknown = presence.into_iter().chain(readings.values.values().filter_map(reason));
        let unknown = unknown.chain(readings.facts.values().filter_map(reason));
        let refused = unknown.filter(|reason| {
            let reason = reason.to_ascii_lowercase();
            REFUSALS.iter().any(|refusal| reason.contains(refusal))
        });
        let fresh = self.fresh(service, refused);
        if fresh.is_empty() {
            return None;
        }
        let user = rustix::process::geteuid().as_raw();
        let who = if user == 0 { "root, without all of its rights,".to_owned() } else { format!("user {user}, who") };
        Some(format!("cannot be judged in full: {}; ruled runs as {who} may not do that", fresh.join(", and ")))
    }

    /// The reasons that were not said of the service before.
    fn fresh<'r>(&mut self, service: ServiceId, reasons: impl Iterator<Item = &'r String>) -> Vec<&'r str> {
        let mut fresh = Vec::new();
        for reason in reasons {
            let said = self.said.entry(service).or_default();
            if said.len() < REASONS_MAX && said.insert(reason.clone()) {
                fresh.push(reason.as_str());
            }
        }
        fresh
    }
}

fn reason<T>(reading: &Reading<T>) -> Option<&String> {
    match reading {
        Reading::Unknown(reason) => Some(reason),
        Reading::Known(_) => None,
    }
}

/// Whether a connection is unknown for a reason that is told in another way, or is over by itself.
fn is_told_otherwise(reason: &str) -> bool {
    reason == super::rounds::SILENT || reason.contains(super::rounds::LATE)
}
