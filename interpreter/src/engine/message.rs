//! The sentences of events, in Monit's words.

use super::figure::{bytes, date, percent};
use super::judge::{self, Evidence};
use super::verdict::{Sight, Truth};
use super::{Metric, Now, Wall};
use crate::catalog::MetricEntry;
use crate::program::{Connection, Endpoint, Limit, Rule, Service, Target, Test};
use grammar::ast::{ServiceKind, TimestampKind};

/// What is said about a rule when its state changes: a sentence for each test in it.
pub(super) fn rule(service: &Service, place: usize, rule: &Rule, evidence: &Evidence<'_>) -> String {
    let taken = evidence.readings.taken;
    let sentence = |part: &Test| {
        let verdict = judge::test(place, part, evidence);
        test(service, part, verdict.sight, verdict.truth == Truth::Holds, taken)
    };
    let sentences: Vec<String> = rule.test.parts().into_iter().map(sentence).collect();
    sentences.join("; ")
}

/// What is said about a test. `holds` says whether it does.
fn test(service: &Service, test: &Test, sight: Sight<'_>, holds: bool, taken: Now) -> String {
    match (test, sight) {
        (Test::Missing | Test::Present, Sight::There(pid)) => there(service, pid),
        (Test::Missing | Test::Present, _) => missing(service),
        (Test::Limit(limit), Sight::Value(value)) => limited(service, limit, value, holds, taken),
        (Test::Permission { .. }, Sight::Mode(mode)) if holds => {
            format!("permission test failed for {} [current permission {mode:04o}]", path(service))
        }
        (Test::Permission { .. }, Sight::Mode(mode)) => {
            format!("permission test succeeded [current permission {mode:04o}]")
        }
        (Test::Connection(connection), Sight::Unconnected(reason)) => {
            let protocol = connection.protocol.as_ref().map_or("DEFAULT".to_owned(), |call| call.name.to_uppercase());
            format!("failed protocol test [{protocol}] at {} -- {reason}", address(connection))
        }
        (Test::Connection(connection), _) => format!("connection succeeded to {}", address(connection)),
        _ => "nothing is known".to_owned(),
    }
}

/// That the thing is there.
pub(super) fn there(service: &Service, pid: Option<u32>) -> String {
    match (service.kind(), pid) {
        (ServiceKind::Process, Some(pid)) => format!("process is running with pid {pid}"),
        (ServiceKind::Process, None) => "process is running".to_owned(),
        (kind, _) => format!("{} exists", kind.word()),
    }
}

/// That the thing is not there.
pub(super) fn missing(service: &Service) -> String {
    match service.kind() {
        ServiceKind::Process => "process is not running".to_owned(),
        kind => format!("{} doesn't exist", kind.word()),
    }
}

/// That a process has ended and its parent has not noticed yet.
pub(super) fn zombie(pid: Option<u32>) -> String {
    match pid {
        Some(pid) => format!("process with pid {pid} is a zombie"),
        None => "process is a zombie".to_owned(),
    }
}

/// That the thing is of the right type again.
pub(super) fn right_type(service: &Service) -> String {
    match service.kind() {
        ServiceKind::File => "is a regular file".to_owned(),
        kind => format!("is a {}", kind.word()),
    }
}

fn limited(service: &Service, limit: &Limit, value: f64, holds: bool, taken: Now) -> String {
    match limit.metric {
        Metric::Size if holds => {
            format!("size test failed for {} -- current size is {}", path(service), bytes(value))
        }
        Metric::Size => format!("size check succeeded [current size = {}]", bytes(value)),
        Metric::Timestamp(which) => {
            let time = time(which);
            // The age was taken from the same clock, so the stamp comes back to the microsecond.
            #[expect(clippy::cast_possible_truncation, reason = "an age in microseconds fits")]
            let stamp = date(Wall(taken.wall.0.saturating_sub((value * 1_000_000.0).round() as i64)));
            let path = path(service);
            if holds {
                format!("{time} for {path} failed -- current {time} is {stamp}")
            } else {
                format!("{time} test succeeded for {path} [current {time} is {stamp}]")
            }
        }
        metric => {
            let name = name(metric, limit.percent);
            let (value, bound) = (figure(limit, value), figure(limit, limit.value));
            if holds {
                let sign = limit.relation.sign();
                format!("{name} of {value} matches resource limit [{name} {sign} {bound}]")
            } else {
                format!("{name} check succeeded [current {name} = {value}]")
            }
        }
    }
}

fn name(metric: Metric, percent: bool) -> String {
    let amount = if percent { "usage" } else { "amount" };
    match metric {
        Metric::Cpu => "cpu usage".to_owned(),
        Metric::TotalCpu => "total cpu usage".to_owned(),
        Metric::CpuUser => "cpu user usage".to_owned(),
        Metric::CpuSystem => "cpu system usage".to_owned(),
        Metric::CpuWait => "cpu I/O wait".to_owned(),
        Metric::Memory => format!("mem {amount}"),
        Metric::TotalMemory => format!("total mem {amount}"),
        Metric::Swap => format!("swap {amount}"),
        Metric::LoadAverage { minutes, per_core: false } => format!("loadavg ({minutes}min)"),
        Metric::LoadAverage { minutes, per_core: true } => format!("loadavg per core ({minutes}min)"),
        Metric::Size => "size".to_owned(),
        Metric::Timestamp(which) => time(which).to_owned(),
        other => MetricEntry::of(other).map_or("value", |entry| entry.words).to_owned(),
    }
}

fn time(which: TimestampKind) -> &'static str {
    match which {
        TimestampKind::Any => "modify/change time",
        TimestampKind::Access => "access time",
        TimestampKind::Change => "change time",
        TimestampKind::Modify => "modify time",
    }
}

fn figure(limit: &Limit, value: f64) -> String {
    match limit.metric {
        Metric::Cpu | Metric::TotalCpu | Metric::CpuUser | Metric::CpuSystem | Metric::CpuWait => percent(value),
        Metric::LoadAverage { .. } => format!("{value:.1}"),
        _ if limit.percent => percent(value),
        _ => bytes(value),
    }
}

fn address(connection: &Connection) -> String {
    let kind = if connection.datagrams { "UDP/IP" } else { "TCP/IP" };
    match &connection.endpoint {
        Endpoint::Port { host, port } => format!("[{host}]:{port} [{kind}]"),
        Endpoint::Unix(path) => path.clone(),
    }
}

fn path(service: &Service) -> &str {
    match &service.target {
        Target::File(path)
        | Target::Pidfile(path)
        | Target::Directory(path)
        | Target::Fifo(path)
        | Target::Filesystem(path) => path,
        Target::Matching(_)
        | Target::Host(_)
        | Target::System
        | Target::Program(_)
        | Target::Interface(_)
        | Target::Address(_) => &service.name,
    }
}
