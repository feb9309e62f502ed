//! The sentences about limits, in Monit's words.

use super::Metric;
use super::Wall;
use super::figure::{bytes, date, percent};
use super::judge::Evidence;
use crate::catalog::MetricEntry;
use crate::program::{Limit, Service};
use grammar::ast::{ServiceKind, TimestampKind};

/// What is said about a limit.
pub(super) fn sentence(service: &Service, limit: &Limit, value: f64, holds: bool, evidence: &Evidence<'_>) -> String {
    let taken = evidence.readings.taken;
    match limit.metric {
        Metric::Size if holds => {
            format!("size test failed for {} -- current size is {}", super::message::path(service), bytes(value))
        }
        Metric::Size => format!("size check succeeded [current size = {}]", bytes(value)),
        Metric::Timestamp(which) => {
            let time = time(which);
            // The age was taken from the same clock, so the stamp comes back to the microsecond.
            #[expect(clippy::cast_possible_truncation, reason = "an age in microseconds fits")]
            let stamp = date(Wall(taken.wall.0.saturating_sub((value * 1_000_000.0).round() as i64)), evidence.zone);
            let path = super::message::path(service);
            if holds {
                format!("{time} for {path} failed -- current {time} is {stamp}")
            } else {
                format!("{time} test succeeded for {path} [current {time} is {stamp}]")
            }
        }
        Metric::Uptime if holds => {
            let path = super::message::path(service);
            format!("uptime test failed for {path} -- current uptime is {value:.0} seconds")
        }
        Metric::Uptime => format!("uptime test succeeded [current uptime = {value:.0} seconds]"),
        Metric::Upload | Metric::Download => transferred(limit, value, holds),
        metric => {
            let name = name(service, metric, limit);
            let (value, bound) = (figure(limit, value), figure(limit, limit.value));
            let sign = limit.relation.sign();
            // Monit has no one form for all of them.
            let (of, check) = match metric {
                Metric::Space | Metric::SpaceFree | Metric::Inodes | Metric::InodesFree => ("", "test"),
                Metric::Threads | Metric::Children => ("count ", "check"),
                _ => ("of ", "check"),
            };
            if holds {
                format!("{name} {of}{value} matches resource limit [{name} {sign} {bound}]")
            } else {
                format!("{name} {check} succeeded [current {name} = {value}]")
            }
        }
    }
}

/// What network interfaces move is counted in a second, or in the last so many minutes, hours or days.
fn transferred(limit: &Limit, value: f64, holds: bool) -> String {
    let way = if limit.metric == Metric::Upload { "upload" } else { "download" };
    let figure = |value: f64| if limit.pieces { format!("{value:.0} packets") } else { bytes(value) };
    let (amount, bound) = (figure(value), figure(limit.value));
    let (total, span) = match limit.window_s {
        Some(seconds) => ("total ", span(seconds)),
        None => ("", "second".to_owned()),
    };
    let sign = limit.relation.sign();
    if holds {
        format!("{total}{way} {amount} matches limit [{way} rate {sign} {bound} in last {span}]")
    } else {
        format!("{total}{way} check succeeded [current {way} rate {amount} in last {span}]")
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        _ if seconds.is_multiple_of(86_400) => format!("{} day", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{} hour", seconds / 3_600),
        _ => format!("{} minute", seconds / 60),
    }
}

fn name(service: &Service, metric: Metric, limit: &Limit) -> String {
    let amount = if limit.percent { "usage" } else { "amount" };
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
        Metric::Space => "space usage".to_owned(),
        Metric::SpaceFree => "space free".to_owned(),
        Metric::Inodes => "inode usage".to_owned(),
        Metric::InodesFree => "inodes free".to_owned(),
        Metric::Read | Metric::Write if service.kind() == ServiceKind::Filesystem && !limit.pieces => {
            format!("{} rate", if metric == Metric::Read { "read" } else { "write" })
        }
        other => MetricEntry::of(other).map_or("value", |entry| entry.words).to_owned(),
    }
}

/// What a time of a file is called.
pub(super) fn time(which: TimestampKind) -> &'static str {
    match which {
        TimestampKind::Any => "modify/change time",
        TimestampKind::Access => "access time",
        TimestampKind::Change => "change time",
        TimestampKind::Modify => "modify time",
    }
}

/// A figure in the unit of the limit, as Monit writes it.
pub(super) fn figure(limit: &Limit, value: f64) -> String {
    match limit.metric {
        Metric::Cpu | Metric::TotalCpu | Metric::CpuUser | Metric::CpuSystem | Metric::CpuWait => percent(value),
        Metric::LoadAverage { .. } => format!("{value:.1}"),
        Metric::CpuNice
        | Metric::CpuHardirq
        | Metric::CpuSoftirq
        | Metric::CpuSteal
        | Metric::CpuGuest
        | Metric::CpuGuestNice
        | Metric::Saturation => percent(value),
        _ if limit.percent => percent(value),
        Metric::Threads
        | Metric::Children
        | Metric::FileDescriptors
        | Metric::TotalFileDescriptors
        | Metric::Inodes
        | Metric::InodesFree
        | Metric::Status => format!("{value:.0}"),
        Metric::ServiceTime => format!("{:.3} ms", value * 1_000.0),
        Metric::Read | Metric::Write | Metric::DiskRead | Metric::DiskWrite if limit.pieces => {
            format!("{value:.1} operations/s")
        }
        Metric::Read | Metric::Write | Metric::DiskRead | Metric::DiskWrite => format!("{}/s", bytes(value)),
        _ => bytes(value),
    }
}
