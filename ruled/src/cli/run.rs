//! `ruled run`: watches, in the foreground.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use grammar::Severity;
use grammar::english::count;
use interpreter::program::{LogTarget, Program};

use super::rules::{Reading, Rules};
use super::{FINE, Global, UNUSABLE, rights};
use crate::control;
use crate::control::door::{Door, DoorError, Lock};
use crate::control::pidfile::{Pidfile, PidfileError};
use crate::remember::place;
use crate::report::events::EventsTarget;
use crate::world::{Options, Verbosity, World};

const TEACHING: &str = "\
Examples:
  ruled run web.rules                        watch until SIGTERM or Ctrl-C
  ruled run --once --events - web.rules      one cycle of everything; events as JSON on standard output
  ruled run --dry web.rules                  look and say what would be done, but start, stop, mail and keep nothing

State: what is watched, how far files were read, what rules about changes saw and which faults were told survive a
restart. They are kept in a file of SQLite: the one of --state, or PATH.ruled of `set statefile PATH`, or one for each
file of rules below $STATE_DIRECTORY, /var/lib/ruled (root) or ~/.local/state/ruled. Nothing is kept in a dry run.

Commands: `ruled status` and others reach this ruled through a socket that only its user and root may use: the one of
--socket, or one for each file of rules below $RUNTIME_DIRECTORY, /run/ruled (root) or $XDG_RUNTIME_DIR/ruled. A second
ruled for the same rules is refused; a dry run may stand beside it.

Signals: SIGHUP reads the rules again (an error keeps the old ones), SIGUSR1 makes everything due now, SIGTERM and
SIGINT end ruled; services go on without it. Where ruled is the first process (PID 1, as in a container) it stops them
before, and takes leave of every process whose parent has ended.";

/// Watches, in the foreground; this is what systemd starts.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Run {
    #[command(flatten)]
    reading: Reading,
    /// Looks at everything once, does what follows, and ends.
    #[arg(long)]
    once: bool,
    /// Neither acts nor mails, and leaves alone the log, pid file and state that the rules name.
    #[arg(long)]
    dry: bool,
    /// Appends one JSON object for each event to this file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Writes the log to this file, or to `syslog`, instead of the one of `set log`.
    #[arg(short, long, value_name = "FILE|syslog")]
    log: Option<String>,
    /// Keeps what must survive a restart in this file, instead of the one of `set statefile` or the customary one.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Listens on this socket for commands such as `ruled status`, instead of the customary one.
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,
    /// A file, or a folder of *.rules files.
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

/// What this process holds as long as it runs.
struct Entrance {
    door: Option<Door>,
    _lock: Option<Lock>,
    _pidfile: Option<Pidfile>,
}

impl Run {
    /// Makes sure that nobody else runs these rules, and makes the door; the error is a sentence. A dry run may stand beside
    /// another, so it takes nothing, and has a door only where one is named.
    fn enter(&self, path: &str, program: &Program) -> Result<Entrance, String> {
        let place = control::place::of(Path::new(path), &control::place::Environment::own());
        let mut lock = None;
        if let Some(place) = place.as_ref().filter(|_| !self.dry) {
            match Lock::take(place, path) {
                Ok(taken) => lock = Some(taken),
                Err(error @ DoorError::Held { .. }) => return Err(error.to_string()),
                // Watching counts for more than the door.
                Err(error) => eprintln!("ruled: {error}; nothing keeps a second ruled from running the same rules"),
            }
        }
        let written = program.settings.pid_file.as_deref().filter(|_| !self.dry).map(Path::new);
        let pidfile = match written.map(Pidfile::write).transpose() {
            Ok(pidfile) => pidfile,
            Err(error @ PidfileError::Held { .. }) => return Err(error.to_string()),
            Err(error @ PidfileError::Write { .. }) => {
                eprintln!("ruled: {error}");
                None
            }
        };
        let door = match (&self.socket, &place) {
            (Some(named), _) => Some(Door::open(named).map_err(|error| error.to_string())?),
            (None, Some(place)) if !self.dry && !self.once && lock.is_some() => match Door::open(&place.socket) {
                Ok(door) => Some(door),
                Err(error) => {
                    eprintln!("ruled: {error}; until then commands such as `ruled status` cannot reach this ruled");
                    None
                }
            },
            _ => None,
        };
        Ok(Entrance { door, _lock: lock, _pidfile: pidfile })
    }

    pub(super) fn run(mut self, global: &Global) -> u8 {
        self.reading.here = true;
        let rules = match Rules::open(self.path.take(), &self.reading, global) {
            Ok(rules) => rules,
            Err(status) => return status,
        };
        let status = rules.status();
        let (path, program) = rules.into_program();
        let (reading, log) = (self.reading.clone(), self.log.as_deref().map(log_target));
        let Some(program) = program.map(|program| with_log(program, log.as_ref())) else {
            eprintln!("ruled: {} has errors, so nothing is watched", grammar::finding::clean(&path));
            return status;
        };
        let wanted = program.settings.state_file.as_deref();
        let state = self.state.clone().or_else(|| place::of(Path::new(&path), wanted, &place::Environment::own()));
        if state.is_none() && !self.dry {
            eprintln!("ruled: there is no place for state ($HOME is not set); name one with --state FILE");
        }
        if !self.dry {
            rights::wanting(&program)
                .iter()
                .for_each(|sentence| eprintln!("ruled: {}", grammar::finding::clean(sentence)));
        }
        let entrance = match self.enter(&path, &program) {
            Ok(entrance) => entrance,
            Err(sentence) => {
                eprintln!("ruled: {sentence}");
                return UNUSABLE;
            }
        };
        let options = Options {
            once: self.once,
            dry: self.dry,
            verbosity: match (global.quiet, global.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, 0) => Verbosity::Normal,
                (_, 1) => Verbosity::Verbose,
                _ => Verbosity::Readings,
            },
            events: self.events.clone().map(|file| match file.to_str() {
                Some("-") => EventsTarget::Output,
                _ => EventsTarget::File(file),
            }),
            plugins: crate::added::plugins(),
            state,
            rules: path.clone(),
            door: entrance.door,
            reload: Some(Arc::new(move || again(&path, &reading).map(|program| with_log(program, log.as_ref())))),
            launcher: None,
        };
        match World::run(program, options) {
            Ok(()) => FINE,
            Err(error) => {
                eprintln!("ruled: {error}");
                UNUSABLE
            }
        }
    }
}

/// Where `--log` wants the log. What the rules say of the facility is theirs.
fn log_target(word: &str) -> LogTarget {
    if word == "syslog" { LogTarget::Syslog(None) } else { LogTarget::File(word.to_owned()) }
}

/// The program with its log where the command line wants it.
fn with_log(mut program: Program, log: Option<&LogTarget>) -> Program {
    match (log, &program.settings.log) {
        (None, _) | (Some(LogTarget::Syslog(_)), Some(LogTarget::Syslog(_))) => {}
        (Some(log), _) => program.settings.log = Some(log.clone()),
    }
    program
}

/// Reads the rules again; the error names the first place.
fn again(path: &str, reading: &Reading) -> Result<Program, String> {
    let rules = Rules::read(path, reading)?;
    let first = rules.findings.iter().find(|finding| finding.severity == Severity::Error);
    let errors = rules.count(Severity::Error);
    match (rules.program, first) {
        (Some(program), _) => Ok(program),
        (None, Some(error)) => {
            let others = errors.saturating_sub(1);
            let more =
                if others > 0 { format!(" (and {} more)", count(others as u64, "error")) } else { String::new() };
            Err(grammar::finding::concise::render(error, &rules.source) + &more)
        }
        (None, None) => Err(format!("{path} cannot be read")),
    }
}
