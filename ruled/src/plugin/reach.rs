//! What a rule grants one check, and how much of it the check has used.

use std::sync::Arc;
use std::time::Instant;

use super::added::Grant;
use super::files::{Files, Readers};
use super::http::Origin;
use crate::transport::{Encryption, Route};

/// What a check may reach by itself; nothing for a probe, which has its connection.
pub(super) struct Reach {
    /// Every call waits at most until then.
    pub(super) deadline: Instant,
    pub(super) connections: Vec<Opening>,
    /// How many connections it has opened.
    pub(super) opened: u32,
    pub(super) files: Files,
    pub(super) origins: Vec<(Origin, Encryption)>,
    /// How often it has asked over HTTP.
    pub(super) fetched: u32,
}

/// A connection that may be opened.
pub(super) struct Opening {
    /// How the rule calls it, if it does.
    pub(super) name: Option<String>,
    /// What the rule grants, as it writes it.
    pub(super) text: String,
    pub(super) route: Route,
}

impl Opening {
    /// What the plugin knows it by.
    pub(super) fn known_as(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.text)
    }
}

impl Reach {
    /// What these grants give.
    pub(super) fn of(grants: Vec<Grant>, deadline: Instant, readers: &Arc<Readers>) -> Reach {
        let (mut connections, mut paths, mut origins) = (Vec::new(), Vec::new(), Vec::new());
        for grant in grants {
            match grant {
                // Only a probe is handed this, and it is opened for it.
                Grant::Service(_) => {}
                Grant::Connect { route, text, name } => {
                    connections.push(Opening { name, text, route: Grant::guarded(&route) });
                }
                Grant::Read { path } => paths.push(path),
                Grant::Fetch { origin, encryption } => origins.push((origin, encryption)),
            }
        }
        let files = Files::new(paths, Arc::clone(readers));
        Reach { deadline, connections, opened: 0, files, origins, fetched: 0 }
    }
}
