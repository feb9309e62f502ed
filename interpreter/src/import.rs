//! A file of Monit's, with all that it includes, written again in the `rules` dialect with the same meaning.
//!
//! The text stays as its author wrote it, comments included; only what the two dialects read differently is written in
//! another way. What came out is checked and its meaning compared with that of the original, so that nothing is ever
//! written that means something else.

mod edit;
mod meaning;
mod rewrite;
pub mod state;

pub use meaning::{Change, Difference, changes, differences};

pub(crate) use meaning::differences_of;

use grammar::{Dialect, Finding, Severity, Source};

use crate::catalog::Protocols;
use crate::check::{Surroundings, check};

/// A text of Monit's in the words of the `rules` dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The text.
    pub text: String,
    /// What Monit's reading of the original makes worth knowing.
    pub findings: Vec<Finding>,
}

/// Why a text was not imported.
#[derive(Debug, Clone, PartialEq)]
pub enum Unimported {
    /// It has errors.
    Wrong(Vec<Finding>),
    /// Something in it cannot be said in the `rules` dialect. The findings point into the original.
    Unsayable(Vec<Finding>),
    /// What came out means something else, or is not read at all: an error of this program. What came out is here, with
    /// what is different.
    Changed {
        /// What came out.
        text: String,
        /// Where the meaning differs.
        differences: Vec<Difference>,
    },
}

/// Writes a text of Monit's again in the `rules` dialect. All its includes are already in it.
///
/// # Errors
///
/// When the text is wrong, when it says something that the `rules` dialect cannot say, and when the result would mean
/// something else.
pub fn import(source: &Source, protocols: &Protocols, surroundings: &dyn Surroundings) -> Result<Imported, Unimported> {
    let parsed = grammar::parse(source, Dialect::Monit);
    let before = check(source, Dialect::Monit, protocols, surroundings);
    let Some(meant) = before.program else {
        return Err(Unimported::Wrong(before.findings));
    };
    // What a comment allows is rewritten as well.
    let known: Vec<Finding> = before.findings.iter().chain(&before.suppressed).cloned().collect();
    let rewritten = rewrite::rewrite(source, &parsed.file, &meant, &known);
    if !rewritten.unsayable.is_empty() {
        return Err(Unimported::Unsayable(rewritten.unsayable));
    }
    // A text that cannot be laid out is good enough as it is: what counts is compared below.
    let text = grammar::print::format(&rewritten.text, Dialect::Rules).unwrap_or(rewritten.text);
    let after = check(&Source::new("imported.rules", text.clone()), Dialect::Rules, protocols, surroundings);
    let Some(said) = after.program else {
        let wrong = after.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let differences = wrong.map(Difference::unreadable).collect();
        return Err(Unimported::Changed { text, differences });
    };
    let differences = differences(&meant, &said);
    if differences.is_empty() {
        Ok(Imported { text, findings: before.findings })
    } else {
        Err(Unimported::Changed { text, differences })
    }
}
