//! `allow-without-reason`: a comment that allows something and does not say why.

use grammar::Finding;

use super::Entry;
use crate::check::Allow;

const NAME: &str = "allow-without-reason";
pub(super) const ENTRY: Entry = Entry::reported(
    NAME,
    "a comment that allows something and does not say why",
    include_str!("allow_without_reason.md"),
);

/// The finding about a comment that does not say why.
pub(crate) fn finding(allow: &Allow) -> Finding {
    Finding::warning(NAME, allow.span, "this comment does not say why it allows what it names")
        .here("so it allows nothing")
        .help("end it with the reason, as in `# ruled: allow shadowed-rule because the second restart pages a human`")
}
