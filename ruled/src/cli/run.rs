//! `ruled run`: watches, in the foreground.

use std::path::{Path, PathBuf};

use clap::Args;
use grammar::Severity;

use super::rules::{Reading, Rules};
use super::{FINE, Global, UNUSABLE};
use crate::plugin::Plugins;
use crate::remember::place;
use crate::report::events::EventsTarget;
use crate::world::{Options, Verbosity, World};

const TEACHING: &str = "\
Examples:
  ruled run web.rules                        watch until SIGTERM or Ctrl-C
  ruled run --once --events - web.rules      one cycle of everything; events as JSON on standard output
  ruled run --dry web.rules                  look and tell the log, but start, stop and mail nothing

State: what is watched, how far files were read, what rules about changes saw and which faults were told survive a
restart. They are kept in a file of SQLite: the one of --state, or PATH.ruled of `set statefile PATH`, or one for each
file of rules below $STATE_DIRECTORY, /var/lib/ruled (root) or ~/.local/state/ruled. Nothing is kept in a dry run.

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
    /// Neither acts nor mails.
    #[arg(long)]
    dry: bool,
    /// Appends one JSON object for each event to this file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Keeps what must survive a restart in this file, instead of the one of `set statefile` or the customary one.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// A file, or a folder of *.rules files.
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

impl Run {
    pub(super) fn run(mut self, global: &Global) -> u8 {
        self.reading.here = true;
        let rules = match Rules::open(self.path, &self.reading, global) {
            Ok(rules) => rules,
            Err(status) => return status,
        };
        let status = rules.status();
        let (path, program) = rules.into_program();
        let reading = self.reading;
        let Some(program) = program else {
            eprintln!("ruled: {} has errors, so nothing is watched", grammar::finding::clean(&path));
            return status;
        };
        let wanted = program.settings.state_file.as_deref();
        let state = self.state.or_else(|| place::of(Path::new(&path), wanted, &place::Environment::own()));
        if state.is_none() && !self.dry {
            eprintln!("ruled: there is no place for state ($HOME is not set); name one with --state FILE");
        }
        let options = Options {
            once: self.once,
            dry: self.dry,
            verbosity: match (global.quiet, global.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, 0) => Verbosity::Normal,
                (_, 1) => Verbosity::Verbose,
                _ => Verbosity::Readings,
            },
            events: self.events.map(|file| match file.to_str() {
                Some("-") => EventsTarget::Output,
                _ => EventsTarget::File(file),
            }),
            plugins: Plugins::stock(),
            state,
            reload: Some(Box::new(move || again(&path, &reading))),
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

/// Reads the rules again; the error names the first place.
fn again(path: &str, reading: &Reading) -> Result<interpreter::program::Program, String> {
    let rules = Rules::read(path, reading)?;
    let first = rules.findings.iter().find(|finding| finding.severity == Severity::Error);
    match (rules.program, first) {
        (Some(program), _) => Ok(program),
        (None, Some(error)) => Err(grammar::finding::concise::render(error, &rules.source)),
        (None, None) => Err(format!("{path} cannot be read")),
    }
}
