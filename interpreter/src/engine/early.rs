//! Judgement out of turn: a process exited, and nobody waits for the next cycle to notice.

use std::sync::Arc;
use std::time::Duration;

use super::follow::Consequences;
use super::judge::Existence;
use super::memory::{EarlyRound, Life, RuleMemory, Turn};
use super::message;
use super::readings::{Identity, PidfileState, Presence, Readings};
use super::verdict::Truth;
use super::{Cause, Engine, FIRST_LOOK, Order, RoundId, ServiceId, Timer, plan};
use crate::program::{Rule, Target, Test};

/// How often is looked at most, until a process that exited is really gone: its parent may take its time.
pub const MOST_EARLY_LOOKS: u32 = 7;
/// The longest time in which the absence of a process that left in good order is not judged. Whoever restarts a
/// service by hand needs a moment in which it is down; a cycle that falls into it must not start a second copy.
pub const LONGEST_SETTLING: Duration = Duration::from_secs(2);
/// How often is looked in that time. Who restarts a service over and over has it up in one of these moments.
pub const SETTLING_LOOKS: u32 = 8;

/// How long a service must have run since it was started, so that its exit has nothing to do with its start although the
/// cycle that would have seen it well again has not come yet: where attempts are repeated in every cycle, and where they
/// back off. One that dies sooner is started again at once, too; one that does so twice in a row waits for its cycle or
/// its back-off, and is not started without end.
const LONG_ENOUGH: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

impl Engine {
    /// A process exited. Looks whether it is the one that the pid file names.
    ///
    /// **Invariant:** while ruled itself does something to the service, an exit is no news.
    pub(super) fn wake_early(&mut self, id: ServiceId, exited: Identity) {
        let Some((program, index)) = self.service(id) else { return };
        let by_pidfile = program.services.get(index).is_some_and(|one| matches!(one.target, Target::Pidfile(_)));
        let Some(memory) = self.memory(id) else { return };
        let last_seen = memory.identity.is_some_and(|identity| identity.is_same(&exited));
        // Which process a pattern finds is known only after a look at all of them: that is a cycle's work.
        if !by_pidfile || !memory.monitored || memory.busy.is_some() || memory.early.is_some() || !last_seen {
            return;
        }
        self.look_early(id, EarlyRound { id: None, timer: self.now.monotonic, exited, looks: 0 });
    }

    fn look_early(&mut self, id: ServiceId, mut early: EarlyRound) {
        let round = RoundId(self.number());
        let plan = plan::existence(Some(Cause::Exited(early.exited)));
        early.id = Some(round);
        early.looks += 1;
        early.timer = self.now.monotonic.after(plan.deadline);
        self.timers.set(early.timer, Timer::Early(id));
        if let Some(memory) = self.memory(id) {
            memory.early = Some(early);
        }
        self.orders.push(Order::Observe(id, round, Arc::new(plan)));
    }

    /// The time of an early round has come: to look again, or to give up.
    pub(super) fn retry_early(&mut self, id: ServiceId) {
        let Some(memory) = self.memory(id) else { return };
        match memory.early.take() {
            // A cycle was faster.
            _ if memory.busy.is_some() => {}
            // No readings came. The next cycle will tell.
            Some(EarlyRound { id: Some(_), .. }) => {
                memory.unanswered_rounds = memory.unanswered_rounds.saturating_add(1)
            }
            Some(early) => self.look_early(id, early),
            None => {}
        }
    }

    pub(super) fn take_early(&mut self, id: ServiceId, readings: &Readings) {
        let Some(early) = self.memory(id).and_then(|memory| memory.early.take()) else { return };
        self.timers.unset(early.timer, Timer::Early(id));
        let Identity::Process { pid, .. } = early.exited else { return };
        let named = readings.pidfile == Some(PidfileState::Names(pid));
        let there = match Existence::of(&readings.presence, &self.program.settings.behaviour) {
            Existence::Missing => false,
            Existence::Undead => true,
            Existence::There => match &readings.presence {
                Presence::Present(identity) if identity.is_same(&early.exited) => true,
                // Another process has taken its place, whose exit is news again.
                _ => {
                    if let Some(memory) = self.memory(id) {
                        memory.see_presence(readings);
                    }
                    return;
                }
            },
            Existence::Wrong | Existence::Unknown => return,
        };
        match (named, there) {
            // It left and its pid file with it: somebody stopped or restarts it. The next cycle will tell.
            (false, true) => {}
            (false, false) => {
                if let Some(memory) = self.memory(id) {
                    memory.has_left = true;
                }
            }
            // It exited, but its parent has not noticed yet.
            (true, true) => self.put_off_look(id, early),
            (true, false) => {
                if let Some(memory) = self.memory(id) {
                    memory.fall(early.exited, readings);
                }
                self.judge_crash(id);
            }
        }
    }

    fn wait_early(&mut self, id: ServiceId, early: EarlyRound) {
        self.timers.set(early.timer, Timer::Early(id));
        if let Some(memory) = self.memory(id) {
            memory.early = Some(early);
        }
    }

    /// How long an orderly absence is not judged. Never longer than a cycle, so that it costs one at most.
    pub(super) fn settling(&self) -> Duration {
        self.grid.length.min(LONGEST_SETTLING)
    }

    /// Looks again, in place of the round that was not judged.
    pub(super) fn look_settled(&mut self, id: ServiceId) {
        let Some(memory) = self.memory(id) else { return };
        memory.settling = None;
        if memory.round.is_none() {
            self.observe(id);
        }
    }

    fn put_off_look(&mut self, id: ServiceId, mut early: EarlyRound) {
        if early.looks >= MOST_EARLY_LOOKS {
            return;
        }
        early.id = None;
        early.timer = self.now.monotonic.after(FIRST_LOOK.saturating_mul(1 << early.looks.min(16)));
        self.wait_early(id, early);
    }

    /// Judges a crash: only rules about existence that need a single cycle.
    ///
    /// **Invariant:** no history moves and no rate gets a base; a rule that fails already is not told again.
    fn judge_crash(&mut self, id: ServiceId) {
        let within_round = self.memories.get(id.index()).is_some_and(|memory| memory.round.is_some());
        // A regular round that still runs may have seen it alive.
        self.cancel_round(id);
        self.judge_absence(id);
        if within_round {
            // The cycle counts all the same: it looks again, unless the service is being mended by now.
            self.observe(id);
        }
    }

    fn judge_absence(&mut self, id: ServiceId) {
        let Some((program, index)) = self.service(id) else { return };
        let Some(service) = program.services.get(index) else { return };
        // What it needs may be gone too, and nobody has judged that yet.
        let blocked = self.is_blocked(id) || self.graph.parents(id).iter().any(|parent| self.is_missing(*parent));
        let now = self.now;
        let (often, seldom) = LONG_ENOUGH;
        let long_enough = if program.settings.behaviour.act_every_cycle { often } else { seldom };
        let Some(memory) = self.memories.get_mut(index) else { return };
        let for_long = memory.started.is_none_or(|started| now.monotonic.since(started) >= long_enough);
        memory.identity = None;
        memory.was_gone = true;
        memory.presence = Some(Presence::Absent(message::missing(service)));
        // Where it was restarted so often that the next cycle decides about it, nobody else does.
        if blocked || memory.is_at_limit(service) {
            return;
        }
        let is_unseen = |(rule, memory): (&Rule, &RuleMemory)| rule.test == Test::Missing && memory.failed;
        let is_young = !for_long && service.rules.iter().zip(&memory.rules).any(is_unseen);
        let life = match (is_young, std::mem::replace(&mut memory.died_young, is_young)) {
            (false, _) => Life::Long,
            (true, false) => Life::Short,
            (true, true) => Life::ShortAgain,
        };
        let mut consequences = Consequences::default();
        for (place, (rule, memory)) in service.rules.iter().zip(&mut memory.rules).enumerate() {
            let truth = match rule.test {
                Test::Missing => Truth::Holds,
                Test::Present => Truth::Passes,
                _ => continue,
            };
            let turn = memory.take_early(truth, life);
            if turn != Turn::Quiet {
                memory.message = message::missing(service);
                memory.since = now.wall;
            }
            consequences.add_rule(place, rule, memory, turn);
        }
        self.follow(id, consequences, true, Some((id, now.monotonic, None)));
    }
}
