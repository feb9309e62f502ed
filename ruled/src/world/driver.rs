//! The loop on the main thread: takes what happens, hands it to the engine, and carries out its orders.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interpreter::engine::{Cause, ConnectionResult, Engine, Input, Order, Plan, Presence, Reading, RoundId, ServiceId};
use interpreter::program::{Program, Target};
use jiff::tz::TimeZone;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Options;
use super::changes::Changes;
use super::clock::{Clock, far_away};
use super::deeds::{Deeds, Ended};
use super::lacking::Lacking;
use super::last_seen::LastSeenTable;
use super::looks::{Look, Looks, MARGIN, Sighted};
use super::places::Places;
use super::rounds::{Next, RoundKey, Rounds};
use super::sightings::Sightings;
use super::signals::{Signals, Wish};
use super::timers::Timers;
use super::watch::{Exit, Means, Watches};
use crate::act::environment::Environment;
use crate::act::reap::{Reaper, Rest};
use crate::act::spawn::Spawner;
use crate::control::server::Question;
use crate::observe::Sight;
use crate::observe::connection::{self, Connector, Job, Manner};
use crate::observe::procfs::{Handed, handed};
use crate::remember::Keeper;
use crate::report::level::Level;
use crate::report::mail::Post;
use crate::report::{Reporter, service_name};

mod acting;
mod asking;
mod checking;
mod completing;
mod due;
mod early;
mod ending;
mod exchanging;
mod remembering;

use asking::Asking;
use due::Due;
use exchanging::{Exchanging, Former, Read};

/// The shortest time between two ticks that the engine asks for without anything else happening: so that a wish for
/// a time that has passed cannot become a busy loop.
const TICK_GAP: Duration = Duration::from_millis(1);

/// A connection test has ended.
type Connected = (RoundKey, u32, Reading<ConnectionResult>);

/// Everything that can happen.
enum Happening {
    Exited(Exit),
    Changed(BTreeSet<ServiceId>),
    Signal(Wish),
    Ended(Ended),
    Sighted(Sighted),
    Connected(Connected),
    Checked(checking::Checked),
    Read(Read),
    Time,
    Asked(Question),
}

/// The channels on which things happen. What they hold is bounded by what was asked for: one exit for each watched
/// process, one end for each program, one result for each look and connection.
struct Inbox {
    exits: UnboundedReceiver<Exit>,
    changes: Changes,
    ends: UnboundedReceiver<Ended>,
    sights: Sightings<Sighted>,
    connections: Sightings<Connected>,
    checks: Sightings<checking::Checked>,
    rules: UnboundedReceiver<Read>,
    /// What is asked through the door; bounded.
    questions: Receiver<Question>,
    signals: Signals,
}

/// What the loop knows of the machine.
pub(super) struct Machine {
    /// The limit of descriptors that programs get back, where it was raised.
    pub(super) nofile: Option<u64>,
    /// Its name.
    pub(super) host: String,
    /// Where it stands.
    pub(super) zone: TimeZone,
}

/// The main thread's own.
pub(super) struct Driver {
    program: Arc<Program>,
    engine: Engine,
    keeper: Keeper,
    /// How often the program was exchanged; what belongs to an earlier one is not handed to this engine.
    generation: u32,
    sights: Vec<Arc<Sight>>,
    clock: Clock,
    options: Options,
    reporter: Reporter,
    connector: Connector,
    /// How connections of the program are made.
    manner: Arc<Manner>,
    connected: UnboundedSender<Connected>,
    checked: UnboundedSender<checking::Checked>,
    watches: Watches,
    places: Arc<Places>,
    rounds: Rounds,
    deeds: Deeds,
    looks: Looks,
    timers: Timers<Due>,
    environment: Environment,
    /// What whoever started ruled left it.
    handed: Option<Handed>,
    last_seen: LastSeenTable,
    lacking: Lacking,
    /// What was told and not yet handed to the mail thread: what is kept because of it goes with it.
    unmailed: Vec<Post>,
    host: String,
    zone: TimeZone,
    inputs: VecDeque<Input>,
    last_tick: Option<Instant>,
    /// The last exit that the engine was told of.
    last_exit: Option<(ServiceId, Instant)>,
    exchanging: Exchanging,
    /// The runs of rules that were exchanged, as long as they finish what they began.
    formers: Vec<Former>,
    /// Whether one of them is in hand.
    is_former: bool,
    asking: Asking,
    /// Whether services are being stopped, because all ends with ruled.
    is_ending: bool,
    is_over: bool,
    /// The last cycle that was said to be over, and whether nothing has been under way since.
    rested: (u64, bool),
    /// How many places were said to be watched, and for how many services.
    watching: (usize, usize),
    inbox: Option<Inbox>,
}

impl Driver {
    /// Prepares everything; must be called within the runtime.
    pub(super) fn new(
        program: Arc<Program>,
        options: Options,
        reporter: Reporter,
        connector: Connector,
        questions: Receiver<Question>,
        machine: Machine,
    ) -> io::Result<Driver> {
        let Machine { nofile, host, zone } = machine;
        let clock = Clock::start();
        let (exit, exits) = unbounded_channel();
        let (end, ends) = unbounded_channel();
        let (sighted, sights) = unbounded_channel();
        let (connected, connections) = unbounded_channel();
        let (checked, checks) = checking::begin(&connector);
        let (read, rules) = unbounded_channel();
        let places = Arc::new(if options.once { Places::none() } else { Places::open() });
        let launcher = options.launcher.clone().unwrap_or_else(|| crate::observe::procfs::OWN_EXECUTABLE.into());
        let handed = match handed() {
            Ok(handed) => Some(handed),
            Err(error) => {
                reporter.say(clock.now().wall, Level::Warning, &error.to_string());
                None
            }
        };
        // Before anything is told or kept: from then on an end is one in good order.
        let signals = Signals::listen(handed.map_or(0, |handed| handed.ignored))?;
        let mut engine = Engine::new(Arc::clone(&program), clock.now()).in_zone(zone.clone());
        let keeper = remembering::recall(&mut engine, &options, &reporter)?;
        Ok(Driver {
            engine,
            keeper,
            generation: 0,
            sights: Sight::all(&program),
            clock,
            reporter,
            connector,
            manner: connection::manner(&program),
            connected,
            checked,
            watches: Watches::new(exit),
            looks: Looks::new(clock, Arc::clone(&places), sighted),
            rounds: Rounds::default(),
            deeds: Deeds::new(Spawner { launcher, nofile, manner: acting::manner(&program, handed) }, end),
            handed,
            timers: Timers::new(),
            environment: Environment::new(program.settings.behaviour.clean_environment, host.clone()),
            last_seen: LastSeenTable::default(),
            lacking: Lacking::default(),
            unmailed: Vec::new(),
            host,
            zone,
            inputs: VecDeque::new(),
            last_tick: None,
            last_exit: None,
            exchanging: Exchanging::new(read),
            formers: Vec::new(),
            is_former: false,
            asking: Asking::default(),
            is_ending: false,
            is_over: false,
            rested: (0, true),
            watching: (0, 0),
            inbox: Some(Inbox {
                exits,
                changes: Changes::of(Arc::clone(&places)),
                ends,
                sights: Sightings::of(sights),
                connections: Sightings::of(connections),
                checks: Sightings::of(checks),
                rules,
                questions,
                signals,
            }),
            places,
            options,
            program,
        })
    }

    /// Runs until somebody asks for the end, or for one cycle.
    /// What keeps the state is handed back, because mail is kept until it is handed in.
    pub(super) async fn run(mut self) -> io::Result<Keeper> {
        let Some(mut inbox) = self.inbox.take() else { return Ok(self.keeper) };
        self.heed_changes();
        if let Err(error) = Reaper::adopt_orphans() {
            self.say(Level::Warning, &format!("cannot become the parent of orphans: {error}"));
        }
        self.open_cgroups();
        // Whoever was here before may have left children that have ended.
        self.reap();
        if self.options.once {
            let bound = self.longest_once();
            self.timers.set(Instant::now() + bound, Due::EndOfOnce);
            self.feed(Input::Wake);
        }
        while !self.is_over {
            if (self.options.once || self.is_ending) && self.is_idle() {
                self.quit();
                break;
            }
            let wake = self.wake();
            let happening = next(&mut inbox, wake).await;
            self.take(happening);
            self.exchange_when_possible();
            self.answer_validations();
            self.say_rest();
        }
        Ok(self.keeper)
    }

    fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Exited(exit) => self.exited(exit),
            Happening::Changed(services) => self.changed(services),
            Happening::Signal(wish) => self.wish(wish),
            Happening::Ended(ended) => self.ended(ended),
            Happening::Sighted(sighted) => {
                self.in_generation(sighted.key.generation, |driver| driver.sighted(sighted));
            }
            Happening::Connected((key, rule, result)) => {
                let next = self.rounds.connected(key, rule, result);
                self.in_generation(key.generation, |driver| driver.proceed(key, next));
            }
            Happening::Checked(checked) => self.was_checked(checked),
            Happening::Read(read) => self.was_read(read),
            Happening::Time => self.pass_time(),
            Happening::Asked(question) => self.asked(question),
        }
        self.work();
    }

    /// When to wake up by the clock alone.
    fn wake(&self) -> Instant {
        let wish = self.engine.next_wake().map_or_else(far_away, |at| self.clock.instant(at));
        let wish = self.last_tick.map_or(wish, |last| wish.max(last + TICK_GAP));
        let others = [self.timers.next(), self.rounds.next_deadline(), self.formers_wake()];
        others.into_iter().flatten().fold(wish, Instant::min)
    }

    fn pass_time(&mut self) {
        self.last_tick = Some(Instant::now());
        for line in self.looks.news() {
            self.say(Level::Warning, &line);
        }
        while let Some(key) = self.rounds.overdue(Instant::now()) {
            self.in_generation(key.generation, |driver| driver.expire(key));
        }
        while let Some(due) = self.timers.take(Instant::now()) {
            match due {
                Due::LookAgain(look, times) => {
                    self.in_generation(look.key.generation, |driver| driver.look_early(*look, times));
                }
                Due::Deed(pid, key) => self.in_generation(key.generation, |driver| driver.late(pid, key)),
                Due::Check(pid, key) => self.cut_check(pid, key),
                Due::Rest(finished, times) => self.end_rest(*finished, times),
                Due::RulesLate(number) => self.rules_are_late(number),
                Due::Reap => self.reap(),
                Due::EndOfAll => self.quit(),
                Due::EndOfOnce => {
                    self.say(Level::Error, "the cycle did not end in time");
                    self.quit();
                }
            }
        }
        self.pass_time_of_formers();
        self.inputs.push_back(Input::Tick);
    }

    fn reap(&mut self) {
        if self.deeds.reap() == Rest::More {
            self.timers.set(Instant::now() + TICK_GAP, Due::Reap);
        }
    }

    fn wish(&mut self, wish: Wish) {
        match wish {
            Wish::Quit if self.is_first() => self.end(),
            Wish::Quit => self.quit(),
            Wish::Reload => {
                self.reporter.reopen();
                self.reload(None);
            }
            Wish::Wake => self.inputs.push_back(Input::Wake),
            Wish::Reap => self.reap(),
        }
    }

    fn quit(&mut self) {
        self.feed(Input::Quit);
        self.deeds.end_checks(&self.watches.pids());
        self.is_over = true;
    }

    fn feed(&mut self, input: Input) {
        self.inputs.push_back(input);
        self.work();
    }

    /// Hands over what waits, until the engine has nothing more to order at once.
    fn work(&mut self) {
        while let Some(input) = self.inputs.pop_front() {
            let orders = self.engine.handle(self.clock.now(), input);
            self.carry_out(orders);
        }
    }

    /// Carries out orders in their order; the looks between two deeds are one batch.
    fn carry_out(&mut self, orders: Vec<Order>) {
        let mut batch = Vec::new();
        let mut has_told = self.tell_all(&orders);
        for order in orders {
            match order {
                Order::Observe(service, round, plan) => {
                    let is_crash = matches!(plan.early, Some(Cause::Exited(_)));
                    let Some(look) = self.begin(service, round, plan) else { continue };
                    if is_crash {
                        // An exited process: every hop would be seen in the time until it runs again.
                        self.look_early(look, 0);
                    } else {
                        batch.push(look);
                    }
                }
                Order::Act(id, deed) => {
                    self.observe(std::mem::take(&mut batch));
                    self.act(id, deed);
                }
                // It is told already.
                Order::Tell(_) | Order::Remind(..) => {}
                Order::Keep(service, kept) => self.keep(service, *kept, std::mem::take(&mut has_told)),
                Order::Answer(request, ending) => self.answered(request, ending),
            }
        }
        self.observe(batch);
        self.mail_told();
    }

    fn begin(&mut self, service: ServiceId, round: RoundId, plan: Arc<Plan>) -> Option<Look> {
        let key = RoundKey { generation: self.generation, service, round };
        let sight = Arc::clone(self.sights.get(service.index())?);
        let until = Instant::now() + plan.deadline.saturating_sub(MARGIN);
        let (known, group) = (self.known(service), self.deeds.group(self.generation, service));
        let look = Look { key, sight, plan: Arc::clone(&plan), known, group, until };
        let is_early = plan.early.is_some();
        self.rounds.begin(key, plan, until);
        let program = Arc::clone(&self.program);
        if let Some(Target::Program(command)) = program.service(service).map(|service| &service.target)
            && !is_early
        {
            self.run_check(key, command);
            return None;
        }
        if !is_early && self.ask_plugin(key) {
            return None;
        }
        Some(look)
    }

    fn observe(&mut self, batch: Vec<Look>) {
        if batch.is_empty() {
            return;
        }
        for sighted in self.looks.batch(batch) {
            self.sighted(sighted);
        }
    }

    fn sighted(&mut self, mut sighted: Sighted) {
        let key = sighted.key;
        if key.generation != self.generation || !self.rounds.is_pending(key) {
            return;
        }
        let pidfd = sighted.seen.pidfd.take();
        if let Some(note) = sighted.seen.note.take() {
            self.say(Level::Warning, &format!("'{}' {note}", service_name(&self.program, key.service)));
        }
        match &sighted.seen.presence {
            // What is watched belongs to the present run, which looks when it takes the service over.
            _ if self.is_former => {}
            Presence::Present(identity) => {
                if self.watches.hold(key.service, *identity, pidfd) == Means::Polling {
                    let name = service_name(&self.program, key.service);
                    self.say(Level::Debug, &format!("'{name}' is watched by looking once a cycle"));
                }
            }
            Presence::Absent(_) | Presence::Zombie(_) | Presence::Invalid(_) => self.watches.let_go(key.service),
            Presence::Unknown(_) => {}
        }
        let next = self.rounds.seen(key, sighted.taken, sighted.seen);
        self.proceed(key, next);
    }

    fn proceed(&mut self, key: RoundKey, next: Next) {
        match next {
            Next::Nothing => {}
            Next::Complete(readings) => self.complete(key.service, key.round, readings),
            Next::Connect(places) => {
                for place in places {
                    self.connect(key, place);
                }
            }
        }
    }

    fn connect(&mut self, key: RoundKey, place: u32) {
        let connected = self.connected.clone();
        // The loop is gone only when ruled ends.
        let done = move |result| connected.send((key, place, result)).unwrap_or(());
        match self.program.service(key.service).and_then(|service| Job::of(service, place as usize)) {
            Some(job) => self.connector.test(job, &self.manner, Box::new(done)),
            None => done(Reading::Unknown("the rule has no connection".to_owned())),
        }
    }

    /// Whether all that one cycle brings about is done.
    fn is_idle(&self) -> bool {
        self.inputs.is_empty() && self.engine.is_settled() && self.deeds.is_settled() && self.is_without_formers()
    }

    fn say(&self, level: Level, text: &str) {
        self.reporter.say(self.clock.now().wall, level, text);
    }
}

/// Waits for whatever happens first. Exits come before everything else: somebody waits for the service.
async fn next(inbox: &mut Inbox, wake: Instant) -> Happening {
    tokio::select! {
        biased;
        Some(exit) = inbox.exits.recv() => Happening::Exited(exit),
        wish = inbox.signals.next() => Happening::Signal(wish),
        Some(ended) = inbox.ends.recv() => Happening::Ended(ended),
        sighted = inbox.sights.next() => Happening::Sighted(sighted),
        connected = inbox.connections.next() => Happening::Connected(connected),
        checked = inbox.checks.next() => Happening::Checked(checked),
        Some(read) = inbox.rules.recv() => Happening::Read(read),
        services = inbox.changes.next() => Happening::Changed(services),
        () = tokio::time::sleep_until(wake.into()) => Happening::Time,
        // Last, so that whoever asks without end holds nothing up.
        Some(question) = inbox.questions.recv() => Happening::Asked(question),
    }
}
