//! Starts, stops and restarts: how they are confirmed, how they fail, and when they are tried again.

use std::time::Duration;

use interpreter::engine::{EventClass, EventState, Metric, Request, ServiceId};
use interpreter::program::{Action, Program, Relation, Test};
use interpreter::simulate::{Port, Scenario, Script, SimValue, Thing, Timeline};

use crate::build::*;

const MEMORY: Metric = Metric::Memory;

/// The timeline without the start of ruled.
fn lines(timeline: &Timeline) -> String {
    let entries = timeline.entries.iter().filter(|entry| !entry.to_string().contains(" instance "));
    entries.map(|entry| format!("{entry}\n")).collect()
}

/// In which seconds this was done.
fn seconds(timeline: &Timeline, word: &str) -> Vec<u64> {
    timeline.deeds().filter(|deed| deed.2.word() == word).map(|deed| deed.0.as_secs()).collect()
}

fn quiet(program: Program) -> Scenario {
    Scenario::new(program).without_wakes()
}

fn never() -> Script {
    Script { effect_after: None, ..Script::default() }
}

#[test]
fn a_dead_process_is_not_stopped_but_started_and_recovers_in_the_next_cycle() {
    let timeline = quiet(program(vec![process("p")])).process_dies(s(7), "p").run(s(60));
    let wanted = "\
10.001s #3 p nonexist failed, restart: process is not running
10.001s p: start /start/p
15.001s #4 p nonexist succeeded, alert: process is running with pid 10102
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_running_process_is_stopped_before_it_is_started() {
    let rules = program(vec![process("p").rule(port(80, None).cycles(2).then(Action::Restart))]);
    let refused = |p: &mut Thing| p.answers(80, Port::Refused("Connection refused".to_owned()));
    let timeline = quiet(rules).at(s(33), "p", refused).at(s(41), "p", |p| p.answers(80, Port::Open(ms(1)))).run(s(90));
    let wanted = "\
40.001s #9 p connection failed, restart: failed protocol test [DEFAULT] at [localhost]:80 [TCP/IP] -- Connection refused
40.002s p: stop /stop/p
40.063s p: start /start/p
75.002s #16 p connection succeeded, alert: connection succeeded to [localhost]:80 [TCP/IP]
";
    // No port is tried before the start time-out of 30 s has passed.
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_restart_program_does_both() {
    let mut service = process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    service.restart = Some(Box::new(command("/restart/p")));
    let timeline = quiet(program(vec![service]))
        .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .at(s(6), "p", |p| p.shows(MEMORY, SimValue::Part(1.0, 10.0)))
        .run(s(60));
    assert_eq!((timeline.done("p", "restart"), timeline.deeds().count()), (1, 1));
    assert_eq!(timeline.count("p", EventClass::Exec, EventState::Failed), 0);
}

#[test]
fn without_a_stop_program_signals_end_the_process_in_rules() {
    let mut service = process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    service.stop = None;
    let greedy = |p: &mut Thing| p.shows(MEMORY, SimValue::Part(8.0, 10.0));
    let sober = |p: &mut Thing| p.shows(MEMORY, SimValue::Part(1.0, 10.0));
    let run = |program: Program, stubborn: bool| {
        let scenario = quiet(program).with("p", |p| p.ignores_terminate = stubborn);
        scenario.at(s(3), "p", greedy).at(s(6), "p", sober).run(s(60))
    };
    let timeline = run(program(vec![service.clone()]), false);
    let done: Vec<&str> = timeline.deeds().map(|deed| deed.2.word()).collect();
    assert_eq!(done, ["terminate", "start"]);
    let timeline = run(program(vec![service.clone()]), true);
    assert_eq!(seconds(&timeline, "terminate"), [5]);
    assert_eq!(seconds(&timeline, "kill"), [35]);
    assert_eq!(seconds(&timeline, "start"), [35]);
    // Monit leaves it alone: it runs, so there is nothing to start.
    let timeline = run(monit(vec![service]), false);
    assert_eq!(timeline.deeds().count(), 0);
    assert_eq!(timeline.count("p", EventClass::Resource, EventState::Failed), 1);
}

#[test]
fn a_process_that_survives_everything_is_not_started_again() {
    let mut service = process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    service.stop = None;
    let timeline = quiet(program(vec![service]))
        .with("p", |p| {
            p.ignores_terminate = true;
            p.ignores_kill = true;
        })
        .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .run(s(44));
    assert_eq!(timeline.done("p", "start"), 0);
    assert!(lines(&timeline).contains(
        "40.002s #9 p exec failed, alert: failed to stop -- the process is still there after SIGTERM and SIGKILL"
    ));
}

#[test]
fn what_belongs_to_a_process_is_gone_before_it_is_started_again() {
    let greedy = |p: &mut Thing| p.shows(MEMORY, SimValue::Part(8.0, 10.0));
    let sober = |p: &mut Thing| p.shows(MEMORY, SimValue::Part(1.0, 10.0));
    let service = process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    let by_signal = interpreter::program::Service { stop: None, ..service.clone() };
    let run = |program: Program, immortal: bool| {
        let scenario = quiet(program).with("p", |p| {
            p.workers = 2;
            p.ignores_kill = immortal;
        });
        scenario.at(s(3), "p", greedy).at(s(6), "p", sober).run(s(60))
    };
    // It ends when it is asked to, its workers do not: they are killed when its time is over, and only then it is started.
    let timeline = run(program(vec![by_signal.clone()]), false);
    let words: Vec<&str> = timeline.deeds().map(|deed| deed.2.word()).collect();
    assert_eq!(words, ["terminate", "kill", "start"], "{timeline}");
    assert_eq!((seconds(&timeline, "kill"), seconds(&timeline, "start")), (vec![35], vec![35]), "{timeline}");
    assert_eq!(timeline.count("p", EventClass::Exec, EventState::Failed), 0, "{timeline}");
    // The same behind a stop program.
    let timeline = run(program(vec![service.clone()]), false);
    let words: Vec<&str> = timeline.deeds().map(|deed| deed.2.word()).collect();
    assert_eq!(words, ["stop", "kill", "start"], "{timeline}");
    // What nothing ends keeps it from being started.
    let timeline = run(program(vec![by_signal]), true);
    assert_eq!(timeline.done("p", "start"), 0, "{timeline}");
    let wanted = "failed to stop -- of what belongs to it, 2 processes will not end, not even after SIGKILL";
    assert!(lines(&timeline).contains(wanted), "{timeline}");
    assert!(timeline.count("p", EventClass::Nonexist, EventState::Failed) > 0, "{timeline}");
    // Monit asks for the process alone.
    let timeline = run(monit(vec![service]), false);
    assert_eq!(timeline.done("p", "kill"), 0, "{timeline}");
    assert!(timeline.done("p", "start") > 0, "{timeline}");
}

#[test]
fn a_stop_program_that_hangs_or_does_nothing_is_followed_by_signals_in_rules() {
    let service = || process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    let greedy = |p: &mut Thing| p.shows(MEMORY, SimValue::Part(8.0, 10.0));
    let sober = |p: &mut Thing| p.shows(MEMORY, SimValue::Part(1.0, 10.0));
    for ends_after in [None, Some(ms(20))] {
        let run = |program: Program| {
            let scenario = quiet(program).with("p", |p| {
                p.stop = Script { ends_after, ..never() };
                p.ignores_terminate = true;
            });
            scenario.at(s(3), "p", greedy).at(s(6), "p", sober).run(s(80))
        };
        let timeline = run(program(vec![service()]));
        let done: Vec<(u64, &str)> = timeline.deeds().map(|deed| (deed.0.as_secs(), deed.2.word())).collect();
        assert_eq!(done, [(5, "stop"), (35, "terminate"), (65, "kill"), (65, "start")], "{timeline}");
        assert_eq!(run(monit(vec![service()])).done("p", "terminate"), 0);
    }
}

#[test]
fn nothing_is_killed_that_no_program_brings_back() {
    let mut service = process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    (service.start, service.stop) = (None, None);
    let timeline =
        quiet(program(vec![service])).at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0))).run(s(60));
    assert_eq!(timeline.deeds().count(), 0);
    let event = timeline.events().last().expect("an event").2;
    assert_eq!(event.action, "restart");
}

#[test]
fn a_start_that_fails_is_told_once_and_tried_again_with_longer_pauses() {
    let dead = |p: &mut Thing| p.start = Script { status: 3, output: "no config\n".to_owned(), ..never() };
    let timeline = quiet(program(vec![process("p")])).with("p", dead).process_dies(s(7), "p").run(s(4000));
    // After attempt n: 2 to the power of n cycles of 5 s, at most an hour, and the rest of a cycle.
    assert_eq!(seconds(&timeline, "start"), [10, 20, 40, 80, 160, 320, 640, 1280, 2560]);
    let start = "\
10.001s #3 p nonexist failed, restart: process is not running
10.001s p: start /start/p
10.061s #3 p exec failed, alert: failed to start (exit status 3) -- '/start/p': no config
20.001s p: start /start/p
";
    assert!(lines(&timeline).starts_with(start), "{timeline}");
    // ruled started, the process is missing, its start failed: nothing is told again.
    assert_eq!(timeline.events().count(), 3, "{timeline}");
}

#[test]
fn the_longest_pause_is_an_hour_and_a_recovery_ends_it() {
    let timeline = quiet(program(vec![process("p")]))
        .with("p", |p| p.start = Script { status: 1, ..never() })
        .process_dies(s(7), "p")
        .at(s(60_000), "p", Thing::comes_up)
        .process_dies(s(70_003), "p")
        .run(s(70_100));
    let starts = seconds(&timeline, "start");
    let (before, _) = starts.split_at(starts.len() - 4);
    assert!(before.windows(2).all(|two| two[1] - two[0] <= 3600), "{starts:?}");
    assert_eq!(starts[starts.len() - 4..], [70_005, 70_015, 70_035, 70_075]);
}

#[test]
fn monit_tries_again_in_every_cycle() {
    let timeline = quiet(monit(vec![process("p")]))
        .with("p", |p| {
            p.start = never();
        })
        .process_dies(s(7), "p")
        .run(s(150));
    // The start program exits with 0 and nothing comes up: that is known after 30 s.
    assert_eq!(seconds(&timeline, "start"), [10, 45, 80, 115]);
    let wanted = "\
10.001s #3 p nonexist failed, restart: process is not running
10.001s p: start /start/p
40.001s #9 p exec failed, alert: failed to start (exit status 0) -- no output
45.001s p: start /start/p
80.001s p: start /start/p
115.001s p: start /start/p
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn the_exit_status_of_a_start_program_counts_in_rules_only() {
    let odd = |p: &mut Thing| p.start = Script { status: 1, ends_after: Some(ms(20)), ..Script::default() };
    let run = |program: Program| quiet(program).with("p", odd).process_dies(s(7), "p").run(s(14));
    assert_eq!(run(program(vec![process("p")])).count("p", EventClass::Exec, EventState::Failed), 1);
    assert_eq!(run(monit(vec![process("p")])).count("p", EventClass::Exec, EventState::Failed), 0);
}

#[test]
fn a_start_program_may_stay_in_the_foreground() {
    let timeline = quiet(program(vec![process("p")]))
        .with("p", |p| p.start = Script { ends_after: None, ..Script::default() })
        .process_dies(s(7), "p")
        .run(s(200));
    assert_eq!(timeline.done("p", "start"), 1);
    assert_eq!(timeline.count("p", EventClass::Exec, EventState::Failed), 0);
    assert_eq!(timeline.count("p", EventClass::Nonexist, EventState::Succeeded), 1);
}

#[test]
fn a_start_program_that_hangs_is_ended_before_it_is_tried_again() {
    let hanging = |p: &mut Thing| p.start = Script { ends_after: None, ..never() };
    let mut scenario = quiet(monit(vec![process("p")])).with("p", hanging).process_dies(s(7), "p");
    scenario.run_for(s(120));
    assert_eq!((scenario.timeline().done("p", "start"), scenario.timeline().overlaps), (4, 0));
    assert!(lines(scenario.timeline()).contains(
        "40.001s #9 p exec failed, alert: failed to start -- '/start/p' still runs without effect after 30 seconds"
    ));
}

#[test]
fn a_start_program_that_cannot_be_run_fails_at_once_and_a_slow_start_mends_it() {
    let refused = "Program /start/p failed: File '/start/p' does not exist";
    let timeline = quiet(program(vec![process("p")]))
        .with("p", move |p| p.start = Script { refused: Some(refused.to_owned()), ..Script::default() })
        .process_dies(s(7), "p")
        .at(s(12), "p", Thing::comes_up)
        .run(s(60));
    let wanted = format!(
        "\
10.001s #3 p nonexist failed, restart: process is not running
10.001s p: start /start/p
10.001s #3 p exec failed, alert: failed to start (exit status -1) -- {refused}
15.001s #4 p nonexist succeeded, alert: process is running with pid 10102
15.001s #4 p exec succeeded, alert: process is running after previous exec error (slow starting or manually recovered?)
"
    );
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_slow_start_delays_nobody_else() {
    let rules = program(vec![process("slow"), host("web").rule(port(80, None))]);
    let slow = |p: &mut Thing| p.start = Script { effect_after: Some(s(28)), ends_after: None, ..Script::default() };
    let mut scenario = quiet(rules).with("slow", slow).process_dies(s(7), "slow");
    scenario.run_for(s(20));
    assert_eq!(scenario.engine().service_view(ServiceId(0)).expect("slow").doing, Some("start"));
    scenario.run_for(s(80));
    let web = scenario.engine().service_view(ServiceId(1)).expect("web");
    assert_eq!((web.late_cycles, scenario.engine().cycle()), (0, 21));
    assert_eq!(scenario.timeline().done("slow", "start"), 1);
}

#[test]
fn a_stop_unmonitors_and_a_start_by_a_person_monitors_again() {
    let rules = program(vec![process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Stop))]);
    let mut scenario = quiet(rules)
        .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .at(s(50), "p", |p| p.shows(MEMORY, SimValue::Part(1.0, 10.0)))
        .request(s(62), "p", Request::Start);
    scenario.run_for(s(60));
    assert!(!scenario.engine().service_view(ServiceId(0)).expect("p").monitored);
    scenario.run_for(s(60));
    let wanted = "\
5.001s #2 p resource failed, stop: mem usage of 80.0% matches resource limit [mem usage > 50.0%]
5.002s p: stop /stop/p
62.001s p: start /start/p
62.062s #13 p action changed, alert: start action done
";
    assert_eq!(lines(scenario.timeline()), wanted);
    assert!(scenario.engine().service_view(ServiceId(0)).expect("p").is_well());
}

#[test]
fn unmonitor_ends_all_judging() {
    let rules = program(vec![process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Unmonitor))]);
    let timeline = quiet(rules)
        .at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .process_dies(s(20), "p")
        .request(s(62), "p", Request::Monitor)
        .run(s(63));
    let wanted = "\
5.001s #2 p resource failed, unmonitor: mem usage of 80.0% matches resource limit [mem usage > 50.0%]
62.000s #13 p action changed, alert: monitor action done
62.001s #13 p nonexist failed, restart: process is not running
62.001s p: start /start/p
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_person_can_restart_and_what_waits_is_done_when_the_service_is_free() {
    let timeline = quiet(program(vec![process("p")]))
        .request(s(12), "p", Request::Restart)
        .request(Duration::from_millis(12_010), "p", Request::Restart)
        .request(Duration::from_millis(12_020), "p", Request::Stop)
        .run(s(60));
    let done: Vec<&str> = timeline.deeds().map(|deed| deed.2.word()).collect();
    assert_eq!(done, ["stop", "start", "stop"], "{timeline}");
    let last = &timeline.events().last().expect("an event").2.message;
    assert_eq!(last, "stop action done");
}

#[test]
fn a_file_has_programs_too() {
    let mut service = file("f").only(vec![missing(Action::Start)]);
    service.start = Some(Box::new(command("/bin/touch")));
    let timeline = quiet(program(vec![service])).at(s(3), "f", Thing::dies).run(s(60));
    let wanted = "\
5.001s #2 f nonexist failed, start: file doesn't exist
5.001s f: start /bin/touch
10.001s #3 f nonexist succeeded, alert: file exists
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn something_else_in_the_place_of_a_file_is_invalid() {
    let timeline = quiet(program(vec![file("f").rule(rule(Test::Permission { mode: 0o600 }))]))
        .at(s(3), "f", |f| f.invalid = Some("is neither a regular file nor a socket".to_owned()))
        .at(s(13), "f", |f| f.invalid = None)
        .run(s(60));
    let wanted = "\
0.001s #1 f permission failed, alert: permission test failed for /data/f [current permission 0644]
5.001s #2 f invalid failed, restart: is neither a regular file nor a socket
15.001s #4 f invalid succeeded, alert: is a regular file
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_zombie_is_reported_in_monit_and_absent_in_rules() {
    let run = |program: Program| {
        let scenario = quiet(program).at(s(3), "p", Thing::becomes_zombie).at(s(21), "p", Thing::is_replaced);
        lines(&scenario.run(s(30)))
    };
    let wanted = "\
5.001s #2 p data failed, alert: process with pid 10101 is a zombie
25.001s #6 p data succeeded, alert: zombie check succeeded
";
    assert_eq!(run(monit(vec![process("p")])), wanted);
    assert!(
        run(program(vec![process("p")]))
            .starts_with("5.001s #2 p nonexist failed, restart: process is not running\n5.001s p: start /start/p\n")
    );
}

#[test]
fn what_cannot_be_read_is_told_and_never_absent() {
    let timeline = quiet(program(vec![process("p")]))
        .at(s(3), "p", |p| p.unreadable = Some("cannot read /run/p.pid: permission denied".to_owned()))
        .at(s(33), "p", |p| p.unreadable = None)
        .run(s(60));
    let wanted = "\
5.001s #2 p data failed, alert: cannot read /run/p.pid: permission denied
35.001s #8 p data succeeded, alert: data access succeeded
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn the_strongest_wish_of_a_judgement_wins() {
    let over = || share(MEMORY, Relation::Greater, 50.0);
    let rules = program(vec![process("p").rule(over().then(Action::Restart)).rule(over().then(Action::Stop))]);
    let timeline = quiet(rules).at(s(3), "p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0))).run(s(60));
    assert_eq!(timeline.deeds().count(), 1, "{timeline}");
    assert_eq!(timeline.done("p", "stop"), 1);
}

#[test]
fn a_passive_service_is_only_told_about() {
    let mut service = process("p").rule(share(MEMORY, Relation::Greater, 50.0).then(Action::Restart));
    service.mode = interpreter::program::Mode::Passive;
    let timeline = Scenario::new(program(vec![service]))
        .with("p", |p| p.shows(MEMORY, SimValue::Part(8.0, 10.0)))
        .process_dies(s(22), "p")
        .run(s(60));
    let told: Vec<&str> =
        timeline.events().filter(|one| one.2.service.0 == 0 && one.1 == "p").map(|one| one.2.action).collect();
    assert_eq!(told, ["alert", "alert"]);
    assert_eq!(timeline.deeds().count(), 0);
}
