//! The part of the loop that does: programs, signals, and what becomes of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use grammar::english::count;
use interpreter::engine::{
    Deed, DeedId, DeedKind, Identity, Input, Outcome, Presence, Reason, RoundId, ServiceId, first_lines,
};
use interpreter::program::{Command, Program, Service, Target};
use rustix::process::{Pid, Signal};

use super::{Driver, Due};
use crate::act::environment::{Facts, LastSeen};
use crate::act::spawn::Manner;
use crate::observe::Seen;
use crate::observe::procfs::Handed;
use crate::report::level::Level;
use crate::report::line::time;
use crate::report::service_name;
use crate::world::cgroups::{Cgroups, Remains};
use crate::world::clock::far_away;
use crate::world::deeds::{DeedKey, Deeds, Ended, Finished, Late, Purpose, Role};
use crate::world::looks::{Look, Sighted};
use crate::world::rounds::RoundKey;

/// Where programs begin, and which rights are taken from their files, where they find clean surroundings.
const CLEAN_FOLDER: &str = "/";
const CLEAN_UMASK: u32 = 0o022;

/// How often it is seen whether what a stop program left behind is gone, and how long is waited in between: five seconds in all.
const RESTS_MAX: u32 = 500;
const REST_PAUSE: Duration = Duration::from_millis(10);

impl Driver {
    /// Uses control groups where ruled may and where there is a use for them.
    pub(super) fn open_cgroups(&mut self) {
        let runs = |service: &Service| {
            let is_program = matches!(service.target, Target::Program(_));
            is_program || service.start.is_some() || service.stop.is_some() || service.restart.is_some()
        };
        if !self.program.services.iter().any(runs) || self.options.dry {
            return;
        }
        match Cgroups::open() {
            Ok(cgroups) => {
                let limit = if cgroups.has_limit() { ", with a limit of processes for checks" } else { "" };
                self.deeds.use_cgroups(cgroups);
                self.say(Level::Debug, &format!("programs have control groups of their own{limit}"));
            }
            Err(reason) => self.say(Level::Debug, &format!("programs have no control groups of their own: {reason}")),
        }
    }

    /// Does what was ordered, or says what would be done.
    pub(super) fn act(&mut self, id: DeedId, deed: Deed) {
        let key = DeedKey { generation: self.generation, deed: id };
        let service = self.program.service(deed.service);
        let name = service.map_or("ruled", |service| service.name.as_str());
        let (word, what) = describe(&deed.kind);
        if self.options.dry {
            self.say(Level::Info, &format!("'{name}' {word} is not done (dry run): {what}"));
            self.outcome(key, Outcome::Refused("this is a dry run".to_owned()));
            return;
        }
        // What a rule runs beside everything else is told anew with the event that asks for it.
        if !matches!(deed.kind, DeedKind::Exec(_)) {
            self.settle_intent();
        }
        let (pid, outcome) = match &deed.kind {
            DeedKind::Start(command)
            | DeedKind::Stop(command)
            | DeedKind::Restart(command)
            | DeedKind::Exec(command) => {
                let date = time(self.clock.now().wall, &self.zone, "%a, %d %b %Y %H:%M:%S");
                let facts = service.map_or(Facts::None, |service| self.last_seen.facts(deed.service, service));
                let facts = match (facts, &deed.kind) {
                    // Monit forgets its figures before it restarts.
                    (Facts::Process(_), DeedKind::Restart(_)) if !self.program.settings.behaviour.clean_environment => {
                        Facts::Process(LastSeen::default())
                    }
                    (facts, _) => facts,
                };
                let is_method = !matches!(deed.kind, DeedKind::Exec(_));
                let reason = self.told_reason(&deed);
                let environment = self.environment.of(name, &reason, &date, facts, is_method);
                let role = match deed.kind {
                    DeedKind::Start(_) | DeedKind::Restart(_) => Role::MayStay,
                    DeedKind::Stop(_) if self.program.settings.behaviour.stop_by_signal => Role::EndsWhole,
                    _ => Role::Passes,
                };
                let purpose = Purpose::Deed(key);
                let (pid, outcome) = self.deeds.start(purpose, deed.service, role, command, environment);
                if let Some(pid) = pid {
                    self.timers.set(Instant::now() + command.timeout, Due::Deed(pid, key));
                }
                (pid, outcome)
            }
            DeedKind::Terminate(identity) => (None, Deeds::signal(*identity, Signal::TERM)),
            DeedKind::Kill(all) => {
                // Another service that was started together with it is none of it.
                let own = |pid: &u32| {
                    all.iter().any(|one| matches!(one, Identity::Process { pid: other, .. } if other == pid))
                };
                let others: Vec<u32> = self.watches.pids().into_iter().filter(|pid| !own(pid)).collect();
                (None, self.deeds.kill(all, &others))
            }
        };
        // Said after it was done, because it is the doing that is waited for.
        let number = pid.map_or(String::new(), |pid| format!(" (pid {})", pid.as_raw_pid()));
        self.say(Level::Info, &format!("'{name}' {word}: {what}{number}"));
        if let Some((_, seen)) = self.last_exit.take_if(|(service, _)| *service == deed.service) {
            let took = seen.elapsed().as_secs_f64() * 1000.0;
            self.say(Level::Debug, &format!("'{name}' {word} came {took:.1} ms after its process had exited"));
        }
        if let (DeedKind::Stop(_), Some(pid)) = (&deed.kind, pid) {
            self.keep_stop_program(deed.service, pid.as_raw_pid().cast_unsigned());
        }
        self.outcome(key, outcome);
    }

    /// What a program is told of why it runs. Monit tells one that brings a service up or down only that it does.
    fn told_reason(&self, deed: &Deed) -> Reason {
        let word = match deed.kind {
            _ if self.program.settings.behaviour.clean_environment => return deed.reason.clone(),
            DeedKind::Start(_) => "Started",
            DeedKind::Stop(_) => "Stopped",
            DeedKind::Restart(_) => "Restarted",
            DeedKind::Exec(_) | DeedKind::Terminate(_) | DeedKind::Kill(_) => return deed.reason.clone(),
        };
        Reason { event: word, message: word.to_owned() }
    }

    /// A program has ended. What failed is told in the log, too, with the first lines of what it printed: that of a rule's
    /// program is no event.
    pub(super) fn ended(&mut self, ended: Ended) {
        let Some(finished) = self.deeds.ended(ended) else { return };
        self.end_rest(finished, 0);
    }

    /// What a program that takes a service down leaves behind is ended with it, and only when that is gone it counts as ended.
    pub(super) fn end_rest(&mut self, finished: Finished, times: u32) {
        let rest =
            finished.rest.as_ref().map_or(Remains::Nobody, |rest| self.deeds.end_rest(rest, &self.watches.pids()));
        let is_left = rest == Remains::IsThere;
        if is_left && times < RESTS_MAX {
            self.timers.set(Instant::now() + REST_PAUSE, Due::Rest(Box::new(finished), times + 1));
            return;
        }
        self.in_generation(finished.purpose.generation(), |driver| {
            if rest != Remains::Nobody || times > 0 {
                let name = service_name(&driver.program, finished.service);
                let fate = if is_left { "does not end" } else { "is ended" };
                let text = format!("'{name}' what its stop program {} left behind {fate}", finished.program);
                driver.say(if is_left { Level::Warning } else { Level::Info }, &text);
            }
            driver.finished(finished);
        });
    }

    fn finished(&mut self, finished: Finished) {
        let Finished { purpose, service, program, took, exit, was_late, output, .. } = finished;
        let status = exit.status;
        let key = match purpose {
            Purpose::Check(key) => {
                let next = self.rounds.said(key, self.clock.now(), status, output);
                return self.proceed(key, next);
            }
            Purpose::Deed(key) => key,
        };
        // Of one that was late the log has told already.
        let is_news = status != 0 && !(was_late && output.is_empty());
        if key.generation == self.generation && self.program.settings.behaviour.exit_status_counts && is_news {
            let name = service_name(&self.program, service);
            let (took, said) = (took.as_secs_f64(), first_lines(&output));
            let said = if said.is_empty() { "no output" } else { said.as_str() };
            self.say(Level::Info, &format!("'{name}' {program} ended with status {status} after {took:.1} s: {said}"));
        }
        self.outcome(key, Outcome::Ended { status, signal: exit.signal, output });
    }

    /// Tells the engine what became of a deed, unless it was ordered by an earlier program.
    pub(super) fn outcome(&mut self, key: DeedKey, outcome: Outcome) {
        if key.generation == self.generation {
            self.inputs.push_back(Input::Outcome(key.deed, outcome));
        }
    }

    /// A program has not ended in time. A start program that stays is left alone when its service is there: it is
    /// the service, or its parent.
    pub(super) fn late(&mut self, pid: Pid, key: DeedKey) {
        let must_end = match self.deeds.late(pid, Purpose::Deed(key)) {
            Late::Nobody => false,
            Late::MustEnd => true,
            Late::MayStay(service) => key.generation == self.generation && !self.is_there(service),
        };
        if must_end {
            if let Some(service) = self.deeds.service(pid).filter(|_| key.generation == self.generation) {
                let name = service_name(&self.program, service);
                let pid = pid.as_raw_pid();
                let text = format!(
                    "'{name}' the program with pid {pid} did not end in time: it is killed with all it started"
                );
                self.say(Level::Warning, &text);
            }
            let outcome = self.deeds.end(pid, &self.watches.pids());
            self.outcome(key, outcome);
        }
    }

    /// Runs a program that says how something is.
    pub(super) fn run_check(&mut self, key: RoundKey, command: &Command) {
        let name = self.program.service(key.service).map_or("ruled", |service| service.name.as_str());
        if self.deeds.is_checking(key) {
            let taken = self.clock.now();
            let reason = "the program was killed and has not ended".to_owned();
            return self.sighted(Sighted { key, taken, seen: Seen::unknown(reason) });
        }
        let environment = self.environment.of_check(name);
        let (pid, outcome) = self.deeds.start(Purpose::Check(key), key.service, Role::Passes, command, environment);
        match (pid, outcome) {
            (Some(pid), _) => self.timers.set(Instant::now() + command.timeout, Due::Check(pid, key)),
            (None, Outcome::Refused(reason)) => {
                let taken = self.clock.now();
                self.sighted(Sighted { key, taken, seen: Seen::unknown(reason) });
            }
            (None, _) => {}
        }
    }

    /// A program that says how something is has not ended in time: it is ended, and its status is what that makes of it.
    pub(super) fn cut_check(&mut self, pid: Pid, key: RoundKey) {
        if self.deeds.late(pid, Purpose::Check(key)) == Late::MustEnd {
            self.deeds.cut_short(pid, &self.watches.pids());
        }
    }

    /// The time of an observation is over.
    pub(super) fn expire(&mut self, key: RoundKey) {
        if !self.rounds.is_pending(key) {
            return;
        }
        let service = self.program.service(key.service);
        let why = match service.is_some_and(|service| matches!(service.target, Target::Program(_))) {
            true => Some("the program was killed and has not ended".to_owned()),
            false => self.looks.reason(key),
        };
        let next = self.rounds.expire(key, self.clock.now(), why.as_deref().unwrap_or("no answer"));
        self.proceed(key, next);
    }

    fn is_there(&mut self, service: ServiceId) -> bool {
        let Some(sight) = self.sights.get(service.index()) else { return false };
        let key = RoundKey { generation: self.generation, service, round: RoundId(0) };
        let known = self.known(service);
        let look = Look { key, sight: Arc::clone(sight), plan: Arc::default(), known, group: None, until: far_away() };
        match self.looks.now(&look) {
            Some(sighted) => matches!(sighted.seen.presence, Presence::Present(_)),
            // Nobody knows better than whoever holds the process that was seen last.
            None => known.is_some(),
        }
    }
}

fn describe(kind: &DeedKind) -> (&'static str, String) {
    match kind {
        DeedKind::Start(command) => ("start", format!("'{}'", command.argv.join(" "))),
        DeedKind::Stop(command) => ("stop", format!("'{}'", command.argv.join(" "))),
        DeedKind::Restart(command) => ("restart", format!("'{}'", command.argv.join(" "))),
        DeedKind::Exec(command) => ("exec", format!("'{}'", command.argv.join(" "))),
        DeedKind::Terminate(_) => ("stop", "signal TERM".to_owned()),
        DeedKind::Kill(all) => ("stop", format!("signal KILL to {}", count(all.len() as u64, "process"))),
    }
}

/// What programs find beside their environment: in `rules` always the same, whoever started ruled and where.
pub(super) fn manner(program: &Program, handed: Option<Handed>) -> Manner {
    let is_clean = program.settings.behaviour.clean_environment;
    let own = handed.map(|handed| handed.umask);
    Manner {
        folder: is_clean.then(|| CLEAN_FOLDER.into()),
        umask: Some(CLEAN_UMASK).filter(|umask| is_clean && own != Some(*umask)),
        // Where there is no terminal, a session of its own would change nothing but cost a start.
        needs_session: handed.is_none_or(|handed| handed.has_terminal),
    }
}
