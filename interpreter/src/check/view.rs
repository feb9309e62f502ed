//! What a lint looks at: the tree and the program side by side.

use grammar::ast::{self, Check, RuleFile};
use grammar::{Dialect, Source, Span};

use super::{Context, Surroundings};
use crate::catalog::Protocols;
use crate::lint::never_fires;
use crate::program::{Program, Rule, Service, Test};

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
    /// The rules that somebody wrote, with what they mean; those that nobody judges yet among them.
    pub(crate) rules: Vec<(&'a ast::Rule, &'a Rule)>,
}

/// The trees that a service and its rules come from, in the order of the rules.
pub(super) struct Trees<'a> {
    /// What was written.
    pub(super) check: &'a Check,
    /// Those of the rules that are judged.
    pub(super) rules: Vec<Option<&'a ast::Rule>>,
    /// Those of the rules that are not.
    pub(super) asleep: Vec<Option<&'a ast::Rule>>,
}

/// Each test of a condition with its meaning. Of conditions side by side Monit knows the last one only.
pub(crate) fn tests<'a>(
    tree: &'a ast::Rule,
    rule: &'a Rule,
) -> impl Iterator<Item = (&'a ast::Test, &'a Test)> + use<'a> {
    let (written, meant) = (tree.condition.tests(), rule.test.parts());
    let (all, known) = (written.clone().count(), meant.clone().count());
    let unknown = match tree.condition.kind {
        ast::ConditionKind::Last(_) if known == 1 => all.saturating_sub(1),
        _ if all == known => 0,
        _ => all,
    };
    written.skip(unknown).zip(meant)
}

impl<'a> View<'a> {
    pub(super) fn new(
        context: &Context<'a>,
        file: &'a RuleFile,
        program: &'a Program,
        written: &[Trees<'a>],
    ) -> View<'a> {
        let pairs = program.services.iter().zip(written);
        let services = pairs.map(|(service, trees)| {
            let judged = service.rules.iter().zip(&trees.rules);
            let asleep = service.asleep.iter().zip(&trees.asleep);
            // What Monit itself never judges has a finding of its own.
            let asleep =
                asleep.filter(|(rule, _)| !never_fires::is_never_made(context.dialect, trees.check, &rule.test));
            let rules = judged.chain(asleep).filter_map(|(rule, tree)| Some(((*tree)?, rule)));
            let mut rules: Vec<(&ast::Rule, &Rule)> = rules.collect();
            // A file of patterns makes several rules of one tree; what is said about it is said once.
            rules.dedup_by(|later, earlier| std::ptr::eq(later.0, earlier.0));
            Watched { check: trees.check, service, rules }
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
