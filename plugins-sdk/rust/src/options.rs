//! The settings that a check is handed.

use std::fmt;
use std::time::Duration;

use crate::Failure;
use crate::digests::{digest, hex};

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

/// A condition on bytes that the plugin finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The regular expression, as the rule writes it.
    pub text: String,
    /// Whether it must not match.
    pub negated: bool,
}

/// A pattern of an option that is set. The host matches it, so that it means the same in every rule.
#[derive(Clone, Copy, Debug)]
pub struct Matcher<'a> {
    option: &'a str,
    pattern: &'a Pattern,
}

impl Matcher<'_> {
    /// Whether `bytes` meet the condition.
    pub fn holds(&self, bytes: impl AsRef<[u8]>) -> bool {
        crate::matching::matches(self.option, &self.pattern.text, bytes.as_ref()) != self.pattern.negated
    }
}

impl fmt::Display for Matcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.pattern.negated { "!= " } else { "" };
        write!(f, "{sign}\"{}\"", self.pattern.text)
    }
}

/// A kind of checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKind {
    /// MD5, 16 bytes.
    Md5,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
}

/// A checksum that bytes must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    /// Its kind.
    pub kind: HashKind,
    /// Hexadecimal in lower case.
    pub digits: String,
}

impl Hash {
    /// Whether `bytes` have this checksum. For bytes in pieces there is [`Digest`](crate::Digest).
    pub fn holds(&self, bytes: impl AsRef<[u8]>) -> bool {
        hex(&digest(self.kind, bytes.as_ref())) == self.digits
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
    /// A condition on bytes.
    Pattern(Pattern),
    /// A checksum.
    Hash(Hash),
    /// Names and values, in the order of the rule.
    Headers(Vec<(String, String)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.into())
    }
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

    /// The value of an option of type secret. It must stand in no text that the check returns.
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.text(name)
    }

    /// As whom a rule wants to log in, and by which password: the options `username` and `password`. Nothing where it
    /// wants nobody to; an empty password where it names none, because some servers ask for none.
    ///
    /// # Errors
    /// A password without a user would never be sent, and a user without a name is none: both are mistakes of the rule.
    pub fn login(&self) -> Result<Option<(&str, &str)>, Failure> {
        match (self.text("username"), self.secret("password")) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Failure::Misconfigured("a password is given, and no user".into())),
            (Some(""), _) => Err(Failure::Misconfigured("the user that is given has no name".into())),
            (Some(username), password) => Ok(Some((username, password.unwrap_or_default()))),
        }
    }

    /// The values of an option of type texts; none when it is not set.
    pub fn texts(&self, name: &str) -> &[String] {
        match self.get(name) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// The value of an option of type number.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The value of an option of type duration.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.get(name) {
            Some(Value::DurationMs(span)) => Some(Duration::from_millis(*span)),
            _ => None,
        }
    }

    /// The value of an option of type size, in bytes.
    pub fn size(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Some(Value::SizeBytes(size)) => Some(*size),
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

    /// The value of an option of type comparison or share.
    pub fn comparison(&self, name: &str) -> Option<Comparison> {
        match self.get(name) {
            Some(Value::Comparison(comparison)) => Some(*comparison),
            _ => None,
        }
    }

    /// The value of an option of type pattern.
    pub fn pattern<'a>(&'a self, name: &'a str) -> Option<Matcher<'a>> {
        match self.get(name) {
            Some(Value::Pattern(pattern)) => Some(Matcher { option: name, pattern }),
            _ => None,
        }
    }

    /// The value of an option of type hash.
    pub fn hash(&self, name: &str) -> Option<&Hash> {
        match self.get(name) {
            Some(Value::Hash(hash)) => Some(hash),
            _ => None,
        }
    }

    /// The value of an option of type headers; none when it is not set.
    pub fn headers(&self, name: &str) -> &[(String, String)] {
        match self.get(name) {
            Some(Value::Headers(headers)) => headers,
            _ => &[],
        }
    }
}
