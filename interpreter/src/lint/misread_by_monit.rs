//! `misread-by-monit`: what Monit would read in another way.

use grammar::{Finding, Severity, Span};

use super::Entry;
use crate::import::Difference;

const NAME: &str = "misread-by-monit";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "what Monit would read in another way", include_str!("misread_by_monit.md"));

/// What Monit refuses is an error to those who want Monit to read the file.
pub(crate) fn refused(mut finding: Finding) -> Finding {
    finding.severity = Severity::Error;
    finding.note("Monit would refuse the whole file because of this")
}

/// The finding about something that Monit reads in another way.
pub(crate) fn finding(span: Span, difference: &Difference) -> Finding {
    let said =
        |value: &str| if value.is_empty() || value == "null" { "nothing".to_owned() } else { format!("`{value}`") };
    let headline = format!("Monit would read this in another way: {}", difference.place);
    Finding::error(NAME, span, headline).here(format!(
        "to Monit {}, in the rules dialect {}",
        said(&difference.monit),
        said(&difference.rules)
    ))
}

/// The finding about something that Monit would leave out.
pub(crate) fn forgotten(span: Span, what: &str) -> Finding {
    Finding::error(NAME, span, format!("Monit would forget this {what}")).here("it reads it, and does nothing about it")
}
