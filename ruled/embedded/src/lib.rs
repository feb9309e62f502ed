//! The stock plugins: built, packed, precompiled and described by this crate's build script, and embedded.
//!
//! What does not live here: loading and running them, which is the room `plugin` of the program.

use std::borrow::Cow;

pub use ruled_manifest::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation,
    Transport, Value,
};

/// A component that is part of the program.
#[derive(Debug)]
pub struct Stock {
    /// The name of the protocol, as rules write it.
    pub name: &'static str,
    /// Machine code for the processor that the program is built for.
    pub precompiled: &'static [u8],
    /// The SHA-256 of that, so that code that was altered is not run.
    pub precompiled_sha256: [u8; 32],
    /// The size in bytes of the WebAssembly component that was compiled.
    pub wasm_bytes: usize,
    /// What the plugin says about itself, so that nothing must be loaded to know it.
    pub description: Description,
}

/// All stock plugins, by name.
pub static STOCK: &[Stock] = include!(concat!(env!("OUT_DIR"), "/stock.rs"));
