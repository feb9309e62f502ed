//! `--fix` and `--diff`: the changes that findings offer.

use std::collections::BTreeMap;
use std::path::Path;

use grammar::finding::clean;
use grammar::source::{decode, encode_back};
use grammar::{Finding, Help, english};
use interpreter::fix::{self, Changed, Fixed, Unfixed};

use super::Check;
use crate::cli::rules::Text;
use crate::cli::{ERRORS, FINE, Global, replace, to_stdout};
use crate::surroundings::Machine;
use crate::words;

/// How many of the changes offered there are, as the end of a sentence.
pub(super) fn offered(findings: &[Finding]) -> String {
    let fixes = |safe: bool| {
        let offers = |finding: &&Finding| matches!(&finding.help, Some(Help::Fix(fix)) if fix.safe == safe);
        findings.iter().filter(offers).count() as u64
    };
    match (fixes(true), fixes(false)) {
        (0, 0) => String::new(),
        (safe, 0) => format!("; {safe} can be fixed with --fix"),
        (0, others) => format!("; {others} can be fixed with --fix --unsafe-fixes"),
        (safe, others) => {
            format!("; {safe} can be fixed with --fix, and {others} more with --unsafe-fixes")
        }
    }
}

impl Check {
    /// Makes the changes, or shows them; returns the exit status that this amounts to.
    pub(super) fn change(&self, text: &Text, global: &Global) -> Result<u8, String> {
        let load = |changed: &Changed<'_>| text.load_changed(changed);
        let protocols = crate::protocols::stock();
        let fixed = match fix::fix(&load, text.dialect, &protocols, &Machine, self.unsafe_fixes) {
            Ok(fixed) => fixed,
            Err(why) => {
                explain(&clean(&text.path), &why);
                return Ok(ERRORS);
            }
        };
        let before = |name: &str| text.bytes_of(name);
        if self.diff {
            for (name, bytes) in &fixed.files {
                let patch = difference(name, &decode(&before(name)?).text, &decode(bytes).text);
                to_stdout(&encode_back(&patch))?;
            }
            return Ok(if fixed.files.is_empty() { FINE } else { ERRORS });
        }
        if text.is_stdin() {
            let bytes = match fixed.files.get(&text.path) {
                Some(bytes) => bytes.clone(),
                None => before(&text.path)?,
            };
            to_stdout(&bytes)?;
        }
        for (name, bytes) in fixed.files.iter().filter(|(name, _)| !text.is_stdin() || **name != text.path) {
            let refused = |error| format!("cannot write {name}: {}", words::reason(&error));
            replace::replace(Path::new(name), bytes).map_err(refused)?;
        }
        if !global.quiet {
            report(&fixed);
        }
        Ok(FINE)
    }
}

/// Says on standard error what was changed.
fn report(fixed: &Fixed) {
    let mut by_finding: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((name, sentence), times) in &fixed.made {
        let often = if *times > 1 { format!(" ({times} times)") } else { String::new() };
        by_finding.entry(name).or_default().push(format!("{}{often}", clean(sentence)));
    }
    for (name, done) in by_finding {
        eprintln!("fixed {name}: {}", done.join("; "));
    }
    for name in fixed.files.keys() {
        eprintln!("changed {}", clean(name));
    }
}

fn explain(path: &str, why: &Unfixed) {
    match why {
        Unfixed::Worse(error) => {
            eprintln!("ruled: the changes would bring a new error into {path}, so none is made: {}", clean(error));
        }
        Unfixed::Changed(changes) => {
            for change in changes {
                let (place, before, after) = (clean(&change.place), clean(&change.before), clean(&change.after));
                eprintln!("ruled: {place} would change from {before} to {after}");
            }
            eprintln!("ruled: {path} would mean something else, so nothing is changed; --unsafe-fixes would do it");
        }
    }
    if let Unfixed::Changed(changes) = why {
        eprintln!(
            "ruled: {} in all; please tell us, a safe change should not do that",
            english::count(changes.len() as u64, "difference")
        );
    }
}

/// What would change, as a patch.
fn difference(name: &str, before: &str, after: &str) -> String {
    let name = clean(name);
    similar::TextDiff::from_lines(before, after).unified_diff().header(&name, &name).to_string()
}
