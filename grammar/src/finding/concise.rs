//! A finding as one line for editors, grep and logs: `file:line:column: error[name]: headline`.

use super::clean;
use crate::{Finding, Source};

/// The finding on one line, without a line break at its end.
pub fn render(finding: &Finding, source: &Source) -> String {
    let place = source.place(finding.span().start);
    let severity = finding.severity.word();
    let headline = clean(&finding.headline);
    format!("{}:{}:{}: {severity}[{}]: {headline}", clean(place.file), place.line, place.column, finding.name)
}
