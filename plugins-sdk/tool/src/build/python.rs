//! Plugins in Python: componentize-py puts them and CPython into a component.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{compile, source, workshop, world};
use crate::files::in_path;
use crate::project::Project;
use crate::{Refusal, read};

/// The library for plugins, in the folder of one.
const LIBRARY: &str = "sdk/python";

/// The component of a plugin.
pub(super) fn build(folder: &Path, project: &Project) -> Result<Vec<u8>, Refusal> {
    let generator = generator(folder)?;
    source(folder, project, "py")?;
    let workshop = workshop()?;
    let wit = world::write(workshop.path(), project)?;
    let output = workshop.path().join("component.wasm");
    let mut command = Command::new(generator);
    command
        .arg("--quiet")
        .arg("--wit-path")
        .arg(wit)
        .args(["--world", world::NAME, "componentize", "--stub-wasi"])
        .args(["--python-path", ".", "--python-path", LIBRARY])
        .arg("--output")
        .arg(&output)
        .arg(&project.name);
    compile(&mut command, folder, "componentize-py")?;
    read(&output)
}

/// componentize-py: in the virtual environment of the plugin, in the one that is active, or in `PATH`.
fn generator(folder: &Path) -> Result<PathBuf, Refusal> {
    let own = std::path::absolute(folder.join(".venv")).ok();
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let places = own.into_iter().chain(active).map(|environment| environment.join("bin/componentize-py"));
    places.into_iter().find(|file| file.is_file()).or_else(|| in_path("componentize-py")).ok_or_else(|| {
        Refusal::unusable(
            "plugins in Python are built with componentize-py, which is neither in .venv nor in PATH: run `python3 -m venv \
             .venv` and `.venv/bin/pip install -r requirements.txt` in the folder of the plugin",
        )
    })
}
