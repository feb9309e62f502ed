//! The heart: a state machine that is handed what happened and when, and hands back what is to be done.
//!
//! It never waits, opens, spawns or asks the time. The same program, inputs and times give the same orders.
//!
//! A cycle of a service is observe → judge → act → report: [`Order::Observe`] asks for readings, the judge makes
//! verdicts of them, and what follows from those is told ([`Order::Tell`]) and done ([`Order::Act`]).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod asked;
mod backoff;
mod change;
mod deed;
mod dependency;
mod early;
mod event;
mod fact;
mod family;
mod figure;
mod follow;
mod grid;
mod input;
mod intent;
mod judge;
mod keep;
mod last;
mod limited;
mod limits;
mod mark;
mod measure;
mod memory;
mod message;
mod need;
mod order;
mod performance;
mod plan;
mod plugin;
mod readings;
mod record;
mod remains;
mod reminder;
mod request;
mod round;
mod schedule;
mod scope;
mod status;
mod step;
mod succeed;
mod takers;
mod time;
mod timers;
mod title;
mod told;
mod total;
mod undertake;
mod unjudged;
mod verdict;
mod view;
mod why;
mod window;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use crate::catalog::Metric;
pub use crate::program::ServiceId;

pub use asked::{Ending, RequestId};
pub use backoff::LONGEST_WAIT;
pub use change::{LONGEST_GAP, LONGEST_PAUSE, LONGEST_SILENCE, MOST_TELLINGS, SHORTEST_GAP, SILENCE};
pub use deed::{
    ABSENCE_BELIEVED, FIRST_LOOK, KILL_TIMEOUT, LONGEST_LOOK, MOST_PROGRAMS, REMAINS_TIMEOUT, TERMINATE_TIMEOUT,
};
pub use early::{LONGEST_SETTLING, MOST_EARLY_LOOKS, SETTLING_LOOKS};
pub use event::{Event, EventClass, EventState};
pub use fact::{Fact, FactValue, Lines, OUTPUT_CUT, Place, Position};
pub use family::{FAMILY_MAX, Family, FamilyOf};
pub use grid::SHORTEST_CYCLE;
pub use input::{Cause, DeedId, Input, Outcome, Request, RoundId};
pub use keep::Interval;
pub use last::{
    ARGV_KEPT_BYTES, DEED_OUTPUT_BYTES, DEEDS_OUTPUT_BYTES, DeedEnd, LastDeed, OUTPUT_KEPT_BYTES, OUTPUT_KEPT_LINES,
    REASON_KEPT_BYTES, first_lines,
};
pub use measure::Value;
pub use order::{Deed, DeedKind, Order, Plan, Reason};
pub use performance::figure as performance_figure;
pub use plan::{CALLED_LATE, CONNECTIONLESS_DEADLINE, EXISTENCE_DEADLINE, STALL_GRACE};
pub use readings::{ConnectionResult, Identity, PidfileState, PluginReport, Presence, Raw, Reading, Readings};
pub(crate) use round::class as class_of;
pub use status::{ConnectionStatus, FaultStatus, ReadingStatus, ServiceStatus, State};
pub use succeed::{Difference, Legacy};
pub use takers::{Resource, Share, TAKERS_MAX, TAKERS_PATIENCE, Taker, Taking};
pub use time::{Monotonic, Now, Wall};
pub use title::title;
pub use told::{Telling, tellings};
pub use view::{FailureView, RuleView, ServiceView};
pub use why::{DEEDS_TOLD, LastOutcome, NeedStatus, RuleStatus, Undertaken, Why};
pub use window::LONGEST_WINDOW_CYCLES;
pub(crate) use words::test as test_words;

use jiff::tz::TimeZone;

use crate::pattern::Pattern;
use crate::program::{ContentTest, Program, Service, Test};
use deed::{Undertaking, UndertakingId};
use dependency::Graph;
use grid::Grid;
use memory::Memory;
use scope::Scope;
use timers::{Timer, Timers};

/// The state machine of one program.
///
/// **Invariant:** what happens depends on the program, the inputs and their times only.
#[derive(Debug, Clone)]
pub struct Engine {
    program: Arc<Program>,
    graph: Graph,
    /// What a regular cycle observes, by service.
    plans: Vec<Arc<Plan>>,
    /// What a change of its file decides out of turn, by service.
    scopes: Vec<Option<Box<Scope>>>,
    memories: Vec<Memory>,
    patterns: Arc<Patterns>,
    /// Where the machine stands; schedules are kept by its wall clock.
    zone: TimeZone,
    grid: Grid,
    timers: Timers,
    undertakings: BTreeMap<UndertakingId, Undertaking>,
    /// Whom an outcome concerns. A deed is forgotten when nobody waits for it any more.
    deeds: BTreeMap<DeedId, Owner>,
    /// The deeds that have not ended, and whose they are.
    under_way: BTreeMap<DeedId, ServiceId>,
    /// How much the output of all deeds that are remembered holds, in bytes.
    output_bytes: usize,
    /// How many of them are programs of rules.
    programs: usize,
    /// The services with a wish that waits for others to be free; at most one wish each.
    wishing: BTreeSet<ServiceId>,
    /// The services whose judgement others may have waited for.
    judged: Vec<ServiceId>,
    /// Whether an undertaking ended, so that services may be free for the wishes of others.
    freed: bool,
    /// The requests that are not answered yet, and whom each concerns.
    requests: BTreeMap<RequestId, ServiceId>,
    last_number: u64,
    now: Now,
    /// What is told of ruled itself when the first input is taken.
    greeting: (&'static str, &'static str),
    stage: Stage,
    /// The orders of the present call.
    orders: Vec<Order>,
    /// The services of which something that is kept may have changed in the present call.
    noted: Vec<ServiceId>,
}

/// The patterns of all rules about contents, compiled, by their text. One that cannot be compiled was an error of the
/// checker.
type Patterns = BTreeMap<String, Pattern>;

fn patterns(program: &Program) -> Patterns {
    let syntax = program.settings.behaviour.syntax();
    let mut patterns = Patterns::new();
    let mut add = |test: &ContentTest| {
        if !patterns.contains_key(&test.pattern)
            && let Ok(pattern) = Pattern::new(&test.pattern, syntax)
        {
            patterns.insert(test.pattern.clone(), pattern);
        }
    };
    for service in &program.services {
        service.ignored_content.iter().for_each(&mut add);
        for test in service.rules.iter().flat_map(|rule| rule.test.parts()) {
            if let Test::Content(test) = test {
                add(test);
            }
        }
    }
    patterns
}

/// Who waits for the outcome of a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// A step of an undertaking.
    Step(UndertakingId),
    /// Nobody but the log: a rule's program.
    Program(ServiceId),
}

/// Where in its life an engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    /// Services are stopped; no cycle begins any more.
    Ending,
    /// Another engine has taken over; what is under way is brought to its end.
    Retiring,
    Quitting,
}

impl Engine {
    /// An engine for this program. Its first cycle begins after the start delay, counted from `now`.
    pub fn new(program: impl Into<Arc<Program>>, now: Now) -> Engine {
        let program: Arc<Program> = program.into();
        let first = now.monotonic.after(program.settings.start_delay);
        Engine {
            graph: Graph::new(&program),
            plans: plan::all(&program.services),
            scopes: program
                .services
                .iter()
                .map(|one| Scope::of(one, &program.settings.behaviour).map(Box::new))
                .collect(),
            memories: program
                .services
                .iter()
                .map(|service| Memory::new(service, &program.settings.behaviour))
                .collect(),
            patterns: Arc::new(patterns(&program)),
            zone: TimeZone::UTC,
            grid: Grid::new(first, program.settings.cycle),
            timers: Timers::default(),
            undertakings: BTreeMap::new(),
            deeds: BTreeMap::new(),
            under_way: BTreeMap::new(),
            output_bytes: 0,
            programs: 0,
            wishing: BTreeSet::new(),
            judged: Vec::new(),
            freed: false,
            requests: BTreeMap::new(),
            last_number: 0,
            now,
            greeting: ("start", "started"),
            stage: Stage::New,
            orders: Vec::new(),
            noted: Vec::new(),
            program,
        }
    }

    /// The engine with schedules kept in this time zone instead of in UTC.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Engine {
        self.zone = zone;
        self
    }

    /// Takes one input at `now`; returns the orders that follow from it, in the order in which they are to be
    /// carried out. A time that lies before that of an earlier call counts as that of the earlier call.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Order> {
        self.now = Now { monotonic: now.monotonic.max(self.now.monotonic), wall: now.wall };
        if self.stage == Stage::New {
            self.stage = Stage::Running;
            let (action, done) = self.greeting;
            self.tell_instance(action, done);
            self.take_up();
        }
        if self.stage != Stage::Quitting {
            self.take(input);
            self.pass_time();
            self.settle();
            // What is stopped because all ends is to be watched again by the next one.
            if matches!(self.stage, Stage::New | Stage::Running) {
                self.order_to_keep();
            }
            self.answer_dropped();
        }
        std::mem::take(&mut self.orders)
    }

    /// When the engine next wants [`Input::Tick`], if nothing happens before; never, once it was told to quit.
    pub fn next_wake(&self) -> Option<Monotonic> {
        match self.stage {
            Stage::New => Some(self.now.monotonic),
            Stage::Running => Some(self.timers.next().map_or(self.grid.next, |timer| timer.min(self.grid.next))),
            Stage::Ending | Stage::Retiring => self.timers.next(),
            Stage::Quitting => None,
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            // What is asked for when all is about to end comes too late.
            Input::Woken(..) | Input::Request(..) | Input::Wake | Input::End | Input::Retire
                if matches!(self.stage, Stage::Ending | Stage::Retiring) => {}
            Input::Tick => {}
            Input::Readings(service, round, readings) => self.take_readings(service, round, readings),
            Input::Woken(service, Cause::Exited(identity)) => self.wake_early(service, identity),
            Input::Woken(service, Cause::Changed) => self.wake_changed(service),
            Input::Outcome(deed, outcome) => self.take_outcome(deed, outcome),
            Input::Request(service, request) => self.take_request(service, request),
            Input::Ask(request, service, what) => self.take_ask(request, service, what),
            Input::Wake => {
                self.grid.wake(self.now.monotonic);
                self.begin_cycle();
            }
            Input::End => self.stop_all(),
            Input::Retire => self.retire(),
            Input::Quit => {
                self.tell_instance("stop", "stopped");
                self.stage = Stage::Quitting;
                self.timers = Timers::default();
            }
        }
    }

    /// Does what the time alone brings about.
    fn pass_time(&mut self) {
        if self.stage == Stage::Quitting {
            return;
        }
        while let Some(timer) = self.timers.take_due(self.now.monotonic) {
            match timer {
                Timer::Round(service, round) => self.miss_round(service, round),
                Timer::Early(service) => self.retry_early(service),
                Timer::Changed(service) => self.pass_change(service),
                Timer::Settled(service) => self.look_settled(service),
                Timer::Step(undertaking) => self.continue_undertaking(undertaking),
            }
        }
        if self.stage == Stage::Running && self.grid.begin(self.now.monotonic) {
            self.begin_cycle();
        }
    }

    /// Judges what waited for another judgement and pursues wishes that waited for others to be free, until
    /// nothing moves any more. Each judgement ends a round and each wish is pursued once, so this ends.
    fn settle(&mut self) {
        while self.stage != Stage::Quitting {
            if let Some(service) = self.judged.pop() {
                self.release_children(service);
            } else if std::mem::take(&mut self.freed) {
                self.pursue_waiting();
            } else {
                return;
            }
        }
    }

    fn service(&self, id: ServiceId) -> Option<(Arc<Program>, usize)> {
        let index = id.index();
        (index < self.program.services.len()).then(|| (Arc::clone(&self.program), index))
    }

    fn memory(&mut self, id: ServiceId) -> Option<&mut Memory> {
        self.memories.get_mut(id.index())
    }

    fn number(&mut self) -> u64 {
        self.last_number = self.last_number.saturating_add(1);
        self.last_number
    }

    /// Tells everybody something about a service.
    fn tell(
        &mut self,
        service: ServiceId,
        early: bool,
        class: EventClass,
        state: EventState,
        action: &'static str,
        message: String,
    ) {
        // What happens before the first cycle is told in its name: cycles are counted from 1.
        let (at, cycle) = (self.now.wall, self.grid.number.max(1));
        let (rule, takers) = (None, Vec::new());
        self.orders.push(Order::Tell(Event { at, cycle, early, service, class, rule, state, action, message, takers }));
    }

    /// Tells that ruled itself started or stopped, in the name of the system.
    fn tell_instance(&mut self, action: &'static str, done: &str) {
        let system = |service: &Service| service.kind() == grammar::ast::ServiceKind::System;
        let system = self.program.services.iter().position(system).map_or(ServiceId(u32::MAX), ServiceId::new);
        let message = format!("ruled {} {done}", env!("CARGO_PKG_VERSION"));
        self.tell(system, false, EventClass::Instance, EventState::Changed, action, message);
    }
}
