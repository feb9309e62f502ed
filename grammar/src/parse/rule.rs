//! `if … then …`.

use super::grammar::Rule as Grammar;
use super::{Builder, Pair, leaf, span};
use crate::ast::{Rate, Recovery, Rule};
use crate::{Finding, Span};

impl Builder<'_> {
    /// A rule; nothing when its condition or its action could not be understood.
    pub(super) fn rule(&mut self, pair: Pair<'_>) -> Option<Rule> {
        let place = span(&pair);
        let (mut condition, mut rate, mut action, mut recovery) = (None, None, None, None);
        let mut before = place.start;
        let mut parts = pair.into_inner().peekable();
        while let Some(part) = parts.next() {
            match part.as_rule() {
                Grammar::kw_if => before = leaf(&part).end,
                Grammar::kw_then => {}
                Grammar::condition | Grammar::plugin_condition => {
                    // With the gaps on either side, in which `and` and `or` stand.
                    let end = parts.peek().map_or(leaf(&part).end, |next| leaf(next).start);
                    condition = self.condition(part, Span { start: before, end });
                }
                Grammar::rate => rate = self.rate(part),
                Grammar::no_then => self.without_then(&part),
                Grammar::recovery => recovery = self.recovery(part).map(Box::new),
                _ => action = self.action(part),
            }
        }
        Some(Rule { span: place, condition: condition?, rate, action: action?, recovery })
    }

    pub(super) fn without_then(&mut self, pair: &Pair<'_>) {
        let at = span(pair).start as usize;
        let word = self.text.get(at..).unwrap_or_default().split_ascii_whitespace().next().unwrap_or_default();
        let place = Span::new(at, at + word.len());
        let finding = Finding::error("missing-then", place, format!("`then` is missing before `{word}`")).fix(
            "write `then`",
            Span::new(at, at),
            "then ",
            true,
        );
        self.report(finding);
    }

    fn rate(&mut self, pair: Pair<'_>) -> Option<Rate> {
        let place = span(&pair);
        let mut numbers = pair.into_inner().filter(|part| part.as_rule() != Grammar::kw_cycles);
        let first = numbers.next()?;
        if first.as_rule() == Grammar::length {
            return Some(Rate::Lasting(self.length(first)));
        }
        let count = self.value(&first);
        let cycles = numbers.next().map(|cycles| self.value(&cycles));
        Some(Rate::Cycles { span: place, count, cycles })
    }

    fn recovery(&mut self, pair: Pair<'_>) -> Option<Recovery> {
        let place = span(&pair);
        let (mut word, mut rate, mut action) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Grammar::kw_else | Grammar::kw_if | Grammar::kw_then => {}
                Grammar::outcome => word = Some(span(&part).with(self.written(&part).to_ascii_lowercase())),
                Grammar::rate => rate = self.rate(part),
                _ => action = self.action(part),
            }
        }
        Some(Recovery { span: place, word, rate, action: action? })
    }
}
