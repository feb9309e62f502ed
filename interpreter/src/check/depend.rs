//! What needs what: names resolved, and no service that needs itself.

use grammar::Spanned;
use grammar::ast::{Check, CheckStatement};

use super::Context;
use super::names::Names;
use crate::lint;
use crate::program::ServiceId;

/// One need: which service, and where it is said.
struct Need<'a> {
    place: usize,
    name: &'a Spanned<String>,
}

/// How far the search has come with a service.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

impl Context<'_> {
    /// The services that each service needs. A name that nobody has and a circle of needs are errors.
    pub(super) fn dependencies(&mut self, checks: &[&Check], names: &Names) -> Vec<Vec<ServiceId>> {
        let mut undefined = Vec::new();
        let mut needs: Vec<Vec<Need<'_>>> = Vec::with_capacity(checks.len());
        for check in checks {
            let mut list: Vec<Need<'_>> = Vec::new();
            for name in written(check) {
                match names.find(&name.node) {
                    Some(place) if list.iter().any(|need| need.place == place) => {}
                    Some(place) => list.push(Need { place, name }),
                    None => undefined.push((*check, name)),
                }
            }
            needs.push(list);
        }
        self.report_undefined(checks, &undefined);
        for cycle in cycles(&needs) {
            let steps: Vec<(&Check, &Spanned<String>)> =
                cycle.iter().filter_map(|(place, name)| Some((*checks.get(*place)?, *name))).collect();
            if let Some(finding) = lint::dependency_cycle::finding(&steps) {
                self.report(finding);
            }
        }
        needs.iter().map(|list| list.iter().map(|need| ServiceId::new(need.place)).collect()).collect()
    }
}

fn written(check: &Check) -> impl Iterator<Item = &Spanned<String>> {
    let names = check.statements.iter().filter_map(|statement| match statement {
        CheckStatement::DependsOn { names, .. } => Some(names),
        _ => None,
    });
    names.flatten()
}

/// The circles, each as its services with the word by which each names the next. A search in depth without recursion,
/// so that a chain of ten thousand services needs no stack.
fn cycles<'a>(needs: &[Vec<Need<'a>>]) -> Vec<Vec<(usize, &'a Spanned<String>)>> {
    let mut marks = vec![Mark::New; needs.len()];
    let mut found = Vec::new();
    for root in 0..needs.len() {
        if marks.get(root) != Some(&Mark::New) {
            continue;
        }
        set(&mut marks, root, Mark::Open);
        // A service with the number of its needs that were looked at.
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some((place, looked_at)) = path.last_mut() {
            let place = *place;
            let Some(need) = needs.get(place).and_then(|list| list.get(*looked_at)) else {
                set(&mut marks, place, Mark::Done);
                path.pop();
                continue;
            };
            *looked_at += 1;
            match marks.get(need.place) {
                Some(Mark::New) => {
                    set(&mut marks, need.place, Mark::Open);
                    path.push((need.place, 0));
                }
                Some(Mark::Open) => found.push(circle(needs, &path, need.place)),
                Some(Mark::Done) | None => {}
            }
        }
    }
    found
}

fn set(marks: &mut [Mark], place: usize, mark: Mark) {
    if let Some(one) = marks.get_mut(place) {
        *one = mark;
    }
}

/// The part of the path that begins with the service that closes the circle.
fn circle<'a>(needs: &[Vec<Need<'a>>], path: &[(usize, usize)], closing: usize) -> Vec<(usize, &'a Spanned<String>)> {
    let steps = path.iter().skip_while(|(place, _)| *place != closing);
    let named = steps.filter_map(|(place, looked_at)| {
        let need = needs.get(*place)?.get(looked_at.checked_sub(1)?)?;
        Some((*place, need.name))
    });
    named.collect()
}
