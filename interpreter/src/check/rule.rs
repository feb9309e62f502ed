//! Rules: how often, what is done, and what is done when it ends.

use grammar::ast::{self, ActionKind, Check, TestKind};

use super::Context;
use crate::lint;
use crate::program::{Action, Rate, Recovery, Rule, Test, Wanted};

/// Over how many cycles Monit looks back at most.
const CYCLES_MAX_MONIT: i64 = 64;
/// Over how many cycles a rule looks back at most.
const CYCLES_MAX: i64 = 10_000;

impl Context<'_> {
    /// The meaning of a rule; nothing when there is an error in it. All its errors are found.
    pub(super) fn rule(&mut self, check: &Check, rule: &ast::Rule) -> Option<Rule> {
        let test = self.condition(check, &rule.condition);
        let rate = self.rate(rule.rate.as_ref());
        let action = self.action(&rule.action);
        let recovery = self.recovery(rule);
        let origin = self.origin(rule.span);
        Some(Rule { test: test?, rate: rate?, action: action?, recovery: recovery?, origin, implicit: false })
    }

    /// The existence rule that a service has when nobody wrote one.
    pub(super) fn implied_rule(&self, check: &Check) -> Rule {
        let recovery = Recovery { rate: Rate::ONCE, action: Action::Alert };
        let origin = self.origin(check.head);
        Rule { test: Test::Missing, rate: Rate::ONCE, action: Action::Restart, recovery, origin, implicit: true }
    }

    fn rate(&mut self, rate: Option<&ast::Rate>) -> Option<Rate> {
        let Some(rate) = rate else { return Some(Rate::ONCE) };
        let most = if self.is_monit() { CYCLES_MAX_MONIT } else { CYCLES_MAX };
        let count = self.whole(&rate.count, "cycles", 1..=most);
        let cycles = match &rate.cycles {
            Some(cycles) => self.whole(cycles, "cycles", 1..=most),
            None => count,
        };
        let (count, cycles) = (count?, cycles?);
        if count > cycles {
            return self.refuse(lint::out_of_range::more_than_all(rate.span, count, cycles));
        }
        Some(Rate { count: u32::try_from(count).ok()?, cycles: u32::try_from(cycles).ok()? })
    }

    fn action(&mut self, action: &ast::Action) -> Option<Action> {
        Some(match &action.kind {
            ActionKind::Alert => Action::Alert,
            ActionKind::Start => Action::Start,
            ActionKind::Stop => Action::Stop,
            ActionKind::Restart => Action::Restart,
            ActionKind::Unmonitor => Action::Unmonitor,
            ActionKind::Exec(exec) => Action::Exec(self.exec(exec)?),
        })
    }

    fn recovery(&mut self, rule: &ast::Rule) -> Option<Recovery> {
        let Some(written) = &rule.recovery else {
            return Some(Recovery { rate: Rate::ONCE, action: Action::Alert });
        };
        if let Some(word) = &written.word {
            let inverse = rule.condition.tests.iter().any(|test| match &test.kind {
                TestKind::Connection(connection) => connection.wanted == ast::Wanted::Succeeded,
                TestKind::Existence { .. } | TestKind::Limit(_) | TestKind::Permission { .. } => false,
            });
            let wanted = if inverse { Wanted::Succeeded } else { Wanted::Failed };
            if word.node.eq_ignore_ascii_case("failed") != inverse {
                self.report(lint::recovery_word::finding(word, rule.condition.span, wanted));
                return None;
            }
        }
        let rate = self.rate(written.rate.as_ref());
        let action = self.action(&written.action);
        Some(Recovery { rate: rate?, action: action? })
    }
}
