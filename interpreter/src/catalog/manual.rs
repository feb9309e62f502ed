//! The catalog as pages of the manual, in Markdown.

use std::fmt::Write;

use super::{
    ACTIONS, ActionEntry, Dimension, EVENTS, EventEntry, KNOWN_PROTOCOLS, KnownProtocol, METRICS, MetricEntry,
    OptionKind, SERVICES, SETTINGS, STATEMENTS, ServiceEntry, SettingEntry, TESTS, TestEntry, Transport,
};
use grammar::Dialect;
use grammar::ast::ServiceKind;

/// What the catalog says about one word of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it is, as the manual's chapter calls it: `Settings`, `Protocols`.
    pub chapter: &'static str,
    /// The words by which it is found; the first is its name.
    pub words: Vec<String>,
    /// The page, in Markdown, with its headline.
    pub text: String,
}

/// What stands at the beginning of a chapter.
const CHAPTERS: &[(&str, &str)] = &[
    ("Settings", ""),
    ("Services", "The name behind the kind is the author's; no two services have the same."),
    ("Statements of a service", ""),
    ("Tests", ""),
    ("What is measured", "Each stands behind `if`, with a comparison and a limit behind it."),
    ("Actions", ""),
    ("Events", "The words of `only on { … }` and `but not on { … }`."),
    (
        "Protocols",
        "The word behind `protocol`. The port has to be named all the same. What is asked, what counts as an answer and \
         where that is specified is in the [table of the protocols](protocols.md).",
    ),
];

/// Everything that the catalog knows: settings, services, statements, tests, metrics, actions, events, protocols.
pub fn manual() -> String {
    let mut manual = String::new();
    let pages = pages();
    for (chapter, introduction) in CHAPTERS {
        write!(manual, "\n## {chapter}\n").ok();
        if !introduction.is_empty() {
            write!(manual, "\n{introduction}\n").ok();
        }
        if *chapter == "Events" {
            events(&mut manual);
            continue;
        }
        for page in pages.iter().filter(|page| page.chapter == *chapter) {
            manual.push('\n');
            manual.push_str(&page.text);
        }
    }
    manual
}

/// The pages of the catalog, one for each word, in the order of the manual.
pub fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = SETTINGS.iter().map(|entry| statement("Settings", entry)).collect();
    pages.extend(SERVICES.iter().map(service));
    pages.extend(STATEMENTS.iter().map(|entry| statement("Statements of a service", entry)));
    pages.extend(TESTS.iter().map(test));
    pages.extend(METRICS.iter().map(metric));
    pages.extend(ACTIONS.iter().map(action));
    pages.extend(EVENTS.iter().map(event));
    pages.extend(KNOWN_PROTOCOLS.iter().map(protocol));
    pages
}

/// The pages about a word, or about words that begin with it where none is about itself; words are compared without
/// regard to case and to what stands in parentheses.
pub fn find(word: &str) -> Vec<Page> {
    let wanted = plain(word);
    let mut pages = pages();
    let is = |page: &Page| page.words.iter().any(|word| plain(word) == wanted);
    if pages.iter().any(is) {
        pages.retain(is);
    } else {
        let holds = |page: &Page| page.words.iter().any(|word| plain(word).split(' ').any(|one| one == wanted));
        pages.retain(holds);
    }
    pages
}

/// A word as people ask for it: `loadavg` for `loadavg (5min)`.
fn plain(word: &str) -> String {
    let word = word.split('(').next().unwrap_or_default().to_lowercase();
    word.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn page(chapter: &'static str, words: Vec<String>, text: String) -> Page {
    Page { chapter, words, text }
}

/// The words of a statement: `set daemon`, and `daemon` alone.
fn statement(chapter: &'static str, entry: &SettingEntry) -> Page {
    let mut text = String::new();
    write!(text, "### `{}`\n\n{}\n\n", entry.words, entry.sentence).ok();
    write!(text, "    {}\n\nFor example:\n\n    {}\n", entry.syntax, indented(entry.example)).ok();
    let mut words = vec![entry.words.to_owned()];
    words.extend(entry.words.strip_prefix("set ").map(str::to_owned));
    page(chapter, words, text)
}

fn service(entry: &ServiceEntry) -> Page {
    let word = entry.kind.word();
    let text = format!("### `check {word}`\n\n{}\n\n    {}\n", entry.sentence, indented(entry.head));
    page("Services", vec![format!("check {word}"), word.to_owned()], text)
}

fn test(entry: &TestEntry) -> Page {
    let mut text = String::new();
    write!(text, "### {}\n\n{}\n\n", entry.words, entry.sentence).ok();
    let whose = if entry.is_in(Dialect::Monit) { "" } else { ", in `.rules` files" };
    write!(text, "In: {}{whose}.\n\n    {}\n", kinds(entry.services), indented(entry.example)).ok();
    let words = entry.words.split(['`', ',']).map(str::trim).filter(|word| !word.is_empty() && *word != "and");
    page("Tests", words.map(str::to_owned).collect(), text)
}

fn metric(entry: &MetricEntry) -> Page {
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
    let mut text = String::new();
    write!(text, "### `{}`\n\n{}\n\n", entry.words, entry.sentence).ok();
    write!(text, "In: {}. Limit: {unit}.\n\n    {}\n", kinds(entry.services), indented(entry.example)).ok();
    page("What is measured", vec![entry.words.to_owned(), entry.name.to_owned()], text)
}

fn action(entry: &ActionEntry) -> Page {
    let text = format!("### `{}`\n\n{}\n\n    {}\n", entry.word, entry.sentence, indented(entry.example));
    page("Actions", vec![entry.word.to_owned()], text)
}

fn events(manual: &mut String) {
    manual.push_str("\n| word | what happened |\n|---|---|\n");
    for entry in EVENTS {
        writeln!(manual, "| `{}` | {} |", entry.words.join("`, `"), entry.sentence).ok();
    }
}

fn event(entry: &EventEntry) -> Page {
    let words: Vec<String> = entry.words.iter().map(|word| (*word).to_owned()).collect();
    let name = words.first().map_or("", String::as_str);
    let mut text = format!("### `{}`\n\n{}\n\n", words.join("`, `"), entry.sentence);
    writeln!(text, "    set alert ops@example.com only on {{ {name} }}").ok();
    page("Events", words, text)
}

fn protocol(entry: &KnownProtocol) -> Page {
    let mut text = String::new();
    write!(text, "### `{}`\n\n{}", entry.name, entry.summary).ok();
    if let Some(port) = entry.port {
        write!(text, " Its customary port is {port}.").ok();
    }
    if !entry.upgrades_on.is_empty() {
        let ports: Vec<String> = entry.upgrades_on.iter().map(u16::to_string).collect();
        write!(text, " With TLS on port {} encryption begins within the protocol (STARTTLS).", ports.join(" or ")).ok();
    }
    match entry.transport {
        Transport::Stream => {}
        Transport::Either => text.push_str(" It runs over TCP, or with `type udp` over UDP."),
        Transport::Datagrams => text.push_str(" It runs over UDP."),
        Transport::DatagramsSaid => text.push_str(" It runs over UDP, which the rule has to say with `type udp`."),
    }
    if entry.needs_an_option {
        text.push_str(" At least one option must be given.");
    }
    text.push('\n');
    if !entry.options.is_empty() {
        text.push_str("\n| option | in braces | value | what it does |\n|---|---|---|---|\n");
    }
    for option in entry.options {
        let default = option.default.map(|value| format!(" Otherwise `{value}`.")).unwrap_or_default();
        let (word, name, value) = (option.word, option.name, value(&option.kind));
        writeln!(text, "| `{word}` | `{name}` | {value} | {}{default} |", option.help).ok();
    }
    page("Protocols", vec![entry.name.to_owned()], text)
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
        OptionKind::Pattern => "a pattern".to_owned(),
        OptionKind::Texts => "`[\"text\", …]`".to_owned(),
    }
}

fn kinds(kinds: &[ServiceKind]) -> String {
    grammar::english::and(kinds.iter().map(|kind| format!("`{}`", kind.word())))
}

fn indented(example: &str) -> String {
    example.replace('\n', "\n    ")
}
