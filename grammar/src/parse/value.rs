//! Numbers, units, lengths and comparisons.

use super::grammar::Rule;
use super::{Builder, Pair, leaf, small, span};
use crate::ast::{Length, Operator, Quantity, Unit, Value};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// A number, a name or a hole.
    pub(super) fn value(&mut self, pair: &Pair<'_>) -> Spanned<Value<f64>> {
        let written = self.written(pair);
        let value = match pair.as_rule() {
            Rule::name | Rule::counted_name | Rule::bare_name => Value::Name(written.to_owned()),
            Rule::hole => Value::Hole(hole_name(written)),
            // Digits with or without a fraction are always a number, if need be a rounded one.
            _ => Value::Literal(written.parse().unwrap_or_default()),
        };
        leaf(pair).with(value)
    }

    /// A number with its unit, if it has one.
    pub(super) fn quantity(&mut self, pair: Pair<'_>) -> Quantity {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let number = match parts.next() {
            Some(number) => self.value(&number),
            None => place.with(Value::Literal(0.0)),
        };
        let unit = parts.next().map(|unit| self.unit(&unit, number.span));
        Quantity { span: place, number, unit }
    }

    /// A length of time: the sum of its parts.
    pub(super) fn length(&mut self, pair: Pair<'_>) -> Length {
        let place = span(&pair);
        // Most lengths have one part.
        let mut parts: Vec<Quantity> = Vec::with_capacity(1);
        for part in pair.into_inner() {
            if part.as_rule() != Rule::time_unit {
                let number = self.value(&part);
                parts.push(Quantity { span: number.span, number, unit: None });
            } else if let Some(last) = parts.last_mut() {
                let unit = self.unit(&part, last.number.span);
                last.span = last.span.to(unit.span);
                last.unit = Some(unit);
            }
        }
        Length { span: place, parts }
    }

    /// A unit behind a number.
    pub(super) fn unit(&mut self, pair: &Pair<'_>, number: Span) -> Spanned<Unit> {
        let place = leaf(pair);
        let unit = unit(self.written(pair));
        if self.is_monit() && unit != Unit::Percent && number.start < number.end && number.end == place.start {
            let written = self.slice(number.to(place));
            let finding =
                Finding::warning("not-portable", number.to(place), format!("Monit reads `{written}` as one word"))
                    .note("Monit needs a blank between a number and its unit, and refuses this file")
                    .fix("put a blank between them", Span { start: place.start, end: place.start }, " ", true);
            self.report(finding);
        }
        if self.is_monit() && self.written(pair).eq_ignore_ascii_case("d") {
            let finding = Finding::warning("not-portable", place, "Monit does not know the unit `d`").fix(
                "write `days`",
                place,
                "days",
                true,
            );
            self.report(finding);
        }
        place.with(unit)
    }

    /// A comparison; in `monit` it needs a blank on either side.
    pub(super) fn operator(&mut self, pair: &Pair<'_>) -> Spanned<Operator> {
        let place = leaf(pair);
        let written = self.written(pair);
        if pair.as_rule() == Rule::wrong_operator {
            let right = match written {
                "=>" => ">=",
                "=<" => "<=",
                _ => "!=",
            };
            let finding = Finding::error("syntax-error", place, format!("`{written}` is not a comparison")).fix(
                format!("write `{right}`"),
                place,
                right,
                true,
            );
            self.report(finding);
            return place.with(operator(right));
        }
        if self.is_monit() {
            self.need_blanks(place, written);
        }
        place.with(operator(written))
    }

    fn need_blanks(&mut self, place: Span, written: &str) {
        let before = self.text.get(..place.start as usize).and_then(|text| text.chars().next_back());
        let after = self.text.get(place.end as usize..).and_then(|text| text.chars().next());
        let is_blank = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ';' | '(' | ')');
        let (left, right) = (before.is_none_or(is_blank), after.is_none_or(is_blank));
        if left && right {
            return;
        }
        let spaced = format!("{}{written}{}", if left { "" } else { " " }, if right { "" } else { " " });
        let finding = Finding::error("joined-operator", place, format!("`{written}` needs a blank on either side"))
            .here("to Monit this is part of a longer word")
            .fix("put blanks round it", place, spaced, true);
        self.report(finding);
    }
}

/// The name in a hole.
pub(super) fn hole_name(written: &str) -> String {
    written.trim_matches(['{', '}']).to_owned()
}

fn unit(written: &str) -> Unit {
    let word = small(written);
    match word.strip_suffix("/s").unwrap_or(&word) {
        "%" | "percent" => Unit::Percent,
        "kb" | "kilobyte" | "kilobytes" => Unit::Kilobyte,
        "mb" | "megabyte" | "megabytes" => Unit::Megabyte,
        "gb" | "gigabyte" | "gigabytes" => Unit::Gigabyte,
        "tb" | "terabyte" | "terabytes" => Unit::Terabyte,
        "ms" | "millisecond" | "milliseconds" => Unit::Millisecond,
        "s" | "second" | "seconds" => Unit::Second,
        "m" | "minute" | "minutes" => Unit::Minute,
        "h" | "hour" | "hours" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "month" | "months" => Unit::Month,
        "operation" | "operations" => Unit::Operations,
        "packet" | "packets" => Unit::Packets,
        _ => Unit::Byte,
    }
}

fn operator(written: &str) -> Operator {
    match &*small(written) {
        ">" | "gt" | "more" | "greater" | "older" => Operator::Greater,
        ">=" | "ge" => Operator::GreaterOrEqual,
        "<" | "lt" | "less" | "newer" => Operator::Less,
        "<=" | "le" => Operator::LessOrEqual,
        "!=" | "ne" | "notequal" => Operator::NotEqual,
        _ => Operator::Equal,
    }
}
