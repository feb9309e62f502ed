//! Runs cargo for the guests, in a target directory of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Guest;

const GUEST_TARGET: &str = "wasm32-unknown-unknown";

/// What the outer build sets for itself and the inner one must not inherit: flags and wrappers of coverage and
/// clippy break a build for another target, and a shared target directory would make it wait for the outer lock.
const NOT_INHERITED: &[&str] = &[
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// A variable that cargo sets for build scripts.
pub(crate) fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

/// Builds the guests and returns the files of their modules, in the same order.
pub(crate) fn modules(workspace: &Path, out: &Path, guests: &[Guest]) -> Result<Vec<PathBuf>, String> {
    need_target()?;
    // OUT_DIR is TARGET_DIR/PROFILE/build/PACKAGE/out. Beside the profiles the guests are built once for all of them.
    let target_dir = out.ancestors().nth(4).unwrap_or(out).join("guests");

    for guest in guests {
        module(guest, workspace, &target_dir)?;
    }
    let folder = target_dir.join(GUEST_TARGET).join("release");
    let file = |guest: &Guest| match guest.example {
        Some(example) => folder.join("examples").join(format!("{example}.wasm")),
        None => folder.join(format!("{}.wasm", guest.package.replace('-', "_"))),
    };
    Ok(guests.iter().map(file).collect())
}

/// Builds one guest. Its package is a plain library, and only here it becomes a module of its own: natively, where its
/// description is read and its tests run, a dynamic library would be in the way.
fn module(guest: &Guest, workspace: &Path, target_dir: &Path) -> Result<(), String> {
    let mut cargo = Command::new(variable("CARGO")?);
    cargo.args(["rustc", "--crate-type", "cdylib", "--release", "--locked"]);
    match guest.example {
        Some(example) => cargo.args(["--example", example]),
        None => cargo.arg("--lib"),
    };
    cargo.args(["--package", guest.package, "--target", GUEST_TARGET, "--target-dir"]).arg(target_dir);
    cargo.current_dir(workspace);
    for name in NOT_INHERITED {
        cargo.env_remove(name);
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo for the plugins: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("the plugin {} does not build; `cargo build` in {} says why", guest.package, workspace.display()))
}

/// The plugins need a standard library that a plain installation of Rust does not have.
fn need_target() -> Result<(), String> {
    let output = Command::new(variable("RUSTC")?)
        .args(["--print", "target-libdir", "--target", GUEST_TARGET])
        .output()
        .map_err(|error| format!("cannot run rustc: {error}"))?;
    let folder = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    Err(format!(
        "the plugins are built for {GUEST_TARGET}, which this toolchain lacks: run `rustup toolchain install` in the \
         repository's folder, and build again"
    ))
}
