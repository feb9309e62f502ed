//! `unknown-user`: a user or group that this machine does not know.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "unknown-user";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a user or group that this machine does not know", include_str!("unknown_user.md"));

/// The finding about a name; `word` is `user` or `group`, and `consequence` what follows.
pub(crate) fn finding(name: &Spanned<String>, word: &str, consequence: &str) -> Finding {
    Finding::warning(NAME, name.span, format!("this machine knows no {word} named `{}`", name.node))
        .here(consequence)
        .help(format!("see that the {word} exists before it is needed, or name another"))
}
