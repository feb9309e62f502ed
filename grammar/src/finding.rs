//! Findings: what is wrong with a text, for people and for programs.
//!
//! The model is ours; each way of showing it is one pure function in a file of its own.

use crate::source::byte_of;
use crate::{Source, Span};

pub mod concise;
pub mod github;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod terminal;

/// One thing that is wrong, or cannot be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The name by which it is explained and suppressed, such as `shadowed-rule`.
    pub name: &'static str,
    /// Whether it stops loading.
    pub severity: Severity,
    /// One sentence that stands alone.
    pub headline: String,
    /// Places with what is to be said about them; the first primary one is where the finding is.
    pub labels: Vec<Label>,
    /// Further sentences.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Option<Help>,
}

/// What was found in one file or folder that was checked by itself.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The file or folder, as it was named.
    pub path: &'a str,
    /// What was found, sorted by place.
    pub findings: &'a [Finding],
    /// What was found and is allowed by a comment, sorted by place.
    pub suppressed: &'a [Finding],
    /// The text that the places are in.
    pub source: &'a Source,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It cannot be meant.
    Warning,
    /// It stops loading.
    Error,
}

/// A place and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said; may be empty for a primary label.
    pub text: String,
    /// Whether the finding is here, or whether this place only explains it.
    pub primary: bool,
}

/// What to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Help {
    /// A sentence.
    Sentence(String),
    /// A change that a program can make.
    Fix(Fix),
}

/// A change of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative: "say which unit you mean".
    pub sentence: String,
    /// The places to replace, in order and not overlapping.
    pub edits: Vec<Edit>,
    /// Whether it keeps the meaning or certainly does what was meant.
    pub safe: bool,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Finding {
    /// An error at a place.
    pub fn error(name: &'static str, span: Span, headline: impl Into<String>) -> Finding {
        Finding::new(name, Severity::Error, span, headline.into())
    }

    /// A warning at a place.
    pub fn warning(name: &'static str, span: Span, headline: impl Into<String>) -> Finding {
        Finding::new(name, Severity::Warning, span, headline.into())
    }

    fn new(name: &'static str, severity: Severity, span: Span, headline: String) -> Finding {
        let label = Label { span, text: String::new(), primary: true };
        Finding { name, severity, headline, labels: vec![label], notes: Vec::new(), help: None }
    }

    /// Says something about the place of the finding.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Finding {
        if let Some(label) = self.labels.first_mut() {
            label.text = text.into();
        }
        self
    }

    /// Says something about another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Finding {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Adds a sentence below.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Finding {
        self.notes.push(text.into());
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, sentence: impl Into<String>) -> Finding {
        self.help = Some(Help::Sentence(sentence.into()));
        self
    }

    /// Offers one replacement.
    #[must_use]
    pub fn fix(mut self, sentence: impl Into<String>, span: Span, text: impl Into<String>, safe: bool) -> Finding {
        let edits = vec![Edit { span, text: text.into() }];
        self.help = Some(Help::Fix(Fix { sentence: sentence.into(), edits, safe }));
        self
    }

    /// All that is said in it, beside the text that it shows and the edits that it offers.
    pub fn sentences_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let help = self.help.as_mut().map(|help| match help {
            Help::Sentence(sentence) | Help::Fix(Fix { sentence, .. }) => sentence,
        });
        let labels = self.labels.iter_mut().map(|label| &mut label.text);
        [&mut self.headline].into_iter().chain(labels).chain(&mut self.notes).chain(help)
    }

    /// Where the finding is: the place of its first primary label.
    pub fn span(&self) -> Span {
        self.labels.iter().find(|label| label.primary).map(|label| label.span).unwrap_or_default()
    }
}

impl Severity {
    /// The word in front of the name.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// The text with everything visible that a terminal would obey or hide: control characters, marks
/// that turn the direction of writing, and bytes that are not UTF-8.
pub fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match (character, byte_of(character)) {
            (_, Some(byte)) => shown.push_str(&format!("\\x{byte:02X}")),
            ('\n', _) => shown.push_str("\\n"),
            ('\r', _) => shown.push_str("\\r"),
            ('\t', _) => shown.push(' '),
            (_, None) if is_hidden(character) => shown.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
            (_, None) => shown.push(character),
        }
    }
    shown
}

/// Whether a terminal would obey or hide the character instead of drawing it.
pub(crate) fn is_hidden(character: char) -> bool {
    let turns = matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    character.is_control() || turns || character == '\u{FEFF}'
}
