//! `timeout-longer-than-cycle`: a test that may outlast its cycle.

use grammar::ast::{ConnectionOption, SettingKind, Statement, TestKind};
use grammar::{Finding, Span};

use super::Entry;
use crate::check::View;
use crate::program::Test;

const NAME: &str = "timeout-longer-than-cycle";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a test that may outlast its cycle", include_str!("timeout_longer_than_cycle.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let settings = &view.program.settings;
    // Without `set daemon` this is a part of a larger text, which may say how long a cycle lasts.
    if !settings.cycle_written {
        return;
    }
    for (_, tree, rule) in view.rules() {
        let (Test::Connection(connection), Some(test)) = (&rule.test, tree.condition.tests.last()) else { continue };
        let TestKind::Connection(written) = &test.kind else { continue };
        let mut time_outs = written.options.iter().filter_map(|option| match option {
            ConnectionOption::Timeout(length) => Some(length.span),
            _ => None,
        });
        let longest = connection.timeout.saturating_mul(connection.attempts);
        let (Some(span), true) = (time_outs.next_back(), longest > settings.cycle) else { continue };
        let (test_s, cycle_s) = (longest.as_secs_f64(), settings.cycle.as_secs());
        let attempts = match connection.attempts {
            1 => String::new(),
            attempts => format!(" in {attempts} attempts"),
        };
        let finding = Finding::warning(NAME, span, "this test may outlast its cycle")
            .here(format!("it may take {test_s} s{attempts}, so the cycles that fall into this time are left out"))
            .help("make the time-out shorter than the cycle");
        findings.push(match cycle(view) {
            Some(span) => finding.also(span, format!("a cycle lasts {cycle_s} s")),
            None => finding,
        });
    }
}

/// Where the length of a cycle is said.
fn cycle(view: &View<'_>) -> Option<Span> {
    view.file.statements.iter().rev().find_map(|statement| match statement {
        Statement::Set(setting) => match &setting.kind {
            SettingKind::Daemon { cycle, .. } => Some(cycle.span),
            _ => None,
        },
        Statement::Check(_) => None,
    })
}
