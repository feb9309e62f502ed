//! `ruled-plugin add`: lets ruled run a plugin.

use std::path::PathBuf;

use clap::Args;

use crate::component::{self, What};
use crate::{FINE, Refusal, host, inspect, project, read, shown};

/// Compiles a plugin and stores it by its SHA-256, so that ruled runs it where rules name its file.
///
/// Whoever may write the store decides what ruled runs, so this is the administrator's for a ruled that root runs. A file
/// that is replaced later is not run before it has been added, too; until then ruled goes on with the one before.
#[derive(Args)]
pub(crate) struct Add {
    /// The components; that of the project in this folder, where none is given.
    files: Vec<PathBuf>,
}

impl Add {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let store = host::added()?;
        let files = if self.files.is_empty() { vec![project::built()?] } else { self.files };
        for path in &files {
            let component = read(path)?;
            let refused = |why: String| Refusal::failed(format!("{} {why}", path.display()));
            let What::Component(outside) = component::look(&component).map_err(refused)? else {
                let sentence = format!(
                    "{} is a module and not a component; `ruled-plugin pack {}` makes it one",
                    path.display(),
                    path.display()
                );
                return Err(Refusal::failed(sentence));
            };
            let manifest = host::store(&store, path, &component, &outside)?;
            shown::say(&inspect::line(&manifest));
            shown::say(&format!("  stored in {}", shown::path(store.folder())));
            for grant in inspect::grants(&manifest) {
                shown::say(&format!("  a rule must say: {grant}"));
            }
        }
        Ok(FINE)
    }
}
