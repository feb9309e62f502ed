//! The programs that run in the simulated world, and what the driver does with those that run too long.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{DeedId, DeedKind, ServiceId};

/// The programs that run.
#[derive(Debug, Default)]
pub(super) struct Programs {
    running: BTreeMap<DeedId, Running>,
    /// Those that were ended before they could have their effect.
    killed: BTreeSet<DeedId>,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    service: ServiceId,
    /// It may be the service itself, or its parent.
    may_stay: bool,
    exec: bool,
    /// It had its effect, or stays beside a service that is up: nobody waits for it.
    settled: bool,
}

impl Programs {
    /// A program is run. A start program that is left over from a service that is gone is ended before; whether
    /// another program is in the way that somebody still waits for.
    pub(super) fn begin(&mut self, deed: DeedId, service: ServiceId, kind: &DeedKind, is_there: bool) -> bool {
        let (may_stay, exec) = match kind {
            DeedKind::Start(_) | DeedKind::Restart(_) => (true, false),
            DeedKind::Stop(_) => (false, false),
            DeedKind::Exec(_) => (false, true),
            // A signal is sent and over.
            DeedKind::Terminate(_) | DeedKind::Kill(_) => return false,
        };
        let mut overlaps = false;
        if !exec {
            let others: Vec<(DeedId, Running)> = self.running.iter().map(|(id, one)| (*id, *one)).collect();
            for (id, other) in others.into_iter().filter(|(_, one)| one.service == service && !one.exec) {
                if other.may_stay && may_stay && !is_there {
                    self.kill(id);
                } else if !(other.may_stay && (other.settled || is_there)) {
                    overlaps = true;
                }
            }
        }
        self.running.insert(deed, Running { service, may_stay, exec, settled: false });
        overlaps
    }

    /// A program has ended by itself; false when it was ended before.
    pub(super) fn end(&mut self, deed: DeedId) -> bool {
        self.running.remove(&deed);
        !self.killed.contains(&deed)
    }

    /// The time-out of a program has passed. Whether it was ended because of that.
    pub(super) fn time_out(&mut self, deed: DeedId, is_there: bool) -> bool {
        let Some(one) = self.running.get_mut(&deed) else { return false };
        // From now on nobody waits for one that may stay.
        one.settled = one.may_stay && is_there;
        let late = !one.settled;
        if late {
            self.kill(deed);
        }
        late
    }

    /// The effect of a program is due; whether it still has one.
    pub(super) fn take_effect(&mut self, deed: DeedId) -> bool {
        if let Some(one) = self.running.get_mut(&deed) {
            one.settled = true;
        }
        !self.killed.contains(&deed)
    }

    fn kill(&mut self, deed: DeedId) {
        self.running.remove(&deed);
        self.killed.insert(deed);
    }
}
