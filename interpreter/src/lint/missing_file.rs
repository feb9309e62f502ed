//! `missing-file`: a file or directory that is not there.

use grammar::{Finding, Spanned};

use super::Entry;
use crate::check::PathState;

const NAME: &str = "missing-file";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a file or directory that is not there", include_str!("missing_file.md"));

/// What a path should lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A file that can be read.
    File,
    /// A directory.
    Directory,
}

/// The finding about a path that does not lead to what is wanted.
pub(crate) fn finding(path: &Spanned<String>, wanted: Wanted, state: PathState) -> Finding {
    let written = &path.node;
    let headline = match (state, wanted) {
        (PathState::Missing | PathState::Unknown, Wanted::File) => format!("there is no file {written}"),
        (PathState::Missing | PathState::Unknown, Wanted::Directory) => format!("there is no directory {written}"),
        (PathState::Directory, _) => format!("{written} is a directory"),
        (PathState::Unreadable, Wanted::File) => format!("{written} cannot be read"),
        (PathState::Unreadable | PathState::File, _) => format!("{written} is no directory"),
    };
    let wish = match wanted {
        Wanted::File => "a file that can be read is wanted here",
        Wanted::Directory => "a directory is wanted here",
    };
    Finding::warning(NAME, path.span, headline).here(wish).note("Monit refuses to start without it")
}
