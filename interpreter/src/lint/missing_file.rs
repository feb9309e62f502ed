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

/// The finding about the file of a plugin that is not there; `path` is where it was looked for.
pub(crate) fn plugin(file: &Spanned<String>, path: &str) -> Finding {
    let finding =
        Finding::warning(NAME, file.span, format!("there is no file {path}")).here("so nothing would be checked");
    let finding = match file.node == path {
        true => finding,
        false => finding.note("a path without `/` before it begins at the folder of these rules"),
    };
    finding.help("write the path of the plugin's file, as in `using \"/usr/local/lib/ruled/check.wasm\"`")
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
