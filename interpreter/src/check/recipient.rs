//! Recipients of mail and the events that they get.

use grammar::Spanned;
use grammar::ast;

use super::Context;
use crate::catalog::EventEntry;
use crate::lint;
use crate::program::{AlertTarget, EventMask};

impl Context<'_> {
    /// A recipient. Classes that nothing raises are accepted and never match.
    pub(super) fn recipient(&mut self, written: &ast::AlertTarget) -> AlertTarget {
        let events = written.events.as_ref().map_or_else(EventMask::all, |filter| {
            let named: Vec<&EventEntry> = filter.events.iter().filter_map(|word| self.event(word)).collect();
            let silent =
                named.iter().filter(|entry| entry.class.is_none()).filter_map(|entry| entry.words.first().copied());
            let mask = EventMask::of(named.iter().filter_map(|entry| entry.class)).with_silent(silent);
            if filter.excluded { mask.complement() } else { mask }
        });
        AlertTarget { address: written.address.node.clone(), events }
    }

    /// Somebody who gets nothing.
    pub(super) fn no_recipient(&mut self, address: &Spanned<String>) -> AlertTarget {
        AlertTarget { address: address.node.clone(), events: EventMask::of([]) }
    }

    fn event(&mut self, word: &Spanned<String>) -> Option<&'static EventEntry> {
        match EventEntry::find(&word.node) {
            Some(entry) => Some(entry),
            None => self.refuse(lint::unknown_event::finding(word)),
        }
    }
}
