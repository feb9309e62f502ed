//! Checks of plugins: what a rule is told of them, what their counters grow by, and what is said.

use super::figure::{bytes, percent};
use super::judge::{self, Evidence};
use super::mark::Subject;
use super::performance::number;
use super::readings::{PluginReport, Reading, Readings};
use super::status::ReadingStatus;
use super::verdict::{Sight, Truth, Verdict};
use super::{Monotonic, words};
use crate::program::{PerformanceTest, PerformanceUnit, PluginTest, Service, Test, Wanted};

/// So many milliseconds a second has.
const MS_PER_S: f64 = 1_000.0;

/// So many metrics of a plugin are remembered.
const METRICS_MAX: usize = 256;

/// Times from so many seconds on are written in the units of people.
const LONG_S: f64 = 120.0;

/// What is remembered of a plugin from one regular round to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct PluginMemory {
    /// What it reported last.
    pub(super) report: Option<Reading<PluginReport>>,
    /// What its metrics grow by in a second, where that is known.
    pub(super) rates: Vec<(String, f64)>,
    /// What its metrics were when they were last known, and when that was.
    base: Vec<(String, Monotonic, f64)>,
}

impl PluginMemory {
    /// Remembers what a regular round saw; rates start from it the next time. What fell has begun anew.
    pub(super) fn see(&mut self, report: &Reading<PluginReport>, taken: Monotonic) {
        self.rates.clear();
        if let Reading::Known(PluginReport::Passed { metrics, .. }) = report {
            for (name, value) in metrics {
                let Some((_, then, before)) = self.base.iter_mut().find(|(other, _, _)| other == name) else {
                    if self.base.len() < METRICS_MAX {
                        self.base.push((name.clone(), taken, *value));
                    }
                    continue;
                };
                let (elapsed, grown) = (taken.since(*then).as_secs_f64(), value - *before);
                if elapsed > 0.0 && grown >= 0.0 && grown.is_finite() {
                    self.rates.push((name.clone(), grown / elapsed));
                }
                (*then, *before) = (taken, *value);
            }
        }
        self.report = Some(report.clone());
    }
}

/// A metric as the plugin reported it; nothing where it reported none of that name.
pub(super) fn metric(name: &str, readings: &Readings) -> Option<f64> {
    match readings.plugin.as_deref()? {
        Reading::Known(report) => reported(name, report),
        Reading::Unknown(_) => None,
    }
}

fn reported(name: &str, report: &PluginReport) -> Option<f64> {
    let PluginReport::Passed { metrics, .. } = report else { return None };
    metrics.iter().find(|(other, value)| other == name && value.is_finite()).map(|(_, value)| *value)
}

/// A metric in the unit of its limit: plugins report milliseconds, and limits are seconds.
fn in_unit(limit: &PerformanceTest, value: f64) -> f64 {
    if limit.unit == Some(PerformanceUnit::Seconds) { value / MS_PER_S } else { value }
}

/// What is to be said about what a plugin is asked.
pub(super) fn judge<'a>(asked: &PluginTest, evidence: &Evidence<'a>) -> Verdict<'a> {
    let Some(Reading::Known(report)) = evidence.readings.plugin.as_deref() else { return Verdict::UNKNOWN };
    match asked {
        PluginTest::Outcome(wanted) => {
            let (failed, said) = match report {
                PluginReport::Passed { summary, .. } => (false, summary),
                PluginReport::Failed(reason) => (true, reason),
            };
            Verdict { truth: Truth::of(failed == (*wanted == Wanted::Failed)), sight: Sight::Outcome(failed, said) }
        }
        PluginTest::Limit(limit) => compared(limit, reported(&limit.label, report).map(|value| in_unit(limit, value))),
        PluginTest::Rate(limit) => compared(limit, rate(&limit.label, evidence.rates)),
        PluginTest::Changed(name) => judge::differs(&Subject::Metric(name.as_str().into()), evidence),
    }
}

fn rate(name: &str, rates: &[(String, f64)]) -> Option<f64> {
    rates.iter().find(|(other, _)| other == name).map(|(_, rate)| *rate)
}

fn compared<'a>(limit: &PerformanceTest, value: Option<f64>) -> Verdict<'a> {
    match value {
        Some(value) => {
            Verdict { truth: Truth::of(limit.relation.holds(value, limit.value)), sight: Sight::Value(value) }
        }
        None => Verdict::UNKNOWN,
    }
}

/// What is said when the state of a rule changes.
pub(super) fn sentence(asked: &PluginTest, sight: Sight<'_>, holds: bool) -> String {
    match (asked, sight) {
        (PluginTest::Outcome(_), Sight::Outcome(true, reason)) => format!("check failed -- {reason}"),
        (PluginTest::Outcome(_), Sight::Outcome(false, "")) => "check succeeded".to_owned(),
        (PluginTest::Outcome(_), Sight::Outcome(false, summary)) => format!("check succeeded -- {summary}"),
        (PluginTest::Limit(limit), Sight::Value(value)) => of_limit(limit, value, holds, ""),
        (PluginTest::Rate(limit), Sight::Value(value)) => of_limit(limit, value, holds, PER_SECOND),
        (PluginTest::Changed(name), Sight::Change(before, now)) => {
            let shown = |value: &super::FactValue| value.text().unwrap_or_default().to_owned();
            format!("{name} changed from {} to {}", shown(before), shown(now))
        }
        _ => "nothing is known".to_owned(),
    }
}

const PER_SECOND: &str = " per second";

fn of_limit(limit: &PerformanceTest, value: f64, holds: bool, per: &str) -> String {
    let (name, value, bound) = (&limit.label, amount(limit.unit, value), amount(limit.unit, limit.value));
    if holds {
        format!("{name} of {value}{per} matches resource limit [{name} {} {bound}{per}]", limit.relation.sign())
    } else {
        format!("{name} check succeeded [current {name} = {value}{per}]")
    }
}

/// What a rule asks, in the words of the language.
pub(super) fn words(asked: &PluginTest) -> String {
    let of = |limit: &PerformanceTest| {
        format!("{} {} {}", limit.label, limit.relation.sign(), amount(limit.unit, limit.value))
    };
    match asked {
        PluginTest::Outcome(Wanted::Failed) => "failed".to_owned(),
        PluginTest::Outcome(Wanted::Succeeded) => "succeeded".to_owned(),
        PluginTest::Limit(limit) => of(limit),
        PluginTest::Rate(limit) => format!("{}{PER_SECOND}", of(limit)),
        PluginTest::Changed(name) => format!("changed {name}"),
    }
}

/// A value with its unit.
fn amount(unit: Option<PerformanceUnit>, value: f64) -> String {
    let thousandths = |value: f64| (value * MS_PER_S).round() / MS_PER_S;
    match unit {
        None => number(thousandths(value)),
        Some(PerformanceUnit::Percent) => percent(value),
        Some(PerformanceUnit::Bytes) => bytes(value),
        Some(PerformanceUnit::Seconds) if value.abs() < 1.0 => format!("{} ms", number(thousandths(value * MS_PER_S))),
        Some(PerformanceUnit::Seconds) if value.abs() < LONG_S => format!("{} s", number(thousandths(value))),
        // What lies behind is negative, as the rest of the life of a certificate that has expired.
        Some(PerformanceUnit::Seconds) if value < 0.0 => format!("-({})", words::duration(-value)),
        Some(PerformanceUnit::Seconds) => words::duration(value),
    }
}

/// A metric as it stands in a mark: the number itself.
pub(super) fn written(value: f64) -> String {
    number(value)
}

/// What was last seen of what a rule asks.
pub(super) fn last(asked: &PluginTest, memory: &PluginMemory) -> Option<String> {
    let report = match memory.report.as_ref()? {
        Reading::Known(report) => report,
        Reading::Unknown(reason) => return Some(format!("unknown: {reason}")),
    };
    let is = |limit: &PerformanceTest, value: Option<f64>, per: &str| match value {
        Some(value) => format!("{} is {}{per}", limit.label, amount(limit.unit, value)),
        None => format!("{} is unknown", limit.label),
    };
    Some(match asked {
        PluginTest::Outcome(_) => match report {
            PluginReport::Passed { summary, .. } if summary.is_empty() => "passed".to_owned(),
            PluginReport::Passed { summary, .. } => format!("passed: {summary}"),
            PluginReport::Failed(reason) => format!("failed: {reason}"),
        },
        PluginTest::Limit(limit) => is(limit, reported(&limit.label, report).map(|value| in_unit(limit, value)), ""),
        PluginTest::Rate(limit) => is(limit, rate(&limit.label, &memory.rates), PER_SECOND),
        PluginTest::Changed(name) => match reported(name, report) {
            Some(value) => format!("{name} is {}", number(value)),
            None => format!("{name} is unknown"),
        },
    })
}

/// The lines of status of a plugin: how its check ended, and what rules ask for, each metric once.
pub(super) fn readings(service: &Service, memory: &PluginMemory) -> Vec<ReadingStatus> {
    let Some(reading) = &memory.report else { return Vec::new() };
    let line = |name: &str, amount: Option<f64>, shown: String| ReadingStatus {
        name: name.to_owned().into(),
        amount,
        percent: None,
        shown,
    };
    let report = match reading {
        Reading::Known(report) => report,
        Reading::Unknown(reason) => return vec![line(OUTCOME, None, format!("unknown: {reason}"))],
    };
    let shown = match report {
        PluginReport::Passed { summary, .. } if summary.is_empty() => "passed".to_owned(),
        PluginReport::Passed { summary, .. } => format!("passed: {summary}"),
        PluginReport::Failed(reason) => format!("failed: {reason}"),
    };
    let mut lines = vec![line(OUTCOME, None, shown)];
    for test in service.rules.iter().flat_map(|rule| rule.test.parts()) {
        let Test::Plugin(asked) = test else { continue };
        let (name, value, shown) = match &**asked {
            PluginTest::Outcome(_) => continue,
            PluginTest::Limit(limit) => {
                let value = reported(&limit.label, report).map(|value| in_unit(limit, value));
                (limit.label.clone(), value, value.map(|value| amount(limit.unit, value)))
            }
            PluginTest::Rate(limit) => {
                let value = rate(&limit.label, &memory.rates);
                (format!("{}{PER_SECOND}", limit.label), value, value.map(|value| amount(limit.unit, value)))
            }
            PluginTest::Changed(name) => {
                let value = reported(name, report);
                (name.clone(), value, value.map(number))
            }
        };
        if !lines.iter().any(|known| known.name == name) {
            lines.push(line(&name, value, shown.unwrap_or_else(|| "unknown".to_owned())));
        }
    }
    lines
}

/// What the line of status about the outcome is called.
const OUTCOME: &str = "check";
