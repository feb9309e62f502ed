//! Rules as data.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::connection::{connection, ping};
use super::{number, plugin, service, tls};
use crate::catalog::{Dimension, Metric, MetricEntry};
use crate::program::{Action, Changed, Limit, Owner, PerformanceTest, PerformanceUnit, Rate, Rule, Test};
use grammar::ast::TimestampKind;

#[derive(Serialize)]
pub(super) struct ShownTest<'a> {
    #[serde(flatten)]
    condition: Map<String, Value>,
    rate: ShownRate,
    action: ShownAction<'a>,
    recovery: Option<ShownRecovery<'a>>,
    origin: service::ShownOrigin<'a>,
    implicit: bool,
}

// Every rule has these, so they are written without a map of values. Their fields stand in the order of the alphabet, as
// those of such maps do.

#[derive(Serialize)]
pub(super) struct ShownRate {
    count: u32,
    cycles: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct ShownRecovery<'a> {
    action: ShownAction<'a>,
    rate: ShownRate,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ShownAction<'a> {
    Word {
        #[serde(rename = "do")]
        word: &'static str,
    },
    Exec {
        argv: &'a [String],
        #[serde(rename = "do")]
        word: &'static str,
        gid: Option<Value>,
        repeat_cycles: u32,
        uid: Option<Value>,
    },
}

pub(super) fn shown(rule: &Rule) -> ShownTest<'_> {
    // What has no end says nothing about it, unless somebody wrote what is done then.
    let changes = rule.test.is_news();
    let silent = changes && rule.recovery.action == Action::Ignore;
    let recovery = || ShownRecovery { action: action(&rule.recovery.action), rate: rate(rule.recovery.rate) };
    ShownTest {
        condition: test(&rule.test),
        rate: rate(rule.rate),
        action: action(&rule.action),
        recovery: (!silent).then(recovery),
        origin: service::origin(&rule.origin),
        implicit: rule.implicit,
    }
}

/// A test with its kind and what is asked.
pub(super) fn test(test: &Test) -> Map<String, Value> {
    let (kind, wanted, fields) = match test {
        Test::Missing => ("existence", "missing", json!({})),
        Test::Present => ("existence", "present", json!({})),
        Test::Limit(one) => (MetricEntry::of(one.metric).map_or("unknown", |entry| entry.name), "limit", limit(one)),
        Test::Changed(changed) => {
            let (kind, fields) = self::changed(*changed);
            (kind, "changed", fields)
        }
        Test::Owner(which, owner) => {
            let kind = match which {
                Owner::Uid => "uid",
                Owner::Euid => "euid",
                Owner::Gid => "gid",
            };
            (kind, "failed", json!({ "id": service::identity(owner) }))
        }
        Test::Permission { mode } => ("permission", "failed", json!({ "mode": format!("{mode:04o}") })),
        Test::SecurityAttribute(attribute) => ("security_attribute", "failed", json!({ "attribute": attribute })),
        Test::Checksum { hash, expected } => {
            ("checksum", "failed", json!({ "hash": tls::hash(*hash), "expected": expected }))
        }
        Test::Content(one) => ("content", service::matched(one), json!({ "pattern": one.pattern })),
        Test::Link { up: true } => ("link", "up", json!({})),
        Test::Link { up: false } => ("link", "down", json!({})),
        Test::Connection(one) => connection(one),
        Test::Ping(one) => ping(one),
        Test::Performance(one) => ("performance", "limit", performance(one)),
        Test::Plugin(one) => plugin::test(one),
        Test::All(parts) => return joined("all", parts),
        Test::Any(parts) => return joined("any", parts),
        Test::Not(part) => return joined("not", std::slice::from_ref(&**part)),
    };
    let mut shown = Map::new();
    shown.insert("kind".to_owned(), json!(kind));
    shown.insert("if".to_owned(), json!(wanted));
    if let Value::Object(fields) = fields {
        shown.extend(fields);
    }
    shown
}

fn joined(kind: &str, parts: &[Test]) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("kind".to_owned(), json!(kind));
    shown.insert("of".to_owned(), Value::Array(parts.iter().map(|part| Value::Object(test(part))).collect()));
    shown
}

fn rate(rate: Rate) -> ShownRate {
    ShownRate { count: rate.count, cycles: rate.cycles, seconds: rate.lasting_s }
}

fn limit(limit: &Limit) -> Value {
    let dimension = MetricEntry::of(limit.metric).map(|entry| entry.dimension);
    let unit = match dimension {
        _ if limit.percent => "percent",
        Some(Dimension::SizeOrOperations) if limit.pieces => "operations",
        Some(Dimension::SizeOrPackets) if limit.pieces => "packets",
        Some(Dimension::Share) => "percent",
        Some(Dimension::SizeOrShare | Dimension::Size | Dimension::SizeOrOperations | Dimension::SizeOrPackets) => {
            "bytes"
        }
        Some(Dimension::Duration | Dimension::Latency) => "seconds",
        Some(Dimension::Count | Dimension::CountOrShare) | None => "count",
    };
    let mut fields = json!({ "operator": limit.relation.word(), "value": number(limit.value), "unit": unit });
    if let Some(fields) = fields.as_object_mut() {
        match limit.metric {
            Metric::LoadAverage { minutes, per_core } => {
                fields.insert("minutes".to_owned(), json!(minutes));
                fields.insert("per_core".to_owned(), json!(per_core));
            }
            Metric::Timestamp(which) => {
                fields.insert("which".to_owned(), json!(time(which)));
            }
            Metric::Upload | Metric::Download => {
                fields.insert("window_s".to_owned(), json!(limit.window_s));
            }
            _ => {}
        }
    }
    fields
}

fn performance(test: &PerformanceTest) -> Value {
    let (operator, value, unit) = (test.relation.word(), number(test.value), test.unit.map(unit));
    json!({ "label": test.label, "operator": operator, "value": value, "unit": unit })
}

/// What a figure counts, in a word.
pub(super) fn unit(unit: PerformanceUnit) -> &'static str {
    match unit {
        PerformanceUnit::Percent => "percent",
        PerformanceUnit::Bytes => "bytes",
        PerformanceUnit::Seconds => "seconds",
    }
}

fn changed(changed: Changed) -> (&'static str, Value) {
    match changed {
        Changed::Pid => ("pid", json!({})),
        Changed::Ppid => ("ppid", json!({})),
        Changed::FilesystemFlags => ("fsflags", json!({})),
        Changed::Status => ("status", json!({})),
        Changed::Link => ("link_speed", json!({})),
        Changed::Timestamp(which) => ("timestamp", json!({ "which": time(which) })),
        Changed::Size => ("size", json!({})),
        Changed::Permission => ("permission", json!({ "mode": null })),
        Changed::Checksum(hash) => ("checksum", json!({ "hash": hash.map(tls::hash), "expected": null })),
    }
}

fn time(which: TimestampKind) -> &'static str {
    match which {
        TimestampKind::Any => "any",
        TimestampKind::Access => "access",
        TimestampKind::Change => "change",
        TimestampKind::Modify => "modify",
    }
}

pub(super) fn action(action: &Action) -> ShownAction<'_> {
    match action {
        Action::Exec(exec) => ShownAction::Exec {
            argv: &exec.command.argv,
            word: action.word(),
            gid: exec.command.gid.as_ref().map(service::identity),
            repeat_cycles: exec.repeat_cycles,
            uid: exec.command.uid.as_ref().map(service::identity),
        },
        other => ShownAction::Word { word: other.word() },
    }
}
