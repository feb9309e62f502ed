//! Limits: units converted, and compared with what the metric measures.

use grammar::ast::{self, Operator, Quantity, ServiceKind, Unit};

use super::{Context, length};
use crate::catalog::{Dimension, Metric, MetricEntry};
use crate::lint;
use crate::program::{Limit, Relation};

/// How many bytes a unit has; nothing for units that are no size.
pub(super) fn bytes_of(unit: Unit) -> Option<f64> {
    Some(match unit {
        Unit::Byte => 1.0,
        Unit::Kilobyte => 1_024.0,
        Unit::Megabyte => 1_048_576.0,
        Unit::Gigabyte => 1_073_741_824.0,
        Unit::Terabyte => 1_099_511_627_776.0,
        _ => return None,
    })
}

/// The meaning of a comparison.
pub(crate) fn relation(operator: Option<Operator>) -> Relation {
    match operator {
        Some(Operator::Greater) => Relation::Greater,
        Some(Operator::GreaterOrEqual) => Relation::GreaterOrEqual,
        Some(Operator::Less) => Relation::Less,
        Some(Operator::LessOrEqual) => Relation::LessOrEqual,
        // A missing comparison means equality to Monit.
        Some(Operator::Equal) | None => Relation::Equal,
        Some(Operator::NotEqual) => Relation::NotEqual,
        Some(Operator::Changed) => Relation::Changed,
    }
}

/// What a number with this unit counts.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Measure {
    /// The base unit of the metric, so many times.
    Base(f64),
    /// Per cent of the whole.
    Percent,
    /// Operations or packets.
    Pieces,
}

impl Context<'_> {
    /// A limit in the base unit of its metric.
    pub(super) fn limit(&mut self, kind: ServiceKind, limit: &ast::Limit, entry: &MetricEntry) -> Option<Limit> {
        let number = self.number(&limit.value.number);
        let window = limit.window.as_ref().map(|window| self.window(window));
        let unit = limit.value.unit.as_ref().map(|unit| unit.node);
        let metric = limit.metric.node;
        let Some(measure) = measure(entry.dimension, unit).filter(|measure| is_counted(kind, metric, *measure)) else {
            let written = self.text(limit.value.span);
            let unit = limit.value.unit.as_ref().map(|unit| self.text(unit.span));
            return self.refuse(lint::unit_mismatch::finding(limit, entry, written, unit));
        };
        self.say_whether_monit_takes_limit(limit, entry, measure);
        let (number, window_s) = (number?, window.map_or(Some(None), |window| window.map(Some))?);
        let relation = relation(limit.operator.map(|one| one.node));
        let pieces = measure == Measure::Pieces;
        let limit = Limit { metric, relation, value: number, percent: measure == Measure::Percent, pieces, window_s };
        Some(if self.is_monit() { stored(limit, measure, entry.dimension) } else { scaled(limit, measure) })
    }

    /// Over how many seconds a total is taken: at most 60 minutes, 24 hours or one day.
    fn window(&mut self, window: &Quantity) -> Option<u64> {
        let unit = window.unit.as_ref().map(|unit| unit.node);
        let (what, most) = match unit {
            Some(Unit::Second) if !self.is_monit() => ("seconds", 86_400),
            Some(Unit::Minute) if self.is_monit() => ("minutes", 60),
            Some(Unit::Minute) => ("minutes", 1_440),
            Some(Unit::Hour) => ("hours", 24),
            Some(Unit::Day) => ("days", 1),
            _ => {
                let unit = window.unit.as_ref().map(|unit| self.text(unit.span));
                let finding = lint::unit_mismatch::no_window(window, self.text(window.span), unit);
                return self.refuse(finding);
            }
        };
        // Monit takes a total over no time at all.
        let count = self.whole(&window.number, what, 0..=most)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the unit has whole seconds")]
        let seconds = unit.and_then(length::seconds_of).unwrap_or(1.0) as u64;
        Some(u64::try_from(count).ok()?.saturating_mul(seconds))
    }

    fn say_whether_monit_takes_limit(&mut self, limit: &ast::Limit, entry: &MetricEntry, measure: Measure) {
        if !self.is_monit() {
            return;
        }
        let unit = limit.value.unit.as_ref().map(|unit| unit.node);
        let written = self.text(limit.value.span);
        let fraction = self.text(limit.value.number.span).contains('.');
        let seconds = matches!(unit, None | Some(Unit::Second | Unit::Millisecond));
        let reason = if entry.dimension == Dimension::Duration && unit == Some(Unit::Millisecond) {
            "it has no milliseconds in this test"
        } else if entry.dimension == Dimension::Latency && !seconds {
            "it takes milliseconds and seconds only in this test"
        } else if unit == Some(Unit::Terabyte) {
            "GB is its largest unit"
        } else if fraction && is_whole_only(entry, unit, measure) {
            "it takes whole numbers only in this test"
        } else {
            return;
        };
        let headline = format!("Monit refuses `{written}` here");
        self.report(lint::not_portable::refused(limit.value.span, headline, reason));
    }
}

/// What a number of this unit counts; nothing where the unit does not fit.
fn measure(dimension: Dimension, unit: Option<Unit>) -> Option<Measure> {
    let bytes = |unit: Unit| bytes_of(unit).map(Measure::Base);
    let seconds = |unit: Unit| length::seconds_of(unit).map(Measure::Base);
    match (dimension, unit) {
        (Dimension::Share | Dimension::SizeOrShare | Dimension::CountOrShare, Some(Unit::Percent)) => {
            Some(Measure::Percent)
        }
        // What is transferred is counted per second, said or not.
        (Dimension::SizeOrOperations | Dimension::SizeOrPackets, Some(Unit::Second)) => Some(Measure::Base(1.0)),
        (Dimension::SizeOrOperations, Some(Unit::Operations)) | (Dimension::SizeOrPackets, Some(Unit::Packets)) => {
            Some(Measure::Pieces)
        }
        (Dimension::Share | Dimension::Latency, None) => None,
        (_, None) => Some(Measure::Base(1.0)),
        (
            Dimension::SizeOrShare | Dimension::Size | Dimension::SizeOrOperations | Dimension::SizeOrPackets,
            Some(unit),
        ) => bytes(unit),
        (Dimension::Duration | Dimension::Latency, Some(unit)) => seconds(unit),
        (Dimension::Share | Dimension::Count | Dimension::CountOrShare, Some(_)) => None,
    }
}

/// Whether a metric of this kind of service is counted like this. What a process reads from anywhere has no operations.
fn is_counted(kind: ServiceKind, metric: Metric, measure: Measure) -> bool {
    let anywhere = matches!(metric, Metric::Read | Metric::Write);
    !(kind == ServiceKind::Process && anywhere && measure == Measure::Pieces)
}

/// Whether Monit takes no fraction in the limit.
fn is_whole_only(entry: &MetricEntry, unit: Option<Unit>, measure: Measure) -> bool {
    match entry.dimension {
        Dimension::Size | Dimension::Duration | Dimension::SizeOrPackets => true,
        Dimension::Share => entry.metric == Metric::Saturation,
        Dimension::Count => !matches!(entry.metric, Metric::LoadAverage { .. }),
        Dimension::CountOrShare | Dimension::SizeOrOperations => {
            measure == Measure::Pieces || (entry.dimension == Dimension::CountOrShare && measure != Measure::Percent)
        }
        Dimension::Latency => unit == Some(Unit::Millisecond),
        Dimension::SizeOrShare => false,
    }
}

/// The limit in the base unit.
fn scaled(limit: Limit, measure: Measure) -> Limit {
    match measure {
        Measure::Base(factor) => Limit { value: limit.value * factor, ..limit },
        Measure::Percent | Measure::Pieces => limit,
    }
}

/// What Monit keeps of a limit. A negative number is what is left of one that was too large: sizes, ages and what a
/// network transfers have no sign there, so that it becomes a huge one; and where a limit can be a share, a negative
/// number stands for one that was not given.
fn stored(limit: Limit, measure: Measure, dimension: Dimension) -> Limit {
    let limit = scaled(limit, measure);
    if limit.value >= 0.0 {
        return limit;
    }
    let unsigned = matches!(dimension, Dimension::Size | Dimension::Duration | Dimension::SizeOrPackets)
        || limit.metric == Metric::Saturation;
    let either = matches!(
        limit.metric,
        Metric::Space | Metric::SpaceFree | Metric::Inodes | Metric::InodesFree | Metric::FileDescriptors
    );
    match (unsigned, either && !limit.percent) {
        (true, _) => Limit { value: limit.value + 2f64.powi(64), ..limit },
        (false, true) => Limit { value: -1.0, percent: true, ..limit },
        (false, false) => limit,
    }
}
