//! Writes descriptions as Rust data, so that reading them costs the program nothing.

use std::path::Path;

use ruled_plugin::{Comparison, Describe, Hash, MetricSpec, OptionSpec, OptionType, Pattern, Value};

/// All of them, as an expression. Their code is the content of a file.
pub(crate) fn every(code: &Path, stock: &[String]) -> String {
    format!("{{ static CODE: &[u8] = include_bytes!({code:?}); &[{}] }}", stock.join(", "))
}

/// One `Stock` of `ruled_embedded`, as an expression. Its code is `length` bytes of `CODE`, from `place` on.
pub(crate) fn stock(describe: &Describe, place: usize, length: usize, sha256: [u8; 32], wasm_bytes: usize) -> String {
    let Describe { name, version, summary, page, transports, port, tls_port, start_tls, options, metrics, needs: _ } =
        describe;
    format!(
        "Stock {{ name: {name:?}, precompiled: CODE.split_at({place}).1.split_at({length}).0, \
         precompiled_sha256: {sha256:?}, wasm_bytes: {wasm_bytes}, \
         description: Description {{ name: {}, version: {}, summary: {}, page: {}, transports: {}, \
         default_port: {port:?}, default_tls_port: {tls_port:?}, start_tls: {start_tls}, options: {}, metrics: {} }} }}",
        text(name),
        text(version),
        text(summary),
        text(page),
        list(transports.iter().map(|transport| format!("Transport::{transport:?}"))),
        list(options.iter().map(option)),
        list(metrics.iter().map(metric)),
    )
}

fn option(spec: &OptionSpec) -> String {
    let OptionSpec { name, help, page, kind, required, default } = spec;
    let default = default.as_ref().map_or("None".into(), |default| format!("Some({})", value(default)));
    format!(
        "OptionSpec {{ name: {}, help: {}, page: {}, kind: {}, required: {required}, default: {default} }}",
        text(name),
        text(help),
        text(page),
        option_type(kind),
    )
}

fn metric(spec: &MetricSpec) -> String {
    let MetricSpec { name, help, kind } = spec;
    format!("MetricSpec {{ name: {}, help: {}, kind: MetricKind::{kind:?} }}", text(name), text(help))
}

fn option_type(kind: &OptionType) -> String {
    match kind {
        OptionType::Choice(words) => format!("OptionType::Choice({})", texts(words)),
        // The other cases have the same names on both sides, and numbers are written as Rust reads them.
        other => format!("OptionType::{other:?}"),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(one) => format!("Value::Text({})", text(one)),
        Value::Texts(several) => format!("Value::Texts({})", texts(several)),
        Value::Comparison(Comparison { relation, number }) => {
            format!("Value::Comparison(Comparison {{ relation: Relation::{relation:?}, number: {number} }})")
        }
        Value::Pattern(Pattern { text: one, negated }) => {
            format!("Value::Pattern(Pattern {{ text: {}, negated: {negated}, posix: false }})", text(one))
        }
        Value::Hash(Hash { kind, digits }) => {
            format!("Value::Hash(Hash {{ kind: HashKind::{kind:?}, digits: {} }})", text(digits))
        }
        Value::Headers(headers) => {
            let pairs = headers.iter().map(|(name, value)| format!("({}, {})", text(name), text(value)));
            format!("Value::Headers({})", list(pairs))
        }
        other => format!("Value::{other:?}"),
    }
}

fn text(text: &str) -> String {
    format!("Cow::Borrowed({text:?})")
}

fn texts(texts: &[String]) -> String {
    list(texts.iter().map(|one| text(one)))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("Cow::Borrowed(&[{}])", items.collect::<Vec<_>>().join(", "))
}
