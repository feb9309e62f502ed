//! `ruled-plugin pack`: from a core module to a component; and how the other commands take either.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::component::{self, Outside, What};
use crate::{FINE, Refusal, host, project, read};

/// Makes a component of a core module, which must carry its world: modules in Rust and C do.
#[derive(Args)]
pub(crate) struct Pack {
    /// The module.
    module: PathBuf,
    /// Where the component is written; beside the module, with the ending `.component.wasm`, where this is not given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Pack {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let component = packed(&self.module, read(&self.module)?)?;
        let output = self.output.unwrap_or_else(|| self.module.with_extension("component.wasm"));
        std::fs::write(&output, &component)
            .map_err(|error| Refusal::unusable(format!("cannot write {}: {error}", output.display())))?;
        println!("{}: {} bytes", output.display(), component.len());
        Ok(FINE)
    }
}

/// The component, whether the bytes are one already or a module that becomes one.
pub(crate) fn packed(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let refused = |why: String| Refusal::failed(format!("{} {why}", path.display()));
    match component::look(&bytes).map_err(refused)? {
        What::Component(_) => Ok(bytes),
        What::Module => {
            let name = path.display().to_string();
            let component = ruled_builder::component(&name, &bytes).map_err(Refusal::failed)?;
            match component::look(&component).map_err(refused)? {
                What::Component(_) => Ok(component),
                What::Module => Err(refused("did not become a component".into())),
            }
        }
    }
}

/// A component to look at, to try or to run, and a file in which ruled finds it.
pub(crate) struct Plugin {
    /// The file that was named, or that of the project.
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) outside: Outside,
    /// A file with the component, where `path` has a module.
    packed: Option<tempfile::NamedTempFile>,
}

impl Plugin {
    /// Takes a component, or a module that can become one; where none is named, that of the project in this folder.
    pub(crate) fn take(path: Option<PathBuf>) -> Result<Plugin, Refusal> {
        let path = path.map_or_else(project::built, Ok)?;
        let found = read(&path)?;
        let refused = |why: String| Refusal::failed(format!("{} {why}", path.display()));
        let is_module = component::look(&found).map_err(refused)? == What::Module;
        let bytes = packed(&path, found)?;
        let What::Component(outside) = component::look(&bytes).map_err(refused)? else {
            return Err(refused("is no component".into()));
        };
        let packed = if is_module { Some(host::file(&bytes)?) } else { None };
        Ok(Plugin { path, bytes, outside, packed })
    }

    /// The file in which ruled finds the component.
    pub(crate) fn file(&self) -> &Path {
        self.packed.as_ref().map_or(&self.path, |file| file.path())
    }
}
