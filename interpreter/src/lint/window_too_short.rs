//! `window-too-short`: a rate that cannot be reached, or that a single cycle reaches.

use grammar::ast;
use grammar::{Finding, Span, english};

use super::Entry;
use super::precedence::{is_judged_early, judged};
use super::timeout_longer_than_cycle::cycle;
use super::wording::written_unit;
use crate::check::View;

const NAME: &str = "window-too-short";
pub(super) const ENTRY: Entry = Entry::looked_for(
    NAME,
    "a rate that cannot be reached, or that one cycle reaches",
    include_str!("window_too_short.md"),
    look,
);

/// The finding about `5 times within 3 cycles`.
pub(crate) fn more_than_all(span: Span, count: i64, cycles: i64) -> Finding {
    Finding::error(NAME, span, format!("{count} of {cycles} cycles can never be reached"))
        .here(format!("there are only {cycles} cycles to count in"))
        .help(format!("write `{cycles} times within {count} cycles`, or a smaller number of times"))
}

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let settings = &view.program.settings;
    for watched in &view.services {
        for (tree, rule) in judged(watched) {
            let rate = rule.rate;
            let is_early = is_judged_early(watched.service, &settings.behaviour, &rule.test);
            match &tree.rate {
                // What is judged out of turn is so by rules without a rate only, so there the words make a difference.
                Some(ast::Rate::Cycles { span, .. }) if rate.count == 1 && rate.cycles > 1 && !is_early => {
                    let cycles = english::count(u64::from(rate.cycles), "cycle");
                    findings.push(
                        Finding::warning(NAME, *span, format!("1 time within {cycles} is every time"))
                            .here("so this rule fires in the first cycle in which its condition holds")
                            .help("write how many times the condition must hold, or leave this out"),
                    );
                }
                // Without `set daemon` this is a part of a larger text, which may say how long a cycle lasts.
                Some(ast::Rate::Lasting(length)) if rate.count == 1 && settings.cycle_written => {
                    let written = written_unit(view.text(length.span));
                    let finding = Finding::warning(NAME, length.span, format!("{written} is no longer than a cycle"))
                        .here("so this rule fires in the first cycle in which its condition holds")
                        .help("write `for 2 cycles`, or a time longer than a cycle");
                    let cycle_s = settings.cycle.as_secs();
                    findings.push(match cycle(view) {
                        Some(span) => finding.also(span, format!("a cycle lasts {cycle_s} s")),
                        None => finding,
                    });
                }
                _ => {}
            }
        }
    }
}
