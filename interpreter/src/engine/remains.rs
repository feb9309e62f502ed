//! What a process leaves behind that ended by itself: as long as it is there it keeps what the next one needs, such as ports.
//! It may end by itself for a moment, then it is killed, and only then something is started.
//!
//! Only where a stop means the whole of a process; Monit starts beside what is left.

use super::deed::{Phase, Progress, Step, StepKind, Undertaking, UndertakingId, Verb};
use super::family::Family;
use super::step::Pace;
use super::{DeedKind, Engine, FIRST_LOOK, Identity, KILL_TIMEOUT, REMAINS_TIMEOUT};
use crate::program::Service;
use grammar::ast::ServiceKind;
use grammar::english::count;

impl Progress {
    /// Whether something is left of a process that ended by itself.
    pub(super) fn has_remains(&self) -> bool {
        self.fallen.is_some() && self.family.as_ref().is_some_and(|family| !family.members.is_empty())
    }
}

impl Engine {
    /// What a step has to see the end of: what belongs to the process that it stops, what could not be ended before, and what
    /// the process, which is named then, left behind that ended by itself.
    pub(super) fn left_behind(
        &mut self,
        verb: Verb,
        step: Step,
        service: &Service,
    ) -> (Option<Identity>, Option<Family>) {
        let is_whole = self.program.settings.behaviour.stop_by_signal && service.kind() == ServiceKind::Process;
        let Some(memory) = self.memory(step.service) else { return (None, None) };
        match step.kind {
            StepKind::Start => match memory.left.take() {
                Some(left) => (None, Some(*left)),
                None => memory.fallen.take().filter(|_| is_whole).map(|one| (one.main, one.family)).unzip(),
            },
            StepKind::Stop if is_whole => {
                // On the way to a start it is the start's affair: whoever comes up meanwhile is not to be stopped.
                let fallen = memory.fallen.take_if(|_| verb == Verb::Stop);
                let (main, family) = fallen.map(|one| (one.main, one.family)).unzip();
                (main, Some(family.unwrap_or_default()))
            }
            StepKind::Stop | StepKind::Restart | StepKind::Check => (None, None),
        }
    }

    /// Waits a moment for what was left behind, and kills it then.
    pub(super) fn end_remains(&mut self, id: UndertakingId, one: &mut Undertaking) -> Pace {
        let now = self.now.monotonic;
        let Some(progress) = &mut one.progress else { return Pace::Done };
        let until = *progress.mourned.get_or_insert(now.after(REMAINS_TIMEOUT));
        if now < until {
            progress.deadline = until;
            return Pace::Waits;
        }
        progress.phase = Phase::Kill;
        progress.deadline = now.after(KILL_TIMEOUT);
        progress.pause = FIRST_LOOK;
        progress.next_look = Some(now.after(FIRST_LOOK));
        let all = progress.family.as_ref().map(|family| family.all_but(&[])).unwrap_or_default();
        progress.killed.clone_from(&all);
        self.act(id, one, DeedKind::Kill(all));
        Pace::Waits
    }
}

/// The sentence about a process that no signal ends.
pub(super) fn left_over(progress: &Progress) -> String {
    let word = progress.step.kind.word();
    let members = progress.family.as_ref().map_or(0, |family| family.members.len() + family.kin.len());
    match (progress.gone || progress.step.kind == StepKind::Start, members) {
        (true, 1..) => {
            let processes = count(members as u64, "process");
            format!("failed to {word} -- of what belongs to it, {processes} will not end, not even after SIGKILL")
        }
        _ => "failed to stop -- the process is still there after SIGTERM and SIGKILL".to_owned(),
    }
}
