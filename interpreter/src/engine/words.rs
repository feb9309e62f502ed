//! Rules and readings in the words of the language, for people who ask how things stand.

use std::time::Duration;

use grammar::ast::{Changed, HashKind, ServiceKind, TimestampKind};

use super::figure::{bytes, percent};
use super::limited;
use super::measure::Value;
use super::message;
use super::plugin;
use crate::catalog::{Dimension, Metric, MetricEntry};
use crate::program::{Endpoint, Limit, Owner, PerformanceUnit, Rate, Service, Test, Wanted};

/// The longest pattern that is shown whole, in characters.
const PATTERN_CHARS_MAX: usize = 60;

/// What a metric is called.
pub(super) fn metric(metric: Metric) -> &'static str {
    MetricEntry::of(metric).map_or("value", |entry| entry.words)
}

/// A value with its unit.
pub(super) fn value(metric: Metric, value: &Value) -> String {
    let dimension = MetricEntry::of(metric).map_or(Dimension::Count, |entry| entry.dimension);
    let amount = value.amount;
    match dimension {
        Dimension::Share => percent(value.percent.unwrap_or(amount)),
        Dimension::SizeOrShare => match value.percent {
            Some(share) => format!("{} [{}]", percent(share), bytes(amount)),
            None => bytes(amount),
        },
        Dimension::Size => bytes(amount),
        Dimension::Duration => duration(amount),
        Dimension::Latency => format!("{:.3} ms", amount * 1_000.0),
        Dimension::CountOrShare => match value.percent {
            Some(share) => format!("{amount:.0} [{}]", percent(share)),
            None => format!("{amount:.0}"),
        },
        Dimension::Count if matches!(metric, Metric::LoadAverage { .. }) => format!("{amount:.2}"),
        Dimension::Count => format!("{amount:.0}"),
        Dimension::SizeOrOperations => pieces(amount, value.pieces, "operations/s"),
        Dimension::SizeOrPackets => pieces(amount, value.pieces, "packets/s"),
    }
}

fn pieces(amount: f64, pieces: Option<f64>, unit: &str) -> String {
    match pieces {
        Some(pieces) => format!("{}/s [{pieces:.1} {unit}]", bytes(amount)),
        None => format!("{}/s", bytes(amount)),
    }
}

/// A length of time in seconds, in its two largest units.
pub(super) fn duration(seconds: f64) -> String {
    // Negative where a time lies ahead; that is no length.
    let length = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
    grammar::english::duration(length.as_secs().saturating_mul(1_000))
}

/// What a rule asks.
pub(crate) fn test(service: &Service, asked: &Test) -> String {
    match asked {
        Test::Missing => "does not exist".to_owned(),
        Test::Present => "exists".to_owned(),
        Test::Limit(limit) => format!("{} {}", metric(limit.metric), bound(limit)),
        Test::Changed(what) => format!("changed {}", changed(*what)),
        Test::Owner(whose, wanted) => {
            let word = match whose {
                Owner::Uid => "uid",
                Owner::Euid => "euid",
                Owner::Gid => "gid",
            };
            format!("failed {word} {}", wanted.written)
        }
        Test::Permission { mode } => format!("failed permission {mode:04o}"),
        Test::SecurityAttribute(wanted) => format!("failed security attribute {}", cut(wanted)),
        Test::Checksum { hash, .. } => format!("failed {} checksum", hash_word(*hash)),
        Test::Content(content) => {
            format!("content {} \"{}\"", if content.negated { "!=" } else { "=" }, cut(&content.pattern))
        }
        Test::Link { up } => format!("link {}", if *up { "up" } else { "down" }),
        Test::Connection(connection) => {
            let outcome = match connection.wanted {
                Wanted::Failed => "failed",
                Wanted::Succeeded => "succeeded",
            };
            let place = endpoint(&connection.endpoint);
            match &connection.protocol {
                Some(call) => format!("{outcome} {place} protocol {}", call.name),
                None => format!("{outcome} {place}"),
            }
        }
        Test::Ping(ping) => match ping.wanted {
            Wanted::Failed => "failed ping".to_owned(),
            Wanted::Succeeded => "succeeded ping".to_owned(),
        },
        Test::Performance(limit) => {
            let unit = match limit.unit {
                Some(PerformanceUnit::Percent) => "%",
                Some(PerformanceUnit::Bytes) => " B",
                Some(PerformanceUnit::Seconds) => " s",
                None => "",
            };
            format!("performance \"{}\" {} {}{unit}", cut(&limit.label), limit.relation.sign(), limit.value)
        }
        Test::Plugin(asked) => plugin::words(asked),
        Test::All(parts) => join(service, parts, " and "),
        Test::Any(parts) => join(service, parts, " or "),
        Test::Not(part) => format!("not ({})", test(service, part)),
    }
}

fn join(service: &Service, parts: &[Test], word: &str) -> String {
    parts.iter().map(|part| test(service, part)).collect::<Vec<_>>().join(word)
}

/// Where a connection goes.
pub(super) fn endpoint(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Port { host, port } => format!("host {host} port {port}"),
        Endpoint::Unix(path) => format!("unixsocket {path}"),
    }
}

/// The comparison of a limit, with its unit.
pub(super) fn bound(limit: &Limit) -> String {
    let span = limit.window_s.map_or(String::new(), |seconds| format!(" in {}", duration(seconds as f64)));
    format!("{} {}{span}", limit.relation.sign(), figure(limit, limit.value))
}

/// A figure in the unit of a limit.
pub(super) fn figure(limit: &Limit, value: f64) -> String {
    match MetricEntry::of(limit.metric).map(|entry| entry.dimension) {
        Some(Dimension::Duration) => duration(value),
        _ => limited::figure(limit, value),
    }
}

/// How often a test must hold.
pub(super) fn rate(rate: Rate) -> String {
    match (rate.count, rate.cycles) {
        (1, 1) => "at once".to_owned(),
        (count, cycles) if count == cycles => format!("for {}", grammar::english::count(u64::from(cycles), "cycle")),
        (count, cycles) => format!("{count} times within {cycles} cycles"),
    }
}

/// That the thing is there, or that it is not.
pub(super) fn presence(service: &Service, is_there: bool, pid: Option<u32>) -> String {
    if is_there { message::there(service, pid) } else { message::missing(service) }
}

/// What a kind of service is called above its lines of status, in Monit's words.
pub(super) fn kind(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Process => "Process",
        ServiceKind::File => "File",
        ServiceKind::Directory => "Directory",
        ServiceKind::Fifo => "Fifo",
        ServiceKind::Filesystem => "Filesystem",
        ServiceKind::Host => "Remote Host",
        ServiceKind::System => "System",
        ServiceKind::Program => "Program",
        ServiceKind::Network => "Network",
        ServiceKind::Plugin => "Plugin",
    }
}

fn changed(what: Changed) -> &'static str {
    match what {
        Changed::Pid => "pid",
        Changed::Ppid => "ppid",
        Changed::FilesystemFlags => "fsflags",
        Changed::Status => "status",
        Changed::Link => "link",
        Changed::Timestamp(TimestampKind::Any) => "timestamp",
        Changed::Timestamp(TimestampKind::Access) => "atime",
        Changed::Timestamp(TimestampKind::Change) => "ctime",
        Changed::Timestamp(TimestampKind::Modify) => "mtime",
        Changed::Size => "size",
        Changed::Permission => "permission",
        Changed::Checksum(_) => "checksum",
    }
}

fn hash_word(kind: HashKind) -> &'static str {
    match kind {
        HashKind::Md5 => "md5",
        HashKind::Sha1 => "sha1",
        HashKind::Sha256 => "sha256",
    }
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(PATTERN_CHARS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
