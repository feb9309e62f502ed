//! Checks of plugins of one's own: which stored code stands for the author's file, what it is told and granted, and what a
//! check came to.
//!
//! What does not live here: the sandbox (`plugin`), and whoever compiles and stores (`ruled-plugin add`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use interpreter::engine::{PluginReport, Reading};
use interpreter::program::{self, PluginCheck};

use super::connection::{Manner, setting};
use crate::added::{self, Followed};
use crate::plugin::{Added, CustomCheck, Grant, Origin, Plugins, ProbeOutcome, ProbeReport};

/// Takes what a check came to, and what is to be said beside it; called on another thread.
pub type Done = Box<dyn FnOnce(Reading<PluginReport>, Option<String>) + Send>;

/// What waits for longer than its time-out and this for the files of plugins is not begun.
const WAITED_MAX: Duration = Duration::from_secs(5);

/// A check that is to be made.
struct Job {
    name: String,
    check: PluginCheck,
    manner: Arc<Manner>,
    done: Done,
    asked: Instant,
}

/// The thread that looks after the files of plugins. What runs a plugin waits for no file, and ruled's loop for neither.
#[derive(Clone)]
pub struct Checker {
    jobs: mpsc::Sender<Job>,
}

impl Checker {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(plugins: Plugins) -> std::io::Result<Checker> {
        // Bounded: a service asks once in a cycle, and what has waited for too long is not begun.
        let (jobs, inbox) = mpsc::channel::<Job>();
        thread::Builder::new().name("added".to_owned()).spawn(move || {
            let (added, mut followed) = (added::Plugins::own(), HashMap::new());
            while let Ok(job) = inbox.recv() {
                begin(job, &added, &mut followed, &plugins);
            }
        })?;
        Ok(Checker { jobs })
    }

    /// Begins a check and returns at once.
    pub fn check(&self, name: &str, check: &PluginCheck, manner: &Arc<Manner>, done: Done) {
        let job = Job {
            name: name.to_owned(),
            check: check.clone(),
            manner: Arc::clone(manner),
            done,
            asked: Instant::now(),
        };
        if let Err(unsent) = self.jobs.send(job) {
            (unsent.0.done)(Reading::Unknown("the thread for plugins has ended".to_owned()), None);
        }
    }
}

fn begin(job: Job, added: &added::Plugins, followed: &mut HashMap<String, Followed>, plugins: &Plugins) {
    let Job { name, check, manner, done, asked } = job;
    // Where a file system did not answer for long, what was asked meanwhile is of no use to anybody.
    if asked.elapsed() > check.timeout + WAITED_MAX {
        return done(Reading::Unknown(format!("it waited for the files of plugins for {:.0?}", asked.elapsed())), None);
    }
    // As many as the rules name: those of rules that were read before are few more.
    let followed = followed.entry(check.file.clone()).or_default();
    let (plugin, note) = match followed.plugin(Path::new(&check.file), added) {
        Ok(found) => found,
        Err(reason) => return done(Reading::Unknown(reason), None),
    };
    match custom(&name, &check, plugin, &manner) {
        Ok(check) => plugins.check(check, Box::new(move |report| done(reading(report), note))),
        Err(reason) => done(Reading::Unknown(reason), note),
    }
}

/// What is asked of a plugin for a check of this name.
///
/// # Errors
/// Where a grant makes no sense on this machine: a sentence.
pub fn custom(name: &str, check: &PluginCheck, plugin: Arc<Added>, manner: &Manner) -> Result<CustomCheck, String> {
    let grants = check.grants.iter().map(|grant| granted(grant, manner)).collect::<Result<_, String>>()?;
    let settings = check.settings.iter().map(setting).collect();
    Ok(CustomCheck { plugin, name: name.to_owned(), settings, grants, timeout: check.timeout })
}

fn granted(grant: &program::Grant, manner: &Manner) -> Result<Grant, String> {
    Ok(match grant {
        program::Grant::Connect { host, port, tls, text, name } => Grant::Connect {
            route: manner.granted(host, *port, tls.as_deref()),
            text: text.clone(),
            name: name.clone(),
        },
        program::Grant::Read { path } => Grant::Read { path: PathBuf::from(path) },
        program::Grant::Fetch { origin } => Grant::Fetch {
            origin: Origin::read(origin).map_err(|reason| format!("the origin {origin} {reason}"))?,
            encryption: manner.usual_encryption(),
        },
    })
}

fn reading(report: ProbeReport) -> Reading<PluginReport> {
    match report.outcome {
        ProbeOutcome::Passed { summary, metrics, .. } => Reading::Known(PluginReport::Passed { summary, metrics }),
        ProbeOutcome::Failed(reason) => Reading::Known(PluginReport::Failed(reason)),
        ProbeOutcome::Faulted(reason) => Reading::Unknown(reason),
    }
}
