//! Connections that cannot be judged: somebody is told, and nothing else follows.

use grammar::Dialect::{self, Monit, Rules};
use interpreter::engine::{
    ConnectionResult, EventClass, Identity, Input, Interval, Monotonic, Now, Order, Presence, Reading, Readings, State,
    Wall,
};
use interpreter::simulate::{Door, Port, Thing};

use crate::build::s;
use crate::things::World;

const BROKEN: &str = "the plugin of protocol ssh is in quarantine";

fn breaks(thing: &mut Thing) {
    thing.answers(22, Port::Unknown(BROKEN.to_owned()));
}

fn refuses(thing: &mut Thing) {
    thing.answers(22, Port::Refused("connection refused".to_owned()));
}

fn answers(thing: &mut Thing) {
    thing.answers(22, Port::Open(s(0)));
}

fn host(dialect: Dialect, more: &str) -> World {
    World::new(dialect, &format!("check host h with address 192.0.2.1\n  if failed port 22 then alert\n{more}"))
}

#[test]
fn what_cannot_be_judged_for_three_cycles_is_told_and_its_end() {
    for dialect in [Monit, Rules] {
        let world = host(dialect, "").before(2, "h", breaks).before(7, "h", answers);
        assert_eq!(world.events(9), ["4 h data failed alert", "7 h data succeeded alert"], "{dialect:?}");
        // A moment of it is no news, and the count begins anew.
        let world = host(dialect, "").before(2, "h", breaks).before(4, "h", answers).before(5, "h", breaks);
        assert_eq!(world.before(7, "h", answers).events(9), [""; 0], "{dialect:?}");
        // That it fails is known again.
        let world = host(dialect, "").before(2, "h", breaks).before(6, "h", refuses);
        assert_eq!(
            world.events(8),
            ["4 h data failed alert", "6 h connection failed alert", "6 h data succeeded alert"],
            "{dialect:?}"
        );
    }
}

#[test]
fn what_is_said_names_the_connection_and_why() {
    let world = host(Rules, "  if failed port 23 then alert\n").before(1, "h", breaks);
    let world = world.before(1, "h", |thing| thing.answers(23, Port::Unknown("no descriptors".to_owned())));
    let world = world.before(5, "h", answers).before(6, "h", |thing| thing.answers(23, Port::Open(s(0))));
    let timeline = world.into_scenario().run(s(400));
    let said: Vec<String> = timeline.events().skip(1).map(|(_, _, event)| event.message.clone()).collect();
    assert_eq!(
        said,
        [
            format!("cannot judge host 192.0.2.1 port 22 and 1 more connection: {BROKEN}"),
            "connections can be judged again".to_owned()
        ]
    );
}

#[test]
fn whoever_looks_sees_that_it_is_not_well() {
    let engine = host(Rules, "").before(1, "h", breaks).engine_after(4);
    let id = engine.program().find("h").expect("the host");
    let status = engine.status(id).expect("its status");
    assert_eq!((status.state, engine.state(id)), (State::Failed, Some(State::Failed)));
    let fault = status.faults.first().expect("what fails");
    assert_eq!((fault.class.word(), fault.message.contains(BROKEN)), ("data", true));
    let why = engine.why(id).expect("why");
    assert!(why.causes.iter().any(|cause| cause.contains(BROKEN)), "{:?}", why.causes);
    assert!(!engine.service_view(id).expect("a view").is_well());
}

#[test]
fn what_needs_it_is_judged_all_the_same_and_nothing_is_restarted() {
    let rules = "check process p with pidfile /p\n  start program = \"/bin/s\"\n  stop program = \"/bin/t\"\n  if failed port 22 \
                 then restart\ncheck file f with path /f\n  depends on p\n  if changed size then alert\n";
    for dialect in [Monit, Rules] {
        let world = World::new(dialect, rules).before(2, "p", breaks).before(6, "f", |f| f.is_written(10));
        assert_eq!(world.events(8), ["4 p data failed alert", "6 f size changed alert"], "{dialect:?}");
    }
}

#[test]
fn a_host_that_answers_no_echo_request_is_asked_no_more() {
    let rules = "check host h with address 192.0.2.1\n  if failed ping then alert\n  if failed port 22 then alert\n";
    let silent = |thing: &mut Thing| thing.answers_at(Door::Echo, Port::Refused("no answer".to_owned()));
    for dialect in [Monit, Rules] {
        let world = World::new(dialect, rules).before(1, "h", breaks).before(1, "h", silent);
        assert_eq!(world.events(6), ["1 h icmp failed alert"], "{dialect:?}");
    }
}

#[test]
fn whether_it_can_be_judged_is_not_known_while_the_host_is_silent() {
    let rules = "check host h with address 192.0.2.1\n  if failed ping then alert\n  if failed port 22 then alert\n";
    let silent = |thing: &mut Thing| thing.answers_at(Door::Echo, Port::Refused("no answer".to_owned()));
    let back = |thing: &mut Thing| thing.answers_at(Door::Echo, Port::Open(s(0)));
    for dialect in [Monit, Rules] {
        let world = World::new(dialect, rules).before(1, "h", breaks).before(5, "h", silent).before(7, "h", back);
        let wanted = ["3 h data failed alert", "5 h icmp failed alert", "7 h icmp succeeded alert"];
        assert_eq!(world.before(9, "h", answers).events(10)[..3], wanted, "{dialect:?}");
    }
}

#[test]
fn it_ends_when_no_rule_asks_for_it_any_more() {
    let process = |rule: &str| World::new(Rules, &format!("check process p with pidfile /p\n  {rule}\n"));
    let before = process("if failed port 22 then alert").before(1, "p", breaks).engine_after(4);
    let ends = |rule: &str, answer: Option<Reading<ConnectionResult>>| {
        let now = Now { monotonic: Monotonic(300_000_000_000), wall: Wall(300_000_000) };
        let mut after = process(rule).into_scenario().engine().clone();
        after.go_on_after(&before, now);
        let id = after.program().find("p").expect("the process");
        assert_eq!(after.state(id), Some(State::Failed), "the rules were exchanged, and nothing was seen yet");
        let mut told = Vec::new();
        let mut inputs = vec![Input::Tick];
        while let Some(input) = inputs.pop() {
            for order in after.handle(now, input) {
                match order {
                    Order::Observe(service, round, plan) => {
                        let identity = Identity::Process { pid: 100, start_ticks: 7, uptime_s: 60 };
                        let mut readings = Readings::of(now, Presence::Present(identity));
                        let places = plan.connections.iter().copied();
                        readings.connections.extend(places.zip(answer.clone()));
                        inputs.push(Input::Readings(service, round, readings));
                    }
                    Order::Tell(event) if event.class == EventClass::Data => told.push(event.message.clone()),
                    _ => {}
                }
            }
        }
        (told, after.state(id))
    };
    let gone = "no rule asks for a connection that could not be judged".to_owned();
    assert_eq!(ends("if uptime < 1 seconds then alert", None), (vec![gone], Some(State::Ok)));
    // Another one that cannot be judged either goes on with it.
    let unknown = Some(Reading::Unknown(BROKEN.to_owned()));
    assert_eq!(ends("if failed port 23 then alert", unknown), (vec![], Some(State::Failed)));
}

#[test]
fn only_the_own_dialect_tells_that_echo_requests_are_not_permitted() {
    let rules = "check host h with address 192.0.2.1\n  if failed ping then alert\n";
    let forbidden = |thing: &mut Thing| thing.answers_at(Door::Echo, Port::Unknown("not permitted".to_owned()));
    assert_eq!(World::new(Monit, rules).before(1, "h", forbidden).events(6), [""; 0]);
    assert_eq!(World::new(Rules, rules).before(1, "h", forbidden).events(6), ["3 h data failed alert"]);
}

#[test]
fn it_outlives_ruled_and_is_told_once() {
    let world = host(Rules, "").before(1, "h", breaks).again(5, Interval::Restart);
    assert_eq!(world.events(9), ["3 h data failed alert"]);
}
