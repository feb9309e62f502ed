//! What pest has read, copied once into a row in which the builders walk about for nothing.
//!
//! A pair of pest's counts its references and its parts with every step, and its offsets are those of the piece of the
//! text that pest was given. It also hands out that piece, in which the noise words are marked; a pair of these does
//! not, so nobody can take the one for the other: what is written is asked of the `Builder`.

use super::grammar::Rule;
use crate::Span;
use pest::Token;
use pest::iterators::Tokens;

/// What pest has read of a piece of a text: each rule stands before those that it holds.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Where the first text begins that no statement reads.
    pub(super) first_junk: Option<u32>,
}

/// A rule of the grammar, and where in the whole text it matched.
#[derive(Debug)]
struct Node {
    rule: Rule,
    start: u32,
    end: u32,
    /// Where the last rule in it ends that holds no other: `end` without the gap behind the last token.
    said_end: u32,
    /// How many rules are in it, those in its parts included.
    held: usize,
}

/// One matched rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'t> {
    node: &'t Node,
    inner: &'t [Node],
}

/// Matched rules that follow each other.
#[derive(Debug, Clone)]
pub(super) struct Pairs<'t> {
    rest: &'t [Node],
}

impl Tree {
    /// Takes over what pest has read of the piece that begins at `base` in the whole text.
    pub(super) fn fill(&mut self, tokens: Tokens<'_, Rule>, base: usize) {
        self.nodes.clear();
        self.first_junk = None;
        let mut open = Vec::new();
        let mut said_end = 0;
        for token in tokens {
            match token {
                Token::Start { rule: matched, pos } => {
                    // No text is too long for its offsets: see `TEXT_BYTES_MAX`.
                    let start = Span::new(base + pos.pos(), 0).start;
                    if matches!(matched, Rule::junk | Rule::junk_in) {
                        self.first_junk.get_or_insert(start);
                    }
                    open.push(self.nodes.len());
                    self.nodes.push(Node { rule: matched, start, end: start, said_end: start, held: 0 });
                }
                Token::End { pos, .. } => {
                    let Some(at) = open.pop() else { continue };
                    let held = self.nodes.len() - at - 1;
                    let Some(node) = self.nodes.get_mut(at) else { continue };
                    node.held = held;
                    node.end = Span::new(0, base + pos.pos()).end;
                    if held == 0 {
                        said_end = node.end;
                    }
                    node.said_end = said_end;
                }
            }
        }
    }

    /// What the entry of the grammar holds.
    pub(super) fn items(&self) -> Pairs<'_> {
        Pairs { rest: self.nodes.get(1..).unwrap_or_default() }
    }

    /// The same, up to the one that begins at an offset.
    pub(super) fn items_before(&self, offset: u32) -> Pairs<'_> {
        let all = self.items();
        let mut behind = all.clone();
        let mut ahead = all.clone();
        while ahead.next().is_some_and(|item| item.node.start < offset) {
            behind.clone_from(&ahead);
        }
        Pairs { rest: all.rest.get(..all.rest.len() - behind.rest.len()).unwrap_or_default() }
    }
}

impl<'t> Pair<'t> {
    /// The rule that matched.
    pub(super) fn as_rule(&self) -> Rule {
        self.node.rule
    }

    /// What it holds.
    pub(super) fn into_inner(self) -> Pairs<'t> {
        Pairs { rest: self.inner }
    }
}

impl<'t> Iterator for Pairs<'t> {
    type Item = Pair<'t>;

    fn next(&mut self) -> Option<Pair<'t>> {
        let (node, rest) = self.rest.split_first()?;
        let (inner, rest) = rest.split_at_checked(node.held)?;
        self.rest = rest;
        Some(Pair { node, inner })
    }
}

/// Where a rule matched, to its very end. One that holds no other ends without a gap.
pub(super) fn leaf(pair: &Pair<'_>) -> Span {
    Span { start: pair.node.start, end: pair.node.end }
}

/// Where a rule of the grammar matched, without the gap behind its last token.
pub(super) fn span(pair: &Pair<'_>) -> Span {
    Span { start: pair.node.start, end: pair.node.said_end }
}
