//! Readings of the simulated world.

use std::collections::BTreeMap;
use std::time::Duration;

use super::thing::{Counter, Door, PluginMood, Port, SimValue, Thing, is_on_disk};
use crate::engine::{
    ConnectionResult, Fact, FactValue, Family, Identity, Lines, Metric, PidfileState, Plan, PluginReport, Position,
    Presence, Raw, Reading, Readings, Resource, Wall,
};
use crate::program::{Endpoint, Limit, Service, Target, Test};
use grammar::ast::ServiceKind;

/// The size of simulated filesystems, in bytes and in inodes.
const DISK_BYTES: f64 = 1_000_000.0;
/// The memory of simulated machines, in bytes.
const MEMORY_BYTES: f64 = 1_073_741_824.0;

impl Thing {
    /// How long an observation takes that begins now: the slowest port decides. Nothing when it never ends.
    pub(super) fn observation_time(&self, service: &Service, plan: &Plan) -> Option<Duration> {
        let sweep = if plan.takers.is_empty() { Duration::ZERO } else { self.sweep_time? };
        let doors = plan.connections.iter().chain(&plan.pings).filter_map(|place| Knock::of(service, *place));
        let plugin = match (&service.target, &self.plugin) {
            (Target::Plugin(check), PluginMood::Hangs) if plan.early.is_none() => check.timeout,
            _ => Duration::ZERO,
        };
        let slowest = doors.map(|knock| match self.door(&knock.door) {
            Port::Open(time) => time,
            Port::Refused(_) | Port::Unknown(_) => Duration::ZERO,
            Port::Hanging => knock.patience,
        });
        Some(self.latency + sweep + plugin + slowest.max().unwrap_or_default())
    }

    /// What is seen at this moment.
    pub(super) fn observe(&self, service: &Service, plan: &Plan) -> Readings {
        let presence = self.presence();
        let mut readings = Readings::of(self.now, presence);
        readings.pidfile = self.by_pidfile.then(|| self.pidfile.map_or(PidfileState::Gone, PidfileState::Names));
        let is_gone = self.kind == ServiceKind::Process && !self.is_running();
        readings.family = (plan.family.is_some() || is_gone).then(|| Reading::Known(self.family()));
        // Existence first: what is not there has nothing to read.
        if !matches!(readings.presence, Presence::Present(_) | Presence::Zombie(_)) {
            return readings;
        }
        // Whether it is there is known without the plugin.
        if self.kind == ServiceKind::Plugin && plan.early.is_none() {
            readings.plugin = Some(Box::new(self.report()));
        }
        readings.values = plan.metrics.iter().map(|metric| (*metric, self.value(*metric))).collect();
        let taken =
            |resource: &Resource| (*resource, self.takers.get(resource).cloned().unwrap_or(Reading::Known(Vec::new())));
        readings.takers = plan.takers.iter().map(taken).collect();
        readings.facts = plan.facts.iter().map(|fact| (*fact, self.fact(*fact, plan.follow))).collect();
        let waited = self.process.is_none_or(|process| self.now.monotonic.since(process.born) > plan.connections_after);
        if waited {
            let knock = |place: &u32| Some((*place, self.knock(&Knock::of(service, *place)?)));
            let mut answers: BTreeMap<u32, Reading<ConnectionResult>> = plan.pings.iter().filter_map(knock).collect();
            let is_silent =
                |answer: &Reading<ConnectionResult>| matches!(answer, Reading::Known(ConnectionResult::Failed(_)));
            if answers.is_empty() || !answers.values().all(is_silent) {
                answers.extend(plan.connections.iter().filter_map(knock));
            } else {
                let unasked = Reading::Unknown("the host answers no echo request".to_owned());
                answers.extend(plan.connections.iter().map(|place| (*place, unasked.clone())));
            }
            readings.connections = answers;
        }
        readings
    }

    /// What its plugin says.
    fn report(&self) -> Reading<PluginReport> {
        Reading::Known(match &self.plugin {
            PluginMood::Passes => {
                let metrics = self.metrics.keys().filter_map(|name| Some((name.clone(), self.metric(name)?)));
                PluginReport::Passed { summary: String::new(), metrics: metrics.collect() }
            }
            PluginMood::Fails(reason) => PluginReport::Failed(reason.clone()),
            PluginMood::Hangs => PluginReport::Failed("the check timed out".to_owned()),
            PluginMood::Faults(reason) => return Reading::Unknown(reason.clone()),
        })
    }

    fn family(&self) -> Family {
        let member = |number| Identity::Process { pid: number, start_ticks: 1, uptime_s: 0 };
        Family { members: (1..=self.workers).map(member).collect(), kin: Vec::new(), is_own: true }
    }

    fn presence(&self) -> Presence {
        if let Some(reason) = &self.unreadable {
            return Presence::Unknown(reason.clone());
        }
        if let Some(reason) = &self.invalid {
            return Presence::Invalid(reason.clone());
        }
        match (self.kind, self.process, self.file) {
            (ServiceKind::Process, Some(process), _) => {
                let identity = Identity::Process {
                    pid: process.pid,
                    start_ticks: process.born.0 / 10_000_000,
                    uptime_s: self.now.monotonic.since(process.born).as_secs(),
                };
                // A process that others started is not found when the pid file names none.
                match self.pidfile {
                    _ if process.zombie => Presence::Zombie(identity),
                    None if self.by_pidfile => Presence::Absent("the pid file does not exist".to_owned()),
                    _ => Presence::Present(identity),
                }
            }
            (ServiceKind::Process, None, _) => match self.pidfile {
                Some(pid) => Presence::Absent(format!("the pid file names pid {pid}, which does not exist")),
                None => Presence::Absent("the pid file does not exist".to_owned()),
            },
            (_, _, Some(file)) => Presence::Present(Identity::File { device: 1, inode: file.inode, mode: file.mode }),
            (kind, _, None) if is_on_disk(kind) => Presence::Absent(format!("the {} does not exist", kind.word())),
            _ => Presence::Present(Identity::Itself),
        }
    }

    fn fact(&self, fact: Fact, follow: Option<Position>) -> Reading<FactValue> {
        match (fact, self.facts.get(&fact), self.file) {
            (Fact::Lines, None, Some(file)) => Reading::Known(FactValue::Lines(self.lines_since(file.inode, follow))),
            (_, Some(Ok(value)), _) => Reading::Known(value.clone()),
            (_, Some(Err(reason)), _) => Reading::Unknown(reason.clone()),
            (Fact::Uid | Fact::Euid | Fact::Gid | Fact::LinkErrors, None, _) => Reading::Known(FactValue::Number(0)),
            (Fact::Ppid | Fact::Link, None, _) => Reading::Known(FactValue::Number(1)),
            _ => Reading::Known(FactValue::Text(String::new())),
        }
    }

    /// A first look begins at the end, another file at its beginning.
    fn lines_since(&self, inode: u64, follow: Option<Position>) -> Lines {
        let read = match follow {
            None => self.lines.len(),
            Some(position) if position.inode == inode => {
                let mut offset = 0;
                self.lines
                    .iter()
                    .take_while(|line| {
                        offset += line.len() as u64 + 1;
                        offset <= position.offset_bytes
                    })
                    .count()
            }
            Some(_) => 0,
        };
        let whole: usize = self.lines.iter().map(|line| line.len() + 1).sum();
        let until = Position { inode, offset_bytes: whole as u64, ..Position::default() };
        Lines { lines: self.lines.iter().skip(read).cloned().collect(), until }
    }

    fn value(&self, metric: Metric) -> Reading<Raw> {
        let standing = |value| Counter { value, part: 0.0, whole: 0.0, since: crate::engine::Monotonic(0) };
        let counter = self.counters.get(&metric).cloned().unwrap_or_else(|| standing(self.idle(metric)));
        let (part, whole) = counter.at(self.now.monotonic);
        Reading::Known(match counter.value {
            SimValue::Gauge(value) if matches!(metric, Metric::Timestamp(_)) => Raw::Stamp(self.stamp(value)),
            SimValue::Gauge(value) => Raw::Gauge(value),
            SimValue::Part(amount, whole) => Raw::Part { amount, whole },
            SimValue::Busy(_, capacity) => Raw::Work { seconds: part, capacity },
            SimValue::Portion(_) => Raw::Share { part, whole },
            SimValue::Moves(..) => Raw::Growth { bytes: part, pieces: whole },
            SimValue::Takes(_) => Raw::Mean { sum: part, count: whole },
            SimValue::Unreadable(reason) => return Reading::Unknown(reason),
        })
    }

    /// The stamp of something that is so many seconds old.
    fn stamp(&self, age_s: f64) -> Wall {
        #[expect(clippy::cast_possible_truncation, reason = "an age in microseconds fits")]
        let age = (age_s * 1_000_000.0).round() as i64;
        Wall(self.now.wall.0.saturating_sub(age))
    }

    /// What the metric of a limit shows when it is to be this value.
    pub(super) fn form_of(&self, limit: &Limit, value: f64) -> SimValue {
        let value_in_a_second = limit.window_s.map_or(value, |seconds| value / seconds as f64);
        match self.idle(limit.metric) {
            SimValue::Part(_, whole) if limit.percent => SimValue::Part(value * whole / 100.0, whole),
            SimValue::Part(_, whole) => SimValue::Part(value, whole.max(value * 2.0)),
            SimValue::Busy(_, capacity) => SimValue::Busy(value, capacity),
            SimValue::Portion(_) => SimValue::Portion(value),
            SimValue::Moves(..) if limit.pieces => SimValue::Moves(value_in_a_second * 1_000.0, value_in_a_second),
            SimValue::Moves(..) => SimValue::Moves(value_in_a_second, value_in_a_second / 1_000.0),
            SimValue::Takes(_) => SimValue::Takes(value),
            _ => SimValue::Gauge(value),
        }
    }

    /// What a metric shows of which the script says nothing.
    fn idle(&self, metric: Metric) -> SimValue {
        #[expect(clippy::cast_precision_loss, reason = "sizes of simulated files are small")]
        match metric {
            Metric::Cpu | Metric::TotalCpu if self.kind == ServiceKind::Process => SimValue::Busy(0.0, 1.0),
            Metric::Cpu | Metric::TotalCpu | Metric::CpuUser | Metric::CpuSystem | Metric::CpuWait => {
                SimValue::Portion(0.0)
            }
            Metric::Memory | Metric::TotalMemory | Metric::Swap => SimValue::Part(0.0, MEMORY_BYTES),
            Metric::LoadAverage { .. } => SimValue::Gauge(0.0),
            Metric::Read | Metric::Write | Metric::DiskRead | Metric::DiskWrite | Metric::Upload | Metric::Download => {
                SimValue::Moves(0.0, 0.0)
            }
            Metric::ServiceTime => SimValue::Takes(0.0),
            Metric::CpuNice
            | Metric::CpuHardirq
            | Metric::CpuSoftirq
            | Metric::CpuSteal
            | Metric::CpuGuest
            | Metric::CpuGuestNice => SimValue::Portion(0.0),
            Metric::Space | Metric::Inodes => SimValue::Part(0.0, DISK_BYTES),
            Metric::SpaceFree | Metric::InodesFree => SimValue::Part(DISK_BYTES, DISK_BYTES),
            Metric::Size => SimValue::Gauge(self.file.map_or(0.0, |file| file.size_bytes as f64)),
            Metric::Timestamp(_) => {
                let age = self.file.map_or(0, |file| self.now.wall.0.saturating_sub(file.changed.0));
                SimValue::Gauge(age as f64 / 1_000_000.0)
            }
            _ => SimValue::Gauge(0.0),
        }
    }

    fn knock(&self, knock: &Knock) -> Reading<ConnectionResult> {
        Reading::Known(match self.door(&knock.door) {
            Port::Open(response_time) => ConnectionResult::Passed {
                response_time,
                summary: String::new(),
                certificate_expiry: knock.shows_certificate.then(|| self.stamp(-CERTIFICATE_S)),
            },
            Port::Refused(reason) => ConnectionResult::Failed(reason),
            Port::Hanging => ConnectionResult::Failed("Connection timed out".to_owned()),
            Port::Unknown(reason) => return Reading::Unknown(reason),
        })
    }

    fn door(&self, door: &Door) -> Port {
        self.doors.get(door).cloned().unwrap_or(Port::Open(Duration::from_millis(1)))
    }
}

/// For how long certificates of simulated services are valid: ten years, in seconds.
const CERTIFICATE_S: f64 = 315_360_000.0;

/// What a rule wants to know of a door.
struct Knock {
    door: Door,
    patience: Duration,
    shows_certificate: bool,
}

impl Knock {
    fn of(service: &Service, place: u32) -> Option<Knock> {
        match &service.rules.get(usize::try_from(place).ok()?)?.test {
            Test::Connection(connection) => Some(Knock {
                door: match &connection.endpoint {
                    Endpoint::Port { port, .. } => Door::Port(*port),
                    Endpoint::Unix(path) => Door::Unix(path.clone()),
                },
                patience: connection.timeout.saturating_mul(connection.attempts),
                shows_certificate: connection.tls.is_some(),
            }),
            Test::Ping(ping) => Some(Knock {
                door: Door::Echo,
                patience: ping.timeout.saturating_mul(ping.count),
                shows_certificate: false,
            }),
            _ => None,
        }
    }
}
