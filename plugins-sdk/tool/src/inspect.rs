//! `ruled-plugin inspect`: what a plugin is, what it wants, and what it says about itself.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use ruled_manifest::{Kind, Manifest, MetricKind, OptionType, Value, Want};

use crate::pack::Plugin;
use crate::{FINE, Refusal, host, shown};

/// Says what a plugin is: name, version, options, metrics, what it wants to be granted, its page, size and SHA-256.
///
/// The plugin is compiled and asked, in the sandbox that it will run in; nothing is added.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The component, or a module that can become one; that of the project in this folder, where this is not given.
    file: Option<PathBuf>,
    /// Prints one JSON object; readers ignore fields that they do not know.
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let plugin = Plugin::take(self.file)?;
        let store = host::tried()?;
        let manifest = host::store(&store, &plugin.path, &plugin.bytes, &plugin.outside)?;
        host::forget(&store, &manifest);
        if self.json {
            let text = serde_json::to_string_pretty(&manifest)
                .map_err(|error| Refusal::unusable(format!("cannot write JSON: {error}")))?;
            shown::say(&shown::json(&text));
        } else {
            let text = text(&manifest, &plugin.outside.imports);
            shown::say(text.strip_suffix('\n').unwrap_or(&text));
            let added =
                host::added()?.find(&manifest.wasm_sha256).map_err(|error| Refusal::unusable(error.to_string()))?;
            shown::say(if added.is_some() {
                "Added: ruled runs it."
            } else {
                "Not added: `ruled-plugin add` lets ruled run it."
            });
        }
        Ok(FINE)
    }
}

/// A plugin in one line.
pub(crate) fn line(manifest: &Manifest) -> String {
    let description = &manifest.description;
    let kind = match manifest.kind {
        Kind::Probe => "probe",
        Kind::Check => "check",
    };
    shown::line(&format!(
        "{} {} ({kind}, {}): {}",
        description.name,
        description.version,
        &manifest.wasm_sha256[..12],
        description.summary
    ))
}

/// The lines that a rule must have, as the plugin suggests them or with something to fill in.
pub(crate) fn grants(manifest: &Manifest) -> Vec<String> {
    let suggested =
        manifest.needs.iter().map(|need| format!("grant {} \"{}\"   # {}", need.kind, need.example, need.purpose));
    let unsaid = manifest.wants.iter().filter(|want| !manifest.needs.iter().any(|need| need.kind == **want));
    let blank = unsaid.map(|want| match want {
        Want::Connect => "grant connect \"HOST:PORT\"".to_owned(),
        Want::Read => "grant read \"/PATH\"".to_owned(),
        Want::Fetch => "grant fetch \"https://HOST\"".to_owned(),
    });
    suggested.chain(blank).map(|grant| shown::line(&grant)).collect()
}

fn text(manifest: &Manifest, imports: &[String]) -> String {
    let description = &manifest.description;
    let mut text = format!("{}\n", line(manifest));
    let mut row = |name: &str, what: &str| writeln!(text, "{name:<10} {}", shown::line(what)).unwrap_or_default();
    row("sha256", &manifest.wasm_sha256);
    row("size", &format!("{} bytes", manifest.wasm_bytes));
    row("imports", &if imports.is_empty() { "nothing".into() } else { imports.join(", ") });
    for grant in grants(manifest) {
        row("wants", &grant);
    }
    if let Some(port) = description.default_port {
        row("port", &port.to_string());
    }
    for option in description.options.iter() {
        let need = match &option.default {
            _ if option.required => ", required".into(),
            Some(default) => format!(", {} unless set", value(default)),
            None => String::new(),
        };
        row("option", &format!("{} ({}{need}): {}", option.name, kind(&option.kind), option.help));
        for paragraph in paragraphs(&option.page) {
            row("", &format!("  {paragraph}"));
        }
    }
    for metric in description.metrics.iter() {
        let kind = match metric.kind {
            MetricKind::Gauge => "gauge",
            MetricKind::Counter => "counter",
            MetricKind::DurationMs => "time",
            MetricKind::Bytes => "bytes",
            MetricKind::Percent => "percent",
        };
        row("metric", &format!("{} ({kind}): {}", metric.name, metric.help));
    }
    let page = paragraphs(&description.page);
    if !page.is_empty() {
        write!(text, "\n{}\n\n", page.join("\n\n")).unwrap_or_default();
    }
    text
}

/// The paragraphs of a page, the lines of each joined.
fn paragraphs(page: &str) -> Vec<String> {
    let joined = page.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    joined.filter(|paragraph| !paragraph.is_empty()).collect()
}

fn kind(kind: &OptionType) -> String {
    match kind {
        OptionType::Integer(least, greatest) => format!("a whole number from {least} to {greatest}"),
        OptionType::Choice(words) => words.join(" or "),
        OptionType::Boolean => "true or false".into(),
        OptionType::Texts => "texts".into(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::DurationMs(span) => format!("{span} ms"),
        Value::SizeBytes(size) => format!("{size} B"),
        other => format!("{other:?}"),
    }
}
