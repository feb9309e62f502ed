//! The simulated driver: a virtual clock, a world, and the engine between them.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::agenda::{Agenda, Happening};
use super::ending::{Ending, Step};
use super::mailing::Mailing;
use super::programs::Programs;
use super::promises::Promises;
use super::store::Store;
use super::thing::{Process, Thing};
use super::timeline::{Entry, Timeline, What};
use crate::engine::{
    Cause, Deed, DeedId, DeedKind, Engine, Identity, Input, Interval, Monotonic, Now, Order, Outcome, Plan, Presence,
    Readings, Request, RoundId, ServiceId, Wall,
};
use crate::program::Program;

/// The time on the wall when a scenario begins: 2026-01-01T00:00:00Z.
pub const WALL_AT_START: Wall = Wall(1_767_225_600_000_000);
/// How long after the exit of a process, or the change of a file, the engine is woken.
pub const WAKE_LATENCY: Duration = Duration::from_micros(500);

/// The engine in a world that does not exist.
///
/// Everything that happens stands in one heap, ordered by time and then by the order in which it was put there; so
/// the same script gives the same timeline.
pub struct Scenario {
    pub(super) engine: Engine,
    pub(super) things: Vec<Thing>,
    pub(super) agenda: Agenda,
    pub(super) now: Monotonic,
    /// How far the clock on the wall was put forward, in microseconds.
    wall_shift: i64,
    pub(super) stalled_until: Monotonic,
    /// Whether the engine is told of exits.
    wakes: bool,
    /// Whether the engine is told that files changed.
    notices: bool,
    pub(super) programs: Programs,
    pub(super) timeline: Timeline,
    trace: Option<Vec<(Monotonic, Order)>>,
    pub(super) store: Store,
    /// Whether it is appointed when the next is written.
    pub(super) is_writing: bool,
    pub(super) ending: Option<Ending>,
    pub(super) is_down: bool,
    pub(super) promises: Option<Box<Promises>>,
    pub(super) mailing: Option<Box<Mailing>>,
    pub(super) zone: TimeZone,
    pub(super) onlooker: Option<Onlooker>,
}

/// Whoever looks on.
pub(super) type Onlooker = Box<dyn FnMut(Now, Seen<'_>)>;

/// What somebody sees who looks on.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// The engine is about to be handed this.
    Handed(&'a Input),
    /// The engine orders this.
    Ordered(&'a Order),
    /// ruled has ended, and begins anew.
    Ended,
}

impl Scenario {
    /// A world in which all is well, and an engine for this program that has not begun.
    pub fn new(program: Program) -> Scenario {
        let now = Monotonic(1_000_000_000);
        let start = Now { monotonic: now, wall: WALL_AT_START };
        let things = (1_u32..).zip(&program.services).map(|(index, one)| Thing::new(one, index, start)).collect();
        Scenario {
            engine: Engine::new(program, start),
            things,
            agenda: Agenda::default(),
            now,
            wall_shift: 0,
            stalled_until: now,
            wakes: true,
            notices: true,
            programs: Programs::default(),
            timeline: Timeline::default(),
            trace: None,
            store: Store::default(),
            is_writing: false,
            ending: None,
            is_down: false,
            promises: None,
            mailing: None,
            zone: TimeZone::UTC,
            onlooker: None,
        }
    }

    /// Sets up the thing that a service watches, before the scenario runs.
    ///
    /// # Panics
    ///
    /// Here and wherever a script names a service, when the program has none of that name.
    #[must_use]
    pub fn with(mut self, service: &str, set_up: impl FnOnce(&mut Thing)) -> Scenario {
        let id = self.find(service);
        if let Some(thing) = self.things.get_mut(id.index()) {
            set_up(thing);
        }
        self
    }

    /// The machine stands in this time zone instead of in UTC.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Scenario {
        self.engine = self.engine.in_zone(zone.clone());
        self.zone = zone;
        self
    }

    /// Nobody tells the engine when a file changes, as on a file system of the network: it has to notice by itself.
    #[must_use]
    pub fn without_notices(mut self) -> Scenario {
        self.notices = false;
        self
    }

    /// Nobody tells the engine when a process exits or a file changes: it has to notice by itself.
    #[must_use]
    pub fn without_wakes(mut self) -> Scenario {
        self.wakes = false;
        self.notices = false;
        self
    }

    /// Keeps every order that the engine gives, for [`Scenario::trace`].
    #[must_use]
    pub fn traced(mut self) -> Scenario {
        self.trace = Some(Vec::new());
        self
    }

    /// Somebody looks on.
    #[must_use]
    pub fn seen_by(mut self, onlooker: impl FnMut(Now, Seen<'_>) + 'static) -> Scenario {
        self.onlooker = Some(Box::new(onlooker));
        self
    }

    /// At this time, counted from the start, the thing that a service watches changes.
    #[must_use]
    pub fn at(mut self, at: Duration, service: &str, change: impl FnOnce(&mut Thing) + 'static) -> Scenario {
        let id = self.find(service);
        self.put(at, Happening::Change(id, Box::new(change)));
        self
    }

    /// A process dies at this time and leaves its pid file behind.
    #[must_use]
    pub fn process_dies(self, at: Duration, service: &str) -> Scenario {
        self.at(at, service, Thing::dies)
    }

    /// A person asks for something at this time.
    #[must_use]
    pub fn request(mut self, at: Duration, service: &str, request: Request) -> Scenario {
        let id = self.find(service);
        self.put(at, Happening::Input(Input::Request(id, request)));
        self
    }

    /// The engine is handed this at this time.
    #[must_use]
    pub fn input(mut self, at: Duration, input: Input) -> Scenario {
        self.put(at, Happening::Input(input));
        self
    }

    /// From this time on the engine is not called for so long, as if the machine were asleep or overloaded.
    #[must_use]
    pub fn stalls(mut self, at: Duration, length: Duration) -> Scenario {
        let until = self.now.after(at).after(length);
        self.put(at, Happening::Stalls(until));
        self
    }

    /// At this time the clock on the wall is put forward, or back, by so many seconds.
    #[must_use]
    pub fn wall_jumps(mut self, at: Duration, seconds: i64) -> Scenario {
        self.put(at, Happening::WallJumps(seconds.saturating_mul(1_000_000)));
        self
    }

    /// At this time ruled ends and is started again, with what was kept of the services, after this interval. What runs
    /// goes on without it; what was observed is lost.
    #[must_use]
    pub fn starts_again(mut self, at: Duration, interval: Interval) -> Scenario {
        self.put(at, Happening::Again(interval));
        self
    }

    /// Watches over what must hold whatever happens; see [`Scenario::breaches`].
    #[must_use]
    pub fn promising(mut self) -> Scenario {
        self.promises = Some(Box::new(Promises::of(self.engine.program())));
        self
    }

    /// What was promised and not kept, in sentences, if [`Scenario::promising`] was asked for.
    pub fn breaches(&self) -> &[String] {
        self.promises.as_ref().map_or(&[], |promises| promises.breaches())
    }

    /// A person asks for something now.
    pub fn asks(&mut self, id: ServiceId, request: Request) {
        self.put(Duration::ZERO, Happening::Input(Input::Request(id, request)));
    }

    /// Lets so much time pass and hands back what happened.
    pub fn run(mut self, length: Duration) -> Timeline {
        self.run_for(length);
        self.timeline
    }

    /// Lets so much time pass.
    pub fn run_for(&mut self, length: Duration) {
        let end = self.now.after(length);
        loop {
            let mail_wake = self.mailing.as_ref().and_then(|mailing| mailing.wake);
            let is_mail = mail_wake.is_some_and(|mail| self.engine.next_wake().is_none_or(|wake| mail < wake));
            let wake = if is_mail { mail_wake } else { self.engine.next_wake() };
            let wake = wake.map(|at| at.max(self.stalled_until).max(self.now));
            let happens = self.agenda.next_at();
            let tick = match (wake, happens) {
                (Some(wake), Some(happens)) if wake < happens => Some(wake),
                (Some(wake), None) => Some(wake),
                _ => None,
            };
            match tick {
                Some(at) if at <= end => {
                    self.now = at;
                    if is_mail {
                        self.mail_time_passes();
                    } else {
                        self.hand(Input::Tick);
                    }
                }
                None if happens.is_some_and(|at| at <= end) => {
                    if let Some((at, what)) = self.agenda.pop() {
                        self.now = self.now.max(at);
                        self.happen(what);
                    }
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// What happened so far.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Every order so far, if [`Scenario::traced`] was asked for.
    pub fn trace(&self) -> &[(Monotonic, Order)] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// The engine, to look at.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The thing that a service watches, to look at.
    pub fn thing(&self, service: &str) -> Option<&Thing> {
        self.things.get(self.find(service).index())
    }

    pub(super) fn find(&self, service: &str) -> ServiceId {
        let found = self.engine.program().find(service);
        assert!(found.is_some(), "the program has no service {service}");
        found.unwrap_or(ServiceId(u32::MAX))
    }

    pub(super) fn put(&mut self, after: Duration, what: Happening) {
        self.agenda.put(self.now.after(after), what);
    }

    pub(super) fn present(&self) -> Now {
        let start = 1_000_000_000;
        let elapsed = i64::try_from(self.now.0.saturating_sub(start) / 1_000).unwrap_or(i64::MAX);
        Now { monotonic: self.now, wall: Wall(WALL_AT_START.0.saturating_add(elapsed).saturating_add(self.wall_shift)) }
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Input(input) if self.now < self.stalled_until => {
                // What nobody was there to hear is not told later.
                let is_lost =
                    self.is_down && matches!(input, Input::Readings(..) | Input::Woken(..) | Input::Outcome(..));
                if !is_lost {
                    self.agenda.put(self.stalled_until, Happening::Input(input));
                }
            }
            Happening::Input(Input::Outcome(deed, outcome)) => {
                if matches!(outcome, Outcome::Running | Outcome::TimedOut) || self.programs.end(deed) {
                    self.hand(Input::Outcome(deed, outcome));
                }
            }
            Happening::Input(input) => self.hand(input),
            Happening::Effect(id, deed, change) => {
                if self.programs.take_effect(deed) {
                    self.happen(Happening::Change(id, change));
                }
            }
            Happening::TimeOut(id, deed) => {
                if self.programs.time_out(deed, self.is_there(id)) {
                    self.happen(Happening::Input(Input::Outcome(deed, Outcome::TimedOut)));
                }
            }
            Happening::Change(id, change) => {
                self.change(id, |thing| change(thing));
            }
            Happening::Befalls(id, words, blow) => {
                if self.change(id, blow) == Some(true) {
                    self.enter(id, What::Befell(words));
                }
            }
            Happening::Observed(id, round, plan) => {
                if let Some(readings) = self.observe(id, &plan) {
                    self.happen(Happening::Input(Input::Readings(id, round, readings)));
                }
            }
            Happening::WallJumps(micros) => self.wall_shift = self.wall_shift.saturating_add(micros),
            Happening::Again(interval) => self.start_again(interval),
            Happening::Ends(ending) => self.ending = Some(ending),
            Happening::Written | Happening::Letter(_) if self.now < self.stalled_until => {
                self.agenda.put(self.stalled_until, what);
            }
            Happening::Written => self.written(),
            Happening::Letter(passage) => self.letter_moves(passage),
            Happening::MailServer(place, mood) => self.turn_mail_server(place, mood),
            Happening::Sleeps(length) => {
                self.befall("machine", format!("it sleeps for {} seconds", length.as_secs()));
                self.stalled_until = self.stalled_until.max(self.now.after(length));
            }
            Happening::ClockIsSet(seconds) => {
                let way = if seconds < 0 { "back" } else { "forward" };
                self.befall("machine", format!("its clock is set {way} by {} seconds", seconds.unsigned_abs()));
                self.wall_shift = self.wall_shift.saturating_add(seconds.saturating_mul(1_000_000));
            }
            Happening::Stalls(until) => self.stalled_until = self.stalled_until.max(until),
        }
    }

    fn change<T>(&mut self, id: ServiceId, change: impl FnOnce(&mut Thing) -> T) -> Option<T> {
        let now = self.present();
        let thing = self.things.get_mut(id.index())?;
        thing.now = now;
        let (before, copies) = (thing.trace(), thing.second_copies);
        let changed = change(thing);
        if let Some(promises) = self.promises.as_mut().filter(|_| thing.second_copies > copies) {
            promises.second_copy(now.monotonic, id, self.engine.program());
        }
        if self.notices && thing.trace() != before {
            self.put(WAKE_LATENCY, Happening::Input(Input::Woken(id, Cause::Changed)));
        }
        self.notice_exit(id);
        Some(changed)
    }

    fn observe(&mut self, id: ServiceId, plan: &Plan) -> Option<Readings> {
        let now = self.present();
        let thing = self.things.get_mut(id.index())?;
        thing.now = now;
        let readings = thing.observe(self.engine.program().service(id)?, plan);
        if let Presence::Present(Identity::Process { .. }) = readings.presence {
            thing.watched = thing.process;
        }
        Some(readings)
    }

    /// Wakes the engine when the process that was last seen is gone.
    fn notice_exit(&mut self, id: ServiceId) {
        let Some(thing) = self.things.get_mut(id.index()) else { return };
        let alive = |watched: Process| thing.process.is_some_and(|one| one.pid == watched.pid && !one.zombie);
        let Some(exited) = thing.watched.filter(|watched| !alive(*watched)) else { return };
        thing.watched = None;
        let identity = Identity::Process { pid: exited.pid, start_ticks: exited.born.0 / 10_000_000, uptime_s: 0 };
        if self.wakes {
            self.put(WAKE_LATENCY, Happening::Input(Input::Woken(id, Cause::Exited(identity))));
        }
    }

    fn hand(&mut self, input: Input) {
        self.timeline.inputs += 1;
        let now = self.present();
        if let Some(promises) = &mut self.promises {
            promises.handed(now.monotonic, &input);
        }
        if let Some(onlooker) = &mut self.onlooker {
            onlooker(now, Seen::Handed(&input));
        }
        let orders = self.engine.handle(now, input);
        self.mail_told(&orders);
        for order in orders {
            if self.ends_before(Step::of(&order)) {
                return;
            }
            if let Some(promises) = &mut self.promises {
                promises.ordered(now.monotonic, &order, self.engine.program());
            }
            if let Some(onlooker) = &mut self.onlooker {
                onlooker(now, Seen::Ordered(&order));
            }
            if let Some(trace) = &mut self.trace {
                trace.push((self.now, order.clone()));
            }
            match order {
                Order::Observe(id, round, plan) => self.order_observation(id, round, plan),
                Order::Act(deed, what) => {
                    self.write();
                    if self.is_down {
                        return;
                    }
                    self.order_deed(deed, what);
                }
                Order::Tell(event) => self.enter(event.service, What::Told(event)),
                Order::Keep(id, kept) => self.keep(id, *kept),
                // Only mail says that something goes on.
                Order::Remind(..) => {}
                // Scenarios ask for things without waiting for how they end.
                Order::Answer(..) => {}
            }
        }
        self.keep_mail();
    }

    fn order_observation(&mut self, id: ServiceId, round: RoundId, plan: Arc<Plan>) {
        self.timeline.observations += 1;
        let Some(thing) = self.things.get(id.index()).filter(|thing| !thing.silent) else { return };
        let Some(service) = self.engine.program().service(id) else { return };
        let Some(time) = thing.observation_time(service, &plan) else { return };
        self.put(time, Happening::Observed(id, round, plan));
    }

    fn order_deed(&mut self, deed: DeedId, what: Deed) {
        let id = what.service;
        let Some(effects) = self.things.get(id.index()).map(|thing| thing.act(&what.kind)) else { return };
        let is_there = self.is_there(id);
        if self.programs.begin(deed, id, &what.kind, is_there) {
            self.timeline.overlaps += 1;
        }
        if let DeedKind::Start(one) | DeedKind::Stop(one) | DeedKind::Restart(one) | DeedKind::Exec(one) = &what.kind {
            self.put(one.timeout, Happening::TimeOut(id, deed));
        }
        self.enter(id, What::Did(what.kind));
        for (after, change) in effects.changes {
            self.put(after, Happening::Effect(id, deed, change));
        }
        for (after, outcome) in effects.outcomes {
            self.put(after, Happening::Input(Input::Outcome(deed, outcome)));
        }
    }

    pub(super) fn is_there(&self, id: ServiceId) -> bool {
        self.things.get(id.index()).is_some_and(Thing::is_running)
    }

    /// Something befalls the machine, or ruled itself.
    pub(super) fn befall(&mut self, whom: &str, words: String) {
        self.note(whom, What::Befell(words));
    }

    /// Something happens that concerns no service.
    pub(super) fn note(&mut self, whom: &str, what: What) {
        let at = self.now.since(Monotonic(1_000_000_000));
        self.timeline.entries.push(Entry { at, service: whom.to_owned(), what });
    }

    pub(super) fn enter(&mut self, id: ServiceId, what: What) {
        let at = self.now.since(Monotonic(1_000_000_000));
        let service = self.engine.program().service(id).map(|one| one.name.clone()).unwrap_or_default();
        self.timeline.entries.push(Entry { at, service, what });
    }
}
