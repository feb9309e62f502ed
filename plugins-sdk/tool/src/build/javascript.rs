//! Plugins in JavaScript: componentize-qjs puts them and QuickJS into a component.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{compile, source, workshop, world};
use crate::files::in_path;
use crate::project::Project;
use crate::{Refusal, read};

/// The component of a plugin.
pub(super) fn build(folder: &Path, project: &Project) -> Result<Vec<u8>, Refusal> {
    let mut command = generator(folder)?;
    let source = source(folder, project, "js")?;
    let workshop = workshop()?;
    let wit = world::write(workshop.path(), project)?;
    let output = workshop.path().join("component.wasm");
    command
        .arg("--wit")
        .arg(wit)
        .args(["--world", world::NAME, "--js", &source, "--module-root", ".", "--sync", "--stub-wasi"])
        .arg("--output")
        .arg(&output);
    compile(&mut command, folder, "componentize-qjs").map_err(|refusal| {
        let hint = "a module `ruled:plugin/…` is there only where \"grants\" in plugin.json asks for what it reaches";
        Refusal { sentence: format!("{}; {hint}", refusal.sentence), ..refusal }
    })?;
    read(&output)
}

/// componentize-qjs: in the packages of the plugin, or in `PATH`.
fn generator(folder: &Path) -> Result<Command, Refusal> {
    let node = in_path("node").ok_or_else(|| {
        Refusal::unusable(
            "plugins in JavaScript are built with Node.js, which is not in PATH: on Debian and Ubuntu `apt install nodejs \
             npm`, elsewhere https://nodejs.org",
        )
    })?;
    let own = std::path::absolute(folder.join("node_modules/.bin/componentize-qjs")).ok();
    let found = own.filter(|file| file.is_file()).or_else(|| in_path("componentize-qjs")).ok_or_else(|| {
        Refusal::unusable(
            "plugins in JavaScript are built with componentize-qjs, which is neither in node_modules nor in PATH: run \
             `npm install` in the folder of the plugin",
        )
    })?;
    Ok(match module(&found) {
        Some(module) => {
            let mut command = Command::new(node);
            command.arg(module);
            command
        }
        None => Command::new(found),
    })
}

/// The module that the command of a package only calls. Node.js before 22 takes the command itself, whose name does not say
/// that it is a module, for a script of another kind.
fn module(command: &Path) -> Option<PathBuf> {
    let command = command.canonicalize().ok()?;
    Some(command.parent()?.parent()?.join("cli.mjs")).filter(|module| module.is_file())
}
