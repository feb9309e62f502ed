//! Patterns of rules: the only place where they are compiled and matched.
//!
//! A pattern of Monit's is read as glibc reads it and written again for the crate `regex`, which matches in linear
//! time. Only a pattern with a back-reference is handed to `fancy-regex`, which backtracks and is stopped after
//! [`BACKTRACKS_MAX`]. The table in `tests/patterns/glibc.tsv` says what glibc makes of patterns.
//!
//! Only whether a pattern matches is asked here, never where, so the longest match that POSIX means and the first one
//! that the crates find are the same answer.
//!
//! Where glibc errs it is not followed: it takes a `$` before a newline that the pattern goes on to match for the end of
//! the text (`a$\nb`), and a `^` behind one for its beginning; it forgets an anchor in the later rounds of an interval
//! (`(^a){2}` matches `aa`); and it lets a back-reference to a group that took no part match. It has no limits but
//! memory either.

mod bracket;
mod never;
mod posix;
mod tree;
mod write;

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use fancy_regex::BytesMode;
use grammar::Dialect;
use grammar::source::is_undecoded;

pub use self::never::Never;
use self::write::{Target, Written};

/// The longest pattern, in bytes as it is written. A pattern of a rule has some dozens; one of the size of a page is
/// a file that was put in the wrong place.
pub const PATTERN_BYTES_MAX: usize = 16 * 1024;

/// How deep the groups of a pattern may be nested, and how many repetitions of repetitions it may have. Reading a
/// pattern and writing it again recurse that deep.
pub const NESTING_MAX: usize = 100;

/// The largest compiled pattern, in bytes. It is the limit that the crate `regex` has by itself; `.{32767}`, the longest
/// interval of glibc, fits. A search takes time in proportion to this size and to that of the text.
pub const COMPILED_BYTES_MAX: usize = 10 * 1024 * 1024;

/// How often matching a back-reference may turn back before it counts as no match. It takes some milliseconds.
pub const BACKTRACKS_MAX: usize = 100_000;

/// How many instructions a pattern with a back-reference may have.
const INSTRUCTIONS_MAX: usize = 100_000;

/// How many levels of the syntax tree of `regex` one level of ours takes at most: a choice, a sequence, a repetition
/// and a group, and as many again for a repetition of it.
const LEVELS_OF_A_GROUP: u32 = 8;

/// The syntax that a pattern is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// POSIX extended, as glibc's `regcomp(REG_EXTENDED | REG_NOSUB)` reads it in the C locale: of bytes, not characters.
    Posix,
    /// The syntax of the crate `regex`.
    Regex,
}

impl From<Dialect> for Syntax {
    fn from(dialect: Dialect) -> Syntax {
        match dialect {
            Dialect::Monit => Syntax::Posix,
            Dialect::Rules => Syntax::Regex,
        }
    }
}

/// A pattern that was compiled.
#[derive(Debug, Clone)]
pub struct Pattern {
    written: String,
    syntax: Syntax,
    matcher: Matcher,
}

/// What searches.
#[derive(Debug, Clone)]
enum Matcher {
    Linear(regex::bytes::Regex),
    Backtracking(fancy_regex::Regex),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.syntax == other.syntax && self.written == other.written
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Compiles a pattern.
    pub fn new(written: &str, syntax: Syntax) -> Result<Pattern, PatternError> {
        check_length(written)?;
        let matcher = match syntax {
            Syntax::Posix => posix_matcher(written)?,
            Syntax::Regex => regex_matcher(written)?,
        };
        Ok(Pattern { written: written.to_owned(), syntax, matcher })
    }

    /// The pattern as it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The syntax that it was written in.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    /// Whether the pattern matches somewhere in the text.
    ///
    /// To a pattern of POSIX a text ends before its first byte 0, as it does for `regexec`. A back-reference that turns
    /// back more than [`BACKTRACKS_MAX`] times does not match.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let text = match self.syntax {
            Syntax::Posix => text.split(|byte| *byte == 0).next().unwrap_or_default(),
            Syntax::Regex => text,
        };
        match &self.matcher {
            Matcher::Linear(regex) => regex.is_match(text),
            Matcher::Backtracking(regex) => regex.is_match(text).unwrap_or(false),
        }
    }
}

/// Whether a pattern stands for itself in every syntax, so that it can be compiled and may match. Compiling one takes
/// longer than everything else that is asked about it.
pub(crate) fn is_plain(written: &str) -> bool {
    /// A longer one is left to the limits of the crate.
    const BYTES_MAX: usize = 1_000;
    let stands_for_itself = |byte: u8| byte.is_ascii_alphanumeric() || b" !\"#%&',-/:;<=>@_`~".contains(&byte);
    !written.is_empty() && written.len() <= BYTES_MAX && written.bytes().all(stands_for_itself)
}

/// Why a pattern that can be compiled matches nothing, if that is certain.
pub fn never(written: &str, syntax: Syntax) -> Option<Never> {
    let anchors =
        written.trim_start_matches(['^', '(']).contains('^') || written.trim_end_matches(['$', ')']).contains('$');
    // Only an anchor in the middle, and a class that somebody wrote, can make a pattern match nothing.
    if !(anchors || written.contains(['[', '\\'])) {
        return None;
    }
    let translated = match syntax {
        Syntax::Posix => translate(written).ok()?,
        Syntax::Regex => written.to_owned(),
    };
    let nesting = u32::try_from(NESTING_MAX).unwrap_or(u32::MAX).saturating_mul(LEVELS_OF_A_GROUP);
    never::never(&regex_syntax::ParserBuilder::new().utf8(false).nest_limit(nesting).build().parse(&translated).ok()?)
}

/// The pattern of the crate `regex` that means the same as a pattern of POSIX.
///
/// The two agree on every text without a byte 0. A leading `(?s-u)` stands only where the meaning depends on it: where a
/// dot, a negated bracket expression or a class has to match a newline or a byte that is not UTF-8.
pub fn translate(posix: &str) -> Result<String, PatternError> {
    check_length(posix)?;
    let tree = posix::read(posix)?;
    match tree.first_reference {
        Some(at) => {
            let message = "a back-reference such as `\\1` has no equivalent in the syntax of ruled";
            Err(PatternError { message: message.to_owned(), at: Some(at) })
        }
        None => Ok(write::write(&tree.root, Target::Linear).with_flags()),
    }
}

fn check_length(written: &str) -> Result<(), PatternError> {
    if written.len() > PATTERN_BYTES_MAX {
        let message = format!("a pattern is at most {PATTERN_BYTES_MAX} bytes long; this one has {}", written.len());
        return Err(PatternError { message, at: None });
    }
    Ok(())
}

fn posix_matcher(written: &str) -> Result<Matcher, PatternError> {
    let tree = posix::read(written)?;
    if tree.first_reference.is_none() {
        return linear(&write::write(&tree.root, Target::Linear).with_flags());
    }
    let Written { text, .. } = write::write(&tree.root, Target::Backtracking);
    fancy_regex::RegexBuilder::new(&text)
        .bytes_mode(BytesMode::Ascii)
        .dot_matches_new_line(true)
        .backtrack_limit(BACKTRACKS_MAX)
        .delegate_size_limit(COMPILED_BYTES_MAX)
        .max_prog_size(INSTRUCTIONS_MAX)
        .build()
        .map(Matcher::Backtracking)
        .map_err(|_| PatternError::whole("this is too large or too deeply nested for a pattern with a back-reference"))
}

fn regex_matcher(written: &str) -> Result<Matcher, PatternError> {
    if let Some((start, byte)) = written.char_indices().find(|(_, character)| is_undecoded(*character)) {
        let message = "a byte that is not UTF-8 is written as `(?-u:\\xE9)` in a pattern";
        return Err(PatternError { message: message.to_owned(), at: Some(start..start + byte.len_utf8()) });
    }
    linear(written)
}

/// Compiles what is in the syntax of the crate `regex`.
fn linear(written: &str) -> Result<Matcher, PatternError> {
    let nesting = u32::try_from(NESTING_MAX).unwrap_or(u32::MAX).saturating_mul(LEVELS_OF_A_GROUP);
    let built = regex::bytes::RegexBuilder::new(written).size_limit(COMPILED_BYTES_MAX).nest_limit(nesting).build();
    built.map(Matcher::Linear).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            PatternError::whole("this pattern is too large once its repetitions are counted")
        }
        _ => PatternError::of_syntax(written, nesting),
    })
}

/// Why a pattern cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// One sentence without a full stop.
    pub message: String,
    /// The bytes of the written pattern that it is about, unless it is about all of them.
    pub at: Option<Range<usize>>,
}

impl PatternError {
    fn whole(message: &str) -> PatternError {
        PatternError { message: message.to_owned(), at: None }
    }

    /// What is wrong with a pattern that the crate `regex` refuses. Its own error is a picture of several lines, so the
    /// pattern is read again by the parser below it, which says what and where.
    fn of_syntax(written: &str, nesting: u32) -> PatternError {
        let mut parser = regex_syntax::ParserBuilder::new().utf8(false).nest_limit(nesting).build();
        let (message, span) = match parser.parse(written) {
            Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), Some(*error.span())),
            Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), Some(*error.span())),
            _ => ("this pattern cannot be compiled".to_owned(), None),
        };
        PatternError { message, at: span.map(|span| span.start.offset..span.end.offset) }
    }
}

impl Display for PatternError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for PatternError {}
