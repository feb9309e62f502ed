//! What plugins say about themselves, and the store of those that somebody added to the stock ones; and where what must
//! survive is kept.
//!
//! The program that compiles plugins writes the store, and the one that runs them reads it; this is what they share. What
//! does not live here: compiling, loading and running, and any knowledge of wasmtime.

mod description;
mod folder;
mod manifest;
mod store;

pub use description::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation,
    Transport, Value,
};
pub use folder::Environment;
pub use manifest::{FORMAT, Kind, Manifest, Need, Want, sha256};
pub use store::{Store, StoreError};
