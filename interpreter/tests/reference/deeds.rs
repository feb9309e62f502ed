//! What is done to services, and to those that they need and that need them.

use grammar::ast::ServiceKind;
use interpreter::program::Action;

use super::judge::{Judge, Source};
use super::thing::Presence;
use super::truth::is_there;

/// Something that a judgement asks for. Of several the strongest is done, and it counts for all that asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    deed: Deed,
    sources: Vec<Source>,
}

/// From the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Start,
    Restart,
    Unmonitor,
    Stop,
}

/// One part of a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Start(usize),
    Stop(usize),
    Restart(usize),
}

impl Step {
    fn service(self) -> usize {
        let (Step::Start(id) | Step::Stop(id) | Step::Restart(id)) = self;
        id
    }
}

impl Wanted {
    /// Adds what one rule asks for to what others asked for.
    pub(crate) fn join(all: &mut Option<Wanted>, action: &Action, source: Source) {
        let deed = match action {
            Action::Start => Deed::Start,
            Action::Restart => Deed::Restart,
            Action::Stop => Deed::Stop,
            Action::Unmonitor => Deed::Unmonitor,
            Action::Alert | Action::Ignore | Action::Exec(_) => return,
        };
        match all {
            Some(strongest) if strongest.deed == deed => strongest.sources.push(source),
            Some(strongest) if strongest.deed > deed => {}
            _ => *all = Some(Wanted { deed, sources: vec![source] }),
        }
    }
}

impl Judge<'_> {
    /// Does something now, or when the services that it concerns are free.
    pub(crate) fn pursue(&mut self, id: usize, wanted: Wanted) {
        if wanted.deed == Deed::Unmonitor {
            let concerned: Vec<usize> = self.dependants(id).into_iter().chain([id]).collect();
            self.taken.extend(&concerned);
            concerned.into_iter().for_each(|one| self.posts[one].unwatch());
            return;
        }
        let steps = self.steps(id, wanted.deed);
        let concerned: Vec<usize> = steps.iter().map(|step| step.service()).chain([id]).collect();
        if concerned.iter().any(|one| self.busy.contains(one)) {
            self.waiting.push((id, wanted));
            return;
        }
        self.taken.extend(concerned.iter().filter(|one| **one != id));
        if (0..steps.len()).any(|place| self.takes_time(id, &steps[place..])) {
            self.busy.extend(&concerned);
        }
        let needed = self.needed(id);
        if wanted.deed != Deed::Stop {
            let started = steps.iter().filter(|step| !matches!(step, Step::Stop(_))).map(|step| step.service());
            let watched: Vec<usize> = started.filter(|one| needed.contains(one)).chain([id]).collect();
            watched.into_iter().for_each(|one| self.posts[one].watched = true);
        }
        for source in &wanted.sources {
            if let Source::Rule(place) = source {
                let cycle = self.cycle;
                self.posts[id].attempts[*place].push(cycle);
            }
        }
        self.carry_out(id, wanted.deed, steps);
    }

    /// Does what had to wait. All that was done in this cycle is done by then.
    pub(crate) fn pursue_waiting(&mut self) {
        while !self.waiting.is_empty() {
            self.waiting.sort_by_key(|(id, _)| *id);
            let (id, wanted) = self.waiting.remove(0);
            self.busy.clear();
            if self.posts[id].watched {
                self.pursue(id, wanted);
            }
        }
    }

    fn carry_out(&mut self, top: usize, deed: Deed, mut steps: Vec<Step>) {
        let (mut touched, mut checked, mut sought) = (Vec::new(), Vec::new(), Vec::new());
        let concerned: Vec<usize> = steps.iter().map(|step| step.service()).chain([top]).collect();
        while !steps.is_empty() {
            let step = steps.remove(0);
            let id = step.service();
            if self.is_left_down(top, step, &concerned) {
                let above = self.dependants(id);
                steps.retain(|step| !above.contains(&step.service()));
                continue;
            }
            if self.is_looked_for(step, &steps) {
                let presence = self.posts[id].thing.presence();
                self.posts[id].see(presence);
                sought.push(id);
            }
            let done = match self.failing_need(step, &sought) {
                // What it needs is looked at once more, and must be well by then.
                Some(need) if !checked.contains(&need) => {
                    checked.push(need);
                    self.check_within(need);
                    steps.insert(0, step);
                    continue;
                }
                Some(_) => Some(false),
                None => self.carry_out_step(step),
            };
            match done {
                None => {}
                Some(true) => {
                    touched.push(id);
                    // A stop on the way to a restart says nothing about whether the restart works.
                    if !matches!(step, Step::Stop(_)) || deed == Deed::Stop || id != top {
                        self.tell_deed(id, false);
                    }
                }
                Some(false) => {
                    self.tell_deed(id, true);
                    if self.dependants(top).contains(&id) {
                        // What needs it is not started either.
                        let above = self.dependants(id);
                        steps.retain(|step| !above.contains(&step.service()));
                    } else {
                        if id != top {
                            self.tell_deed(top, true);
                        }
                        steps.clear();
                    }
                }
            }
            if deed == Deed::Stop && matches!(step, Step::Stop(_)) {
                self.posts[id].unwatch();
            }
        }
        for id in touched {
            if self.posts[id].watched {
                self.posts[id].past.push(super::post::Past::Mended);
            }
        }
    }

    /// Whether a step runs a program that has its effect (true) or not (false); nothing where there is nothing to do.
    fn carry_out_step(&mut self, step: Step) -> Option<bool> {
        let id = step.service();
        let service = self.service(id);
        let process = service.kind() == ServiceKind::Process;
        let presence = self.posts[id].thing.presence();
        let there = is_there(presence, &self.behaviour).unwrap_or(false);
        if process && !matches!(step, Step::Restart(_)) && self.has_program(step) {
            // Nobody starts a second copy or stops what is not there: it is looked at first.
            self.posts[id].see(presence);
        }
        let word = match step {
            step if !self.has_program(step) => return None,
            Step::Start(_) if process && there => return None,
            Step::Stop(_) if process && !there => return None,
            Step::Start(_) => "start",
            Step::Stop(_) if service.stop.is_none() => "terminate",
            Step::Stop(_) => "stop",
            Step::Restart(_) => "restart",
        };
        self.run(id, word);
        let (now_ms, wall_ms, lame) = (self.now_ms + 100, self.wall_ms + 100, self.lame(id));
        let post = &mut self.posts[id];
        let works = !(lame && matches!(step, Step::Start(_)));
        match step {
            Step::Stop(_) => post.thing.leaves(),
            Step::Start(_) | Step::Restart(_) => {
                post.started_ms = Some(self.now_ms);
                if works {
                    post.thing.comes_up(now_ms, wall_ms);
                }
            }
        }
        if process {
            post.see(post.thing.presence());
        }
        // Nobody looks whether anything else came up: the program is believed, as far as its status counts.
        Some(works || !process && !self.behaviour.exit_status_counts)
    }

    /// Whether a service that is started for the sake of another stays down, because something else that it needs is not
    /// there.
    fn is_left_down(&self, top: usize, step: Step, concerned: &[usize]) -> bool {
        let Step::Start(id) = step else { return false };
        let is_missing = |need: &usize| {
            let post = &self.posts[*need];
            // By then everything was looked at that is in this cycle: what was done before took time.
            let is_looked_at = self.is_cycle && self.due[*need] && !self.taken.contains(need) && post.watched;
            match is_looked_at {
                true => is_there(post.thing.presence(), &self.behaviour) == Some(false),
                false => self.is_missing(*need),
            }
        };
        let mut needs = self.service(id).depends.iter().map(|need| need.index());
        id != top
            && self.dependants(top).contains(&id)
            && !self.behaviour.needs_are_checked
            && needs.any(|need| !concerned.contains(&need) && is_missing(&need))
    }

    /// Whether a service is watched and was last seen not to be there.
    pub(crate) fn is_missing(&self, id: usize) -> bool {
        let post = &self.posts[id];
        post.watched && post.seen.and_then(|seen| is_there(seen, &self.behaviour)) == Some(false)
    }

    /// Whether a process that nobody can start is looked for, because what needs it is started after it.
    fn is_looked_for(&self, step: Step, after: &[Step]) -> bool {
        let Step::Start(id) = step else { return false };
        let (service, above) = (self.service(id), self.dependants(id));
        let is_needed = |later: &Step| matches!(later, Step::Start(other) if above.contains(other));
        let is_startless = service.kind() == ServiceKind::Process && service.start.is_none();
        !self.behaviour.needs_are_checked && is_startless && after.iter().any(is_needed)
    }

    /// A service that fails, or was looked for in vain, and that the one needs which is to be started, where that keeps it
    /// from being started.
    fn failing_need(&self, step: Step, sought: &[usize]) -> Option<usize> {
        let Step::Start(id) = step else { return None };
        let fails = |need: &usize| match self.behaviour.needs_are_checked {
            true => self.posts[*need].has_errors(),
            false => sought.contains(need) && self.is_missing(*need),
        };
        self.service(id).depends.iter().map(|need| need.index()).find(fails)
    }

    /// Whether there is anything with which a step can be done.
    fn has_program(&self, step: Step) -> bool {
        let service = self.service(step.service());
        let by_signal = service.kind() == ServiceKind::Process && self.behaviour.stop_by_signal;
        match step {
            Step::Start(_) => service.start.is_some(),
            Step::Stop(_) => service.stop.is_some() || by_signal,
            Step::Restart(_) => service.restart.is_some(),
        }
    }

    /// Whether others have to wait for the first of these steps: there is something to do.
    fn takes_time(&self, top: usize, steps: &[Step]) -> bool {
        let [step, after @ ..] = steps else { return false };
        let step = *step;
        let id = step.service();
        let process = self.service(id).kind() == ServiceKind::Process;
        let there = is_there(self.posts[id].thing.presence(), &self.behaviour).unwrap_or(false);
        match step {
            _ if self.failing_need(step, &[]).is_some() => true,
            _ if self.is_looked_for(step, after) => id != top,
            step if !self.has_program(step) => false,
            Step::Restart(_) => true,
            // It was looked at just now.
            Step::Start(_) if id == top && process => !there,
            Step::Stop(_) if id == top && process => there,
            Step::Start(_) | Step::Stop(_) => true,
        }
    }

    /// A start did not work, or worked; told when it did the other thing before.
    fn tell_deed(&mut self, id: usize, fails: bool) {
        if std::mem::replace(&mut self.posts[id].exec_fails, fails) != fails {
            self.tell(id, false, if fails { "exec failed alert" } else { "exec succeeded alert" });
        }
    }

    /// What it needs comes up before, what needs it goes down before and comes up after.
    fn steps(&self, id: usize, deed: Deed) -> Vec<Step> {
        let own = self.own_steps(id, deed);
        if own.is_empty() {
            return own;
        }
        let mut steps = Vec::new();
        if matches!(deed, Deed::Start | Deed::Restart) {
            let down = self.needed(id).into_iter().filter(|one| {
                let post = &self.posts[*one];
                !post.watched || post.has_errors() || post.seen == Some(Presence::Missing)
            });
            steps.extend(down.map(Step::Start));
        }
        let dependants = self.dependants(id);
        let with_it: Vec<Step> = match deed {
            Deed::Stop => dependants.into_iter().flat_map(|one| self.own_steps(one, Deed::Stop)).collect(),
            Deed::Restart => {
                let watched = dependants.into_iter().filter(|one| self.posts[*one].watched);
                watched.flat_map(|one| self.stop_and_start(one)).collect()
            }
            Deed::Start | Deed::Unmonitor => Vec::new(),
        };
        let (before, after): (Vec<Step>, Vec<Step>) =
            with_it.into_iter().partition(|step| matches!(step, Step::Stop(_)));
        steps.extend(before.into_iter().rev());
        steps.extend(own);
        steps.extend(after);
        steps
    }

    fn own_steps(&self, id: usize, deed: Deed) -> Vec<Step> {
        match deed {
            Deed::Start => vec![Step::Start(id)],
            Deed::Stop => vec![Step::Stop(id)],
            Deed::Restart if self.service(id).restart.is_some() => vec![Step::Restart(id)],
            Deed::Restart => self.stop_and_start(id),
            Deed::Unmonitor => Vec::new(),
        }
    }

    /// Stops and starts it, as far as there are programs. Signals end only what a program can bring back.
    fn stop_and_start(&self, id: usize) -> Vec<Step> {
        let service = self.service(id);
        let starts = service.start.is_some();
        let by_signal = self.behaviour.stop_by_signal && service.kind() == ServiceKind::Process && starts;
        let stop = (service.stop.is_some() || by_signal).then_some(Step::Stop(id));
        stop.into_iter().chain(starts.then_some(Step::Start(id))).collect()
    }

    /// All services that this one needs, and that those need; those needed by others first.
    fn needed(&self, id: usize) -> Vec<usize> {
        let needs = |one: usize, other: usize| self.service(one).depends.iter().any(|need| need.index() == other);
        self.reach(id, needs)
    }

    /// All services that need this one, and that need those; those needed by others first.
    fn dependants(&self, id: usize) -> Vec<usize> {
        let needed_by = |one: usize, other: usize| self.service(other).depends.iter().any(|need| need.index() == one);
        self.reach(id, needed_by)
    }

    fn reach(&self, id: usize, related: impl Fn(usize, usize) -> bool) -> Vec<usize> {
        let mut reached = vec![id];
        while let Some(next) = (0..self.posts.len())
            .find(|other| !reached.contains(other) && reached.iter().any(|one| related(*one, *other)))
        {
            reached.push(next);
        }
        self.in_order().into_iter().filter(|one| *one != id && reached.contains(one)).collect()
    }
}
