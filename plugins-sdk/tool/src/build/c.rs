//! Plugins in C: clang makes a module, which this program makes a component.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{compile, workshop};
use crate::compile::component;
use crate::files::in_path;
use crate::pack::World;
use crate::project::{Kind, Project};
use crate::{Refusal, read};

/// What plugins in C are built for. wasi-libc is made for this target; nothing of WASI itself is left in a plugin.
const TARGET: &str = "--target=wasm32-wasi";

/// The library for plugins, in the folder of one.
const LIBRARY: &str = "sdk/c";

/// What must be installed.
const INSTALL: &str = "plugins in C are built with clang, lld and wasi-libc: on Debian and Ubuntu `apt install clang lld \
                       wasi-libc libclang-rt-dev-wasm32`, elsewhere wasi-sdk, with WASI_SDK_PATH set to its folder";

/// The component of a plugin.
pub(super) fn build(folder: &Path, project: &Project) -> Result<Vec<u8>, Refusal> {
    let clang = clang()?;
    // What it exports the kind says. What it does not use of this world does not remain in the component.
    let (bindings, world) = match project.kind {
        Kind::Probe => ("probe", World::Probe),
        Kind::Check => ("check", World::CheckWithEverything),
    };
    let own = sources(folder, Path::new(""))?;
    if own.is_empty() {
        return Err(Refusal::unusable(format!("{} has no file that ends in .c", folder.display())));
    }
    let bindings = Path::new(LIBRARY).join(bindings);
    let library = [sources(folder, Path::new(LIBRARY))?, sources(folder, &bindings)?].concat();
    if library.is_empty() {
        return Err(Refusal::unusable(format!("{LIBRARY} is not there; `ruled-plugin new` writes it into a plugin")));
    }
    let workshop = workshop()?;
    let module = workshop.path().join("module.wasm");
    let mut command = Command::new(clang);
    command
        .args([TARGET, "-mexec-model=reactor", "-std=gnu11", "-Os", "-flto", "-Wall", "-Wextra", "-Wl,--strip-all"])
        .arg("-I")
        .arg(LIBRARY)
        .arg("-I")
        .arg(bindings)
        .args(own)
        .args(library)
        .arg("-o")
        .arg(&module);
    compile(&mut command, folder, "clang")?;
    component(&project.name, read(&module)?, Some(world))
        .map_err(|refusal| without_system(&project.name, &refusal.sentence).map_or(refusal, Refusal::failed))
}

/// What the library has no answer to is left over as an import of WASI; then that is what to say.
fn without_system(name: &str, why: &str) -> Option<String> {
    let (_, called) = why.split_once("`wasi_snapshot_preview1::")?;
    let (called, _) = called.split_once('`')?;
    Some(format!(
        "{name} calls something for which wasi-libc needs an operating system ({called}), and a plugin has none: files are \
         read with ruled_read, and connections are opened with ruled_open, where a rule grants them"
    ))
}

/// The files that end in `.c` in a folder below that of the plugin.
fn sources(folder: &Path, below: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let whole = folder.join(below);
    let Ok(entries) = std::fs::read_dir(&whole) else { return Ok(Vec::new()) };
    let names = entries.map(|entry| entry.map(|entry| below.join(entry.file_name())));
    let mut names: Vec<PathBuf> = names
        .collect::<Result<_, _>>()
        .map_err(|error| Refusal::unusable(format!("cannot read {}: {error}", whole.display())))?;
    names.retain(|name| name.extension().is_some_and(|ending| ending == "c"));
    names.sort();
    // clang would wait for a pipe.
    match names.iter().find(|name| !folder.join(name).is_file()) {
        Some(other) => Err(Refusal::unusable(format!("{} is no regular file", other.display()))),
        None => Ok(names),
    }
}

/// A clang that can build for WebAssembly; otherwise a sentence with what is missing.
fn clang() -> Result<PathBuf, Refusal> {
    let clang = match std::env::var_os("WASI_SDK_PATH") {
        Some(sdk) => Some(PathBuf::from(sdk).join("bin/clang")).filter(|clang| clang.is_file()),
        None => in_path("clang"),
    };
    let clang = clang.ok_or_else(|| Refusal::unusable(format!("there is no clang; {INSTALL}")))?;
    // It prints the name alone where it finds no file.
    let missing = |question: &str| {
        let output = Command::new(&clang).args([TARGET, question]).output().ok()?;
        (!Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_file()).then_some(())
    };
    for (what, question) in [
        ("wasi-libc", "-print-file-name=libc.a"),
        ("wasi-libc for reactors", "-print-file-name=crt1-reactor.o"),
        ("lld", "-print-prog-name=wasm-ld"),
        ("the runtime of clang for wasm32", "-print-libgcc-file-name"),
    ] {
        if missing(question).is_some() {
            return Err(Refusal::unusable(format!("{} finds no {what}; {INSTALL}", clang.display())));
        }
    }
    Ok(clang)
}
