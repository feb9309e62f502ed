//! Waits for changes of files, and reads them together: a file that changes ten thousand times a second is read about
//! forty times in it.

use std::collections::BTreeSet;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interpreter::engine::ServiceId;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::places::Places;

/// How long nothing is read after something was; doubled while something waits each time, and never so long that with it
/// and the engine's own waiting a change would be judged later than 50 ms after it happened.
const SHORTEST_REST: Duration = Duration::from_millis(3);
/// See [`SHORTEST_REST`].
const LONGEST_REST: Duration = Duration::from_millis(24);

/// So many bytes of what the kernel tells are read at once: some hundred changes.
const TOLD_BYTES: usize = 16 * 1024;

/// The changes of files, as they are told.
pub struct Changes {
    places: Arc<Places>,
    told: Option<AsyncFd<Arc<OwnedFd>>>,
    buffer: Box<[MaybeUninit<u8>]>,
    rest: Duration,
    /// Until when nothing is read.
    rests_until: Option<Instant>,
    /// Since when nothing was told.
    idle_since: Instant,
}

impl Changes {
    /// Must be called within the runtime. Where nothing can be waited for, nothing is ever told.
    #[expect(
        deprecated,
        reason = "the safe constructor is unsound only for types whose descriptor changes; \
                                   an OwnedFd's never does, and the unsafe one is out of bounds here"
    )]
    pub fn of(places: Arc<Places>) -> Changes {
        let told = places.descriptor().and_then(|told| AsyncFd::with_interest(told, Interest::READABLE).ok());
        Changes {
            places,
            told,
            buffer: vec![MaybeUninit::uninit(); TOLD_BYTES].into_boxed_slice(),
            rest: SHORTEST_REST,
            rests_until: None,
            idle_since: Instant::now(),
        }
    }

    /// The services whose files changed; at least one. Nothing is lost when nobody waits to the end.
    pub async fn next(&mut self) -> BTreeSet<ServiceId> {
        loop {
            if let Some(until) = self.rests_until {
                tokio::time::sleep_until(until.into()).await;
                (self.rests_until, self.idle_since) = (None, Instant::now());
            }
            let Some(told) = &self.told else { return std::future::pending().await };
            let Ok(mut guard) = told.readable().await else {
                self.told = None;
                continue;
            };
            let told = self.places.read(&mut self.buffer);
            if told.is_all {
                guard.clear_ready();
            }
            drop(guard);
            let waited = self.idle_since.elapsed() < SHORTEST_REST;
            self.rest = if waited { (self.rest * 2).min(LONGEST_REST) } else { SHORTEST_REST };
            self.rests_until = Some(Instant::now() + self.rest);
            if !told.services.is_empty() {
                return told.services;
            }
        }
    }
}
