//! Figures of performance data: what a rule is told of them, and what is said.

use std::ops::Range;

use super::figure::{bytes, percent};
use super::readings::{Raw, Reading, Readings};
use super::{Fact, FactValue, Metric, OUTPUT_CUT};
use crate::performance;
use crate::program::{PerformanceTest, PerformanceUnit};

/// The exit statuses of programs that came to their end. One that a signal ended has 128 and more, as a shell has it, and
/// may have been in the middle of a number.
const ENDED_BY_ITSELF: Range<f64> = 0.0..128.0;

/// Numbers from here on, and those below its inverse, are written with an exponent.
const LONG: f64 = 1e15;

/// The figure that a test asks for, in the unit of its limit.
pub fn figure(test: &PerformanceTest, readings: &Readings) -> Reading<f64> {
    let output = match readings.facts.get(&Fact::Output) {
        Some(Reading::Known(FactValue::Text(output))) => output.as_str(),
        Some(Reading::Unknown(reason)) => return Reading::Unknown(reason.clone()),
        _ => return Reading::Unknown("the program has not been run".to_owned()),
    };
    let status = readings.values.get(&Metric::Status);
    let is_whole = matches!(status, Some(Reading::Known(Raw::Gauge(status))) if ENDED_BY_ITSELF.contains(status));
    let (output, was_cut) = output.strip_suffix(OUTPUT_CUT).map_or((output, false), |output| (output, true));
    match performance::find(output, was_cut || !is_whole, &test.label, test.unit) {
        Ok(value) => Reading::Known(value),
        Err(reason) => Reading::Unknown(reason),
    }
}

/// What is said about a figure.
pub(super) fn sentence(test: &PerformanceTest, value: f64, holds: bool) -> String {
    let name = format!("performance '{}'", test.label);
    let (value, limit) = (written(test.unit, value), written(test.unit, test.value));
    if holds {
        format!("{name} of {value} matches resource limit [{name} {} {limit}]", test.relation.sign())
    } else {
        format!("{name} check succeeded [current {name} = {value}]")
    }
}

fn written(unit: Option<PerformanceUnit>, value: f64) -> String {
    match unit {
        None => number(value),
        Some(PerformanceUnit::Percent) => percent(value),
        Some(PerformanceUnit::Bytes) => bytes(value),
        Some(PerformanceUnit::Seconds) if value.abs() < 1.0 => format!("{} ms", number(thousandths(value * 1_000.0))),
        Some(PerformanceUnit::Seconds) => format!("{} s", number(thousandths(value))),
    }
}

/// A number as a program would write it.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || (1.0 / LONG..LONG).contains(&value.abs()) { format!("{value}") } else { format!("{value:e}") }
}

fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
