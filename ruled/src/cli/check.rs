//! `ruled check`: says what is wrong with rules, before anything happens.

mod cost;
mod fixing;
mod watching;

use std::collections::BTreeSet;
use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use grammar::finding::{Report, clean, json, junit, sarif};
use grammar::{Finding, Severity, english};
use interpreter::lint;

use super::rules::{Output, Reading, Rules, Text, paths};
use super::{ERRORS, FINE, Global, UNUSABLE, print};

const TEACHING: &str = "\
Examples:
  ruled check web.rules                     one file
  ruled check /etc/ruled                    all *.rules files of a folder, as one program
  ruled check --output concise *.rules      one line for each finding
  ruled check /etc/monit/monitrc            a control file of Monit's
  ruled check --here web.rules              what is missing on this machine is an error
  ruled check --as monit web.rules          what Monit would refuse or misread of it
  ruled check --diff web.rules              what --fix would change, as a patch; nothing is written
  ruled check --fix web.rules               make the changes that keep the meaning, or that were certainly meant
  ruled check --watch web.rules             again whenever a file changes
  ruled check --stdin-name web.rules -      from standard input, as editors want it
  ruled check --output sarif web.rules      for a service that shows what many tools found

Exit status: 0 nothing worse than warnings (see --fail-level), 1 errors, or --diff would change something, 2 unreadable.";

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
    /// From which severity on findings make the exit status 1.
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_level: FailLevel,
    /// Makes the safe changes that findings offer, and writes the files.
    #[arg(long, group = "change")]
    fix: bool,
    /// Shows the changes of --fix as a patch; nothing is written.
    #[arg(long, group = "change")]
    diff: bool,
    /// With --fix or --diff: makes those changes too that may change what the rules mean.
    #[arg(long, requires = "change")]
    unsafe_fixes: bool,
    /// Checks again whenever one of the files changes, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["change", "unsafe_fixes"])]
    watch: bool,
    /// What standard input is called in messages; the name chooses the dialect, as that of a file does.
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_name: String,
    /// Files, or folders of *.rules files; each is checked by itself. `-` is standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
}

/// Who else might read the rules.
#[derive(Clone, Copy, ValueEnum)]
enum Reader {
    /// Monit 5.33.
    Monit,
}

/// From which severity on findings make a check fail.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailLevel {
    /// Errors.
    Error,
    /// Warnings, too.
    Warning,
    /// None: only what cannot be read.
    Never,
}

impl FailLevel {
    fn fails(self, severity: Severity) -> bool {
        match self {
            FailLevel::Error => severity == Severity::Error,
            FailLevel::Warning => true,
            FailLevel::Never => false,
        }
    }
}

impl Check {
    pub(super) fn run(mut self, global: &Global) -> u8 {
        self.reading.here = self.here;
        self.reading.as_monit = matches!(self.reader, Some(Reader::Monit));
        if self.paths.is_empty() && self.stdin_name != "-" {
            self.paths.push("-".to_string());
        }
        let paths = match paths(std::mem::take(&mut self.paths)) {
            Ok(paths) => paths,
            Err(status) => return status,
        };
        if self.watch {
            return self.watch(&paths, global);
        }
        self.once(&paths, global)
    }

    /// Checks all paths once; returns the exit status.
    fn once(&self, paths: &[String], global: &Global) -> u8 {
        let (mut status, mut read, mut compared) = (FINE, Vec::new(), BTreeSet::new());
        // What was standard input goes on, changed, to standard output; findings must not stand in it.
        let aside = self.fix && paths.iter().any(|path| path == "-");
        for path in paths {
            match self.one(path, aside, &mut compared, global) {
                Ok((rules, worst)) => {
                    status = status.max(worst);
                    read.extend(rules);
                }
                Err(sentence) => {
                    eprintln!("ruled: {}", clean(&sentence));
                    status = UNUSABLE;
                }
            }
        }
        if self.output.is_document() && !self.diff {
            let document = self.document(&read, global.quiet);
            if aside { eprint!("{document}") } else { print(&document) }
        }
        if !self.watch {
            // The process ends here; giving back the trees of large files piece by piece would only delay it.
            std::mem::forget(read);
        }
        status
    }

    /// Checks what a path stands for; what is shown as it comes is shown, `aside` on standard error. Nothing comes back of
    /// what was only compared; `compared` are the files of which a patch was shown.
    fn one(
        &self,
        path: &str,
        aside: bool,
        compared: &mut BTreeSet<String>,
        global: &Global,
    ) -> Result<(Option<Rules>, u8), String> {
        let mut text = Text::open(path, &self.stdin_name, &self.reading)?;
        let mut status = FINE;
        if self.fix {
            status = self.change(&mut text, global)?;
        } else if self.diff {
            status = self.compare(&text, compared)?;
        }
        let rules = Rules::of(&text, &self.reading)?;
        let fails = rules.findings.iter().any(|finding| self.fail_level.fails(finding.severity));
        status = status.max(if fails { ERRORS } else { FINE });
        if self.diff {
            if !global.quiet {
                eprint!("{}", summary(&rules, false));
            }
            return Ok((None, status));
        }
        let show = |shown: &str| if aside { eprint!("{shown}") } else { print(shown) };
        if !self.output.is_document() {
            let terminal = if aside { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
            show(&rules.show(self.output, global, terminal));
        }
        if !global.quiet {
            let summary = summary(&rules, global.verbose > 0);
            if self.output.is_data() { eprint!("{summary}") } else { show(&summary) }
        }
        Ok((Some(rules), status))
    }

    /// Everything that was found, as one document; with `quiet`, the errors.
    fn document(&self, read: &[Rules], quiet: bool) -> String {
        let shown = |finding: &&Finding| !quiet || finding.severity == Severity::Error;
        let findings: Vec<Vec<Finding>> =
            read.iter().map(|rules| rules.findings.iter().filter(shown).cloned().collect()).collect();
        let reports: Vec<Report<'_>> = read
            .iter()
            .zip(&findings)
            .map(|(rules, findings)| Report {
                path: &rules.path,
                findings,
                suppressed: &rules.suppressed,
                source: &rules.source,
            })
            .collect();
        match self.output {
            Output::Json => json::document(&reports) + "\n",
            Output::Junit => junit::document(&reports, |severity| self.fail_level.fails(severity)),
            Output::Sarif => {
                let pages = lint::list();
                let rule = |entry: &lint::Entry| sarif::Rule { name: entry.name, title: entry.title, page: entry.page };
                let pages: Vec<sarif::Rule<'_>> = pages.iter().map(rule).collect();
                sarif::document(&reports, &pages, env!("CARGO_PKG_VERSION"))
            }
            _ => String::new(),
        }
    }
}

/// What was checked, what came of it, and what a cycle will cost.
fn summary(rules: &Rules, verbose: bool) -> String {
    let errors = english::count(rules.count(Severity::Error) as u64, "error");
    let warnings = english::count(rules.count(Severity::Warning) as u64, "warning");
    let path = clean(&rules.path);
    let fixable = fixing::offered(&rules.findings);
    let Some(program) = &rules.program else { return format!("{path}: {errors}, {warnings}{fixable}\n") };
    let services =
        english::count(program.services.iter().filter(|service| !service.implicit).count() as u64, "service");
    let written = program.services.iter().flat_map(|service| &service.rules).filter(|rule| !rule.implicit).count();
    let written = english::count(written as u64, "rule");
    let cycle = english::duration(u64::try_from(program.settings.cycle.as_millis()).unwrap_or(u64::MAX));
    let found = if rules.count(Severity::Warning) == 0 { "nothing is wrong".to_string() } else { warnings };
    let mut text = format!("{path}: {services}, {written}, checked every {cycle}: {found}{fixable}\n");
    if let Some(cost) = cost::of_a_cycle(program) {
        text.push_str(&format!("a cycle {cost}\n"));
    }
    if verbose {
        let host = crate::world::host_name();
        text.push_str(&format!("the name of this machine is {host}; files in use:\n"));
        for file in rules.source.file_names() {
            text.push_str(&format!("  {}\n", clean(file)));
        }
    }
    text
}
