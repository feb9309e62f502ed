//! Loads precompiled components. This is the only crate of ours with unsafe code in it, and it has one such line.
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
