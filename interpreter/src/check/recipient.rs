//! Recipients of mail and the events that they get.

use grammar::Spanned;
use grammar::ast::{self, Value};

use super::Context;
use crate::catalog::EventEntry;
use crate::lint;
use crate::program::{AlertTarget, EventMask};

impl Context<'_> {
    /// A recipient.
    pub(super) fn recipient(&mut self, written: &ast::AlertTarget) -> AlertTarget {
        let events = written.events.as_ref().map_or_else(EventMask::all, |filter| {
            let named: Vec<&EventEntry> = filter.events.iter().filter_map(|word| self.event(word)).collect();
            let mask = EventMask::of(named.iter().map(|entry| entry.class));
            if filter.excluded { mask.complement() } else { mask }
        });
        AlertTarget {
            address: written.address.node.clone(),
            events,
            reminder_cycles: written.reminder_cycles.as_ref().and_then(|cycles| self.reminder(cycles)).unwrap_or(0),
            format: written.format.as_ref().map(|format| self.mail_format(format)),
        }
    }

    /// Somebody who gets nothing.
    pub(super) fn no_recipient(&mut self, address: &Spanned<String>) -> AlertTarget {
        AlertTarget { address: address.node.clone(), events: EventMask::of([]), reminder_cycles: 0, format: None }
    }

    /// After how many cycles somebody is told again. Monit keeps 32 bits without a sign.
    fn reminder(&mut self, cycles: &Spanned<Value<f64>>) -> Option<u32> {
        if !self.is_monit() {
            return u32::try_from(self.whole(cycles, "cycles", 0..=i64::from(u32::MAX))?).ok();
        }
        let number = self.number(cycles)?;
        let number = self.whole_number(cycles.span, number, "cycles")?;
        u32::try_from(number.rem_euclid(1 << 32)).ok()
    }

    fn event(&mut self, word: &Spanned<String>) -> Option<&'static EventEntry> {
        match EventEntry::find(&word.node) {
            Some(entry) => Some(entry),
            None => self.refuse(lint::unknown_event::finding(word)),
        }
    }
}
