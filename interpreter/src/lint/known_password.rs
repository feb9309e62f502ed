//! `known-password`: a password of the page that is tried first.

use grammar::Finding;
use grammar::ast::{Allow, HttpdOptionKind, SettingKind, Statement};

use super::Entry;
use crate::check::View;

const NAME: &str = "known-password";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a password that is tried first", include_str!("known_password.md"), look);

/// What stands in manuals, in small letters. The name of the user is one more.
const KNOWN: [&str; 17] = [
    "1234",
    "12345",
    "123456",
    "12345678",
    "123456789",
    "admin",
    "administrator",
    "changeme",
    "default",
    "guest",
    "letmein",
    "monit",
    "pass",
    "passw0rd",
    "password",
    "secret",
    "test",
];

/// Whether everybody who tries to get in tries this password.
pub(super) fn is_known(user: &str, password: &str) -> bool {
    let password = password.to_ascii_lowercase();
    password == user.to_ascii_lowercase() || KNOWN.contains(&password.as_str())
}

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for statement in &view.file.statements {
        let Statement::Set(setting) = statement else { continue };
        let SettingKind::Httpd(httpd) = &setting.kind else { continue };
        for option in &httpd.options {
            let HttpdOptionKind::Allow(Allow::User { user, password, read_only }) = &option.kind else { continue };
            if !password.node.is_empty() && is_known(&user.node, &password.node) {
                let headline = format!("the password of {} is one of those that are tried first", user.node);
                let consequence = if *read_only {
                    "so whoever reaches the page sees everything that is watched"
                } else {
                    "so whoever reaches the page stops and starts the services of this machine"
                };
                findings.push(
                    Finding::warning(NAME, password.span, headline)
                        .here(consequence)
                        .help("write another one; `openssl rand -base64 18` makes one"),
                );
            }
        }
    }
}
