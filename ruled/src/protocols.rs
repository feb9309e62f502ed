//! The protocols and plugins that rules can name: what the embedded ones and those that were added say about themselves, in
//! the checker's types.

use std::borrow::Cow;

use grammar::{Dialect, Severity, Source};
use interpreter::catalog::{
    GrantKind, KnownProtocol, OptionKind, PluginEntry, PluginMetric, PluginMetricKind, PluginNeed, ProtocolEntry,
    ProtocolOptionEntry, Protocols,
};
use ruled_embedded::{Description, MetricKind, MetricSpec, OptionSpec, OptionType, STOCK, Stock};
use ruled_manifest::{Kind, Manifest, Want};

use crate::added::Plugins;

/// The protocols of the stock plugins, in the order of their names.
pub fn stock() -> Protocols {
    let sayable =
        |stock: &Stock| stock.description.options.iter().filter(|option| is_sayable(option)).map(option).collect();
    sorted(STOCK.iter().map(|stock| entry(&stock.description, sayable(stock))).collect())
}

/// The protocols of the stock plugins and of the probes that were added. A name that both have is the stock plugin's.
pub fn known() -> Protocols {
    let mut entries = stock().entries;
    for manifest in Plugins::own().newest().0.iter().filter(|manifest| manifest.kind == Kind::Probe) {
        let about = &manifest.description;
        if !entries.iter().any(|entry| entry.name == about.name) && KnownProtocol::find(&about.name).is_none() {
            entries.push(entry(about, about.options.iter().map(option).collect()));
        }
    }
    sorted(entries)
}

/// Why a probe of somebody's own cannot be called this, as a sentence without its full stop: no rule could mean it.
pub fn taken(name: &str) -> Option<String> {
    let why = if KnownProtocol::find(name).is_some() || stock().find(name).is_some() {
        format!("in rules `protocol {name}` is what ruled itself knows by that name")
    } else if !can_be_written(name) {
        format!("in rules `{name}` is a word of the language, and `protocol {name}` cannot be written")
    } else {
        return None;
    };
    let other = name.replace('-', "_");
    Some(format!("a probe cannot be called {name}: {why}; choose another name, such as my_{other}"))
}

/// Whether a rule can have the name behind `protocol`, whatever follows it.
fn can_be_written(name: &str) -> bool {
    let rule = format!("check host h with address localhost\n    if failed port 1 protocol {name} then alert\n");
    let read = grammar::parse(&Source::new("", rule), Dialect::Rules);
    read.findings.iter().all(|finding| finding.severity != Severity::Error)
}

fn sorted(mut entries: Vec<ProtocolEntry>) -> Protocols {
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Protocols { entries }
}

fn entry(about: &Description, options: Vec<ProtocolOptionEntry>) -> ProtocolEntry {
    ProtocolEntry {
        name: about.name.to_string(),
        summary: about.summary.to_string(),
        default_port: about.default_port,
        options,
    }
}

/// A plugin that was added, in the checker's types.
pub fn plugin(manifest: &Manifest) -> PluginEntry {
    let about = &manifest.description;
    let metric = |spec: &MetricSpec| PluginMetric {
        name: spec.name.to_string(),
        help: spec.help.to_string(),
        kind: match spec.kind {
            MetricKind::Gauge => PluginMetricKind::Gauge,
            MetricKind::Counter => PluginMetricKind::Counter,
            MetricKind::DurationMs => PluginMetricKind::DurationMs,
            MetricKind::Bytes => PluginMetricKind::Bytes,
            MetricKind::Percent => PluginMetricKind::Percent,
        },
    };
    let want = |want: &Want| match want {
        Want::Connect => GrantKind::Connect,
        Want::Read => GrantKind::Read,
        Want::Fetch => GrantKind::Fetch,
    };
    PluginEntry {
        name: about.name.to_string(),
        version: about.version.to_string(),
        summary: about.summary.to_string(),
        is_probe: manifest.kind == Kind::Probe,
        default_port: about.default_port,
        options: about.options.iter().map(option).collect(),
        metrics: about.metrics.iter().map(metric).collect(),
        wants: manifest.wants.iter().map(want).collect(),
        needs: manifest
            .needs
            .iter()
            .map(|need| PluginNeed {
                kind: want(&need.kind),
                example: need.example.clone(),
                purpose: need.purpose.clone(),
            })
            .collect(),
    }
}

/// Of the stock protocols, a rule says `content = "…"` beside the protocol in place of a pattern in braces.
fn is_sayable(option: &OptionSpec) -> bool {
    !matches!(option.kind, OptionType::Pattern | OptionType::Texts)
}

/// An option of a plugin, in the checker's types.
pub fn option(spec: &OptionSpec) -> ProtocolOptionEntry {
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
        OptionType::Pattern => OptionKind::Pattern,
        OptionType::Texts => OptionKind::Texts,
    };
    let (name, help) = (spec.name.to_string(), spec.help.to_string());
    ProtocolOptionEntry { name, help, kind, required: spec.required }
}
