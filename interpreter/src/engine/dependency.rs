//! Who needs whom.

use std::collections::BTreeSet;

use super::ServiceId;
use crate::program::Program;

/// The services and what they need, in both directions.
///
/// **Invariant:** there are no rings, so nobody waits for himself. The checker refuses them; where one is left all
/// the same, its edges are left out.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    parents: Vec<Vec<ServiceId>>,
    children: Vec<Vec<ServiceId>>,
    /// The place in an order in which every service stands behind those that it needs.
    ranks: Vec<usize>,
}

impl Graph {
    pub(super) fn new(program: &Program) -> Graph {
        let count = program.services.len();
        let known = |id: &ServiceId| id.index() < count;
        let mut parents: Vec<Vec<ServiceId>> =
            program.services.iter().map(|service| service.depends.iter().copied().filter(known).collect()).collect();
        let ranks = ranks(&parents, &reverse(&parents));
        for (own, needed) in ranks.iter().zip(&mut parents) {
            needed.retain(|parent| ranks.get(parent.index()).is_some_and(|rank| rank < own));
        }
        let children = reverse(&parents);
        Graph { parents, children, ranks }
    }

    /// The place in an order in which every service stands behind those that it needs.
    pub(super) fn rank(&self, id: ServiceId) -> usize {
        self.ranks.get(id.index()).copied().unwrap_or(usize::MAX)
    }

    /// The services that this one needs itself.
    pub(super) fn parents(&self, id: ServiceId) -> &[ServiceId] {
        self.parents.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// The services that need this one themselves.
    pub(super) fn children(&self, id: ServiceId) -> &[ServiceId] {
        self.children.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// All services that this one needs, also indirectly; those needed by others first.
    pub(super) fn ancestors(&self, id: ServiceId) -> Vec<ServiceId> {
        self.reach(id, &self.parents)
    }

    /// All services that need this one, also indirectly; those needed by others first.
    pub(super) fn descendants(&self, id: ServiceId) -> Vec<ServiceId> {
        self.reach(id, &self.children)
    }

    fn reach(&self, id: ServiceId, edges: &[Vec<ServiceId>]) -> Vec<ServiceId> {
        let mut found: BTreeSet<ServiceId> = BTreeSet::new();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            let next = edges.get(at.index()).map_or(&[][..], Vec::as_slice);
            open.extend(next.iter().copied().filter(|other| *other != id && found.insert(*other)));
        }
        let mut found: Vec<ServiceId> = found.into_iter().collect();
        found.sort_by_key(|other| (self.ranks.get(other.index()).copied(), *other));
        found
    }
}

fn reverse(parents: &[Vec<ServiceId>]) -> Vec<Vec<ServiceId>> {
    let mut children: Vec<Vec<ServiceId>> = vec![Vec::new(); parents.len()];
    for (index, needed) in parents.iter().enumerate() {
        for parent in needed {
            if let Some(list) = children.get_mut(parent.index()) {
                list.push(ServiceId::new(index));
            }
        }
    }
    children
}

/// Places in an order in which parents come first. Services in a ring, which the checker refuses, come last.
fn ranks(parents: &[Vec<ServiceId>], children: &[Vec<ServiceId>]) -> Vec<usize> {
    let mut missing: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut ready: BTreeSet<usize> = (0..parents.len()).filter(|index| missing.get(*index) == Some(&0)).collect();
    let mut ranks = vec![usize::MAX; parents.len()];
    let mut place = 0;
    while let Some(index) = ready.pop_first() {
        if let Some(rank) = ranks.get_mut(index) {
            *rank = place;
        }
        place += 1;
        for child in children.get(index).map_or(&[][..], Vec::as_slice) {
            if let Some(count) = missing.get_mut(child.index()) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert(child.index());
                }
            }
        }
    }
    ranks
}
