//! Numbers: literal or not, whole or not, in range or not, and wrapped as Monit wraps them.

use std::ops::RangeInclusive;

use grammar::ast::Value;
use grammar::{Severity, Span, Spanned};

use super::Context;
use crate::lint;

impl Context<'_> {
    /// The number that was written. A name or a hole is a finding, because nothing declares names.
    pub(super) fn number(&mut self, value: &Spanned<Value<f64>>) -> Option<f64> {
        match &value.node {
            Value::Literal(number) if self.is_monit() => Some(self.wrapped(value.span, *number)),
            Value::Literal(number) => Some(*number),
            Value::Name(name) | Value::Hole(name) => self.refuse(lint::undeclared_name::finding(value.span, name)),
        }
    }

    /// A whole number in the range; `what` it counts is named in the finding.
    pub(super) fn whole(&mut self, value: &Spanned<Value<f64>>, what: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.number(value)?;
        let whole = self.whole_number(value.span, number, what)?;
        if range.contains(&whole) {
            return Some(whole);
        }
        let dialect = self.dialect;
        self.refuse(lint::out_of_range::finding(value.span, Severity::Error, what, whole, &range, dialect))
    }

    /// The number without a fraction.
    pub(super) fn whole_number(&mut self, span: Span, number: f64, what: &str) -> Option<i64> {
        if number.fract() != 0.0 {
            return self.refuse(lint::whole_number::finding(span, self.text(span), what));
        }
        // Larger numbers are clamped; every range ends long before.
        #[expect(clippy::cast_possible_truncation, reason = "the cast clamps")]
        Some(number as i64)
    }

    /// Monit keeps whole numbers in 32 bits: larger ones lose their upper bits.
    fn wrapped(&mut self, span: Span, number: f64) -> f64 {
        let digits = self.text(span);
        let kept = kept(digits, number);
        if kept != number {
            self.report(lint::wrapped_number::finding(span, digits, kept));
        }
        kept
    }
}

/// What Monit keeps of a number that is written like this.
pub(super) fn kept(written: &str, number: f64) -> f64 {
    let is_whole = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { f64::from(wrap(written)) } else { number }
}

/// What remains of a number in 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "cutting off is what is wanted")]
pub(super) fn wrap(digits: &str) -> i32 {
    digits.parse::<i64>().unwrap_or(i64::MAX) as i32
}
