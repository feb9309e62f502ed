//! Checks of plugins as data.

use serde_json::{Value, json};

use super::connection::{options, wanted};
use super::tls::tls;
use super::{number, test};
use crate::program::{Grant, PerformanceTest, PluginCheck, PluginTest};

/// What is checked: the file, what it is told, what it is granted.
pub(super) fn check(check: &PluginCheck) -> Value {
    json!({
        "plugin": check.file,
        "options": options(&check.settings),
        "grants": check.grants.iter().map(grant).collect::<Vec<Value>>(),
        "timeout_s": number(check.timeout.as_secs_f64()),
    })
}

fn grant(grant: &Grant) -> Value {
    match grant {
        Grant::Connect { host, port, tls: encryption, text, name } => {
            let encryption = encryption.as_deref().map(tls);
            json!({ "connect": { "host": host, "port": port, "tls": encryption, "text": text, "name": name } })
        }
        Grant::Read { path } => json!({ "read": path }),
        Grant::Fetch { origin } => json!({ "fetch": origin }),
    }
}

/// The kind of a test, what makes its rule hold, and its fields.
pub(super) fn test(asked: &PluginTest) -> (&'static str, &'static str, Value) {
    match asked {
        PluginTest::Outcome(outcome) => ("plugin", wanted(*outcome), json!({})),
        PluginTest::Limit(limit) => ("metric", "limit", bound(limit, false)),
        PluginTest::Rate(limit) => ("metric", "limit", bound(limit, true)),
        PluginTest::Changed(name) => ("metric", "changed", json!({ "name": name })),
    }
}

fn bound(limit: &PerformanceTest, per_second: bool) -> Value {
    json!({
        "name": limit.label,
        "operator": limit.relation.word(),
        "value": number(limit.value),
        "unit": limit.unit.map(test::unit),
        "per_second": per_second,
    })
}
