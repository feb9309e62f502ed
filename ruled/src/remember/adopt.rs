//! Takes over what another program kept of services, so that the first run goes on from it: all of it or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use interpreter::durable::{Kept, ServiceKey};
use thiserror::Error;

use super::boot;
use super::database::{Database, Trouble, files_of};

/// Stands in the place of the life of the machine where nobody has run yet: the first run goes on, whichever life it is in.
pub(super) const TAKEN_OVER: &str = "taken over";

/// Why nothing was taken over.
#[derive(Debug, Error)]
pub enum AdoptError {
    /// Something is kept of these services already.
    #[error("something is kept of {0} already")]
    Known(String),
    /// The file cannot be used.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Writes this of the services into the file that state is kept in; of services that are known already only where it
/// `replaces` what is kept of them. A file that was not there is not there after a failure either.
///
/// # Errors
///
/// Services are known already, or the file cannot be used.
pub fn adopt(path: &Path, services: &BTreeMap<ServiceKey, Kept>, replaces: bool) -> Result<(), AdoptError> {
    let was_there = path.symlink_metadata().is_ok();
    let adopted = adopt_into(path, services, replaces);
    if adopted.is_err() && !was_there {
        for file in files_of(path) {
            // Mostly there is one only, or none.
            fs::remove_file(file).unwrap_or(());
        }
    }
    adopted
}

fn adopt_into(path: &Path, services: &BTreeMap<ServiceKey, Kept>, replaces: bool) -> Result<(), AdoptError> {
    // One that is damaged is not put aside: nobody waits for it here, and it may be somebody else's.
    let mut database = Database::open_whole(path)?;
    let mut kept: BTreeMap<ServiceKey, Kept> = BTreeMap::new();
    for (key, text) in database.services()? {
        if let Some(before) = Kept::from_json(&text) {
            kept.insert(key, before);
        }
    }
    let known: Vec<String> = services
        .keys()
        .filter(|key| kept.contains_key(key))
        .map(|key| format!("{} '{}'", key.kind, key.name))
        .collect();
    if !known.is_empty() && !replaces {
        return Err(AdoptError::Known(grammar::english::and(&known)));
    }
    let mut changed = BTreeMap::new();
    // A machine that started anew has ended whatever was under way, and the first run will not see that it did.
    if database.boot()?.is_some_and(|found| found != boot() && found != TAKEN_OVER) {
        for (key, before) in kept.iter_mut().filter(|(_, before)| before.intent.is_some()) {
            before.intent = None;
            changed.insert(key.clone(), before.clone());
        }
    }
    for (key, taken) in services {
        let before = kept.remove(key).unwrap_or_default();
        let Kept { monitored, restarts, restart_cycles, position, marks, .. } = taken.clone();
        changed.insert(key.clone(), Kept { monitored, restarts, restart_cycles, position, marks, ..before });
    }
    let changed = changed.into_iter().map(|(key, kept)| (key, (!kept.is_empty()).then(|| kept.to_json()))).collect();
    Ok(database.write_in_life(&changed, TAKEN_OVER)?)
}
