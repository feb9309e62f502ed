//! The settings that a check is handed.

use std::fmt;

/// How two whole numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Equal,
    /// Not the same.
    NotEqual,
    /// Less.
    Less,
    /// Less or the same.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or the same.
    GreaterOrEqual,
}

/// A condition on a number that the plugin finds. It is shown as rules write it: `< 400`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How the found number is compared.
    pub relation: Relation,
    /// What it is compared with.
    pub number: i64,
}

impl Comparison {
    /// Whether `found` meets the condition.
    pub fn holds(&self, found: i64) -> bool {
        match self.relation {
            Relation::Equal => found == self.number,
            Relation::NotEqual => found != self.number,
            Relation::Less => found < self.number,
            Relation::LessOrEqual => found <= self.number,
            Relation::Greater => found > self.number,
            Relation::GreaterOrEqual => found >= self.number,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.relation {
            // "expected 404" needs no sign.
            Relation::Equal => return write!(f, "{}", self.number),
            Relation::NotEqual => "!=",
            Relation::Less => "<",
            Relation::LessOrEqual => "<=",
            Relation::Greater => ">",
            Relation::GreaterOrEqual => ">=",
        };
        write!(f, "{sign} {}", self.number)
    }
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A time span in milliseconds.
    DurationMs(u64),
    /// A number of bytes.
    SizeBytes(u64),
    /// Several strings.
    Texts(Vec<String>),
    /// A condition on a number.
    Comparison(Comparison),
}

/// The settings of a check: what the rule sets, and the defaults of what it does not. Asking for an option by another
/// type than the description gives it answers as if it were not set.
#[derive(Clone, Debug, Default)]
pub struct Options {
    settings: Vec<(String, Value)>,
}

impl Options {
    /// Options with these settings. The glue and the script make them; a probe is handed them.
    pub fn new(settings: Vec<(String, Value)>) -> Self {
        Options { settings }
    }

    /// The value of an option, if it is set.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.settings.iter().rev().find(|(set, _)| set == name).map(|(_, value)| value)
    }

    /// The value of an option of type text, secret or choice.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The value of an option of type integer.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The value of an option of type boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(Value::Boolean(yes)) => Some(*yes),
            _ => None,
        }
    }

    /// The value of an option of type comparison.
    pub fn comparison(&self, name: &str) -> Option<Comparison> {
        match self.get(name) {
            Some(Value::Comparison(comparison)) => Some(*comparison),
            _ => None,
        }
    }
}
