//! A component as its checks see it, wherever it comes from.

use std::sync::Arc;

use ruled_embedded::{Description, Stock};
use ruled_manifest::Kind;

use super::added::Added;
use super::limits::{Allowance, LARGE_CHECK_WEIGHT, SMALL_WASM_BYTES_MAX};

/// A component.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// One that is part of the program.
    Stock(&'static Stock),
    /// One of somebody's own.
    Added(Arc<Added>),
}

impl Source {
    /// Its name, as people know it.
    pub(super) fn name(&self) -> &str {
        match self {
            Source::Stock(stock) => stock.name,
            Source::Added(added) => &added.manifest().description.name,
        }
    }

    /// What it says about itself.
    pub(super) fn description(&self) -> &Description {
        match self {
            Source::Stock(stock) => &stock.description,
            Source::Added(added) => &added.manifest().description,
        }
    }

    /// Whether it is a check, which opens and reads by itself.
    pub(super) fn is_check(&self) -> bool {
        matches!(self, Source::Added(added) if added.manifest().kind == Kind::Check)
    }

    /// What tells it from all others: another version of the same plugin is another one.
    pub(super) fn identity(&self) -> Identity {
        match self {
            Source::Stock(stock) => Identity::Stock(stock.name),
            Source::Added(added) => Identity::Added(added.wasm_sha256()),
        }
    }

    /// The SHA-256 of its component, hexadecimal; nothing of a stock plugin.
    pub(super) fn sha256(&self) -> Option<String> {
        match self {
            Source::Stock(_) => None,
            Source::Added(added) => Some(added.manifest().wasm_sha256.to_ascii_lowercase()),
        }
    }

    /// What its checks may use.
    pub(super) fn allowance(&self) -> Allowance {
        match self {
            Source::Stock(_) => Allowance::STOCK,
            Source::Added(added) => added.allowance(),
        }
    }

    /// For how many checks of a small plugin one of its checks counts.
    pub(super) fn weight(&self) -> u32 {
        match self {
            Source::Added(added) if added.manifest().wasm_bytes > SMALL_WASM_BYTES_MAX => LARGE_CHECK_WEIGHT,
            _ => 1,
        }
    }
}

/// What tells a plugin from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Stock(&'static str),
    Added([u8; 32]),
}
