//! Hostile guests for the tests of the sandbox, built as the stock plugins are. Only tests depend on this crate, so
//! none of it lands in the program.

use std::borrow::Cow;

#[allow(unused_imports, reason = "which of them the generated data needs depends on the guests")]
use ruled_embedded::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation, Stock,
    Transport, Value,
};

/// All hostile guests.
pub static HOSTILE: &[Stock] = include!(concat!(env!("OUT_DIR"), "/stock.rs"));
