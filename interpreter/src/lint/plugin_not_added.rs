//! `plugin-not-added`: a plugin of which ruled has nothing that it could run.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "plugin-not-added";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a plugin that ruled cannot run yet", include_str!("plugin_not_added.md"));

/// The finding about a file that is not in ruled's store, which is `folder`; `path` is where the file is.
pub(crate) fn finding(file: &Spanned<String>, path: &str, folder: Option<&str>) -> Finding {
    let written = &file.node;
    let finding = Finding::error(NAME, file.span, format!("{written} was not added to ruled's plugins"))
        .here("ruled runs only what was compiled and stored before");
    let finding = match folder {
        Some(folder) => finding.note(format!("ruled's plugins are those in {folder}")),
        None => finding,
    };
    finding.help(format!("run `ruled-plugin add {}`, after each change of the file", in_shell(path)))
}

/// The finding about a file whose copy in ruled's store is of no use.
pub(crate) fn refused(file: &Spanned<String>, path: &str, reason: &str) -> Finding {
    let written = &file.node;
    Finding::error(NAME, file.span, format!("what ruled has stored of {written} cannot be run: {reason}"))
        .here("so nothing would be checked")
        .help(format!("run `ruled-plugin add {}` once more", in_shell(path)))
}

/// A path as it is written in a shell.
fn in_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
    match !path.starts_with('-') && path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}
