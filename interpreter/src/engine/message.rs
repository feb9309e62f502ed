//! The sentences of events, in Monit's words.

use super::deed::{Progress, StepKind};
use super::figure::{bytes, date};
use super::judge::{self, Evidence};
use super::limited;
use super::performance;
use super::plugin;
use super::readings::{PidfileState, Presence, Reading, Readings};
use super::verdict::{Sight, Truth};
use super::{Engine, Fact, FactValue, Metric, Wall};
use crate::program::{Changed, Connection, Endpoint, Family, Owner, ResponseTime, Rule, Service, Target, Test};
use grammar::ast::ServiceKind;
use jiff::tz::TimeZone;

/// What is said about a rule when its state changes: a sentence for each test in it.
pub(super) fn rule(service: &Service, place: usize, rule: &Rule, evidence: &Evidence<'_>) -> String {
    let sentence = |part: &Test| {
        let verdict = judge::test(place, part, evidence);
        test(service, part, verdict.sight, verdict.truth == Truth::Holds, evidence)
    };
    let sentences: Vec<String> = rule.test.parts().map(sentence).collect();
    sentences.join("; ")
}

/// What is said about a test. `holds` says whether it does.
fn test(service: &Service, test: &Test, sight: Sight<'_>, holds: bool, evidence: &Evidence<'_>) -> String {
    let readings = evidence.readings;
    match (test, sight) {
        (Test::Missing | Test::Present, Sight::There(pid)) => there(service, pid),
        (Test::Missing | Test::Present, _) => match odd_pid_file(evidence) {
            Some(why) => format!("{}: {why}", missing(service)),
            None => missing(service),
        },
        (Test::Limit(limit), Sight::Value(value)) if limit.metric == Metric::Status => {
            let verb = if holds { "failed" } else { "succeeded" };
            format!("status {verb} ({value:.0}) -- {}", output(readings))
        }
        (Test::Limit(limit), Sight::Value(value)) => limited::sentence(service, limit, value, holds, evidence),
        (Test::Performance(limit), Sight::Value(value)) => performance::sentence(limit, value, holds),
        (Test::Plugin(asked), sight) => plugin::sentence(asked, sight, holds),
        (Test::Changed(changed), Sight::Change(before, now)) => change(service, *changed, before, now, evidence),
        (Test::Owner(whose, _), Sight::Number(number)) => {
            let word = owner(*whose);
            if holds {
                format!("{word} test failed for {} -- current {word} is {number}", service.name)
            } else {
                format!("{word} test succeeded [current {word} = {number}]")
            }
        }
        (Test::SecurityAttribute(wanted), Sight::Text(seen)) if holds => {
            format!("Security attribute failed -- expected '{wanted}' got '{seen}'")
        }
        (Test::SecurityAttribute(_), Sight::Text(_)) => "Security attribute succeeded".to_owned(),
        (Test::Checksum { hash, expected }, Sight::Text(seen)) if holds => {
            let wanted = judge::wanted_checksum(*hash, expected.as_deref(), evidence).unwrap_or_default();
            format!("checksum failed, expected {wanted} got {seen}")
        }
        (Test::Checksum { .. }, Sight::Text(_)) => "checksum is valid".to_owned(),
        (Test::Content(_), Sight::Content) => {
            let whose = if service.kind() == ServiceKind::Program { " on program output" } else { "" };
            format!("content match{whose}:\n{}", judge::matching(test, evidence))
        }
        (Test::Link { .. }, Sight::Link { up: true, errors: 0 }) => "link up".to_owned(),
        (Test::Link { .. }, Sight::Link { up: true, errors }) => format!("{errors} errors detected"),
        (Test::Link { .. }, Sight::Link { up: false, .. }) => "link down".to_owned(),
        (Test::Permission { .. }, Sight::Mode(mode)) if holds => {
            format!("permission test failed for {} [current permission {mode:04o}]", path(service))
        }
        (Test::Permission { .. }, Sight::Mode(mode)) => {
            format!("permission test succeeded [current permission {mode:04o}]")
        }
        (Test::Connection(connection), Sight::Unconnected(reason)) => {
            let protocol = match &connection.protocol {
                Some(call) => call.name.to_uppercase(),
                None if connection.steps.is_empty() => "DEFAULT".to_owned(),
                None => "generic".to_owned(),
            };
            format!("failed protocol test [{protocol}] at {} -- {reason}", address(connection))
        }
        (Test::Connection(_) | Test::Ping(_), Sight::Slow(took)) => {
            let limit = accepted(test).map(|limit| format!("{} {}", limit.relation.sign(), span(limit.seconds)));
            format!(
                "response time {} doesn't match limit [time {}]",
                span(took.as_secs_f64()),
                limit.unwrap_or_default()
            )
        }
        (Test::Connection(connection), Sight::Expiring(days)) => {
            let least = connection.certificate_min_days.unwrap_or_default();
            if days < 0 {
                format!("certificate has expired, check limit [valid > {least} days]")
            } else {
                format!("certificate expiry in {days} days matches check limit [valid > {least} days]")
            }
        }
        (Test::Connection(connection), _) => format!("connection succeeded to {}", address(connection)),
        (Test::Ping(_), Sight::Unconnected(_)) if evidence.behaviour.posix_patterns => "ping test failed".to_owned(),
        (Test::Ping(_), Sight::Unconnected(reason)) => format!("ping test failed -- {reason}"),
        (Test::Ping(_), Sight::Connected(took)) => {
            format!("ping test succeeded [response time {}]", span(took.as_secs_f64()))
        }
        _ => "nothing is known".to_owned(),
    }
}

/// That something is another than before.
fn change(service: &Service, changed: Changed, before: &FactValue, now: &FactValue, evidence: &Evidence<'_>) -> String {
    let readings = evidence.readings;
    let shown = |value| shown(changed, value, evidence.zone);
    let (from, to) = (shown(before), shown(now));
    let path = path(service);
    match changed {
        Changed::Pid => format!("process PID changed from {from} to {to}"),
        Changed::Ppid => format!("process PPID changed from {from} to {to}"),
        Changed::FilesystemFlags => format!("filesystem flags changed to {to}"),
        Changed::Status => format!("status changed ({from} -> {to}) -- {}", output(readings)),
        Changed::Link => format!("link mode changed from {from} to {to}"),
        Changed::Timestamp(which) => format!("{} for {path} changed from {from} to {to}", limited::time(which)),
        Changed::Size => format!("size for {path} changed to {to}"),
        Changed::Permission => format!("permission for {path} changed from {from} to {to}"),
        Changed::Checksum(_) => format!("checksum changed to {to}"),
    }
}

fn shown(changed: Changed, value: &FactValue, zone: &TimeZone) -> String {
    match (changed, value) {
        (Changed::Timestamp(_), FactValue::Number(stamp)) => date(Wall(stamp.cast_signed()), zone),
        #[expect(clippy::cast_precision_loss, reason = "a size is shown with one digit behind its point")]
        (Changed::Size, FactValue::Number(size)) => bytes(*size as f64),
        (Changed::Permission, FactValue::Number(mode)) => format!("{mode:04o}"),
        (_, FactValue::Number(number)) => number.to_string(),
        (_, FactValue::Text(text)) => text.clone(),
        (_, FactValue::Lines(_)) => String::new(),
    }
}

fn owner(whose: Owner) -> &'static str {
    match whose {
        Owner::Uid => "uid",
        Owner::Euid => "euid",
        Owner::Gid => "gid",
    }
}

/// What a program printed.
fn output(readings: &Readings) -> &str {
    match readings.facts.get(&Fact::Output) {
        Some(Reading::Known(FactValue::Text(output))) if !output.is_empty() => output,
        _ => "no output",
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

/// Why a process does not run although there is a pid file: it names nobody, or somebody else.
fn odd_pid_file<'e>(evidence: &Evidence<'e>) -> Option<&'e str> {
    match (&evidence.readings.presence, evidence.readings.pidfile) {
        (Presence::Absent(why), Some(PidfileState::Unreadable | PidfileState::Foreign(_)))
            if !evidence.behaviour.pid_file_is_scanned =>
        {
            Some(why)
        }
        _ => None,
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

/// That something else is in the place of the thing.
pub(super) fn wrong_type(service: &Service) -> String {
    match service.kind() {
        ServiceKind::File => "is neither a regular file nor a socket".to_owned(),
        kind => format!("is not {}", kind.word()),
    }
}

/// That the thing is of the right type again.
pub(super) fn right_type(service: &Service) -> String {
    match service.kind() {
        ServiceKind::File => "is a regular file".to_owned(),
        kind => format!("is a {}", kind.word()),
    }
}

/// The time to answer that a test accepts.
fn accepted(test: &Test) -> Option<ResponseTime> {
    match test {
        Test::Connection(connection) => connection.response_time,
        Test::Ping(ping) => ping.response_time,
        _ => None,
    }
}

/// A time to answer, as Monit writes it: `1.201 s`, `79.431 ms`, `5 s`.
fn span(seconds: f64) -> String {
    let (amount, unit) = if seconds < 1.0 { (seconds * 1_000.0, "ms") } else { (seconds, "s") };
    let text = format!("{amount:.3}");
    format!("{} {unit}", text.strip_suffix(".000").unwrap_or(&text))
}

fn address(connection: &Connection) -> String {
    let kind = if connection.datagrams { "UDP" } else { "TCP" };
    let family = match connection.family {
        Family::Any => "IP",
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
    };
    let encryption = if connection.tls.is_some() { " TLS" } else { "" };
    match &connection.endpoint {
        Endpoint::Port { host, port } => format!("[{host}]:{port} [{kind}/{family}{encryption}]"),
        Endpoint::Unix(path) => path.clone(),
    }
}

/// What a service is called in sentences about what it is made of.
pub(super) fn path(service: &Service) -> &str {
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
        | Target::Address(_)
        | Target::Plugin(_) => &service.name,
    }
}
impl Engine {
    /// What keeps a process from being seen that a program was to bring up, behind the sentence about that: its pid file is
    /// not there, is empty, or names another. In Monit's words there is none, and a program that failed says itself why.
    pub(super) fn unseen(&self, progress: &Progress) -> String {
        let step = progress.step;
        let brings_up = matches!(step.kind, StepKind::Start | StepKind::Restart);
        let has_failed = progress.ended.as_ref().is_some_and(|(status, _)| *status != 0);
        if !brings_up || has_failed || !self.program.settings.behaviour.exit_status_counts {
            return String::new();
        }
        match self.memories.get(step.service.index()).and_then(|memory| memory.presence.as_ref()) {
            Some(Presence::Absent(why) | Presence::Unknown(why)) if !why.is_empty() => format!("; {why}"),
            _ => String::new(),
        }
    }
}
