//! Requests that are answered, how services stand, and engines that take over from each other.

use interpreter::engine::{
    DeedId, Difference, Ending, Engine, Identity, Input, Interval, Metric, Monotonic, Now, Order, Outcome, Presence,
    Raw, Reading, Readings, Request, RequestId, ServiceId, State, Wall,
};
use interpreter::program::{Action, Program, Relation, Service};

use crate::build::*;

/// An engine in a world of processes that are there or not, driven by hand.
struct World {
    engine: Engine,
    now_ms: u64,
    up: Vec<bool>,
    memory: f64,
    answers: Vec<(RequestId, Ending)>,
    deeds: Vec<(DeedId, String)>,
    told: Vec<String>,
}

impl World {
    fn new(program: Program) -> World {
        let up = vec![true; program.services.len()];
        let engine = Engine::new(program, at(0));
        let mut world =
            World { engine, now_ms: 0, up, memory: 1.0, answers: Vec::new(), deeds: Vec::new(), told: Vec::new() };
        world.hand(Input::Tick);
        world
    }

    /// Hands an input over and answers every look at once.
    fn hand(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for order in self.engine.handle(at(self.now_ms), input) {
                match order {
                    Order::Observe(service, round, _) => {
                        inputs.push(Input::Readings(service, round, self.readings(service)));
                    }
                    Order::Act(deed, what) => self.deeds.push((deed, what.kind.word().to_owned())),
                    Order::Answer(request, ending) => self.answers.push((request, ending)),
                    Order::Tell(event) => self.told.push(format!("{} {}", event.class.word(), event.message)),
                    Order::Keep(..) | Order::Remind(..) => {}
                }
            }
        }
    }

    fn readings(&self, service: ServiceId) -> Readings {
        let now = at(self.now_ms);
        let identity = Identity::Process { pid: 100 + service.0, start_ticks: 7, uptime_s: 60 };
        let is_up = self.up[service.index()];
        let presence = if is_up { Presence::Present(identity) } else { Presence::Absent(String::new()) };
        let mut readings = Readings::of(now, presence);
        if is_up {
            let raw = Raw::Part { amount: self.memory, whole: 100.0 };
            readings.values.insert(Metric::Memory, Reading::Known(raw));
        }
        readings
    }

    fn pass(&mut self, milliseconds: u64) {
        let end = self.now_ms + milliseconds;
        while let Some(wake) = self.engine.next_wake().map(|at| at.0 / 1_000_000 + 1).filter(|wake| *wake <= end) {
            self.now_ms = self.now_ms.max(wake);
            self.hand(Input::Tick);
        }
        self.now_ms = end;
        self.hand(Input::Tick);
    }

    fn ask(&mut self, number: u64, service: u32, request: Request) {
        self.hand(Input::Ask(RequestId(number), ServiceId(service), request));
    }

    fn end_of(&mut self, place: usize, status: i32) {
        let deed = self.deeds[place].0;
        self.hand(Input::Outcome(deed, Outcome::Ended { status, signal: None, output: String::new() }));
    }

    fn state(&self, service: u32) -> State {
        self.engine.state(ServiceId(service)).expect("a service")
    }
}

fn at(milliseconds: u64) -> Now {
    Now {
        monotonic: Monotonic(milliseconds * 1_000_000),
        wall: Wall(i64::try_from(milliseconds).expect("soon") * 1_000),
    }
}

fn greedy() -> Service {
    process("p").rule(share(Metric::Memory, Relation::Greater, 50.0).cycles(3))
}

#[test]
fn a_request_is_answered_when_its_undertaking_ends() {
    let mut world = World::new(program(vec![process("p")]));
    world.ask(1, 0, Request::Stop);
    assert!(world.answers.is_empty(), "the stop program runs");
    world.up[0] = false;
    world.end_of(0, 0);
    world.pass(100);
    assert_eq!(world.answers, [(RequestId(1), Ending::Done)]);
    assert_eq!(world.state(0), State::NotMonitored);
    world.ask(2, 0, Request::Start);
    world.end_of(1, 3);
    let (request, Ending::Failed(why)) = &world.answers[1] else { panic!("{:?}", world.answers) };
    assert_eq!((*request, why.as_str()), (RequestId(2), "failed to start (exit status 3) -- no output"));
    world.ask(3, 0, Request::Unmonitor);
    world.ask(4, 9, Request::Start);
    assert_eq!(world.answers[2], (RequestId(3), Ending::Done));
    assert!(matches!(&world.answers[3], (RequestId(4), Ending::Dropped(why)) if why.contains("no such service")));
}

#[test]
fn a_request_whose_place_another_takes_is_answered_too() {
    let mut world = World::new(program(vec![process("p")]));
    world.ask(1, 0, Request::Restart);
    world.ask(2, 0, Request::Start);
    world.ask(3, 0, Request::Stop);
    assert!(matches!(&world.answers[..], [(RequestId(2), Ending::Dropped(_))]), "{:?}", world.answers);
    world.hand(Input::Quit);
    let answered: Vec<u64> = world.answers.iter().map(|(request, _)| request.0).collect();
    assert_eq!(answered, [2, 1, 3], "nobody waits when ruled has ended");
}

#[test]
fn what_is_done_along_with_another_is_asked_for_once() {
    let rules = vec![process("child").needs(&[1]), process("parent"), process("other")];
    let world = World::new(program(rules));
    let all = [ServiceId(0), ServiceId(1), ServiceId(2)];
    let order = |request| world.engine.ask_order(&all, request);
    let with_parent = [(ServiceId(1), None), (ServiceId(2), None), (ServiceId(0), Some(ServiceId(1)))];
    let mut stopped = order(Request::Stop);
    stopped.sort_by_key(|(id, leader)| (leader.is_some(), *id));
    assert_eq!(stopped, with_parent);
    assert!(order(Request::Start).iter().all(|(_, leader)| leader.is_none()));
    let place = |id| order(Request::Start).iter().position(|(other, _)| *other == id).expect("asked");
    assert!(place(ServiceId(1)) < place(ServiceId(0)), "those needed first");
}

#[test]
fn a_status_says_what_fails_and_why_says_what_counts_towards_it() {
    let mut world = World::new(program(vec![greedy()]));
    world.memory = 60.0;
    world.pass(10_000);
    assert_eq!(world.state(0), State::Ok);
    let why = world.engine.why(ServiceId(0)).expect("a service");
    let [rule] = &why.rules[..] else { panic!("{why:?}") };
    assert_eq!((rule.hits, rule.needed, rule.failed), (2, 3, false));
    assert_eq!(rule.asks, "memory usage > 50.0%");
    assert_eq!(rule.last.as_deref(), Some("memory usage is 60.0%"));
    world.pass(5_000);
    assert_eq!(world.state(0), State::Failed);
    let status = world.engine.status(ServiceId(0)).expect("a service");
    assert_eq!((status.pid, status.faults.len()), (Some(100), 1));
    assert!(status.faults[0].message.contains("matches resource limit"), "{status:?}");
    assert!(status.readings.iter().any(|reading| reading.name == "memory usage" && reading.percent == Some(60.0)));
    let why = world.engine.why(ServiceId(0)).expect("a service");
    assert!(why.rules[0].failed && why.causes[0].contains("matches resource limit"), "{why:?}");
}

#[test]
fn why_says_what_is_waited_for_and_what_is_needed() {
    let mut world = World::new(program(vec![process("child").needs(&[1]), process("parent")]));
    world.ask(1, 1, Request::Restart);
    let why = world.engine.why(ServiceId(1)).expect("a service");
    let undertaken = why.undertaken.expect("a restart");
    assert_eq!(
        (undertaken.what, undertaken.waits_for.as_str()),
        ("restart", "the stop program of 'child' to have its effect")
    );
    assert!((29_000..=30_000).contains(&undertaken.left_ms), "{undertaken:?}");
    world.ask(2, 1, Request::Stop);
    let why = world.engine.why(ServiceId(1)).expect("a service");
    assert_eq!(why.wish.as_deref(), Some("stop (a person asked for it)"));
    let mut world = World::new(program(vec![process("child").needs(&[1]), process("parent")]));
    world.ask(1, 1, Request::Unmonitor);
    world.ask(2, 0, Request::Monitor);
    world.ask(3, 1, Request::Unmonitor);
    let why = world.engine.why(ServiceId(0)).expect("a service");
    assert_eq!(why.status.state, State::NotMonitored);
    assert_eq!(why.needs[0].why, "it is not watched");
}

#[test]
fn counters_of_rules_that_stay_go_on_after_an_exchange() {
    let mut world = World::new(program(vec![greedy()]));
    world.memory = 60.0;
    world.pass(10_000);
    let cycle = world.engine.cycle();
    let exchanged = |other: Service, world: &mut World| {
        let mut engine = Engine::new(program(vec![system(), other]), at(world.now_ms));
        engine.go_on_from(&[].into(), Interval::Restart);
        engine.go_on_after(&world.engine, at(world.now_ms));
        engine
    };
    let hits = |engine: &Engine| engine.why(ServiceId(1)).map(|why| why.rules.iter().map(|rule| rule.hits).max());
    let engine = exchanged(greedy(), &mut world);
    assert_eq!((engine.cycle(), hits(&engine)), (cycle, Some(Some(2))));
    let engine = exchanged(greedy().rule(share(Metric::Cpu, Relation::Greater, 90.0)), &mut world);
    assert_eq!(hits(&engine), Some(Some(2)), "another rule beside it takes nothing away");
    let other = process("p").rule(share(Metric::Memory, Relation::Greater, 50.0).cycles(4));
    assert_eq!(hits(&exchanged(other, &mut world)), Some(None), "another rate counts anew");
}

#[test]
fn what_is_under_way_is_finished_by_the_engine_that_began_it() {
    let mut world = World::new(program(vec![process("p"), process("q")]));
    world.ask(1, 0, Request::Stop);
    world.up[0] = false;
    world.end_of(0, 0);
    world.pass(100);
    world.ask(2, 0, Request::Start);
    world.ask(3, 0, Request::Restart);
    assert_eq!(world.deeds.len(), 2, "the start program runs, the restart waits");
    world.hand(Input::Retire);
    assert!(
        matches!(&world.answers[1..], [(RequestId(3), Ending::Dropped(_))]),
        "what had not begun: {:?}",
        world.answers
    );
    assert!(!world.engine.is_retired());
    let busy: Vec<ServiceId> = world.engine.busy().map(|(_, id)| id).collect();
    assert_eq!(busy, [ServiceId(0)]);

    let mut next = World::new(program(vec![process("q"), process("p")]));
    next.engine = Engine::new(program(vec![process("q"), process("p")]), at(world.now_ms));
    next.now_ms = world.now_ms;
    next.engine.go_on_after(&world.engine, at(world.now_ms));
    next.engine.hold(ServiceId(1));
    next.up[1] = false;
    next.told.clear();
    next.pass(20_000);
    assert!(next.deeds.is_empty(), "nobody starts it a second time: {:?}", next.deeds);
    assert!(next.told[0].contains("reloaded"), "{:?}", next.told);
    assert!(next.engine.status(ServiceId(1)).is_some_and(|status| status.doing.is_some()));

    world.now_ms += 20_000;
    world.end_of(1, 1);
    assert!(world.told.iter().any(|line| line.contains("failed to start (exit status 1)")), "its result is told");
    assert!(world.engine.is_retired() && world.engine.next_wake().is_none());
    let legacy = world.engine.legacy(ServiceId(0)).expect("a service");
    next.engine.take_over(ServiceId(1), legacy);
    next.hand(Input::Tick);
    let status = next.engine.status(ServiceId(1)).expect("a service");
    assert!(status.faults.iter().any(|fault| fault.message.contains("exit status 1")), "{status:?}");
    assert_eq!(next.deeds.len(), 1, "the rule that fails is heeded at once: {:?}", next.deeds);
}

#[test]
fn what_an_exchange_changes_is_said_by_name() {
    let before = program(vec![process("a"), process("b").needs(&[0]), file("c")]);
    let mut moved = process("a");
    moved.origin.line = 99;
    let after = program(vec![file("d"), moved, process("b").needs(&[1])]);
    let difference = Difference::between(&before, &after);
    let wanted = Difference {
        added: vec!["d".to_owned()],
        removed: vec!["c".to_owned()],
        changed: Vec::new(),
        unchanged: 2,
        settings: false,
    };
    assert_eq!(difference, wanted);
    let mut other = program(vec![process("a").rule(missing(Action::Alert)), process("b").needs(&[0]), file("c")]);
    other.settings.cycle = s(9);
    let difference = Difference::between(&before, &other);
    assert_eq!((difference.changed, difference.settings), (vec!["a".to_owned()], true));
}

#[test]
fn a_fault_of_the_present_is_not_one_of_the_past() {
    let mut world = World::new(program(vec![process("p").only(vec![missing(Action::Alert)])]));
    world.up[0] = false;
    world.pass(5_000);
    assert_eq!(world.state(0), State::Failed);
    world.up[0] = true;
    world.pass(5_000);
    let status = world.engine.status(ServiceId(0)).expect("a service");
    assert_eq!((status.state, status.faults.len()), (State::Ok, 0));
    assert!(status.since.is_some(), "it is known since when it is well");
}
