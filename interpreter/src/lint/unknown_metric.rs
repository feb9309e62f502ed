//! `unknown-metric`: something that a plugin does not measure.

use grammar::{Finding, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::catalog::PluginEntry;

const NAME: &str = "unknown-metric";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "something that a plugin does not measure", include_str!("unknown_metric.md"));

/// The finding about a name that no metric of the plugin has.
pub(crate) fn finding(metric: &Spanned<String>, plugin: &PluginEntry) -> Finding {
    let name = &plugin.name;
    let known: Vec<&str> = plugin.metrics.iter().map(|metric| metric.name.as_str()).collect();
    let finding = Finding::error(NAME, metric.span, format!("{name} measures nothing named `{}`", metric.node))
        .here("so this rule could never hold");
    if known.is_empty() {
        return finding
            .note(format!("{name} measures nothing: it passes or fails"))
            .help("ask how it ended, as in `if failed then alert`");
    }
    let finding = finding.note(format!("what {name} measures: {}", english::and(&known)));
    did_you_mean(finding, metric.span, &metric.node, &known)
}
