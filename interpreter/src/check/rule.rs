//! Rules: how often, what is done, and what is done when it ends.

use grammar::ast::{self, ActionKind, Check, Test as Written, TestKind};

use super::Context;
use crate::lint;
use crate::program::{Action, Changed, Origin, Rate, Recovery, RestartLimit, Rule, Test, Wanted};

/// Over how many cycles Monit looks back at most.
const CYCLES_MAX_MONIT: i64 = 64;
/// Over how many cycles a rule looks back at most.
const CYCLES_MAX: i64 = 10_000;
/// Over how many cycles restarts are counted at most.
const RESTARTS_MAX: i64 = i32::MAX as i64;

impl Context<'_> {
    /// The meaning of a rule: one, but for a file of patterns, which makes one of each of its lines. Nothing comes out
    /// when there is an error in it. All its errors are found.
    pub(super) fn rule(&mut self, check: &Check, rule: &ast::Rule) -> Vec<Rule> {
        let tests = self.condition(check, &rule.condition);
        let rate = self.rate(rule.rate.as_ref());
        let action = self.action(&rule.action);
        let recovery = self.recovery(rule, tests.as_deref().and_then(<[Test]>::first));
        let origin = self.origin(rule.span);
        let (Some(tests), Some(rate), Some(action), Some(recovery)) = (tests, rate, action, recovery) else {
            return Vec::new();
        };
        let is_monit = self.is_monit();
        let made = tests.into_iter().enumerate().map(|(place, test)| Rule {
            test,
            // Monit gives the rate to the first pattern of a file only.
            rate: if is_monit && place > 0 { Rate::ONCE } else { rate },
            action: action.clone(),
            recovery: recovery.clone(),
            origin: origin.clone(),
            implicit: false,
        });
        made.collect()
    }

    /// `if N restarts within M cycles then …`.
    pub(super) fn restart_limit(&mut self, written: &ast::RestartLimit) -> Option<RestartLimit> {
        let restarts = self.whole(&written.restarts, "restarts", 1..=RESTARTS_MAX);
        let cycles = self.whole(&written.cycles, "cycles", 1..=RESTARTS_MAX);
        let action = self.action(&written.action);
        let (restarts, cycles) = (restarts?, cycles?);
        if restarts > cycles {
            return self.refuse(lint::window_too_short::more_than_all(written.span, restarts, cycles));
        }
        let (restarts, cycles) = (u32::try_from(restarts).ok()?, u32::try_from(cycles).ok()?);
        Some(RestartLimit { restarts, cycles, action: action?, origin: self.origin(written.span) })
    }

    fn rate(&mut self, rate: Option<&ast::Rate>) -> Option<Rate> {
        let most = if self.is_monit() { CYCLES_MAX_MONIT } else { CYCLES_MAX };
        match rate {
            None => Some(Rate::ONCE),
            Some(ast::Rate::Lasting(length)) => self.lasting(length),
            Some(ast::Rate::Cycles { span, count, cycles }) => {
                let count = self.whole(count, "cycles", 1..=most);
                let cycles = match cycles {
                    Some(cycles) => self.whole(cycles, "cycles", 1..=most),
                    None => count,
                };
                let (count, cycles) = (count?, cycles?);
                if count > cycles {
                    return self.refuse(lint::window_too_short::more_than_all(*span, count, cycles));
                }
                Some(Rate::of(u32::try_from(count).ok()?, u32::try_from(cycles).ok()?))
            }
        }
    }

    /// `for 10 minutes`: so many cycles that they last at least so long.
    fn lasting(&mut self, length: &ast::Length) -> Option<Rate> {
        let duration = self.length(length)?;
        if self.is_monit() {
            let headline = format!("Monit refuses `{}` here", lint::wording::written_unit(self.text(length.span)));
            self.report(lint::not_portable::finding(length.span, headline, "it counts cycles only"));
        }
        let cycles = duration.as_millis().div_ceil(self.cycle.as_millis().max(1)).max(1);
        let Ok(cycles) = u32::try_from(cycles)
            .map_err(drop)
            .and_then(|cycles| if i64::from(cycles) <= CYCLES_MAX { Ok(cycles) } else { Err(()) })
        else {
            return self.refuse(lint::out_of_range::too_long(length.span, CYCLES_MAX, self.cycle));
        };
        let lasting_s = u32::try_from(duration.as_millis().div_ceil(1_000)).ok();
        Some(Rate { count: cycles, cycles, lasting_s })
    }

    fn action(&mut self, action: &ast::Action) -> Option<Action> {
        Some(match &action.kind {
            ActionKind::Alert => Action::Alert,
            ActionKind::Start => Action::Start,
            ActionKind::Stop => Action::Stop,
            ActionKind::Restart => Action::Restart,
            ActionKind::Unmonitor => Action::Unmonitor,
            ActionKind::Ignore => Action::Ignore,
            ActionKind::Exec(exec) => Action::Exec(Box::new(self.exec(exec)?)),
        })
    }

    fn recovery(&mut self, rule: &ast::Rule, test: Option<&Test>) -> Option<Recovery> {
        let Some(written) = &rule.recovery else {
            let action = test.map_or(Action::Alert, usual_recovery);
            return Some(Recovery { rate: Rate::ONCE, action });
        };
        // `status changed 3` is read as a comparison, and has an end to it.
        let compared = rule.condition.tests().all(|one| matches!(one.kind, TestKind::Limit(_)));
        let by_status = compared && matches!(test, Some(Test::Changed(Changed::Status)));
        if self.is_monit() && !by_status && test.is_some_and(|test| !has_recovery(test)) {
            let reason = "changes and patterns have no end to it";
            self.report(lint::not_portable::refused(written.span, "Monit refuses an `else` here", reason));
        }
        if let Some(word) = &written.word {
            let inverse = rule.condition.tests().any(is_inverse);
            let wanted = if inverse { Wanted::Succeeded } else { Wanted::Failed };
            if word.node.eq_ignore_ascii_case("failed") != inverse {
                self.report(lint::recovery_word::finding(word, rule.condition.span, wanted));
                return None;
            }
        }
        let rate = self.rate(written.rate.as_ref());
        let action = self.action(&written.action);
        if self.is_monit() && matches!(test, Some(Test::Changed(Changed::Permission))) {
            self.report(lint::never_fires::ignored_else(written.span));
            return Some(Recovery { rate: Rate::ONCE, action: Action::Ignore });
        }
        Some(Recovery { rate: rate?, action: action? })
    }
}

/// A rule that a service has when nobody wrote one of its kind.
pub(super) fn implied(test: Test, action: Action, origin: Origin) -> Rule {
    let recovery = Recovery { rate: Rate::ONCE, action: usual_recovery(&test) };
    Rule { test, rate: Rate::ONCE, action, recovery, origin, implicit: true }
}

/// Whether the rule holds when all is well, so that its end is a failure.
fn is_inverse(test: &Written) -> bool {
    match &test.kind {
        TestKind::Connection(connection) => connection.wanted == ast::Wanted::Succeeded,
        TestKind::Ping(ping) => ping.wanted == ast::Wanted::Succeeded,
        TestKind::Link { up } => *up,
        TestKind::Plugin(test) => **test == ast::PluginTest::Outcome(ast::Wanted::Succeeded),
        _ => false,
    }
}

/// Whether something ends when the test holds no longer.
fn has_recovery(test: &Test) -> bool {
    match test {
        Test::Changed(changed) => matches!(changed, Changed::Permission | Changed::Link),
        other => !other.is_news(),
    }
}

/// What is done at the end when nothing is said.
fn usual_recovery(test: &Test) -> Action {
    if has_recovery(test) { Action::Alert } else { Action::Ignore }
}
