//! `ruled docs protocol`: what plugins say about themselves, as a page.

use std::fmt::Write;

use grammar::english;
use interpreter::catalog::{self, KNOWN_PROTOCOLS, KnownProtocol};
use ruled_embedded::{Description, MetricKind, OptionSpec, OptionType, Relation, STOCK, Stock, Transport, Value};
use ruled_manifest::{Kind, Manifest, Want};

use crate::added::Plugins;

/// All protocols: those that are spoken, and those that can only be written.
pub(super) fn list() -> String {
    let mut text = String::from("Protocols that are spoken\n");
    let width = KNOWN_PROTOCOLS.iter().map(|known| known.name.len()).max().unwrap_or_default();
    let mut unspoken = Vec::new();
    let others = STOCK.iter().filter(|stock| KnownProtocol::find(stock.name).is_none());
    let mut lines: Vec<(&str, String)> =
        others.map(|stock| (stock.name, stock.description.summary.to_string())).collect();
    for known in KNOWN_PROTOCOLS {
        // A bare connection is spoken by nobody, and always possible.
        if component(known.spoken()).is_some() || known.name == "default" {
            lines.push((known.name, known.summary.trim_end_matches('.').to_owned()));
        } else {
            unspoken.push(known.name);
        }
    }
    lines.sort_unstable();
    for (name, summary) in lines {
        writeln!(text, "  {name:width$}  {summary}").ok();
    }
    if !unspoken.is_empty() {
        writeln!(text, "\nRead and checked, and not spoken yet\n  {}", unspoken.join(", ")).ok();
    }
    let own = Plugins::own().newest().0;
    if !own.is_empty() {
        text.push_str("\nPlugins that were added\n");
    }
    for manifest in own {
        writeln!(text, "  {:width$}  {}", manifest.description.name, manifest.description.summary).ok();
    }
    text.push_str("\n`ruled docs protocol NAME` has the page of one.\n");
    text
}

/// The page of a protocol; nothing where there is none of that name.
pub(super) fn page(name: &str) -> Option<String> {
    let known = KnownProtocol::find(name);
    let spoken: &str = known.map_or(name, |known| known.spoken());
    let Some(stock) = component(spoken) else {
        let Some(known) = known else { return added(name) };
        let pages = catalog::find(known.name).into_iter().filter(|page| page.chapter == "Protocols");
        let text: String = pages.map(|page| page.text).collect();
        return Some(format!("{text}\nThis version reads and checks it, and does not speak it yet.\n"));
    };
    let about = &stock.description;
    let name = known.map_or(stock.name, |known| known.name);
    let encrypted = known.is_some_and(|known| known.encrypts.is_some());
    let mut text = head(name, about);
    write!(text, "\n{}\n", reached(about, encrypted)).ok();
    body(&mut text, about, "behind the name or in `with { … }`");
    let port =
        if encrypted { about.default_tls_port.or(known.and_then(|known| known.port)) } else { about.default_port };
    let port = port.unwrap_or(7777);
    let (rule, address) = match (encrypted, about.transports.first()) {
        (true, _) => (format!("port {port}"), format!("tls://localhost:{port}")),
        (false, Some(Transport::Udp)) => (format!("port {port} type udp"), format!("udp://localhost:{port}")),
        (false, Some(Transport::UnixStream)) => {
            let socket = format!("/run/{name}/{name}.sock");
            (format!("unixsocket {socket}"), format!("unix://{socket}"))
        }
        (false, _) => (format!("port {port}"), format!("tcp://localhost:{port}")),
    };
    let words = known.map_or_else(|| name.to_owned(), least);
    write!(text, "\n    if failed {rule} protocol {words} then alert\n").ok();
    writeln!(text, "    ruled probe {address} protocol {words}").ok();
    write!(text, "\nPlugin {} {}, a component of {} KiB.\n", stock.name, about.version, stock.wasm_bytes / 1024).ok();
    Some(text)
}

/// The page of a plugin that was added; nothing where none of that name was.
fn added(name: &str) -> Option<String> {
    let manifests = Plugins::own().newest().0.into_iter();
    let pages: Vec<String> = manifests.filter(|one| one.description.name.eq_ignore_ascii_case(name)).map(own).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

fn own(manifest: Manifest) -> String {
    let about = &manifest.description;
    let mut text = head(&about.name, about);
    if manifest.kind == Kind::Probe {
        write!(text, "\n{}\n", reached(about, false)).ok();
    }
    body(&mut text, about, "in `with { … }`");
    let (name, from) = (&about.name, &manifest.from);
    let rule = match manifest.kind {
        Kind::Probe => {
            format!("    if failed port {} protocol {name} then alert\n", about.default_port.unwrap_or(7777))
        }
        Kind::Check => {
            let needed = |want: &Want| manifest.needs.iter().find(|need| need.kind == *want);
            let grants = manifest.wants.iter().map(|want| {
                let customary = match want {
                    Want::Connect => "host.example.com:7777",
                    Want::Read => "/path",
                    Want::Fetch => "https://host.example.com",
                };
                let example = needed(want).map_or(customary, |need| need.example.as_str());
                format!("        grant {} \"{example}\"\n", want.word())
            });
            let grants: String = grants.collect();
            format!("    check plugin {name} using \"{from}\"\n{grants}        if failed then alert\n")
        }
    };
    let sha256 = manifest.wasm_sha256.get(..12).unwrap_or_default();
    write!(text, "\n{rule}\nPlugin {name} {}, {sha256}…, was added from {from}.\n", about.version).ok();
    text.lines().map(|line| grammar::finding::clean(line) + "\n").collect()
}

/// The name and what it is.
fn head(name: &str, about: &Description) -> String {
    let mut text = format!("### `{name}`\n\n{}.\n", about.summary);
    for paragraph in paragraphs(&about.page) {
        write!(text, "\n{paragraph}\n").ok();
    }
    text
}

/// The options, which stand `place`, and the metrics.
fn body(text: &mut String, about: &Description, place: &str) {
    if !about.options.is_empty() {
        write!(text, "\nOptions, {place}:\n").ok();
    }
    for option in about.options.iter() {
        option_page(text, option);
    }
    if !about.metrics.is_empty() {
        text.push_str("\nWhat it finds out in numbers:\n\n");
    }
    for metric in about.metrics.iter() {
        writeln!(text, "- `{}`, {}: {}", metric.name, unit(metric.kind), sentence(&metric.help)).ok();
    }
}

/// A protocol with what it cannot do without, which is a path where it needs an option at all.
fn least(known: &KnownProtocol) -> String {
    match known.options.first().filter(|_| known.needs_an_option) {
        Some(option) => format!("{} {} {}", known.name, option.word, option.default.unwrap_or("/")),
        None => known.name.to_owned(),
    }
}

/// The names that a page can be asked for by.
pub(super) fn names() -> Vec<String> {
    let stock = STOCK.iter().map(|stock| stock.name.to_owned());
    let own = Plugins::own().newest().0.into_iter().map(|manifest| manifest.description.name.into_owned());
    KNOWN_PROTOCOLS.iter().map(|known| known.name.to_owned()).chain(stock).chain(own).collect()
}

pub(super) fn component(name: &str) -> Option<&'static Stock> {
    STOCK.iter().find(|stock| stock.name.eq_ignore_ascii_case(name))
}

/// What it runs over, and at which ports.
fn reached(about: &Description, encrypted: bool) -> String {
    let words = about.transports.iter().map(|transport| match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP (`type udp`)",
        Transport::UnixStream => "a Unix socket",
        Transport::UnixDatagram => "datagrams of a Unix socket",
    });
    let mut text = format!("It runs over {}.", english::or(words));
    if let Some(port) = about.default_port.filter(|_| !encrypted) {
        write!(text, " Its customary port is {port}.").ok();
    }
    if let Some(port) = about.default_tls_port {
        write!(text, " Encrypted from the start it is {port}.").ok();
    }
    if about.start_tls {
        text.push_str(" Encryption can begin within the protocol (STARTTLS).");
    }
    text
}

fn option_page(text: &mut String, option: &OptionSpec) {
    let mut notes = Vec::new();
    if option.required {
        notes.push("It must be given.".to_owned());
    }
    if let Some(default) = option.default.as_ref().and_then(written) {
        notes.push(format!("Otherwise `{default}`."));
    }
    let notes = notes.join(" ");
    write!(text, "\n- `{}`, {}: {} {notes}", option.name, kind(&option.kind), sentence(&option.help)).ok();
    text.truncate(text.trim_end().len());
    text.push('\n');
    for paragraph in paragraphs(&option.page) {
        write!(text, "\n  {}\n", paragraph.replace('\n', "\n  ")).ok();
    }
}

/// A help line, ended as a sentence is.
fn sentence(help: &str) -> String {
    format!("{}.", help.trim_end_matches('.'))
}

/// The paragraphs of a page, the lines of each joined.
pub(super) fn paragraphs(page: &str) -> Vec<String> {
    let joined = page.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    joined.filter(|paragraph| !paragraph.is_empty()).collect()
}

fn kind(kind: &OptionType) -> String {
    match kind {
        OptionType::Text => "a text".to_owned(),
        OptionType::Secret => "a text that is never printed".to_owned(),
        OptionType::Integer(least, most) => format!("a whole number from {least} to {most}"),
        OptionType::Number => "a number".to_owned(),
        OptionType::Boolean => "`true` or `false`".to_owned(),
        OptionType::Duration => "a time".to_owned(),
        OptionType::Size => "a size".to_owned(),
        OptionType::Choice(words) => english::or(words.iter().map(|word| format!("`{word}`"))),
        OptionType::Texts => "a text, as often as wanted".to_owned(),
        OptionType::Comparison => "a comparison with a whole number".to_owned(),
        OptionType::Share => "a comparison with percent".to_owned(),
        OptionType::Pattern => "a pattern".to_owned(),
        OptionType::Hash => "a checksum".to_owned(),
        OptionType::Headers => "`[Name: value, …]`".to_owned(),
    }
}

fn unit(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Gauge => "a number",
        MetricKind::Counter => "a number that only grows",
        MetricKind::DurationMs => "milliseconds",
        MetricKind::Bytes => "bytes",
        MetricKind::Percent => "percent",
    }
}

/// A default, as a rule would write it; nothing where that is not one word or number.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(text) => text.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::DurationMs(span) => format!("{span} ms"),
        Value::SizeBytes(size) => format!("{size} B"),
        Value::Comparison(comparison) => {
            let sign = match comparison.relation {
                Relation::Equal => "=",
                Relation::NotEqual => "!=",
                Relation::Less => "<",
                Relation::LessOrEqual => "<=",
                Relation::Greater => ">",
                Relation::GreaterOrEqual => ">=",
            };
            format!("{sign} {}", comparison.number)
        }
        Value::Pattern(pattern) => pattern.text.to_string(),
        Value::Texts(_) | Value::Hash(_) | Value::Headers(_) => return None,
    })
}
