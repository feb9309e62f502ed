//! What a plugin says about itself, as plain data. Texts are borrowed in what is embedded and owned in what a
//! component said when it was asked.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What a plugin is. Names are `[a-z][a-z0-9_]*`, as rules write them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The name of the protocol.
    pub name: Cow<'static, str>,
    /// The plugin's own version, not the protocol's.
    pub version: Cow<'static, str>,
    /// One line for people.
    pub summary: Cow<'static, str>,
    /// What else the manual page says: paragraphs, separated by empty lines.
    pub page: Cow<'static, str>,
    /// What the protocol can be spoken over; the customary one is the first.
    pub transports: Cow<'static, [Transport]>,
    /// The port that the protocol has by default.
    pub default_port: Option<u16>,
    /// The port that it has by default where it is encrypted from the start.
    pub default_tls_port: Option<u16>,
    /// Whether encryption can begin within the protocol.
    pub start_tls: bool,
    /// What a rule may set.
    pub options: Cow<'static, [OptionSpec]>,
    /// What a rule may test.
    pub metrics: Cow<'static, [MetricSpec]>,
}

/// How a service is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// A stream over TCP.
    Tcp,
    /// Datagrams over UDP.
    Udp,
    /// A stream over a socket in the file system.
    UnixStream,
    /// Datagrams over a socket in the file system.
    UnixDatagram,
}

/// An option of a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptionSpec {
    /// The name, as rules write it.
    pub name: Cow<'static, str>,
    /// One line for people.
    pub help: Cow<'static, str>,
    /// What else the manual page says of it.
    pub page: Cow<'static, str>,
    /// What a rule may write as its value.
    pub kind: OptionType,
    /// Whether every rule must set it.
    pub required: bool,
    /// What holds when a rule does not set it.
    pub default: Option<Value>,
}

/// What a rule may write as the value of an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptionType {
    /// A string.
    Text,
    /// A string that is masked wherever it would be shown.
    Secret,
    /// A whole number between the two, both included.
    Integer(i64, i64),
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A time span.
    Duration,
    /// A number of bytes.
    Size,
    /// One of these words, given as text.
    Choice(Cow<'static, [Cow<'static, str>]>),
    /// A string; the option may be written several times.
    Texts,
    /// A relation and a whole number.
    Comparison,
    /// A relation and a share in per cent; its value is a comparison.
    Share,
    /// A regular expression.
    Pattern,
    /// A checksum.
    Hash,
    /// Headers of a request.
    Headers,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A string.
    Text(Cow<'static, str>),
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
    Texts(Cow<'static, [Cow<'static, str>]>),
    /// A condition on a number.
    Comparison(Comparison),
    /// A condition on bytes.
    Pattern(Pattern),
    /// A checksum.
    Hash(Hash),
    /// Names and values, in the order of the rule.
    Headers(Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>),
}

/// A condition on bytes that the plugin finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The regular expression, as the rule writes it.
    pub text: Cow<'static, str>,
    /// Whether it must not match.
    pub negated: bool,
    /// Whether it is one of POSIX, as Monit's rules have them.
    pub posix: bool,
}

/// A kind of checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HashKind {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// A checksum that bytes must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hash {
    /// Its kind.
    pub kind: HashKind,
    /// Hexadecimal in lower case.
    pub digits: Cow<'static, str>,
}

/// A condition on a whole number that the plugin finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// How the found number is compared.
    pub relation: Relation,
    /// What it is compared with.
    pub number: i64,
}

/// How two whole numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A number that a rule may test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricSpec {
    /// The name, as rules write it.
    pub name: Cow<'static, str>,
    /// One line for people.
    pub help: Cow<'static, str>,
    /// What kind of number it is.
    pub kind: MetricKind,
}

/// What kind of number a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MetricKind {
    /// It goes up and down.
    Gauge,
    /// It only goes up, until it begins again.
    Counter,
    /// A time span in milliseconds.
    DurationMs,
    /// A number of bytes.
    Bytes,
    /// A share of a hundred.
    Percent,
}
