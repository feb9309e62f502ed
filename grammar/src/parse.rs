//! Text to tree: the only place that knows how the grammar is put to work.
//!
//! pest reads the text with the grammar of the `.pest` files; one builder for each file of the tree
//! makes the tree of what it has read, and says what is wrong. No rule and no lifetime of pest leaves.

mod action;
mod check;
mod comment;
mod condition;
mod connection;
mod expected;
mod foreign;
mod grammar;
mod habits;
mod httpd;
mod include;
mod join;
mod mail;
mod mark;
mod metric;
mod performance;
mod plugin;
mod program;
mod protocol;
mod quoted;
mod recover;
mod rule;
mod scan;
mod setting;
mod text;
mod tls;
mod tree;
mod unquote;
mod usual;
mod value;
mod window;

pub use comment::comments;
pub use include::{Include, includes};
pub use quoted::{quote, quote_program, quoted_texts};

use crate::{Dialect, Finding, Severity, Source, Span, ast, suggest};
use grammar::Rule;
use std::borrow::Cow;
use tree::{Pair, Pairs, leaf, span};
use window::{WINDOW_BYTES, Windows};

/// The name of every finding that reading a text can lead to.
pub const FINDINGS: &[&str] = &[
    "joined-operator",
    "missing-and",
    "missing-set",
    "missing-then",
    "mixed-and-or",
    "not-portable",
    "nul-byte",
    "option-order",
    "pasted-typography",
    "placeholder",
    "reserved-word",
    "stray-argument",
    "swallowed-statement",
    "syntax-error",
    "too-deep",
    "too-large",
    "unclosed-quote",
    "unknown-statement",
];

/// No text with more bytes is read: its offsets must fit, and its tree into memory.
pub const TEXT_BYTES_MAX: usize = 64 << 20;

/// No quoted text may have more bytes.
pub const STRING_BYTES_MAX: usize = 1 << 20;

/// Parentheses and braces may stand in each other so deep.
pub const DEPTH_MAX: usize = 64;

/// So many findings are made for a text; a text with more is most likely no text of rules.
pub const FINDINGS_MAX: usize = 500;

/// What was understood, and what was not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// What was understood.
    pub file: ast::RuleFile,
    /// What was not, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Reads a text.
///
/// **Invariant:** it never fails and never panics: what cannot be read is left out of the tree and
/// is a finding, and the rest is read.
pub fn parse(source: &Source, dialect: Dialect) -> Parsed {
    parse_in_windows(source, dialect, WINDOW_BYTES)
}

/// The same, so many bytes at once. Their number makes no difference to what is found; it is an argument so that tests
/// can hold the parser to that.
pub fn parse_in_windows(source: &Source, dialect: Dialect, window_bytes: usize) -> Parsed {
    let text = source.text();
    if text.len() > TEXT_BYTES_MAX {
        let finding = Finding::error("too-large", Span::new(0, 0), "this is more text than anybody means to be rules")
            .note(format!("at most {} MB are read, with all files that are included", TEXT_BYTES_MAX >> 20));
        return Parsed { findings: vec![finding], ..Parsed::default() };
    }
    let (mut file, mut findings) = read_as_meant(text, dialect, window_bytes);
    if let Some(finding) = foreign::web_page(text, dialect, &findings) {
        return Parsed { file, findings: vec![finding] };
    }
    if let Some(found) = foreign::find(text, dialect, &findings) {
        if found.breaks() {
            (file, findings) = read_as_meant(&found.mended, dialect, window_bytes);
            if let Some(filled) = &found.filled {
                // The places in the tree must be places of the text.
                (file, _) = read_as_meant(filled, dialect, window_bytes);
                foreign::snap(text, &mut findings);
            }
        }
        found.report(text, &mut findings);
    }
    findings.sort_by_key(|finding| finding.span().start);
    if findings.len() > FINDINGS_MAX {
        let end = findings.get(FINDINGS_MAX).map(Finding::span).unwrap_or_default();
        let worst = findings.iter().skip(FINDINGS_MAX).map(|finding| finding.severity).max();
        findings.truncate(FINDINGS_MAX);
        let headline = format!("there is more to say than these {FINDINGS_MAX} findings; the rest is left out");
        let mut last = Finding::warning("syntax-error", end, headline);
        last.severity = worst.unwrap_or(Severity::Warning);
        findings.push(last);
    }
    Parsed { file, findings }
}

/// Reads a text at its word, and with quotes that are closed at the end of their line where that makes no sense.
fn read_as_meant(text: &str, dialect: Dialect, window_bytes: usize) -> (ast::RuleFile, Vec<Finding>) {
    let (file, findings, runs_over) = read(text, dialect, true, window_bytes);
    if runs_over && findings.iter().any(|finding| finding.severity == Severity::Error) {
        let (file, findings, _) = read(text, dialect, false, window_bytes);
        return (file, findings);
    }
    (file, findings)
}

/// Reads a text, and tells whether one of its quotes runs over a statement.
fn read(text: &str, dialect: Dialect, literal: bool, window_bytes: usize) -> (ast::RuleFile, Vec<Finding>, bool) {
    let scanned = scan::scan(text, dialect, literal);
    let mut builder = Builder {
        text: &scanned.text,
        dialect,
        findings: scanned.findings,
        unset: Vec::new(),
        behind_program: None,
        orphaned: false,
        before: None,
        checked: false,
        alert_behind_check: None,
        in_plugin: false,
        next_line: None,
    };
    builder.judge_mark();
    let mut file = ast::RuleFile::default();
    if !scanned.hopeless {
        let mut windows = Windows::new(&scanned.text, dialect, window_bytes);
        while let Some(items) = windows.read_on() {
            match items {
                Ok(items) => builder.items(items, &mut file),
                // The grammar reads everything, if need be as junk; so this is the guard of pest's own stack.
                Err(at) => builder.unreadable(at),
            }
        }
    }
    (file, builder.findings, scanned.runs_over)
}

/// Walks over what pest has read and makes the tree of it.
struct Builder<'i> {
    /// The text that pest has read: the source, with what would mislead it made harmless.
    text: &'i str,
    dialect: Dialect,
    findings: Vec<Finding>,
    /// Settings that were found inside a check, without their `set`.
    unset: Vec<ast::Setting>,
    /// The last word behind the closing quote of the last program.
    behind_program: Option<Span>,
    /// Whether the last `check` could not be read, so that what stands below it has no home.
    orphaned: bool,
    /// Where the last item stands, if it could be read.
    before: Option<Span>,
    /// Whether there was a `check`.
    checked: bool,
    /// The `set alert` behind the last `check`, where it is the last statement that was read.
    alert_behind_check: Option<Span>,
    /// Whether what is read stands in a check of a plugin, whose metrics have names of its own.
    in_plugin: bool,
    /// A text that stands on a later line than its keyword, and is more likely the next statement.
    next_line: Option<Span>,
}

impl<'i> Builder<'i> {
    /// The next items of a file.
    fn items(&mut self, items: Pairs<'_>, file: &mut ast::RuleFile) {
        for item in items {
            let place = span(&item);
            let item_kind = item.as_rule();
            match item_kind {
                Rule::setting | Rule::check => self.orphaned = false,
                Rule::junk => self.orphaned |= self.holds_lost_head(place),
                _ => {}
            }
            self.checked |= item_kind == Rule::check;
            if item_kind != Rule::stray {
                let alert = item_kind == Rule::setting && self.checked && self.is_alert(place);
                self.alert_behind_check = alert.then_some(place);
            }
            match item_kind {
                Rule::setting => file.statements.extend(self.setting(item).map(ast::Statement::Set)),
                Rule::check => {
                    file.statements.extend(self.check(item).map(ast::Statement::Check));
                    file.statements.extend(self.unset.drain(..).map(ast::Statement::Set));
                }
                Rule::unset => file.statements.extend(self.without_set(item).map(ast::Statement::Set)),
                Rule::stray => self.stray(item),
                Rule::junk => self.junk(place, self.before, false),
                _ => {}
            }
            self.before = (item_kind != Rule::junk).then_some(place);
        }
    }

    /// The mark that some editors put before a text in UTF-8.
    fn judge_mark(&mut self) {
        const MARK: char = '\u{FEFF}';
        if self.is_monit() && self.text.starts_with(MARK) {
            let place = Span::new(0, MARK.len_utf8());
            let finding = Finding::warning(
                "not-portable",
                place,
                "Monit refuses a file that begins with a byte order mark",
            )
            .fix("leave it out", place, "", true);
            self.report(finding);
        }
    }

    /// Whether a line of a text that could not be read begins a service, rightly or wrongly written. What stands below
    /// it belongs to that service, and not to the one before.
    fn holds_lost_head(&self, place: Span) -> bool {
        self.slice(place).lines().any(is_lost_head)
    }

    fn is_alert(&self, setting: Span) -> bool {
        self.slice(setting).split_ascii_whitespace().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("alert"))
    }

    fn is_monit(&self) -> bool {
        self.dialect == Dialect::Monit
    }

    fn slice(&self, span: Span) -> &'i str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// What a rule of the grammar matched, as it is written.
    fn written(&self, pair: &Pair<'_>) -> &'i str {
        self.slice(leaf(pair))
    }

    fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

/// A word in small letters. Most are written so, and are not copied.
fn small(written: &str) -> Cow<'_, str> {
    match written.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(written.to_ascii_lowercase()),
        false => Cow::Borrowed(written),
    }
}

/// Whether a line reads like `check KIND …`, with at most a slip in the first word.
pub fn is_lost_head(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let mut kind = || words.next().is_some_and(|word| ast::ServiceKind::of(word).is_some());
    first.eq_ignore_ascii_case("check") || !suggest::nearest(first, ["check"]).is_empty() && kind()
}
