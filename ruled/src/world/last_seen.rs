//! What was seen last of each service, for the environment of its programs, `-v` and `-vv`.

use std::collections::HashMap;

use interpreter::catalog::MetricEntry;
use interpreter::engine::{
    ConnectionResult, Identity, Metric, Monotonic, PluginReport, Presence, Raw, Reading, Readings, ServiceId,
    performance_figure,
};
use interpreter::program::{Endpoint, Service, Target, Test};

use super::Verbosity;
use crate::act::environment::{Facts, LastSeen};
use crate::observe::procfs;

/// What was seen last of each service that is a process.
#[derive(Debug, Default)]
pub struct LastSeenTable {
    services: HashMap<ServiceId, (LastSeen, Option<(Monotonic, f64)>)>,
    /// How the programs ended that are services.
    statuses: HashMap<ServiceId, i32>,
}

/// How many descendants of a process are counted at most.
const CHILDREN_MAX: usize = 1_000;

impl LastSeenTable {
    /// Notes what an observation saw.
    pub fn note(&mut self, service: ServiceId, readings: &Readings) {
        if let Some(Reading::Known(Raw::Gauge(status))) = readings.values.get(&Metric::Status) {
            self.statuses.insert(service, *status as i32);
        }
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

    /// What a program finds of its service. What is quickly had of its process is read now, so that it need not be in each
    /// cycle.
    pub fn facts(&self, id: ServiceId, service: &Service) -> Facts {
        match service.target {
            Target::Program(_) => Facts::Program(self.statuses.get(&id).copied().unwrap_or(0)),
            Target::Pidfile(_) | Target::Matching(_) => {
                let mut seen = self.services.get(&id).map(|(seen, _)| *seen).unwrap_or_default();
                let stat =
                    seen.pid.and_then(|pid| procfs::process(pid).ok().flatten()).filter(|stat| !stat.has_ended());
                if let Some(stat) = stat {
                    let bytes = stat.resident_pages.saturating_mul(rustix::param::page_size() as u64) as f64;
                    seen.memory_bytes = Some(seen.memory_bytes.unwrap_or(bytes));
                    seen.children = Some(descendants(stat.pid));
                }
                Facts::Process(seen)
            }
            _ => Facts::None,
        }
    }
}

/// What is said of an observation, so verbosely.
pub fn lines(verbosity: Verbosity, service: &Service, readings: &Readings) -> Vec<String> {
    match verbosity {
        Verbosity::Quiet | Verbosity::Normal => Vec::new(),
        Verbosity::Verbose => connections(service, readings).into_iter().chain(plugin(readings)).collect(),
        Verbosity::Readings => vec![describe(service, readings)],
    }
}

fn descendants(pid: u32) -> usize {
    let (mut found, mut next) = (vec![pid], 0);
    while let Some(pid) = found.get(next).copied().filter(|_| found.len() <= CHILDREN_MAX) {
        found.extend(procfs::children(pid));
        next += 1;
    }
    found.len() - 1
}

/// All readings of a service in a line, for `-vv`.
fn describe(service: &Service, readings: &Readings) -> String {
    let mut parts = vec![match &readings.presence {
        Presence::Present(Identity::Process { pid, uptime_s, .. }) => format!("pid {pid} has run for {uptime_s} s"),
        Presence::Present(Identity::File { mode, .. }) => format!("is there, mode {mode:04o}"),
        Presence::Present(Identity::Itself) => "is looked at".to_owned(),
        Presence::Zombie(_) => "is a zombie".to_owned(),
        Presence::Absent(reason) | Presence::Invalid(reason) | Presence::Unknown(reason) => reason.clone(),
    }];
    for (metric, reading) in &readings.values {
        let words = MetricEntry::of(*metric).map_or("value", |entry| entry.words);
        parts.push(match reading {
            Reading::Known(raw) => format!("{words}: {}", value(*raw, readings)),
            Reading::Unknown(reason) => format!("{words} is unknown: {reason}"),
        });
    }
    parts.extend(performance(service, readings));
    parts.extend(connections(service, readings));
    parts.extend(plugin(readings));
    parts.join("; ")
}

/// The figures that rules ask for.
fn performance(service: &Service, readings: &Readings) -> Vec<String> {
    let tests = service.rules.iter().flat_map(|rule| rule.test.parts());
    let line = |test: &Test| match test {
        Test::Performance(test) => Some(match performance_figure(test, readings) {
            Reading::Known(value) => format!("performance '{}': {value}", test.label),
            Reading::Unknown(reason) => format!("performance '{}' is unknown: {reason}", test.label),
        }),
        _ => None,
    };
    tests.filter_map(line).collect()
}

/// What became of each connection, for `-v`.
fn connections(service: &Service, readings: &Readings) -> Vec<String> {
    let connection = |place: &u32| match service.rules.get(*place as usize).map(|rule| &rule.test) {
        Some(Test::Connection(connection)) => {
            let protocol = connection.protocol.as_ref().map(|call| format!(" protocol {}", call.name));
            let place = match &connection.endpoint {
                Endpoint::Port { host, port } => format!("{host} port {port}"),
                Endpoint::Unix(path) => format!("socket {path}"),
            };
            format!("{place}{}", protocol.unwrap_or_default())
        }
        Some(Test::Ping(_)) => "ping".to_owned(),
        _ => "connection".to_owned(),
    };
    let line = |(place, reading): (&u32, &Reading<ConnectionResult>)| match reading {
        Reading::Known(ConnectionResult::Passed { response_time, summary, .. }) => {
            let summary = if summary.is_empty() { "answered" } else { summary };
            format!("{}: {summary}, in {:.1} ms", connection(place), response_time.as_secs_f64() * 1000.0)
        }
        Reading::Known(ConnectionResult::Failed(reason)) => format!("{} failed: {reason}", connection(place)),
        Reading::Unknown(reason) => format!("{} is unknown: {reason}", connection(place)),
    };
    readings.connections.iter().map(line).collect()
}

/// What a plugin reported, in a line.
fn plugin(readings: &Readings) -> Option<String> {
    Some(match readings.plugin.as_deref()? {
        Reading::Known(PluginReport::Passed { summary, metrics }) => {
            let metrics: Vec<String> = metrics.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let said = if summary.is_empty() { "passed" } else { summary };
            if metrics.is_empty() { said.to_owned() } else { format!("{said} ({})", metrics.join(", ")) }
        }
        Reading::Known(PluginReport::Failed(reason)) => format!("failed: {reason}"),
        Reading::Unknown(reason) => format!("is unknown: {reason}"),
    })
}

/// A raw value as people read it. Rates are the judge's affair, so counters are shown as they are.
fn value(raw: Raw, readings: &Readings) -> String {
    match raw {
        Raw::Gauge(value) => format!("{value:.2}"),
        Raw::Part { amount, whole } => format!("{} of {}", bytes(amount), bytes(whole)),
        Raw::Work { seconds, capacity } => {
            format!("{seconds:.2} s of work so far, at most {capacity:.0} s in a second")
        }
        Raw::Share { part, whole } => format!("{part:.0} of {whole:.0} ticks so far"),
        Raw::Growth { bytes, pieces } => format!("{bytes:.0} bytes in {pieces:.0} pieces so far"),
        Raw::Mean { sum, count } => format!("{sum} for {count:.0} so far"),
        Raw::Busier { one, other, .. } => format!("{one:.0} and {other:.0} so far"),
        Raw::Stamp(at) => format!("{} s old", (readings.taken.wall.0 - at.0) / 1_000_000),
    }
}

fn bytes(amount: f64) -> String {
    let mut amount = amount;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if amount < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = larger;
    }
    format!("{amount:.1} {unit}")
}
