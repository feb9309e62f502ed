//! The closed list of what ruled repairs in the dialect `monit` too. Everything else there is Monit's.

/// One repair that shows in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    /// Monit notices an exit with its next cycle.
    DeathAtOnce,
    /// Monit takes every living process that a pid file names for the service.
    ForeignPidfile,
}

impl Repair {
    /// The words of the language's list, "Repaired in both dialects".
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Repair::DeathAtOnce => "death is seen at once",
            Repair::ForeignPidfile => "a pidfile that names a foreign process is not \"running\"",
        }
    }
}
