//! Lengths of time.

use std::time::Duration;

use grammar::ast::{Length, Unit};

use super::Context;
use crate::lint;
use crate::lint::wording::written_unit;

/// The longest time that anything waits: a hundred years. Longer times are shortened, so that points in time fit.
const LONGEST_S: f64 = 100.0 * 366.0 * 86_400.0;

/// How many seconds a unit has; nothing for units that are no time.
pub(super) fn seconds_of(unit: Unit) -> Option<f64> {
    Some(match unit {
        Unit::Millisecond => 0.001,
        Unit::Second => 1.0,
        Unit::Minute => 60.0,
        Unit::Hour => 3_600.0,
        Unit::Day => 86_400.0,
        Unit::Month => 31.0 * 86_400.0,
        _ => return None,
    })
}

/// So many seconds, at least none and at most [`LONGEST_S`].
pub(super) fn duration(seconds: f64) -> Duration {
    let seconds = if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, LONGEST_S) };
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

impl Context<'_> {
    /// A time-out. Monit takes one whole number of seconds there.
    pub(super) fn timeout(&mut self, length: &Length) -> Option<Duration> {
        let sum = self.length(length);
        self.say_whether_monit_takes(length);
        sum
    }

    /// The sum of the parts of a length of time.
    pub(super) fn length(&mut self, length: &Length) -> Option<Duration> {
        let mut sum = 0.0;
        let mut complete = true;
        for part in &length.parts {
            let number = self.number(&part.number);
            let seconds = match &part.unit {
                Some(unit) => seconds_of(unit.node),
                None => None,
            };
            match (number, seconds) {
                (Some(number), Some(seconds)) => sum += number * seconds,
                (_, None) => {
                    let unit = part.unit.as_ref().map(|unit| self.text(unit.span));
                    self.report(lint::unit_mismatch::no_time(part, self.text(part.span), unit));
                    complete = false;
                }
                (None, _) => complete = false,
            }
        }
        complete.then(|| duration(sum))
    }

    fn say_whether_monit_takes(&mut self, length: &Length) {
        let plain = |part: &grammar::ast::Quantity| {
            part.number.node.literal().is_none_or(|number| number.fract() == 0.0)
                && part.unit.as_ref().is_none_or(|unit| unit.node == Unit::Second || seconds_of(unit.node).is_none())
        };
        if self.is_monit() && (length.parts.len() != 1 || !length.parts.iter().all(plain)) {
            let written = written_unit(self.text(length.span));
            self.report(lint::not_portable::refused(
                length.span,
                format!("Monit refuses `{written}` here"),
                "it takes one whole number of seconds",
            ));
        }
    }
}
