//! The judge: readings and a rule make a verdict. A function of its arguments and nothing else.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::mark::{self, Marks, Subject};
use super::measure::Value;
use super::performance;
use super::plugin;
use super::readings::{ConnectionResult, Identity, Presence, Reading, Readings};
use super::total::Totals;
use super::verdict::{Sight, Truth, Verdict};
use super::{Fact, FactValue, Metric, Patterns};
use crate::program::{
    self, Behaviour, Changed, ContentTest, HashKind, Limit, Owner, PerformanceTest, ResponseTime, Rule, Test, Wanted,
};

/// So much of what made a rule about contents hold is told: what Monit's buffer takes.
const MATCHING_BYTES_MAX: usize = 512;

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
    /// What rules about changes compare with: what was seen the last time, and this time.
    pub(super) before: &'a Marks,
    pub(super) now: &'a Marks,
    /// The first checksums of each kind, with which later ones are compared where the rule names none.
    pub(super) references: &'a [(HashKind, String)],
    pub(super) totals: &'a Totals,
    /// What the counters of a plugin grow by in a second.
    pub(super) rates: &'a [(String, f64)],
    pub(super) behaviour: &'a Behaviour,
    pub(super) patterns: &'a Patterns,
    /// Where the machine stands; times in messages are its own.
    pub(super) zone: &'a TimeZone,
    /// Lines that no rule about contents looks at.
    pub(super) ignored: &'a [ContentTest],
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
        Test::Connection(connection) => {
            let limits = (connection.response_time, connection.certificate_min_days);
            connected(place, connection.wanted, limits, evidence)
        }
        Test::Ping(ping) => connected(place, ping.wanted, (ping.response_time, None), evidence),
        Test::Changed(what) => changed(*what, evidence),
        Test::Owner(owner, wanted) => owned(*owner, wanted, evidence),
        Test::SecurityAttribute(wanted) => security(wanted, evidence),
        Test::Checksum { hash, expected } => checksum(*hash, expected.as_deref(), evidence),
        Test::Content(wanted) => content(wanted, evidence),
        Test::Link { up } => link(*up, evidence),
        Test::Performance(limit) => performed(limit, evidence),
        Test::Plugin(asked) => plugin::judge(asked, evidence),
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
    let value = match evidence.values.iter().find(|(metric, _)| *metric == limit.metric) {
        Some((_, Reading::Known(value))) => value.compared(limit),
        Some((_, Reading::Unknown(_))) | None => None,
    };
    let value = match limit.window_s {
        // A total that ends with an earlier cycle says nothing about this one.
        Some(_) if !matches!(evidence.readings.values.get(&limit.metric), Some(Reading::Known(_))) => None,
        Some(seconds) => evidence.totals.total(limit.metric, Duration::from_secs(seconds), limit.pieces),
        None => value,
    };
    match value {
        Some(value) => {
            Verdict { truth: Truth::of(limit.relation.holds(value, limit.value)), sight: Sight::Value(value) }
        }
        None => Verdict::UNKNOWN,
    }
}

fn performed<'a>(limit: &PerformanceTest, evidence: &Evidence<'a>) -> Verdict<'a> {
    match performance::figure(limit, evidence.readings) {
        Reading::Known(value) => {
            Verdict { truth: Truth::of(limit.relation.holds(value, limit.value)), sight: Sight::Value(value) }
        }
        Reading::Unknown(_) => Verdict::UNKNOWN,
    }
}

fn known<'a>(fact: Fact, evidence: &Evidence<'a>) -> Option<&'a FactValue> {
    match evidence.readings.facts.get(&fact)? {
        Reading::Known(value) => Some(value),
        Reading::Unknown(_) => None,
    }
}

/// The first look has nothing to compare with.
fn changed<'a>(what: Changed, evidence: &Evidence<'a>) -> Verdict<'a> {
    differs(&Subject::Change(what), evidence)
}

/// Whether something is another than the last time.
pub(super) fn differs<'a>(subject: &Subject, evidence: &Evidence<'a>) -> Verdict<'a> {
    match (evidence.before.get(subject), evidence.now.get(subject)) {
        (Some(before), Some(now)) => Verdict { truth: Truth::of(before != now), sight: Sight::Change(before, now) },
        _ => Verdict::UNKNOWN,
    }
}

fn owned<'a>(owner: Owner, wanted: &program::Identity, evidence: &Evidence<'a>) -> Verdict<'a> {
    let seen = known(mark::owner(owner), evidence).and_then(FactValue::number);
    match (seen, wanted.number) {
        (Some(seen), Some(wanted)) => {
            Verdict { truth: Truth::of(seen != u64::from(wanted)), sight: Sight::Number(seen) }
        }
        _ => Verdict::UNKNOWN,
    }
}

fn security<'a>(wanted: &str, evidence: &Evidence<'a>) -> Verdict<'a> {
    match known(Fact::SecurityAttribute, evidence).and_then(FactValue::text) {
        Some(seen) => Verdict { truth: Truth::of(!seen.eq_ignore_ascii_case(wanted)), sight: Sight::Text(seen) },
        None => Verdict::UNKNOWN,
    }
}

fn checksum<'a>(hash: HashKind, expected: Option<&str>, evidence: &Evidence<'a>) -> Verdict<'a> {
    let wanted = wanted_checksum(hash, expected, evidence);
    match (known(Fact::Checksum(hash), evidence).and_then(FactValue::text), wanted) {
        (Some(seen), Some(wanted)) => Verdict { truth: Truth::of(seen != wanted), sight: Sight::Text(seen) },
        _ => Verdict::UNKNOWN,
    }
}

/// The digits that a checksum is held against: those of the rule, or those of the first cycle.
pub(super) fn wanted_checksum<'a>(
    hash: HashKind,
    expected: Option<&'a str>,
    evidence: &Evidence<'a>,
) -> Option<&'a str> {
    let reference = || evidence.references.iter().find(|(kind, _)| *kind == hash).map(|(_, digits)| digits.as_str());
    expected.or_else(reference)
}

fn content<'a>(wanted: &ContentTest, evidence: &Evidence<'a>) -> Verdict<'a> {
    match found(wanted, evidence) {
        Some(mut found) => Verdict { truth: Truth::of(found.next().is_some()), sight: Sight::Content },
        None => Verdict::UNKNOWN,
    }
}

/// What makes a rule about contents hold, as far as it goes into a message.
pub(super) fn matching(test: &Test, evidence: &Evidence<'_>) -> String {
    let mut matching = String::new();
    let Test::Content(wanted) = test else { return matching };
    for line in found(wanted, evidence).into_iter().flatten() {
        let room = MATCHING_BYTES_MAX.saturating_sub(matching.len());
        if line.len() > room {
            matching.push_str(line.get(..line.floor_char_boundary(room)).unwrap_or_default());
            matching.push_str("...");
            break;
        }
        matching.push_str(line);
        matching.push('\n');
    }
    matching.truncate(matching.trim_end().len());
    matching
}

/// Of a file each new line is looked at by itself, of a program all that it printed at once; nothing when neither could
/// be read.
fn found<'e>(wanted: &'e ContentTest, evidence: &Evidence<'e>) -> Option<impl Iterator<Item = &'e str>> {
    let (lines, ignored) = match (known(Fact::Lines, evidence), known(Fact::Output, evidence)) {
        (Some(FactValue::Lines(seen)), _) => (seen.lines.as_slice(), evidence.ignored),
        (_, Some(FactValue::Text(output))) => (std::slice::from_ref(output), &[][..]),
        _ => return None,
    };
    let patterns = evidence.patterns;
    let fits = |line: &str, test: &ContentTest| {
        patterns.get(&test.pattern).is_some_and(|pattern| pattern.is_match(line.as_bytes()) != test.negated)
    };
    let counts = move |line: &&str| fits(line, wanted) && !ignored.iter().any(|test| fits(line, test));
    Some(lines.iter().map(String::as_str).filter(counts))
}

fn link<'a>(up: bool, evidence: &Evidence<'a>) -> Verdict<'a> {
    let Some(is_up) = known(Fact::Link, evidence).and_then(FactValue::number).map(|number| number != 0) else {
        return Verdict::UNKNOWN;
    };
    let counted = |marks: &Marks| marks.get(&Subject::LinkErrors).and_then(FactValue::number);
    let errors = match (counted(evidence.before), counted(evidence.now)) {
        (Some(before), Some(now)) if !up => now.saturating_sub(before),
        _ => 0,
    };
    let holds = if up { is_up } else { !is_up || errors > 0 };
    Verdict { truth: Truth::of(holds), sight: Sight::Link { up: is_up, errors } }
}

fn permission<'a>(wanted: u32, evidence: &Evidence<'a>) -> Verdict<'a> {
    match evidence.readings.presence {
        Presence::Present(Identity::File { mode, .. }) => {
            Verdict { truth: Truth::of(mode != wanted), sight: Sight::Mode(mode) }
        }
        _ => Verdict::UNKNOWN,
    }
}

/// How long a day is, in microseconds.
const DAY: i64 = 86_400_000_000;

/// A connection or an echo, with the time that is accepted and the days for which the certificate must be valid.
fn connected<'a>(
    place: usize,
    wanted: Wanted,
    (time, min_days): (Option<ResponseTime>, Option<u32>),
    evidence: &Evidence<'a>,
) -> Verdict<'a> {
    let result = u32::try_from(place).ok().and_then(|place| evidence.readings.connections.get(&place));
    let (took, expiry) = match result {
        Some(Reading::Known(ConnectionResult::Passed { response_time, certificate_expiry, .. })) => {
            (*response_time, *certificate_expiry)
        }
        Some(Reading::Known(ConnectionResult::Failed(reason))) => {
            return Verdict { truth: Truth::of(wanted == Wanted::Failed), sight: Sight::Unconnected(reason) };
        }
        Some(Reading::Unknown(_)) | None => return Verdict::UNKNOWN,
    };
    let passed = Verdict { truth: Truth::of(wanted == Wanted::Succeeded), sight: Sight::Connected(took) };
    if wanted == Wanted::Succeeded {
        return passed;
    }
    if let Some(min_days) = min_days {
        // Without a certificate nobody knows how long it is valid.
        let Some(expiry) = expiry else { return Verdict::UNKNOWN };
        let days = expiry.0.saturating_sub(evidence.readings.taken.wall.0).div_euclid(DAY);
        if days < i64::from(min_days) {
            return Verdict { truth: Truth::Holds, sight: Sight::Expiring(days) };
        }
    }
    match time {
        Some(limit) if !limit.relation.holds(took.as_secs_f64(), limit.seconds) => {
            Verdict { truth: Truth::Holds, sight: Sight::Slow(took) }
        }
        _ => passed,
    }
}
