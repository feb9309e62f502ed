//! What Monit would make of rules that are written in our dialect: what it would refuse, and what it would silently read
//! in another way.

use grammar::{Dialect, Finding, Severity, Source, Span};

use crate::catalog::Protocols;
use crate::check::{Surroundings, check};
use crate::import::{Difference, differences_of};
use crate::lint;
use crate::program::{Program, Rule, Service};
use crate::show;

/// The findings about a text of the `rules` dialect whose meaning is known.
pub fn as_monit(
    source: &Source,
    meant: &Program,
    protocols: &Protocols,
    surroundings: &dyn Surroundings,
) -> Vec<Finding> {
    let read = check(source, Dialect::Monit, protocols, surroundings);
    let refused = |finding: &Finding| finding.severity == Severity::Error || finding.name == "not-portable";
    let mut findings: Vec<Finding> =
        read.findings.into_iter().chain(read.suppressed).filter(refused).map(lint::misread_by_monit::refused).collect();
    let Some(read) = read.program else { return findings };
    for service in meant.services.iter().filter(|service| !service.implicit) {
        let same = |other: &&Service| other.name.eq_ignore_ascii_case(&service.name);
        match read.services.iter().find(same) {
            Some(other) => compare(other, &read, service, meant, &mut findings),
            None => findings.push(lint::misread_by_monit::forgotten(place(service.origin.offset), "check")),
        }
    }
    for difference in differences_of(&show::settings_value(&read), &show::settings_value(meant)) {
        findings.push(lint::misread_by_monit::finding(Span::default(), &difference));
    }
    findings.sort_by_key(Finding::span);
    findings
}

fn compare(read: &Service, reading: &Program, meant: &Service, meaning: &Program, findings: &mut Vec<Finding>) {
    let own = |program: &Program, service: &Service| show::service_value(program, service);
    for difference in differences_of(&own(reading, read), &own(meaning, meant)) {
        findings.push(lint::misread_by_monit::finding(place(meant.origin.offset), &difference));
    }
    let rules = |service: &Service| -> Vec<Rule> {
        service.rules.iter().chain(&service.asleep).filter(|rule| !rule.implicit).cloned().collect()
    };
    let mut others = rules(read);
    for rule in rules(meant) {
        let at = place(rule.origin.offset);
        match others.iter().position(|other| other.origin.offset == rule.origin.offset) {
            None => findings.push(lint::misread_by_monit::forgotten(at, "rule")),
            Some(index) => {
                let other = others.remove(index);
                let found: Vec<Difference> = differences_of(&show::rule_value(&other), &show::rule_value(&rule));
                findings.extend(found.iter().map(|difference| lint::misread_by_monit::finding(at, difference)));
            }
        }
    }
}

/// The first word of a statement.
fn place(offset: u32) -> Span {
    Span { start: offset, end: offset + 2 }
}
