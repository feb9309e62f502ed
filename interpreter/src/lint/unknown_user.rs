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

/// The finding about a number in Monit's dialect.
pub(crate) fn number(number: &Spanned<String>, word: &str) -> Finding {
    Finding::warning(NAME, number.span, format!("no {word} of this machine has the number {}", number.node))
        .here("Monit refuses such a file")
        .help(format!("name a {word} that exists, or move the rule to a `.rules` file, where any number will do"))
}
