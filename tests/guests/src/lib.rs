//! Hostile guests for the tests of the sandbox, built as the stock plugins are. Only tests depend on this crate, so
//! none of it lands in the program.

use std::borrow::Cow;

#[allow(unused_imports, reason = "which of them the generated data needs depends on the guests")]
use ruled_embedded::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation, Stock,
    Transport, Value,
};

/// What the build script built, in its order.
static BUILT: &[Stock] = include!(concat!(env!("OUT_DIR"), "/stock.rs"));

/// The guest whose checks do what they must not.
pub static HOSTILE: &[Stock] = BUILT.split_at(1).0;

/// Guests whose descriptions do what they must not. What is embedded as their description is a placeholder.
pub static DESCRIBING: &[Stock] = BUILT.split_at(1).1;

/// A guest that was compiled as plugins of one's own are.
#[derive(Debug)]
pub struct Own {
    /// How the tests call it.
    pub name: &'static str,
    /// The component.
    pub component: &'static [u8],
    /// Its code.
    pub precompiled: &'static [u8],
}

/// Guests that were compiled as plugins of one's own are.
pub static OWN: &[Own] = include!(concat!(env!("OUT_DIR"), "/own.rs"));
