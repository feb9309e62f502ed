//! `missing-grant`: something that a plugin wants to do and that its rules do not let it do.

use grammar::Finding;
use grammar::ast::{Check, PluginTarget};

use super::Entry;
use crate::catalog::{GrantKind, PluginEntry, PluginNeed};

const NAME: &str = "missing-grant";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "something that a plugin wants to do and may not", include_str!("missing_grant.md"));

/// The finding about a kind of grant that a plugin wants and does not have.
pub(crate) fn finding(check: &Check, target: &PluginTarget, plugin: &PluginEntry, wanted: GrantKind) -> Finding {
    let (name, purpose) = (&plugin.name, wanted.purpose());
    let example = match (wanted, plugin.default_port) {
        (GrantKind::Connect, Some(port)) => format!("grant connect \"HOST:{port}\""),
        _ => wanted.example().to_owned(),
    };
    let hole = match wanted {
        GrantKind::Connect => "the server for HOST",
        GrantKind::Read => "the file or directory for PATH",
        GrantKind::Fetch => "the server for HOST",
    };
    Finding::error(
        NAME,
        target.file.span,
        format!("{name} wants to {purpose}, and no `grant {}` lets it", wanted.word()),
    )
    .here("so it could not do what it is for")
    .help(match plugin.needs.iter().find(|need| need.kind == wanted && is_quotable(&need.example)) {
        Some(need) => {
            let (kind, PluginNeed { example, purpose, .. }) = (wanted.word(), need);
            let own = if wanted == GrantKind::Read { "path" } else { "server" };
            let under = &check.name.node;
            format!(
                "write `grant {kind} \"{example}\"` below `check plugin {under}`, with your own {own}; the plugin needs it \
                 {purpose}"
            )
        }
        None => format!("write `{example}` below `check plugin {}`, with {hole}", check.name.node),
    })
}

/// Whether a plugin's words can stand in a rule as they are.
fn is_quotable(text: &str) -> bool {
    !text.is_empty() && !text.contains(['"', '\\', '`']) && !text.chars().any(char::is_control)
}
