//! Counts the cycles of one rule whose verdict is plain, to see that it is told of at the right one.

use crate::engine::{Event, EventClass, EventState, Metric, Presence, Raw, Reading, Readings, class_of};
use crate::program::{Action, Behaviour, Limit, Rate, Service, Test};

/// A rule about a value that stands for itself, in a service to which nothing is done.
#[derive(Debug)]
pub(super) struct Counted {
    limit: Limit,
    class: EventClass,
    /// How many cycles it takes.
    cycles: u32,
    /// Whether what is unknown leaves the count as it is.
    unknown_waits: bool,
    /// In how many cycles in a row it held; nothing as long as that is not known.
    streak: Option<u32>,
    fails: bool,
    /// What is to be told before the next cycle.
    due: Option<EventState>,
}

impl Counted {
    /// The rule of a service whose cycles can be counted, if it has one.
    pub(super) fn of(service: &Service, behaviour: &Behaviour) -> Option<Counted> {
        let is_left_alone = service.start.is_none()
            && service.stop.is_none()
            && service.restart.is_none()
            && service.depends.is_empty()
            && service.every.is_none()
            && service.rules.iter().all(|rule| matches!(rule.action, Action::Alert));
        if !is_left_alone {
            return None;
        }
        let mut found = None;
        for rule in &service.rules {
            let Test::Limit(limit) = &rule.test else { continue };
            let plain = |rate: Rate| rate.count == rate.cycles && rate.lasting_s.is_none();
            let class = class_of(&rule.test);
            let is_alone = service.rules.iter().filter(|other| class_of(&other.test) == class).count() == 1;
            let is_plain = plain(rule.rate)
                && rule.recovery.rate == Rate::ONCE
                && limit.window_s.is_none()
                && matches!(limit.metric, Metric::Space | Metric::Inodes | Metric::Memory | Metric::Swap)
                && limit.percent;
            if is_alone && is_plain {
                found = Some(Counted {
                    limit: limit.clone(),
                    class,
                    cycles: rule.rate.count,
                    unknown_waits: behaviour.act_every_cycle,
                    streak: None,
                    fails: false,
                    due: None,
                });
            }
        }
        found
    }

    /// Nothing is known of what was before.
    pub(super) fn forget(&mut self) {
        self.streak = None;
        self.due = None;
    }

    /// The readings of a cycle, which the engine is about to be handed.
    pub(super) fn read(&mut self, readings: &Readings) -> Result<(), String> {
        let missed = self.due.take();
        let holds = match (&readings.presence, readings.values.get(&self.limit.metric)) {
            (Presence::Present(_), Some(Reading::Known(Raw::Part { amount, whole }))) => {
                Some(self.limit.relation.holds(amount / whole * 100.0, self.limit.value))
            }
            _ => None,
        };
        match (holds, self.streak) {
            (None, _) => self.lost(),
            // Whatever was before, it is told to be well by now, or was never told to fail.
            (Some(false), None) => (self.streak, self.fails) = (Some(0), false),
            (Some(true), None) => {}
            (Some(false), Some(_)) => {
                self.streak = Some(0);
                self.due = self.fails.then_some(EventState::Succeeded);
            }
            (Some(true), Some(before)) => {
                self.streak = Some(before + 1);
                self.due = (!self.fails && before + 1 == self.cycles).then_some(EventState::Failed);
            }
        }
        match missed {
            Some(missed) => Err(format!("{} is not told to have {}", self.class.word(), missed.word())),
            None => Ok(()),
        }
    }

    /// The readings of a cycle did not come.
    pub(super) fn lost(&mut self) {
        if !self.unknown_waits {
            self.streak = self.streak.map(|_| 0);
        }
    }

    /// Something is told of the service.
    pub(super) fn told(&mut self, event: &Event) -> Result<(), String> {
        if event.class != self.class {
            return Ok(());
        }
        let was_due = self.due.take();
        let was_known = self.streak.is_some();
        self.fails = event.state == EventState::Failed;
        if was_due == Some(event.state) || !was_known {
            return Ok(());
        }
        Err(format!(
            "{} is told to have {} in a cycle that is not the {}th",
            event.class.word(),
            event.state.word(),
            self.cycles
        ))
    }
}
