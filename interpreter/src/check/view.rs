//! What a lint looks at: the tree and the program side by side.

use grammar::ast::{self, Check, RuleFile};
use grammar::{Dialect, Source, Span};

use super::{Context, Surroundings};
use crate::catalog::Protocols;
use crate::program::{Program, Rule, Service};

/// A text with its tree and its program.
pub(crate) struct View<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// The dialect it is read in.
    pub(crate) dialect: Dialect,
    /// The protocols that can be named.
    pub(crate) protocols: &'a Protocols,
    /// What the machine answers.
    pub(crate) surroundings: &'a dyn Surroundings,
    /// What was written.
    pub(crate) file: &'a RuleFile,
    /// What is meant, as far as it was understood.
    pub(crate) program: &'a Program,
    /// The services that somebody wrote.
    pub(crate) services: Vec<Watched<'a>>,
    /// Whether everything was understood. A lint that argues from something that is *not* there stays silent otherwise.
    pub(crate) complete: bool,
}

/// A service that somebody wrote.
pub(crate) struct Watched<'a> {
    /// What was written.
    pub(crate) check: &'a Check,
    /// What is meant.
    pub(crate) service: &'a Service,
    /// The rules that somebody wrote, with what they mean.
    pub(crate) rules: Vec<(&'a ast::Rule, &'a Rule)>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        context: &Context<'a>,
        file: &'a RuleFile,
        program: &'a Program,
        written: &[(&'a Check, Vec<Option<&'a ast::Rule>>)],
    ) -> View<'a> {
        let pairs = program.services.iter().zip(written);
        let services = pairs.map(|(service, (check, trees))| {
            let rules = service.rules.iter().zip(trees).filter_map(|(rule, tree)| Some(((*tree)?, rule)));
            Watched { check, service, rules: rules.collect() }
        });
        View {
            source: context.source,
            dialect: context.dialect,
            protocols: context.protocols,
            surroundings: context.surroundings,
            file,
            program,
            services: services.collect(),
            complete: context.complete,
        }
    }

    /// Every rule that somebody wrote, with its service.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&Watched<'a>, &'a ast::Rule, &'a Rule)> {
        self.services.iter().flat_map(|watched| watched.rules.iter().map(move |(tree, rule)| (watched, *tree, *rule)))
    }

    /// What is written there.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        self.source.text().get(span.range()).unwrap_or_default()
    }
}
