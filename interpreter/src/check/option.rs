//! Values of the options of protocols.

use grammar::ast::{self, Operator, OptionValue, ProtocolOption, Quantity, Unit};

use super::{Context, checksum, length, limit, url};
use crate::catalog::{OptionKind, ProtocolEntry, ProtocolOptionEntry};
use crate::lint;
use crate::lint::wording::written_unit;
use crate::program::{ContentTest, SettingValue};

impl Context<'_> {
    /// The value of an option, where it is of the kind that the option takes.
    pub(super) fn option_value(
        &mut self,
        protocol: &ProtocolEntry,
        entry: &ProtocolOptionEntry,
        option: &ProtocolOption,
    ) -> Option<SettingValue> {
        let span = option.value.span;
        match &option.value.node {
            OptionValue::Hole(name) => return self.refuse(lint::undeclared_name::finding(span, name)),
            OptionValue::Name(name) if !matches!(entry.kind, OptionKind::Choice(_)) => {
                return self.refuse(lint::undeclared_name::finding(span, name));
            }
            _ => {}
        }
        let compared = option.operator.is_some_and(|operator| operator.node != Operator::Equal);
        let negated = option.operator.is_some_and(|operator| operator.node == Operator::NotEqual);
        let comparable = match entry.kind {
            OptionKind::Comparison | OptionKind::Share => true,
            OptionKind::Pattern => negated,
            _ => false,
        };
        let value = if compared && !comparable { Ok(None) } else { self.value_of_kind(entry, option) };
        match value {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                let finding = lint::option_value::finding(option, protocol, entry, self.text(span));
                self.refuse(finding)
            }
            Err(Said) => None,
        }
    }

    /// The value as one of this kind; nothing where it is none, and [`Said`] where that was said already.
    fn value_of_kind(
        &mut self,
        entry: &ProtocolOptionEntry,
        option: &ProtocolOption,
    ) -> Result<Option<SettingValue>, Said> {
        let value = &option.value.node;
        Ok(match &entry.kind {
            OptionKind::Text => text(value).map(SettingValue::Text),
            OptionKind::Secret => text(value).map(SettingValue::Secret),
            OptionKind::Path => {
                let path = text(value);
                if self.is_monit() && path.as_ref().is_some_and(|path| !path.starts_with('/')) {
                    let headline = format!("Monit refuses `{}` here", written_unit(self.text(option.value.span)));
                    let reason = "it takes a path that begins with `/`";
                    self.report(lint::not_portable::finding(option.value.span, headline, reason));
                }
                path.map(SettingValue::Text)
            }
            // What is encoded already is so to Monit, too, and encoded once more.
            OptionKind::Request => text(value).map(|text| SettingValue::Text(url::encoded(&text, !self.is_monit()))),
            OptionKind::Integer(least, most) => match self.whole_of(value)? {
                Some(number) if (*least..=*most).contains(&number) => Some(SettingValue::Integer(number)),
                Some(number) => {
                    let number = option.value.span.with(number);
                    self.odd_integer(&entry.name, &number, *least, *most).map(SettingValue::Integer)
                }
                None => None,
            },
            OptionKind::Number => plain(value)
                .map(|quantity| self.number(&quantity.number))
                .map(seen)
                .transpose()?
                .map(SettingValue::Number),
            OptionKind::Truth => match value {
                OptionValue::Truth(truth) => Some(SettingValue::Truth(*truth)),
                _ => None,
            },
            OptionKind::Duration => duration(value),
            OptionKind::Size => quantity(value).and_then(size).map(SettingValue::Size),
            OptionKind::Choice(words) => {
                let written = text(value);
                let word = written.and_then(|written| words.iter().find(|word| word.eq_ignore_ascii_case(&written)));
                word.map(|word| SettingValue::Text(word.to_string()))
            }
            OptionKind::Comparison => match self.whole_of(value)? {
                // What is left of a number that was too large can be negative; Monit refuses it then.
                Some(number) if number >= 0 => Some(compare(option, number)),
                _ => None,
            },
            OptionKind::Share => match quantity(value) {
                Some(quantity) if quantity.unit.is_some_and(|unit| unit.node == Unit::Percent) => {
                    let number = seen(self.number(&quantity.number))?;
                    whole(number).map(|number| compare(option, number))
                }
                _ => None,
            },
            OptionKind::Hash => return self.hash(option),
            OptionKind::Headers => match value {
                OptionValue::Headers(headers) => {
                    let pairs = headers.iter().map(|header| (header.name.node.clone(), header.value.node.clone()));
                    Some(SettingValue::Headers(pairs.collect()))
                }
                _ => None,
            },
            OptionKind::Pattern => match text(value) {
                Some(pattern) => {
                    self.is_pattern(&option.value.span.with(pattern.clone()), &pattern).ok_or(Said)?;
                    let negated = option.operator.is_some_and(|operator| operator.node == Operator::NotEqual);
                    Some(SettingValue::Pattern(ContentTest { negated, pattern }))
                }
                None => None,
            },
            OptionKind::Texts => match value {
                OptionValue::Text(text) => Some(SettingValue::Texts(vec![text.clone()])),
                OptionValue::Texts(texts) => {
                    Some(SettingValue::Texts(texts.iter().map(|text| text.node.clone()).collect()))
                }
                _ => None,
            },
        })
    }

    /// A whole number without a unit.
    fn whole_of(&mut self, value: &OptionValue) -> Result<Option<i64>, Said> {
        let Some(quantity) = plain(value) else { return Ok(None) };
        Ok(whole(seen(self.number(&quantity.number))?))
    }

    /// A checksum, of the kind that stands before it or that its length tells.
    fn hash(&mut self, option: &ProtocolOption) -> Result<Option<SettingValue>, Said> {
        let (kind, digits) = match &option.value.node {
            OptionValue::Hash { kind, digits } => (*kind, digits.clone()),
            OptionValue::Text(digits) => (None, digits.clone()),
            _ => return Ok(None),
        };
        if let Some((kind, digits)) = checksum::digits(&digits, kind, self.is_monit()) {
            return Ok(Some(SettingValue::Hash(kind, digits)));
        }
        self.report(lint::wrong_checksum::finding(&option.value.span.with(digits), kind, self.dialect));
        Err(Said)
    }
}

/// What is wrong was said already.
struct Said;

/// A value of which something was said where it is absent.
fn seen<T>(value: Option<T>) -> Result<T, Said> {
    value.ok_or(Said)
}

fn compare(option: &ProtocolOption, number: i64) -> SettingValue {
    SettingValue::Comparison(limit::relation(option.operator.map(|operator| operator.node)), number)
}

fn text(value: &OptionValue) -> Option<String> {
    match value {
        OptionValue::Text(text) | OptionValue::Name(text) => Some(text.clone()),
        _ => None,
    }
}

fn quantity(value: &OptionValue) -> Option<&Quantity> {
    match value {
        OptionValue::Quantity(quantity) => Some(quantity),
        _ => None,
    }
}

/// A number without a unit.
fn plain(value: &OptionValue) -> Option<&Quantity> {
    quantity(value).filter(|quantity| quantity.unit.is_none())
}

#[expect(clippy::cast_possible_truncation, reason = "the number has no fraction, and the cast clamps")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0).then_some(number as i64)
}

fn duration(value: &OptionValue) -> Option<SettingValue> {
    let quantity = quantity(value)?;
    let seconds = length::seconds_of(quantity.unit?.node)?;
    let number = quantity.number.node.literal()?;
    Some(SettingValue::Duration(length::duration(number * seconds)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast clamps")]
fn size(quantity: &Quantity) -> Option<u64> {
    let factor = limit::bytes_of(quantity.unit.map_or(ast::Unit::Byte, |unit| unit.node))?;
    Some((quantity.number.node.literal()? * factor) as u64)
}
