//! What is said about a mistake: for each finding one file with its words, and one page that explains it.
//!
//! A finding is either reported by a step of checking, which calls its `finding` function, or found by its `look`
//! function, which reads the tree and the program side by side. A page is explanation, manual and test at once.

pub(crate) mod allow_without_reason;
mod always_true;
mod bare_byte_threshold;
pub(crate) mod conflicting_options;
pub(crate) mod dependency_cycle;
pub(crate) mod duplicate_option;
pub(crate) mod duplicate_service;
pub(crate) mod expired_allow;
mod extent;
pub(crate) mod ignored_allow;
pub(crate) mod ignored_condition;
pub(crate) mod ignored_header;
pub(crate) mod ignored_limit;
pub(crate) mod ignored_timeout;
pub(crate) mod include_loop;
pub(crate) mod include_matches_nothing;
pub(crate) mod include_too_deep;
pub(crate) mod inherited_address;
pub(crate) mod inverted_response_time;
mod known_password;
mod left_out;
pub(crate) mod mail_address;
pub(crate) mod matches_nothing;
pub(crate) mod misplaced_option;
pub(crate) mod misplaced_test;
pub(crate) mod misread_by_monit;
pub(crate) mod missing_comparison;
pub(crate) mod missing_file;
pub(crate) mod missing_grant;
pub(crate) mod missing_option;
pub(crate) mod missing_program;
pub(crate) mod missing_target;
pub(crate) mod never_fires;
mod never_true;
mod no_shell;
mod nobody_told;
mod not_a_mount_point;
mod not_obeyed_yet;
pub(crate) mod not_portable;
pub(crate) mod not_utf8;
mod not_watched_yet;
pub(crate) mod obsolete_tls;
pub(crate) mod option_value;
pub(crate) mod out_of_range;
pub(crate) mod overridden_test;
mod parser;
mod ping_not_permitted;
pub(crate) mod placeholder;
pub(crate) mod plain_password;
pub(crate) mod plugin_not_added;
mod precedence;
pub(crate) mod recovery_word;
pub(crate) mod replaceable_by_others;
mod restart_without_start;
pub(crate) mod server_certificate;
pub(crate) mod service_name;
mod shadowed_rule;
mod timeout_longer_than_cycle;
pub(crate) mod too_large;
pub(crate) mod undeclared_name;
pub(crate) mod undefined_service;
pub(crate) mod unit_mismatch;
pub(crate) mod unknown_event;
pub(crate) mod unknown_facility;
pub(crate) mod unknown_metric;
pub(crate) mod unknown_option;
pub(crate) mod unknown_protocol;
pub(crate) mod unknown_user;
mod unreachable_rule;
pub(crate) mod unreadable_file;
pub(crate) mod unused_allow;
pub(crate) mod unused_grant;
mod unverified_tls;
mod watches_nothing;
pub(crate) mod whole_number;
pub(crate) mod window_too_short;
pub(crate) mod wording;
pub(crate) mod wrapped_number;
pub(crate) mod writable_by_others;
pub(crate) mod wrong_address;
pub(crate) mod wrong_checksum;
pub(crate) mod wrong_grant;
pub(crate) mod wrong_mode;
pub(crate) mod wrong_pattern;
pub(crate) mod wrong_schedule;
pub(crate) mod wrong_url;

use grammar::Finding;

use crate::check::View;

/// A finding that can be explained.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name in brackets behind `error` or `warning`.
    pub name: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// The page: Markdown with an example that has the finding and one that does not.
    pub page: &'static str,
    look: Option<Look>,
}

/// Looks for a finding in a whole text.
type Look = fn(&View<'_>, &mut Vec<Finding>);

impl Entry {
    /// A finding that is reported while checking.
    const fn reported(name: &'static str, title: &'static str, page: &'static str) -> Entry {
        Entry { name, title, page, look: None }
    }

    /// A finding that is looked for when everything is known.
    const fn looked_for(name: &'static str, title: &'static str, page: &'static str, look: Look) -> Entry {
        Entry { name, title, page, look: Some(look) }
    }
}

/// Every finding of the checker; those of the parser are in [`parser`].
const LINTS: &[Entry] = &[
    allow_without_reason::ENTRY,
    always_true::ENTRY,
    bare_byte_threshold::ENTRY,
    conflicting_options::ENTRY,
    dependency_cycle::ENTRY,
    duplicate_option::ENTRY,
    duplicate_service::ENTRY,
    expired_allow::ENTRY,
    ignored_allow::ENTRY,
    ignored_condition::ENTRY,
    ignored_header::ENTRY,
    ignored_limit::ENTRY,
    ignored_timeout::ENTRY,
    include_loop::ENTRY,
    include_matches_nothing::ENTRY,
    include_too_deep::ENTRY,
    inherited_address::ENTRY,
    inverted_response_time::ENTRY,
    known_password::ENTRY,
    mail_address::ENTRY,
    matches_nothing::ENTRY,
    misplaced_option::ENTRY,
    misplaced_test::ENTRY,
    misread_by_monit::ENTRY,
    missing_comparison::ENTRY,
    missing_file::ENTRY,
    missing_grant::ENTRY,
    missing_option::ENTRY,
    missing_program::ENTRY,
    missing_target::ENTRY,
    never_fires::ENTRY,
    never_true::ENTRY,
    no_shell::ENTRY,
    nobody_told::ENTRY,
    not_a_mount_point::ENTRY,
    not_obeyed_yet::ENTRY,
    not_portable::ENTRY,
    not_utf8::ENTRY,
    not_watched_yet::ENTRY,
    obsolete_tls::ENTRY,
    option_value::ENTRY,
    out_of_range::ENTRY,
    overridden_test::ENTRY,
    ping_not_permitted::ENTRY,
    placeholder::ENTRY,
    plain_password::ENTRY,
    plugin_not_added::ENTRY,
    recovery_word::ENTRY,
    replaceable_by_others::ENTRY,
    restart_without_start::ENTRY,
    server_certificate::ENTRY,
    service_name::ENTRY,
    shadowed_rule::ENTRY,
    timeout_longer_than_cycle::ENTRY,
    too_large::ENTRY,
    undeclared_name::ENTRY,
    undefined_service::ENTRY,
    unit_mismatch::ENTRY,
    unknown_event::ENTRY,
    unknown_facility::ENTRY,
    unknown_metric::ENTRY,
    unknown_option::ENTRY,
    unknown_protocol::ENTRY,
    unknown_user::ENTRY,
    unreachable_rule::ENTRY,
    unreadable_file::ENTRY,
    unused_allow::ENTRY,
    unused_grant::ENTRY,
    unverified_tls::ENTRY,
    watches_nothing::ENTRY,
    whole_number::ENTRY,
    window_too_short::ENTRY,
    wrapped_number::ENTRY,
    writable_by_others::ENTRY,
    wrong_address::ENTRY,
    wrong_checksum::ENTRY,
    wrong_grant::ENTRY,
    wrong_mode::ENTRY,
    wrong_pattern::ENTRY,
    wrong_schedule::ENTRY,
    wrong_url::ENTRY,
];

/// The findings about what is not there on *this* machine. Rules are often checked elsewhere, so they are warnings;
/// where the rules are to be obeyed, they are errors.
pub const ABOUT_THIS_MACHINE: &[&str] = &["missing-file", "missing-program", "unknown-user", "writable-by-others"];

/// The findings that another machine may not have: those, and some that stay warnings where the rules are to be obeyed.
pub(crate) fn is_about_a_machine(name: &str) -> bool {
    ABOUT_THIS_MACHINE.contains(&name) || ["not-a-mount-point", "ping-not-permitted"].contains(&name)
}

/// The findings about a part of the text that could not be read. What is not in the rest may stand in there.
pub(crate) const ABOUT_MISSING_PARTS: &[&str] =
    &["include-loop", "include-matches-nothing", "include-too-deep", "too-large", "unreadable-file"];

/// Every finding that there is, in the order of the names.
pub fn list() -> Vec<Entry> {
    let mut entries: Vec<Entry> = LINTS.iter().chain(parser::PAGES).copied().collect();
    entries.sort_by_key(|entry| entry.name);
    entries
}

/// The page of a finding.
pub fn explain(name: &str) -> Option<&'static str> {
    LINTS.iter().chain(parser::PAGES).find(|entry| entry.name == name).map(|entry| entry.page)
}

/// Everything that is looked for when the whole text is known.
pub(crate) fn look(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for entry in LINTS {
        if let Some(look) = entry.look {
            look(view, &mut findings);
        }
    }
    findings
}
