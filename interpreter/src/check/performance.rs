//! Figures of performance data: what their limits count.

use grammar::ast::{self, Unit};

use super::limit::{bytes_of, relation};
use super::{Context, length};
use crate::lint;
use crate::program::{PerformanceTest, PerformanceUnit, Test};

impl Context<'_> {
    /// A limit in the unit in which the figure is compared with it.
    pub(super) fn performance(&mut self, test: &ast::PerformanceTest) -> Option<Test> {
        let number = self.number(&test.value.number);
        let unit = test.value.unit.as_ref().map(|unit| (unit.node, self.text(unit.span)));
        let Some((unit, scale)) = counted(unit) else {
            let (written, unit) = (self.text(test.value.span), unit.map_or("", |(_, unit)| unit));
            return self.refuse(lint::unit_mismatch::no_performance(&test.value, written, unit));
        };
        Some(Test::Performance(Box::new(PerformanceTest {
            label: test.label.node.clone(),
            relation: relation(Some(test.operator.node)),
            value: scale.of(number?),
            unit,
        })))
    }
}

/// How a limit is brought into the base unit.
pub(super) enum Scale {
    Times(f64),
    /// A division by a whole number is exact where a multiplication by its inverse is not: 700 ms are 0.7 s.
    Parts(f64),
}

impl Scale {
    /// A number in the base unit.
    pub(super) fn of(self, number: f64) -> f64 {
        match self {
            Scale::Times(factor) => number * factor,
            Scale::Parts(parts) => number / parts,
        }
    }
}

/// What a number with this unit counts, and how it is brought into the base unit; nothing where plugins have no such
/// unit: they report amounts, and nothing per second.
pub(super) fn counted(unit: Option<(Unit, &str)>) -> Option<(Option<PerformanceUnit>, Scale)> {
    use PerformanceUnit::{Bytes, Percent, Seconds};
    let Some((unit, written)) = unit else { return Some((None, Scale::Times(1.0))) };
    match unit {
        _ if written.ends_with("/s") || written.ends_with("/S") => None,
        Unit::Percent => Some((Some(Percent), Scale::Times(1.0))),
        Unit::Millisecond => Some((Some(Seconds), Scale::Parts(1_000.0))),
        _ => {
            let bytes = bytes_of(unit).map(|bytes| (Some(Bytes), Scale::Times(bytes)));
            bytes.or_else(|| length::seconds_of(unit).map(|seconds| (Some(Seconds), Scale::Times(seconds))))
        }
    }
}
