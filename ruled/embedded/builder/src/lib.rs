//! Turns crates of guests into precompiled components and the data that embeds them, for build scripts; and components of
//! somebody's own into machine code, for the program that adds them. Nothing of it is in ruled itself.
//!
//! What does not live here: which guests there are; each crate that embeds some has its own list.

mod build;
#[path = "../../../loader/src/engine_config.rs"]
mod engine_config;
mod generate;
mod pack;

use std::path::{Path, PathBuf};

pub use engine_config::{MEMORY_BYTES_MAX, OWN_MEMORY_BYTES_MAX, engine_config, engine_word, own_engine_config};
pub use pack::{compile_own, component, component_of};
use ruled_plugin::Describe;
use sha2::{Digest, Sha256};

/// A crate of the guests' workspace that becomes a component.
pub struct Guest {
    /// The name of its package.
    pub package: &'static str,
    /// Its folder, from the root of the repository.
    pub folder: &'static str,
    /// The example of the package that becomes the component, where it is not the library.
    pub example: Option<&'static str>,
    /// Its description. The same code runs natively here and as WebAssembly there; a test compares the two.
    pub describe: fn() -> Describe,
}

impl Guest {
    /// The library of a package in `folder`, which describes itself with `describe`.
    pub const fn library(package: &'static str, folder: &'static str, describe: fn() -> Describe) -> Guest {
        Guest { package, folder, example: None, describe }
    }
}

/// A crate of the guests' workspace that becomes a component as those of somebody's own do.
#[derive(Clone, Copy)]
pub struct OwnGuest {
    /// How it is called.
    pub name: &'static str,
    /// The name of its package.
    pub package: &'static str,
    /// Its folder, from the root of the repository.
    pub folder: &'static str,
    /// The example of the package that becomes the component, where it is not the library.
    pub example: Option<&'static str>,
    /// A name of an interface that stands in the component, and one of the same length that is to stand there instead.
    pub renamed: Option<(&'static str, &'static str)>,
}

/// Builds, packs and precompiles `guests`, and writes `stock.rs` into `OUT_DIR`: an expression of the type
/// `&[ruled_embedded::Stock]`. A failure ends the build with one sentence.
pub fn embed(guests: &[Guest]) {
    if let Err(sentence) = try_embed(guests) {
        println!("cargo::error={}", sentence.replace('\n', " "));
        std::process::exit(1);
    }
}

fn try_embed(guests: &[Guest]) -> Result<(), String> {
    let root = root();
    for folder in ["plugins/Cargo.toml", "plugins/Cargo.lock", "plugins-sdk/rust", "plugins-sdk/wit"] {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    for guest in guests {
        println!("cargo::rerun-if-changed={}", root.join(guest.folder).display());
    }

    let out = PathBuf::from(build::variable("OUT_DIR")?);
    let modules = build::modules(&root.join("plugins"), &out, guests)?;
    let engine = pack::compiler(engine_config(), &build::variable("TARGET")?)?;
    // All code lies in one piece, apart from what the program reads all the time: the kernel maps what lies around a byte
    // that is read, and a component that nobody uses shall take no memory.
    let (mut stock, mut code) = (Vec::new(), Vec::new());
    for (guest, module) in guests.iter().zip(modules) {
        let component = pack::component(guest.package, &read(&module)?)?;
        let precompiled = pack::precompiled(&engine, guest.package, &component)?;
        let sha256 = Sha256::digest(&precompiled).into();
        stock.push(generate::stock(&(guest.describe)(), code.len(), precompiled.len(), sha256, component.len()));
        code.extend_from_slice(&precompiled);
    }
    let path = out.join("stock.code");
    write(&path, &code)?;
    write(&out.join("stock.rs"), generate::every(&path, &stock).as_bytes())
}

/// Builds, packs and compiles `guests` as `ruled-plugin add` does, and writes `own.rs` into `OUT_DIR`: an expression of the
/// type `&[Own]`, where `Own` has the fields `name`, `component` and `precompiled`. `made` names components that are there
/// already, with their files from the root of the repository. A failure ends the build.
pub fn embed_own(guests: &[OwnGuest], made: &[(&str, &str)]) {
    if let Err(sentence) = try_embed_own(guests, made) {
        println!("cargo::error={}", sentence.replace('\n', " "));
        std::process::exit(1);
    }
}

fn try_embed_own(guests: &[OwnGuest], made: &[(&str, &str)]) -> Result<(), String> {
    let out = PathBuf::from(build::variable("OUT_DIR")?);
    let engine = pack::compiler(own_engine_config(), &build::variable("TARGET")?)?;
    let nothing = || Describe::new("", "");
    let crates: Vec<Guest> = guests
        .iter()
        .map(|own| Guest { package: own.package, folder: own.folder, example: own.example, describe: nothing })
        .collect();
    let modules = build::modules(&root().join("plugins"), &out, &crates)?;
    let mut own = Vec::new();
    for (guest, module) in guests.iter().zip(modules) {
        println!("cargo::rerun-if-changed={}", root().join(guest.folder).display());
        let mut component = pack::component(guest.name, &read(&module)?)?;
        if let Some((name, other)) = guest.renamed {
            rename(&mut component, name, other)?;
        }
        own.push((guest.name, component));
    }
    for (name, file) in made {
        let file = root().join(file);
        println!("cargo::rerun-if-changed={}", file.display());
        own.push((name, read(&file)?));
    }
    let own: Vec<String> = own
        .into_iter()
        .map(|(name, component)| {
            let (wasm, cwasm) = (out.join(format!("own-{name}.wasm")), out.join(format!("own-{name}.cwasm")));
            write(&cwasm, &pack::precompiled(&engine, name, &component)?)?;
            write(&wasm, &component)?;
            Ok(format!(
                "Own {{ name: {name:?}, component: include_bytes!({wasm:?}), precompiled: include_bytes!({cwasm:?}) }}"
            ))
        })
        .collect::<Result<_, String>>()?;
    write(&out.join("own.rs"), format!("&[{}]", own.join(", ")).as_bytes())
}

/// Replaces a name by another one of the same length, wherever it stands.
fn rename(component: &mut [u8], name: &str, other: &str) -> Result<(), String> {
    let places: Vec<usize> = component
        .windows(name.len())
        .enumerate()
        .filter(|(_, window)| *window == name.as_bytes())
        .map(|(place, _)| place)
        .collect();
    if places.is_empty() || name.len() != other.len() {
        return Err(format!("{name} cannot become {other} in a component"));
    }
    for place in places {
        component[place..place + other.len()].copy_from_slice(other.as_bytes());
    }
    Ok(())
}

/// The root of the repository.
fn root() -> PathBuf {
    let builder = Path::new(env!("CARGO_MANIFEST_DIR"));
    builder.ancestors().nth(3).unwrap_or(builder).to_path_buf()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
