//! The names of services: which there are, and which there are twice.

use std::collections::{BTreeMap, BTreeSet};

use grammar::Spanned;
use grammar::ast::Check;

use super::Context;
use crate::lint;

/// The places of services by their names in lower case.
#[derive(Debug, Default)]
pub(super) struct Names {
    places: BTreeMap<String, usize>,
}

impl Names {
    /// The names of services, of which the first of each name is kept. A second one is an error.
    pub(super) fn of(checks: &[&Check], context: &mut Context<'_>) -> Names {
        let mut names = Names::default();
        for (place, check) in checks.iter().enumerate() {
            let name = context.service_name(check);
            if check.name.node.trim().is_empty() {
                context.report(lint::service_name::empty(&check.name, "service"));
                continue;
            }
            if check.name.node.starts_with('/') {
                context.report(lint::service_name::finding(&check.name));
            }
            match names.find(&name).and_then(|first| checks.get(first)) {
                Some(first) => context.report(lint::duplicate_service::finding(check, first)),
                None => {
                    names.places.insert(name.to_ascii_lowercase(), place);
                }
            }
        }
        names
    }

    /// The place of the service of that name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.places.get(&name.to_ascii_lowercase()).copied()
    }
}

/// How many misspelt names are compared with all others; further ones are reported without a suggestion, so that the
/// time stays in proportion to the text.
const SUGGESTIONS_MAX: usize = 32;

impl Context<'_> {
    /// Takes note of names that no service has.
    pub(super) fn report_undefined(&mut self, checks: &[&Check], undefined: &[(&Check, &Spanned<String>)]) {
        let mut known: Vec<&str> = checks.iter().map(|check| check.name.node.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let lost = self.lost_names();
        let undefined = undefined.iter().filter(|(_, name)| !lost.contains(&name.node.to_ascii_lowercase()));
        for (number, (check, name)) in undefined.enumerate() {
            let known = if number < SUGGESTIONS_MAX { known.as_slice() } else { &[] };
            self.report(lint::undefined_service::finding(check, name, known));
        }
    }
    /// The names of services of which the `check` could not be read. The parser has said so; that they are missing
    /// need not be said again.
    fn lost_names(&self) -> BTreeSet<String> {
        if self.complete {
            return BTreeSet::new();
        }
        let name = |line: &str| {
            let words = grammar::parse::is_lost_head(line).then(|| line.split_whitespace());
            Some(words?.nth(2)?.trim_matches(['"', '\'']).to_ascii_lowercase())
        };
        self.source.text().lines().filter_map(name).collect()
    }
}
