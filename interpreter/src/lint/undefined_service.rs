//! `undefined-service`: a need that nothing can meet.

use grammar::ast::Check;
use grammar::{Finding, Spanned};

use super::Entry;
use super::wording::did_you_mean;

const NAME: &str = "undefined-service";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a need for a service that is not there", include_str!("undefined_service.md"));

/// The finding about a service that is needed and not there.
pub(crate) fn finding(check: &Check, name: &Spanned<String>, known: &[&str]) -> Finding {
    let finding = Finding::error(NAME, name.span, format!("there is no service named `{}`", name.node))
        .here(format!("{} needs it, so {} could never be started", check.name.node, check.name.node));
    did_you_mean(finding, name.span, &name.node, known)
}
