//! `ruled fmt`: gives rules their customary shape.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use grammar::finding::{clean, terminal};
use grammar::print::{self, Unformatted};
use grammar::source::{decode, encode_back};
use grammar::{Dialect, Finding, Severity, Source};
use interpreter::check::Surroundings;

use super::{ERRORS, FINE, Global, UNUSABLE, replace, stdin, to_stdout};
use crate::surroundings::Machine;
use crate::words;

const TEACHING: &str = "\
Examples:
  ruled fmt web.rules                     one file, in place
  ruled fmt /etc/ruled                    all *.rules files of a folder
  ruled fmt --diff /etc/monit/monitrc     what would change; nothing is written
  ruled fmt --check *.rules               for a script: the files that would change
  ruled fmt --stdin-name web.rules -      from standard input to standard output, as editors want it

  check process web pidfile /run/web.pid start program \"/bin/web\"
  if cpu   > 80% for 3 cycles then alert # busy

becomes

  check process web pidfile /run/web.pid
      start program \"/bin/web\"
      if cpu > 80% for 3 cycles then alert  # busy

Exit status: 0 done, or nothing to do; 1 with --check or --diff when something would change, and whenever a file has errors
and so keeps its shape; 2 unreadable, or not writable.";

/// Gives rules their customary shape.
///
/// Only blanks change: every statement begins its own line, those of a check are indented by four blanks, words are one
/// blank apart, and an empty line stands before each check. Lines are never joined, and inside of quoted texts nothing
/// changes. The result is read again before anything is written: it must say exactly what the file said. Files that are
/// included are not followed.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Fmt {
    /// How to read the file, whatever its name is.
    #[arg(long, value_name = "DIALECT", value_parser = dialects())]
    dialect: Option<Dialect>,
    /// Writes nothing; lists the files that would change.
    #[arg(long)]
    check: bool,
    /// Writes nothing; shows what would change, as a patch.
    #[arg(long)]
    diff: bool,
    /// What standard input is called in messages; the name chooses the dialect, as that of a file does.
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_name: String,
    /// Files, or folders of *.rules files; `-`, or nothing behind a pipe, is standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
}

/// The name that stands for standard input.
const STDIN: &str = "-";

/// Looking for the smallest difference of two texts may take so long; then one that is larger is shown.
const DIFF_PATIENCE: Duration = Duration::from_secs(2);

/// Findings on standard error are drawn for lines of this many columns.
const WIDTH_COLUMNS: usize = 120;

/// One text and where it comes from.
struct Written {
    /// As users know it.
    name: String,
    /// Whether it is a file, and not standard input.
    in_file: bool,
    bytes: Vec<u8>,
}

impl Fmt {
    pub(super) fn run(self, global: &Global) -> u8 {
        let mut status = FINE;
        let paths = if self.paths.is_empty() { vec![STDIN.to_owned()] } else { self.paths.clone() };
        if self.paths.is_empty() && std::io::stdin().is_terminal() {
            eprintln!("ruled: nothing to format: name a file or a folder, or pipe rules into it");
            return UNUSABLE;
        }
        for path in paths.iter().flat_map(|path| files(path)) {
            let done = path.and_then(|path| self.read(&path)).and_then(|written| self.one(&written, global));
            status = status.max(done.unwrap_or_else(|sentence| {
                eprintln!("ruled: {}", clean(&sentence));
                UNUSABLE
            }));
        }
        status
    }

    fn read(&self, path: &str) -> Result<Written, String> {
        if path != STDIN {
            let bytes = Machine.read(path).map_err(|error| error.sentence)?;
            return Ok(Written { name: path.to_owned(), in_file: true, bytes });
        }
        let bytes = stdin()?;
        Ok(Written { name: self.stdin_name.clone(), in_file: false, bytes })
    }

    /// Formats one text and does with it what was asked for. The error is a sentence.
    fn one(&self, written: &Written, global: &Global) -> Result<u8, String> {
        let name = &written.name;
        let text = decode(&written.bytes).text;
        let dialect = self.dialect.unwrap_or_else(|| Dialect::of_file_name(name));
        let formatted = match print::format(&text, dialect) {
            Ok(formatted) => formatted,
            Err(why) => {
                explain(name, &text, &why, global);
                return Ok(ERRORS);
            }
        };
        let bytes = encode_back(&formatted);
        let same = bytes == written.bytes;
        if self.diff {
            to_stdout(&encode_back(&difference(name, &text, &formatted)))?;
        } else if self.check {
            list(global, !same, &clean(name))?;
        } else if !written.in_file {
            to_stdout(&bytes)?;
        } else if !same {
            let refused = |error| format!("cannot write {name}: {}", words::reason(&error));
            replace::replace(Path::new(name), &bytes).map_err(refused)?;
            list(global, true, &format!("formatted {}", clean(name)))?;
        }
        Ok(if !same && (self.diff || self.check) { ERRORS } else { FINE })
    }
}

/// The words for the dialects, and what they stand for.
fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let known = PossibleValuesParser::new([Dialect::Monit.word(), Dialect::Rules.word()]);
    known.map(|word| if word == Dialect::Rules.word() { Dialect::Rules } else { Dialect::Monit })
}

/// The files that a path stands for; an error is a sentence.
fn files(path: &str) -> Vec<Result<String, String>> {
    if path == STDIN || !Path::new(path).is_dir() {
        return vec![Ok(path.to_owned())];
    }
    let pattern = format!("{}/*.rules", glob::Pattern::escape(path.trim_end_matches('/')));
    let files = Machine.glob(&pattern);
    if files.is_empty() {
        return vec![Err(format!("{path}: the directory holds no *.rules files"))];
    }
    files.into_iter().map(Ok).collect()
}

/// Says why a text keeps its shape.
fn explain(name: &str, text: &str, why: &Unformatted, global: &Global) {
    let name = clean(name);
    match why {
        Unformatted::Unreadable(findings) => {
            let source = Source::new(name.as_str(), text);
            let look = terminal::Look { color: global.in_color(std::io::stderr().is_terminal()), width: WIDTH_COLUMNS };
            let errors = |finding: &&Finding| finding.severity == Severity::Error;
            for finding in findings.iter().filter(errors) {
                eprintln!("{}\n", terminal::render(finding, &source, look));
            }
            eprintln!("ruled: {name} has errors, so it keeps the shape that it has");
        }
        Unformatted::Fault(what) => {
            eprintln!("ruled: {name} keeps the shape that it has, by a fault of ruled's own: {what}");
        }
    }
}

/// What would change, as a patch.
fn difference(name: &str, before: &str, after: &str) -> String {
    let name = clean(name);
    let lines = similar::TextDiff::configure().timeout(DIFF_PATIENCE).diff_lines(before, after);
    lines.unified_diff().header(&name, &name).to_string()
}

/// Writes a line about a file to standard output, where there is something to say and somebody to hear it.
fn list(global: &Global, something: bool, line: &str) -> Result<(), String> {
    if something && !global.quiet { to_stdout(format!("{line}\n").as_bytes()) } else { Ok(()) }
}
