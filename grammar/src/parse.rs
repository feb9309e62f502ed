//! Text to tree. The only place that names pest; no rule and no lifetime of it leaves.

mod action;
mod check;
mod condition;
mod depth;
mod expected;
mod grammar;
mod includes;
mod recover;
mod rule;
mod setting;
mod text;
mod value;

use pest::Parser;
use pest::iterators::Pair;

use crate::ast::{RuleFile, Statement};
use crate::{Dialect, Finding, Source, Span};
use grammar::{Grammar, Rule};
pub use includes::{Include, includes};

/// The names of all findings that reading a text can lead to.
pub const FINDINGS: &[&str] = &[
    "joined-operator",
    "missing-set",
    "missing-then",
    "nul-byte",
    "reserved-word",
    "syntax-error",
    "too-deep",
    "too-large",
    "unclosed-quote",
    "unknown-statement",
];

/// What was understood, and what was not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// What was understood.
    pub file: RuleFile,
    /// What was not, in no particular order.
    pub findings: Vec<Finding>,
}

/// Reads a text.
///
/// Never fails: what cannot be read is left out of the tree and is in the findings.
pub fn parse(source: &Source, dialect: Dialect) -> Parsed {
    let mut builder = Builder { dialect, findings: Vec::new() };
    if let Some(finding) = depth::limits(source, dialect) {
        return Parsed { file: RuleFile::default(), findings: vec![finding] };
    }
    let entry = match dialect {
        Dialect::Monit => Rule::monit_file,
        Dialect::Rules => Rule::rules_file,
    };
    let mut file = RuleFile::default();
    match Grammar::parse(entry, source.text()) {
        Ok(pairs) => {
            let items = pairs.flat_map(Pair::into_inner).flat_map(Pair::into_inner);
            file.statements = items.filter_map(|item| builder.item(item)).collect();
        }
        // The grammar ends in junk, so that everything can be read; this is the guard of pest's own stack.
        Err(error) => builder.unreadable(&error),
    }
    Parsed { file, findings: builder.findings }
}

/// Walks over what pest has read and makes the tree of it.
struct Builder {
    dialect: Dialect,
    findings: Vec<Finding>,
}

impl Builder {
    fn item(&mut self, pair: Pair<'_, Rule>) -> Option<Statement> {
        match pair.as_rule() {
            Rule::setting => self.setting(pair).map(Statement::Set),
            Rule::check => self.check(pair).map(Statement::Check),
            Rule::broken_check => {
                self.broken_check(pair);
                None
            }
            Rule::loose => {
                self.loose(&pair);
                None
            }
            Rule::junk => {
                self.junk(&pair, true);
                None
            }
            _ => None,
        }
    }
}

fn span(pair: &Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    // Trailing blanks belong to nobody.
    Span::new(span.start(), span.start() + span.as_str().trim_end().len())
}

/// The first part of that kind.
fn part<'i>(pair: &Pair<'i, Rule>, kind: Rule) -> Option<Pair<'i, Rule>> {
    pair.clone().into_inner().find(|inner| inner.as_rule() == kind)
}
