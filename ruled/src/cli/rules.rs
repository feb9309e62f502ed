//! Which rules a command is about: from the words of the command line to a checked program.

use std::io::IsTerminal;
use std::path::Path;

use clap::{Args, ValueEnum};
use grammar::ast::RuleFile;
use grammar::finding::{concise, github, json, terminal};
use grammar::{Dialect, Finding, Severity, Source, Span};
use interpreter::check::{self, Loaded, Surroundings};
use interpreter::fix::Changed;
use interpreter::lint;
use interpreter::program::Program;

use super::{Color, ERRORS, FINE, Global, UNUSABLE, stdin};
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

impl Reading {
    /// In this dialect, or in that of the file's name.
    pub(super) fn of(dialect: Option<DialectWord>) -> Reading {
        Reading { dialect, here: false, as_monit: false }
    }
}

/// A dialect, as the command line names it.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum DialectWord {
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
    /// As data: one document.
    Json,
    /// As data: one object a line.
    Jsonl,
    /// As SARIF 2.1.0, the interchange format of such tools.
    Sarif,
    /// As annotations of GitHub's workflows.
    Github,
    /// As a report of tests, in the form of JUnit.
    Junit,
}

impl Output {
    /// Whether all findings together make one document.
    pub(super) fn is_document(self) -> bool {
        matches!(self, Output::Json | Output::Sarif | Output::Junit)
    }

    /// Whether standard output is read by programs.
    pub(super) fn is_data(self) -> bool {
        self.is_document() || matches!(self, Output::Jsonl | Output::Github)
    }
}

/// The name of standard input.
const STDIN: &str = "-";

/// Where rules come from.
pub(super) struct Text {
    /// The file or folder, or what standard input is called.
    pub(super) path: String,
    /// How it is read.
    pub(super) dialect: Dialect,
    from: From,
}

enum From {
    File,
    /// The files of a folder.
    Folder(Vec<String>),
    Stdin(Vec<u8>),
}

impl Text {
    /// What a path stands for; the error is a sentence. Standard input is read.
    pub(super) fn open(path: &str, stdin_name: &str, reading: &Reading) -> Result<Text, String> {
        let (name, from) = match path {
            STDIN => (stdin_name, From::Stdin(stdin()?)),
            _ if Path::new(path).is_dir() => {
                let files = Machine.glob(&pattern_of(path));
                if files.is_empty() {
                    return Err(format!("{path}: the directory holds no *.rules files"));
                }
                (path, From::Folder(files))
            }
            _ => (path, From::File),
        };
        let dialect = match (reading.dialect, &from) {
            (Some(DialectWord::Monit), _) => Dialect::Monit,
            (Some(DialectWord::Rules), _) | (None, From::Folder(_)) => Dialect::Rules,
            (None, _) => Dialect::of_file_name(name),
        };
        Ok(Text { path: name.to_string(), dialect, from })
    }

    /// A text of ours, in our dialect.
    pub(super) fn given(name: &str, bytes: Vec<u8>) -> Text {
        Text { path: name.to_owned(), dialect: Dialect::Rules, from: From::Stdin(bytes) }
    }

    /// Whether it is standard input.
    pub(super) fn is_stdin(&self) -> bool {
        matches!(self.from, From::Stdin(_))
    }

    /// What was standard input is this by now.
    pub(super) fn take(&mut self, bytes: Vec<u8>) {
        self.from = From::Stdin(bytes);
    }

    /// The text with all that it includes.
    pub(super) fn load(&self, surroundings: &dyn Surroundings) -> Loaded {
        match &self.from {
            From::File => check::load(&self.path, self.dialect, surroundings),
            From::Folder(files) => check::load_all(&self.path, files, self.dialect, surroundings),
            From::Stdin(bytes) => check::load_text(&self.path, bytes, self.dialect, surroundings),
        }
    }

    /// The same, where some files have other contents by now.
    pub(super) fn load_changed(&self, changed: &Changed<'_>) -> Loaded {
        match (&self.from, changed.bytes(&self.path)) {
            (From::Stdin(_), Some(bytes)) => check::load_text(&self.path, bytes, self.dialect, changed),
            _ => self.load(changed),
        }
    }

    /// What one of its files holds; the error is a sentence.
    pub(super) fn bytes_of(&self, name: &str) -> Result<Vec<u8>, String> {
        match &self.from {
            From::Stdin(bytes) if name == self.path => Ok(bytes.clone()),
            _ => Machine.read(name).map_err(|error| error.sentence),
        }
    }
}

/// The pattern of the files of a folder that hold rules.
pub(super) fn pattern_of(folder: &str) -> String {
    format!("{}/*.rules", glob::Pattern::escape(folder.trim_end_matches('/')))
}

/// Rules that were read and checked.
pub(super) struct Rules {
    pub(super) path: String,
    pub(super) source: Source,
    pub(super) findings: Vec<Finding>,
    /// Where passwords stand in the source.
    secrets: Vec<Span>,
    /// What comments allow.
    pub(super) suppressed: Vec<Finding>,
    /// Absent when there are errors.
    pub(super) program: Option<Program>,
    /// Kept for a process that ends with the check: it need not take the tree apart.
    _tree: RuleFile,
}

impl Rules {
    /// Reads and checks the rules of a path; the error is a sentence that names it.
    pub(super) fn read(path: &str, reading: &Reading) -> Result<Rules, String> {
        Rules::of(&Text::open(path, STDIN, reading)?, reading)
    }

    /// Checks a text; the error is a sentence that names it.
    pub(super) fn of(text: &Text, reading: &Reading) -> Result<Rules, String> {
        let machine = Machine;
        let loaded = text.load(&machine);
        if let Some(error) = &loaded.unreadable {
            return Err(error.sentence.clone());
        }
        let protocols = crate::protocols::known();
        let checked = check::check_loaded(&loaded, text.dialect, &protocols, &machine);
        let mut findings: Vec<Finding> = match &checked.program {
            Some(program) if reading.as_monit => {
                let asked = interpreter::portable::as_monit(&loaded.source, program, &protocols, &machine);
                loaded.findings.into_iter().chain(asked).collect()
            }
            _ => checked.findings,
        };
        if reading.here {
            let missing = |finding: &&mut Finding| lint::ABOUT_THIS_MACHINE.contains(&finding.name);
            findings.iter_mut().filter(missing).for_each(|finding| finding.severity = Severity::Error);
        }
        findings.sort_by_key(Finding::span);
        let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
        let program = checked.program.filter(|_| !errors);
        let suppressed = if reading.as_monit { Vec::new() } else { checked.suppressed };
        let (path, source) = (text.path.clone(), loaded.source);
        Ok(Rules { path, source, findings, secrets: checked.secrets, suppressed, program, _tree: checked.tree })
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

    /// The program alone, and the path that it was read from. A daemon has no room for the rest.
    pub(super) fn into_program(self) -> (String, Option<Program>) {
        (self.path, self.program)
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
                // What is shown may end in a journal.
                let masked = (!self.secrets.is_empty()).then(|| self.source.masked(&self.secrets));
                let source = masked.as_ref().unwrap_or(&self.source);
                shown.map(|finding| terminal::render(finding, source, look) + "\n\n").collect()
            }
            Output::Concise => shown.map(|finding| concise::render(finding, &self.source) + "\n").collect(),
            Output::Github => shown.map(|finding| github::render(finding, &self.source) + "\n").collect(),
            Output::Jsonl => shown.map(|finding| json::render(finding, &self.source) + "\n").collect(),
            // All paths together make one document, which the command writes.
            Output::Json | Output::Sarif | Output::Junit => String::new(),
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
