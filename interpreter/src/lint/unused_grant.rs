//! `unused-grant`: something that a plugin may do and cannot.

use grammar::{Finding, Span};

use super::Entry;
use crate::catalog::{GrantKind, PluginEntry};

const NAME: &str = "unused-grant";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "something that a plugin may do and never does", include_str!("unused_grant.md"));

/// The finding about a grant of which the plugin makes no use.
pub(crate) fn finding(grant: Span, plugin: &PluginEntry, kind: GrantKind) -> Finding {
    Finding::warning(NAME, grant, format!("{} never asks to {}", plugin.name, kind.purpose()))
        .here("so this lets it do nothing")
        .help("leave it out")
}
