//! `ruled-plugin build`: from the sources of a plugin to a component.

mod c;
mod javascript;
mod python;
mod rust;
pub(crate) mod world;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use clap::Args;

use crate::component::{self, What};
use crate::files;
use crate::project::{self, Language, Project};
use crate::{FINE, Refusal, pack, read, shown};

/// How long the words of a compiler are waited for that has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is read of what a compiler prints. cargo prints some kilobytes for each crate.
const PRINTED_BYTES_MAX: u64 = 16 << 20;

/// Builds the plugin in this folder, and packs it as a component: NAME.wasm.
///
/// A folder with a Cargo.toml has one in Rust; for the other languages plugin.json says what is built. Code of the folder
/// runs while it is built, as that of a build.rs, outside of any sandbox: build what you would also run.
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
        files::write(&output, &component)
            .map_err(|error| Refusal::unusable(format!("cannot write {}: {error}", output.display())))?;
        shown::say(&format!("{}: {} bytes", shown::path(&output), component.len()));
        Ok(FINE)
    }
}

/// A folder that what is built is put into, until it is done.
fn workshop() -> Result<tempfile::TempDir, Refusal> {
    tempfile::tempdir().map_err(|error| Refusal::unusable(format!("cannot make a temporary folder: {error}")))
}

/// Runs a compiler in a folder, and passes on what it complains of. What it prints is for this program.
fn compile(command: &mut Command, folder: &Path, what: &str) -> Result<Vec<u8>, Refusal> {
    let path = std::env::join_paths(files::folders_of_path()).unwrap_or_default();
    let mut child = command
        .current_dir(folder)
        .env("PATH", path)
        // What failed is the plugin's, and not a compiler's own code.
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Refusal::unusable(format!("cannot run {what}: {error}")))?;
    let (sender, complained) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        std::thread::spawn(move || {
            shown::pass_on(stderr);
            sender.send(()).ok();
        });
    }
    let (sender, printed) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stdout.take(PRINTED_BYTES_MAX).read_to_end(&mut bytes).ok();
            sender.send(bytes).ok();
        });
    }
    let status = child.wait().map_err(|error| Refusal::unusable(format!("cannot wait for {what}: {error}")))?;
    // What it left in the background has the same pipes, and is not waited for.
    complained.recv_timeout(LAST_WORDS).ok();
    let printed = printed.recv_timeout(LAST_WORDS).unwrap_or_default();
    if status.success() {
        Ok(printed)
    } else {
        Err(Refusal::failed(format!("the plugin does not build; {what} said why")))
    }
}

/// The source of a plugin: its name with this ending.
fn source(folder: &Path, project: &Project, ending: &str) -> Result<String, Refusal> {
    let source = format!("{}.{ending}", project.name);
    if folder.join(&source).is_file() {
        return Ok(source);
    }
    Err(Refusal::unusable(format!("{} is not there, and {} says that it is built", source, project::FILE)))
}
