//! Which rules a command is about: from the words of the command line to a checked program.

use std::io::IsTerminal;
use std::path::Path;

use clap::{Args, ValueEnum};
use grammar::finding::{concise, json, terminal};
use grammar::{Dialect, Finding, Severity, Source};
use interpreter::check::{self, Surroundings};
use interpreter::lint;
use interpreter::program::Program;

use super::{Color, ERRORS, FINE, Global, UNUSABLE};
use crate::surroundings::Machine;

/// Where rules are looked for when no path is given: ours, then where Monit looks.
const CUSTOMARY: [&str; 5] = [
    "/etc/ruled/ruled.rules",
    "/etc/monitrc",
    "/etc/monit/monitrc",
    "/usr/local/etc/monitrc",
    "/opt/local/etc/monitrc",
];

/// The options of every command that reads rules.
#[derive(Args, Clone)]
pub(super) struct Reading {
    /// How to read the file, whatever its name is.
    #[arg(long, value_name = "DIALECT")]
    dialect: Option<DialectWord>,
    /// Whether what is missing on this machine is an error.
    #[arg(skip)]
    pub(super) here: bool,
    /// Whether Monit is asked what it would make of the rules.
    #[arg(skip)]
    pub(super) as_monit: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum DialectWord {
    /// As Monit reads it.
    Monit,
    /// As the words say.
    Rules,
}

/// How findings are shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// With the lines they are about.
    Full,
    /// One line each.
    Concise,
    /// As data, on standard output.
    Json,
}

/// Rules that were read and checked.
pub(super) struct Rules {
    pub(super) path: String,
    pub(super) source: Source,
    pub(super) findings: Vec<Finding>,
    /// Absent when there are errors.
    pub(super) program: Option<Program>,
}

impl Rules {
    /// Reads and checks the rules of a path; the error is a sentence that names it.
    pub(super) fn read(path: &str, reading: &Reading) -> Result<Rules, String> {
        let place = Path::new(path);
        let dialect = match reading.dialect {
            Some(DialectWord::Monit) => Dialect::Monit,
            Some(DialectWord::Rules) => Dialect::Rules,
            None if place.is_dir() => Dialect::Rules,
            None => Dialect::of_file_name(path),
        };
        let machine = Machine;
        let loaded = if place.is_dir() {
            let pattern = format!("{}/*.rules", glob::Pattern::escape(path.trim_end_matches('/')));
            let files = machine.glob(&pattern);
            if files.is_empty() {
                return Err(format!("{path}: the directory holds no *.rules files"));
            }
            check::load_all(path, &files, dialect, &machine)
        } else {
            let bytes = machine.read(path).map_err(|error| error.sentence)?;
            check::load_text(path, &bytes, dialect, &machine)
        };
        let protocols = crate::protocols::stock();
        let checked = check::check(&loaded.source, dialect, &protocols, &machine);
        let mut findings = loaded.findings;
        if let (true, Some(program)) = (reading.as_monit, &checked.program) {
            findings.extend(interpreter::portable::as_monit(&loaded.source, program, &protocols, &machine));
        } else {
            findings.extend(checked.findings);
        }
        if reading.here {
            let missing = |finding: &&mut Finding| lint::ABOUT_THIS_MACHINE.contains(&finding.name);
            findings.iter_mut().filter(missing).for_each(|finding| finding.severity = Severity::Error);
        }
        findings.sort_by_key(Finding::span);
        let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
        let program = checked.program.filter(|_| !errors);
        Ok(Rules { path: path.to_string(), source: loaded.source, findings, program })
    }

    /// The rules of the path that was named, or of the first customary one. Findings go to standard error; the error
    /// is the exit status, and was explained.
    pub(super) fn open(named: Option<String>, reading: &Reading, global: &Global) -> Result<Rules, u8> {
        let path = paths(named.into_iter().collect())?.into_iter().next().unwrap_or_default();
        let rules = Rules::read(&path, reading).map_err(|sentence| {
            eprintln!("ruled: {}", grammar::finding::clean(&sentence));
            UNUSABLE
        })?;
        eprint!("{}", rules.show(Output::Full, global, std::io::stderr().is_terminal()));
        Ok(rules)
    }

    /// The exit status that the findings amount to.
    pub(super) fn status(&self) -> u8 {
        if self.count(Severity::Error) > 0 { ERRORS } else { FINE }
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The findings as text for people; with `quiet`, errors only.
    pub(super) fn show(&self, output: Output, global: &Global, terminal: bool) -> String {
        let shown = self.findings.iter().filter(|finding| !global.quiet || finding.severity == Severity::Error);
        match output {
            Output::Full => {
                let look = terminal::Look { color: global.in_color(terminal), width: width() };
                shown.map(|finding| terminal::render(finding, &self.source, look) + "\n\n").collect()
            }
            Output::Concise => shown.map(|finding| concise::render(finding, &self.source) + "\n").collect(),
            Output::Json => json::document(&self.findings, &self.source),
        }
    }
}

impl Global {
    /// Whether a stream that is, or is not, a terminal is written in colour.
    pub(super) fn in_color(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

/// How wide a page is.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(if std::io::stdout().is_terminal() { 120 } else { 140 })
}

/// The paths that were named, or the first customary one that is there.
pub(super) fn paths(named: Vec<String>) -> Result<Vec<String>, u8> {
    if !named.is_empty() {
        return Ok(named);
    }
    let home = std::env::var("HOME").map(|home| format!("{home}/.monitrc")).ok();
    let all: Vec<String> = CUSTOMARY.iter().map(ToString::to_string).chain(home).collect();
    if let Some(found) = all.iter().find(|path| Path::new(path).exists()) {
        return Ok(vec![found.clone()]);
    }
    eprintln!("ruled: no rules: name a file, or write one of {}", grammar::english::or(&all));
    Err(UNUSABLE)
}
