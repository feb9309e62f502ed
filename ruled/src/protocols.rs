//! The protocols that rules can name: what the embedded plugins say about themselves, in the checker's types.

use std::borrow::Cow;

use interpreter::catalog::{OptionKind, ProtocolEntry, ProtocolOptionEntry, Protocols};
use ruled_embedded::{OptionSpec, OptionType, STOCK, Stock};

/// The protocols of the stock plugins, in the order of their names.
pub fn stock() -> Protocols {
    let mut entries: Vec<ProtocolEntry> = STOCK.iter().map(entry).collect();
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Protocols { entries }
}

fn entry(stock: &Stock) -> ProtocolEntry {
    ProtocolEntry {
        name: stock.name.to_string(),
        summary: stock.description.summary.to_string(),
        default_port: stock.description.default_port,
        options: stock.description.options.iter().filter_map(option).collect(),
    }
}

fn option(spec: &OptionSpec) -> Option<ProtocolOptionEntry> {
    let kind = match &spec.kind {
        OptionType::Text => OptionKind::Text,
        OptionType::Secret => OptionKind::Secret,
        OptionType::Integer(least, most) => OptionKind::Integer(*least, *most),
        OptionType::Number => OptionKind::Number,
        OptionType::Boolean => OptionKind::Truth,
        OptionType::Duration => OptionKind::Duration,
        OptionType::Size => OptionKind::Size,
        OptionType::Choice(words) => {
            OptionKind::Choice(words.iter().map(|word| Cow::Owned(word.to_string())).collect())
        }
        OptionType::Comparison => OptionKind::Comparison,
        OptionType::Share => OptionKind::Share,
        OptionType::Hash => OptionKind::Hash,
        OptionType::Headers => OptionKind::Headers,
        // A rule says `content = "…"` beside the protocol, and cannot say the others yet.
        OptionType::Pattern | OptionType::Texts => return None,
    };
    let (name, help) = (spec.name.to_string(), spec.help.to_string());
    Some(ProtocolOptionEntry { name, help, kind, required: spec.required })
}
