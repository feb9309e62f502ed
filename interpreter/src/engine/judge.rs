//! The judge: readings and a rule make a verdict. A function of its arguments and nothing else.

use super::Metric;
use super::measure::Value;
use super::readings::{ConnectionResult, Identity, Presence, Reading, Readings};
use super::verdict::{Sight, Truth, Verdict};
use crate::program::{Behaviour, Connection, Limit, Rule, Test, Wanted};

/// Whether a thing is there, as far as rules care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existence {
    /// It is there.
    There,
    /// It is there and is a zombie, in a dialect in which a zombie counts as there.
    Undead,
    /// It is not there.
    Missing,
    /// Something else is in its place.
    Wrong,
    /// Nobody can tell.
    Unknown,
}

impl Existence {
    pub(super) fn of(presence: &Presence, behaviour: &Behaviour) -> Existence {
        match presence {
            Presence::Present(_) => Existence::There,
            Presence::Zombie(_) if behaviour.zombie_exists => Existence::Undead,
            Presence::Zombie(_) | Presence::Absent(_) => Existence::Missing,
            Presence::Invalid(_) => Existence::Wrong,
            Presence::Unknown(_) => Existence::Unknown,
        }
    }

    /// Whether something is there, of whatever kind; absent when nobody can tell.
    pub(super) fn exists(self) -> Option<bool> {
        match self {
            Existence::There | Existence::Undead | Existence::Wrong => Some(true),
            Existence::Missing => Some(false),
            Existence::Unknown => None,
        }
    }
}

/// The readings of a round, prepared for its rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub(super) readings: &'a Readings,
    pub(super) existence: Existence,
    pub(super) values: &'a [(Metric, Reading<Value>)],
}

/// What is to be said about the rule at this place of the service.
pub(super) fn judge<'a>(place: usize, rule: &Rule, evidence: &Evidence<'a>) -> Verdict<'a> {
    test(place, &rule.test, evidence)
}

/// What is to be said about a test of that rule.
pub(super) fn test<'a>(place: usize, test: &Test, evidence: &Evidence<'a>) -> Verdict<'a> {
    match test {
        Test::All(parts) => joined(place, parts, evidence, Truth::Passes, Truth::Holds),
        Test::Any(parts) => joined(place, parts, evidence, Truth::Holds, Truth::Passes),
        Test::Not(part) => {
            let verdict = self::test(place, part, evidence);
            Verdict { truth: verdict.truth.opposite(), ..verdict }
        }
        Test::Missing => existence(evidence, false),
        Test::Present => existence(evidence, true),
        // What is not there has no size and answers no call: such tests end with the existence test.
        _ if !matches!(evidence.existence, Existence::There | Existence::Undead) => Verdict::UNKNOWN,
        Test::Limit(limit) => measured(limit, evidence),
        Test::Permission { mode } => permission(*mode, evidence),
        Test::Connection(connection) => connected(place, connection, evidence),
        // The checker keeps rules asleep that nobody can judge.
        Test::Changed(_)
        | Test::Owner(..)
        | Test::SecurityAttribute(_)
        | Test::Checksum { .. }
        | Test::Content(_)
        | Test::Link { .. }
        | Test::Ping(_) => Verdict::UNKNOWN,
    }
}

/// Tests that are joined: one that is `decisive` decides, and otherwise all must be known for the `other` answer.
fn joined<'a>(place: usize, parts: &[Test], evidence: &Evidence<'a>, decisive: Truth, other: Truth) -> Verdict<'a> {
    let mut joined = Verdict { truth: other, sight: Sight::Nothing };
    for part in parts {
        let verdict = test(place, part, evidence);
        if verdict.truth == decisive {
            return verdict;
        }
        if verdict.truth == Truth::Unknown {
            joined = Verdict::UNKNOWN;
        }
    }
    joined
}

/// The process number of what was seen, if it is a process.
pub(super) fn pid(presence: &Presence) -> Option<u32> {
    match presence {
        Presence::Present(Identity::Process { pid, .. }) | Presence::Zombie(Identity::Process { pid, .. }) => {
            Some(*pid)
        }
        _ => None,
    }
}

fn existence<'a>(evidence: &Evidence<'a>, wanted: bool) -> Verdict<'a> {
    let Some(exists) = evidence.existence.exists() else { return Verdict::UNKNOWN };
    let sight = if exists { Sight::There(pid(&evidence.readings.presence)) } else { Sight::Missing };
    Verdict { truth: Truth::of(exists == wanted), sight }
}

fn measured<'a>(limit: &Limit, evidence: &Evidence<'a>) -> Verdict<'a> {
    match evidence.values.iter().find(|(metric, _)| *metric == limit.metric) {
        Some((_, Reading::Known(value))) => {
            let value = value.compared(limit.percent);
            Verdict { truth: Truth::of(limit.relation.holds(value, limit.value)), sight: Sight::Value(value) }
        }
        Some((_, Reading::Unknown(_))) | None => Verdict::UNKNOWN,
    }
}

fn permission<'a>(wanted: u32, evidence: &Evidence<'a>) -> Verdict<'a> {
    match evidence.readings.presence {
        Presence::Present(Identity::File { mode, .. }) => {
            Verdict { truth: Truth::of(mode != wanted), sight: Sight::Mode(mode) }
        }
        _ => Verdict::UNKNOWN,
    }
}

fn connected<'a>(place: usize, connection: &Connection, evidence: &Evidence<'a>) -> Verdict<'a> {
    let result = u32::try_from(place).ok().and_then(|place| evidence.readings.connections.get(&place));
    let (passed, sight) = match result {
        Some(Reading::Known(ConnectionResult::Passed { .. })) => (true, Sight::Connected),
        Some(Reading::Known(ConnectionResult::Failed(reason))) => (false, Sight::Unconnected(reason)),
        Some(Reading::Unknown(_)) | None => return Verdict::UNKNOWN,
    };
    let holds = match connection.wanted {
        Wanted::Failed => !passed,
        Wanted::Succeeded => passed,
    };
    Verdict { truth: Truth::of(holds), sight }
}
