//! Limits: units converted, and compared with what the metric measures.

use grammar::ast::{self, Operator, Unit};

use super::{Context, length};
use crate::catalog::{Dimension, MetricEntry};
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
        Unit::Percent | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Month => {
            return None;
        }
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
    }
}

impl Context<'_> {
    /// A limit in the base unit of its metric.
    pub(super) fn limit(&mut self, limit: &ast::Limit, entry: &MetricEntry) -> Option<Limit> {
        let number = self.number(&limit.value.number)?;
        let unit = limit.value.unit.as_ref().map(|unit| unit.node);
        let Some((factor, percent)) = factor(entry.dimension, unit) else {
            let written = self.text(limit.value.span);
            let unit = limit.value.unit.as_ref().map(|unit| self.text(unit.span));
            return self.refuse(lint::unit_mismatch::finding(limit, entry, written, unit));
        };
        self.say_whether_monit_takes_limit(limit, entry, unit);
        let value = self.stored(entry, number * factor);
        Some(Limit {
            metric: limit.metric.node,
            relation: relation(limit.operator.map(|one| one.node)),
            value,
            percent,
        })
    }

    /// What Monit keeps of a negative whole number, which is what is left of one that was too large: sizes and ages
    /// have no sign there, so that it becomes a huge one.
    fn stored(&self, entry: &MetricEntry, number: f64) -> f64 {
        let unsigned = matches!(entry.dimension, Dimension::Size | Dimension::Duration);
        if self.is_monit() && unsigned && number < 0.0 { number + 2f64.powi(64) } else { number }
    }

    fn say_whether_monit_takes_limit(&mut self, limit: &ast::Limit, entry: &MetricEntry, unit: Option<Unit>) {
        if !self.is_monit() {
            return;
        }
        let whole_only = matches!(entry.dimension, Dimension::Size | Dimension::Duration);
        let written = self.text(limit.value.span);
        let fraction = limit.value.number.node.literal().is_some_and(|number| number.fract() != 0.0);
        let no_unit = entry.dimension == Dimension::Duration && unit == Some(Unit::Millisecond);
        let reason = if no_unit {
            "it has no milliseconds in this test"
        } else if unit == Some(Unit::Terabyte) {
            "GB is its largest unit"
        } else if whole_only && fraction {
            "it takes whole numbers only in this test"
        } else {
            return;
        };
        let headline = format!("Monit refuses `{written}` here");
        self.report(lint::not_portable::finding(limit.value.span, headline, reason));
    }
}

/// By what a number of this unit is multiplied, and whether it is a percentage; nothing where the unit does not fit.
fn factor(dimension: Dimension, unit: Option<Unit>) -> Option<(f64, bool)> {
    match (dimension, unit) {
        (Dimension::Share | Dimension::SizeOrShare, Some(Unit::Percent)) => Some((1.0, true)),
        (Dimension::SizeOrShare | Dimension::Size | Dimension::Duration | Dimension::Count, None) => Some((1.0, false)),
        (Dimension::SizeOrShare | Dimension::Size, Some(unit)) => Some((bytes_of(unit)?, false)),
        (Dimension::Duration, Some(unit)) => Some((length::seconds_of(unit)?, false)),
        (Dimension::Share, _) | (Dimension::Count, Some(_)) => None,
    }
}
