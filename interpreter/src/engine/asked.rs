//! Requests whose askers are told how they ended.
//!
//! A wish carries the number of the request that it came from. Whatever becomes of the wish, the request is answered once:
//! when its undertaking ends, or when nothing is left that pursues it.

use super::deed::{Source, Undertaking, Verb, Wish};
use super::order::Reason;
use super::{Engine, EventClass, Order, Request, ServiceId, Stage};

/// The number of a request; it ties an answer to the input that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// What was asked for is done.
    Done,
    /// It was tried and failed: the sentence of the event.
    Failed(String),
    /// Nothing was begun, and nothing will be: why, in a sentence.
    Dropped(String),
}

impl Engine {
    /// In which order a request is made of several services, those needed by others first, and which of them need not be asked
    /// for, because what is done to another of them does it to them as well: that one.
    pub fn ask_order(&self, services: &[ServiceId], request: Request) -> Vec<(ServiceId, Option<ServiceId>)> {
        let verb = match request {
            Request::Stop => Some(Verb::Stop),
            Request::Restart => Some(Verb::Restart),
            Request::Start | Request::Monitor | Request::Unmonitor => None,
        };
        let mut ordered: Vec<(ServiceId, Option<ServiceId>)> = Vec::with_capacity(services.len());
        let mut sorted = services.to_vec();
        sorted.sort_by_key(|id| (self.graph.rank(*id), *id));
        sorted.dedup();
        let mut covered: std::collections::BTreeMap<ServiceId, ServiceId> = std::collections::BTreeMap::new();
        for id in sorted {
            let leader = covered.get(&id).copied();
            ordered.push((id, leader));
            if let (Some(verb), None) = (verb, leader) {
                for step in self.steps(id, verb).into_iter().filter(|step| step.service != id) {
                    covered.entry(step.service).or_insert(id);
                }
            }
        }
        ordered
    }

    /// Does what was asked for, and sees to the answer.
    pub(super) fn take_ask(&mut self, request: RequestId, id: ServiceId, what: Request) {
        if self.program.service(id).is_none() {
            return self.answer(request, Ending::Dropped("there is no such service".to_owned()));
        }
        match self.stage {
            Stage::Ending | Stage::Quitting => {
                return self.answer(request, Ending::Dropped("ruled is about to end".to_owned()));
            }
            Stage::Retiring => return self.answer(request, Ending::Dropped(EXCHANGED.to_owned())),
            Stage::New | Stage::Running => {}
        }
        match verb(what) {
            Some(verb) => {
                self.requests.insert(request, id);
                self.pursue(id, wish(verb, what, Source::Asked(request)), None);
            }
            None => {
                self.take_request(id, what);
                self.answer(request, Ending::Done);
            }
        }
    }

    /// How an undertaking that is over ended.
    pub(super) fn ending(&self, undertaking: &Undertaking) -> Ending {
        if !undertaking.failed {
            return Ending::Done;
        }
        let all = std::iter::once(&undertaking.service).chain(&undertaking.services);
        let fault = |id: &ServiceId| self.memories.get(id.index()).filter(|memory| memory.exec.failed);
        let message = all.filter_map(fault).map(|memory| memory.exec.message.clone()).next();
        Ending::Failed(message.unwrap_or_else(|| "it failed".to_owned()))
    }

    /// Answers the requests among these sources.
    pub(super) fn answer_all(&mut self, sources: &[Source], ending: &Ending) {
        for source in sources {
            if let Source::Asked(request) = source {
                self.answer(*request, ending.clone());
            }
        }
    }

    /// Answers the requests that nothing pursues any more: another wish took their place, or their service is not to be
    /// watched any more.
    pub(super) fn answer_dropped(&mut self) {
        if self.requests.is_empty() {
            return;
        }
        let is_over = self.stage == Stage::Quitting;
        let carries = |wish: &Wish, request: RequestId| wish.sources.contains(&Source::Asked(request));
        let pursued = |request: RequestId, id: ServiceId| {
            let waits = self.memories.get(id.index()).and_then(|memory| memory.wish.as_deref());
            waits.is_some_and(|wish| carries(wish, request))
                || self.undertakings.values().any(|one| carries(&one.wish, request))
        };
        let dropped: Vec<RequestId> = self
            .requests
            .iter()
            .filter(|(request, id)| is_over || !pursued(**request, **id))
            .map(|(request, _)| *request)
            .collect();
        let why = match self.stage {
            Stage::Retiring => EXCHANGED,
            Stage::Quitting => "ruled ends",
            _ => "another request or rule for the service took its place",
        };
        for request in dropped {
            self.answer(request, Ending::Dropped(why.to_owned()));
        }
    }

    fn answer(&mut self, request: RequestId, ending: Ending) {
        self.requests.remove(&request);
        self.orders.push(Order::Answer(request, ending));
    }
}

/// Why a request is dropped that had not begun when the rules were exchanged.
const EXCHANGED: &str = "the rules were exchanged before it could begin";

/// What a request wants done, where it is more than to be watched or not.
pub(super) fn verb(request: Request) -> Option<Verb> {
    match request {
        Request::Start => Some(Verb::Start),
        Request::Stop => Some(Verb::Stop),
        Request::Restart => Some(Verb::Restart),
        Request::Monitor | Request::Unmonitor => None,
    }
}

/// What a person wishes.
pub(super) fn wish(verb: Verb, request: Request, source: Source) -> Wish {
    let message = format!("{} on user request", request.word());
    Wish { verb, sources: vec![source], reason: Reason { event: EventClass::Action.word(), message } }
}
