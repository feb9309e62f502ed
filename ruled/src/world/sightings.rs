//! What looks and connections bring, gathered: a thousand that come back in a few milliseconds wake the loop a few times, and
//! not a thousand times.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

/// For how long after the first of them is gathered. Looks out of turn, for which somebody waits, are not taken in the pool.
const GATHERING: Duration = Duration::from_millis(1);

/// Where results arrive.
pub(super) struct Sightings<T> {
    inbox: UnboundedReceiver<T>,
    /// The first that came, and until when others are gathered with it.
    first: Option<(T, Instant)>,
    /// Whether what is there is handed out.
    is_handing_out: bool,
}

impl<T> Sightings<T> {
    /// Gathers what arrives there.
    pub(super) fn of(inbox: UnboundedReceiver<T>) -> Sightings<T> {
        Sightings { inbox, first: None, is_handing_out: false }
    }

    /// The next one. Nothing is lost when this is not waited for to its end. It never comes back when nobody looks any more.
    pub(super) async fn next(&mut self) -> T {
        loop {
            if self.is_handing_out {
                match self.inbox.try_recv() {
                    Ok(sighted) => return sighted,
                    Err(_) => self.is_handing_out = false,
                }
            }
            if let Some((_, until)) = &self.first {
                tokio::time::sleep_until((*until).into()).await;
                self.is_handing_out = true;
                if let Some((sighted, _)) = self.first.take() {
                    return sighted;
                }
            }
            match self.inbox.recv().await {
                Some(sighted) => self.first = Some((sighted, Instant::now() + GATHERING)),
                None => return std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use interpreter::engine::{Monotonic, Now, RoundId, ServiceId, Wall};
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::observe::Seen;
    use crate::world::looks::Sighted;
    use crate::world::rounds::RoundKey;

    const TURNS_MAX: u64 = 10_000;

    fn sighted(number: u64) -> Sighted {
        let key = RoundKey { generation: 0, service: ServiceId::new(0), round: RoundId(number) };
        let taken = Now { monotonic: Monotonic::default(), wall: Wall::default() };
        Sighted { key, taken, seen: Seen::unknown(String::new()) }
    }

    /// Whatever is awaited is given up at every point, as the loop does.
    #[test]
    fn all_come_in_their_order_and_none_is_lost() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (sender, inbox) = unbounded_channel();
        let mut sightings = Sightings::of(inbox);
        let mut seen = Vec::new();
        for number in 0..3 {
            assert!(sender.send(sighted(number)).is_ok());
        }
        for turn in 0..TURNS_MAX {
            let patience = Duration::from_micros(turn % 7 * 100);
            let next = async { tokio::time::timeout(patience, sightings.next()).await };
            seen.extend(runtime.block_on(next).ok().map(|sighted| sighted.key.round.0));
            match seen.len() {
                3 => assert!(sender.send(sighted(3)).is_ok()),
                4.. => break,
                _ => {}
            }
        }
        // What is sent more than once is the test's own doing.
        assert_eq!(seen, [0, 1, 2, 3]);
    }
}
