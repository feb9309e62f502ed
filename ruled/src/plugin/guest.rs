//! What belongs to one check on the host's side, and the calls of the interfaces `log` and `ambient`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::ResourceTable;

use super::bindings::ruled::plugin::{ambient, log, types};
use super::limits::{
    Allowance, Fault, HANDLES_MAX, LOG_BYTES_MAX, LOG_LINE_BYTES_MAX, LOG_LINES_MAX, Limiter, RANDOM_BYTES_MAX,
    RECEIVED_BYTES_MAX, SENT_BYTES_MAX, SUMMARY_BYTES_MAX, WORKED_BYTES_MAX,
};
use super::patterns::Patterns;
use super::reach::Reach;
use super::secrets::Secrets;
use crate::transport::{Phases, TlsInfo};

/// What belongs to one check. A store holds it.
pub(super) struct Guest {
    pub(super) limiter: Limiter,
    pub(super) table: ResourceTable,
    /// The lines of the log, cleaned.
    pub(super) log: Vec<String>,
    log_bytes: usize,
    /// What the guest said before it stopped itself.
    pub(super) last_words: Option<String>,
    /// The patterns of the options that are set.
    pub(super) patterns: Patterns,
    /// What must stand in nothing that is reported.
    pub(super) secrets: Secrets,
    /// What all connections of the check have sent and received.
    pub(super) traffic: Arc<Traffic>,
    /// What the rule grants.
    pub(super) reach: Reach,
    /// How many bytes the host has digested and matched for it.
    worked_bytes: usize,
    /// How many rounds of stretching it has asked for.
    pub(super) stretches: u32,
    /// How long opening the connection took, and how it was encrypted, where the guest began encryption.
    pub(super) phases: Option<Phases>,
    pub(super) tls: Option<TlsInfo>,
    /// Why the last call failed that did, where there is more to say than the error itself does.
    pub(super) why: Option<Why>,
    /// The quota that is used up, if one is.
    pub(super) used_up: Option<Quota>,
}

/// The outer result ends the guest, the inner one is what it is told.
pub(super) type Answer<T> = wasmtime::Result<Result<T, types::IoError>>;

/// Why something failed that a guest asked for. The guest gets the error, and people the sentence, when it fails with that
/// error.
#[derive(Clone, Debug)]
pub(super) struct Why {
    pub(super) error: types::IoError,
    pub(super) sentence: String,
    /// Whether the rule or this machine is to blame, and nothing is known about the service.
    pub(super) is_ours: bool,
}

impl Why {
    pub(super) fn new(error: types::IoError, sentence: String, is_ours: bool) -> Why {
        Why { error, sentence, is_ours }
    }
}

/// What a check has sent and received, over all that it has opened.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    sent: AtomicUsize,
    received: AtomicUsize,
}

impl Traffic {
    /// Charges for what is about to be sent, and says whether it may be.
    pub(super) fn send(&self, bytes: usize) -> bool {
        self.sent.fetch_add(bytes, Relaxed).saturating_add(bytes) <= SENT_BYTES_MAX
    }

    /// Whether more may be received.
    pub(super) fn may_receive(&self) -> bool {
        self.received.load(Relaxed) < RECEIVED_BYTES_MAX
    }

    /// Charges for what was received.
    pub(super) fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes, Relaxed);
    }
}

/// A quota of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    /// The guest sent too much.
    Sent,
    /// The peer sent too much.
    Received,
    /// The guest asked for too much in one call.
    Call,
    /// The guest opened too many connections.
    Connections,
    /// The guest read too much of files.
    Read,
    /// The guest made too many requests over HTTP.
    Fetches,
}

impl Guest {
    pub(super) fn new(allowance: Allowance, patterns: Patterns, secrets: Secrets, reach: Reach) -> Guest {
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES_MAX);
        Guest {
            limiter: Limiter::new(allowance),
            table,
            log: Vec::new(),
            log_bytes: 0,
            last_words: None,
            patterns,
            secrets,
            traffic: Arc::default(),
            reach,
            worked_bytes: 0,
            stretches: 0,
            phases: None,
            tls: None,
            why: None,
            used_up: None,
        }
    }

    /// Refuses what a guest asked for, and remembers why, for the sentence in the report.
    pub(super) fn refuse<T>(&mut self, error: types::IoError, sentence: String, is_ours: bool) -> Answer<T> {
        self.why = Some(Why::new(error, sentence, is_ours));
        Ok(Err(error))
    }

    /// Charges the guest for bytes that the host looks at for it.
    pub(super) fn work(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.worked_bytes = self.worked_bytes.saturating_add(bytes);
        if self.worked_bytes > WORKED_BYTES_MAX { Err(Fault::Work.into()) } else { Ok(()) }
    }
}

impl types::Host for Guest {}

impl log::Host for Guest {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.log_bytes += message.len();
        if self.log.len() >= LOG_LINES_MAX || self.log_bytes > LOG_BYTES_MAX {
            return Err(Fault::Log.into());
        }
        let level = match level {
            log::Level::Debug => "debug",
            log::Level::Info => "info",
            log::Level::Warn => "warn",
        };
        self.log.push(format!("{level}: {}", self.secrets.clean(&message, LOG_LINE_BYTES_MAX)));
        Ok(())
    }

    fn last_words(&mut self, message: String) -> wasmtime::Result<()> {
        self.last_words = Some(self.secrets.clean(&message, SUMMARY_BYTES_MAX));
        Ok(())
    }
}

impl ambient::Host for Guest {
    fn now(&mut self) -> wasmtime::Result<(u64, u32)> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok((since.as_secs(), since.subsec_nanos()))
    }

    fn random_bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        if count > RANDOM_BYTES_MAX {
            return Err(Fault::Random.into());
        }
        let mut bytes = vec![0; count as usize];
        let mut source = std::fs::File::open("/dev/urandom")?;
        std::io::Read::read_exact(&mut source, &mut bytes)?;
        Ok(bytes)
    }
}
