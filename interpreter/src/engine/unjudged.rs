//! The rule that nobody writes about connections: that rules about them can be judged.
//!
//! A connection is unknown when ruled cannot make it as the rule wants, which says nothing about the service: its plugin is
//! gone, in quarantine or too old, echo requests are not permitted, descriptors have run out. Rules about it then neither hold
//! nor end, so that without a word about it a service would look well that nobody can see.

use std::collections::BTreeMap;

use super::follow::Consequences;
use super::memory::Memory;
use super::readings::{ConnectionResult, Reading};
use super::verdict::Truth;
use super::{EventClass, Now, words};
use crate::program::{Action, Behaviour, Rate, Service, Test};

/// In how many cycles in a row connections of a service are unknown before somebody is told: a machine that is busy for a moment
/// is no news.
pub(super) const PATIENCE: Rate = Rate::of(3, 3);

impl Memory {
    /// Judges whether the connections of the rules could be judged.
    pub(super) fn judge_connections(
        &mut self,
        service: &Service,
        connections: &BTreeMap<u32, Reading<ConnectionResult>>,
        (behaviour, now): (&Behaviour, Now),
        consequences: &mut Consequences,
    ) {
        let unknown = unknown(service, connections, behaviour);
        let truth = match &unknown {
            // The rules that could not be judged may be gone.
            None if self.unjudged.failed && !asks(service, behaviour) => Truth::Passes,
            None => Truth::Unknown,
            Some(list) if list.is_empty() => Truth::Passes,
            Some(_) => Truth::Holds,
        };
        let turn = self.unjudged.take(truth);
        let sentence = || match unknown {
            Some(unknown) => sentence(&unknown),
            None => "no rule asks for a connection that could not be judged".to_owned(),
        };
        consequences.add_own(&mut self.unjudged, None, turn, (EventClass::Data, &Action::Alert), sentence, now);
    }
}

/// Whether any rule asks for a connection that counts.
fn asks(service: &Service, behaviour: &Behaviour) -> bool {
    service.rules.iter().flat_map(|rule| rule.test.parts()).any(|test| counts(test, behaviour))
}

/// Whether a test asks for a connection, and somebody is told when it cannot be judged. Monit only logs that it has no right to
/// send echo requests.
fn counts(test: &Test, behaviour: &Behaviour) -> bool {
    match test {
        Test::Connection(_) => true,
        Test::Ping(_) => behaviour.echoes_are_needed,
        _ => false,
    }
}

/// What could not be judged, and why; nothing where no connection was to be made.
fn unknown<'a>(
    service: &'a Service,
    connections: &'a BTreeMap<u32, Reading<ConnectionResult>>,
    behaviour: &Behaviour,
) -> Option<Vec<(String, &'a str)>> {
    let tests = |place: u32| service.rules.get(place as usize).map(|rule| rule.test.parts());
    let is_echo = |place: u32| tests(place).is_some_and(|mut parts| parts.any(|part| matches!(part, Test::Ping(_))));
    let mut echoes = connections.iter().filter(|(place, _)| is_echo(**place)).peekable();
    // Nothing more is asked of a host that answers no echo request.
    let is_silent = echoes.peek().is_some()
        && echoes.all(|(_, answer)| matches!(answer, Reading::Known(ConnectionResult::Failed(_))));
    if is_silent && connections.keys().any(|place| !is_echo(*place)) {
        return None;
    }
    let is_counted = |place: u32| tests(place).is_some_and(|mut parts| parts.any(|part| counts(part, behaviour)));
    let mut asked = connections.iter().filter(|(place, _)| is_counted(**place)).peekable();
    asked.peek()?;
    let unknown = asked.filter_map(|(place, answer)| match answer {
        Reading::Unknown(reason) => Some((tests(*place)?.find_map(name)?, reason.as_str())),
        Reading::Known(_) => None,
    });
    Some(unknown.collect())
}

/// What a rule connects to.
fn name(test: &Test) -> Option<String> {
    Some(match test {
        Test::Connection(connection) => {
            let protocol = connection.protocol.as_ref().map(|call| format!(" protocol {}", call.name));
            format!("{}{}", words::endpoint(&connection.endpoint), protocol.unwrap_or_default())
        }
        Test::Ping(_) => "ping".to_owned(),
        _ => return None,
    })
}

fn sentence(unknown: &[(String, &str)]) -> String {
    let Some(((name, reason), others)) = unknown.split_first() else {
        return "connections can be judged again".to_owned();
    };
    let others = match others.len() {
        0 => String::new(),
        others => format!(" and {others} more {}", grammar::english::plural(others as u64, "connection")),
    };
    format!("cannot judge {name}{others}: {reason}")
}
