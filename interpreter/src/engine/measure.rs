//! Values made of raw readings: rates from two of them, shares from parts.

use super::readings::{Identity, Raw, Reading, Readings};
use super::{Metric, Monotonic, Now};
use crate::program::Limit;

/// A value of a metric, in the units in which limits are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// In the metric's base unit; in percent where the metric has no other.
    pub amount: f64,
    /// In operations or packets, where these are counted beside the bytes.
    pub pieces: Option<f64>,
    /// In percent of the whole, where there is a whole.
    pub percent: Option<f64>,
}

impl Value {
    /// The figure that is compared with a limit, in its unit.
    pub(super) fn compared(&self, limit: &Limit) -> Option<f64> {
        match (limit.pieces, limit.percent) {
            (true, _) => self.pieces,
            (false, true) => Some(self.percent.unwrap_or(self.amount)),
            (false, false) => Some(self.amount),
        }
    }

    fn plain(amount: f64) -> Value {
        Value { amount, pieces: None, percent: None }
    }
}

/// The counters that were last read in regular rounds, each with its own time: the base of rates.
#[derive(Debug, Clone, Default)]
pub(super) struct Base {
    /// Whose counters they are.
    identity: Option<Identity>,
    counters: Vec<(Metric, Monotonic, Raw)>,
}

impl Base {
    /// Takes the counters among these readings. Those of another process say nothing about this one.
    pub(super) fn take(&mut self, readings: &Readings, identity: Option<Identity>) {
        if !self.is_of(identity) {
            self.counters.clear();
            self.identity = identity;
        }
        for (metric, reading) in &readings.values {
            let Reading::Known(raw) = reading else { continue };
            if matches!(raw, Raw::Gauge(_) | Raw::Part { .. } | Raw::Stamp(_)) {
                continue;
            }
            let taken = readings.taken.monotonic;
            match self.counters.iter_mut().find(|(other, _, _)| other == metric) {
                Some(counter) => *counter = (*metric, taken, *raw),
                None => self.counters.push((*metric, taken, *raw)),
            }
        }
    }

    fn is_of(&self, identity: Option<Identity>) -> bool {
        match (&self.identity, &identity) {
            (Some(before), Some(now)) => before.is_same(now),
            _ => false,
        }
    }

    fn counter(&self, metric: Metric, identity: Option<Identity>) -> Option<(Monotonic, Raw)> {
        let (_, taken, raw) = self.counters.iter().filter(|_| self.is_of(identity)).find(|one| one.0 == metric)?;
        Some((*taken, *raw))
    }
}

/// The values of these readings; a rate is unknown where there is no counter to start from.
pub(super) fn measure(readings: &Readings, base: &Base, identity: Option<Identity>) -> Vec<(Metric, Reading<Value>)> {
    let one = |(metric, reading): (&Metric, &Reading<Raw>)| {
        let value = match reading {
            Reading::Unknown(reason) => Err(reason.clone()),
            Reading::Known(raw) => value(*raw, readings.taken, base.counter(*metric, identity))
                .filter(|value| value.amount.is_finite())
                .ok_or_else(|| "there is nothing to compare it with yet".to_owned()),
        };
        (*metric, value.map_or_else(Reading::Unknown, Reading::Known))
    };
    readings.values.iter().map(one).collect()
}

fn value(raw: Raw, taken: Now, before: Option<(Monotonic, Raw)>) -> Option<Value> {
    match raw {
        Raw::Gauge(amount) => Some(Value::plain(amount)),
        Raw::Part { amount, whole } => {
            let percent = (whole > 0.0).then(|| amount / whole * 100.0);
            // A machine without swap space uses none of it.
            Some(Value { percent: Some(percent.unwrap_or(0.0)), ..Value::plain(amount) })
        }
        Raw::Work { seconds, capacity } => {
            let (then, Raw::Work { seconds: earlier, .. }) = before? else { return None };
            let elapsed = taken.monotonic.since(then).as_secs_f64();
            share(seconds - earlier, elapsed * capacity)
        }
        Raw::Share { part, whole } => {
            let (_, Raw::Share { part: earlier_part, whole: earlier_whole }) = before? else { return None };
            share(part - earlier_part, whole - earlier_whole)
        }
        Raw::Stamp(stamp) => {
            // Exact for the next 285 years: an f64 holds 53 bits of microseconds.
            #[expect(clippy::cast_precision_loss, reason = "see above")]
            let amount = taken.wall.0.saturating_sub(stamp.0) as f64 / 1_000_000.0;
            Some(Value::plain(amount))
        }
        Raw::Growth { bytes, pieces } => {
            let (then, Raw::Growth { bytes: earlier_bytes, pieces: earlier_pieces }) = before? else { return None };
            let elapsed = taken.monotonic.since(then).as_secs_f64();
            let (bytes, pieces) = (bytes - earlier_bytes, pieces - earlier_pieces);
            let sound = elapsed > 0.0 && bytes >= 0.0 && pieces >= 0.0;
            sound.then(|| Value { pieces: Some(pieces / elapsed), ..Value::plain(bytes / elapsed) })
        }
        Raw::Busier { one, other, capacity } => {
            let (then, Raw::Busier { one: earlier_one, other: earlier_other, .. }) = before? else { return None };
            let elapsed = taken.monotonic.since(then).as_secs_f64();
            let (one, other) = (one - earlier_one, other - earlier_other);
            (one >= 0.0 && other >= 0.0).then(|| share(one.max(other), elapsed * capacity))?
        }
        Raw::Mean { sum, count } => {
            let (_, Raw::Mean { sum: earlier_sum, count: earlier_count }) = before? else { return None };
            let (sum, count) = (sum - earlier_sum, count - earlier_count);
            let sound = sum >= 0.0 && count >= 0.0;
            sound.then(|| Value::plain(if count > 0.0 { sum / count } else { 0.0 }))
        }
    }
}

/// A counter that fell was reset, and a whole that stood still has no parts: both are unknown.
fn share(part: f64, whole: f64) -> Option<Value> {
    let percent = (part >= 0.0 && whole > 0.0).then(|| (part / whole * 100.0).min(100.0))?;
    Some(Value { percent: Some(percent), ..Value::plain(percent) })
}
