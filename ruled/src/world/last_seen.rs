//! What was seen last of each service, for the environment of its programs and for `-vv`.

use std::collections::HashMap;

use interpreter::engine::{ConnectionResult, Identity, Metric, Monotonic, Presence, Raw, Reading, Readings, ServiceId};

use crate::act::environment::LastSeen;

/// What was seen last of each service that is a process.
#[derive(Debug, Default)]
pub struct LastSeenTable {
    services: HashMap<ServiceId, (LastSeen, Option<(Monotonic, f64)>)>,
}

impl LastSeenTable {
    /// Notes what an observation saw.
    pub fn note(&mut self, service: ServiceId, readings: &Readings) {
        let Presence::Present(Identity::Process { pid, .. }) = readings.presence else {
            self.services.remove(&service);
            return;
        };
        // An early look measures nothing, and the figures of another process say nothing about this one.
        let (mut seen, mut work) = self.services.get(&service).copied().unwrap_or_default();
        if seen.pid != Some(pid) {
            (seen, work) = (LastSeen { pid: Some(pid), ..LastSeen::default() }, None);
        }
        if let Some(Reading::Known(Raw::Part { amount, .. })) = readings.values.get(&Metric::Memory) {
            seen.memory_bytes = Some(*amount);
        }
        if let Some(Reading::Known(Raw::Work { seconds, capacity })) = readings.values.get(&Metric::Cpu) {
            let taken = readings.taken.monotonic;
            if let Some((before, seconds_before)) = work {
                let possible = taken.since(before).as_secs_f64() * capacity;
                seen.cpu_percent = (possible > 0.0).then(|| (seconds - seconds_before).max(0.0) / possible * 100.0);
            }
            work = Some((taken, *seconds));
        }
        self.services.insert(service, (seen, work));
    }

    /// What was seen last.
    pub fn get(&self, service: ServiceId) -> LastSeen {
        self.services.get(&service).map(|(seen, _)| *seen).unwrap_or_default()
    }
}

/// All readings in a line.
pub fn describe(readings: &Readings) -> String {
    let mut parts = vec![match &readings.presence {
        Presence::Present(Identity::Process { pid, uptime_s, .. }) => format!("pid {pid} has run for {uptime_s} s"),
        Presence::Present(Identity::File { mode, .. }) => format!("is there, mode {mode:04o}"),
        Presence::Present(Identity::Itself) => "is looked at".to_owned(),
        Presence::Zombie(_) => "is a zombie".to_owned(),
        Presence::Absent(reason) | Presence::Invalid(reason) | Presence::Unknown(reason) => reason.clone(),
    }];
    for (metric, reading) in &readings.values {
        parts.push(match reading {
            Reading::Known(raw) => format!("{metric:?}: {raw:?}"),
            Reading::Unknown(reason) => format!("{metric:?} unknown: {reason}"),
        });
    }
    for (place, reading) in &readings.connections {
        parts.push(match reading {
            Reading::Known(ConnectionResult::Passed { response_time, summary }) => {
                format!("connection of rule {place} in {response_time:?} {summary}")
            }
            Reading::Known(ConnectionResult::Failed(reason)) => format!("connection of rule {place}: {reason}"),
            Reading::Unknown(reason) => format!("connection of rule {place} unknown: {reason}"),
        });
    }
    parts.join("; ")
}
