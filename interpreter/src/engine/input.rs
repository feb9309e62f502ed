//! What the engine is told.

use super::{Identity, Readings, RequestId, ServiceId};

/// The number of an observation; it ties readings to the order that asked for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoundId(pub u64);

/// The number of a deed; it ties an outcome to the order that asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeedId(pub u64);

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// An observation has ended. Late readings, of a round that nobody waits for, are dropped and counted.
    Readings(ServiceId, RoundId, Readings),
    /// Something happened to a service that makes it due out of turn.
    Woken(ServiceId, Cause),
    /// A deed has moved on or ended.
    Outcome(DeedId, Outcome),
    /// A person asks for something to be done to a service.
    Request(ServiceId, Request),
    /// A person asks for something to be done to a service, and is told how it ended ([`Order::Answer`](super::Order)).
    Ask(RequestId, ServiceId, Request),
    /// All services are due now (SIGUSR1, `--once`).
    Wake,
    /// Everything ends with ruled, which is the first process: services are stopped in order, and nothing else is begun.
    End,
    /// Another engine goes on with other rules: nothing is begun any more, and what is under way is brought to its end.
    Retire,
    /// ruled is about to stop: no new deeds, no new observations.
    Quit,
}

/// What a person can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Start it, and the services that it needs and that are not up.
    Start,
    /// Stop it, and before it the services that need it; watch them no longer.
    Stop,
    /// Restart it; the services that need it are stopped before and started after.
    Restart,
    /// Watch it, and the services that it needs.
    Monitor,
    /// Watch it no longer, nor the services that need it.
    Unmonitor,
}

impl Request {
    /// The word on the command line and in events.
    pub fn word(self) -> &'static str {
        match self {
            Request::Start => "start",
            Request::Stop => "stop",
            Request::Restart => "restart",
            Request::Monitor => "monitor",
            Request::Unmonitor => "unmonitor",
        }
    }
}

/// Why a service is due out of turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The process that was last seen has exited.
    Exited(Identity),
    /// Its file, directory or pipe changed, or something in the way to it.
    Changed,
}

/// What became of a deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The program runs; a second outcome follows when it ends.
    Running,
    /// The program ended, or the signal was sent (status 0).
    Ended {
        /// The exit status; 128 plus the number of the signal that ended it.
        status: i32,
        /// The number of the signal that ended it, where one did.
        signal: Option<i32>,
        /// What it printed, cleaned and bounded.
        output: String,
    },
    /// It could not be done: the reason, in a sentence.
    Refused(String),
    /// It did not end in time and was killed. A last outcome may follow, with what it printed.
    TimedOut,
}
