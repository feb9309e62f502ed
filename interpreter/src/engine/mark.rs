//! What rules about changes compare: what was seen this time, and what was seen the last time.
//!
//! Whatever cannot be read leaves the mark of the last time where it is.

use std::sync::Arc;

use grammar::ast::{Changed, Owner};

use super::fact::{Fact, FactValue};
use super::plugin;
use super::readings::{Identity, Presence, Raw, Reading, Readings};
use super::{Metric, Plan};
use crate::program::{PluginTest, Service, Test};

/// What is compared from one round to the next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// What a rule says of a change.
    Change(Changed),
    /// A metric of a plugin.
    Metric(Arc<str>),
    /// The errors of a network interface, which count as a fault of its link.
    LinkErrors,
}

/// What the rules of a service compare.
pub(super) fn subjects(service: &Service) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for test in service.rules.iter().flat_map(|rule| rule.test.parts()) {
        let subject = match test {
            Test::Changed(changed) => Subject::Change(*changed),
            Test::Link { up: false } => Subject::LinkErrors,
            Test::Plugin(test) => match &**test {
                PluginTest::Changed(metric) => Subject::Metric(metric.as_str().into()),
                _ => continue,
            },
            _ => continue,
        };
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    subjects
}

/// The marks of one service; few, so that a list is quicker than a tree.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Marks(Vec<(Subject, FactValue)>);

impl Marks {
    /// These marks.
    pub(super) fn new(marks: Vec<(Subject, FactValue)>) -> Marks {
        Marks(marks)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Subject, FactValue)> {
        self.0.iter()
    }

    /// What these readings show of these subjects.
    pub(super) fn of(subjects: &[Subject], readings: &Readings) -> Marks {
        let mut marks = Vec::with_capacity(subjects.len());
        marks.extend(subjects.iter().filter_map(|subject| Some((subject.clone(), seen(subject, readings)?))));
        Marks(marks)
    }

    pub(super) fn get(&self, subject: &Subject) -> Option<&FactValue> {
        self.0.iter().find(|(other, _)| other == subject).map(|(_, value)| value)
    }

    /// Forgets what was seen of a process: the next one is not compared with it.
    pub(super) fn end_process(&mut self) {
        let of_a_process = |subject: &Subject| matches!(subject, Subject::Change(Changed::Pid | Changed::Ppid));
        self.0.retain(|(subject, _)| !of_a_process(subject));
    }

    /// What was never seen had no permissions.
    pub(super) fn begin_without_mode(&mut self, subjects: &[Subject]) {
        let mode = Subject::Change(Changed::Permission);
        if subjects.contains(&mode) && self.get(&mode).is_none() {
            self.0.push((mode, FactValue::Number(0)));
        }
    }

    /// Takes the marks of a later round.
    pub(super) fn take(&mut self, later: Marks) {
        if self.0.is_empty() {
            *self = later;
            return;
        }
        for (subject, value) in later.0 {
            match self.0.iter_mut().find(|(other, _)| *other == subject) {
                Some((_, mark)) => *mark = value,
                None => self.0.push((subject, value)),
            }
        }
    }

    /// Takes what changed since these marks were set, and sets none anew.
    pub(super) fn move_on(&mut self, later: Marks) {
        for (subject, value) in later.0 {
            if let Some((_, mark)) = self.0.iter_mut().find(|(other, _)| *other == subject) {
                *mark = value;
            }
        }
    }
}

fn seen(subject: &Subject, readings: &Readings) -> Option<FactValue> {
    let fact = |fact: Fact| match readings.facts.get(&fact)? {
        Reading::Known(value) => Some(value.clone()),
        Reading::Unknown(_) => None,
    };
    match subject {
        Subject::LinkErrors => fact(Fact::LinkErrors),
        Subject::Metric(metric) => Some(FactValue::Text(plugin::written(plugin::metric(metric, readings)?))),
        Subject::Change(changed) => match changed {
            Changed::Pid => match readings.presence {
                Presence::Present(Identity::Process { pid, .. }) => Some(FactValue::Number(u64::from(pid))),
                _ => None,
            },
            Changed::Permission => match readings.presence {
                Presence::Present(Identity::File { mode, .. }) => Some(FactValue::Number(u64::from(mode))),
                _ => None,
            },
            Changed::Size => gauge(readings, Metric::Size),
            Changed::Status => gauge(readings, Metric::Status),
            Changed::Timestamp(which) => match readings.values.get(&Metric::Timestamp(*which))? {
                Reading::Known(Raw::Stamp(at)) => Some(FactValue::Number(at.0.cast_unsigned())),
                _ => None,
            },
            other => fact(fact_of(*other)?),
        },
    }
}

fn gauge(readings: &Readings, metric: Metric) -> Option<FactValue> {
    match readings.values.get(&metric)? {
        // Sizes and exit statuses are whole numbers below 2^53.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        Reading::Known(Raw::Gauge(value)) => Some(FactValue::Number((*value as i64).cast_unsigned())),
        _ => None,
    }
}

/// The fact of which a change is told, where it is one.
fn fact_of(changed: Changed) -> Option<Fact> {
    match changed {
        Changed::Ppid => Some(Fact::Ppid),
        Changed::FilesystemFlags => Some(Fact::MountFlags),
        Changed::Link => Some(Fact::LinkCapacity),
        Changed::Checksum(hash) => hash.map(Fact::Checksum),
        Changed::Pid | Changed::Permission | Changed::Size | Changed::Status | Changed::Timestamp(_) => None,
    }
}

/// The fact that tells whose a thing is.
pub(super) fn owner(owner: Owner) -> Fact {
    match owner {
        Owner::Uid => Fact::Uid,
        Owner::Euid => Fact::Euid,
        Owner::Gid => Fact::Gid,
    }
}

/// Adds what a test needs to be seen to a plan.
pub(super) fn ask(test: &Test, plan: &mut Plan) {
    match test {
        Test::Limit(limit) => plan.metrics.push(limit.metric),
        Test::Changed(Changed::Size) => plan.metrics.push(Metric::Size),
        Test::Changed(Changed::Status) => plan.metrics.push(Metric::Status),
        Test::Changed(Changed::Timestamp(which)) => plan.metrics.push(Metric::Timestamp(*which)),
        Test::Changed(changed) => plan.facts.extend(fact_of(*changed)),
        Test::Owner(whose, _) => plan.facts.push(owner(*whose)),
        Test::SecurityAttribute(_) => plan.facts.push(Fact::SecurityAttribute),
        Test::Checksum { hash, .. } => plan.facts.push(Fact::Checksum(*hash)),
        Test::Link { .. } => plan.facts.extend([Fact::Link, Fact::LinkErrors]),
        Test::Content(_) => plan.facts.extend([Fact::Lines, Fact::Output]),
        // The status says whether the program came to the end of what it had to say.
        Test::Performance(_) => {
            plan.facts.push(Fact::Output);
            plan.metrics.push(Metric::Status);
        }
        Test::Missing
        | Test::Present
        | Test::Permission { .. }
        | Test::Connection(_)
        | Test::Ping(_)
        | Test::Plugin(_)
        | Test::All(_)
        | Test::Any(_)
        | Test::Not(_) => {}
    }
}
