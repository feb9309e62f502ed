//! What a look found, for people and for programs.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Look, verified};
use crate::plugin::ProbeOutcome;
use crate::transport::TlsInfo;
use crate::words::one_line;

/// How wide the names in front of what was found are.
const LABEL: usize = 12;

/// What was looked at.
pub(in crate::cli) enum Looked<'a> {
    /// An address, with a protocol.
    Service(&'a str, &'a str),
    /// The file of a plugin, and what the plugin is called.
    Plugin(&'a str, &'a str),
}

/// For people.
pub(in crate::cli) fn text(looked: &Looked<'_>, look: &Look, verbose: bool) -> String {
    let mut text = String::new();
    let (word, sentence) = said(&look.outcome);
    let looked = match looked {
        Looked::Service(address, protocol) => format!("{address} protocol {protocol}"),
        Looked::Plugin(file, _) => (*file).to_owned(),
    };
    let sentence = if sentence.is_empty() { String::new() } else { format!(": {}", one_line(sentence)) };
    // A text grows without fail.
    writeln!(text, "{}: {word}{sentence}", one_line(&looked)).unwrap_or(());
    let mut row = |label: &str, value: &str| {
        writeln!(text, "  {label:<LABEL$} {value}").unwrap_or(());
    };
    if let ProbeOutcome::Passed { facts, metrics, .. } = &look.outcome {
        for (name, value) in facts {
            row(name, value);
        }
        for (name, value) in metrics {
            row(name, &value.to_string());
        }
    }
    if let Some(tls) = &look.tls {
        row("encryption", &format!("{}, {}, {}", tls.version, tls.cipher, verified(tls.verification)));
        if let Some(certificate) = &tls.certificate {
            let until = certificate.not_after.and_then(|until| Timestamp::from_second(until).ok());
            let until = until.map(|until| format!(", valid until {}", until.strftime("%Y-%m-%d"))).unwrap_or_default();
            row("certificate", &format!("{}, by {}{until}", certificate.subject, certificate.issuer));
            row("fingerprint", &format!("sha256 {}", certificate.sha256));
        }
    }
    let phases: Vec<String> = phases(look).into_iter().map(|(name, took)| format!("{name} {}", span(took))).collect();
    row("time", &phases.join(" · "));
    if verbose {
        for line in &look.log {
            row("log", line);
        }
    }
    text
}

/// For programs.
pub(in crate::cli) fn json(looked: &Looked<'_>, look: &Look) -> String {
    let (word, sentence) = said(&look.outcome);
    let (facts, metrics) = match &look.outcome {
        ProbeOutcome::Passed { facts, metrics, .. } => (facts.as_slice(), metrics.as_slice()),
        _ => (&[][..], &[][..]),
    };
    let facts: serde_json::Map<String, Value> = facts.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
    let metrics: serde_json::Map<String, Value> =
        metrics.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let micros = |took: Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let phases: serde_json::Map<String, Value> =
        phases(look).into_iter().map(|(name, took)| (name.to_owned(), json!(micros(took)))).collect();
    let mut value = json!({
        "outcome": word,
        "message": sentence,
        "facts": facts,
        "metrics": metrics,
        "phases_us": phases,
        "tls": look.tls.as_ref().map(encryption),
        "log": look.log,
    });
    let about = match looked {
        Looked::Service(address, protocol) => {
            [("schema", "ruled.probe/1"), ("address", address), ("protocol", protocol)]
        }
        Looked::Plugin(file, name) => [("schema", "ruled.plugin/1"), ("file", file), ("plugin", name)],
    };
    for (name, text) in about {
        value[name] = json!(text);
    }
    format!("{value}\n")
}

fn encryption(tls: &TlsInfo) -> Value {
    let certificate = tls.certificate.as_ref().map(|certificate| {
        json!({
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "not_before": certificate.not_before,
            "not_after": certificate.not_after,
            "sha256": certificate.sha256,
        })
    });
    json!({
        "version": tls.version,
        "cipher": tls.cipher,
        "verification": verified(tls.verification),
        "certificate": certificate,
    })
}

/// The outcome as a word, and its sentence.
fn said(outcome: &ProbeOutcome) -> (&'static str, &str) {
    match outcome {
        ProbeOutcome::Passed { summary, .. } => ("passed", summary),
        ProbeOutcome::Failed(sentence) => ("failed", sentence),
        ProbeOutcome::Faulted(sentence) => ("unknown", sentence),
    }
}

/// The phases that there were, and all together.
fn phases(look: &Look) -> Vec<(&'static str, Duration)> {
    let mut named = Vec::new();
    if let Some(phases) = look.phases {
        named.push(("resolve", phases.resolve));
        named.push(("connect", phases.connect));
        let tls = phases.tls.unwrap_or_default();
        if phases.tls.is_some() {
            named.push(("tls", tls));
        }
        named.push(("speak", look.total.saturating_sub(phases.resolve + phases.connect + tls)));
    }
    named.push(("total", look.total));
    named
}

/// A time span in milliseconds, as exact as it is worth.
fn span(took: Duration) -> String {
    format!("{:.2} ms", took.as_secs_f64() * 1_000.0)
}
