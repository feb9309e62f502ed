//! The reference judge beside the engine, on hosts of the years: it sees what the engine is handed, whatever the weather makes of
//! that, counts in its own slow way, and must tell the same at the same cycle.
//!
//! It judges the rules of services to which nothing is done: files, file systems, the machine, remote hosts. What the weather
//! brings and the judge has no model of:
//!
//! - What is done to services, and what is judged out of turn: such services are not compared, and on these hosts nobody tells
//!   the engine that a file changed.
//! - People who ask for something: nobody does on these hosts.
//! - What ruled still knows after it ended without a word. From there on the judge takes for granted neither that a rule failed
//!   nor that it did not: one of the two must lead to all that is told until ruled ends again, but for the last cycle, which it may
//!   have told nobody of. Where faults are forgotten, none did. A change is compared from the second look on.
//! - Why nothing can be read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use grammar::ast::ServiceKind;
use interpreter::engine::{
    CALLED_LATE, ConnectionResult, Event, EventState, FactValue, Identity, Input, Metric, Monotonic, Now, Order,
    PluginReport, Presence as Found, Raw, Reading, Readings, RoundId, STALL_GRACE,
};
use interpreter::program::{Action, Behaviour, Endpoint, PluginTest, Program, Rule, Service, Test};
use interpreter::simulate::Seen;

use crate::reference::dials::What;
use crate::reference::state::{Step, Turn, turns};
use crate::reference::thing::{Look, Presence, Value};
use crate::reference::truth::Sight;

/// How many looks are remembered before the oldest are forgotten, and how many then: more than any rule of these hosts asks for.
const LOOKS_MAX: usize = 4_000;
const LOOKS_LEFT: usize = 500;

/// The judge, and what it has found.
pub(crate) struct Beside {
    behaviour: Behaviour,
    posts: Vec<Option<Post>>,
    /// How many times a rule was judged and compared.
    pub(crate) compared: u64,
    /// How much was told by both.
    pub(crate) told: u64,
    /// Where both disagree.
    pub(crate) differences: Vec<String>,
    /// Texts that were read, each once.
    texts: BTreeSet<&'static str>,
}

/// A service that is judged.
struct Post {
    service: Service,
    round: Option<Round>,
    looks: Vec<Look>,
    judged: Vec<usize>,
    sides: Vec<Side>,
}

/// An observation under way.
struct Round {
    id: RoundId,
    deadline: Monotonic,
    is_graced: bool,
}

/// What both sides make of a rule since ruled began.
#[derive(Default)]
struct Side {
    steps: Vec<Step>,
    told: Vec<Option<EventState>>,
    at: Vec<Monotonic>,
}

impl Beside {
    /// A judge of this program, and whoever looks on for it.
    pub(crate) fn of(program: &Program) -> (Rc<RefCell<Beside>>, impl FnMut(Now, Seen<'_>) + 'static) {
        let is_needed = |service: &Service| {
            let id = program.find(&service.name);
            program.services.iter().any(|other| other.depends.iter().any(|need| Some(*need) == id))
        };
        let post = |service: &Service| {
            (is_left_alone(service) && !is_needed(service)).then(|| Post {
                service: service.clone(),
                round: None,
                looks: Vec::new(),
                judged: Vec::new(),
                sides: service.rules.iter().map(|_| Side::default()).collect(),
            })
        };
        let judge = Rc::new(RefCell::new(Beside {
            behaviour: program.settings.behaviour,
            posts: program.services.iter().map(post).collect(),
            compared: 0,
            told: 0,
            differences: Vec::new(),
            texts: BTreeSet::new(),
        }));
        let onlooker = Rc::clone(&judge);
        (judge, move |now: Now, seen: Seen<'_>| onlooker.borrow_mut().see(now, seen))
    }

    fn see(&mut self, now: Now, seen: Seen<'_>) {
        match seen {
            Seen::Handed(input) => self.handed(now, input),
            Seen::Ordered(Order::Observe(id, round, plan)) => {
                let is_regular = plan.early.is_none() && plan.takers.is_empty();
                if let Some(post) = self.posts[id.index()].as_mut().filter(|_| is_regular) {
                    let deadline = now.monotonic.after(plan.deadline);
                    post.round = Some(Round { id: *round, deadline, is_graced: false });
                }
            }
            Seen::Ordered(Order::Tell(event)) => self.told(event),
            Seen::Ordered(_) => {}
            Seen::Ended => self.end(true),
        }
    }

    fn handed(&mut self, now: Now, input: &Input) {
        if let Input::Readings(id, round, readings) = input
            && let Some(post) = &mut self.posts[id.index()]
            && post.round.take_if(|open| open.id == *round).is_some()
        {
            let (look, lines) = look(readings, &post.service.rules, &mut self.texts);
            post.judge(now, look, lines.as_deref(), &self.behaviour);
        }
        for post in self.posts.iter_mut().flatten() {
            if post.round.as_ref().is_some_and(|round| now.monotonic >= round.deadline) {
                post.wait_or_miss(now, &self.behaviour);
            }
        }
    }

    fn told(&mut self, event: &Event) {
        let Some(post) = self.posts.get_mut(event.service.index()).and_then(Option::as_mut) else { return };
        let Some(side) = event.rule.and_then(|place| post.sides.get_mut(place as usize)) else { return };
        match side.told.last_mut() {
            Some(told @ None) => *told = Some(event.state),
            _ => self.differences.push(format!("{}: told twice in a cycle: {}", post.service.name, event.message)),
        }
    }

    /// Compares what was told since ruled began. Where it ended without a word the last cycle is left out.
    pub(crate) fn end(&mut self, is_sudden: bool) {
        let outlives = !self.behaviour.faults_are_forgotten;
        for post in self.posts.iter_mut().flatten() {
            for (rule, side) in post.service.rules.iter().zip(&mut post.sides) {
                let side = std::mem::take(side);
                let count = side.steps.len() - usize::from(is_sudden).min(side.steps.len());
                let first = match rule.test {
                    Test::Changed(_) => side.steps.iter().position(|step| !matches!(step, Step::Cycle(None))),
                    _ => Some(0),
                };
                let first = first.unwrap_or(count).min(count);
                let judged = |fails: bool| -> Vec<Option<EventState>> {
                    turns(rule, &side.steps[..count], &self.behaviour, fails).into_iter().map(state).collect()
                };
                let well = judged(false);
                let told = &side.told[first..count];
                if well[first..] != *told && !(outlives && judged(true)[first..] == *told) {
                    self.differences.push(difference(&post.service, rule, &side, &well, first..count));
                }
                self.compared += told.len() as u64;
                self.told += told.iter().flatten().count() as u64;
            }
            post.round = None;
            post.looks.clear();
            post.judged.clear();
        }
    }
}

impl Post {
    /// A look that was not back in time says nothing. Where the engine was called late itself, it is waited for once more.
    fn wait_or_miss(&mut self, now: Now, behaviour: &Behaviour) {
        let Some(round) = &mut self.round else { return };
        if now.monotonic.since(round.deadline) > CALLED_LATE && !round.is_graced {
            (round.is_graced, round.deadline) = (true, now.monotonic.after(STALL_GRACE));
            return;
        }
        self.round = None;
        let nothing = Readings::of(now, Found::Unknown("nobody saw it in time".to_owned()));
        let (look, _) = look(&nothing, &[], &mut BTreeSet::new());
        self.judge(now, look, None, behaviour);
    }

    fn judge(&mut self, now: Now, look: Look, lines: Option<&[String]>, behaviour: &Behaviour) {
        if self.looks.len() > LOOKS_MAX {
            self.looks.drain(..self.looks.len() - LOOKS_LEFT);
            self.judged = (0..self.looks.len()).collect();
        }
        self.looks.push(look);
        let sight = Sight { behaviour, looks: &self.looks, judged: &self.judged, mended: 0 };
        for (rule, side) in self.service.rules.iter().zip(&mut self.sides) {
            let holds = match &rule.test {
                Test::Content(wanted) => {
                    lines.map(|lines| lines.iter().any(|line| line.contains(&wanted.pattern) != wanted.negated))
                }
                test => sight.holds(test),
            };
            side.steps.push(Step::Cycle(holds));
            side.told.push(None);
            side.at.push(now.monotonic);
        }
        self.judged.push(self.looks.len() - 1);
    }
}

/// Whether nothing is done to a service, and nothing asked of it that the judge has no opinion about.
fn is_left_alone(service: &Service) -> bool {
    use ServiceKind::{File, Filesystem, Host, Plugin, System};
    let is_quiet = |rule: &Rule| {
        let told = matches!(rule.action, Action::Alert | Action::Exec(_) | Action::Restart);
        let is_plain = |test: &Test| matches!(test, Test::Missing | Test::Present | Test::Limit(_) | Test::Changed(_));
        let is_known = |test: &Test| {
            matches!(test, Test::Owner(..) | Test::Permission { .. } | Test::Content(_) | Test::Connection(_))
                || matches!(test, Test::Plugin(asked) if !matches!(**asked, PluginTest::Changed(_)))
        };
        told && rule.test.parts().all(|part| is_plain(part) || is_known(part))
    };
    matches!(service.kind(), File | Filesystem | Host | Plugin | System)
        && service.start.is_none()
        && service.stop.is_none()
        && service.restart.is_none()
        && service.depends.is_empty()
        && service.every.is_none()
        && service.rules.iter().all(is_quiet)
}

/// What was read, as the judge knows it; and the new lines, if any could be read.
fn look(readings: &Readings, rules: &[Rule], texts: &mut BTreeSet<&'static str>) -> (Look, Option<Vec<String>>) {
    let number = |identity: &Identity| match identity {
        Identity::Itself => 0,
        Identity::Process { pid, .. } => u64::from(*pid),
        Identity::File { inode, .. } => *inode,
    };
    let presence = match &readings.presence {
        Found::Present(identity) => Presence::There(number(identity)),
        Found::Zombie(identity) => Presence::Zombie(number(identity)),
        Found::Absent(_) => Presence::Missing,
        Found::Invalid(_) => Presence::Wrong,
        Found::Unknown(_) => Presence::Unknown,
    };
    let mode = match readings.presence {
        Found::Present(Identity::File { mode, .. }) => Some(mode),
        _ => None,
    };
    let (mut values, mut bytes, mut stamp_ms, mut lines) = (BTreeMap::new(), None, None, None);
    for (metric, reading) in &readings.values {
        let Reading::Known(raw) = reading else { continue };
        let value = match (metric, *raw) {
            (Metric::Size, Raw::Gauge(size)) => {
                bytes = Some(size as u64);
                continue;
            }
            (_, Raw::Stamp(at)) => {
                stamp_ms = Some(at.0 / 1_000);
                continue;
            }
            (_, Raw::Gauge(value)) => Value::Plain(value),
            (_, Raw::Part { amount, whole }) => Value::Part(amount, whole),
            (_, Raw::Work { seconds, capacity }) => Value::Work(seconds, capacity),
            (_, Raw::Share { part, whole }) => Value::Share(part, whole),
            (_, Raw::Growth { bytes, .. }) => Value::Moved(bytes),
            (_, other) => panic!("no host asks for {other:?}"),
        };
        values.insert(What::Metric(*metric), value);
    }
    for (fact, reading) in &readings.facts {
        let value = match reading {
            Reading::Known(FactValue::Number(number)) => Value::Number(*number),
            Reading::Known(FactValue::Text(text)) => Value::Text(kept(text, texts)),
            Reading::Known(FactValue::Lines(new)) => {
                lines = Some(new.lines.clone());
                continue;
            }
            Reading::Unknown(_) => continue,
        };
        values.insert(What::Fact(*fact), value);
    }
    for (place, reading) in &readings.connections {
        let Some(Test::Connection(connection)) = rules.get(*place as usize).map(|rule| &rule.test) else { continue };
        let (Endpoint::Port { port, .. }, Reading::Known(result)) = (&connection.endpoint, reading) else { continue };
        values.insert(What::Port(*port), Value::Answers(matches!(result, ConnectionResult::Passed { .. })));
    }
    if let Some(Reading::Known(report)) = readings.plugin.as_deref() {
        values.insert(What::Outcome, Value::Answers(matches!(report, PluginReport::Passed { .. })));
        let counts = |name: &str| {
            let mut tests = rules.iter().flat_map(|rule| rule.test.parts());
            tests.any(|test| matches!(test, Test::Plugin(asked) if matches!(&**asked, PluginTest::Rate(limit) if limit.label == name)))
        };
        let metrics: &[(String, f64)] = match report {
            PluginReport::Passed { metrics, .. } => metrics,
            PluginReport::Failed(_) => &[],
        };
        for (name, value) in metrics {
            let value = if counts(name) { Value::Moved(*value) } else { Value::Plain(*value) };
            values.insert(What::Measure(kept(name, texts)), value);
        }
    }
    let at_ms = readings.taken.monotonic.0 / 1_000_000;
    let wall_ms = readings.taken.wall.0 / 1_000;
    let look = Look { at_ms, wall_ms, presence, without_pidfile: false, values, bytes, mode, stamp_ms, lines: None };
    (look, lines)
}

/// A text that lives as long as the test.
fn kept(text: &str, texts: &mut BTreeSet<&'static str>) -> &'static str {
    let known = texts.get(text).copied();
    known.unwrap_or_else(|| {
        let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
        texts.insert(kept);
        kept
    })
}

fn state(turn: Turn) -> Option<EventState> {
    match turn {
        Turn::Failed => Some(EventState::Failed),
        Turn::Succeeded => Some(EventState::Succeeded),
        Turn::Changed => Some(EventState::Changed),
        Turn::Quiet | Turn::StillFailing => None,
    }
}

fn difference(
    service: &Service,
    rule: &Rule,
    side: &Side,
    judged: &[Option<EventState>],
    part: std::ops::Range<usize>,
) -> String {
    let differs = part.clone().find(|place| judged[*place] != side.told[*place]).unwrap_or(part.start);
    let from = differs.saturating_sub(12);
    let lines: Vec<String> = (from..part.end.min(differs + 3))
        .map(|place| {
            let at = side.at[place].since(Monotonic(1_000_000_000));
            let (step, told, judged) = (side.steps[place], side.told[place], judged[place]);
            format!("{}.{:03}s {step:?}: engine {told:?}, judge {judged:?}", at.as_secs(), at.subsec_millis())
        })
        .collect();
    let at = side.at[differs].since(Monotonic(1_000_000_000));
    format!(
        "{}.{:03}s {}: engine and judge disagree about {:?}\n{}",
        at.as_secs(),
        at.subsec_millis(),
        service.name,
        rule.test,
        lines.join("\n")
    )
}
