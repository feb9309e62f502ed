//! `dependency-cycle`: services that need each other in a circle.

use grammar::ast::Check;
use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "dependency-cycle";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "services that need each other in a circle", include_str!("dependency_cycle.md"));

/// How many services a headline names before it counts them.
const NAMED_MAX: usize = 4;

/// The finding about a circle: each service with the word by which it names the next.
pub(crate) fn finding(steps: &[(&Check, &Spanned<String>)]) -> Option<Finding> {
    let sentences: Vec<String> =
        steps.iter().map(|(check, next)| format!("{} needs {}", check.name.node, next.node)).collect();
    let ((check, first), rest) = steps.split_first()?;
    let headline = match sentences.as_slice() {
        [_] => format!("{} needs itself", check.name.node),
        [one, other] => format!("{one}, and {other}"),
        [begin @ .., last] if steps.len() <= NAMED_MAX => format!("{}, and {last}", begin.join(", ")),
        all => format!("{} services need each other in a circle", all.len()),
    };
    let mut finding = Finding::error(NAME, first.span, headline);
    if let Some((sentence, others)) = sentences.split_first() {
        finding = finding.here(sentence.clone());
        for ((_, next), sentence) in rest.iter().zip(others) {
            finding = finding.also(next.span, sentence.clone());
        }
    }
    Some(finding.note("none of them could be started before the others").help("take one of these needs away"))
}
