//! What belongs to a process beside itself, so that a stop can make sure that all of it is gone before anything is started.

use super::{Identity, PidfileState, Reading, Readings};

/// How many processes of a family are looked at. Whoever has more is not ended as a whole in one go, but bit by bit.
pub const FAMILY_MAX: usize = 4096;

/// The processes that belong to one that is a service, without itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Family {
    /// Those of the process group that it leads; where ruled started it also those of the session that it leads, and of the
    /// group of its start program. As long as one of them is there, the service is not stopped.
    pub members: Vec<Identity>,
    /// Its descendants in other groups and sessions, where ruled started it. A process that ends in good order may leave them
    /// behind on purpose, as a server for logins does; one that has to be killed takes them with it.
    pub kin: Vec<Identity>,
    /// Whether ruled started it. What others started may belong to them: the shims of containers stand in the session of
    /// the daemon that is restarted under them, and live on.
    pub is_own: bool,
}

/// Whose family is asked for, and what was seen of it before: who belongs to a process that is gone is known only by those
/// that were seen while it was there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FamilyOf {
    /// The process; the one that is found, when it is not known.
    pub main: Option<Identity>,
    /// Its family, as far as it was seen.
    pub known: Family,
}

/// What a process left behind that ended by itself. It keeps ports and locks that the next one needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fallen {
    /// The process that ended.
    pub(super) main: Identity,
    /// What was in its group then, and is still there.
    pub(super) family: Family,
}

impl Fallen {
    /// What a look shows that finds a process gone, or a zombie, which was there before. Descendants in other groups are left
    /// alone: the process did not have to be killed.
    pub(super) fn of(main: Identity, readings: &Readings) -> Option<Fallen> {
        let in_good_order = matches!(readings.pidfile, Some(PidfileState::Gone | PidfileState::Unreadable));
        match &readings.family {
            Some(Reading::Known(family)) if !in_good_order && !family.members.is_empty() => {
                Some(Fallen { main, family: Family { kin: Vec::new(), ..family.clone() } })
            }
            _ => None,
        }
    }
}

impl Family {
    /// All of them that are not among these.
    pub(super) fn all_but(&self, known: &[Identity]) -> Vec<Identity> {
        let is_new = |one: &&Identity| !known.iter().any(|known| known.is_same(one));
        self.members.iter().chain(&self.kin).filter(is_new).copied().collect()
    }
}
