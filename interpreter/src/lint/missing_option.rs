//! `missing-option`: a protocol that needs to be told more.

use grammar::ast::{PluginTarget, Protocol};
use grammar::{Finding, english};

use super::Entry;
use crate::catalog::{OptionKind, PluginEntry, ProtocolEntry, ProtocolOptionEntry};

const NAME: &str = "missing-option";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a protocol that needs to be told more", include_str!("missing_option.md"));

/// The finding about an option that must be given and is not.
pub(crate) fn finding(written: &Protocol, protocol: &ProtocolEntry, option: &ProtocolOptionEntry) -> Finding {
    let (protocol, name) = (&protocol.name, &option.name);
    Finding::error(NAME, written.name.span, format!("{protocol} needs the option `{name}`"))
        .here("so this test could not be made")
        .note(format!("{name}: {}", option.help))
        .help(format!("write `protocol {protocol} with {{ {name}: … }}`"))
}

/// The finding about an option that a plugin must be given and is not.
pub(crate) fn plugin(written: &PluginTarget, plugin: &PluginEntry, option: &ProtocolOptionEntry) -> Finding {
    let (plugin, name, sample) = (&plugin.name, &option.name, sample(&option.kind));
    let help = match written.options.is_empty() {
        true => format!("write `with {{ {name}: {sample} }}` behind its file"),
        false => format!("write `{name}: {sample}` into the braces"),
    };
    Finding::error(NAME, written.file.span, format!("{plugin} needs the option `{name}`"))
        .here("so it could check nothing")
        .note(format!("{name}: {}", option.help))
        .help(help)
}

/// A value as one of the kind is written.
fn sample(kind: &OptionKind) -> String {
    let fixed = match kind {
        OptionKind::Text | OptionKind::Secret | OptionKind::Hash => "\"…\"",
        OptionKind::Path | OptionKind::Request => "\"/…\"",
        OptionKind::Pattern => "\"^ok\"",
        OptionKind::Texts => "[\"…\"]",
        OptionKind::Headers => "[Accept: \"text/html\"]",
        OptionKind::Number => "1",
        OptionKind::Truth => "true",
        OptionKind::Duration => "10 seconds",
        OptionKind::Size => "64 kB",
        OptionKind::Comparison => "= 200",
        OptionKind::Share => "> 60%",
        OptionKind::Integer(least, most) => return 1.clamp(*least, (*most).max(*least)).to_string(),
        OptionKind::Choice(words) => return words.first().map_or_else(String::new, ToString::to_string),
    };
    fixed.to_owned()
}

/// The finding about a protocol that was told nothing and needs to be told something.
pub(crate) fn any(written: &Protocol, protocol: &ProtocolEntry) -> Finding {
    let name = &protocol.name;
    let known = protocol.options.iter().map(|option| format!("`{}`", option.name));
    Finding::error(NAME, written.name.span, format!("{name} needs at least one of its options"))
        .here("so nobody could tell what is wanted")
        .note(format!("the options of {name}: {}", english::and(known)))
}
