//! Connections in which no protocol is named: opened and let go, or with the words that the rule says itself; and echo requests.

use std::time::{Duration, Instant};

use interpreter::engine::{ConnectionResult, Reading, Wall};
use interpreter::program::{Connection, Ping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::way::{self, Manner};
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
    let started = Instant::now();
    let deadline = started + connection.timeout;
    let route = match manner.route(connection) {
        Ok(route) => route,
        Err(reason) => return Reading::Unknown(reason),
    };
    let mut connected = match connect(&route, deadline).await {
        Ok(connected) => connected,
        Err(error) if error.is_ours() => return Reading::Unknown(error.to_string()),
        Err(error) => return Reading::Known(ConnectionResult::Failed(error.brief())),
    };
    let spoken = if connection.steps.is_empty() {
        knock(&mut connected, deadline).await.map(|()| Instant::now())
    } else {
        let syntax = manner.syntax();
        match Dialogue::of(&connection.steps, syntax, manner.expect_bytes, manner.is_patient()) {
            Ok(dialogue) => dialogue.hold(&mut connected, deadline).await.map_err(|error| error.to_string()),
            // The checker has compiled it before.
            Err(error) => return Reading::Unknown(error.to_string()),
        }
    };
    let certificate = connected.tls_info().and_then(|tls| tls.certificate.as_ref());
    Reading::Known(match spoken {
        Ok(ended) => ConnectionResult::Passed {
            response_time: ended.saturating_duration_since(started),
            summary: String::new(),
            certificate_expiry: certificate.and_then(expiry),
        },
        Err(reason) => ConnectionResult::Failed(reason),
    })
}

/// Until when a certificate is valid.
pub(super) fn expiry(certificate: &CertificateInfo) -> Option<Wall> {
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
