//! `timeout-longer-than-cycle`: a test that may outlast its cycle.

use grammar::ast::{self, ConnectionOption, SettingKind, Statement, TestKind};
use grammar::{Finding, Span};

use super::Entry;
use crate::check::{View, Watched, tests};
use crate::program::{Connection, Target, Test};

const NAME: &str = "timeout-longer-than-cycle";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a test that may outlast its cycle", include_str!("timeout_longer_than_cycle.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    // Without `set daemon` this is a part of a larger text, which may say how long a cycle lasts.
    let settings = &view.program.settings;
    if !settings.cycle_written || settings.cycle.is_zero() {
        return;
    }
    for watched in &view.services {
        findings.extend(of_plugin(view, watched));
    }
    for (_, tree, rule) in view.rules() {
        for (test, meant) in tests(tree, rule) {
            let (TestKind::Connection(written), Test::Connection(connection)) = (&test.kind, meant) else { continue };
            findings.extend(finding(view, test.span, written, connection));
        }
    }
}

/// The finding about a connection whose attempts may last longer than a cycle.
///
/// The cycle that begins when the time-out has just passed is left out too: the outcome is told a moment later.
fn finding(view: &View<'_>, test: Span, written: &ast::Connection, connection: &Connection) -> Option<Finding> {
    let cycle_length = view.program.settings.cycle;
    let mut time_outs = written.options.iter().filter_map(|option| match option {
        ConnectionOption::Timeout(length) => Some(length.span),
        _ => None,
    });
    let longest = connection.timeout.saturating_mul(connection.attempts);
    if longest < cycle_length {
        return None;
    }
    let span = time_outs.next_back().unwrap_or(test);
    let (test_s, cycle_s) = (longest.as_secs_f64(), cycle_length.as_secs());
    let attempts = match connection.attempts {
        1 => String::new(),
        attempts => format!(" in {attempts} attempts"),
    };
    let finding = Finding::warning(NAME, span, "this test may outlast its cycle")
        .here(format!("it may take {test_s} s{attempts}, so the cycles that fall into this time are left out"))
        .help("make the time-out shorter than the cycle");
    Some(match cycle(view) {
        Some(span) => finding.also(span, format!("a cycle lasts {cycle_s} s")),
        None => finding,
    })
}

/// The finding about a check of a plugin that may last longer than a cycle.
fn of_plugin(view: &View<'_>, watched: &Watched<'_>) -> Option<Finding> {
    let (Some(ast::Target::Plugin(written)), Target::Plugin(plugin)) = (&watched.check.target, &watched.service.target)
    else {
        return None;
    };
    let (takes, cycle_length) = (plugin.timeout, view.program.settings.cycle);
    if takes < cycle_length || watched.service.every.is_some() {
        return None;
    }
    let span = written.timeout.as_ref().map_or(written.file.span, |length| length.span);
    let finding = Finding::warning(NAME, span, "this check may outlast its cycle")
        .here(format!("it may take {} s, so the cycles that fall into this time are left out", takes.as_secs_f64()))
        .help("make the time-out shorter than the cycle");
    Some(match cycle(view) {
        Some(span) => finding.also(span, format!("a cycle lasts {} s", cycle_length.as_secs())),
        None => finding,
    })
}

/// Where the length of a cycle is said.
pub(super) fn cycle(view: &View<'_>) -> Option<Span> {
    view.file.statements.iter().rev().find_map(|statement| match statement {
        Statement::Set(setting) => match &setting.kind {
            SettingKind::Daemon { cycle, .. } => Some(cycle.span),
            _ => None,
        },
        Statement::Check(_) => None,
    })
}
