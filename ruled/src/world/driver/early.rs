//! The part of the loop that makes services due out of turn: processes that exit, files that change.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use grammar::english::count;
use interpreter::engine::{Cause, Input, Presence, ServiceId};

use super::{Driver, Due};
use crate::observe::process::Known;
use crate::report::level::Level;
use crate::world::Verbosity;
use crate::world::looks::Look;
use crate::world::watch::Exit;

/// How long the parent of a process that exited is given at first, doubled each time: most notice within a
/// millisecond. After the last look, 15 ms later, the engine decides how to go on.
const ZOMBIE_PAUSE: Duration = Duration::from_millis(1);
const ZOMBIE_LOOKS_MAX: u32 = 4;

impl Driver {
    /// A process that was seen has exited: children are buried first, so that the look that follows sees no corpse
    /// of our own.
    pub(super) fn exited(&mut self, exit: Exit) {
        let seen = Instant::now();
        self.reap();
        if self.watches.is_current(&exit) {
            self.last_exit = Some((exit.service, seen));
            self.inputs.push_back(Input::Woken(exit.service, Cause::Exited(exit.identity)));
        }
    }

    /// Files changed.
    pub(super) fn changed(&mut self, services: BTreeSet<ServiceId>) {
        self.inputs.extend(services.into_iter().map(|service| Input::Woken(service, Cause::Changed)));
    }

    /// The process of a service that is watched. What is watched belongs to the present run.
    pub(super) fn known(&self, service: ServiceId) -> Option<Known> {
        if self.is_former { None } else { self.watches.known(service) }
    }

    /// From here on the files of this program are watched: each from its first look on.
    pub(super) fn heed_changes(&mut self) {
        let heeding = self.program.ids().filter(|id| self.engine.heeds_changes(*id));
        self.places.heed(self.generation, heeding);
    }

    /// Looks on this thread for a process that exited. Its parent needs a moment to notice; where a zombie counts
    /// as running, the look is repeated within that moment.
    pub(super) fn look_early(&mut self, look: Look, times: u32) {
        let Some(sighted) = self.looks.now(&look) else { return self.observe(vec![look]) };
        let is_zombie = matches!(sighted.seen.presence, Presence::Zombie(_));
        if is_zombie && self.program.settings.behaviour.zombie_exists && times < ZOMBIE_LOOKS_MAX {
            self.timers
                .set(Instant::now() + ZOMBIE_PAUSE * 2_u32.pow(times), Due::LookAgain(Box::new(look), times + 1));
        } else {
            self.sighted(sighted);
        }
    }

    /// Says when all that a cycle or an exit brought about is done: who follows the log may rely on that nothing
    /// more comes of it. Says before it what is watched for changes, where that is another than it was.
    pub(super) fn say_rest(&mut self) {
        if let Some(trouble) = self.places.trouble() {
            self.say(Level::Warning, &trouble);
        }
        if self.options.verbosity < Verbosity::Verbose {
            return;
        }
        let cycle = self.engine.cycle();
        let is_idle = self.is_idle();
        let rested = std::mem::replace(&mut self.rested, (cycle, is_idle));
        if is_idle && cycle > 0 && rested != self.rested {
            let watching = self.places.count();
            if std::mem::replace(&mut self.watching, watching) != watching {
                let (places, services) = (watching.0 as u64, watching.1 as u64);
                let (places, services) = (count(places, "directory"), count(services, "service"));
                self.say(Level::Debug, &format!("watching {places} for changes of {services}"));
            }
            self.say(Level::Debug, &format!("cycle {cycle} is over"));
        }
    }
}
