//! `missing-target`: a service of which nobody says how it is found.

use grammar::Finding;
use grammar::ast::{Check, ServiceKind};

use super::Entry;
use super::wording::a_kind;

const NAME: &str = "missing-target";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a service that cannot be found", include_str!("missing_target.md"));

/// The finding about a service without a target, or with one of another kind.
pub(crate) fn finding(check: &Check) -> Finding {
    let name = &check.name.node;
    let (found, example) = match check.kind.node {
        ServiceKind::Process => ("by its pid file or by a pattern", "with pidfile /run/NAME.pid"),
        ServiceKind::File => ("by its path", "with path /PATH"),
        ServiceKind::Directory | ServiceKind::Fifo => ("by its path", "with path /PATH"),
        ServiceKind::Filesystem => ("by its mount point or its device", "with path /MOUNTPOINT"),
        ServiceKind::Program => ("by its path and its arguments", "with path \"/PATH ARGUMENT\""),
        ServiceKind::Network => ("by its interface or its address", "with interface NAME"),
        ServiceKind::Plugin => ("by its file", "using \"FILE.wasm\""),
        ServiceKind::Host => ("by its name or address", "with address HOST"),
        ServiceKind::System => ("by itself", ""),
    };
    Finding::error(NAME, check.head, format!("nothing says which {} {name} is", check.kind.node.word()))
        .here(format!("{} is found {found}", a_kind(check.kind.node)))
        .help(format!("write `check {} {name} {example}`", check.kind.node.word()))
}
