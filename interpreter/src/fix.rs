//! Making the changes that findings offer.
//!
//! Changes are made in rounds, because one may bring to light what another finding was hidden behind. Nothing is
//! written here: what comes out are the new contents of files. They are checked before they are handed out: fixes that
//! would bring new errors, or safe ones that would change what rules mean, are not made at all.

use std::collections::BTreeMap;

use grammar::finding::Fix;
use grammar::source::encode_back;
use grammar::{Dialect, Finding, Help, Severity, Source, Span};

use crate::catalog::Protocols;
use crate::check::{self, Loaded, ReadError, Surroundings};
use crate::import::{Change, changes};
use crate::program::Program;

/// So many rounds are made at most; each makes every change that does not overlap with another.
pub const ROUNDS_MAX: usize = 10;

/// What fixes make of files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fixed {
    /// The new contents of the files that change, by their names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What was changed: names of findings with what their fixes do, and how often.
    pub made: BTreeMap<(&'static str, String), usize>,
}

/// Why no fix is made.
#[derive(Debug, Clone, PartialEq)]
pub enum Unfixed {
    /// There would be more errors than before; one of them is this.
    Worse(String),
    /// Safe fixes would change what the rules mean.
    Changed(Vec<Change>),
}

/// Makes the safe changes that findings offer, or with `all` those too that may change what rules mean.
///
/// `load` reads the rules from the surroundings that it is handed, in which files are as they have been changed so far.
///
/// # Errors
///
/// When the outcome would be worse, or would not mean the same.
pub fn fix(
    load: &dyn Fn(&Changed<'_>) -> Loaded,
    dialect: Dialect,
    protocols: &Protocols,
    surroundings: &dyn Surroundings,
    all: bool,
) -> Result<Fixed, Unfixed> {
    let mut fixed = Fixed::default();
    let mut before: Option<(usize, Option<Program>)> = None;
    for round in 0..=ROUNDS_MAX {
        let changed = Changed { surroundings, files: &fixed.files };
        let loaded = load(&changed);
        let checked = check::check_loaded(&loaded, dialect, protocols, &changed);
        let findings: Vec<&Finding> = checked.findings.iter().collect();
        // Meanings are compared as far as they are known, even where a file could not be included.
        let unloaded = loaded.findings.iter().any(|finding| finding.severity == Severity::Error);
        let program =
            if unloaded { check::check(&loaded.source, dialect, protocols, &changed).program } else { checked.program };
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let edits = if round < ROUNDS_MAX { edits(&findings, &loaded.source, all) } else { Edits::default() };
        let (errors_before, program_before) = before.get_or_insert_with(|| (errors, program.clone()));
        if edits.files.is_empty() {
            let worst = findings.iter().find(|finding| finding.severity == Severity::Error);
            if let (true, Some(worst)) = (errors > *errors_before, worst) {
                return Err(Unfixed::Worse(worst.headline.clone()));
            }
            if let (false, Some(before), Some(after)) = (all, program_before, &program) {
                let changes = changes(before, after);
                if !changes.is_empty() {
                    return Err(Unfixed::Changed(changes));
                }
            }
            break;
        }
        for (name, sentence) in edits.made {
            *fixed.made.entry((name, sentence)).or_default() += 1;
        }
        let mut files = fixed.files.clone();
        for (file, edits) in edits.files {
            let text = loaded.source.file_text(file);
            files.insert(loaded.source.file_name(file).to_owned(), encode_back(&apply(text, &edits)).into_owned());
        }
        fixed.files = files;
    }
    Ok(fixed)
}

/// What is replaced in one file, sorted by place and without overlaps.
type FileEdits = BTreeMap<(u32, u32), String>;

#[derive(Default)]
struct Edits {
    files: BTreeMap<usize, FileEdits>,
    made: Vec<(&'static str, String)>,
}

/// The changes that can be made side by side; of two that overlap, the first.
fn edits(findings: &[&Finding], source: &Source, all: bool) -> Edits {
    let mut edits = Edits::default();
    for finding in findings {
        let Some(Help::Fix(fix)) = &finding.help else { continue };
        if (fix.safe || all) && take(fix, source, &mut edits.files) {
            edits.made.push((finding.name, fix.sentence.clone()));
        }
    }
    edits
}

/// Takes a fix whole, or not at all when one of its places lies in two files or is changed already.
fn take(fix: &Fix, source: &Source, files: &mut BTreeMap<usize, FileEdits>) -> bool {
    let mut places = Vec::new();
    for edit in &fix.edits {
        let (file, place) = source.span_in_file(edit.span);
        let whole = place.end - place.start == edit.span.end.saturating_sub(edit.span.start);
        let taken = files.get(&file).is_some_and(|edits| edits.keys().any(|taken| overlaps(*taken, place)));
        if !whole || taken {
            return false;
        }
        places.push((file, place, &edit.text));
    }
    for (file, place, text) in places {
        files.entry(file).or_default().insert((place.start, place.end), text.clone());
    }
    !fix.edits.is_empty()
}

/// Two insertions in one place overlap, too: nobody knows which comes first.
fn overlaps((start, end): (u32, u32), place: Span) -> bool {
    (start, end) == (place.start, place.end) || start < place.end && place.start < end
}

fn apply(text: &str, edits: &FileEdits) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut at = 0;
    for ((start, end), new) in edits {
        changed.push_str(text.get(at..*start as usize).unwrap_or_default());
        changed.push_str(new);
        at = *end as usize;
    }
    changed.push_str(text.get(at..).unwrap_or_default());
    changed
}

/// Surroundings in which some files are as they will be.
pub struct Changed<'a> {
    surroundings: &'a dyn Surroundings,
    files: &'a BTreeMap<String, Vec<u8>>,
}

impl Changed<'_> {
    /// What a file holds by now, if it was changed.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}

impl Surroundings for Changed<'_> {
    fn behind(&self) -> Option<&dyn Surroundings> {
        Some(self.surroundings)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.files.get(path).map_or_else(|| self.surroundings.read(path), |bytes| Ok(bytes.clone()))
    }
}
