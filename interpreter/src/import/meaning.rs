//! Whether two programs mean the same, one in Monit's dialect and one in ours.
//!
//! They are compared as `show` prints them, because that is everything that a file can say. Places in files are left
//! out, patterns are compared in the syntax of the `rules` dialect, and tests that Monit reads and never makes are left
//! out of its side.

use grammar::Finding;
use serde_json::{Map, Value};

use crate::pattern;
use crate::program::Program;
use crate::show;

/// One place where two meanings differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: names of fields and numbers of list entries, joined by dots.
    pub place: String,
    /// What Monit means there.
    pub monit: String,
    /// What the other program says there.
    pub rules: String,
}

impl Difference {
    pub(super) fn unreadable(finding: &Finding) -> Difference {
        Difference { place: finding.name.to_owned(), monit: String::new(), rules: finding.headline.clone() }
    }
}

/// Where a statement stands is no meaning, and when encryption begins follows from protocol and port.
const LEFT_OUT: [&str; 2] = ["origin", "starttls"];

/// More differences than these are not counted.
const DIFFERENCES_MAX: usize = 20;

/// Where the meaning of a program in Monit's dialect differs from that of one in ours; nothing when they mean the same.
pub fn differences(monit: &Program, rules: &Program) -> Vec<Difference> {
    let value = |program: &Program| serde_json::from_str(&show::program(program)).unwrap_or(Value::Null);
    differences_of(&value(monit), &value(rules))
}

/// One place where the meaning of a program changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where: names of fields and numbers of list entries, joined by dots.
    pub place: String,
    /// What was meant there.
    pub before: String,
    /// What is meant there now.
    pub after: String,
}

/// What changes between two programs in one dialect; nothing when they mean the same.
pub fn changes(before: &Program, after: &Program) -> Vec<Change> {
    let value = |program: &Program| plain(serde_json::from_str(&show::program(program)).unwrap_or(Value::Null), false);
    let mut found = Vec::new();
    compare("", &value(before), &value(after), &mut found);
    let change = |one: Difference| Change { place: one.place, before: one.monit, after: one.rules };
    found.into_iter().map(change).collect()
}

/// Where a part of what `show` prints of a program in Monit's dialect differs from that of one in ours.
pub(crate) fn differences_of(monit: &Value, rules: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", &plain(monit.clone(), true), &plain(rules.clone(), false), &mut found);
    found
}

/// What is compared of a value.
fn plain(value: Value, monit: bool) -> Value {
    match value {
        Value::Object(fields) => {
            let process = fields.get("type").is_some_and(|kind| kind == "process");
            let fields =
                fields.into_iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())).map(|(name, value)| {
                    let value = match (name.as_str(), value) {
                        ("pattern" | "match" | "expect", Value::String(text)) if monit => {
                            Value::String(pattern::translate(&text).unwrap_or(text))
                        }
                        ("tests", Value::Array(tests)) if monit && process => {
                            let made = |test: &Value| test.get("kind").is_none_or(|kind| kind != "loadavg");
                            plain(Value::Array(tests.into_iter().filter(made).collect()), monit)
                        }
                        // An alert when it ends is what happens when nothing is said.
                        ("recovery", value) if is_usual(&value) => Value::Null,
                        (_, value) => plain(value, monit),
                    };
                    (name, value)
                });
            Value::Object(fields.filter(|(_, value)| !is_nothing(value)).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(|value| plain(value, monit)).collect()),
        other => other,
    }
}

/// Absent, null, false, and what is empty mean the same.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_usual(recovery: &Value) -> bool {
    let at_once = |rate: &Value| {
        rate.get("count").is_some_and(|count| count == 1) && rate.get("cycles").is_some_and(|one| one == 1)
    };
    recovery.get("rate").is_some_and(at_once)
        && recovery.get("action").and_then(|action| action.get("do")).is_some_and(|word| word == "alert")
}

fn compare(place: &str, monit: &Value, rules: &Value, found: &mut Vec<Difference>) {
    if monit == rules || found.len() >= DIFFERENCES_MAX {
        return;
    }
    let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match (monit, rules) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let value = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or(Value::Null);
                compare(&below(name), &value(one), &value(other), found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (number, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&below(&number.to_string()), one, other, found);
            }
        }
        _ => found.push(Difference { place: place.to_owned(), monit: monit.to_string(), rules: rules.to_string() }),
    }
}
