//! Connections in which no protocol is named: opened and let go, or with the words that the rule says itself; and echo requests.

use std::time::{Duration, Instant};

use interpreter::engine::{ConnectionResult, Reading, Wall};
use interpreter::program::{Connection, Ping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::way::{self, Manner};
use crate::plugin::{ProbeOutcome, ProbeReport};
use crate::transport::dialogue::Dialogue;
use crate::transport::ping::{self, PingError};
use crate::transport::{CertificateInfo, Connected, Transport, connect};

/// How long somebody who is sent a datagram may take to refuse it. Silence is no refusal.
const REFUSAL: Duration = Duration::from_millis(1_200);

/// Opens a connection, says what the rule says on it, and lets it go.
pub(super) async fn connection(
    connection: &Connection,
    manner: &Manner,
    permits: &Semaphore,
) -> Reading<ConnectionResult> {
    let Ok(_permit) = permits.acquire().await else {
        return Reading::Unknown("the thread for connections has ended".to_owned());
    };
    // The time counts from the permit on: a target is not to blame for the others.
    result(look(connection, manner).await)
}

/// What the engine is told of a look, through a plugin or without one.
pub(super) fn result(report: ProbeReport) -> Reading<ConnectionResult> {
    match report.outcome {
        ProbeOutcome::Passed { summary, .. } => {
            let certificate_expiry = report.tls.and_then(|tls| tls.certificate).as_ref().and_then(expiry);
            Reading::Known(ConnectionResult::Passed { response_time: report.total, summary, certificate_expiry })
        }
        ProbeOutcome::Failed(reason) => Reading::Known(ConnectionResult::Failed(reason)),
        ProbeOutcome::Faulted(reason) => Reading::Unknown(reason),
    }
}

/// One look at a service in whose rule no protocol is named.
pub(super) async fn look(connection: &Connection, manner: &Manner) -> ProbeReport {
    let started = Instant::now();
    let mut report = ProbeReport { outcome: passed(), phases: None, tls: None, total: Duration::ZERO, log: Vec::new() };
    match spoken(connection, manner, started, &mut report).await {
        Ok(ended) => report.total = ended.saturating_duration_since(started),
        Err(outcome) => (report.outcome, report.total) = (outcome, started.elapsed()),
    }
    report
}

fn passed() -> ProbeOutcome {
    ProbeOutcome::Passed { summary: String::new(), facts: Vec::new(), metrics: Vec::new() }
}

/// When all had been said and heard; otherwise why it was not.
async fn spoken(
    connection: &Connection,
    manner: &Manner,
    started: Instant,
    report: &mut ProbeReport,
) -> Result<Instant, ProbeOutcome> {
    let deadline = started + connection.timeout;
    let route = manner.route(connection).map_err(ProbeOutcome::Faulted)?;
    let mut connected = connect(&route, deadline).await.map_err(|error| match error.is_ours() {
        true => ProbeOutcome::Faulted(error.to_string()),
        false => ProbeOutcome::Failed(error.brief()),
    })?;
    (report.phases, report.tls) = (Some(connected.phases), connected.tls_info().cloned());
    if connection.steps.is_empty() {
        return knock(&mut connected, deadline).await.map(|()| Instant::now()).map_err(ProbeOutcome::Failed);
    }
    let dialogue = Dialogue::of(&connection.steps, manner.syntax(), manner.expect_bytes, manner.is_patient());
    // The checker has compiled it before.
    let dialogue = dialogue.map_err(|error| ProbeOutcome::Faulted(error.to_string()))?;
    dialogue.hold(&mut connected, deadline).await.map_err(|error| ProbeOutcome::Failed(error.to_string()))
}

/// Until when a certificate is valid.
fn expiry(certificate: &CertificateInfo) -> Option<Wall> {
    certificate.not_after.map(|seconds| Wall(seconds.saturating_mul(1_000_000)))
}

/// Who takes a stream is there. A datagram between hosts is answered by a refusal, or by silence.
async fn knock(connected: &mut Connected, deadline: Instant) -> Result<(), String> {
    if connected.transport() != Transport::Udp {
        return Ok(());
    }
    let refused = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "Connection refused".to_owned(),
        _ => crate::transport::reason(&error),
    };
    connected.write_all(&[0]).await.map_err(refused)?;
    let until = deadline.min(Instant::now() + REFUSAL);
    match tokio::time::timeout_at(until.into(), connected.read(&mut [0; 1])).await {
        Ok(Err(error)) => Err(refused(error)),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// Sends echo requests until one is answered.
pub(super) async fn ping(host: &str, ping: &Ping, permits: &Semaphore) -> Reading<ConnectionResult> {
    let Ok(_permit) = permits.acquire().await else {
        return Reading::Unknown("the thread for connections has ended".to_owned());
    };
    let source = match ping.source_address.as_deref().map(way::source).transpose() {
        Ok(source) => source,
        Err(reason) => return Reading::Unknown(reason),
    };
    match ping::ping(host, ping, source).await {
        Ok(response_time) => {
            Reading::Known(ConnectionResult::Passed { response_time, summary: String::new(), certificate_expiry: None })
        }
        Err(PingError::NoAnswer(reason)) => Reading::Known(ConnectionResult::Failed(reason)),
        Err(error @ PingError::NotPermitted) => Reading::Unknown(error.to_string()),
    }
}
