//! Connections and echo requests as data.

use serde_json::{Map, Value, json};

use super::tls::{hash, tls};
use super::{number, service};
use crate::program::{
    Connection, Endpoint, Family, Ping, ProtocolCall, ProtocolSetting, Relation, ResponseTime, SettingValue, Step,
    Wanted,
};

/// What the limits of Apache's scoreboard end in.
const SCOREBOARD: &str = "limit";
/// Where what a server shares with this machine is secret, it is a password to the schema.
const SHARED_SECRET: &str = "secret";

/// The kind of a connection, what makes its rule hold, and its fields.
pub(super) fn connection(connection: &Connection) -> (&'static str, &'static str, Value) {
    let mut fields = Map::new();
    let kind = match &connection.endpoint {
        Endpoint::Port { host, port } => {
            fields.insert("host".to_owned(), json!(host));
            fields.insert("port".to_owned(), json!(port));
            fields.insert("family".to_owned(), json!(family(connection.family)));
            fields.insert("source_address".to_owned(), json!(connection.source_address));
            fields.insert("tls".to_owned(), json!(connection.tls.as_ref().map(tls)));
            fields.insert("certificate_min_days".to_owned(), json!(connection.certificate_min_days));
            fields.insert("request".to_owned(), json!(connection.protocol.as_ref().and_then(request)));
            "port"
        }
        Endpoint::Unix(path) => {
            fields.insert("path".to_owned(), json!(path));
            "unix_socket"
        }
    };
    let others = json!({
        "socket": if connection.datagrams { "udp" } else { "tcp" },
        "protocol": protocol(connection),
        "timeout_s": number(connection.timeout.as_secs_f64()),
        "retry": connection.attempts,
        "response_time": connection.response_time.map(response_time),
        "options": connection.protocol.as_ref().map(|call| options(&call.settings)),
        "send_expect": connection.steps.iter().map(step).collect::<Vec<Value>>(),
        "content": connection.content.as_ref().map(service::content),
    });
    if let Value::Object(others) = others {
        fields.extend(others);
    }
    (kind, wanted(connection.wanted), Value::Object(fields))
}

/// The kind of an echo request, what makes its rule hold, and its fields.
pub(super) fn ping(ping: &Ping) -> (&'static str, &'static str, Value) {
    let fields = json!({
        "family": family(ping.family),
        "count": ping.count,
        "size_bytes": ping.size_bytes,
        "timeout_s": number(ping.timeout.as_secs_f64()),
        "response_time": ping.response_time.map(response_time),
        "source_address": ping.source_address,
    });
    ("ping", wanted(ping.wanted), fields)
}

/// The word for an outcome.
pub(super) fn wanted(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Failed => "failed",
        Wanted::Succeeded => "succeeded",
    }
}

fn family(family: Family) -> &'static str {
    match family {
        Family::Any => "any",
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
    }
}

fn response_time(time: ResponseTime) -> Value {
    json!({ "operator": time.relation.word(), "value_s": number(time.seconds) })
}

fn step(step: &Step) -> Value {
    match step {
        Step::Send(text) => json!({ "send": text }),
        Step::Expect(pattern) => json!({ "expect": pattern }),
    }
}

/// The word for what is spoken.
fn protocol(connection: &Connection) -> &str {
    match &connection.protocol {
        Some(call) => &call.name,
        None if connection.steps.is_empty() => "default",
        None => "generic",
    }
}

/// What is asked for, where the protocol asks for something.
fn request(call: &ProtocolCall) -> Option<&str> {
    call.settings.iter().find_map(|setting| match (&setting.value, setting.name.as_str()) {
        (SettingValue::Text(text), "request") if !text.is_empty() => Some(text.as_str()),
        _ => None,
    })
}

/// What a protocol or a plugin is told. What is secret is not shown.
pub(super) fn options(settings: &[ProtocolSetting]) -> Value {
    let mut fields = Map::new();
    let mut limits = Map::new();
    for setting in settings {
        let name = setting.name.clone();
        match &setting.value {
            SettingValue::Secret(_) if name == SHARED_SECRET => fields.insert("password_set".to_owned(), json!(true)),
            SettingValue::Secret(_) => fields.insert(format!("{name}_set"), json!(true)),
            SettingValue::Text(text) => fields.insert(name, json!(text)),
            SettingValue::Integer(number) => fields.insert(name, json!(number)),
            SettingValue::Number(value) => fields.insert(name, number(*value)),
            SettingValue::Truth(truth) => fields.insert(name, json!(truth)),
            SettingValue::Duration(duration) => fields.insert(format!("{name}_s"), number(duration.as_secs_f64())),
            SettingValue::Size(bytes) => fields.insert(format!("{name}_bytes"), json!(bytes)),
            SettingValue::Comparison(relation, value) => match name.strip_suffix(SCOREBOARD) {
                Some(slots) if !slots.is_empty() => limits.insert(slots.to_owned(), comparison(*relation, *value)),
                _ => fields.insert(name, comparison(*relation, *value)),
            },
            SettingValue::Hash(kind, digits) => fields.insert(name, json!({ "type": hash(*kind), "value": digits })),
            SettingValue::Headers(headers) => {
                let header = |(name, value): &(String, String)| json!({ "name": name, "value": value });
                fields.insert(name, headers.iter().map(header).collect())
            }
            SettingValue::Pattern(pattern) => fields.insert(name, service::content(pattern)),
            SettingValue::Texts(texts) => fields.insert(name, json!(texts)),
        };
    }
    if !limits.is_empty() {
        fields.insert("limits".to_owned(), Value::Object(limits));
    }
    Value::Object(fields)
}

fn comparison(relation: Relation, value: i64) -> Value {
    json!({ "operator": relation.word(), "value": value })
}
