//! Protocols, checked against what their plugins say about themselves.

use grammar::ast::{self, OptionValue, ProtocolOption, Quantity, Unit};

use super::{Context, length, limit};
use crate::catalog::{OptionKind, ProtocolEntry, ProtocolOptionEntry};
use crate::lint;
use crate::program::{ProtocolCall, ProtocolSetting, SettingValue};

/// The name of the bare connection.
const BARE: &str = "default";

impl Context<'_> {
    /// A protocol with its settings; no protocol for the bare connection, nothing where there is an error.
    pub(super) fn protocol(&mut self, written: &ast::Protocol) -> Option<Option<ProtocolCall>> {
        if written.name.node.eq_ignore_ascii_case(BARE) && written.options.is_empty() {
            return Some(None);
        }
        let protocols = self.protocols;
        let Some(entry) = protocols.find(&written.name.node) else {
            return self.refuse(lint::unknown_protocol::finding(&written.name, protocols));
        };
        let mut settings: Vec<ProtocolSetting> = Vec::new();
        let mut sound = true;
        for option in &written.options {
            let Some(setting) = self.setting(entry, option) else {
                sound = false;
                continue;
            };
            // The last value of an option counts.
            settings.retain(|one| one.name != setting.name);
            settings.push(setting);
        }
        for missing in entry.options.iter().filter(|one| one.required) {
            if sound && !settings.iter().any(|setting| setting.name == missing.name) {
                self.report(lint::missing_option::finding(written, entry, missing));
                sound = false;
            }
        }
        sound.then(|| Some(ProtocolCall { name: entry.name.clone(), settings }))
    }

    fn setting(&mut self, protocol: &ProtocolEntry, option: &ProtocolOption) -> Option<ProtocolSetting> {
        let Some(entry) = protocol.option(&option.name.node) else {
            return self.refuse(lint::unknown_option::finding(option, protocol));
        };
        if let OptionValue::Hole(name) = &option.value.node {
            return self.refuse(lint::undeclared_name::finding(option.value.span, name));
        }
        if let (OptionValue::Name(name), false) = (&option.value.node, matches!(entry.kind, OptionKind::Choice(_))) {
            return self.refuse(lint::undeclared_name::finding(option.value.span, name));
        }
        let value = self.value(entry, option);
        if value.is_none() {
            let finding = lint::option_value::finding(option, protocol, entry, self.text(option.value.span));
            self.report(finding);
        }
        Some(ProtocolSetting { name: entry.name.clone(), value: value? })
    }

    /// The value of an option, where it is of the kind that the option takes.
    fn value(&mut self, entry: &ProtocolOptionEntry, option: &ProtocolOption) -> Option<SettingValue> {
        let value = &option.value.node;
        let compared = option.operator.is_some_and(|operator| operator.node != ast::Operator::Equal);
        if compared && entry.kind != OptionKind::Comparison {
            return None;
        }
        match &entry.kind {
            OptionKind::Text => text(value).map(SettingValue::Text),
            OptionKind::Secret => text(value).map(SettingValue::Secret),
            OptionKind::Integer(least, most) => {
                whole(value).filter(|number| (*least..=*most).contains(number)).map(SettingValue::Integer)
            }
            OptionKind::Number => plain(value).map(SettingValue::Number),
            OptionKind::Truth => match value {
                OptionValue::Truth(truth) => Some(SettingValue::Truth(*truth)),
                _ => None,
            },
            OptionKind::Duration => {
                let quantity = quantity(value)?;
                let seconds = length::seconds_of(quantity.unit?.node)?;
                let number = quantity.number.node.literal()?;
                Some(SettingValue::Duration(length::duration(number * seconds)))
            }
            OptionKind::Size => size(quantity(value)?).map(SettingValue::Size),
            OptionKind::Choice(words) => {
                let written = text(value)?;
                let word = words.iter().find(|word| word.eq_ignore_ascii_case(&written))?;
                Some(SettingValue::Text(word.clone()))
            }
            OptionKind::Comparison => {
                let relation = limit::relation(option.operator.map(|operator| operator.node));
                whole(value).map(|number| SettingValue::Comparison(relation, number))
            }
        }
    }
}

fn text(value: &OptionValue) -> Option<String> {
    match value {
        OptionValue::Text(text) | OptionValue::Name(text) => Some(text.clone()),
        OptionValue::Quantity(_) | OptionValue::Truth(_) | OptionValue::Hole(_) => None,
    }
}

fn quantity(value: &OptionValue) -> Option<&Quantity> {
    match value {
        OptionValue::Quantity(quantity) => Some(quantity),
        _ => None,
    }
}

fn plain(value: &OptionValue) -> Option<f64> {
    let quantity = quantity(value).filter(|quantity| quantity.unit.is_none())?;
    quantity.number.node.literal().copied()
}

#[expect(clippy::cast_possible_truncation, reason = "the number has no fraction, and the cast clamps")]
fn whole(value: &OptionValue) -> Option<i64> {
    plain(value).filter(|number| number.fract() == 0.0).map(|number| number as i64)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast clamps")]
fn size(quantity: &Quantity) -> Option<u64> {
    let factor = limit::bytes_of(quantity.unit.map_or(Unit::Byte, |unit| unit.node))?;
    Some((quantity.number.node.literal()? * factor) as u64)
}

/// An option of a secret kind that stands in the text as it is.
pub(crate) fn secrets<'a>(protocol: &ProtocolEntry, written: &'a ast::Protocol) -> Vec<&'a ProtocolOption> {
    let secret = |option: &&ProtocolOption| {
        protocol.option(&option.name.node).is_some_and(|entry| entry.kind == OptionKind::Secret)
    };
    written.options.iter().filter(secret).collect()
}
