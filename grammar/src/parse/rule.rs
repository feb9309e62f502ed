//! `if … then …`.

use pest::iterators::Pair;

use super::{Builder, Rule as Part, part, span};
use crate::ast::{Rate, Recovery, Rule};

impl Builder {
    /// One rule.
    pub(super) fn rule(&mut self, pair: &Pair<'_, Part>) -> Option<Rule> {
        Some(Rule {
            span: span(pair),
            condition: self.condition(&part(pair, Part::condition)?)?,
            rate: part(pair, Part::rate).and_then(|rate| self.rate(&rate)),
            action: self.action(&part(pair, Part::action)?)?,
            recovery: part(pair, Part::recovery).and_then(|recovery| self.recovery(&recovery)),
        })
    }

    fn rate(&mut self, pair: &Pair<'_, Part>) -> Option<Rate> {
        let form = pair.clone().into_inner().next()?;
        let mut figures = form.into_inner().filter(|inner| inner.as_rule() == Part::figure);
        let count = figures.next().map(|figure| self.figure(&figure))?;
        let cycles = figures.next().map(|figure| self.figure(&figure));
        Some(Rate { span: span(pair), count, cycles })
    }

    fn recovery(&mut self, pair: &Pair<'_, Part>) -> Option<Recovery> {
        Some(Recovery {
            span: span(pair),
            word: part(pair, Part::recovery_word).map(|word| self.name(&word)),
            rate: part(pair, Part::rate).and_then(|rate| self.rate(&rate)),
            action: self.action(&part(pair, Part::action)?)?,
        })
    }
}
