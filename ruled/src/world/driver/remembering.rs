//! The part of the loop that knows what was before: state from an earlier run, and from before a reload.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use grammar::ast::ServiceKind;
use interpreter::durable::{Kept, KeptStep, ServiceKey};
use interpreter::engine::{Engine, Event, EventClass, EventState, Interval};
use interpreter::program::{Program, ServiceId};

use super::Driver;
use crate::remember::{Keeper, Notice, Recollection, Tell};
use crate::report::level::Level;
use crate::report::mail::Opening;
use crate::report::{Reporter, wall_now};
use crate::world::Options;
use crate::world::deeds::start_ticks;

/// Hands the engine what an earlier run kept, and begins to keep what follows. A run that changes nothing keeps nothing.
pub(super) fn recall(engine: &mut Engine, options: &Options, reporter: &Reporter) -> io::Result<Keeper> {
    let Some(path) = options.state.clone().filter(|_| !options.dry) else {
        reporter.open_mail(Opening::default());
        return Ok(Keeper::in_memory());
    };
    let program = engine.program();
    let known: BTreeSet<ServiceKey> = program.services.iter().map(ServiceKey::of).collect();
    let (keeper, Recollection { services, mail, .. }) =
        Keeper::start(path, &known, notices(reporter.clone(), system(program)))?;
    let (news, letters) = mail.contents();
    reporter.open_mail(Opening { news, letters, door: keeper.mail_door() });
    go_on_from(engine, as_it_is(services), &keeper);
    Ok(keeper)
}

/// Goes on with what was kept: of some services that was before the machine was started.
pub(super) fn go_on_from(engine: &mut Engine, services: BTreeMap<ServiceKey, Kept>, keeper: &Keeper) {
    let (older, present): (BTreeMap<_, _>, BTreeMap<_, _>) =
        services.into_iter().partition(|(key, _)| keeper.before_boot().contains(key));
    engine.go_on_from(&older, Interval::Reboot);
    engine.go_on_from(&present, Interval::Restart);
}

/// What was kept, with what became of it meanwhile: a stop program that is gone takes nothing down any more.
fn as_it_is(mut services: BTreeMap<ServiceKey, Kept>) -> BTreeMap<ServiceKey, Kept> {
    for intent in services.values_mut().filter_map(|kept| kept.intent.as_mut()) {
        if let (KeptStep::Stop, Some((pid, ticks))) = (intent.step, intent.program)
            && start_ticks(pid).is_ok_and(|found| found != Some(ticks))
        {
            intent.until_us = 0;
        }
    }
    services
}

/// The service in whose name ruled speaks of itself.
pub(super) fn system(program: &Program) -> ServiceId {
    let system = program.services.iter().position(|service| service.kind() == ServiceKind::System);
    system.map_or(ServiceId(u32::MAX), ServiceId::new)
}

/// State that cannot be kept is an event, so that somebody is told; so is its end.
fn notices(reporter: Reporter, service: ServiceId) -> Tell {
    Box::new(move |notice| {
        let (state, message) = match notice {
            Notice::Remark(text) => return reporter.say(wall_now(), Level::Warning, &text),
            Notice::Failed(text) => (EventState::Failed, text),
            Notice::Healed(text) => (EventState::Succeeded, text),
        };
        reporter.tell(Event {
            at: wall_now(),
            cycle: 1,
            early: true,
            service,
            class: EventClass::Data,
            state,
            action: "alert",
            message,
            rule: None,
            takers: Vec::new(),
        });
    })
}

impl Driver {
    /// Mails what was told, with what is kept because of it or without.
    pub(super) fn mail_told(&mut self) {
        self.reporter.mail(std::mem::take(&mut self.unmailed));
    }

    /// Waits for a moment until what is to be done is written, so that it is known even if ruled ends without a word.
    pub(super) fn settle_intent(&self) {
        self.keeper.settle();
    }

    /// Takes note of a program that takes a service down: as long as it runs, nothing is started.
    pub(super) fn keep_stop_program(&mut self, service: ServiceId, pid: u32) {
        if let (Some(service), Ok(Some(ticks))) = (self.program.service(service), start_ticks(pid)) {
            self.keeper.keep_program(&ServiceKey::of(service), pid, ticks);
        }
    }

    /// Keeps what an engine after this one needs to go on; where something was told before, as known only when that is
    /// written.
    pub(super) fn keep(&mut self, service: ServiceId, kept: Kept, has_told: bool) {
        if has_told {
            self.mail_told();
            self.keeper.keep_after(self.reporter.receipt());
        }
        let Some(service) = self.program.service(service) else { return };
        let key = ServiceKey::of(service);
        if self.is_former {
            // What a run leaves that finishes what it began is taken over by the present one, which keeps it. What it is
            // doing is known to it alone.
            self.keeper.keep_intent(key, kept.intent);
        } else {
            self.keeper.keep(key, kept);
        }
    }
}
