//! `ruled check`: says what is wrong with rules, before anything happens.

use std::io::IsTerminal;

use clap::Args;
use grammar::{Severity, english};

use super::rules::{Output, Reading, Rules, paths};
use super::{FINE, Global, UNUSABLE, print};

const TEACHING: &str = "\
Examples:
  ruled check web.rules                   one file
  ruled check /etc/ruled                  all *.rules files of a folder, as one program
  ruled check --output concise *.rules    one line for each finding
  ruled check /etc/monit/monitrc          a control file of Monit's
  ruled check --here web.rules            what is missing on this machine is an error
  ruled check --as monit web.rules        what Monit would refuse or misread of it

Exit status: 0 nothing worse than warnings, 1 errors, 2 unreadable.";

/// Says what is wrong with rules, before anything happens.
///
/// Every mistake of a file is reported in one run, with its place, what will happen to the machine, and what to write
/// instead. `ruled explain NAME` has a page for each finding.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Check {
    #[command(flatten)]
    reading: Reading,
    /// The rules are for this machine: a user, program, file or directory that is missing here is an error.
    #[arg(long)]
    here: bool,
    /// Says what Monit would make of a file of the `rules` dialect: what it would refuse, and what it would silently
    /// read in another way.
    #[arg(long = "as", value_name = "PROGRAM")]
    reader: Option<Reader>,
    /// How findings are shown.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    output: Output,
    /// Files, or folders of *.rules files; each is checked by itself.
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
}

/// Who else might read the rules.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Reader {
    /// Monit 5.33.
    Monit,
}

impl Check {
    pub(super) fn run(mut self, global: &Global) -> u8 {
        self.reading.here = self.here;
        self.reading.as_monit = matches!(self.reader, Some(Reader::Monit));
        let paths = match paths(self.paths) {
            Ok(paths) => paths,
            Err(status) => return status,
        };
        let mut status = FINE;
        for path in paths {
            match Rules::read(&path, &self.reading) {
                Ok(rules) => {
                    status = status.max(rules.status());
                    print(&rules.show(self.output, global, std::io::stdout().is_terminal()));
                    let summary = summary(&rules, global.verbose > 0);
                    match self.output {
                        Output::Json => eprint!("{}", if global.quiet { "" } else { &summary }),
                        _ if !global.quiet => print(&summary),
                        _ => {}
                    }
                }
                Err(sentence) => {
                    eprintln!("ruled: {}", grammar::finding::clean(&sentence));
                    status = UNUSABLE;
                }
            }
        }
        status
    }
}

/// What was checked, and what came of it.
fn summary(rules: &Rules, verbose: bool) -> String {
    let errors = english::count(rules.count(Severity::Error) as u64, "error");
    let warnings = english::count(rules.count(Severity::Warning) as u64, "warning");
    let path = grammar::finding::clean(&rules.path);
    let Some(program) = &rules.program else { return format!("{path}: {errors}, {warnings}\n") };
    let services =
        english::count(program.services.iter().filter(|service| !service.implicit).count() as u64, "service");
    let written = program.services.iter().flat_map(|service| &service.rules).filter(|rule| !rule.implicit).count();
    let written = english::count(written as u64, "rule");
    let cycle = english::duration(u64::try_from(program.settings.cycle.as_millis()).unwrap_or(u64::MAX));
    let found = if rules.count(Severity::Warning) == 0 { "nothing is wrong".to_string() } else { warnings };
    let mut text = format!("{path}: {services}, {written}, checked every {cycle}: {found}\n");
    if verbose {
        let host = crate::world::host_name();
        text.push_str(&format!("the name of this machine is {host}; files in use:\n"));
        for file in rules.source.file_names() {
            text.push_str(&format!("  {}\n", grammar::finding::clean(file)));
        }
    }
    text
}
