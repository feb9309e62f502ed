//! Requests over HTTP for guests: the interface `http`. They go to origins that a rule grants and to no other, wherever a
//! redirect leads.
//!
//! What does not live here: one request over one connection (`exchange`), and what a guest may ask for (`asked`).

mod asked;
mod exchange;
mod origin;
mod stream;

use std::time::Instant;

use hyper::StatusCode;
use hyper::header::LOCATION;

use super::bindings::checks::ruled::plugin::http::{Host, Request, Response};
use super::bindings::ruled::plugin::types::IoError;
use super::dial;
use super::guest::{Answer, Guest, Quota};
use super::limits::{CALL_BYTES_MAX, FETCHES_MAX};
use crate::transport::{self, Encryption, Endpoint, Reach, Route};
use crate::words;
use asked::Asked;
use exchange::{Answered, Problem};
pub use origin::Origin;

/// How many redirects are followed at most, as the WIT says.
const REDIRECTS_MAX: u8 = 5;

/// Why there is no response.
enum Failure {
    /// The guest is told so, and people the sentence; with whether the rule or this machine is to blame.
    Refused(IoError, String, bool),
    /// A quota is used up.
    Over(Quota),
}

impl Host for Guest {
    fn granted(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(self.reach.origins.iter().map(|(origin, _)| origin.to_string()).collect())
    }

    async fn fetch(&mut self, request: Request, body_at_most: u32) -> Answer<Response> {
        let body_at_most = (body_at_most as usize).min(CALL_BYTES_MAX);
        match self.follow(request, body_at_most).await {
            Ok(response) => Ok(Ok(response)),
            Err(Failure::Refused(error, sentence, is_ours)) => self.refuse(error, sentence, is_ours),
            Err(Failure::Over(quota)) => {
                self.used_up = Some(quota);
                Ok(Err(IoError::Limit))
            }
        }
    }
}

impl Guest {
    /// Asks, and goes where the answers lead.
    async fn follow(&mut self, request: Request, body_at_most: usize) -> Result<Response, Failure> {
        let began = Instant::now();
        let mut redirects_left = request.redirects_at_most.min(REDIRECTS_MAX);
        if self.reach.fetched >= FETCHES_MAX {
            return Err(Failure::Over(Quota::Fetches));
        }
        self.reach.fetched += 1;
        let cannot = |sentence| Failure::Refused(IoError::Other, sentence, true);
        let shown = |text: &str| words::name(&self.secrets.mask(text));
        let mut asked = Asked::by(request, &shown).map_err(cannot)?;
        loop {
            let encryption = self.granted_encryption(&asked.origin).ok_or_else(|| self.not_granted(&asked.origin))?;
            if !self.traffic.send(asked.bytes()) {
                return Err(Failure::Over(Quota::Sent));
            }
            let Answered { response, body, connected, answered } = self.once(&asked, encryption, body_at_most).await?;
            let location = response.headers.get(LOCATION).filter(|_| leads_elsewhere(response.status));
            if let Some(location) = location.filter(|_| redirects_left > 0) {
                redirects_left -= 1;
                let from = asked.origin.clone();
                asked = asked
                    .redirected(response.status, location.as_bytes())
                    .map_err(|sentence| Failure::Refused(IoError::Unreachable, format!("{from} {sentence}"), false))?;
                if self.granted_encryption(&asked.origin).is_none() {
                    let to = &asked.origin;
                    let sentence = format!(
                        "{from} leads to {to}, which the rule does not grant; where that is meant, write \
                         `grant fetch \"{to}\"`"
                    );
                    return Err(Failure::Refused(IoError::NotGranted, sentence, false));
                }
                continue;
            }
            let micros =
                |at: Instant| u64::try_from(at.saturating_duration_since(began).as_micros()).unwrap_or(u64::MAX);
            let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
            return Ok(Response {
                status: response.status.as_u16(),
                url: asked.url(),
                headers: response.headers.iter().map(header).collect(),
                body,
                connected_us: micros(connected),
                answered_us: micros(answered),
                finished_us: micros(Instant::now()),
            });
        }
    }

    fn granted_encryption(&self, origin: &Origin) -> Option<Encryption> {
        let mut origins = self.reach.origins.iter();
        origins.find(|(granted, _)| granted == origin).map(|(_, encryption)| encryption.clone())
    }

    fn not_granted(&self, origin: &Origin) -> Failure {
        let sentence =
            format!("the plugin asks {origin}, and the rule does not grant that; write `grant fetch \"{origin}\"`");
        Failure::Refused(IoError::NotGranted, sentence, true)
    }

    /// One request, over a connection of its own.
    async fn once(&mut self, asked: &Asked, encryption: Encryption, body_at_most: usize) -> Result<Answered, Failure> {
        let deadline = self.reach.deadline;
        let origin = &asked.origin;
        let route = Route {
            tls: origin.is_encrypted().then_some(encryption),
            reach: Reach::Elsewhere,
            ..Route::to(Endpoint::port(origin.host(), origin.port()))
        };
        let connected = transport::connect(&route, deadline)
            .await
            .map_err(|error| Failure::Refused(dial::kind(&error), error.to_string(), error.is_ours()))?;
        if self.phases.is_none() {
            (self.phases, self.tls) = (Some(connected.phases), connected.tls_info().cloned());
        }
        let exchanging = exchange::exchange(connected, asked, body_at_most, &self.traffic);
        match tokio::time::timeout_at(deadline.into(), exchanging).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(Problem::TooLong)) => Err(Failure::Refused(
                IoError::TooLong,
                format!("the answer of {origin} has more than {body_at_most} bytes"),
                false,
            )),
            Ok(Err(Problem::Received)) => Err(Failure::Over(Quota::Received)),
            Ok(Err(Problem::Unreadable(reason))) => Err(Failure::Refused(
                IoError::Unreachable,
                format!("{origin} does not answer as it should: {reason}"),
                false,
            )),
            Ok(Err(Problem::Unaskable(reason))) => {
                Err(Failure::Refused(IoError::Other, format!("the plugin asks what cannot be asked: {reason}"), true))
            }
            Err(_) => {
                Err(Failure::Refused(IoError::TimedOut, format!("{origin} gives no complete answer in time"), false))
            }
        }
    }
}

/// Whether an answer with this status says where to ask instead.
fn leads_elsewhere(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}
