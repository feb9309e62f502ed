//! `watches-nothing`: a host or a program that is not asked anything.

use grammar::ast::{CheckStatement, ServiceKind};
use grammar::{Dialect, Finding, Severity};

use super::Entry;
use crate::check::View;

const NAME: &str = "watches-nothing";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a host or a program that is not asked anything", include_str!("watches_nothing.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    if !view.complete {
        return;
    }
    for watched in &view.services {
        let asked = watched.check.statements.iter().any(|statement| matches!(statement, CheckStatement::Rule(_)));
        let (kind, test) = match watched.check.kind.node {
            ServiceKind::Host => ("host", "if failed port 443 then alert"),
            ServiceKind::Program => ("program", "if status != 0 then alert"),
            _ => continue,
        };
        if asked {
            continue;
        }
        let name = &watched.service.name;
        let mut finding = Finding::warning(NAME, watched.check.name.span, format!("{name} is not asked anything"))
            .here("so nothing would ever be noticed")
            .note(format!("Monit refuses a {kind} without a test"))
            .help(format!("add a test, such as `{test}`"));
        if view.dialect == Dialect::Monit {
            finding.severity = Severity::Error;
        }
        findings.push(finding);
    }
}
