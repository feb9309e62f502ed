//! `inverted-response-time`: a test that fails with whatever answers quickly.

use grammar::ast::{Operator, ResponseTime, Wanted};
use grammar::{Finding, Spanned};

use super::Entry;
use super::wording::written_unit;

const NAME: &str = "inverted-response-time";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a test that fails with whatever answers quickly", include_str!("inverted_response_time.md"));

/// The finding about the operator of a time in which an answer is accepted, where only slow ones are. `limit` is the time as it
/// is written.
pub(crate) fn finding(wanted: Wanted, time: &ResponseTime, limit: &str) -> Option<Finding> {
    let Spanned { node: operator, span } = time.operator.as_ref()?;
    let (meant, faster) = match operator {
        Operator::Greater => ("<", "faster than"),
        Operator::GreaterOrEqual => ("<=", "faster than"),
        Operator::Equal => ("<", "faster or slower than exactly"),
        _ => return None,
    };
    let limit = written_unit(limit);
    let finding = Finding::warning(NAME, *span, format!("an answer that comes {faster} {limit} counts as a failure"))
        .here("this says which answers are accepted");
    (wanted == Wanted::Failed)
        .then(|| finding.fix(format!("write which times are accepted: `{meant} {limit}`"), *span, meant, false))
}
