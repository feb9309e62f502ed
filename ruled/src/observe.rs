//! Takes readings of services: processes, files, this machine, connections.
//!
//! Everything here only looks. What readings mean is judged by the engine; a reading that is missing is unknown,
//! never 0 and never false.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use interpreter::engine::{Identity, Metric, PidfileState, Presence, Raw, Reading};
use interpreter::pattern::{Pattern, Syntax};
use interpreter::program::Target;

pub mod connection;
pub mod file;
pub mod pidfile;
pub mod pool;
pub mod process;
pub mod procfs;
pub mod snapshot;
pub mod system;

use process::Known;
use snapshot::Snapshot;

/// Where a service is looked for, prepared once per program.
#[derive(Debug, Clone)]
pub enum Sight {
    /// The process that this file names.
    Pidfile(String),
    /// The oldest process that the pattern matches.
    Pattern(Pattern),
    /// A pattern that cannot be matched: the reason, in a sentence.
    Broken(String),
    /// The file of this path.
    File(String),
    /// A host: it is only ever connected to.
    Host,
    /// This machine.
    System,
    /// What is not watched yet counts as being there.
    Nothing,
}

/// What was seen of a service on this machine; connections come later and from elsewhere.
#[derive(Debug)]
pub struct Seen {
    /// Whether it is there.
    pub presence: Presence,
    /// What its pid file says.
    pub pidfile: Option<PidfileState>,
    /// The metrics that were asked for.
    pub values: BTreeMap<Metric, Reading<Raw>>,
    /// A handle on the process that was found, by which its exit is noticed at once.
    pub pidfd: Option<OwnedFd>,
}

impl Sight {
    /// Prepares a target of the program, in which patterns have this syntax.
    pub fn new(target: &Target, syntax: Syntax) -> Sight {
        match target {
            Target::Pidfile(path) => Sight::Pidfile(path.clone()),
            Target::Matching(pattern) => match Pattern::new(pattern, syntax) {
                Ok(pattern) => Sight::Pattern(pattern),
                Err(_) => Sight::Broken(format!("the pattern `{pattern}` cannot be matched")),
            },
            Target::File(path) => Sight::File(path.clone()),
            Target::Host(_) => Sight::Host,
            Target::System => Sight::System,
            // There is no rule of these that is judged.
            Target::Directory(_)
            | Target::Fifo(_)
            | Target::Filesystem(_)
            | Target::Program(_)
            | Target::Interface(_)
            | Target::Address(_) => Sight::Nothing,
        }
    }

    /// The path whose file system is touched; nothing when only the kernel is asked.
    pub fn path(&self) -> Option<&str> {
        match self {
            Sight::Pidfile(path) | Sight::File(path) => Some(path),
            Sight::Pattern(_) | Sight::Broken(_) | Sight::Host | Sight::System | Sight::Nothing => None,
        }
    }

    /// Looks, and measures what is there. `known` is the process that was found last.
    /// It may wait for a file system that does not answer.
    pub fn look(&self, metrics: &[Metric], known: Option<Known>, snapshot: &Snapshot) -> Seen {
        // A fault of ours in one service's observation leaves the others alone.
        catch_unwind(AssertUnwindSafe(|| self.look_unguarded(metrics, known, snapshot)))
            .unwrap_or_else(|_| Seen::unknown("ruled failed while it looked; please report this".to_owned()))
    }

    fn look_unguarded(&self, metrics: &[Metric], known: Option<Known>, snapshot: &Snapshot) -> Seen {
        let sighting = match self {
            Sight::Pidfile(path) => process::by_pidfile(path, known, snapshot),
            Sight::Pattern(pattern) => process::by_pattern(pattern, known, snapshot),
            Sight::Broken(reason) => return Seen::unknown(reason.clone()),
            Sight::File(path) => {
                let (presence, values) = file::look(path, metrics);
                return Seen { presence, pidfile: None, values, pidfd: None };
            }
            Sight::Host | Sight::Nothing => return Seen::itself(BTreeMap::new()),
            Sight::System => return Seen::itself(system::measure(metrics, snapshot)),
        };
        let values = sighting.found.as_ref().map(|found| process::measure(found, metrics, snapshot));
        Seen {
            presence: sighting.presence,
            pidfile: sighting.pidfile,
            values: values.unwrap_or_default(),
            pidfd: sighting.found.and_then(|found| found.pidfd),
        }
    }
}

impl Seen {
    /// Nobody can tell.
    pub fn unknown(reason: String) -> Seen {
        Seen { presence: Presence::Unknown(reason), pidfile: None, values: BTreeMap::new(), pidfd: None }
    }

    fn itself(values: BTreeMap<Metric, Reading<Raw>>) -> Seen {
        Seen { presence: Presence::Present(Identity::Itself), pidfile: None, values, pidfd: None }
    }
}
