//! `service-name`: a name that no service can have.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "service-name";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a name that no service can have", include_str!("service_name.md"));

/// The finding about a name that begins with a slash.
pub(crate) fn finding(name: &Spanned<String>) -> Finding {
    Finding::error(NAME, name.span, "the name of a service cannot begin with `/`")
        .here("this reads like a path")
        .help("put a name in front of the path: `check file NAME with path /PATH`")
}

/// The finding about a service or group without a name; `what` says which of the two.
pub(crate) fn empty(name: &Spanned<String>, what: &str) -> Finding {
    Finding::error(NAME, name.span, format!("this {what} has no name"))
        .here("an empty text names nothing")
        .help(format!("give the {what} a name"))
}
