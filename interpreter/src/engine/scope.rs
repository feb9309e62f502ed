//! What a change of a file may decide out of turn: which rules, and what must be seen for them.
//!
//! A cycle misses nothing of what is left out here: it compares and reads on where the last cycle stood.

use std::sync::Arc;

use grammar::ast::{Changed, Owner};

use super::mark::{self, Subject};
use super::{Cause, Metric, Plan, plan};
use crate::program::{Behaviour, Rate, Service, Target, Test};

/// What is looked at and judged when the file of a service changed.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// What is observed.
    pub(super) plan: Arc<Plan>,
    /// Whether a rule is decided, by its place in the service.
    pub(super) decides: Vec<bool>,
    /// What the rules about changes among them compare.
    pub(super) subjects: Vec<Subject>,
}

/// What a judgement takes away from the next one: it is compared, or read, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consumed {
    Mark(Changed),
    Lines,
}

impl Scope {
    /// What is decided out of turn; nothing where every rule waits for the cycle.
    ///
    /// **Invariant:** what is consumed is consumed for all rules that use it, or left for the cycle.
    pub(super) fn of(service: &Service, behaviour: &Behaviour) -> Option<Scope> {
        let is_file = matches!(service.target, Target::File(_) | Target::Directory(_) | Target::Fifo(_));
        // What is checked in some cycles only is not looked at in others.
        if !behaviour.changes_wake || !is_file || service.every.is_some() {
            return None;
        }
        let kept: Vec<Consumed> = (service.rules.iter())
            .filter(|rule| rule.rate != Rate::ONCE || consumed(&rule.test).is_none())
            .flat_map(|rule| rule.test.parts().filter_map(consumed))
            .collect();
        let decides = |test: &Test| match consumed(test) {
            Some(what) => !kept.contains(&what),
            None => test.parts().all(is_of_the_moment),
        };
        let decides: Vec<bool> =
            service.rules.iter().map(|rule| rule.rate == Rate::ONCE && decides(&rule.test)).collect();
        let (mut plan, mut subjects) = (plan::changed(), Vec::new());
        for (rule, _) in service.rules.iter().zip(&decides).filter(|(_, decides)| **decides) {
            for test in rule.test.parts() {
                mark::ask(test, &mut plan);
                if let Test::Changed(changed) = test {
                    subjects.push(Subject::Change(*changed));
                }
            }
        }
        plan::tidy(&mut plan, service.kind());
        decides.contains(&true).then(|| Scope { plan: Arc::new(plan), decides, subjects })
    }
}

/// What a test of a file consumes, when it stands by itself. Within others (`not changed size`) it speaks of a whole
/// cycle.
fn consumed(test: &Test) -> Option<Consumed> {
    match test {
        Test::Changed(
            changed @ (Changed::Size | Changed::Permission | Changed::Checksum(_) | Changed::Timestamp(_)),
        ) => Some(Consumed::Mark(*changed)),
        Test::Content(_) => Some(Consumed::Lines),
        _ => None,
    }
}

/// Whether a test asks what a file is like at the moment. Its age is no such thing: that grows without any change.
fn is_of_the_moment(test: &Test) -> bool {
    match test {
        Test::Missing
        | Test::Present
        | Test::Permission { .. }
        | Test::Checksum { .. }
        | Test::Owner(Owner::Uid | Owner::Gid, _) => true,
        Test::Limit(limit) => limit.metric == Metric::Size && limit.window_s.is_none(),
        _ => false,
    }
}

impl Plan {
    /// Whether it was ordered because a file changed.
    pub fn is_of_change(&self) -> bool {
        self.early == Some(Cause::Changed)
    }
}
