//! `ruled-plugin list` and `remove`: what was added.

use clap::Args;

use crate::{FINE, Refusal, host, inspect, shown};

/// Lists what was added, the newest of each name last.
#[derive(Args)]
pub(crate) struct List {}

/// Removes a plugin that was added. A ruled that runs it does so no more from its next check on.
#[derive(Args)]
pub(crate) struct Remove {
    /// Its name, or the beginning of its SHA-256, at least 8 digits. What is damaged in the store is removed by the whole of it.
    plugin: String,
}

/// The shortest beginning of a SHA-256 that names a plugin.
const PREFIX_MIN: usize = 8;

impl List {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let store = host::added()?;
        let (all, bad) = store.list().map_err(|error| Refusal::unusable(error.to_string()))?;
        let engine = ruled_builder::engine_word();
        for manifest in &all {
            shown::say(&inspect::line(manifest));
            shown::say(&format!("  from {}", shown::line(&manifest.from)));
            if manifest.engine != engine {
                shown::say(&format!(
                    "  for another version of ruled ({}): add it again",
                    shown::line(&manifest.engine)
                ));
            }
        }
        for error in &bad {
            eprintln!("ruled-plugin: {}", shown::line(&error.to_string()));
        }
        if all.is_empty() && bad.is_empty() {
            shown::say(&format!("nothing was added to {}", shown::path(store.folder())));
        }
        Ok(FINE)
    }
}

impl Remove {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let store = host::added()?;
        let unusable = |error: ruled_manifest::StoreError| Refusal::unusable(error.to_string());
        let (all, _) = store.list().map_err(unusable)?;
        let is_meant = |manifest: &&ruled_manifest::Manifest| {
            manifest.description.name == self.plugin
                || self.plugin.len() >= PREFIX_MIN && manifest.wasm_sha256.starts_with(&self.plugin)
        };
        let meant: Vec<_> = all.iter().filter(is_meant).collect();
        match meant.as_slice() {
            // With the whole of it nothing needs to be read.
            [] if store.remove(&self.plugin).map_err(unusable)? => {
                shown::say(&format!("removed {}", self.plugin));
                Ok(FINE)
            }
            [] => Err(Refusal::failed(format!("no plugin {} was added; `ruled-plugin list` has all", self.plugin))),
            [one] => {
                store.remove(&one.wasm_sha256).map_err(unusable)?;
                shown::say(&format!("removed {}", inspect::line(one)));
                Ok(FINE)
            }
            several => {
                let hashes: Vec<&str> = several.iter().map(|one| &one.wasm_sha256[..12]).collect();
                let sentence = format!("there are several: say which one by its SHA-256: {}", hashes.join(", "));
                Err(Refusal::failed(sentence))
            }
        }
    }
}
