//! `shadowed-rule`: a rule that does nothing which another rule does not do in the same cycle.

use grammar::ast::Mode;
use grammar::{Dialect, Finding};

use super::Entry;
use super::precedence::{implies, is_judged_early, judged, needed, reached_with, same_rate};
use super::unreachable_rule::is_unreachable;
use crate::check::View;
use crate::program::{Action, Behaviour, Rate, Rule, Service, ServiceId, Test};

const NAME: &str = "shadowed-rule";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a rule that adds nothing to another", include_str!("shadowed_rule.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let behaviour = &view.program.settings.behaviour;
    let is_monit = view.dialect == Dialect::Monit;
    let needed = needed(view);
    for (index, watched) in view.services.iter().enumerate() {
        let is_needed = needed.contains(&ServiceId::new(index));
        let (service, rules) = (watched.service, judged(watched));
        let all: Vec<&Rule> = rules.iter().map(|(_, rule)| *rule).collect();
        // Where restarts are counted, two count for two.
        let is_counted = |rule: &Rule| {
            let starts = matches!(rule.action, Action::Start | Action::Restart);
            starts && !service.restart_limits.is_empty()
        };
        let shadows = |one: &Rule, other: &Rule| {
            // What Monit unmonitors it forgets at once: of two such rules the one that is judged first tells of its own limit.
            let tells = is_monit && other.action == Action::Unmonitor;
            let covered = !(tells || is_monit && connects(other)) && covers(service, behaviour, one, other);
            !is_counted(other) && (is_twin(service, behaviour, one, other) || covered)
        };
        for (place, (tree, rule)) in rules.iter().enumerate() {
            // Of two that shadow each other the later is told of.
            let other = rules.iter().enumerate().find(|(other_place, (_, other))| {
                place != *other_place && shadows(other, rule) && (*other_place < place || !shadows(rule, other))
            });
            let Some((_, (other_tree, other))) = other else { continue };
            if is_unreachable(view, service, is_needed, &all, rule) {
                continue;
            }
            let twin = is_twin(service, behaviour, other, rule);
            let finding = Finding::warning(NAME, tree.condition.span, "this rule adds nothing to another one")
                .here(if twin { twice(rule, &service.name, is_monit) } else { anyway(rule, &service.name) })
                .also(other_tree.condition.span, if twin { "this is the same rule" } else { "this is the other rule" });
            findings.push(if twin {
                finding.help("leave one of them out")
            } else {
                finding.help("leave it out, or let it do something else")
            });
        }
    }
}

/// Whether two rules go through the same states in the same cycles and do the same then.
fn is_twin(service: &Service, behaviour: &Behaviour, one: &Rule, other: &Rule) -> bool {
    let is_once = |rule: &Rule| rule.rate == Rate::ONCE;
    // `for 5 seconds` may be a single cycle, but is not judged out of turn.
    let at_once = is_once(one) == is_once(other) || !is_judged_early(service, behaviour, &one.test);
    let recovery = same_rate(one.recovery.rate, other.recovery.rate) && one.recovery.action == other.recovery.action;
    one.test == other.test && same_rate(one.rate, other.rate) && one.action == other.action && recovery && at_once
}

/// Whether the first rule acts in every cycle in which the second one does, so that both together do it once.
///
/// Where attempts back off this is so for an unmonitor only: a second rule that fires is worth an attempt at once.
fn covers(service: &Service, behaviour: &Behaviour, first: &Rule, second: &Rule) -> bool {
    let once = match second.action {
        Action::Unmonitor => true,
        // In a passive service these are alerts, and two alerts are not one.
        Action::Start | Action::Restart | Action::Stop => behaviour.act_every_cycle && service.mode != Mode::Passive,
        Action::Alert | Action::Ignore | Action::Exec(_) => false,
    };
    let silent_end = matches!(second.recovery.action, Action::Alert | Action::Ignore);
    once && first.action == second.action
        && implies(&second.test, &first.test)
        && silent_end
        // The second is at an end as soon as the first is.
        && second.recovery.rate == Rate::ONCE
        && is_no_later(service, behaviour, first, second)
}

/// Whether the first rule has fired whenever the second one fires.
fn is_no_later(service: &Service, behaviour: &Behaviour, first: &Rule, second: &Rule) -> bool {
    // What is judged out of turn counts for rules without a rate only.
    let out_of_turn = is_judged_early(service, behaviour, &second.test);
    if first.rate == Rate::ONCE || same_rate(first.rate, Rate::ONCE) && !out_of_turn {
        return true;
    }
    let joins = matches!(second.test, Test::All(_) | Test::Any(_) | Test::Not(_));
    // A window remembers what was before the first rule recovered.
    !out_of_turn && !joins && second.rate.count == second.rate.cycles && reached_with(first.rate, second.rate)
}

/// Whether a test connects to something. Monit does so when what the rule before it asked for has been done.
fn connects(rule: &Rule) -> bool {
    rule.test.parts().any(|test| matches!(test, Test::Connection(_) | Test::Ping(_)))
}

/// What comes of a rule that stands there twice.
fn twice(rule: &Rule, name: &str, is_monit: bool) -> String {
    match rule.action {
        Action::Alert => "so this alert comes twice".to_owned(),
        Action::Exec(_) => "so this runs twice at a time".to_owned(),
        Action::Ignore => "so this changes nothing".to_owned(),
        Action::Start | Action::Restart | Action::Stop | Action::Unmonitor => {
            let done = done(&rule.action);
            if is_monit && connects(rule) {
                format!("so {name} is {done} by both; Monit connects again in between, and may do it twice")
            } else {
                format!("so {name} is {done} by both at once, and that is once")
            }
        }
    }
}

/// What happens without a rule that another one covers.
fn anyway(rule: &Rule, name: &str) -> String {
    format!("whenever this rule acts, {name} is {} by another one anyway", done(&rule.action))
}

fn done(action: &Action) -> &'static str {
    match action {
        Action::Start => "started",
        Action::Restart => "restarted",
        Action::Stop => "stopped",
        Action::Unmonitor => "taken out of watch",
        Action::Alert | Action::Ignore | Action::Exec(_) => "told of",
    }
}
