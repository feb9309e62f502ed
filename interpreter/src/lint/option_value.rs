//! `option-value`: a value that an option does not take.

use grammar::ast::ProtocolOption;
use grammar::{Finding, english};

use super::Entry;
use super::wording::{did_you_mean, written_unit};
use crate::catalog::{OptionKind, ProtocolEntry, ProtocolOptionEntry};

const NAME: &str = "option-value";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a value that an option does not take", include_str!("option_value.md"));

/// The finding about a value of the wrong kind or out of range.
pub(crate) fn finding(
    option: &ProtocolOption,
    protocol: &ProtocolEntry,
    entry: &ProtocolOptionEntry,
    written: &str,
) -> Finding {
    let name = &entry.name;
    let headline = match &entry.kind {
        // What is secret is not repeated.
        OptionKind::Secret => format!("`{name}` of {} does not take this", protocol.name),
        _ => format!("`{name}` of {} does not take `{}`", protocol.name, written_unit(written)),
    };
    let finding = Finding::error(NAME, option.value.span, headline)
        .here(format!("it takes {}", wanted(&entry.kind)))
        .note(format!("{name}: {}", entry.help));
    match &entry.kind {
        OptionKind::Choice(words) => {
            let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
            did_you_mean(finding, option.value.span, written, &words)
        }
        OptionKind::Text | OptionKind::Secret => {
            let is_word = !written.is_empty() && written.chars().all(|letter| letter.is_ascii_alphanumeric());
            if is_word { finding.help("put it into quotes") } else { finding }
        }
        _ => finding,
    }
}

fn wanted(kind: &OptionKind) -> String {
    match kind {
        OptionKind::Text | OptionKind::Secret => "a text".to_owned(),
        OptionKind::Integer(least, i64::MAX) => format!("a whole number from {least} on"),
        OptionKind::Integer(least, most) => format!("a whole number from {least} to {most}"),
        OptionKind::Number => "a number".to_owned(),
        OptionKind::Truth => "`true` or `false`".to_owned(),
        OptionKind::Duration => "a length of time, such as `10 seconds`".to_owned(),
        OptionKind::Size => "a size, such as `64 kB`".to_owned(),
        OptionKind::Comparison => "a comparison with a whole number, such as `= 404`".to_owned(),
        OptionKind::Share => "a comparison with a share, such as `> 60%`".to_owned(),
        OptionKind::Hash => "a checksum in hexadecimal digits".to_owned(),
        OptionKind::Path | OptionKind::Request => "a path, such as `/shop?page=1`".to_owned(),
        OptionKind::Headers => "headers in brackets, such as `[Accept: \"text/html\"]`".to_owned(),
        OptionKind::Pattern => "a pattern in quotes, such as `\"^ok\"`".to_owned(),
        OptionKind::Texts => "texts in brackets, such as `[\"one\", \"another\"]`".to_owned(),
        OptionKind::Choice(words) => english::or(words.iter().map(|word| format!("`{word}`"))),
    }
}
