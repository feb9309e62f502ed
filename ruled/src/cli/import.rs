//! `ruled import`: a file of Monit's in the words of the `rules` dialect.

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

const TEACHING: &str = "\
Examples:
  ruled import /etc/monit/monitrc                          print it
  ruled import /etc/monit/monitrc -o /etc/ruled/ruled.rules   write it
  ruled check /etc/ruled/ruled.rules                       and see what the new words allow

Files that are included become part of the text, in the order in which Monit reads them. Comments stay. What Monit reads
differently from the `rules` dialect is written so that it means the same; what Monit ignores becomes a comment. The
meaning of both is compared before anything is written.

What no file can say stays as the dialect has it: `rules` judges the tests of a service in the order of the file, waits
longer and longer between restarts that do not help, takes a zombie for dead, and a start program that fails for failed.

Exit status: 0 written, 1 the file has errors or says something that cannot be said, 2 unreadable or not writable.";

/// Writes a file of Monit's, and all that it includes, in the `rules` dialect.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Import {
    /// Where to write; the file must not exist yet. Standard output otherwise.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Monit's control file.
    #[arg(value_name = "FILE")]
    path: String,
}

impl Import {
    pub(super) fn run(self, global: &Global) -> u8 {
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
        match import::import(&loaded.source, &crate::protocols::stock(), &machine) {
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
