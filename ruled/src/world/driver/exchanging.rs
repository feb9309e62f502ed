//! The part of the loop that exchanges the rules: they are read on a thread, because they may lie on a file server that does not
//! answer, and put into force when they are good.
//!
//! What is under way when that happens is brought to its end by the engine that began it, beside the one that goes on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use grammar::ast::ServiceKind;
use grammar::english::{count, duration};
use interpreter::durable::ServiceKey;
use interpreter::engine::{
    Difference, Engine, Event, EventClass, EventState, Input, Order, ServiceId, Telling, tellings,
};
use interpreter::program::Program;
use tokio::sync::mpsc::UnboundedSender;

use super::acting::manner;
use super::asking::{Answers, refuse, say};
use super::remembering::go_on_from;
use super::{Driver, Due};
use crate::act::environment::Environment;
use crate::control::protocol::{Reloaded, Says};
use crate::observe::{Sight, connection};
use crate::report::level::Level;
use crate::report::mail::Post;
use crate::world::last_seen::LastSeenTable;
use crate::world::rounds::RoundKey;

/// How long the rules may take to be read. Longer than that, whatever they lie on does not answer.
const READING_PATIENCE: Duration = Duration::from_secs(60);

/// How many engines finish what they began while another goes on. One more exchange waits for one of them.
const FORMERS_MAX: usize = 4;

/// How many wait for one reading at most; more are answered when it is over.
const WAITERS_MAX: usize = crate::control::server::CLIENTS_MAX;

/// Rules that were read: the number of the reading, and what came of it.
pub(super) type Read = (u64, Result<Box<Program>, String>);

/// What is under way with the rules.
pub(super) struct Exchanging {
    results: UnboundedSender<Read>,
    last: u64,
    reading: Option<Reading>,
    /// Who wants them read once more, because they may have changed since this reading began.
    again: Option<Vec<Answers>>,
    /// What was read and waits for room.
    ready: Option<(Box<Program>, Vec<Answers>)>,
}

struct Reading {
    number: u64,
    since: Instant,
    waiters: Vec<Answers>,
    /// Whether it was given up; then its thread hangs.
    is_late: bool,
}

impl Exchanging {
    /// Nothing is read yet. What is read is sent there; once for each reading.
    pub(super) fn new(results: UnboundedSender<Read>) -> Exchanging {
        Exchanging { results, last: 0, reading: None, again: None, ready: None }
    }
}

/// A program that was exchanged, with the engine that finishes what it began.
pub(super) struct Former {
    generation: u32,
    program: Arc<Program>,
    engine: Engine,
    sights: Vec<Arc<Sight>>,
    last_seen: LastSeenTable,
    environment: Environment,
    inputs: VecDeque<Input>,
}

impl Driver {
    /// Reads the rules, or reads them again when they are being read.
    pub(super) fn reload(&mut self, answers: Option<Answers>) {
        let Some(read) = self.options.reload.clone() else {
            return answers.iter().for_each(|answers| refuse(answers, "these rules cannot be read again"));
        };
        let exchanging = &mut self.exchanging;
        match &exchanging.reading {
            Some(reading) if reading.is_late => {
                let time = duration(millis(reading.since.elapsed()));
                let reason = format!("the rules have been read for {time}: what they lie on does not answer");
                self.say(Level::Warning, &reason);
                return answers.iter().for_each(|answers| refuse(answers, reason.as_str()));
            }
            Some(_) => {
                let waiters = exchanging.again.get_or_insert_default();
                if waiters.len() < WAITERS_MAX {
                    waiters.extend(answers);
                }
                return;
            }
            None => {}
        }
        exchanging.last += 1;
        let (number, results) = (exchanging.last, exchanging.results.clone());
        let waiters = answers.into_iter().collect();
        exchanging.reading = Some(Reading { number, since: Instant::now(), waiters, is_late: false });
        let reading = move || {
            let program = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read()));
            let program = program.unwrap_or_else(|_| Err("reading them came to a fault of ruled".to_owned()));
            // The loop is gone only when ruled ends.
            results.send((number, program.map(Box::new))).ok();
        };
        match std::thread::Builder::new().name("rules".to_owned()).spawn(reading) {
            Ok(_) => self.timers.set(Instant::now() + READING_PATIENCE, Due::RulesLate(number)),
            Err(error) => self.was_read((number, Err(crate::words::reason(&error)))),
        }
    }

    /// Rules were read: good ones are put into force as soon as there is room.
    pub(super) fn was_read(&mut self, (number, program): Read) {
        let Some(reading) = self.exchanging.reading.take_if(|reading| reading.number == number) else { return };
        if reading.is_late {
            let time = duration(millis(reading.since.elapsed()));
            self.say(Level::Warning, &format!("the rules were read after {time}, too late; ask for a reload again"));
            return;
        }
        match program {
            Ok(program) => {
                let waiters = match self.exchanging.ready.take() {
                    Some((_, earlier)) => earlier.into_iter().chain(reading.waiters).collect(),
                    None => reading.waiters,
                };
                self.exchanging.ready = Some((program, waiters));
            }
            Err(reason) => self.refuse_rules(&reason, &reading.waiters),
        }
        self.read_again();
        self.exchange_when_possible();
    }

    fn read_again(&mut self) {
        if let Some(waiters) = self.exchanging.again.take() {
            self.reload(None);
            if let Some(reading) = &mut self.exchanging.reading {
                reading.waiters = waiters;
            }
        }
    }

    /// The rules take too long to be read: nobody waits for them any more.
    pub(super) fn rules_are_late(&mut self, number: u64) {
        let Some(reading) = self.exchanging.reading.as_mut().filter(|reading| reading.number == number) else { return };
        reading.is_late = true;
        let waiters: Vec<Answers> = std::mem::take(&mut reading.waiters)
            .into_iter()
            .chain(self.exchanging.again.take().into_iter().flatten())
            .collect();
        let time = duration(millis(READING_PATIENCE));
        let reason = format!("{} cannot be read within {time}: what it lies on does not answer", self.options.rules);
        self.refuse_rules(&reason, &waiters);
    }

    /// The old rules stay: that is an event, so that somebody is told, whoever asked.
    fn refuse_rules(&mut self, reason: &str, waiters: &[Answers]) {
        let message = format!("the rules are not reloaded, the old ones stay in force: {reason}");
        let system = self.program.services.iter().position(|service| service.kind() == ServiceKind::System);
        self.reporter.tell(Event {
            at: self.clock.now().wall,
            cycle: self.engine.cycle().max(1),
            early: true,
            service: system.map_or(ServiceId(u32::MAX), ServiceId::new),
            class: EventClass::Instance,
            state: EventState::Failed,
            action: "alert",
            message: message.clone(),
            rule: None,
            takers: Vec::new(),
        });
        waiters.iter().for_each(|answers| refuse(answers, message.as_str()));
    }

    /// Puts rules that were read into force, unless too much is under way of those before.
    pub(super) fn exchange_when_possible(&mut self) {
        if self.formers.len() >= FORMERS_MAX || self.is_ending {
            return;
        }
        let Some((program, waiters)) = self.exchanging.ready.take() else { return };
        let change = self.exchange(*program);
        let services = |names: &[String], word: &str| (!names.is_empty()).then(|| format!("{} {word}", names.len()));
        let parts: Vec<String> = [
            services(&change.added, "new"),
            services(&change.changed, "changed"),
            services(&change.removed, "gone"),
            change.settings.then(|| "other settings".to_owned()),
            Some(format!("{} unchanged", count(change.unchanged as u64, "service"))),
        ]
        .into_iter()
        .flatten()
        .collect();
        self.say(Level::Info, &format!("the rules are reloaded: {}", parts.join(", ")));
        let reloaded = Reloaded {
            rules: self.options.rules.clone(),
            added: change.added,
            removed: change.removed,
            changed: change.changed,
            unchanged: change.unchanged,
            settings: change.settings,
        };
        waiters.iter().for_each(|answers| say(answers, Says::Reloaded(reloaded.clone())));
    }

    fn exchange(&mut self, program: Program) -> Difference {
        let (program, now) = (Arc::new(program), self.clock.now());
        let difference = Difference::between(&self.program, &program);
        let known: BTreeMap<ServiceKey, ServiceId> = self.program.ids().map(|id| (self.key(id), id)).collect();
        let (answers, orders): (Vec<Order>, Vec<Order>) =
            self.engine.handle(now, Input::Retire).into_iter().partition(|order| matches!(order, Order::Answer(..)));
        self.carry_out(orders);
        let mut engine = Engine::new(Arc::clone(&program), now).in_zone(self.zone.clone());
        go_on_from(&mut engine, self.keeper.kept().clone(), &self.keeper);
        engine.go_on_after(&self.engine, now);
        let busy: BTreeSet<ServiceId> = self.engine.busy().map(|(_, id)| id).collect();
        let generation = self.generation;
        self.rounds.retain(|key: &RoundKey| key.generation != generation || busy.contains(&key.service));
        self.watches.clear();
        self.manner = connection::manner(&program);
        let environment = Environment::new(program.settings.behaviour.clean_environment, self.host.clone());
        self.formers.push(Former {
            generation: std::mem::replace(&mut self.generation, generation.wrapping_add(1)),
            sights: std::mem::replace(&mut self.sights, Sight::all(&program)),
            last_seen: std::mem::take(&mut self.last_seen),
            environment: std::mem::replace(&mut self.environment, environment),
            inputs: std::mem::take(&mut self.inputs),
            engine: std::mem::replace(&mut self.engine, engine),
            program: std::mem::replace(&mut self.program, Arc::clone(&program)),
        });
        let same = program.ids().filter_map(|id| Some((*known.get(&ServiceKey::of(program.service(id)?))?, id)));
        self.deeds.begin_anew(self.generation, manner(&program, self.handed), same);
        self.reporter.follow(program);
        let busy = self.busy_formers();
        let held: Vec<ServiceId> = self.program.ids().filter(|id| busy.contains_key(&self.key(*id))).collect();
        held.into_iter().for_each(|id| self.engine.hold(id));
        self.let_go();
        self.heed_changes();
        for order in answers {
            if let Order::Answer(request, why) = order {
                self.ask_again(request, why);
            }
        }
        self.feed(Input::Tick);
        difference
    }

    /// Does something in the hands of the run to which it belongs: the present one, or one that finishes what it began.
    pub(super) fn in_generation(&mut self, generation: u32, act: impl FnOnce(&mut Driver)) {
        let Some(place) = self.formers.iter().position(|former| former.generation == generation) else {
            return act(self);
        };
        self.swap(place);
        self.is_former = true;
        act(self);
        self.work();
        self.is_former = false;
        self.swap(place);
        self.take_over();
    }

    fn swap(&mut self, place: usize) {
        let Some(former) = self.formers.get_mut(place) else { return };
        std::mem::swap(&mut self.generation, &mut former.generation);
        std::mem::swap(&mut self.program, &mut former.program);
        std::mem::swap(&mut self.engine, &mut former.engine);
        std::mem::swap(&mut self.sights, &mut former.sights);
        std::mem::swap(&mut self.last_seen, &mut former.last_seen);
        std::mem::swap(&mut self.environment, &mut former.environment);
        std::mem::swap(&mut self.inputs, &mut former.inputs);
    }

    /// Takes over the services with which no engine before is busy any more, and lets go of those engines that are done.
    fn take_over(&mut self) {
        let busy = self.busy_formers();
        let free: Vec<ServiceId> =
            self.program.ids().filter(|id| self.engine.holds(*id) && !busy.contains_key(&self.key(*id))).collect();
        if !free.is_empty() {
            self.formers.iter().for_each(|former| self.engine.learn_from(&former.engine));
        }
        for id in free {
            let key = self.key(id);
            let legacy = self.formers.iter().rev().find_map(|former| {
                let theirs = former
                    .program
                    .ids()
                    .find(|id| former.program.service(*id).map(ServiceKey::of).as_ref() == Some(&key))?;
                former.engine.legacy(theirs)
            });
            if let Some(legacy) = legacy {
                self.engine.take_over(id, legacy);
                self.inputs.push_back(Input::Tick);
            }
        }
        self.let_go();
        self.work();
    }

    /// Lets go of the engines before that are done; what they did last is remembered.
    fn let_go(&mut self) {
        let (done, formers) = std::mem::take(&mut self.formers).into_iter().partition(|one| one.engine.is_retired());
        self.formers = formers;
        let done: Vec<Former> = done;
        for former in &done {
            self.engine.learn_from(&former.engine);
            self.inputs.push_back(Input::Tick);
        }
    }

    /// The services with which engines before are busy.
    fn busy_formers(&self) -> BTreeMap<ServiceKey, ()> {
        self.formers.iter().flat_map(|former| former.engine.busy()).map(|(key, _)| (key, ())).collect()
    }

    fn key(&self, id: ServiceId) -> ServiceKey {
        self.program.service(id).map(ServiceKey::of).unwrap_or(ServiceKey { kind: String::new(), name: String::new() })
    }

    /// Whether nothing is under way of rules that were exchanged.
    pub(super) fn is_without_formers(&self) -> bool {
        self.formers.is_empty()
    }

    /// When a run that finishes what it began next wants to be called.
    pub(super) fn formers_wake(&self) -> Option<Instant> {
        self.formers.iter().filter_map(|former| former.engine.next_wake()).min().map(|at| self.clock.instant(at))
    }

    /// Lets time pass for the runs that finish what they began.
    pub(super) fn pass_time_of_formers(&mut self) {
        let generations: Vec<u32> = self.formers.iter().map(|former| former.generation).collect();
        for generation in generations {
            self.in_generation(generation, |driver| driver.inputs.push_back(Input::Tick));
        }
    }

    /// Tells all that these orders tell, before anything else is done; whether there was any.
    pub(super) fn tell_all(&mut self, orders: &[Order]) -> bool {
        let mut has_told = false;
        for telling in tellings(orders) {
            match telling {
                // Nothing is run in a dry run, so nothing that was run can fail.
                Telling::Told(event) if self.options.dry && event.class == EventClass::Exec => {}
                Telling::Told(event) => {
                    has_told = true;
                    self.tell(event.clone());
                }
                Telling::GoesOn(event, cycles) => self.unmailed.push(Post::GoesOn(Box::new(event.clone()), cycles)),
            }
        }
        has_told
    }

    /// Tells an event. One of rules that were exchanged is told in the name of the same service under the present ones.
    pub(super) fn tell(&mut self, mut event: Event) {
        if self.is_former {
            // The present program stands in the place of the one in hand.
            let present = self.formers.iter().max_by_key(|former| former.generation);
            let named = self.program.service(event.service);
            let key = named.map(ServiceKey::of);
            let place = present.and_then(|present| {
                present.program.services.iter().position(|service| Some(ServiceKey::of(service)) == key)
            });
            if let (None, Some(service)) = (place, named) {
                event.message = format!("'{}' (not in the rules any more) {}", service.name, event.message);
            }
            event.service = place.map_or(ServiceId(u32::MAX), ServiceId::new);
        }
        self.unmailed.push(Post::Told(Box::new(event.clone())));
        self.reporter.log(event);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
