//! The grammar, compiled from the `.pest` files beside this folder.

#![allow(missing_docs, unreachable_pub, reason = "the derive writes the enum of rules without either")]

use super::mark::{Marked, mark_ends};
use super::tree::Tree;
use crate::Dialect;
use pest::Parser;
use pest::error::Error;
use pest::iterators::Pairs;

#[derive(pest_derive::Parser)]
#[grammar = "words.pest"]
#[grammar = "monit.pest"]
#[grammar = "connections.pest"]
#[grammar = "settings.pest"]
#[grammar = "more.pest"]
#[grammar = "mistakes.pest"]
struct Grammar;

/// The entries of the grammar for a text that is marked; each has a rule for each dialect.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    /// A whole file.
    File,
    /// One statement, perhaps with the one before it.
    Ask,
    /// The same in a check of a plugin.
    AskPlugin,
}

/// Reads a text with an entry of the grammar.
pub(super) fn read(entry: Entry, dialect: Dialect, text: &Marked) -> Result<Pairs<'_, Rule>, Box<Error<Rule>>> {
    let entry = match (entry, dialect) {
        (Entry::File, Dialect::Monit) => Rule::file_monit,
        (Entry::File, Dialect::Rules) => Rule::file_rules,
        (Entry::Ask, Dialect::Monit) => Rule::ask_monit,
        (Entry::Ask, Dialect::Rules) => Rule::ask_rules,
        (Entry::AskPlugin, _) => Rule::ask_plugin,
    };
    Grammar::parse(entry, text.as_str()).map_err(Box::new)
}

/// Reads a text as the row of its lexemes; noise is a word among others there.
pub(super) fn lexemes(dialect: Dialect, text: &str) -> Tree {
    let entry = match dialect {
        Dialect::Monit => Rule::lexemes_monit,
        Dialect::Rules => Rule::lexemes_rules,
    };
    let mut tree = Tree::default();
    // Every sign is a lexeme, so every text is a row of them.
    if let Ok(pairs) = Grammar::parse(entry, mark_ends(text).as_str()) {
        tree.fill(pairs.tokens(), 0);
    }
    tree
}
