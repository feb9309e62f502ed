//! The part of the loop that answers what is asked through the door.

use std::collections::BTreeMap;

use grammar::ast::ServiceKind;
use interpreter::engine::{Ending, Input, Request, RequestId, ServiceId};
use tokio::sync::mpsc::UnboundedSender;

use super::{Driver, checking};
use crate::control::protocol::{Ask, Daemon, Doing, End, Outcome, Says, Status, Which};
use crate::control::server::{Question, Reply};
use crate::control::{self, tell, which};
use crate::report::level::Level;
use crate::words::one_line;

/// Where answers go.
pub(super) type Answers = UnboundedSender<Reply>;

/// The requests that are not answered yet.
#[derive(Default)]
pub(super) struct Asking {
    last: u64,
    open: BTreeMap<RequestId, Open>,
    /// What several requests came from, by its number.
    tasks: BTreeMap<u64, Task>,
    /// Who waits until everything was judged.
    validations: Vec<Answers>,
}

/// One request to the engine.
struct Open {
    service: String,
    request: Request,
    task: u64,
}

/// Something that was asked for of several services.
struct Task {
    answers: Answers,
    left: usize,
    is_well: bool,
}

/// Hands an answer over. Whoever asked may have gone away.
pub(super) fn say(answers: &Answers, says: Says) {
    answers.send(Reply::Says(says)).ok();
}

pub(super) fn refuse(answers: &Answers, reason: impl Into<String>) {
    say(answers, Says::Refused { reason: reason.into() });
}

impl Driver {
    /// Answers a question, or begins what is asked for.
    pub(super) fn asked(&mut self, question: Question) {
        let Question { ask, answers } = question;
        // Whoever went away wants to know nothing any more; what he wanted done is done all the same.
        if answers.is_closed() && matches!(ask, Ask::Status(_) | Ask::Why { .. }) {
            return;
        }
        match ask {
            Ask::Status(which) => match self.status(&which) {
                Ok(status) => say(&answers, Says::Status(Box::new(status))),
                Err(reason) => refuse(&answers, reason),
            },
            Ask::Why { service } => {
                let why = which::one(&self.program, &service).map(|id| self.engine.why(id));
                match why {
                    Ok(Some(why)) => say(&answers, Says::Why(Box::new(tell::reasons(why)))),
                    Ok(None) => refuse(&answers, "there is no such service"),
                    Err(reason) => refuse(&answers, reason),
                }
            }
            Ask::Do(doing) => self.asked_to_do(&doing, answers),
            Ask::Validate(_) => {
                self.asking.validations.push(answers);
                self.inputs.push_back(Input::Wake);
            }
            Ask::Reload(_) => self.reload(Some(answers)),
            Ask::Quit => {
                self.say(Level::Info, "somebody asked ruled to end");
                say(&answers, Says::End(End { well: true }));
                self.wish(crate::world::signals::Wish::Quit);
            }
            // The server has them itself.
            Ask::Events(_) => refuse(&answers, "events are told by the door"),
        }
    }

    fn status(&self, which: &Which) -> Result<Status, String> {
        let all = which.services.is_empty() && which.group.is_none();
        let services = which::find(&self.program, which, all)?;
        let status = services.iter().filter_map(|id| self.engine.status(*id));
        let plugins = if all { checking::plugins(&self.connector) } else { Vec::new() };
        Ok(Status { daemon: self.daemon(), services: status.map(tell::service).collect(), plugins })
    }

    fn daemon(&self) -> Daemon {
        Daemon {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            host: self.host.clone(),
            rules: self.options.rules.clone(),
            uptime_s: self.clock.running().as_secs(),
            cycle: self.engine.cycle(),
            cycle_s: self.program.settings.cycle.as_secs_f64(),
            dry: self.options.dry,
            mail: self.reporter.mail_status().and_then(tell::mail),
        }
    }

    fn asked_to_do(&mut self, doing: &Doing, answers: Answers) {
        let action = control::request(doing.action);
        if self.options.dry && matches!(action, Request::Start | Request::Stop | Request::Restart) {
            return refuse(&answers, format!("this is a dry run: nothing is {}", past(action)));
        }
        let services = match which::find(&self.program, &doing.which, doing.all) {
            Ok(services) if services.is_empty() => return refuse(&answers, "no service is named"),
            Ok(services) => services,
            Err(reason) => return refuse(&answers, reason),
        };
        let ordered = self.engine.ask_order(&services, action);
        let is_waited_for = doing.waiting.wait_ms != Some(0);
        let name = |id: ServiceId| self.program.service(id).map_or(String::new(), |service| service.name.clone());
        let outcome = |id: ServiceId, how: &str, message: String| {
            Says::Outcome(Outcome { service: name(id), action: action.word().to_owned(), how: how.to_owned(), message })
        };
        let mut asked = Vec::new();
        for (id, leader) in ordered {
            match leader {
                Some(leader) => {
                    say(&answers, outcome(id, "with", format!("is {} with '{}'", past(action), name(leader))))
                }
                None if is_waited_for => asked.push(id),
                None => {
                    say(&answers, outcome(id, "asked", format!("{} is asked for", action.word())));
                    asked.push(id);
                }
            }
        }
        if is_waited_for {
            answers.send(Reply::Pending(asked.iter().map(|id| name(*id)).collect())).ok();
        } else {
            say(&answers, Says::End(End { well: true }));
        }
        self.asking.last += 1;
        let task = self.asking.last;
        self.asking.tasks.insert(task, Task { answers, left: asked.len(), is_well: true });
        for id in asked {
            self.asking.last += 1;
            let request = RequestId(self.asking.last);
            let service = self.program.service(id).map_or(String::new(), |service| service.name.clone());
            self.asking.open.insert(request, Open { service, request: action, task });
            self.inputs.push_back(Input::Ask(request, id, action));
        }
    }

    /// The engine says how a request ended.
    pub(super) fn answered(&mut self, request: RequestId, ending: Ending) {
        let Some(open) = self.asking.open.remove(&request) else { return };
        let (how, message) = match ending {
            Ending::Done => ("done", self.effect(&open)),
            Ending::Failed(message) => ("failed", message),
            Ending::Dropped(message) => ("dropped", message),
        };
        let Some(task) = self.asking.tasks.get_mut(&open.task) else { return };
        task.left = task.left.saturating_sub(1);
        task.is_well &= how == "done";
        let action = open.request.word().to_owned();
        let outcome = Outcome { service: open.service, action, how: how.to_owned(), message: one_line(&message) };
        say(&task.answers, Says::Outcome(outcome));
        if task.left == 0 {
            let end = End { well: task.is_well };
            say(&task.answers, Says::End(end));
            self.asking.tasks.remove(&open.task);
        }
    }

    /// What a request that was done led to.
    fn effect(&self, open: &Open) -> String {
        let status = self.program.find(&open.service).and_then(|id| self.engine.status(id));
        let service = self.program.find(&open.service).and_then(|id| self.program.service(id));
        let is_process = service.is_some_and(|service| service.kind() == ServiceKind::Process);
        match (open.request, status.and_then(|status| status.pid)) {
            (Request::Start, None) if service.is_some_and(|one| one.start.is_none()) => {
                "is monitored; it has no start program".to_owned()
            }
            (Request::Stop, None) if !is_process && service.is_some_and(|one| one.stop.is_none()) => {
                "is not monitored any more; it has no stop program".to_owned()
            }
            (Request::Start, Some(pid)) => format!("runs with pid {pid}"),
            (Request::Restart, Some(pid)) => format!("is restarted and runs with pid {pid}"),
            (Request::Monitor, _) => "is monitored".to_owned(),
            (Request::Unmonitor, _) => "is not monitored any more".to_owned(),
            (request, _) => format!("is {}", past(request)),
        }
    }

    /// Asks the engine after an exchange of the rules for what the one before had not begun.
    pub(super) fn ask_again(&mut self, request: RequestId, why: Ending) {
        let again =
            self.asking.open.get(&request).and_then(|open| Some((self.program.find(&open.service)?, open.request)));
        match again {
            Some((service, what)) => self.inputs.push_back(Input::Ask(request, service, what)),
            None => self.answered(request, why),
        }
    }

    /// Answers those who wait until everything was judged, once it is.
    pub(super) fn answer_validations(&mut self) {
        if self.asking.validations.is_empty() || !self.inputs.is_empty() || !self.engine.is_judged() {
            return;
        }
        let ill = self.program.ids().filter(|id| self.engine.state(*id).is_some_and(|state| state.is_ill()));
        let ill = ill.filter_map(|id| self.engine.status(id)).map(tell::service).collect();
        let status = Status { daemon: self.daemon(), services: ill, plugins: Vec::new() };
        for answers in std::mem::take(&mut self.asking.validations) {
            say(&answers, Says::Status(Box::new(status.clone())));
        }
    }
}

fn past(request: Request) -> &'static str {
    match request {
        Request::Start => "started",
        Request::Stop => "stopped",
        Request::Restart => "restarted",
        Request::Monitor => "monitored",
        Request::Unmonitor => "unmonitored",
    }
}
