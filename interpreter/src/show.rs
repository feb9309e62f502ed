//! The checked program as data, for people's scripts: schema `ruled.program/1`.
//!
//! The types in here are what is written for others; nothing of the program itself can be serialized. What says
//! nothing is left out: absent, null, false and an empty list mean the same.

mod connection;
mod plugin;
mod service;
mod settings;
mod test;
mod tls;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::program::{Program, Rule, Service};

/// The name of the schema; its number changes only when a field changes its meaning.
pub const SCHEMA: &str = "ruled.program/1";

/// A program as JSON: one object, with a line break at its end.
pub fn program(program: &Program) -> String {
    let shown = Shown { schema: SCHEMA, settings: settings::shown(&program.settings), services: Services(program) };
    // Every key is a text and no number is infinite, so that nothing can go wrong.
    serde_json::to_string_pretty(&shown).map(|text| text + "\n").unwrap_or_default()
}

/// What is shown of the settings.
pub(crate) fn settings_value(program: &Program) -> Value {
    serde_json::to_value(settings::shown(&program.settings)).unwrap_or_default()
}

/// What is shown of a service, without its tests.
pub(crate) fn service_value(program: &Program, service: &Service) -> Value {
    let mut value = serde_json::to_value(service::shown(program, service)).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("tests");
    }
    value
}

/// What is shown of a rule.
pub(crate) fn rule_value(rule: &Rule) -> Value {
    serde_json::to_value(test::shown(rule)).unwrap_or_default()
}

/// What is shown of what a rule tests.
pub(crate) fn test_value(rule: &Rule) -> Value {
    Value::Object(test::test(&rule.test))
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    settings: settings::ShownSettings,
    services: Services<'a>,
}

/// The services of a program. Each is made data when it is written: all of them together take many times the room of the
/// program, which the allocator would then go through again and again.
struct Services<'a>(&'a Program);

impl Serialize for Services<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.services.iter().map(|one| service::shown(self.0, one)))
    }
}

/// A number without a fraction where it has none.
fn number(value: f64) -> Value {
    /// Below this, whole numbers have a form of their own in which nothing is lost.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small enough")]
        return Value::from(value as i64);
    }
    Value::from(value)
}
