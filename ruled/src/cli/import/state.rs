//! `ruled import --state`: what Monit had switched off stays off, and what it counted and read is not forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use grammar::english::{and, count};
use grammar::finding::clean;
use interpreter::durable::{Kept, ServiceKey};
use interpreter::import::state::{self, Entry, STATE_BYTES_MAX, State};
use interpreter::program::{Program, Service};

use super::super::rules::{Output, Reading, Rules};
use super::super::{FINE, Global, UNUSABLE, print};
use crate::control;
use crate::control::door::{DoorError, Lock};
use crate::control::pidfile::{PidfileError, refuse_held};
use crate::observe::exact;
use crate::remember::adopt::{AdoptError, adopt};
use crate::remember::place;

/// How many strangers are named; the others are counted.
const STRANGERS_MAX: usize = 10;

/// What is to be taken over, and where.
pub(super) struct Taking {
    /// Monit's state file; the one that the rules name, or Monit's customary one, when absent.
    pub(super) from: Option<PathBuf>,
    /// ruled's state; the one that the rules name, or the customary one, when absent.
    pub(super) into: Option<PathBuf>,
    /// Whether services are taken of which ruled keeps something already, and from a Monit that runs.
    pub(super) force: bool,
}

impl Taking {
    /// Takes the state over for these rules; the exit status.
    pub(super) fn take(self, rules: &str, reading: &Reading, global: &Global) -> u8 {
        let read = Rules::read(rules, reading).map_err(|sentence| say(&sentence));
        let Ok(read) = read else { return UNUSABLE };
        let status = read.status();
        if read.program.is_none() || global.verbose > 0 {
            eprint!("{}", read.show(Output::Full, global, std::io::IsTerminal::is_terminal(&std::io::stderr())));
        }
        let (path, Some(program)) = read.into_program() else {
            say(&format!("{rules} has errors, so nothing is taken over"));
            return status;
        };
        match self.take_for(&path, &program) {
            Ok(text) => {
                if !global.quiet {
                    print(&text.iter().map(|line| clean(line) + "\n").collect::<String>());
                }
                FINE
            }
            Err(sentence) => {
                say(&sentence);
                UNUSABLE
            }
        }
    }

    /// What was taken over, in lines; the error is a sentence.
    fn take_for(&self, rules: &str, program: &Program) -> Result<Vec<String>, String> {
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let at_home = |name: &str| home.as_ref().map(|home| home.join(name));
        let named = program.settings.state_file.as_ref().map(PathBuf::from);
        let from = self.from.clone().or(named).or_else(|| at_home(".monit.state"));
        let from =
            from.ok_or("there is no `set statefile` in the rules and no $HOME; name Monit's state with --state FILE")?;
        let into = self.into.clone();
        let wanted = program.settings.state_file.as_deref();
        let into = into.or_else(|| place::of(Path::new(rules), wanted, &place::Environment::own()));
        let into = into.ok_or("there is no place for state ($HOME is not set); name one with -o FILE")?;
        // Held until the end, so that no ruled begins meanwhile.
        let _lock = lock(rules)?;
        if !self.force {
            let customary =
                if nix::unistd::geteuid().is_root() { Some("/run/monit.pid".into()) } else { at_home(".monit.pid") };
            let written = program.settings.pid_file.as_ref().map(PathBuf::from);
            let is_written = written.is_some();
            is_ended(&written.or(customary).unwrap_or_default(), is_written)?;
        }
        let state = read(&from).map_err(|reason| format!("nothing is taken over from {}: {reason}", from.display()))?;
        let found = Found::in_state(&state, program);
        if !found.taken.is_empty() {
            adopt(&into, &found.taken, self.force).map_err(|error| match error {
                AdoptError::Known(services) => format!(
                    "nothing is taken over: {} keeps state of {services} already; with --force Monit's takes its place",
                    into.display()
                ),
                AdoptError::Trouble(trouble) => {
                    format!("nothing is taken over: state cannot be kept in {}: {trouble}", into.display())
                }
            })?;
        }
        let whole = format!(
            "{} (format {} of Monit's state, {})",
            from.display(),
            state.format,
            count(state.entries.len() as u64, "service")
        );
        let end = if found.taken.is_empty() {
            format!("nothing in {whole} differs from how these rules begin, so nothing was written")
        } else {
            format!("taken over from {whole} into {}; the first `ruled run {rules}` goes on from it", into.display())
        };
        Ok(found.lines.into_iter().chain([end]).collect())
    }
}

/// What of a state is about these rules.
#[derive(Default)]
struct Found {
    taken: BTreeMap<ServiceKey, Kept>,
    /// A sentence for each service.
    lines: Vec<String>,
}

impl Found {
    fn in_state(state: &State, program: &Program) -> Found {
        let mut found = Found::default();
        let by_name: BTreeMap<String, &Entry> =
            state.entries.iter().map(|entry| (entry.name.to_ascii_lowercase(), entry)).collect();
        let mut known = BTreeSet::new();
        for service in &program.services {
            let name = service.name.to_ascii_lowercase();
            let line = match by_name.get(&name) {
                Some(entry) if entry.is_of(service) => found.take(entry, service),
                Some(entry) => {
                    let kind = entry.kind.map_or("something else", |kind| kind.word());
                    format!("was a {kind} to Monit and is a {} here, so nothing is taken over", service.kind().word())
                }
                None if service.implicit => continue,
                None => "was not known to Monit, and begins as the rules say".to_owned(),
            };
            known.insert(name);
            found.lines.push(format!("'{}' {line}", service.name));
        }
        // The service of the machine is always there in Monit, and has nothing to say.
        let is_stranger = |entry: &&Entry| !known.contains(&entry.name.to_ascii_lowercase());
        let strangers: Vec<String> =
            state.entries.iter().filter(is_stranger).map(|entry| format!("'{}'", entry.name)).collect();
        if let [_, ..] = strangers[..] {
            let more = strangers.len().saturating_sub(STRANGERS_MAX);
            let named = strangers.into_iter().take(STRANGERS_MAX);
            let rest = (more > 0).then(|| format!("{more} more"));
            found.lines.push(format!("{} of Monit's: these rules do not have it", and(named.chain(rest))));
        }
        found
    }

    fn take(&mut self, entry: &Entry, service: &Service) -> String {
        let mut kept = entry.kept(service);
        exact::refine(&service.target, &mut kept);
        let mut parts = Vec::new();
        if kept.restarts > 0 {
            let (times, cycles) = (count(kept.restarts.into(), "restart"), count(kept.restart_cycles.into(), "cycle"));
            parts.push(format!("{times} within {cycles}"));
        }
        if let Some(position) = kept.position {
            parts.push(format!("read up to byte {}", position.offset_bytes));
        }
        if !kept.marks.is_empty() {
            parts.push("what was seen of it last".to_owned());
        }
        if !kept.is_empty() {
            self.taken.insert(ServiceKey::of(service), kept);
        }
        let watched = if entry.monitored { "is monitored" } else { "is not monitored, and stays so" };
        if parts.is_empty() { watched.to_owned() } else { format!("{watched}; {}", and(parts)) }
    }
}

/// Keeps every ruled for these rules away; the error is a sentence.
fn lock(rules: &str) -> Result<Option<Lock>, String> {
    let Some(place) = control::place::of(Path::new(rules), &control::place::Environment::own()) else {
        return Ok(None);
    };
    match Lock::take(&place, rules) {
        Ok(lock) => Ok(Some(lock)),
        Err(DoorError::Held { pid, .. }) => {
            let pid = pid.map_or(String::new(), |pid| format!(" (pid {pid})"));
            Err(format!(
                "nothing is taken over: a ruled{pid} runs {rules} and keeps its state; end it with `ruled quit --config {rules}` \
                 before"
            ))
        }
        Err(error) => {
            say(&format!("{error}; nothing shows whether a ruled runs these rules"));
            Ok(None)
        }
    }
}

/// Makes sure that Monit has ended; the error is a sentence. A pid file that the rules do not name must be Monit's.
fn is_ended(pidfile: &Path, is_written: bool) -> Result<(), String> {
    match refuse_held(pidfile) {
        Err(PidfileError::Held { process, pid, .. }) if is_written || process.contains("monit") => Err(format!(
            "nothing is taken over: {} says that {process} (pid {pid}) still runs, and its state changes as long as it does; end it \
             with `monit quit` before, or take over what is there with --force",
            pidfile.display()
        )),
        _ => Ok(()),
    }
}

/// Reads a state file of Monit's; the error is a reason.
fn read(path: &Path) -> Result<State, String> {
    let reason = |error: std::io::Error| crate::words::reason(&error);
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
    let file = options.open(path).map_err(reason)?;
    if !file.metadata().map_err(reason)?.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    // One byte more than is read at all, so that the reader sees that it is too much.
    file.take(STATE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(reason)?;
    state::read(&bytes).map_err(|error| error.to_string())
}

fn say(sentence: &str) {
    eprintln!("ruled: {}", clean(sentence));
}
