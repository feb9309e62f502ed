//! The real world: runs the engine by real clocks, on real services.
//!
//! One thread, *main*, has the engine, the timers, the handles on processes, and starts programs. Connections,
//! plugins, files and reports have threads of their own; only messages pass between them.

use std::path::PathBuf;
use std::sync::Arc;

use interpreter::program::Program;
use jiff::tz::TimeZone;
use thiserror::Error;

pub mod cgroups;
pub mod changes;
pub mod clock;
pub mod deeds;
mod driver;
pub mod lacking;
pub mod last_seen;
pub mod looks;
pub mod places;
pub mod rounds;
mod sightings;
pub mod signals;
pub mod timers;
pub mod watch;

use crate::control::door::Door;
use crate::control::server;
use crate::observe;
use crate::observe::connection::Connector;
use crate::plugin::Plugins;
use crate::report::events::{EventsTarget, EventsWriter};
use crate::report::level::Level;
use crate::report::recent::Recent;
use crate::report::{ReportOptions, Reporter, wall_now};
use driver::{Driver, Machine};

/// Descriptors that are needed beside one for each service: connections, files, pipes of programs, sockets.
const DESCRIPTORS_RESERVE: u64 = 768;

/// Reads the rules again, on a thread of its own: the program when they are good, or what is wrong with them.
pub type Reload = Arc<dyn Fn() -> Result<Program, String> + Send + Sync>;

/// How rules are run.
pub struct Options {
    /// Look at everything once, do what follows, and end.
    pub once: bool,
    /// Neither act nor mail, nor write to the log that the rules name.
    pub dry: bool,
    /// How much is said: on standard error and in the log.
    pub verbosity: Verbosity,
    /// Where events are written for programs.
    pub events: Option<EventsTarget>,
    /// The protocols.
    pub plugins: Plugins,
    /// Where is kept what must survive the end of ruled; without it nothing is.
    pub state: Option<PathBuf>,
    /// What is run, as people call it.
    pub rules: String,
    /// The socket through which people ask; without it nobody does.
    pub door: Option<Door>,
    /// What SIGHUP does; without it, it only opens the log anew.
    pub reload: Option<Reload>,
    /// The executable that understands `launch`; ruled itself when absent.
    pub launcher: Option<PathBuf>,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// On standard error, errors only.
    Quiet,
    /// What happens.
    #[default]
    Normal,
    /// How it happens.
    Verbose,
    /// Every reading.
    Readings,
}

/// Why ruled cannot run.
#[derive(Debug, Error)]
pub enum WorldError {
    /// The system gives no thread, no timer or no signals.
    #[error("cannot start: {0}")]
    Start(String),
    /// The file for events cannot be opened.
    #[error("cannot write events to {path}: {reason}")]
    Events {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
}

/// The real world.
#[derive(Debug)]
pub struct World;

impl World {
    /// Runs the program until SIGTERM or SIGINT, or for one cycle. It must be called once per process at most, from
    /// a thread without a runtime; it becomes the parent of orphans and takes leave of every child that ends.
    pub fn run(program: Program, mut options: Options) -> Result<(), WorldError> {
        let failed = |error: std::io::Error| WorldError::Start(crate::words::reason(&error));
        let program = Arc::new(program);
        let host = host_name();
        let zone = TimeZone::system();
        let level = if options.verbosity >= Verbosity::Verbose { Level::Debug } else { Level::Info };
        let recent = Arc::new(Recent::default());
        // Taken away when this function ends.
        let mut door = options.door.take();
        let report = ReportOptions {
            mail: !options.dry,
            // It may be the log of whoever runs these rules in earnest.
            log: !options.dry,
            level,
            error_level: if options.verbosity == Verbosity::Quiet { Level::Error } else { level },
            events: options.events.as_ref().map(open_events).transpose()?,
            recent: Arc::clone(&recent),
            host: host.clone(),
            zone: zone.clone(),
        };
        let reporter = Reporter::start(Arc::clone(&program), report).map_err(failed)?;
        close_inherited(&reporter);
        let connector = Connector::start(options.plugins.clone()).map_err(failed)?;
        let nofile = raise_descriptors(program.services.len());
        let questions = match door.as_mut().and_then(Door::listener) {
            Some(listener) => server::start(listener, recent).map_err(failed)?,
            None => tokio::sync::mpsc::channel(1).1,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let result = runtime.block_on(async {
            let driver =
                Driver::new(program, options, reporter.clone(), connector, questions, Machine { nofile, host, zone })
                    .map_err(failed)?;
            driver.run().await.map_err(failed)
        });
        reporter.finish_mail();
        // Only then, because what is mailed to the end is kept until it is handed in; and what is to be said of that is said.
        let result = result.map(drop);
        reporter.finish();
        // A look at a dead file system may never come back; nobody waits for it.
        runtime.shutdown_background();
        result
    }
}

fn open_events(target: &EventsTarget) -> Result<EventsWriter, WorldError> {
    EventsWriter::open(target).map_err(|error| WorldError::Events {
        path: match target {
            EventsTarget::Output => "standard output".to_owned(),
            EventsTarget::File(path) => path.display().to_string(),
        },
        reason: crate::words::reason(&error),
    })
}

/// Closes what whoever started ruled left open, so that no program of a rule inherits it.
fn close_inherited(reporter: &Reporter) {
    match observe::procfs::inheritable_descriptors() {
        Ok(descriptors) => {
            for descriptor in descriptors {
                // Nobody here uses it, and one that is closed already is no loss.
                nix::unistd::close(descriptor).ok();
            }
        }
        Err(error) => reporter.say(wall_now(), Level::Warning, &error.to_string()),
    }
}

/// The name of this machine; `localhost` when it has none that can be read.
pub fn host_name() -> String {
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "localhost".to_owned())
}

/// Asks for as many descriptors as the services need. The limit before, where it was raised: programs get it back,
/// because some still use select(2), which a higher one breaks.
fn raise_descriptors(services: usize) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = (services as u64).saturating_add(DESCRIPTORS_RESERVE);
    let before = limit.current.filter(|soft| *soft < needed)?;
    let raised = limit.maximum.map_or(needed, |hard| hard.min(needed));
    setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }).ok()?;
    Some(before)
}
