//! `ruled-plugin pack`: from a core module to a component; and how the other commands take either.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ruled_manifest::Kind;

use crate::component::{self, Module, Outside, What};
use crate::{FINE, Refusal, compile, files, host, project, read, shown};

/// Makes a component of a core module. `build` does it by itself.
///
/// A module in Rust carries the world that it is made for. One that carries none, as one in C or by hand, is made for the
/// one that is named, and otherwise for that of its exports; of it, the component asks for what the module imports.
#[derive(Args)]
pub(crate) struct Pack {
    /// The module.
    module: PathBuf,
    /// Where the component is written; beside the module, with the ending `.component.wasm`, where this is not given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The world that the module is made for, where it does not carry it.
    #[arg(short, long, value_enum)]
    world: Option<World>,
}

/// A world of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum World {
    /// A probe: `prober`, over one connection.
    Probe,
    /// A check that asks for nothing.
    Check,
    /// A check that opens connections.
    CheckConnecting,
    /// A check that reads files.
    CheckReading,
    /// A check that asks web servers.
    CheckFetching,
    /// A check that may do all of that.
    CheckWithEverything,
}

impl World {
    /// What a plugin of this kind has at most.
    fn of(kind: Kind) -> World {
        match kind {
            Kind::Probe => World::Probe,
            Kind::Check => World::CheckWithEverything,
        }
    }

    /// Its name in the contract.
    pub(crate) fn name(self) -> &'static str {
        match self {
            World::Probe => "probe",
            World::Check => "check",
            World::CheckConnecting => "check-connecting",
            World::CheckReading => "check-reading",
            World::CheckFetching => "check-fetching",
            World::CheckWithEverything => "check-with-everything",
        }
    }
}

impl Pack {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let component = packed(&self.module, read(&self.module)?, self.world)?;
        let output = self.output.unwrap_or_else(|| self.module.with_extension("component.wasm"));
        files::write(&output, &component)
            .map_err(|error| Refusal::unusable(format!("cannot write {}: {error}", output.display())))?;
        shown::say(&format!("{}: {} bytes", shown::path(&output), component.len()));
        Ok(FINE)
    }
}

/// The component, whether the bytes are one already or a module that becomes one, of this world where it carries none.
pub(crate) fn packed(path: &Path, bytes: Vec<u8>, world: Option<World>) -> Result<Vec<u8>, Refusal> {
    let refused = |why: &str| Refusal::failed(format!("{} {why}", path.display()));
    let look = |bytes: &[u8]| component::look(bytes).map_err(|why| refused(&why));
    match (look(&bytes)?, world) {
        (What::Component(_), None) => return Ok(bytes),
        (What::Component(_), Some(_)) => return Err(refused("is a component, which has its world")),
        (What::Module, _) => {}
    }
    let Module { has_world, kind } = component::module(&bytes).map_err(|why| refused(&why))?;
    let world = match (has_world, world) {
        (true, Some(_)) => return Err(refused("carries its world; take `--world` out")),
        (true, None) => None,
        (false, world) => Some(world.or(kind.map(World::of)).ok_or_else(|| {
            refused(
                "is no plugin of ruled: it carries no world, and exports neither ruled:plugin/prober nor ruled:plugin/checker",
            )
        })?),
    };
    let component = compile::component(&path.display().to_string(), bytes, world)?;
    match look(&component)? {
        What::Component(_) => Ok(component),
        What::Module => Err(refused("did not become a component")),
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
        let bytes = packed(&path, found, None)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::world::CONTRACT;

    #[test]
    fn the_worlds_are_those_of_the_contract() {
        let named: Vec<String> = World::value_variants().iter().map(|world| world.name().to_owned()).collect();
        let written = CONTRACT.lines().filter_map(|line| line.strip_prefix("world ")?.strip_suffix(" {"));
        assert_eq!(named, written.collect::<Vec<_>>());
        for world in World::value_variants() {
            let word = world.to_possible_value().map(|word| word.get_name().to_owned());
            assert_eq!(word.as_deref(), Some(world.name()));
        }
    }
}
