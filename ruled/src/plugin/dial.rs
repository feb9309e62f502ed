//! Connections that a check opens by itself: the interface `dial`.

use std::sync::Arc;

use wasmtime::component::Resource;

use super::bindings::checks::ruled::plugin::dial::Host;
use super::bindings::ruled::plugin::types::IoError;
use super::connection::Connection;
use super::guest::{Answer, Guest, Quota};
use super::limits::CONNECTIONS_MAX;
use crate::transport::{self, ConnectError};
use crate::words;

impl Host for Guest {
    fn granted(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(self.reach.connections.iter().map(|opening| opening.known_as().to_owned()).collect())
    }

    async fn open(&mut self, name: String) -> Answer<Resource<Connection>> {
        let openings = &self.reach.connections;
        // One that has a name of its own is meant by its text only where no other one is.
        let known = openings.iter().find(|opening| opening.known_as() == name);
        let Some(opening) = known.or_else(|| openings.iter().find(|opening| opening.text == name)) else {
            let sentence = format!(
                "the plugin asks for the connection {}, which the rule does not grant; write `grant connect \"host:port\" \
                 as …` with that name, or `grant connect` with that address",
                words::name(&self.secrets.mask(&name))
            );
            return self.refuse(IoError::NotGranted, sentence, true);
        };
        if self.reach.opened >= CONNECTIONS_MAX {
            self.used_up = Some(Quota::Connections);
            return Ok(Err(IoError::Limit));
        }
        let (route, deadline) = (opening.route.clone(), self.reach.deadline);
        self.reach.opened += 1;
        match transport::connect(&route, deadline).await {
            Ok(connected) => {
                if self.phases.is_none() {
                    (self.phases, self.tls) = (Some(connected.phases), connected.tls_info().cloned());
                }
                let connection = Connection::new(connected, deadline, Arc::clone(&self.traffic));
                Ok(Ok(self.table.push(connection)?))
            }
            Err(error) => {
                let kind = kind(&error);
                self.refuse(kind, error.to_string(), error.is_ours())
            }
        }
    }
}

/// What a guest is told of why there is no connection.
pub(super) fn kind(error: &ConnectError) -> IoError {
    match error {
        ConnectError::Resolve { .. } | ConnectError::Connect { .. } | ConnectError::Exhausted { .. } => {
            IoError::Unreachable
        }
        ConnectError::Near { .. } => IoError::NotGranted,
        ConnectError::TimedOut { .. } => IoError::TimedOut,
        ConnectError::Tls(_) => IoError::Tls,
    }
}
