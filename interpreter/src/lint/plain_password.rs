//! `plain-password`: a password that everybody can read who can read the rules.

use grammar::ast::{CheckStatement, ConnectionOption, SettingKind, Statement, TestKind};
use grammar::{Finding, Span};

use super::Entry;
use crate::check::{View, secrets};

const NAME: &str = "plain-password";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a password in plain text", include_str!("plain_password.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for statement in &view.file.statements {
        match statement {
            Statement::Set(setting) => {
                let SettingKind::MailServers { servers, .. } = &setting.kind else { continue };
                for server in servers {
                    findings.extend(server.password.as_ref().map(|password| finding(password.span, &server.host.node)));
                }
            }
            Statement::Check(check) => {
                let rules = check.statements.iter().filter_map(|statement| match statement {
                    CheckStatement::Rule(rule) => Some(rule),
                    _ => None,
                });
                let tests = rules.flat_map(|rule| &rule.condition.tests);
                for test in tests {
                    let TestKind::Connection(connection) = &test.kind else { continue };
                    for option in &connection.options {
                        let ConnectionOption::Protocol(written) = option else { continue };
                        let Some(entry) = view.protocols.find(&written.name.node) else { continue };
                        let spans = secrets(entry, written).into_iter().map(|option| option.value.span);
                        findings.extend(spans.map(|span| finding(span, &check.name.node)));
                    }
                }
            }
        }
    }
}

fn finding(span: Span, whose: &str) -> Finding {
    Finding::warning(NAME, span, format!("the password for {whose} stands here in plain text"))
        .here("everybody who can read this file knows it")
        .help("do without it if the server can trust this machine by its address; else keep the file readable for its owner only (mode 0600)")
}
