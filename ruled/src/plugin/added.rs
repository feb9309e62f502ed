//! Plugins of one's own: what is known of one that was added, and what a rule grants its checks.
//!
//! What does not live here: where they are stored, and who may write there.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ruled_manifest::{Kind, Manifest, Want};

use super::http::Origin;
use super::limits::Allowance;
use super::{Setting, source::Source};
use crate::transport::{Encryption, Reach, Route};

/// A plugin of one's own that was compiled and stored. Its code is read when it is first used.
pub struct Added {
    manifest: Manifest,
    wasm_sha256: [u8; 32],
    code_sha256: [u8; 32],
    code: Box<ReadCode>,
}

/// Reads the compiled code of a plugin, or says why it cannot.
type ReadCode = dyn Fn() -> Result<Vec<u8>, String> + Send + Sync;

impl Added {
    /// A plugin of which this is known, and whose code `read` reads whole into memory. Its digest is compared when it is
    /// loaded.
    ///
    /// # Errors
    /// When the digests of the manifest are none.
    pub fn new(
        manifest: Manifest,
        read: impl Fn() -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Result<Added, String> {
        let digest = |text: &str| digest(text).ok_or_else(|| "the manifest has a SHA-256 that is none".to_owned());
        let (wasm_sha256, code_sha256) = (digest(&manifest.wasm_sha256)?, digest(&manifest.code_sha256)?);
        Ok(Added { manifest, wasm_sha256, code_sha256, code: Box::new(read) })
    }

    /// What is known of it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn wasm_sha256(&self) -> [u8; 32] {
        self.wasm_sha256
    }

    pub(super) fn code_sha256(&self) -> [u8; 32] {
        self.code_sha256
    }

    pub(super) fn code(&self) -> Result<Vec<u8>, String> {
        (self.code)()
    }

    pub(super) fn allowance(&self) -> Allowance {
        Allowance::own(self.manifest.wasm_bytes)
    }
}

/// A SHA-256 from its hexadecimal digits.
fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 2 * digest.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(digest)
}

impl fmt::Debug for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = (&self.manifest.kind, &self.manifest.description.name);
        f.debug_struct("Added").field("kind", kind).field("name", name).finish_non_exhaustive()
    }
}

/// A check by a plugin of one's own.
#[derive(Clone, Debug)]
pub struct CustomCheck {
    /// The plugin.
    pub plugin: Arc<Added>,
    /// The name of the check, under which the faults of the plugin are counted.
    pub name: String,
    /// What the rule sets. Options that it leaves out get their defaults here.
    pub settings: Vec<Setting>,
    /// What the rule grants, in its order. A probe has exactly one connection, which is opened for it.
    pub grants: Vec<Grant>,
    /// For all of it.
    pub timeout: Duration,
}

/// What a rule grants a check.
#[derive(Clone, Debug)]
pub enum Grant {
    /// The service that the rule names by itself, for a probe: `if failed host db port 6432 protocol pgbouncer`.
    Service(Route),
    /// `grant connect "host:port"`. A name does not lead to this machine or its link there, unless it is `localhost`.
    Connect {
        /// The way to it.
        route: Route,
        /// What stands between the quotation marks.
        text: String,
        /// `as "broker"`: how the plugin calls it.
        name: Option<String>,
    },
    /// `grant read "/path"`: a file, or a directory and everything below it.
    Read {
        /// An absolute path.
        path: PathBuf,
    },
    /// `grant fetch "https://origin"`.
    Fetch {
        /// Where requests may go.
        origin: Origin,
        /// How connections are encrypted, where the origin is encrypted.
        encryption: Encryption,
    },
}

/// What the plugin asks for, behind "it asks to".
fn deed(want: Want) -> &'static str {
    match want {
        Want::Connect => "open connections",
        Want::Read => "read files",
        Want::Fetch => "make requests over HTTP",
    }
}

/// The grant to write where nothing better is known.
fn example(want: Want) -> &'static str {
    match want {
        Want::Connect => "grant connect \"host:port\"",
        Want::Read => "grant read \"/path\"",
        Want::Fetch => "grant fetch \"https://host\"",
    }
}

impl Grant {
    /// Its kind; none of a service, which needs no grant.
    pub fn kind(&self) -> Option<Want> {
        match self {
            Grant::Service(_) => None,
            Grant::Connect { .. } => Some(Want::Connect),
            Grant::Read { .. } => Some(Want::Read),
            Grant::Fetch { .. } => Some(Want::Fetch),
        }
    }

    /// The way that a granted connection takes, for names that somebody else answers for.
    pub(super) fn guarded(route: &Route) -> Route {
        Route { reach: Reach::Elsewhere, ..route.clone() }
    }
}

/// What is missing among the grants of a rule, as a sentence without its full stop: what the plugin asks for, and what to
/// write.
pub(super) fn missing(plugin: &str, wants: &[Want], grants: &[Grant]) -> Option<String> {
    let lacking: Vec<Want> =
        wants.iter().copied().filter(|kind| !grants.iter().any(|grant| grant.kind() == Some(*kind))).collect();
    if lacking.is_empty() {
        return None;
    }
    let and = |words: Vec<String>| words.join(" and to ");
    let deeds = and(lacking.iter().map(|kind| deed(*kind).to_owned()).collect());
    let grants: Vec<String> = lacking.iter().map(|kind| format!("`{}`", example(*kind))).collect();
    Some(format!(
        "the {plugin} plugin asks to {deeds}, and the rule does not grant that; write {}",
        grants.join(" and ")
    ))
}

/// How a check comes to what it looks at.
pub(super) enum Subject {
    /// One connection, which is opened for it.
    Service(Route),
    /// Whatever of this it asks for.
    Grants(Vec<Grant>),
}

/// A check that is about to be made, by whatever kind of plugin.
pub(super) struct Job {
    pub(super) source: Source,
    pub(super) subject: Subject,
    /// What its faults are counted with.
    pub(super) service: String,
    pub(super) settings: Vec<Setting>,
    pub(super) timeout: Duration,
}

impl Job {
    /// The check of a service by a protocol.
    pub(super) fn probe(source: Source, route: Route, settings: Vec<Setting>, timeout: Duration) -> Job {
        let service = route.endpoint.to_string();
        Job { source, subject: Subject::Service(route), service, settings, timeout }
    }

    /// A check by a plugin of one's own.
    pub(super) fn custom(check: CustomCheck) -> Result<Job, String> {
        let CustomCheck { plugin, name, settings, grants, timeout } = check;
        let about = plugin.manifest.description.name.clone();
        let kind = plugin.manifest.kind;
        let source = Source::Added(plugin);
        match (kind, grants.as_slice()) {
            (Kind::Check, _) => Ok(Job { source, subject: Subject::Grants(grants), service: name, settings, timeout }),
            (Kind::Probe, [Grant::Service(route)]) => Ok(Job::probe(source, route.clone(), settings, timeout)),
            (Kind::Probe, [Grant::Connect { route, .. }]) => {
                Ok(Job { service: name, ..Job::probe(source, Grant::guarded(route), settings, timeout) })
            }
            (Kind::Probe, _) => Err(format!(
                "the {about} plugin speaks over exactly one connection; write one `grant connect \"host:port\"` and no other \
                 grant"
            )),
        }
    }
}
