//! Protocols: those that the language knows, and those that plugins offer.
//!
//! What the language knows is a list of values in [`known`]; the words of a rule are checked against it. What plugins
//! say about themselves is handed in as [`Protocols`] and tells which of them can be spoken.

mod known;
mod options;

pub use known::{KNOWN_PROTOCOLS, KnownOption, KnownProtocol, Transport};

use std::borrow::Cow;

/// The protocols that can be spoken. The program that embeds the plugins hands them in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Protocols {
    /// The protocols in the order of their names.
    pub entries: Vec<ProtocolEntry>,
}

/// One protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolEntry {
    /// The word behind `protocol`.
    pub name: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// The customary port.
    pub default_port: Option<u16>,
    /// The options it takes.
    pub options: Vec<ProtocolOptionEntry>,
}

/// One option of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolOptionEntry {
    /// The name, as in `[a-z][a-z0-9_]*`.
    pub name: String,
    /// What it does, in a sentence.
    pub help: String,
    /// What values it takes.
    pub kind: OptionKind,
    /// Whether it must be given.
    pub required: bool,
}

/// What values an option takes.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionKind {
    /// Any text.
    Text,
    /// A text that is never printed.
    Secret,
    /// A whole number between the two.
    Integer(i64, i64),
    /// A number.
    Number,
    /// `true` or `false`.
    Truth,
    /// A length of time.
    Duration,
    /// A size.
    Size,
    /// One of these words.
    Choice(Words),
    /// A comparison with a whole number: `= 404`.
    Comparison,
    /// A comparison with a share in per cent: `> 60%`.
    Share,
    /// A checksum, with its kind before it or not.
    Hash,
    /// A text that begins with `/`, as Monit wants it.
    Path,
    /// The path and the query of an address; what cannot stand in one is percent-encoded.
    Request,
    /// Headers of a request: `[Name: value, Name: value]`.
    Headers,
    /// A pattern that something must match, or with `!=` must not.
    Pattern,
    /// Texts: `["one", "another"]`, or one alone.
    Texts,
}

/// The words of a choice.
pub type Words = Cow<'static, [Cow<'static, str>]>;

/// A name as names are compared: case, `_` and `-` make no difference, so that Monit's `hostheader` is `host_header`.
fn plain(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|character| !matches!(character, '_' | '-' | ' '))
        .map(|character| character.to_ascii_lowercase())
}

impl ProtocolEntry {
    /// The option of that name. Case, `_` and `-` make no difference: Monit's `hostheader` is `host_header`.
    pub fn option(&self, name: &str) -> Option<&ProtocolOptionEntry> {
        self.options.iter().find(|option| plain(&option.name).eq(plain(name)))
    }
}

impl Protocols {
    /// The protocol of that name; names are compared without regard to case.
    pub fn find(&self, name: &str) -> Option<&ProtocolEntry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Everything that can be said about a protocol: what the language knows of it, and what its plugin adds.
    pub fn described(&self, name: &str) -> Option<ProtocolEntry> {
        let Some(known) = KnownProtocol::find(name) else { return self.find(name).cloned() };
        let mut entry = known.entry();
        let plugin = self.find(known.spoken()).map(|plugin| plugin.options.as_slice()).unwrap_or_default();
        for option in plugin {
            match entry.options.iter_mut().find(|one| plain(&one.name).eq(plain(&option.name))) {
                Some(known) => known.required |= option.required,
                None => entry.options.push(option.clone()),
            }
        }
        Some(entry)
    }

    /// The names of all protocols that can be written in a rule, sorted.
    pub fn names(&self) -> Vec<&str> {
        let known = KNOWN_PROTOCOLS.iter().map(|known| known.name);
        let mut names: Vec<&str> = known.chain(self.entries.iter().map(|entry| entry.name.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
