//! The judge: goes from cycle to cycle, looks at every thing, and says what is to be told and done.

use std::collections::BTreeSet;

use grammar::ast::ServiceKind;
use interpreter::program::{Action, Behaviour, Mode, OnReboot, Program, Rule, Service, Test};
use interpreter::simulate::WALL_AT_START;

use super::case::Case;
use super::class::class;
use super::deeds::Wanted;
use super::post::{Past, Post, Trouble};
use super::schedule::{is_due, wall_s};
use super::state::{Turn, stand};
use super::thing::{Look, Presence};
use super::truth::{is_judged, is_there};

/// What the judge tells and has done, service by service, as lines.
pub(crate) fn judge(case: &Case, program: &Program) -> Vec<Vec<String>> {
    let made_ms = WALL_AT_START.0 / 1_000;
    let mut posts: Vec<Post> =
        case.services.iter().zip(&program.services).map(|(one, service)| Post::new(one, service, made_ms)).collect();
    for (post, service) in posts.iter_mut().zip(&program.services) {
        post.watched = service.on_reboot != OnReboot::NoStart;
    }
    let behaviour = program.settings.behaviour;
    let due = vec![true; posts.len()];
    let mut judge = Judge {
        case,
        program,
        behaviour,
        posts,
        cycle: 0,
        now_ms: 0,
        wall_ms: made_ms,
        due,
        busy: BTreeSet::new(),
        taken: BTreeSet::new(),
        waiting: Vec::new(),
        is_within: false,
        is_cycle: false,
    };
    for cycle in 0..=case.cycles {
        if cycle > 0 {
            judge.cycle(cycle);
        }
        if cycle < case.cycles {
            judge.happen(cycle);
        }
    }
    judge.posts.into_iter().map(|post| post.told).collect()
}

/// The state of the judgement.
pub(crate) struct Judge<'a> {
    case: &'a Case,
    pub(crate) program: &'a Program,
    pub(crate) behaviour: Behaviour,
    pub(crate) posts: Vec<Post>,
    pub(crate) cycle: u64,
    pub(crate) now_ms: u64,
    pub(crate) wall_ms: i64,
    pub(crate) due: Vec<bool>,
    /// The services to which something is done in this cycle.
    pub(crate) busy: BTreeSet<usize>,
    /// Those that are not looked at any more in this cycle.
    pub(crate) taken: BTreeSet<usize>,
    /// What is to be done when the services that it concerns are free.
    pub(crate) waiting: Vec<(usize, Wanted)>,
    /// Whether something is being done, so that what is found is told only.
    pub(crate) is_within: bool,
    /// Whether a cycle is under way, in which all that is due is looked at.
    pub(crate) is_cycle: bool,
}

/// What follows from a judgement.
#[derive(Debug, Clone)]
pub(crate) struct Consequence<'a> {
    pub(crate) source: Source,
    pub(crate) turn: Turn,
    pub(crate) class: &'static str,
    pub(crate) action: &'a Action,
    /// How many results there are since it failed.
    pub(crate) results: u64,
}

/// What asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The rule at this place; behind the last the one that nobody writes: that it is of the right type.
    Rule(usize),
    Recovery,
    Limit,
    Nobody,
}

impl<'a> Judge<'a> {
    pub(crate) fn service(&self, id: usize) -> &'a Service {
        &self.program.services[id]
    }

    /// Whether the start program of a service does nothing.
    pub(crate) fn lame(&self, id: usize) -> bool {
        self.case.services[id].lame
    }

    fn cycle(&mut self, cycle: u64) {
        self.cycle = cycle;
        self.now_ms = (cycle - 1) * self.case.cycle_ms();
        self.wall_ms = wall_s(self.case, cycle) * 1_000;
        self.due = self.program.services.iter().map(|one| is_due(self.case, one.every.as_ref(), cycle)).collect();
        self.busy.clear();
        self.taken.clear();
        self.is_cycle = true;
        for id in 0..self.posts.len() {
            if let Some(look) = self.posts[id].unread.take() {
                self.conclude(id, look);
            }
        }
        for id in self.in_order() {
            if !self.posts[id].watched || !self.due[id] || self.taken.contains(&id) {
                continue;
            }
            let look = self.posts[id].thing.look(self.now_ms, self.wall_ms);
            if self.behaviour.programs_wait && self.service(id).kind() == ServiceKind::Program {
                self.posts[id].unread = Some(look);
            } else {
                self.conclude(id, look);
            }
        }
        self.pursue_waiting();
        self.busy.clear();
        self.is_cycle = false;
    }

    /// What happens half a cycle after this one began; before the first nobody sees it.
    fn happen(&mut self, cycle: u64) {
        if cycle > 0 {
            self.now_ms += self.case.cycle_ms() / 2;
            self.wall_ms += i64::try_from(self.case.cycle_ms() / 2).expect("a short time");
        }
        let case = self.case;
        let mut exits = Vec::new();
        for happening in case.happenings.iter().filter(|one| one.after == cycle) {
            let thing = &mut self.posts[happening.service].thing;
            let running = thing.process.filter(|_| thing.is_running()).map(|process| process.number);
            thing.happen(happening.change, self.now_ms, self.wall_ms);
            let still = thing.process.filter(|_| thing.is_running()).map(|process| process.number);
            if running.is_some() && running != still {
                exits.push((happening.service, running));
            }
        }
        for (id, exited) in exits {
            // An exit is news only of a process that was seen, and that its pid file named.
            let seen = self.posts[id].known == exited && self.posts[id].is_awaited;
            if seen && self.posts[id].watched && !self.case.services[id].by_pattern {
                self.judge_exit(id);
            }
        }
        self.pursue_waiting();
        self.busy.clear();
    }

    /// The services, those that others need first.
    pub(crate) fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        while let Some(next) = (0..self.posts.len()).find(|id| {
            !order.contains(id) && self.service(*id).depends.iter().all(|need| order.contains(&need.index()))
        }) {
            order.push(next);
        }
        order
    }

    /// Whether those that need it may be judged.
    fn is_up(&self, id: usize) -> bool {
        let post = &self.posts[id];
        let masked = post.masked && !self.behaviour.masks_the_next_only;
        post.watched && !self.busy.contains(&id) && !masked && self.due[id] && !post.has_errors()
    }

    fn is_masked(&self, id: usize) -> bool {
        !self.service(id).depends.iter().all(|need| self.is_up(need.index()))
    }

    /// Takes note of a look, and judges it unless a service that this one needs is not up.
    fn conclude(&mut self, id: usize, look: Look) {
        let masked = self.is_masked(id);
        let post = &mut self.posts[id];
        if !post.watched {
            return;
        }
        post.see(look.presence);
        post.looks.push(look);
        post.masked = masked;
        if !masked {
            post.past.push(Past::Judged(post.looks.len() - 1));
            self.judge(id);
        }
    }

    /// Looks at a service and judges it, in the middle of something that is done for its sake: what follows is told only.
    pub(crate) fn check_within(&mut self, id: usize) {
        // A moment after what was done for its sake.
        let look = self.posts[id].thing.look(self.now_ms + 150, self.wall_ms + 150);
        let post = &mut self.posts[id];
        if !post.watched {
            return;
        }
        post.see(look.presence);
        post.looks.push(look);
        post.masked = false;
        post.past.push(Past::Judged(post.looks.len() - 1));
        let outside = std::mem::replace(&mut self.is_within, true);
        self.judge(id);
        self.is_within = outside;
    }

    fn judge(&mut self, id: usize) {
        let service = self.service(id);
        let mut found = if self.is_within { Vec::new() } else { self.judge_limits(id) };
        if found.iter().any(|one| self.ends_watch(id, one.action)) {
            self.follow(id, found, false);
            return;
        }
        let presence = self.posts[id].looks.last().expect("a look").presence;
        let about_existence = |test: &Test| matches!(test, Test::Missing | Test::Present);
        // The rules in the order of the program. What nobody writes a rule for is told when it is known whether it is there.
        let first = service.rules.iter().position(|rule| !about_existence(&rule.test)).unwrap_or(service.rules.len());
        let mut forgotten = false;
        for place in 0..first {
            self.judge_rule(id, place, &mut forgotten, &mut found);
        }
        self.judge_what_nobody_writes(id, presence, &mut found);
        for place in first..service.rules.len() {
            self.judge_rule(id, place, &mut forgotten, &mut found);
        }
        self.judge_deeds(id, presence, &mut found);
        self.follow(id, found, false);
    }

    fn judge_rule(&mut self, id: usize, place: usize, forgotten: &mut bool, found: &mut Vec<Consequence<'a>>) {
        let service = self.service(id);
        let rule = &service.rules[place];
        let mut steps = self.posts[id].steps(service, place, &self.behaviour);
        if *forgotten {
            steps.drain(..steps.len() - 1);
        }
        let standing = stand(rule, &steps, &self.behaviour);
        *forgotten |= self.behaviour.unmonitor_forgets_at_once
            && matches!(standing.turn, Turn::Failed | Turn::Changed)
            && rule.action == Action::Unmonitor;
        self.posts[id].note(place, standing.fails, standing.turn);
        let (source, action) = match standing.turn {
            Turn::Quiet => return,
            Turn::Succeeded => (Source::Recovery, &rule.recovery.action),
            Turn::Failed | Turn::StillFailing | Turn::Changed => (Source::Rule(place), &rule.action),
        };
        if *action != Action::Ignore {
            let (turn, class, results) = (standing.turn, class(&rule.test), standing.results);
            found.push(Consequence { source, turn, class, action, results });
        }
    }

    /// A process exited, and is looked at out of turn.
    fn judge_exit(&mut self, id: usize) {
        let service = self.service(id);
        let look = self.posts[id].thing.look(self.now_ms, self.wall_ms);
        let post = &mut self.posts[id];
        post.is_awaited = false;
        match (look.presence, is_there(look.presence, &self.behaviour)) {
            // Another one is there already.
            (Presence::There(_), _) => post.see(look.presence),
            // It crashed, and its pid file names it.
            (_, Some(false)) if !look.without_pidfile => {
                post.see(Presence::Missing);
                // The next cycle finds that it was restarted too often, and watches it no longer.
                let (restarts, cycles) = self.restarts(id, 1);
                let mut limits =
                    self.service(id).restart_limits.iter().filter(|limit| self.ends_watch(id, &limit.action));
                let is_at_limit = limits.any(|limit| restarts >= limit.restarts.max(1) && cycles <= limit.cycles);
                // What it needs may be gone too, and was not judged yet.
                let is_below_what_is_gone = self.service(id).depends.iter().any(|need| self.is_missing(need.index()));
                if self.is_masked(id) || is_below_what_is_gone || is_at_limit {
                    return;
                }
                let (often, seldom) = (1_000, 10_000);
                let enough = if self.behaviour.act_every_cycle { often } else { seldom };
                let post = &mut self.posts[id];
                let ran_long = post.started_ms.is_none_or(|started| self.now_ms - started >= enough);
                // Its exit has something to do with its start when that was short ago, and no cycle saw it well since.
                let fails = |(place, rule): (usize, &Rule)| rule.test == Test::Missing && post.fails[place];
                let is_young = !ran_long && service.rules.iter().enumerate().any(fails);
                let again = std::mem::replace(&mut post.died_young, is_young);
                post.past.push(Past::Crashed(!is_young || !again));
                let mut found = Vec::new();
                for (place, rule) in service.rules.iter().enumerate() {
                    if matches!(rule.test, Test::Missing | Test::Present) {
                        self.judge_rule(id, place, &mut false, &mut found);
                    }
                }
                for one in &found {
                    if let (Source::Rule(place), Turn::StillFailing) = (one.source, one.turn) {
                        let attempts = &mut self.posts[id].attempts[place];
                        // The attempt that it dies of is made once more, and counts once.
                        attempts.truncate(if is_young { attempts.len().saturating_sub(1) } else { 0 });
                    }
                }
                self.follow(id, found, true);
            }
            _ => {}
        }
    }

    /// How often it was restarted, and within how many of the cycles in which it was checked, with so many more to come.
    fn restarts(&self, id: usize, more: usize) -> (u32, u32) {
        let longest = self.service(id).restart_limits.iter().map(|limit| limit.cycles).max().unwrap_or(0);
        let (mut restarts, mut cycles) = (0, 0);
        let to_come = std::iter::repeat_n(&false, more);
        for is_restart in self.posts[id].restarts.iter().chain(to_come) {
            let is_late = *is_restart && !self.behaviour.late_restart_is_lost && cycles >= longest;
            if cycles > longest || is_late {
                (restarts, cycles) = (0, 0);
            }
            restarts += u32::from(*is_restart);
            cycles += u32::from(!is_restart && restarts > 0);
        }
        (restarts, cycles)
    }

    /// What follows from having been restarted so often.
    fn judge_limits(&mut self, id: usize) -> Vec<Consequence<'a>> {
        let service = self.service(id);
        self.posts[id].restarts.push(false);
        let (restarts, cycles) = self.restarts(id, 0);
        let mut found = Vec::new();
        let mut limits: Vec<_> = service.restart_limits.iter().enumerate().collect();
        if self.behaviour.last_limit_first {
            limits.reverse();
        }
        for (place, limit) in limits {
            if restarts > 0 && restarts >= limit.restarts && cycles <= limit.cycles {
                let again = std::mem::replace(&mut self.posts[id].limits[place], true);
                let turn = if again { Turn::StillFailing } else { Turn::Failed };
                let action = &limit.action;
                found.push(Consequence { source: Source::Limit, turn, class: "timeout", action, results: 1 });
                if self.behaviour.unmonitor_forgets_at_once && self.ends_watch(id, action) {
                    break;
                }
            }
        }
        found
    }

    /// Whether an action of a limit leaves nothing to be judged.
    fn ends_watch(&self, id: usize, action: &Action) -> bool {
        let stops = *action == Action::Stop && self.service(id).mode != Mode::Passive;
        *action == Action::Unmonitor || stops
    }

    /// That restarts are over, that it can be read, and that it is of the right type.
    fn judge_what_nobody_writes(&mut self, id: usize, presence: Presence, found: &mut Vec<Consequence<'a>>) {
        let service = self.service(id);
        let behaviour = self.behaviour;
        let post = &mut self.posts[id];
        let mut tell = |source, class, turn, action| {
            found.push(Consequence { source, turn, class, action, results: 1 });
        };
        if service.kind() == ServiceKind::Process && is_judged(presence, &behaviour) {
            for limit in post.limits.iter_mut().filter(|limit| **limit) {
                *limit = false;
                tell(Source::Nobody, "timeout", Turn::Succeeded, &Action::Alert);
            }
        }
        let trouble = match presence {
            Presence::Unknown => Some(Trouble::Access),
            Presence::Zombie(_) if behaviour.zombie_exists => Some(Trouble::Zombie),
            // What is gone is no zombie, but nobody has seen one that is well either.
            Presence::Missing | Presence::Zombie(_) if post.trouble == Some(Trouble::Zombie) => post.trouble,
            _ => None,
        };
        match (std::mem::replace(&mut post.trouble, trouble), trouble) {
            (None, Some(_)) => tell(Source::Nobody, "data", Turn::Failed, &Action::Alert),
            (Some(_), None) => tell(Source::Nobody, "data", Turn::Succeeded, &Action::Alert),
            _ => {}
        }
        let wrong = match presence {
            Presence::Wrong => true,
            _ if is_judged(presence, &behaviour) => false,
            _ => post.wrong,
        };
        let place = service.rules.len();
        match (std::mem::replace(&mut post.wrong, wrong), wrong) {
            (false, true) => {
                post.attempts[place].clear();
                tell(Source::Rule(place), "invalid", Turn::Failed, &Action::Restart);
            }
            (true, true) if presence == Presence::Wrong => {
                tell(Source::Rule(place), "invalid", Turn::StillFailing, &Action::Restart);
            }
            (true, false) => tell(Source::Nobody, "invalid", Turn::Succeeded, &Action::Alert),
            _ => {}
        }
    }

    /// What could not be started is there all the same.
    fn judge_deeds(&mut self, id: usize, presence: Presence, found: &mut Vec<Consequence<'a>>) {
        let process = self.service(id).kind() == ServiceKind::Process;
        let post = &mut self.posts[id];
        let mended = process || !post.has_observed_errors();
        if post.exec_fails && matches!(presence, Presence::There(_)) && mended {
            post.exec_fails = false;
            let (source, turn) = (Source::Nobody, Turn::Succeeded);
            found.push(Consequence { source, turn, class: "exec", action: &Action::Alert, results: 1 });
        }
    }

    /// Tells what is new, and does the strongest of what is asked for.
    fn follow(&mut self, id: usize, found: Vec<Consequence<'a>>, early: bool) {
        let passive = self.service(id).mode == Mode::Passive;
        let mut wanted: Option<Wanted> = None;
        for one in found {
            let is_new = one.turn != Turn::StillFailing;
            let may_again = match one.source {
                Source::Rule(place) => self.behaviour.act_every_cycle || self.cycle >= self.retry_cycle(id, place),
                _ => true,
            };
            let acts = (is_new || may_again) && !self.is_within;
            if acts && matches!(one.action, Action::Start | Action::Restart) && one.source != Source::Nobody {
                self.posts[id].restarts.push(true);
            }
            let only_told = passive && matches!(one.action, Action::Start | Action::Restart | Action::Stop);
            let word = if only_told { "alert" } else { one.action.word() };
            if is_new {
                let state = match one.turn {
                    Turn::Succeeded => "succeeded",
                    Turn::Changed => "changed",
                    _ => "failed",
                };
                self.tell(id, early, &format!("{} {state} {word}", one.class));
            }
            match one.action {
                Action::Exec(exec) => {
                    let repeat = u64::from(exec.repeat_cycles);
                    if is_new || !early && repeat > 0 && one.results % repeat == 0 {
                        self.run(id, "exec");
                    }
                }
                Action::Alert | Action::Ignore => {}
                action if acts && !only_told => {
                    Wanted::join(&mut wanted, action, one.source);
                }
                _ => {}
            }
        }
        if let Some(wanted) = wanted {
            self.pursue(id, wanted);
        }
    }

    pub(crate) fn tell(&mut self, id: usize, early: bool, what: &str) {
        let early = if early { " early" } else { "" };
        let line = format!("#{}{early} {what}", self.cycle);
        self.posts[id].told.push(line);
    }

    pub(crate) fn run(&mut self, id: usize, what: &str) {
        let line = format!("#{} {what} is run", self.cycle);
        self.posts[id].told.push(line);
    }

    /// The cycle before which nothing is tried again: the first attempt is followed by a pause of two cycles, each
    /// further one by a pause that is twice as long, up to an hour.
    fn retry_cycle(&self, id: usize, place: usize) -> u64 {
        let attempts = &self.posts[id].attempts[place];
        let Some(last) = attempts.last() else { return 0 };
        let hour = 3_600_u64.div_ceil(self.case.cycle_s);
        let pause = 2_u64.checked_pow(u32::try_from(attempts.len()).expect("few")).unwrap_or(hour).min(hour);
        last + pause
    }
}
