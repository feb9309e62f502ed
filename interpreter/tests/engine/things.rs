//! Every kind of thing and of test, from the text to its events: what changes, what is written, whose it is, how much it
//! moves, when its turn comes.

use grammar::Dialect;
use grammar::ast::HashKind;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::engine::{Engine, Fact, FactValue, Interval, Metric, Request};
use interpreter::simulate::{Scenario, SimValue, Thing};

use crate::build::*;

use Dialect::{Monit, Rules};

const CYCLE_S: u64 = 60;

/// A world of checked rules with cycles of a minute, in which nobody tells of changes between them.
pub(crate) struct World {
    scenario: Scenario,
    names: Vec<String>,
}

impl World {
    pub(crate) fn new(dialect: Dialect, text: &str) -> World {
        let text = format!("set daemon {CYCLE_S}\nset alert ops@example.com\n{text}");
        let machine = Imaginary::new();
        let loaded = load_text("/etc/ruled/main", text.as_bytes(), dialect, &machine);
        let checked = check(&loaded.source, dialect, &Protocols { entries: Vec::new() }, &machine);
        assert!(!checked.findings.iter().any(|one| one.name == "not-watched-yet"), "{:?}", checked.findings);
        let program = checked.program.unwrap_or_else(|| panic!("{:?}", checked.findings));
        let names = program.services.iter().map(|service| service.name.clone()).collect();
        World { scenario: Scenario::new(program).without_notices(), names }
    }

    /// Something happens to a service shortly before a cycle; cycles are counted from 1.
    pub(crate) fn before(mut self, cycle: u64, service: &str, change: impl FnOnce(&mut Thing) + 'static) -> World {
        let at = s((cycle - 1) * CYCLE_S).saturating_sub(s(1));
        self.scenario = self.scenario.at(at, service, change);
        self
    }

    /// ruled is started again shortly before a cycle. The cycles of the new one begin there.
    pub(crate) fn again(mut self, cycle: u64, interval: Interval) -> World {
        self.scenario = self.scenario.starts_again(s((cycle - 1) * CYCLE_S).saturating_sub(s(1)), interval);
        self
    }

    /// A person asks for something shortly before a cycle.
    pub(crate) fn asks(mut self, cycle: u64, service: &str, request: Request) -> World {
        self.scenario = self.scenario.request(s((cycle - 1) * CYCLE_S).saturating_sub(s(2)), service, request);
        self
    }

    pub(crate) fn into_scenario(self) -> Scenario {
        self.scenario
    }

    /// The engine after so many cycles.
    pub(crate) fn engine_after(mut self, cycles: u64) -> Engine {
        self.scenario.run_for(s(cycles * CYCLE_S - 10));
        self.scenario.engine().clone()
    }

    /// The events of the services of the text: cycle, service, class, state, action.
    pub(crate) fn events(self, cycles: u64) -> Vec<String> {
        let (names, timeline) = (self.names, self.scenario.run(s(cycles * CYCLE_S - 10)));
        let told = timeline.events().filter(|(_, _, event)| event.class.word() != "instance");
        told.map(|(_, _, event)| {
            let name = names.get(event.service.index()).map_or("?", String::as_str);
            format!("{} {name} {} {} {}", event.cycle, event.class.word(), event.state.word(), event.action)
        })
        .collect()
    }
}

fn number(number: u64) -> FactValue {
    FactValue::Number(number)
}

fn text(text: &str) -> FactValue {
    FactValue::Text(text.to_owned())
}

#[test]
fn whose_it_is() {
    for dialect in [Monit, Rules] {
        let world = World::new(
            dialect,
            "check process p with pidfile /p\n  if failed euid 0 then alert\n  if failed gid 0 for 2 cycles then unmonitor\n",
        );
        let world = world
            .before(2, "p", |p| p.has(Fact::Euid, number(33)))
            .before(3, "p", |p| p.hides(Fact::Euid, "permission denied"))
            .before(5, "p", |p| p.has(Fact::Euid, number(0)))
            .before(6, "p", |p| p.has(Fact::Gid, number(7)));
        assert_eq!(
            world.events(9),
            ["2 p uid failed alert", "5 p uid succeeded alert", "7 p gid failed unmonitor"],
            "{dialect:?}"
        );
    }
}

#[test]
fn a_change_is_told_each_time_and_its_end_never() {
    for dialect in [Monit, Rules] {
        let world = World::new(
            dialect,
            "check file f with path /f\n  if changed size then exec /bin/true\n  if changed permission then alert\n  if \
             changed mtime for 2 cycles then alert\n",
        );
        let world = world
            .before(3, "f", |f| f.is_written(10))
            .before(4, "f", |f| f.is_written(20))
            .before(5, "f", |f| f.is_written(20))
            .before(7, "f", |f| f.is_given_mode(0o600));
        // What was written with the same size has another time only.
        assert_eq!(
            world.events(9),
            [
                "3 f size changed exec",
                "4 f size changed exec",
                "4 f timestamp changed alert",
                "5 f timestamp changed alert",
                "7 f permission changed alert",
            ],
            "{dialect:?}"
        );
    }
}

#[test]
fn a_change_among_several_cycles_is_told_in_a_cycle_in_which_something_changed() {
    for dialect in [Monit, Rules] {
        let world = World::new(
            dialect,
            "check file f with path /f\n  if changed size 2 times within 6 cycles then alert\n  if changed permission 1 times \
             within 3 cycles then alert\n",
        );
        let world =
            world
                .before(3, "f", |f| f.is_written(10))
                .before(5, "f", |f| f.is_written(20))
                .before(8, "f", |f| f.is_given_mode(0o600));
        assert_eq!(world.events(12), ["5 f size changed alert", "8 f permission changed alert"], "{dialect:?}");
    }
}

#[test]
fn another_process_under_the_name_is_a_change() {
    let world = World::new(
        Rules,
        "check process p with pidfile /p\n  if changed pid then alert\n  if changed ppid then alert\n",
    );
    let world = world.before(3, "p", Thing::is_replaced).before(5, "p", |p| p.has(Fact::Ppid, number(77)));
    assert_eq!(world.events(6), ["3 p pid changed alert", "5 p ppid changed alert"]);
}

#[test]
fn a_checksum_is_held_against_what_is_written_or_was_first_seen() {
    let sum = |digits: &'static str| move |f: &mut Thing| f.has(Fact::Checksum(HashKind::Md5), text(digits));
    let first = World::new(Monit, "check file f with path /f\n  if failed checksum then alert\n")
        .before(1, "f", sum("aa"))
        .before(3, "f", sum("bb"))
        .before(5, "f", sum("aa"));
    assert_eq!(first.events(6), ["3 f checksum failed alert", "5 f checksum succeeded alert"]);
    let digits = "5eb63bbbe01eeed093cb22bb8f5acdc3";
    let expected =
        World::new(Monit, &format!("check file f with path /f\n  if failed checksum expect {digits} then alert\n"))
            .before(1, "f", sum("aa"))
            .before(3, "f", sum(digits));
    assert_eq!(expected.events(4), ["1 f checksum failed alert", "3 f checksum succeeded alert"]);
}

#[test]
fn lines_are_read_once_and_after_a_rotation_from_the_beginning() {
    for dialect in [Monit, Rules] {
        let world = World::new(
            dialect,
            "check file log with path /log\n  if content = \"error [0-9]+\" then alert\n  ignore content = \"error 7\"\n",
        );
        let world = world
            .before(1, "log", |log| log.is_told("error 1"))
            .before(2, "log", |log| log.is_told("all is well"))
            .before(3, "log", |log| {
                log.is_told("error 2");
                log.is_told("error 3");
            })
            .before(5, "log", |log| log.is_told("error 7"))
            .before(6, "log", |log| {
                log.comes_up();
                log.is_told("error 4");
            });
        assert_eq!(world.events(8), ["3 log content changed alert", "6 log content changed alert"], "{dialect:?}");
    }
}

#[test]
fn lines_that_were_written_while_another_service_was_not_well_are_read_afterwards() {
    for dialect in [Monit, Rules] {
        let world = World::new(
            dialect,
            "check file log with path /log\n  if content = \"error\" then alert\n  depends on disk\ncheck file disk with path \
             /disk\n  if size > 2000 B then alert\n",
        );
        let world = world
            .before(3, "disk", |disk| disk.is_written(3_000))
            .before(4, "log", |log| log.is_told("error 1"))
            .before(6, "disk", |disk| disk.is_written(100));
        let wanted = ["3 disk size failed alert", "6 disk size succeeded alert", "6 log content changed alert"];
        assert_eq!(world.events(8), wanted, "{dialect:?}");
    }
}

#[test]
fn a_program_is_judged_when_it_ends_and_in_monit_a_cycle_later() {
    let rules =
        "check program raid with path /bin/raid\n  if status != 0 then alert\n  if content = \"degraded\" then alert\n";
    for (dialect, later) in [(Rules, 0), (Monit, 1)] {
        let world = World::new(dialect, rules)
            .before(3, "raid", |raid| {
                raid.shows(Metric::Status, SimValue::Gauge(2.0));
                raid.has(Fact::Output, text("md0 is degraded"));
            })
            .before(5, "raid", |raid| {
                raid.shows(Metric::Status, SimValue::Gauge(0.0));
                raid.has(Fact::Output, text(""));
            });
        let expected = [
            (3, "status failed alert"),
            (3, "content changed alert"),
            (4, "content changed alert"),
            (5, "status succeeded alert"),
        ];
        let expected: Vec<String> =
            expected.iter().map(|(cycle, told)| format!("{} raid {told}", cycle + later)).collect();
        assert_eq!(sorted(world.events(8)), sorted(expected), "{dialect:?}");
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[test]
fn a_link_fails_when_it_is_down_and_while_it_counts_errors() {
    let world = World::new(Rules, "check network eth0 with interface eth0\n  if link down then alert\n");
    let world = world
        .before(2, "eth0", |link| link.has(Fact::Link, number(0)))
        .before(3, "eth0", |link| link.has(Fact::Link, number(1)))
        .before(5, "eth0", |link| link.has(Fact::LinkErrors, number(12)));
    assert_eq!(
        world.events(8),
        [
            "2 eth0 link failed alert",
            "3 eth0 link succeeded alert",
            "5 eth0 link failed alert",
            "6 eth0 link succeeded alert"
        ]
    );
}

#[test]
fn rates_and_totals_come_from_counters() {
    let world = World::new(
        Rules,
        "check network eth0 with interface eth0\n  if link down then alert\n  if download > 1000 B/s then alert\n  if upload > 10 \
         packets/s then alert\n  if total download > 200 kB in last 5 minutes then alert\n",
    );
    let world = world
        .before(3, "eth0", |link| link.shows(Metric::Download, SimValue::Moves(2_000.0, 1.0)))
        .before(4, "eth0", |link| link.shows(Metric::Upload, SimValue::Moves(1.0, 20.0)))
        .before(6, "eth0", |link| link.shows(Metric::Download, SimValue::Moves(0.0, 0.0)));
    // 2,000 bytes in a second are 120 kB in a cycle; five minutes after the last of them the total is small again.
    assert_eq!(
        world.events(14),
        [
            "4 eth0 bytein failed alert",
            "5 eth0 packetout failed alert",
            "5 eth0 bytein failed alert",
            "7 eth0 bytein succeeded alert",
            "10 eth0 bytein succeeded alert",
        ]
    );
}

#[test]
fn a_total_that_cannot_be_read_to_its_end_is_unknown() {
    let world = World::new(
        Rules,
        "check network eth0 with interface eth0\n  if total download > 200 kB in last 5 minutes for 3 cycles then alert\n",
    );
    let world = world
        .before(1, "eth0", |link| link.shows(Metric::Download, SimValue::Moves(5_000.0, 1.0)))
        .before(3, "eth0", |link| link.shows(Metric::Download, SimValue::Unreadable("no permission".to_owned())))
        .before(4, "eth0", |link| link.shows(Metric::Download, SimValue::Moves(5_000.0, 1.0)));
    // It is passed in the second cycle, unknown in the third, and passed again from the fourth on.
    assert_eq!(world.events(8), ["6 eth0 bytein failed alert"]);
}

#[test]
fn a_filesystem_is_measured() {
    let world = World::new(
        Rules,
        "check filesystem data with path /data\n  if space usage > 90% then alert\n  if service time > 20 ms for 2 cycles then \
         alert\n  if changed fsflags then alert\n",
    );
    let world = world
        .before(2, "data", |data| data.shows(Metric::Space, SimValue::Part(95.0, 100.0)))
        .before(3, "data", |data| data.shows(Metric::ServiceTime, SimValue::Takes(0.03)))
        .before(4, "data", |data| data.has(Fact::MountFlags, text("ro")));
    assert_eq!(
        world.events(7),
        ["2 data resource failed alert", "4 data fsflags changed alert", "5 data resource failed alert"]
    );
}

#[test]
fn what_is_checked_in_some_cycles_only_keeps_those_that_need_it_waiting() {
    let world = World::new(
        Rules,
        "check file a with path /a\n  every 3 cycles\n  if size > 5 kB then alert\ncheck file b with path /b\n  depends on a\n  \
         if size > 5 kB then alert\n",
    );
    let world = world.before(2, "a", |a| a.is_written(9_000)).before(5, "b", |b| b.is_written(9_000));
    // `a` is looked at in cycles 1, 4 and 7, and `b` is not judged while `a` fails or waits.
    assert_eq!(world.events(9), ["4 a size failed alert"]);
}

#[test]
fn a_schedule_names_the_minutes() {
    // The virtual world begins on a full minute; a cycle is one.
    let all = World::new(Rules, "check file a with path /a\n  every \"*/4 * * * *\"\n  if changed size then alert\n");
    let mut world = all;
    for cycle in 2..20 {
        world = world.before(cycle, "a", move |a| a.is_written(cycle * 10));
    }
    let cycles: Vec<u64> = world
        .events(20)
        .iter()
        .map(|told| told.split(' ').next().expect("a cycle").parse().expect("a number"))
        .collect();
    assert!(cycles.len() >= 3 && cycles.windows(2).all(|two| two[1] - two[0] == 4), "{cycles:?}");
}

#[test]
fn too_many_restarts_end_it() {
    for dialect in [Monit, Rules] {
        let world = World::new(
            dialect,
            "check process p with pidfile /p\n  start program = /bin/up\n  stop program = /bin/down\n  if memory > 50% then \
             restart\n  if 2 restarts within 3 cycles then unmonitor\n",
        );
        let world = world.before(2, "p", |p| p.shows(Metric::Memory, SimValue::Part(9.0, 10.0)));
        let events = world.before(8, "p", Thing::dies).events(12);
        let limit = events.iter().find(|told| told.contains("timeout")).map(String::as_str);
        // In Monit the restarts of cycles 2 and 3 are counted in the check of cycle 4; in `rules` the second attempt backs
        // off until cycle 4.
        let cycle = if dialect == Monit { 4 } else { 5 };
        assert_eq!(limit, Some(format!("{cycle} p timeout failed unmonitor").as_str()), "{events:?}");
        assert!(events.last().is_some_and(|last| last.contains("timeout")), "it is watched no longer: {events:?}");
    }
}

#[test]
fn limits_of_restarts_have_an_order_and_an_end() {
    let told = |dialect: Dialect, first: &str, second: &str| {
        let rules =
            format!("  if 1 restarts within 3 cycles then {first}\n  if 1 restarts within 5 cycles then {second}\n");
        let world = World::new(dialect, &format!("check file f with path /f\n{rules}  if size > 2000 B then alert\n"));
        let world = world.before(2, "f", Thing::dies).before(3, "f", Thing::comes_up);
        let events = world.before(3, "f", |f| f.is_written(3_000)).events(4);
        let (restart, events) = events.split_first().expect("an event");
        assert_eq!(restart, "2 f nonexist failed restart");
        events.iter().map(|event| event.replace("3 f ", "")).collect::<Vec<_>>()
    };
    // Monit begins with the last of them, and forgets all restarts when it looks away.
    assert_eq!(told(Monit, "exec /bin/page", "unmonitor"), ["timeout failed unmonitor"]);
    assert_eq!(told(Monit, "unmonitor", "exec /bin/page"), ["timeout failed exec", "timeout failed unmonitor"]);
    let both = ["timeout failed unmonitor", "timeout failed exec"];
    assert_eq!(told(Rules, "unmonitor", "exec /bin/page"), both);
    // What is stopped is not looked at in this cycle either.
    assert_eq!(told(Monit, "exec /bin/page", "stop"), ["timeout failed stop"]);
    assert_eq!(told(Rules, "exec /bin/page", "stop"), ["timeout failed exec", "timeout failed stop"]);
}

#[test]
fn what_is_not_to_be_started_is_not_watched() {
    let world = World::new(Rules, "check file a with path /a\n  onreboot nostart\n  if not exist then alert\n");
    assert_eq!(world.before(2, "a", Thing::dies).events(5), [""; 0]);
}

#[test]
fn a_message_holds_what_fits_of_what_was_written() {
    let told = |lines: &'static [&'static str]| {
        let world = World::new(Rules, "check file log with path /log\n  if content = \"error\" then alert\n");
        let world = world.before(2, "log", move |log| lines.iter().for_each(|line| log.is_told(line)));
        let timeline = world.scenario.run(s(CYCLE_S + 10));
        let messages: Vec<String> = timeline.events().map(|(_, _, event)| event.message.clone()).collect();
        messages.last().expect("it is told").clone()
    };
    assert_eq!(told(&["error 1", "well", "error 2"]), "content match:\nerror 1\nerror 2");
    let long = Box::leak(format!("error {}", "é".repeat(1_000)).into_boxed_str());
    let message = told(Vec::leak(vec![&*long]));
    assert!(message.starts_with("content match:\nerror éé") && message.ends_with("é..."), "{message}");
    assert!(message.len() < 600, "{}", message.len());
}
