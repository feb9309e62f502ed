//! `include-too-deep`: files that include files without end.

use grammar::{Finding, Span};

use super::Entry;
use crate::check::DEPTH_MAX;

const NAME: &str = "include-too-deep";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "files that include files too deeply", include_str!("include_too_deep.md"));

/// The finding about the include that goes too deep.
pub(crate) fn finding(span: Span) -> Finding {
    Finding::error(NAME, span, format!("includes are nested more than {DEPTH_MAX} deep"))
        .here("what this file includes is not read")
        .help("include the files side by side, from one place")
}
