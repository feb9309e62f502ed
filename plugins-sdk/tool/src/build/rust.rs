//! Plugins in Rust: cargo makes a module that carries its world.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::compile;
use crate::Refusal;
use crate::files::in_path;

/// What plugins in Rust are built for.
const TARGET: &str = "wasm32-unknown-unknown";

/// Builds a crate, and returns the file of its module.
pub(super) fn build(folder: &Path) -> Result<PathBuf, Refusal> {
    let cannot = |error: std::io::Error| {
        Refusal::unusable(format!("cannot run cargo: {error}; plugins in Rust are built with it: https://rustup.rs"))
    };
    let program = |name: &str| in_path(name).ok_or_else(|| cannot(std::io::ErrorKind::NotFound.into()));
    let libraries = Command::new(program("rustc")?)
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(folder)
        .output()
        .map_err(cannot)?;
    if !Path::new(String::from_utf8_lossy(&libraries.stdout).trim()).is_dir() {
        return Err(Refusal::unusable(format!(
            "this toolchain cannot build for {TARGET}: run `rustup target add {TARGET}`"
        )));
    }
    let mut command = Command::new(program("cargo")?);
    command
        .args(["rustc", "--lib", "--crate-type", "cdylib", "--release", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics"]);
    let printed = compile(&mut command, folder, "cargo")?;
    // The last artifact is the crate itself; cargo names its file.
    let text = String::from_utf8_lossy(&printed);
    let artifacts = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut files = artifacts.filter(|message| message["reason"] == "compiler-artifact").filter_map(|message| {
        let names = message["filenames"].as_array()?.clone();
        names.iter().filter_map(|name| name.as_str()).find(|name| name.ends_with(".wasm")).map(PathBuf::from)
    });
    files.next_back().ok_or_else(|| Refusal::failed("cargo built no module; is the package a library?"))
}
