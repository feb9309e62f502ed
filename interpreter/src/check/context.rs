//! What every step of checking needs: the text, the dialect, what the machine answers, and room for findings.

use grammar::{Dialect, Finding, Source, Span};

use super::Surroundings;
use crate::catalog::Protocols;
use crate::program::Origin;

/// The state of one check.
pub(crate) struct Context<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// The dialect it is read in.
    pub(crate) dialect: Dialect,
    /// The protocols that can be named.
    pub(crate) protocols: &'a Protocols,
    /// What the machine answers.
    pub(crate) surroundings: &'a dyn Surroundings,
    /// Whether everything was understood.
    pub(crate) complete: bool,
    findings: Vec<Finding>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        source: &'a Source,
        dialect: Dialect,
        protocols: &'a Protocols,
        surroundings: &'a dyn Surroundings,
        complete: bool,
    ) -> Context<'a> {
        Context { source, dialect, protocols, surroundings, complete, findings: Vec::new() }
    }

    /// Takes note of a finding.
    pub(crate) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Takes note of a finding where a value should be.
    pub(crate) fn refuse<T>(&mut self, finding: Finding) -> Option<T> {
        self.report(finding);
        None
    }

    pub(crate) fn is_monit(&self) -> bool {
        self.dialect == Dialect::Monit
    }

    /// What is written there.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        self.source.text().get(span.range()).unwrap_or_default()
    }

    /// The file and line of a place.
    pub(crate) fn origin(&self, span: Span) -> Origin {
        let place = self.source.place(span.start);
        Origin { file: place.file.to_owned(), line: place.line, offset: span.start }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
