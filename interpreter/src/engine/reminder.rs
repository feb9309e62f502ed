//! Who wants to be reminded of what goes on, and when.

use super::EventClass;
use crate::outbox::{recipients, reminds};
use crate::program::{AlertTarget, Service, Settings};

/// The recipients of a service who want to be reminded. Mostly there are none, which costs next to nothing.
pub(super) struct Reminders<'a> {
    all: &'a [AlertTarget],
    own: &'a [AlertTarget],
    is_wanted: bool,
}

impl Reminders<'_> {
    pub(super) fn of<'a>(service: &'a Service, settings: &'a Settings) -> Reminders<'a> {
        let (all, own) = (settings.alerts.as_slice(), service.alerts.as_slice());
        let is_wanted = all.iter().chain(own).any(|target| target.reminder_cycles > 0);
        Reminders { all, own, is_wanted }
    }

    /// Whether somebody wants to be reminded of anything.
    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Whether somebody wants to be reminded of an event of this class that has gone on for so many cycles.
    pub(super) fn are_due(&self, class: EventClass, cycles: u64) -> bool {
        self.is_wanted && recipients(self.all, self.own, class).into_iter().any(|target| reminds(target, cycles))
    }
}
