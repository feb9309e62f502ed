//! `unreachable-rule`: a rule before which another one always ends the watch.

use grammar::ast::{Mode, Rate as WrittenRate, ServiceKind};
use grammar::{Finding, english};

use super::Entry;
use super::precedence::{implies, judged, needed, reached_before};
use crate::check::View;
use crate::program::{Action, Rate, Rule, Service, ServiceId, Test, Wanted};

const NAME: &str = "unreachable-rule";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a rule that can never fire", include_str!("unreachable_rule.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    // That nothing keeps the first rule from ending the watch can be said of a whole text only.
    if !view.complete {
        return;
    }
    let needed = needed(view);
    for (place, watched) in view.services.iter().enumerate() {
        let (service, rules) = (watched.service, judged(watched));
        let is_needed = needed.contains(&ServiceId::new(place));
        let enders: Vec<_> = rules.iter().filter(|(_, rule)| ends_watch(view, service, is_needed, rule)).collect();
        for (tree, rule) in &rules {
            let Some((other_tree, other)) = enders.iter().find(|(_, other)| forestalls(other, rule)) else { continue };
            let place = |rate: &Option<WrittenRate>| rate.as_ref().map(WrittenRate::span);
            let name = &service.name;
            let count = english::thousands(u64::from(rule.rate.count));
            let finding =
                Finding::warning(NAME, place(&tree.rate).unwrap_or(tree.condition.span), "this rule can never fire")
                    .here(format!("so nobody is left to count to {count}"))
                    .also(
                        place(&other_tree.rate).unwrap_or(other_tree.condition.span),
                        format!("{}, {name} is no longer watched", when(&other.test, other.rate)),
                    )
                    .help("let the other rule count for longer than this one");
            findings.push(if rule.test == other.test {
                finding
            } else {
                finding.note("in every cycle in which the condition of this rule holds, that of the other holds too")
            });
        }
    }
}

/// Whether one of these rules takes the service out of watch before the rule fires.
pub(super) fn is_unreachable(
    view: &View<'_>,
    service: &Service,
    is_needed: bool,
    rules: &[&Rule],
    rule: &Rule,
) -> bool {
    view.complete && rules.iter().any(|other| forestalls(other, rule) && ends_watch(view, service, is_needed, other))
}

/// Whether the first rule always fires in a cycle before the second would.
fn forestalls(first: &Rule, second: &Rule) -> bool {
    implies(&second.test, &first.test) && reached_before(first.rate, second.rate)
}

/// Whether the service is certainly not watched any more when the rule has fired.
///
/// A stop that can fail leaves the service in watch, and one that has to wait for others does so for a while. It wins over
/// an unmonitor of the same cycle.
fn ends_watch(view: &View<'_>, service: &Service, is_needed: bool, rule: &Rule) -> bool {
    match rule.action {
        Action::Unmonitor => !service.rules.iter().any(stops) || stop_cannot_fail(view, service, is_needed),
        Action::Stop => stop_cannot_fail(view, service, is_needed),
        _ => false,
    }
}

fn stops(rule: &Rule) -> bool {
    rule.action == Action::Stop || rule.recovery.action == Action::Stop
}

/// Whether a stop is nothing but the end of the watch: there is nothing to run, nothing to end, and nobody else to stop.
fn stop_cannot_fail(view: &View<'_>, service: &Service, is_needed: bool) -> bool {
    let by_signal = view.program.settings.behaviour.stop_by_signal && service.kind() == ServiceKind::Process;
    service.stop.is_none() && service.mode != Mode::Passive && !by_signal && !is_needed
}

/// When a rate is reached: "after 3 failures in a row".
fn when(test: &Test, rate: Rate) -> String {
    let failed = matches!(test, Test::Connection(connection) if connection.wanted == Wanted::Failed);
    let (count, cycles) = (u64::from(rate.count), english::count(u64::from(rate.cycles), "cycle"));
    let noun = if failed { "failure" } else { "such cycle" };
    match rate.count {
        1 => format!("after the first {noun}"),
        _ if rate.count == rate.cycles => format!("after {} in a row", english::count(count, noun)),
        _ => format!("after {} within {cycles}", english::count(count, noun)),
    }
}
