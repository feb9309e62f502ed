//! Loads precompiled components. This is the only crate of ours with unsafe code in it, and it has one such line for each
//! source of code.
//!
//! What does not live here: compiling (the build scripts do that) and running (the room `plugin` of the program).

mod engine_config;

pub use engine_config::{MEMORY_BYTES_MAX, OWN_MEMORY_BYTES_MAX, engine_config, engine_word, own_engine_config};
use sha2::{Digest, Sha256};
use wasmtime::component::Component;
use wasmtime::{Engine, Error};

/// Loads a component that was compiled while the program was built.
///
/// **Invariant:** `precompiled` is machine code that a build script of ours made. Wasmtime recognises code for another
/// engine, version or processor, but it cannot recognise code that somebody altered: it would run it. That is why the
/// bytes must be `'static`: those embedded in the program are, those read from a file are not. And it is why their
/// `sha256` is compared first: it finds a program file that was damaged; it is no defence against somebody who can write
/// to the program.
///
/// # Errors
/// When the code is not what was built, or was compiled for another engine configuration, another version of wasmtime or another processor.
#[expect(unsafe_code, reason = "loading machine code cannot be checked; see the invariant")]
pub fn load(engine: &Engine, precompiled: &'static [u8], sha256: [u8; 32]) -> wasmtime::Result<Component> {
    if Sha256::digest(precompiled)[..] != sha256 {
        return Err(Error::msg("its code is not what was built"));
    }
    // SAFETY: the bytes come from `Engine::precompile_component` in a build script of this workspace, and are as much
    // part of the program as its own code.
    unsafe { Component::deserialize(engine, precompiled) }
}

/// Loads a plugin of one's own, which `ruled-plugin add` compiled and stored.
///
/// **Invariant:** `precompiled` is what was read from the store of plugins, all of it at once, into memory that nobody
/// else writes to; and `sha256` stands in the manifest beside it, in a folder into which only root, or the user as whom
/// ruled runs, can write. Whoever could put other code there can put another ruled there as well. The digest is compared
/// here, over the very bytes that are loaded: it finds code that is not whole, or was altered by somebody who could not
/// write the manifest, too.
///
/// # Errors
/// When the code is not what the manifest says, or was compiled for another engine configuration, another version of
/// wasmtime or another processor.
#[expect(unsafe_code, reason = "loading machine code cannot be checked; see the invariant")]
pub fn load_added(engine: &Engine, precompiled: &[u8], sha256: [u8; 32]) -> wasmtime::Result<Component> {
    if Sha256::digest(precompiled)[..] != sha256 {
        return Err(Error::msg("its code is not what was added"));
    }
    // SAFETY: the bytes have the digest of what the compiler of ours made and stored in a folder of the owner's.
    unsafe { Component::deserialize(engine, precompiled) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings for somebody's own plugins, as they were when the word for them was changed last.
    const SETTINGS: &str = "memory_reservation: 134217728, memory_guard_size: 65536, memory_reservation_for_growth: 0, \
        parse_wasm_debuginfo: false, epoch_interruption: true, guard_before_linear_memory: false, memory_init_cow: true, \
        concurrency_support: false }";

    #[test]
    fn the_word_for_the_engine_names_its_version_and_counts_up_with_its_settings() {
        let word = engine_word();
        let workspace = include_str!("../../../Cargo.toml");
        let version = workspace.lines().find_map(|line| line.strip_prefix("wasmtime = { version = \"="));
        let version = version.and_then(|rest| rest.split('"').next()).expect("the exact version of wasmtime");
        assert!(word.starts_with(&format!("wasmtime-{version}-1-")), "{word}");
        // Before these stand the features of WebAssembly, which are those of the version.
        let settings = format!("{:?}", own_engine_config());
        let ours = settings.find("memory_reservation").map(|place| &settings[place..]);
        assert_eq!(ours, Some(SETTINGS), "count up the middle of the word, {word}");
    }
}
