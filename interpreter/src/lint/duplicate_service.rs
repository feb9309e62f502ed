//! `duplicate-service`: two services of the same name.

use grammar::Finding;
use grammar::ast::Check;

use super::Entry;

const NAME: &str = "duplicate-service";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "two services of the same name", include_str!("duplicate_service.md"));

/// The finding about a second service of a name.
pub(crate) fn finding(second: &Check, first: &Check) -> Finding {
    let name = &second.name.node;
    let finding = Finding::error(NAME, second.name.span, format!("there are two services named `{name}`"))
        .here("the second one")
        .also(first.name.span, "the first one")
        .help("give one of them another name, so that commands and alerts can tell them apart");
    if first.name.node == *name { finding } else { finding.note("names are compared without regard to case") }
}

/// The finding about a service that has the name of the system that is always there.
pub(crate) fn with_machine(taken: &Check) -> Finding {
    let name = &taken.name.node;
    Finding::error(NAME, taken.name.span, format!("`{name}` is the name of this machine"))
        .here("and the system service has it, unless there is a `check system`")
        .help("give the service another name, or write a `check system` with a name of its own")
}
