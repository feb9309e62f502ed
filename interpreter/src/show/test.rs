//! Rules as data.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{number, service};
use crate::catalog::{Metric, MetricEntry};
use crate::program::{Action, Connection, Limit, ProtocolCall, Rate, Rule, SettingValue, Test, Wanted};

#[derive(Serialize)]
pub(super) struct ShownTest {
    kind: &'static str,
    #[serde(rename = "if")]
    wanted: &'static str,
    #[serde(flatten)]
    fields: Map<String, Value>,
    rate: ShownRate,
    action: Value,
    recovery: ShownRecovery,
    origin: service::ShownOrigin,
    implicit: bool,
}

#[derive(Serialize)]
struct ShownRate {
    count: u32,
    cycles: u32,
}

#[derive(Serialize)]
struct ShownRecovery {
    rate: ShownRate,
    action: Value,
}

pub(super) fn shown(rule: &Rule) -> ShownTest {
    let (kind, wanted, fields) = match &rule.test {
        Test::Missing => ("existence", "missing", json!({})),
        Test::Present => ("existence", "present", json!({})),
        Test::Permission { mode } => ("permission", "failed", json!({ "mode": format!("{mode:04o}") })),
        Test::Limit(one) => (MetricEntry::of(one.metric).map_or("unknown", |entry| entry.name), "limit", limit(one)),
        Test::Connection(one) => {
            let wanted = match one.wanted {
                Wanted::Failed => "failed",
                Wanted::Succeeded => "succeeded",
            };
            ("port", wanted, connection(one))
        }
    };
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    ShownTest {
        kind,
        wanted,
        fields,
        rate: rate(rule.rate),
        action: action(&rule.action),
        recovery: ShownRecovery { rate: rate(rule.recovery.rate), action: action(&rule.recovery.action) },
        origin: service::origin(&rule.origin),
        implicit: rule.implicit,
    }
}

fn rate(rate: Rate) -> ShownRate {
    ShownRate { count: rate.count, cycles: rate.cycles }
}

fn limit(limit: &Limit) -> Value {
    let unit = match limit.metric {
        _ if limit.percent => "percent",
        Metric::Memory | Metric::TotalMemory | Metric::Swap | Metric::Size => "bytes",
        Metric::Timestamp => "seconds",
        _ => "count",
    };
    let mut fields = json!({ "operator": limit.relation.word(), "value": number(limit.value), "unit": unit });
    if let Some(fields) = fields.as_object_mut() {
        match limit.metric {
            Metric::LoadAverage { minutes, per_core } => {
                fields.insert("minutes".to_owned(), json!(minutes));
                fields.insert("per_core".to_owned(), json!(per_core));
            }
            Metric::Timestamp => {
                fields.insert("which".to_owned(), json!("any"));
            }
            _ => {}
        }
    }
    fields
}

fn connection(connection: &Connection) -> Value {
    json!({
        "host": connection.host,
        "port": connection.port,
        "family": "any",
        "socket": "tcp",
        "protocol": connection.protocol.as_ref().map_or("default", |call| call.name.as_str()),
        "request": connection.protocol.as_ref().and_then(request),
        "timeout_s": number(connection.timeout.as_secs_f64()),
        "retry": connection.attempts,
        "options": connection.protocol.as_ref().map(options),
    })
}

/// What is asked for, where the protocol asks for something.
fn request(call: &ProtocolCall) -> Option<&str> {
    call.settings.iter().find_map(|setting| match (&setting.value, setting.name.as_str()) {
        (SettingValue::Text(text), "request") => Some(text.as_str()),
        _ => None,
    })
}

fn options(call: &ProtocolCall) -> Value {
    let mut fields = Map::new();
    for setting in &call.settings {
        let name = setting.name.clone();
        match &setting.value {
            SettingValue::Secret(_) => fields.insert(format!("{name}_set"), json!(true)),
            SettingValue::Text(text) => fields.insert(name, json!(text)),
            SettingValue::Integer(number) => fields.insert(name, json!(number)),
            SettingValue::Number(value) => fields.insert(name, number(*value)),
            SettingValue::Truth(truth) => fields.insert(name, json!(truth)),
            SettingValue::Duration(duration) => fields.insert(format!("{name}_s"), number(duration.as_secs_f64())),
            SettingValue::Size(bytes) => fields.insert(format!("{name}_bytes"), json!(bytes)),
            SettingValue::Comparison(relation, value) => {
                fields.insert(name, json!({ "operator": relation.word(), "value": value }))
            }
        };
    }
    Value::Object(fields)
}

fn action(action: &Action) -> Value {
    match action {
        Action::Exec(exec) => json!({
            "do": "exec",
            "argv": exec.command.argv,
            "uid": exec.command.uid.as_ref().map(service::identity),
            "gid": exec.command.gid.as_ref().map(service::identity),
            "repeat_cycles": exec.repeat_cycles,
        }),
        other => json!({ "do": other.word() }),
    }
}
