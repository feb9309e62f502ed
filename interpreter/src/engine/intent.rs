//! What is being done when ruled ends without a word: it is kept before it is done, and taken up by the engine that comes
//! after. Nothing is done again before it is seen whether it was done.

use std::sync::Arc;
use std::time::Duration;

use super::deed::{Source, StepKind, Undertaking, Verb, Wish};
use super::order::Reason;
use super::{Engine, EventClass, Monotonic, ServiceId, Wall};
use crate::durable::{KeptIntent, KeptStep};

/// For how long an earlier deed is waited for at most, whatever the clock of the wall says by now.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// A deed of an earlier engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Earlier {
    pub(super) stops: bool,
    pub(super) is_asked: bool,
    pub(super) step: KeptStep,
    /// Until when its program may still be at work, so that no other is run beside it.
    pub(super) until: Monotonic,
}

impl Engine {
    /// Takes note of what an undertaking is about to do to a service, and until when that may take.
    pub(super) fn intend(&mut self, one: &Undertaking, service: ServiceId, step: KeptStep, until: Monotonic) {
        let stops = one.wish.verb == Verb::Stop;
        let is_asked = service == one.service && one.wish.sources.contains(&Source::Person);
        let until_us = wall_us(self.now.wall, until.since(self.now.monotonic));
        if let Some(memory) = self.memory(service) {
            memory.intent = Some(Box::new(KeptIntent { stops, is_asked, step, until_us, program: None }));
        }
        self.note(service);
    }

    /// What was under way has ended, one way or another.
    pub(super) fn forget_intent(&mut self, service: ServiceId) {
        if let Some(memory) = self.memory(service)
            && memory.intent.take().is_some()
        {
            self.note(service);
        }
    }

    /// What of an earlier engine's doing is still to be seen to.
    pub(super) fn earlier(&self, kept: &KeptIntent) -> Earlier {
        let left = Duration::from_micros(u64::try_from(kept.until_us.saturating_sub(self.now.wall.0)).unwrap_or(0));
        let until = self.now.monotonic.after(left.min(LONGEST_WAIT));
        Earlier { stops: kept.stops, is_asked: kept.is_asked, step: kept.step, until }
    }

    /// Goes on with what an earlier engine was doing.
    pub(super) fn take_up(&mut self) {
        let program = Arc::clone(&self.program);
        for id in program.ids() {
            let Some(earlier) = self.memory(id).and_then(|memory| memory.earlier) else { continue };
            // What is no process cannot be seen to be up: its rules say what is to be done.
            let can_be_seen = program.service(id).is_some_and(|one| one.kind() == grammar::ast::ServiceKind::Process);
            if !can_be_seen && !earlier.is_asked {
                self.forget_intent(id);
                continue;
            }
            let verb = if earlier.stops { Verb::Stop } else { Verb::Start };
            let word = if earlier.stops { "stop" } else { "start" };
            let source = if earlier.is_asked { Source::Person } else { Source::Recovery };
            let message = format!("{word} goes on, which was under way when ruled ended");
            let reason = Reason { event: EventClass::Action.word(), message };
            self.pursue(id, Wish { verb, sources: vec![source], reason }, None);
        }
    }

    /// Until when nothing is decided about a process that is to come up or go down, and that is there or not: what an
    /// earlier engine began may still bring it about, or take it down.
    pub(super) fn waits_for_earlier(&self, service: ServiceId, kind: StepKind, is_there: bool) -> Option<Monotonic> {
        let earlier = self.memories.get(service.index())?.earlier?;
        let is_open = matches!(
            (kind, is_there, earlier.step),
            (StepKind::Start, true, KeptStep::Stop | KeptStep::Signal)
                | (StepKind::Start, false, KeptStep::Start | KeptStep::Stop)
                | (StepKind::Stop, true, KeptStep::Start | KeptStep::Stop | KeptStep::Signal)
        );
        (is_open && earlier.until > self.now.monotonic).then_some(earlier.until)
    }
}

fn wall_us(now: Wall, later: Duration) -> i64 {
    now.0.saturating_add(i64::try_from(later.as_micros()).unwrap_or(i64::MAX))
}
