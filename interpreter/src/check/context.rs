//! What every step of checking needs: the text, the dialect, what the machine answers, and room for findings.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use grammar::{Dialect, Finding, Source, Span};

use super::{PluginState, Surroundings};
use crate::catalog::{ProtocolEntry, Protocols};
use crate::program::{Limits, OnReboot, Origin, Settings};

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
    /// The limits that hold at this place of the text.
    pub(crate) limits: Limits,
    /// What services do after the machine has started, as it holds at this place of the text.
    pub(crate) on_reboot: OnReboot,
    /// How long the next M/Monit server may take that says nothing about it.
    pub(crate) next_mmonit_timeout: Duration,
    /// How long the next connection may take that says nothing about it.
    pub(crate) next_port_timeout: Duration,
    /// How long the next echo may take that says nothing about it.
    pub(crate) next_ping_timeout: Duration,
    /// Where the echo requests before came from: to Monit the next one does, too.
    pub(crate) ping_address: Option<String>,
    /// The length of a cycle, wherever the text says it.
    pub(crate) cycle: Duration,
    /// Users and groups that this machine does not know, which is said once of each.
    pub(crate) strangers: BTreeSet<String>,
    /// Patterns that could be compiled, so that each is compiled once.
    pub(crate) sound_patterns: BTreeSet<String>,
    /// Where the secrets of plugins stand.
    pub(crate) secrets: Vec<Span>,
    /// What is known of the protocols that were named, by the names as they were written.
    pub(crate) described: BTreeMap<String, Option<Rc<ProtocolEntry>>>,
    /// What there is of the plugins that were named, by the paths of their files.
    pub(crate) plugins: BTreeMap<String, Rc<PluginState>>,
    /// The names of the files that the text comes from.
    file_names: Vec<Arc<str>>,
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
        Context {
            source,
            dialect,
            protocols,
            surroundings,
            complete,
            limits: Limits::DEFAULT,
            on_reboot: OnReboot::Start,
            strangers: BTreeSet::new(),
            sound_patterns: BTreeSet::new(),
            secrets: Vec::new(),
            described: BTreeMap::new(),
            plugins: BTreeMap::new(),
            file_names: source.file_names().map(Arc::from).collect(),
            next_mmonit_timeout: Limits::DEFAULT.network_timeout,
            next_port_timeout: Limits::DEFAULT.network_timeout,
            next_ping_timeout: Limits::DEFAULT.network_timeout,
            ping_address: None,
            cycle: Settings::CYCLE,
            findings: Vec::new(),
        }
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
        let (file, line) = self.source.line(span.start);
        Origin { file: self.file_names.get(file).cloned().unwrap_or_default(), line, offset: span.start }
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
