//! `ruled import`: a file of Monit's in the words of the `rules` dialect, or its state in ruled's.

mod state;

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use grammar::finding::{clean, terminal};
use grammar::source::encode_back;
use grammar::{Dialect, Finding, Severity};
use interpreter::check;
use interpreter::import::{self, Unimported};

use super::{ERRORS, FINE, Global, UNUSABLE, rules};
use crate::surroundings::Machine;
use rules::{DialectWord, Reading};
use state::Taking;

const TEACHING: &str = "\
Examples:
  ruled import /etc/monit/monitrc                          print it
  ruled import /etc/monit/monitrc -o /etc/ruled/ruled.rules   write it
  ruled check /etc/ruled/ruled.rules                       and see what the new words allow
  ruled import --state ~/.monit.state /etc/monit/monitrc   what Monit had switched off stays off
  ruled import /etc/ruled/ruled.rules --state              the same for the new rules

Files that are included become part of the text, in the order in which Monit reads them. Comments stay. What Monit reads
differently from the `rules` dialect is written so that it means the same; what Monit ignores becomes a comment. The
meaning of both is compared before anything is written.

What no file can say stays as the dialect has it: `rules` judges the tests of a service in the order of the file, waits
longer and longer between restarts that do not help, takes a zombie for dead, and a start program that fails for failed.

With --state nothing is written in the rules dialect. Instead, what Monit kept of the services of these rules (in either
dialect; they are known by kind and name) becomes ruled's state, and the first `ruled run` of the same PATH goes on from it:
what is not monitored, how often services were restarted, how far files were read, and what rules about changes saw last.
End Monit before (`monit quit`). For each service it is said what was taken over; all of it is, or nothing. It is refused
while a ruled runs these rules, while Monit runs, and when ruled keeps something of these services already.

Exit status: 0 written, 1 the file has errors or says something that cannot be said, 2 unreadable, refused or not writable.";

/// Writes a file of Monit's, and all that it includes, in the `rules` dialect; or takes over what Monit kept.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Import {
    /// Where to write; the file must not exist yet. Standard output otherwise. With --state: the file in which ruled keeps its
    /// state, as in `ruled run --state FILE`, instead of the customary one.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Takes over Monit's state for these rules: this file, or the one of `set statefile`, or ~/.monit.state.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    state: Option<Option<PathBuf>>,
    /// With --state: also where ruled keeps something of these services already, or Monit runs.
    #[arg(long, requires = "state")]
    force: bool,
    /// With --state: how to read the rules, whatever their name is.
    #[arg(long, value_name = "DIALECT", requires = "state")]
    dialect: Option<DialectWord>,
    /// Monit's control file; with --state also rules of ours.
    #[arg(value_name = "FILE")]
    path: String,
}

impl Import {
    pub(super) fn run(self, global: &Global) -> u8 {
        if let Some(from) = self.state {
            let taking = Taking { from, into: self.output, force: self.force };
            return taking.take(&self.path, &Reading::of(self.dialect), global);
        }
        let machine = Machine;
        let loaded = check::load(&self.path, Dialect::Monit, &machine);
        if let Some(error) = &loaded.unreadable {
            eprintln!("ruled: {}", clean(&error.sentence));
            return UNUSABLE;
        }
        let look = terminal::Look { color: global.in_color(std::io::stderr().is_terminal()), width: rules::width() };
        let show = |findings: &[Finding], least: Severity| {
            for finding in findings.iter().filter(|finding| finding.severity >= least) {
                eprintln!("{}\n", terminal::render(finding, &loaded.source, look));
            }
        };
        let wrong = loaded.findings.iter().any(|finding| finding.severity == Severity::Error);
        show(&loaded.findings, if global.quiet { Severity::Error } else { Severity::Warning });
        if wrong {
            return ERRORS;
        }
        match import::import(&loaded.source, &crate::protocols::known(), &machine) {
            Ok(imported) => {
                if global.verbose > 0 {
                    show(&imported.findings, Severity::Warning);
                }
                self.write(&encode_back(&imported.text))
            }
            Err(Unimported::Wrong(findings)) => {
                show(&findings, Severity::Error);
                eprintln!("ruled: {} has errors, so nothing is written", clean(&self.path));
                ERRORS
            }
            Err(Unimported::Unsayable(findings)) => {
                show(&findings, Severity::Error);
                eprintln!("ruled: {} says what the rules dialect cannot say, so nothing is written", clean(&self.path));
                ERRORS
            }
            Err(Unimported::Changed { differences, .. }) => {
                for difference in differences {
                    eprintln!(
                        "ruled: {}: to Monit {}, in the rules dialect {}",
                        clean(&difference.place),
                        clean(&difference.monit),
                        clean(&difference.rules)
                    );
                }
                eprintln!(
                    "ruled: {} would mean something else, so nothing is written; this is ruled's fault, please tell us",
                    clean(&self.path)
                );
                ERRORS
            }
        }
    }

    fn write(&self, bytes: &[u8]) -> u8 {
        let written = match &self.output {
            None => {
                let mut output = std::io::stdout().lock();
                output.write_all(bytes).and_then(|()| output.flush())
            }
            Some(path) => OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| {
                file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
                    // Half a file of rules is worse than none.
                    std::fs::remove_file(path).ok();
                })
            }),
        };
        match written {
            Ok(()) => FINE,
            Err(error) => {
                let name =
                    self.output.as_ref().map_or("standard output".to_string(), |path| path.display().to_string());
                eprintln!("ruled: cannot write {}: {error}", clean(&name));
                UNUSABLE
            }
        }
    }
}
