//! What the engine wants done.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Cause, DeedId, Ending, Event, Fact, FamilyOf, Identity, Metric, Position, RequestId, Resource, RoundId, ServiceId,
};
use crate::durable::Kept;
use crate::program::Command;

/// Something to be done. Orders are carried out in the order in which they are handed back.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Take readings of a service and hand them back under this number.
    Observe(ServiceId, RoundId, Arc<Plan>),
    /// Do something and hand back what became of it.
    Act(DeedId, Deed),
    /// Tell everybody whom it concerns.
    Tell(Event),
    /// Remind those who want it that this goes on, for so many cycles by now.
    Remind(Box<Event>, u64),
    /// Tell whoever asked how it ended. Each request is answered once.
    Answer(RequestId, Ending),
    /// Keep this of a service, beyond the end of ruled, in place of what was kept of it before.
    Keep(ServiceId, Box<Kept>),
}

/// Which readings are wanted. Stages as data: existence is always read first, and when the thing is not there
/// nothing else is taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Why the service is due; absent for a regular cycle.
    pub early: Option<Cause>,
    /// The metrics that rules need, sorted.
    pub metrics: Vec<Metric>,
    /// What else rules need, sorted.
    pub facts: Vec<Fact>,
    /// How far the file was read before; nothing at the first look, which begins at its end.
    pub follow: Option<Position>,
    /// The rules (by their place in the service) whose connections are to be made.
    pub connections: Vec<u32>,
    /// The rules that ask for echo requests. Those are sent before any connection is made.
    pub pings: Vec<u32>,
    /// Connections are made only when the process has run for longer than this.
    pub connections_after: Duration,
    /// Of what the greatest takers are to be found, sorted. Such a look takes nothing else, and it may pause in between.
    pub takers: Vec<Resource>,
    /// Whose family is asked for: what belongs to the process, beside itself.
    pub family: Option<Box<FamilyOf>>,
    /// When the readings are of no use any more, counted from now.
    pub deadline: Duration,
}

/// Something to be done to a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// Whose.
    pub service: ServiceId,
    /// What.
    pub kind: DeedKind,
    /// Why; a program finds it in its environment.
    pub reason: Reason,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum DeedKind {
    /// Run the start program. It may stay in the foreground for as long as its service lives. When its time-out has
    /// passed and the service is not there, it is ended with its process group, and the outcome is `TimedOut`; so
    /// is one that is left over when the next one is to be run.
    Start(Command),
    /// Run the stop program. After its time-out it is ended, and the outcome is `TimedOut`.
    Stop(Command),
    /// Run the restart program; like a start program it may stay in the foreground.
    Restart(Command),
    /// Run a rule's program. After its time-out it is ended, and the outcome is `TimedOut`.
    Exec(Command),
    /// Ask a process to end (SIGTERM), if it is still this one.
    Terminate(Identity),
    /// End these processes at once (SIGKILL), each if it is still this one. They are a service, or belong to it.
    Kill(Vec<Identity>),
}

impl Plan {
    /// The plan for a look that goes on where an earlier one stopped reading. Where nothing is followed it is the same plan,
    /// which all services that are asked for the same share.
    pub(super) fn going_on_from(self: &Arc<Plan>, follow: Option<Position>) -> Arc<Plan> {
        if self.follow == follow { Arc::clone(self) } else { Arc::new(Plan { follow, ..(**self).clone() }) }
    }
}

impl DeedKind {
    /// The word in logs and timelines.
    pub fn word(&self) -> &'static str {
        match self {
            DeedKind::Start(_) => "start",
            DeedKind::Stop(_) => "stop",
            DeedKind::Restart(_) => "restart",
            DeedKind::Exec(_) => "exec",
            DeedKind::Terminate(_) => "terminate",
            DeedKind::Kill(_) => "kill",
        }
    }
}

/// Why something is done: the event that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The event's class word.
    pub event: &'static str,
    /// The event's sentence.
    pub message: String,
}
