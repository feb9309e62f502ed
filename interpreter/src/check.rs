//! Syntax tree to program, with findings.
//!
//! [`load`] reads a file and what it includes into one text; [`check()`] reads the text and says what it means. Both
//! ask a machine only through [`Surroundings`]. What is said about a mistake lives in [`lint`].
//!
//! **Invariant:** checking never fails and never panics; a program comes out when there is no error, findings always.

mod allow;
mod answer;
mod checksum;
mod command;
mod condition;
mod connection;
mod content;
mod context;
mod day;
mod depend;
mod grant;
mod http;
mod imaginary;
mod judged;
mod length;
mod limit;
mod limits;
mod load;
mod mail;
mod mmonit;
mod names;
mod number;
mod option;
mod order;
mod performance;
mod ping;
mod plugin;
mod protocol;
mod recipient;
mod remembered;
mod rule;
mod schedule;
mod service;
mod settings;
mod surroundings;
mod tls;
mod unread;
mod url;
mod view;

pub use day::Day;
pub use imaginary::Imaginary;
pub use load::{DEPTH_MAX, FILES_MAX, Loaded, TEXT_BYTES_MAX, load, load_all, load_text};
pub use surroundings::{Namesake, Nowhere, PathState, PluginState, ProgramState, ReadError, Surroundings};

pub(crate) use allow::{Allow, Covered};
pub(crate) use context::Context;
pub(crate) use judged::is_judged;
pub(crate) use limit::relation;
pub(crate) use mail::{as_it_is_meant as mail_as_it_is_meant, as_monit_reads as mail_as_monit_reads};
pub(crate) use protocol::secrets;
pub(crate) use url::has_password;
pub(crate) use view::{View, Watched, tests};

use grammar::ast::RuleFile;
use grammar::{Dialect, Finding, Severity, Source, Span};

use crate::catalog::Protocols;
use crate::lint;
use crate::program::{Behaviour, Program, Settings};

/// What came of checking a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What the text means; nothing when there are errors.
    pub program: Option<Program>,
    /// What is wrong with it, sorted by place.
    pub findings: Vec<Finding>,
    /// What a comment of the text allows, sorted by place. No error is among it.
    pub suppressed: Vec<Finding>,
    /// Where passwords stand in the text, in no order. Pictures of the text leave them out; see [`Source::masked`].
    pub secrets: Vec<Span>,
    /// What was written. Taking apart the tree of a large text takes a while, which whoever ends with the check can spare.
    pub tree: RuleFile,
}

/// Says what a text means.
///
/// What came of loading the text stays with its caller, and no comment is asked about it; see [`check_loaded`].
pub fn check(source: &Source, dialect: Dialect, protocols: &Protocols, surroundings: &dyn Surroundings) -> Checked {
    check_with(source, None, dialect, protocols, surroundings)
}

/// Says what a text means that was loaded. The findings are those of loading and of checking together, so that a comment
/// can allow both.
pub fn check_loaded(
    loaded: &Loaded,
    dialect: Dialect,
    protocols: &Protocols,
    surroundings: &dyn Surroundings,
) -> Checked {
    check_with(&loaded.source, Some(&loaded.findings), dialect, protocols, surroundings)
}

fn check_with(
    source: &Source,
    loading: Option<&[Finding]>,
    dialect: Dialect,
    protocols: &Protocols,
    surroundings: &dyn Surroundings,
) -> Checked {
    let parsed = grammar::parse(source, dialect);
    let complete = !parsed.findings.iter().any(|finding| finding.severity == Severity::Error);
    let remembered = remembered::Remembered::new(surroundings);
    let mut context = Context::new(source, dialect, protocols, &remembered, complete);
    let behaviour = match dialect {
        Dialect::Monit => Behaviour::MONIT,
        Dialect::Rules => Behaviour::RULES,
    };
    let (mut program, written) = context.program(&parsed.file, Settings { behaviour, ..Settings::default() });
    if behaviour.verify_tls {
        tls::verify_by_default(&mut program);
    }
    let mut view = View::new(&context, &parsed.file, &program, &written);
    let is_missing = |finding: &Finding| lint::ABOUT_MISSING_PARTS.contains(&finding.name);
    view.complete &= !loading.unwrap_or_default().iter().any(is_missing);
    let mut findings = lint::look(&view);
    let mut secrets = lint::plain_password::places(&view);
    secrets.append(&mut context.secrets);
    let mut unread = parsed.findings;
    if !complete {
        let mut seeming = unread::secrets(source.text());
        unread.iter_mut().for_each(|finding| unread::conceal(finding, source.text(), &seeming));
        secrets.append(&mut seeming);
    }
    findings.extend(context.into_findings());
    findings.extend(unread);
    findings.extend(loading.unwrap_or_default().iter().cloned());
    for finding in &mut findings {
        keep_inside(finding, source);
    }
    lint::placeholder::settle(source, &parsed.file, &mut findings);
    sort(&mut findings);
    let sound = !findings.iter().any(|finding| finding.severity == Severity::Error);
    let today = surroundings.today();
    let written = allow::Written { source, file: &parsed.file, dialect, today, loaded: loading.is_some() };
    let allow::Sifted { findings, suppressed } = written.sift(findings);
    Checked { program: sound.then_some(program), findings, suppressed, secrets, tree: parsed.file }
}

/// The reader closes a quote that stays open at the end of the text, and so may point one place behind it.
fn keep_inside(finding: &mut Finding, source: &Source) {
    let end = grammar::Span::new(0, source.text().len()).end;
    for label in &mut finding.labels {
        label.span.end = label.span.end.min(end);
        label.span.start = label.span.start.min(label.span.end);
    }
}

/// Sorts findings by place; what is said about one place stays in the order of its names.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.span(), finding.name));
}
