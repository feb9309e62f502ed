//! What belongs to one check on the host's side, and the calls of the interfaces `log` and `ambient`.

use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::ResourceTable;

use super::bindings::ruled::plugin::{ambient, log, types};
use super::limits::{
    Fault, HANDLES_MAX, LOG_BYTES_MAX, LOG_LINE_BYTES_MAX, LOG_LINES_MAX, Limiter, RANDOM_BYTES_MAX, SUMMARY_BYTES_MAX,
    WORKED_BYTES_MAX,
};
use super::patterns::Patterns;
use super::verdict::clean;
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
    /// How many bytes the host has digested and matched for it.
    worked_bytes: usize,
    /// How many rounds of stretching it has asked for.
    pub(super) stretches: u32,
    /// How long opening the connection took, and how it was encrypted, where the guest began encryption.
    pub(super) phases: Option<Phases>,
    pub(super) tls: Option<TlsInfo>,
    /// Why encryption did not come about, and whether that is ours to mend.
    pub(super) tls_error: Option<(String, bool)>,
    /// The quota of the connection that is used up, if one is.
    pub(super) used_up: Option<Quota>,
}

/// A quota of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    /// The guest sent too much.
    Sent,
    /// The peer sent too much.
    Received,
    /// The guest asked for too much in one call.
    Call,
}

impl Guest {
    pub(super) fn new(patterns: Patterns) -> Guest {
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES_MAX);
        Guest {
            limiter: Limiter,
            table,
            log: Vec::new(),
            log_bytes: 0,
            last_words: None,
            patterns,
            worked_bytes: 0,
            stretches: 0,
            phases: None,
            tls: None,
            tls_error: None,
            used_up: None,
        }
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
        self.log.push(format!("{level}: {}", clean(&message, LOG_LINE_BYTES_MAX)));
        Ok(())
    }

    fn last_words(&mut self, message: String) -> wasmtime::Result<()> {
        self.last_words = Some(clean(&message, SUMMARY_BYTES_MAX));
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
