//! What is done to services: wishes, undertakings of several steps, and the deeds they are made of.

use std::collections::VecDeque;
use std::time::Duration;

use super::family::Family;
use super::order::Reason;
use super::readings::Identity;
use super::{DeedId, Monotonic, RequestId, RoundId, ServiceId};

/// How soon after a program was run its service is looked at for the first time; doubled each time.
pub const FIRST_LOOK: Duration = Duration::from_millis(10);
/// The longest time between two looks.
pub const LONGEST_LOOK: Duration = Duration::from_secs(1);
/// How long a process that was asked to end may take, before it is killed.
pub const TERMINATE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a process that was killed may take to be gone.
pub const KILL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what a process left behind may take to end by itself, before it is killed.
pub const REMAINS_TIMEOUT: Duration = Duration::from_secs(1);
/// How long it is believed that a process is gone, without a new look before the start program is run.
pub const ABSENCE_BELIEVED: Duration = Duration::from_millis(100);
/// How many programs of rules may run at once. Further ones are refused, so that a program that hangs does not
/// fill the process table.
pub const MOST_PROGRAMS: usize = 1_000;

/// The number of an undertaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UndertakingId(pub(super) u64);

/// What is to become of a service. The later wins over the earlier, when one judgement wishes for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Start,
    Restart,
    Unmonitor,
    Stop,
}

/// Which rule of a service wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The rule at this place.
    Rule(usize),
    /// The rule that nobody writes: the thing is of the right type.
    Invalid,
    /// A limit of restarts. It holds anew in each cycle, or not at all.
    Limit,
    /// A recovery, which is not tried again.
    Recovery,
    /// A person.
    Person,
    /// A person who is told how it ends.
    Asked(RequestId),
}

/// Something that a judgement or a person wishes for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    pub(super) verb: Verb,
    pub(super) sources: Vec<Source>,
    pub(super) reason: Reason,
}

/// One part of an undertaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) service: ServiceId,
    pub(super) kind: StepKind,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepKind {
    Start,
    Stop,
    /// Runs the restart program.
    Restart,
    /// Looks at all of it and judges it.
    Check,
}

impl StepKind {
    /// What is said when it was done.
    pub(super) fn done(self) -> &'static str {
        match self {
            StepKind::Start => "started",
            StepKind::Stop => "stopped",
            StepKind::Restart => "restarted",
            StepKind::Check => "checked",
        }
    }

    /// What is said when it was not.
    pub(super) fn word(self) -> &'static str {
        match self {
            StepKind::Start => "start",
            StepKind::Stop => "stop",
            StepKind::Restart => "restart",
            StepKind::Check => "check",
        }
    }
}

/// A wish on its way: steps on a service and on those that depend on it or that it needs.
///
/// **Invariant:** every service of its steps is busy with this undertaking and with no other, so there are never
/// two deeds on one service.
#[derive(Debug, Clone)]
pub(super) struct Undertaking {
    pub(super) service: ServiceId,
    pub(super) wish: Wish,
    /// All services of the steps.
    pub(super) services: Vec<ServiceId>,
    pub(super) steps: VecDeque<Step>,
    pub(super) progress: Option<Progress>,
    /// The services that a step of this undertaking changed.
    pub(super) touched: Vec<ServiceId>,
    /// The services that were judged on the way.
    pub(super) checked: Vec<ServiceId>,
    /// What its services need and what failed when it began.
    pub(super) ailing: Vec<ServiceId>,
    /// Whether a step failed.
    pub(super) failed: bool,
    /// A service that was just seen to be absent (none) or there, and when.
    pub(super) seen: Option<(ServiceId, Monotonic, Option<Identity>)>,
    /// When its timer is set.
    pub(super) timer: Option<Monotonic>,
}

/// How far the present step is.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) step: Step,
    pub(super) phase: Phase,
    /// The program that was run, or the signal that was sent.
    pub(super) deed: Option<DeedId>,
    /// How the program ended, and what it printed.
    pub(super) ended: Option<(i32, String)>,
    /// Whether the program does not run any more, or never did.
    pub(super) over: bool,
    /// Whether the process that was there before was last seen to be gone.
    pub(super) gone: bool,
    /// The process that was there before.
    pub(super) before: Option<Identity>,
    /// What belongs to it beside itself, where a stop has to end all of it.
    pub(super) family: Option<Family>,
    /// The process that ended by itself and left that behind.
    pub(super) fallen: Option<Identity>,
    /// Until when what it left behind may end by itself, too.
    pub(super) mourned: Option<Monotonic>,
    /// Whom SIGKILL was sent.
    pub(super) killed: Vec<Identity>,
    /// When the step has failed.
    pub(super) deadline: Monotonic,
    /// Whether the deadline was made longer after a stall.
    pub(super) graced: bool,
    /// The observation that runs, and when it is given up.
    pub(super) look: Option<(RoundId, Monotonic)>,
    /// When to look next; none while nothing is to be seen.
    pub(super) next_look: Option<Monotonic>,
    pub(super) pause: Duration,
}

/// What the present step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// To know whether the process is there.
    Look,
    /// That a program brings about what it should.
    Program,
    /// That a process ends after SIGTERM, with what belongs to it.
    Terminate,
    /// That a process and what belongs to it end after SIGKILL.
    Kill,
}
