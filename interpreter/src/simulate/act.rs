//! Deeds in the simulated world: what they change, and when.

use std::time::Duration;

use super::thing::{Script, Thing};
use crate::engine::{DeedKind, Identity, Outcome};

/// How long a simulated process takes to end after a signal.
const DYING: Duration = Duration::from_millis(20);

/// A change of a thing.
pub(super) type Change = Box<dyn FnOnce(&mut Thing)>;

/// What a deed leads to: changes of the thing and outcomes for the engine, each with its delay.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) changes: Vec<(Duration, Change)>,
    pub(super) outcomes: Vec<(Duration, Outcome)>,
}

impl Thing {
    pub(super) fn act(&self, deed: &DeedKind) -> Effects {
        let mut effects = Effects::default();
        match deed {
            DeedKind::Start(_) => effects.run(&self.start, start(&self.start)),
            DeedKind::Stop(_) => effects.run(&self.stop, vec![(Duration::ZERO, Box::new(Thing::leaves))]),
            DeedKind::Restart(_) => {
                let mut changes = start(&self.restart);
                changes.insert(0, (Duration::ZERO, Box::new(Thing::leaves)));
                effects.run(&self.restart, changes);
            }
            DeedKind::Exec(_) => effects.run(&self.exec, Vec::new()),
            DeedKind::Terminate(identity) => effects.signal(*identity, self.ignores_terminate),
            DeedKind::Kill(all) => {
                if let Some(main) = all.first() {
                    effects.signal(*main, self.ignores_kill);
                }
                if !self.ignores_kill {
                    effects.changes.push((DYING, Box::new(|thing| thing.workers = 0)));
                }
            }
        }
        effects
    }
}

fn start(script: &Script) -> Vec<(Duration, Change)> {
    let mut changes: Vec<(Duration, Change)> = vec![(Duration::ZERO, Box::new(Thing::comes_up))];
    if let Some(lifetime) = script.lifetime {
        let end = move |thing: &mut Thing| {
            // Only the process that this program started ends then, not one that came after it.
            if thing.process.is_some_and(|process| thing.now.monotonic.since(process.born) == lifetime) {
                thing.dies();
            }
        };
        changes.push((lifetime, Box::new(end)));
    }
    changes
}

impl Effects {
    fn run(&mut self, script: &Script, changes: Vec<(Duration, Change)>) {
        if let Some(reason) = &script.refused {
            self.outcomes.push((Duration::ZERO, Outcome::Refused(reason.clone())));
            return;
        }
        self.outcomes.push((Duration::ZERO, Outcome::Running));
        if let Some(after) = script.effect_after {
            self.changes.extend(changes.into_iter().map(|(delay, change)| (after + delay, change)));
        }
        if let Some(after) = script.ends_after {
            self.outcomes
                .push((after, Outcome::Ended { status: script.status, signal: None, output: script.output.clone() }));
        }
    }

    fn signal(&mut self, identity: Identity, ignored: bool) {
        self.outcomes.push((Duration::ZERO, Outcome::Ended { status: 0, signal: None, output: String::new() }));
        if ignored {
            return;
        }
        let end = move |thing: &mut Thing| {
            let same = |pid: u32| matches!(identity, Identity::Process { pid: other, .. } if other == pid);
            if thing.process.is_some_and(|process| same(process.pid)) {
                thing.leaves();
            }
        };
        self.changes.push((DYING, Box::new(end)));
    }
}
