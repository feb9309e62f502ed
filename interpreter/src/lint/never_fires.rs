//! `never-fires`: a test that Monit reads and never makes.

use grammar::ast::{Check, CheckStatement, ServiceKind, TestKind};
use grammar::{Dialect, Finding, Span};

use super::Entry;
use crate::catalog::Metric;
use crate::check::View;
use crate::program::Test;

const NAME: &str = "never-fires";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a test that Monit never makes", include_str!("never_fires.md"), look);

/// Whether Monit reads this test in this service and never makes it.
pub(crate) fn is_never_made(dialect: Dialect, check: &Check, test: &Test) -> bool {
    let load = |metric: Metric| matches!(metric, Metric::LoadAverage { .. });
    dialect == Dialect::Monit
        && check.kind.node == ServiceKind::Process
        && matches!(test, Test::Limit(limit) if load(limit.metric))
}

/// The finding about an `else` that Monit reads and forgets.
pub(crate) fn ignored_else(span: Span) -> Finding {
    Finding::warning(NAME, span, "Monit reads this `else` and forgets it")
        .here("so this would never happen")
        .help("leave it out, or call the file `.rules`")
}

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    if view.dialect != Dialect::Monit {
        return;
    }
    for watched in &view.services {
        if watched.check.kind.node != ServiceKind::Process {
            continue;
        }
        for statement in &watched.check.statements {
            let CheckStatement::Rule(rule) = statement else { continue };
            let Some(TestKind::Limit(limit)) = rule.condition.tests().last().map(|test| &test.kind) else { continue };
            if !matches!(limit.metric.node, Metric::LoadAverage { .. }) {
                continue;
            }
            findings.push(
                Finding::warning(NAME, limit.metric.span, "Monit never makes this test in a process entry")
                    .here("the load belongs to the machine, not to a process")
                    .also(rule.action.span, "so this would never happen")
                    .note("up to 5.34 Monit logs an error in every cycle instead; from 5.35 on it makes the test")
                    .help("move the rule into `check system`, with an action that makes sense there"),
            );
        }
    }
}
