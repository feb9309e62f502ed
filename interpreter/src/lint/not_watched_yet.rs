//! `not-watched-yet`: what is read and has no eyes yet.

use grammar::{Finding, Span, english};

use super::Entry;
use crate::check::{View, Watched, is_judged, tests};
use crate::program::Test;

const NAME: &str = "not-watched-yet";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "what this version does not watch", include_str!("not_watched_yet.md"), look);

/// One kind of thing that nobody watches: what it is, where it stands first, and how often.
struct Group {
    what: String,
    first: Span,
    count: u64,
}

#[derive(Default)]
struct Groups(Vec<Group>);

impl Groups {
    fn add(&mut self, what: String, place: Span) {
        match self.0.iter_mut().find(|group| group.what == what) {
            Some(group) => {
                group.count += 1;
                group.first = group.first.min(place);
            }
            None => self.0.push(Group { what, first: place, count: 1 }),
        }
    }
}

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for watched in &view.services {
        add_rules(view, watched, &mut groups);
    }
    for group in groups.0 {
        let headline = format!("{} is not watched yet: {}", group.what, english::count(group.count, "rule"));
        findings.push(
            Finding::warning(NAME, group.first, headline)
                .here("this is read and never judged")
                .note("this version of ruled understands it and `ruled show` prints it"),
        );
    }
}

fn add_rules(view: &View<'_>, watched: &Watched<'_>, groups: &mut Groups) {
    for (tree, rule) in &watched.rules {
        if is_judged(&rule.test, view.protocols) {
            continue;
        }
        let single = rule.test.parts().count() == 1;
        match tests(tree, rule).find(|(_, test)| !is_judged(test, view.protocols)) {
            Some((written, test)) => {
                groups.add(words(test), written.span);
            }
            None if single => groups.add(words(&rule.test), tree.condition.span),
            None => {
                let what = "a connection or an echo beside other conditions".to_owned();
                groups.add(what, tree.condition.span);
            }
        }
    }
}

/// What a test is about.
fn words(test: &Test) -> String {
    match test {
        Test::Connection(_) => "a connection of this kind".to_owned(),
        _ => "a condition of this kind".to_owned(),
    }
}
