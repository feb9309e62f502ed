//! Takes readings of services: processes, files, file systems, interfaces, this machine, connections.
//!
//! Everything here only looks. What readings mean is judged by the engine; a reading that is missing is unknown,
//! never 0 and never false.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use grammar::ast::ServiceKind;
use interpreter::engine::{
    Fact, FactValue, Family, Identity, Metric, PidfileState, Plan, Presence, Raw, Reading, Resource, Taker,
};
use interpreter::pattern::Pattern;
use interpreter::program::{Behaviour, Program, Target};

pub mod apart;
pub mod checksum;
pub mod command_lines;
pub mod connection;
pub mod exact;
pub mod family;
pub mod file;
pub mod filesystem;
pub mod lines;
pub mod matched;
pub mod named;
pub mod network;
pub mod pidfile;
pub mod place;
pub mod plugin;
pub mod pool;
pub mod process;
pub mod procfs;
pub mod snapshot;
pub mod system;
pub mod takers;

use apart::Reader;
use file::Remembered;
use matched::Matched;
use named::Named;
use process::Known;
use snapshot::Snapshot;

/// Files are opened so that a named pipe without a writer, which may have taken the place of a file, holds nobody up.
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// Where a service is looked for, prepared once per program.
#[derive(Debug)]
pub enum Sight {
    /// The process that a pid file names.
    Pidfile(Named),
    /// The oldest process that the pattern matches.
    Pattern(Matched),
    /// A pattern that cannot be matched: the reason, in a sentence.
    Broken(String),
    /// The file, directory or named pipe of this path.
    File(String, ServiceKind, Remembered),
    /// The file system of this device, place or path.
    Filesystem(String),
    /// The network interface of this name.
    Interface(String),
    /// The network interface that has this address.
    Address(String),
    /// A host: it is only ever connected to.
    Host,
    /// This machine.
    System,
    /// What a program says, which is run elsewhere.
    Program,
    /// What a plugin checks, which is run elsewhere.
    Plugin,
}

/// What was measured and found out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// The metrics that were asked for.
    pub values: BTreeMap<Metric, Reading<Raw>>,
    /// What else was asked for.
    pub facts: BTreeMap<Fact, Reading<FactValue>>,
}

/// What was seen of a service on this machine; connections come later and from elsewhere.
#[derive(Debug)]
pub struct Seen {
    /// Whether it is there.
    pub presence: Presence,
    /// What its pid file says.
    pub pidfile: Option<PidfileState>,
    /// What was asked for.
    pub figures: Figures,
    /// Who has most of what was asked for.
    pub takers: BTreeMap<Resource, Reading<Vec<Taker>>>,
    /// What belongs to the process, where it was asked for.
    pub family: Option<Reading<Family>>,
    /// What is odd about it although it is there, in a sentence.
    pub note: Option<String>,
    /// A handle on the process that was found, by which its exit is noticed at once.
    pub pidfd: Option<OwnedFd>,
}

/// A reading of each of these; what fails is unknown, with its reason.
fn readings<K: Copy + Ord, T>(asked: &[K], read: impl Fn(&K) -> Result<T, String>) -> BTreeMap<K, Reading<T>> {
    asked.iter().map(|one| (*one, read(one).map_or_else(Reading::Unknown, Reading::Known))).collect()
}

impl Sight {
    /// Prepares all targets of a program, in their order.
    pub fn all(program: &Program) -> Vec<Arc<Sight>> {
        let behaviour = &program.settings.behaviour;
        program.services.iter().map(|service| Arc::new(Sight::new(&service.target, behaviour))).collect()
    }

    /// Prepares a target of a program.
    pub fn new(target: &Target, behaviour: &Behaviour) -> Sight {
        let follows = !behaviour.rotated_lines_are_lost;
        let file = |path: &str, kind| Sight::File(path.to_owned(), kind, Remembered::new(follows));
        match target {
            Target::Pidfile(path) => Sight::Pidfile(Named::new(path, behaviour)),
            Target::Matching(pattern) => match Pattern::new(pattern, behaviour.syntax()) {
                Ok(pattern) => Sight::Pattern(Matched::new(pattern)),
                Err(_) => Sight::Broken(format!("the pattern `{pattern}` cannot be matched")),
            },
            Target::File(path) => file(path, ServiceKind::File),
            Target::Directory(path) => file(path, ServiceKind::Directory),
            Target::Fifo(path) => file(path, ServiceKind::Fifo),
            Target::Filesystem(written) => Sight::Filesystem(written.clone()),
            Target::Interface(name) => Sight::Interface(name.clone()),
            Target::Address(address) => Sight::Address(address.clone()),
            Target::Host(_) => Sight::Host,
            Target::System => Sight::System,
            Target::Program(_) => Sight::Program,
            Target::Plugin(_) => Sight::Plugin,
        }
    }

    /// The path whose file system is touched; nothing when only the kernel is asked.
    pub fn path(&self) -> Option<&str> {
        match self {
            Sight::Pidfile(named) => Some(named.path()),
            Sight::File(path, _, _) | Sight::Filesystem(path) => Some(path),
            Sight::Pattern(_)
            | Sight::Broken(_)
            | Sight::Interface(_)
            | Sight::Address(_)
            | Sight::Host
            | Sight::System
            | Sight::Program
            | Sight::Plugin => None,
        }
    }

    /// Whether the look is shorter than the way to another thread.
    pub fn is_quick(&self) -> bool {
        matches!(
            self,
            Sight::Host | Sight::System | Sight::Program | Sight::Plugin | Sight::Broken(_) | Sight::Interface(_)
        )
    }

    /// Looks, and measures what is there. `known` is the process that was found last.
    /// It may wait for a file system that does not answer.
    pub fn look(&self, plan: &Plan, known: Option<Known>, snapshot: &Snapshot) -> Seen {
        self.look_by(Reader::Here, plan, known, snapshot)
    }

    /// Looks as [`Sight::look`] does, and reads files so.
    pub fn look_by(&self, reader: Reader, plan: &Plan, known: Option<Known>, snapshot: &Snapshot) -> Seen {
        // A fault of ours in one service's observation leaves the others alone.
        catch_unwind(AssertUnwindSafe(|| self.look_unguarded(reader, plan, known, snapshot)))
            .unwrap_or_else(|_| Seen::unknown("ruled failed while it looked; please report this".to_owned()))
    }

    fn look_unguarded(&self, reader: Reader, plan: &Plan, known: Option<Known>, snapshot: &Snapshot) -> Seen {
        let sighting = match self {
            Sight::Pidfile(named) => named.look(reader, known),
            Sight::Pattern(matched) => matched.look(known, snapshot),
            Sight::Broken(reason) => return Seen::unknown(reason.clone()),
            Sight::File(path, kind, before) => return Seen::of(file::look(reader, path, *kind, plan, before)),
            Sight::Filesystem(written) => return Seen::of(filesystem::look(written, plan, snapshot)),
            Sight::Interface(name) => return Seen::of(network::look(name, plan)),
            Sight::Address(address) => {
                return match network::with_address(address) {
                    Ok(name) => Seen::of(network::look(&name, plan)),
                    Err(reason) => Seen::unknown(reason),
                };
            }
            Sight::System if !plan.takers.is_empty() => {
                return Seen { takers: takers::find(&plan.takers, snapshot), ..Seen::itself(Figures::default()) };
            }
            Sight::Host | Sight::Program | Sight::Plugin => return Seen::itself(Figures::default()),
            Sight::System => return Seen::itself(system::measure(plan, snapshot)),
        };
        let figures = sighting.found.as_ref().map(|found| process::measure(found, plan, snapshot));
        Seen {
            presence: sighting.presence,
            pidfile: sighting.pidfile,
            figures: figures.unwrap_or_default(),
            takers: BTreeMap::new(),
            family: None,
            note: sighting.note,
            pidfd: sighting.found.and_then(|found| found.pidfd),
        }
    }
}

impl Seen {
    /// Nobody can tell.
    pub fn unknown(reason: String) -> Seen {
        Seen::of((Presence::Unknown(reason), Figures::default()))
    }

    fn itself(figures: Figures) -> Seen {
        Seen::of((Presence::Present(Identity::Itself), figures))
    }

    fn of((presence, figures): (Presence, Figures)) -> Seen {
        Seen { presence, pidfile: None, figures, takers: BTreeMap::new(), family: None, note: None, pidfd: None }
    }
}
