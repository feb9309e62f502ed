//! The part of the loop that takes readings that are complete: they are noted, said with `-v`, and handed to the engine.

use interpreter::engine::{Input, Readings, RoundId, ServiceId};

use super::Driver;
use crate::report::level::Level;
use crate::world::last_seen;

impl Driver {
    pub(super) fn complete(&mut self, service: ServiceId, round: RoundId, readings: Readings) {
        self.last_seen.note(service, &readings);
        if let Some(watched) = self.program.service(service) {
            if let Some(lacks) = self.lacking.note(service, &readings) {
                self.say(Level::Warning, &format!("'{}' {lacks}", watched.name));
            }
            for line in last_seen::lines(self.options.verbosity, watched, &readings) {
                self.say(Level::Debug, &format!("'{}' {line}", watched.name));
            }
        }
        self.inputs.push_back(Input::Readings(service, round, readings));
    }
}
