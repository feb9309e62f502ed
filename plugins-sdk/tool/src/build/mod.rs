//! `ruled-plugin build`: from the sources of a plugin to a component.

mod c;
mod javascript;
mod python;
mod rust;
pub(crate) mod world;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::component::{self, What};
use crate::project::{self, Language, Project};
use crate::{FINE, Refusal, pack, read};

/// Builds the plugin in this folder, and packs it as a component: NAME.wasm.
///
/// A folder with a Cargo.toml has one in Rust; for the other languages plugin.json says what is built.
#[derive(Args)]
pub(crate) struct Build {
    /// The folder of the plugin.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Where the component is written; into the folder, where this is not given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Build {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let folder = &self.folder;
        let (output, component) = match Project::read(folder)? {
            Some(project) => {
                let output = folder.join(format!("{}.wasm", project.name));
                let component = match project.language {
                    Language::C => c::build(folder, &project)?,
                    Language::Python => python::build(folder, &project)?,
                    Language::Javascript => javascript::build(folder, &project)?,
                    // Its file is Cargo.toml, and plugin.json cannot say it.
                    Language::Rust => return Err(Refusal::unusable("plugins in Rust have no plugin.json")),
                };
                (output, component)
            }
            None if folder.join("Cargo.toml").is_file() => {
                let module = rust::build(folder)?;
                let component = pack::packed(&module, read(&module)?, None)?;
                (folder.join(module.file_name().map(PathBuf::from).unwrap_or_default()), component)
            }
            None => {
                return Err(Refusal::unusable(format!(
                    "{} has no plugin that this program can build: there is neither a Cargo.toml nor a {}; \
                     `ruled-plugin new` makes one",
                    folder.display(),
                    project::FILE
                )));
            }
        };
        let output = self.output.clone().unwrap_or(output);
        let refused = |why: String| Refusal::failed(format!("{} {why}", output.display()));
        if component::look(&component).map_err(refused)? == What::Module {
            return Err(refused("did not become a component".into()));
        }
        std::fs::write(&output, &component)
            .map_err(|error| Refusal::unusable(format!("cannot write {}: {error}", output.display())))?;
        println!("{}: {} bytes", output.display(), component.len());
        Ok(FINE)
    }
}

/// A file of this name in the folders of `PATH`.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A folder that what is built is put into, until it is done.
fn workshop() -> Result<tempfile::TempDir, Refusal> {
    tempfile::tempdir().map_err(|error| Refusal::unusable(format!("cannot make a temporary folder: {error}")))
}

/// Runs a compiler in a folder. What it says goes where this program's words go; only a failure is of interest here.
fn compile(command: &mut Command, folder: &Path, what: &str) -> Result<(), Refusal> {
    let status = command
        .current_dir(folder)
        // What failed is the plugin's, and not a compiler's own code.
        .env_remove("RUST_BACKTRACE")
        .stdin(std::process::Stdio::null())
        .status()
        .map_err(|error| Refusal::unusable(format!("cannot run {what}: {error}")))?;
    if status.success() { Ok(()) } else { Err(Refusal::failed(format!("the plugin does not build; {what} said why"))) }
}

/// The source of a plugin: its name with this ending.
fn source(folder: &Path, project: &Project, ending: &str) -> Result<String, Refusal> {
    let source = format!("{}.{ending}", project.name);
    if folder.join(&source).is_file() {
        return Ok(source);
    }
    Err(Refusal::unusable(format!("{} is not there, and {} says that it is built", source, project::FILE)))
}
