//! The catalog as pages of the manual, in Markdown.

use std::fmt::Write;

use super::{
    ACTIONS, Dimension, EVENTS, KNOWN_PROTOCOLS, METRICS, OptionKind, SERVICES, SETTINGS, STATEMENTS, SettingEntry,
    TESTS, Transport,
};
use grammar::ast::ServiceKind;

/// Everything that the catalog knows: settings, services, statements, tests, metrics, actions, events, protocols.
pub fn manual() -> String {
    let mut page = String::new();
    statements(&mut page, "Settings", SETTINGS);
    services(&mut page);
    statements(&mut page, "Statements of a service", STATEMENTS);
    tests(&mut page);
    metrics(&mut page);
    actions(&mut page);
    events(&mut page);
    protocols(&mut page);
    page
}

fn statements(page: &mut String, title: &str, entries: &[SettingEntry]) {
    write!(page, "\n## {title}\n").ok();
    for entry in entries {
        write!(page, "\n### `{}`\n\n{}\n\n", entry.words, entry.sentence).ok();
        write!(page, "    {}\n\nFor example:\n\n    {}\n", entry.syntax, indented(entry.example)).ok();
    }
}

fn services(page: &mut String) {
    page.push_str("\n## Services\n\nThe name behind the kind is the author's; no two services have the same.\n");
    for entry in SERVICES {
        write!(page, "\n### `check {}`\n\n{}\n\n    {}\n", entry.kind.word(), entry.sentence, entry.head).ok();
    }
}

fn tests(page: &mut String) {
    page.push_str("\n## Tests\n");
    for entry in TESTS {
        write!(page, "\n### {}\n\n{}\n\n", entry.words, entry.sentence).ok();
        write!(page, "In: {}.\n\n    {}\n", kinds(entry.services), indented(entry.example)).ok();
    }
}

fn metrics(page: &mut String) {
    page.push_str("\n## What is measured\n\nEach stands behind `if`, with a comparison and a limit behind it.\n");
    for entry in METRICS {
        let unit = match entry.dimension {
            Dimension::Share => "percent",
            Dimension::SizeOrShare => "a size, or percent of the whole",
            Dimension::Size => "a size",
            Dimension::Duration => "a time",
            Dimension::Latency => "a time with its unit",
            Dimension::Count => "a number",
            Dimension::CountOrShare => "a number, or percent of the most that there can be",
            Dimension::SizeOrOperations => "a size, or operations, in a second",
            Dimension::SizeOrPackets => "a size, or packets, in a second or as a total",
        };
        write!(page, "\n### `{}`\n\n{}\n\n", entry.words, entry.sentence).ok();
        write!(page, "In: {}. Limit: {unit}.\n\n    {}\n", kinds(entry.services), indented(entry.example)).ok();
    }
}

fn actions(page: &mut String) {
    page.push_str("\n## Actions\n");
    for entry in ACTIONS {
        write!(page, "\n### `{}`\n\n{}\n\n    {}\n", entry.word, entry.sentence, indented(entry.example)).ok();
    }
}

fn events(page: &mut String) {
    page.push_str(
        "\n## Events\n\nThe words of `only on { … }` and `but not on { … }`.\n\n| word | what happened |\n|---|---|\n",
    );
    for entry in EVENTS {
        writeln!(page, "| `{}` | {} |", entry.words.join("`, `"), entry.sentence).ok();
    }
}

fn protocols(page: &mut String) {
    page.push_str("\n## Protocols\n\nThe word behind `protocol`. The port has to be named all the same.\n");
    for entry in KNOWN_PROTOCOLS {
        write!(page, "\n### `{}`\n\n{}", entry.name, entry.summary).ok();
        if let Some(port) = entry.port {
            write!(page, " Its customary port is {port}.").ok();
        }
        match entry.transport {
            Transport::Stream => {}
            Transport::Either => page.push_str(" It runs over TCP, or with `type udp` over UDP."),
            Transport::Datagrams => page.push_str(" It runs over UDP."),
            Transport::DatagramsSaid => page.push_str(" It runs over UDP, which the rule has to say with `type udp`."),
        }
        if entry.needs_an_option {
            page.push_str(" At least one option must be given.");
        }
        page.push('\n');
        if !entry.options.is_empty() {
            page.push_str("\n| option | in braces | value | what it does |\n|---|---|---|---|\n");
        }
        for option in entry.options {
            let default = option.default.map(|value| format!(" Otherwise `{value}`.")).unwrap_or_default();
            let (word, name, value) = (option.word, option.name, value(&option.kind));
            writeln!(page, "| `{word}` | `{name}` | {value} | {}{default} |", option.help).ok();
        }
    }
}

fn value(kind: &OptionKind) -> String {
    match kind {
        OptionKind::Integer(least, most) => format!("a whole number from {least} to {most}"),
        OptionKind::Choice(words) => grammar::english::or(words.iter().map(|word| format!("`{word}`"))),
        OptionKind::Text => "a text".to_owned(),
        OptionKind::Secret => "a text that is never printed".to_owned(),
        OptionKind::Number => "a number".to_owned(),
        OptionKind::Truth => "`true` or `false`".to_owned(),
        OptionKind::Duration => "a time".to_owned(),
        OptionKind::Size => "a size".to_owned(),
        OptionKind::Comparison => "a comparison with a whole number".to_owned(),
        OptionKind::Share => "a comparison with percent".to_owned(),
        OptionKind::Hash => "a checksum".to_owned(),
        OptionKind::Path => "a path".to_owned(),
        OptionKind::Request => "a path and a query".to_owned(),
        OptionKind::Headers => "`[Name: value, …]`".to_owned(),
    }
}

fn kinds(kinds: &[ServiceKind]) -> String {
    grammar::english::and(kinds.iter().map(|kind| format!("`{}`", kind.word())))
}

fn indented(example: &str) -> String {
    example.replace('\n', "\n    ")
}
