//! `--fix` and `--diff`: the changes that findings offer.

use std::collections::{BTreeMap, BTreeSet};
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
    /// Makes the changes; returns the exit status that this amounts to. What stands in `text` itself stands there as it is
    /// by then.
    pub(super) fn change(&self, text: &mut Text, global: &Global) -> Result<u8, String> {
        let (fixed, status) = match self.fixed(text) {
            Some(fixed) => (fixed, FINE),
            None => (Fixed::default(), ERRORS),
        };
        let name = text.path.clone();
        let mut files = fixed.files.clone();
        if text.is_stdin() {
            // Whoever wrote into a pipe gets his text back, whatever came of it.
            let bytes = files.remove(&name).map_or_else(|| text.bytes_of(&name), Ok)?;
            to_stdout(&bytes)?;
            text.take(bytes);
        }
        let refused = |name: &str, error| format!("cannot write {name}: {}", words::reason(&error));
        for name in files.keys() {
            replace::try_to(Path::new(name)).map_err(|error| refused(name, error))?;
        }
        let mut written = Vec::new();
        for (name, bytes) in &files {
            if let Err(error) = replace::replace(Path::new(name), bytes) {
                written.iter().for_each(|name: &&String| eprintln!("changed {}", clean(name)));
                return Err(refused(name, error));
            }
            written.push(name);
        }
        if !global.quiet {
            report(&fixed, files.keys());
        }
        Ok(status)
    }

    /// Shows the changes, but those of files that `compared` holds; returns the exit status that this amounts to.
    pub(super) fn compare(&self, text: &Text, compared: &mut BTreeSet<String>) -> Result<u8, String> {
        let Some(fixed) = self.fixed(text) else { return Ok(ERRORS) };
        for (name, bytes) in &fixed.files {
            if compared.insert(name.clone()) {
                let patch = difference(name, &decode(&text.bytes_of(name)?).text, &decode(bytes).text);
                to_stdout(&encode_back(&patch))?;
            }
        }
        Ok(if fixed.files.is_empty() { FINE } else { ERRORS })
    }

    /// What fixes make of a text; nothing when none can be made, and then the reason has been said.
    fn fixed(&self, text: &Text) -> Option<Fixed> {
        let load = |changed: &Changed<'_>| text.load_changed(changed);
        let protocols = crate::protocols::known();
        let fixed = fix::fix(&load, text.dialect, &protocols, &Machine, self.unsafe_fixes);
        fixed.map_err(|why| explain(&clean(&text.path), &why)).ok()
    }
}

/// Says on standard error what was changed.
fn report<'a>(fixed: &Fixed, files: impl Iterator<Item = &'a String>) {
    let mut by_finding: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((name, sentence), times) in &fixed.made {
        let often = if *times > 1 { format!(" ({times} times)") } else { String::new() };
        by_finding.entry(name).or_default().push(format!("{}{often}", clean(sentence)));
    }
    for (name, done) in by_finding {
        eprintln!("fixed {name}: {}", done.join("; "));
    }
    for name in files {
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
    // To a patch a carriage return is a character among others.
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (before, after) = (lines(before), lines(after));
    let patch = similar::TextDiff::configure().newline_terminated(true).diff_slices(&before, &after);
    let mut shown = String::new();
    for hunk in patch.unified_diff().iter_hunks() {
        if shown.is_empty() {
            shown = format!("--- {name}\n+++ {name}\n");
        }
        shown.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            shown.push_str(&format!("{}{}", change.tag(), change.value()));
            if !change.value().ends_with('\n') {
                shown.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    shown
}
