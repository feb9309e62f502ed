//! The whole flow on this machine: a service dies, runs again, and everybody is told; and the simulator agrees.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use grammar::Dialect;
use interpreter::check;
use interpreter::engine::Input;
use interpreter::simulate::Scenario;

use crate::rig::{Daemon, PATIENCE, mail_server, until, write};

/// What two runs of the same rules must agree in.
type Told = (String, String, String, String);

fn events(path: &Path) -> Vec<Told> {
    let word = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap_or_default().to_string();
    let lines = fs::read_to_string(path).unwrap_or_default();
    let complete = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    complete
        .map(|event| (word(&event, "service"), word(&event, "event"), word(&event, "state"), word(&event, "action")))
        .collect()
}

fn pid(path: &Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[test]
fn a_killed_service_runs_again_long_before_the_next_cycle() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().display();
    let pidfile = folder.path().join("service.pid");
    let service = "#!/bin/sh\necho $$ >\"$1.new\" && mv \"$1.new\" \"$1\" && exec sleep 120\n";
    let program = write(folder.path(), "service", service);
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    let (port, mails) = mail_server();
    let text = format!(
        "set daemon 30\n\
         set mailserver 127.0.0.1 port {port}\n\
         set alert keeper@example.com\n\
         check process sleeper with pidfile {place}/service.pid\n    \
             start program = \"{program} {place}/service.pid\" with timeout 10 seconds\n    \
             if memory usage > 1 GB for 2 cycles then alert\n"
    );
    let rules = write(folder.path(), "service.rules", &text);
    let seen = folder.path().join("events");
    let log = folder.path().join("log");
    let daemon = Daemon::start(&["--events", seen.to_str().expect("UTF-8"), &rules], &log);

    // The first cycle finds nothing and starts it; a cycle asked for sees that it runs.
    let first = until(|| pid(&pidfile)).unwrap_or_else(|| panic!("never started:\n{}", daemon.said()));
    recovered(&daemon, &seen, 1);

    let killed = Instant::now();
    kill(Pid::from_raw(first), Signal::SIGKILL).expect("a process of this test");
    let second = until(|| pid(&pidfile).filter(|pid| *pid != first));
    let second = second.unwrap_or_else(|| panic!("never restarted:\n{}", daemon.said()));
    let took = killed.elapsed();
    println!("killed, and its pid file names the next one after {took:?}; the cycle is 30 s long");
    assert!(took < Duration::from_secs(5), "{took:?}:\n{}", daemon.said());
    recovered(&daemon, &seen, 2);

    let told = until(|| mails.recv_timeout(PATIENCE).ok().filter(|mail| mail.contains("process is not running")));
    let mail = told.expect("a mail that says so");
    assert!(mail.contains("sleeper") && mail.contains("To: keeper@example.com"), "{mail}");
    assert!(daemon.said().contains("'sleeper' process is not running"), "{}", daemon.said());
    assert_eq!(daemon.end(), 0);
    kill(Pid::from_raw(second), Signal::SIGKILL).expect("services outlive ruled");

    assert_eq!(events(&seen), simulated(&rules), "the simulator tells another story");
}

/// Asks for cycles until the service is seen as running for the `times`-th time.
fn recovered(daemon: &Daemon, seen: &Path, times: usize) {
    let ends = |told: &Told| told.1 == "nonexist" && told.2 == "succeeded";
    let found = until(|| {
        daemon.signal(Signal::SIGUSR1);
        std::thread::sleep(Duration::from_millis(100));
        (events(seen).iter().filter(|told| ends(told)).count() >= times).then_some(())
    });
    found.unwrap_or_else(|| panic!("never seen as running:\n{}", daemon.said()));
}

/// The same rules, the same faults, in the simulator: not there at first, then killed between two cycles.
fn simulated(rules: &str) -> Vec<Told> {
    let machine = ruled::surroundings::Machine;
    let text = fs::read(rules).expect("the rules");
    let loaded = check::load_text(rules, &text, Dialect::Rules, &machine);
    let checked = check::check(&loaded.source, Dialect::Rules, &ruled::protocols::stock(), &machine);
    let program = checked.program.expect("good rules");
    let names: Vec<String> = program.services.iter().map(|service| service.name.clone()).collect();
    let timeline = Scenario::new(program)
        .with("sleeper", |thing| thing.leaves())
        .process_dies(Duration::from_secs(45), "sleeper")
        .input(Duration::from_secs(80), Input::Quit)
        .run(Duration::from_secs(90));
    let told = timeline.events().map(|(_, _, event)| {
        let service = names.get(event.service.index()).cloned().unwrap_or_default();
        (service, event.class.word().to_string(), event.state.word().to_string(), event.action.to_string())
    });
    told.collect()
}
