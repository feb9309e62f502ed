//! `watches-nothing`: a host that is not asked anything.

use grammar::Finding;
use grammar::ast::{CheckStatement, ServiceKind};

use super::Entry;
use crate::check::View;

const NAME: &str = "watches-nothing";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a host that is not asked anything", include_str!("watches_nothing.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    if !view.complete {
        return;
    }
    for watched in &view.services {
        let asked = watched.check.statements.iter().any(|statement| matches!(statement, CheckStatement::Rule(_)));
        if watched.check.kind.node != ServiceKind::Host || asked {
            continue;
        }
        let name = &watched.service.name;
        findings.push(
            Finding::warning(NAME, watched.check.name.span, format!("{name} is not asked anything"))
                .here("so it would never be noticed that it is down")
                .note("Monit refuses a host without a test")
                .help("add a test, such as `if failed port 443 then alert`"),
        );
    }
}
