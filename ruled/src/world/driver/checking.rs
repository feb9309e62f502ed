//! Checks of plugins of one's own: asked for in the rounds of their services, and taken when they come back.

use std::time::Duration;

use interpreter::engine::{Event, EventClass, EventState, PluginReport, Reading};
use interpreter::program::{Program, ServiceId, Target};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::super::rounds::RoundKey;
use super::{Driver, remembering};
use crate::control::protocol::{Plugin, Quarantine};
use crate::observe::connection::Connector;
use crate::plugin::{Quarantined, Told, Turn};
use crate::words::one_line;

/// What comes of plugins.
pub(super) enum Checked {
    /// What a check by one of somebody's own came to, and what is to be said of its file.
    Report(RoundKey, Reading<PluginReport>, Option<String>),
    /// One is left alone for a while, or no longer.
    Quarantine(Quarantined),
    /// A probe that rules name by its protocol takes the place of another one: a sentence about that.
    Replaced(String),
}

/// The way on which that comes, and its end.
pub(super) fn begin(connector: &Connector) -> (UnboundedSender<Checked>, UnboundedReceiver<Checked>) {
    // Bounded: a service has one round under way at a time, and a quarantine lasts for minutes.
    let (checked, checks) = unbounded_channel();
    let (quarantined, replaced) = (checked.clone(), checked.clone());
    // The loop is gone only when ruled ends.
    connector.plugins().watch(move |news| quarantined.send(Checked::Quarantine(news)).unwrap_or(()));
    connector.plugins().watch_probes(move |news| replaced.send(Checked::Replaced(news)).unwrap_or(()));
    (checked, checks)
}

/// What plugins have done, as it is said through the door.
pub(super) fn plugins(connector: &Connector) -> Vec<Plugin> {
    let quarantine = |(with, left): (Option<String>, Duration)| Quarantine { with, left_s: left.as_secs() + 1 };
    let plugin = |told: Told| Plugin {
        name: one_line(&told.name),
        version: one_line(&told.version),
        sha256: told.sha256,
        checks: told.checks,
        faults: told.faults,
        last_fault: told.last_fault.map(|fault| one_line(&fault)),
        cpu_ms: told.cpu.as_secs_f64() * 1_000.0,
        quarantine: told.quarantined.into_iter().map(quarantine).collect(),
    };
    connector.plugins().told().into_iter().map(plugin).collect()
}

/// The service that a quarantine concerns: the check of that name, otherwise the one in whose name ruled speaks of itself.
fn concerned(program: &Program, news: &Quarantined) -> ServiceId {
    let is_meant = |service: &interpreter::program::Service| {
        matches!(service.target, Target::Plugin(_)) && news.with.as_ref() == Some(&service.name)
    };
    program.services.iter().position(is_meant).map_or_else(|| remembering::system(program), ServiceId::new)
}

impl Driver {
    /// Has the plugin of a service check it; says whether it has one.
    pub(super) fn ask_plugin(&mut self, key: RoundKey) -> bool {
        let Some(service) = self.program.service(key.service) else { return false };
        let Target::Plugin(check) = &service.target else { return false };
        let checked = self.checked.clone();
        // The loop is gone only when ruled ends.
        let done = move |report, note| checked.send(Checked::Report(key, report, note)).unwrap_or(());
        self.connector.check(&service.name, check, &self.manner, Box::new(done));
        true
    }

    /// What came of a plugin.
    pub(super) fn was_checked(&mut self, checked: Checked) {
        match checked {
            Checked::Report(key, report, note) => {
                let next = self.rounds.reported(key, self.clock.now(), report);
                self.in_generation(key.generation, |driver| {
                    if let Some(note) = note {
                        driver.tell_of_plugin(key.service, EventClass::Checksum, EventState::Changed, note);
                    }
                    driver.proceed(key, next);
                });
            }
            Checked::Replaced(news) => {
                let service = remembering::system(&self.program);
                self.tell_of_plugin(service, EventClass::Checksum, EventState::Changed, news);
            }
            Checked::Quarantine(news) => {
                let service = concerned(&self.program, &news);
                let state = match news.turn {
                    Turn::Begins { .. } => EventState::Failed,
                    Turn::Ends => EventState::Succeeded,
                };
                self.tell_of_plugin(service, EventClass::Data, state, news.to_string());
            }
        }
    }

    /// An event that no rule brings about.
    fn tell_of_plugin(&self, service: ServiceId, class: EventClass, state: EventState, message: String) {
        self.reporter.tell(Event {
            at: self.clock.now().wall,
            cycle: self.engine.cycle(),
            early: false,
            service,
            class,
            state,
            action: "alert",
            message,
            rule: None,
            takers: Vec::new(),
        });
    }
}
