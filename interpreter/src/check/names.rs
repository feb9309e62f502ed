//! The names of services: which there are, and which there are twice.

use std::collections::BTreeSet;

use grammar::Spanned;
use grammar::ast::Check;

use super::Context;
use crate::lint;

/// The places of services by their names in lower case, sorted.
#[derive(Debug, Default)]
pub(super) struct Names {
    places: Vec<(String, usize)>,
}

impl Names {
    /// The names of services, of which the first of each name is kept. A second one is an error.
    pub(super) fn of(checks: &[&Check], context: &mut Context<'_>) -> Names {
        let mut places = Vec::with_capacity(checks.len());
        for (place, check) in checks.iter().enumerate() {
            if check.name.node.trim().is_empty() {
                context.report(lint::service_name::empty(&check.name, "service"));
                continue;
            }
            if check.name.node.starts_with('/') {
                context.report(lint::service_name::finding(&check.name));
            }
            let mut name = context.service_name(check);
            name.make_ascii_lowercase();
            places.push((name, place));
        }
        places.sort_unstable();
        places.dedup_by(|later, first| {
            let is_taken = later.0 == first.0;
            if let (true, Some(check), Some(first)) = (is_taken, checks.get(later.1), checks.get(first.1)) {
                context.report(lint::duplicate_service::finding(check, first));
            }
            is_taken
        });
        Names { places }
    }

    /// The place of the service of that name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        let found = self.places.binary_search_by(|(one, _)| one.as_str().cmp(&name)).ok()?;
        self.places.get(found).map(|(_, place)| *place)
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
