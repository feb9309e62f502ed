//! `plain-password`: a password that everybody can read who can read the rules.
//!
//! What everybody knows anyway is `known-password`; what a template left behind is `placeholder`.

use std::collections::BTreeMap;

use grammar::ast::{
    Allow, CheckStatement, Connection, ConnectionOption, Endpoint, HttpdOptionKind, SettingKind, Statement, TestKind,
};
use grammar::placeholder::{placeholders, variables};
use grammar::{Finding, Span};

use super::{Entry, known_password};
use crate::catalog::ProtocolEntry;
use crate::check::{View, has_password, secrets};

const NAME: &str = "plain-password";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a password in plain text", include_str!("plain_password.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let known = findings.len();
    look_at_all(view, findings);
    // A password in a file that nobody else may read is where it belongs.
    let found = findings.split_off(known);
    let private = |one: &Finding| view.surroundings.is_private(view.source.place(one.span().start).file);
    findings.extend(found.into_iter().filter(|one| !private(one)));
}

/// Where passwords stand in the text, whoever may read it.
pub(crate) fn places(view: &View<'_>) -> Vec<Span> {
    let mut findings = Vec::new();
    look_at_all(view, &mut findings);
    let mut places: Vec<Span> = findings.iter().map(Finding::span).collect();
    let checks = view.file.statements.iter().filter_map(|statement| match statement {
        Statement::Check(check) => Some(check),
        Statement::Set(_) => None,
    });
    for statement in checks.flat_map(|check| &check.statements) {
        let CheckStatement::Rule(rule) = statement else { continue };
        for test in rule.condition.tests() {
            let TestKind::Connection(connection) = &test.kind else { continue };
            places.extend(unknown(connection, view));
        }
    }
    places
}

/// The places of what is said to a protocol that nobody knows, or behind a name that it has not: any of it may be a password.
fn unknown(connection: &Connection, view: &View<'_>) -> Vec<Span> {
    let mut places = Vec::new();
    for option in &connection.options {
        let ConnectionOption::Protocol(written) = option else { continue };
        let known = view.protocols.described(&written.name.node);
        let is_unknown = |name: &str| known.as_ref().is_none_or(|entry| entry.option(name).is_none());
        let unknown = written.options.iter().filter(|option| is_unknown(&option.name.node));
        places.extend(unknown.map(|option| option.value.span));
    }
    places
}

fn look_at_all(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut known = BTreeMap::new();
    for statement in &view.file.statements {
        match statement {
            Statement::Set(setting) => look_at_setting(&setting.kind, findings),
            Statement::Check(check) => {
                let rules = check.statements.iter().filter_map(|statement| match statement {
                    CheckStatement::Rule(rule) => Some(rule),
                    _ => None,
                });
                for test in rules.flat_map(|rule| rule.condition.tests()) {
                    let TestKind::Connection(connection) = &test.kind else { continue };
                    let spans = passwords(connection, view, &mut known);
                    findings.extend(spans.into_iter().map(|span| finding(span, &check.name.node).help(MODE)));
                }
            }
        }
    }
}

fn look_at_setting(setting: &SettingKind, findings: &mut Vec<Finding>) {
    match setting {
        SettingKind::MailServers { servers, .. } => {
            for server in servers {
                let password = server.password.as_ref().filter(|password| is_one(&password.node));
                findings.extend(password.map(|password| {
                    finding(password.span, &server.host.node).help(
                        "do without it if the server can trust this machine by its address; else `chmod 600` the file",
                    )
                }));
            }
        }
        SettingKind::Mmonit(servers) => {
            let urls = servers.iter().map(|server| &server.url).filter(|url| has_password(&url.node));
            findings.extend(urls.map(|url| finding(url.span, "M/Monit").help(MODE)));
        }
        SettingKind::Httpd(httpd) => {
            for option in &httpd.options {
                if let HttpdOptionKind::Allow(Allow::User { user, password, .. }) = &option.kind
                    && is_one(&password.node)
                    && !known_password::is_known(&user.node, &password.node)
                {
                    findings.push(finding(password.span, &user.node).help(
                        "keep it hashed in a file of its own, with `allow md5 PATH`, or `chmod 600` the file of rules",
                    ));
                }
            }
        }
        _ => {}
    }
}

/// The places of the passwords of a connection. What is known of a protocol is put together once of each.
fn passwords<'a>(
    connection: &'a Connection,
    view: &View<'_>,
    known: &mut BTreeMap<&'a str, Option<ProtocolEntry>>,
) -> Vec<Span> {
    let url = match &connection.endpoint {
        Endpoint::Url(url) if has_password(&url.node) => Some(url.span),
        _ => None,
    };
    let mut spans: Vec<Span> = url.into_iter().collect();
    for option in &connection.options {
        let ConnectionOption::Protocol(written) = option else { continue };
        let name = written.name.node.as_str();
        let Some(entry) = known.entry(name).or_insert_with(|| view.protocols.described(name)) else { continue };
        let secret = secrets(entry, written).into_iter().map(|option| option.value.span);
        spans.extend(secret.filter(|span| is_one(view.text(*span).trim_matches(['"', '\'']))));
    }
    spans
}

/// Whether a text is a password, and not empty or a mark that is to be filled in.
pub(crate) fn is_one(text: &str) -> bool {
    let is_whole = |mark: &std::ops::Range<usize>| *mark == (0..text.len());
    !text.is_empty() && !placeholders(text).iter().chain(&variables(text)).any(is_whole)
}

/// What helps everywhere.
const MODE: &str = "keep the file readable for its owner only: `chmod 600`";

/// The finding about a secret that a plugin is told.
pub(crate) fn of_plugin(span: Span, plugin: &str) -> Finding {
    finding(span, plugin).help(MODE)
}

fn finding(span: Span, whose: &str) -> Finding {
    Finding::warning(NAME, span, format!("the password for {whose} stands here in plain text"))
        .here("everybody who can read this file knows it")
}
