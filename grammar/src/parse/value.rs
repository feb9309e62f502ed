//! Numbers, units, operators.

use pest::iterators::Pair;

use super::{Builder, Rule, part, span};
use crate::ast::{Length, Operator, Quantity, Unit, Value};
use crate::{Spanned, ast};

impl Builder {
    /// A number, a name or a hole.
    pub(super) fn figure(&mut self, pair: &Pair<'_, Rule>) -> Spanned<Value<f64>> {
        let at = span(pair);
        let inner = pair.clone().into_inner().next();
        let value = match inner.as_ref().map(Pair::as_rule) {
            Some(Rule::name) => Value::Name(pair.as_str().trim_end().to_string()),
            Some(Rule::hole) => Value::Hole(pair.as_str().trim_end().trim_matches(['{', '}']).to_string()),
            _ => Value::Literal(pair.as_str().trim_end().parse().unwrap_or(f64::MAX)),
        };
        at.with(value)
    }

    /// The first number of a statement.
    pub(super) fn first_figure(&mut self, pair: &Pair<'_, Rule>) -> Option<Spanned<Value<f64>>> {
        part(pair, Rule::figure).map(|figure| self.figure(&figure))
    }

    /// A number with its unit.
    pub(super) fn quantity(&mut self, pair: &Pair<'_, Rule>) -> Option<Quantity> {
        let number = self.first_figure(pair)?;
        let unit =
            pair.clone().into_inner().find_map(|inner| unit(inner.as_rule()).map(|unit| span(&inner).with(unit)));
        let at = unit.map_or(number.span, |unit| number.span.to(unit.span));
        Some(Quantity { span: at, number, unit })
    }

    /// `timeout …`.
    pub(super) fn timeout(&mut self, pair: &Pair<'_, Rule>) -> Option<Length> {
        self.length(&part(pair, Rule::duration)?)
    }

    fn length(&mut self, pair: &Pair<'_, Rule>) -> Option<Length> {
        let parts: Vec<ast::Quantity> = pair.clone().into_inner().filter_map(|part| self.quantity(&part)).collect();
        let at = parts.first()?.span.to(parts.last()?.span);
        Some(Length { span: at, parts })
    }
}

pub(super) fn operator(pair: &Pair<'_, Rule>) -> Option<Spanned<Operator>> {
    let written = part(pair, Rule::operator)?;
    let operator = match written.clone().into_inner().next()?.as_rule() {
        Rule::op_gt => Operator::Greater,
        Rule::op_ge => Operator::GreaterOrEqual,
        Rule::op_lt => Operator::Less,
        Rule::op_le => Operator::LessOrEqual,
        Rule::op_ne => Operator::NotEqual,
        _ => Operator::Equal,
    };
    Some(span(&written).with(operator))
}

fn unit(written: Rule) -> Option<Unit> {
    Some(match written {
        Rule::unit_byte => Unit::Byte,
        Rule::unit_kilobyte => Unit::Kilobyte,
        Rule::unit_megabyte => Unit::Megabyte,
        Rule::unit_gigabyte => Unit::Gigabyte,
        Rule::unit_terabyte => Unit::Terabyte,
        Rule::unit_percent => Unit::Percent,
        Rule::unit_millisecond => Unit::Millisecond,
        Rule::unit_second => Unit::Second,
        Rule::unit_minute => Unit::Minute,
        Rule::unit_hour => Unit::Hour,
        Rule::unit_day => Unit::Day,
        Rule::unit_month => Unit::Month,
        _ => return None,
    })
}
