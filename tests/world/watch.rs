//! Exits are seen at once, also those of processes that are not ours.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use interpreter::engine::{Identity, Plan, Presence, ServiceId};
use interpreter::program::{Behaviour, Target};
use ruled::act::process::{Sent, signal};
use ruled::observe::Sight;
use ruled::observe::snapshot::Snapshot;
use ruled::world::deeds::start_ticks;
use ruled::world::watch::{Means, Watches};
use rustix::process::Signal;
use tokio::sync::mpsc::unbounded_channel;

use super::{Started, run};

/// A process whose parent is another than this one.
fn stranger() -> (Started, u32) {
    let child = Command::new("sh").args(["-c", "sleep 600 & echo $!; wait"]).stdout(Stdio::piped()).spawn();
    let mut parent = Started(child.expect("it starts"));
    let mut line = String::new();
    BufReader::new(parent.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    (parent, line.trim().parse().expect("a number"))
}

fn look(pid: u32) -> ruled::observe::Seen {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), pid.to_string()).expect("written");
    Sight::new(&Target::Pidfile(file.path().display().to_string()), &Behaviour::RULES).look(
        &Plan::default(),
        None,
        &Snapshot::default(),
    )
}

#[test]
fn a_strangers_exit_wakes() {
    let (_parent, pid) = stranger();
    run(async {
        let (exits, mut inbox) = unbounded_channel();
        let mut watches = Watches::new(exits);
        let seen = look(pid);
        let Presence::Present(identity) = seen.presence else { panic!("{:?}", seen.presence) };
        assert_eq!(watches.hold(ServiceId(3), identity, seen.pidfd), Means::Pidfd);
        assert_eq!(watches.hold(ServiceId(3), identity, look(pid).pidfd), Means::Unchanged);
        assert_eq!(signal(identity, Signal::KILL, start_ticks), Ok(Sent::Sent));
        let exit = inbox.recv().await.expect("an exit");
        assert_eq!((exit.service, exit.identity), (ServiceId(3), identity));
        assert!(watches.is_current(&exit));
        watches.let_go(ServiceId(3));
        assert!(!watches.is_current(&exit));
    });
}

#[test]
fn a_late_look_does_not_displace_the_process_of_today() {
    let (mut before, today) = (Started::new("sleep", &["600"]), Started::new("sleep", &["600"]));
    run(async {
        let (exits, _inbox) = unbounded_channel();
        let mut watches = Watches::new(exits);
        let (late, seen) = (look(before.pid()), look(today.pid()));
        let (Presence::Present(then), Presence::Present(now)) = (late.presence, seen.presence) else {
            panic!("both run")
        };
        before.0.kill().expect("it ends");
        before.0.wait().expect("it ends");
        watches.hold(ServiceId(0), now, seen.pidfd);
        assert_eq!(watches.hold(ServiceId(0), then, late.pidfd), Means::Unchanged);
        assert_eq!(watches.hold(ServiceId(0), then, None), Means::Unchanged);
        assert!(watches.known(ServiceId(0)).is_some_and(|known| known.pid == today.pid() && known.is_held));
    });
}

#[test]
fn without_a_handle_a_process_is_polled() {
    let started = Started::new("sleep", &["600"]);
    run(async {
        let (exits, _inbox) = unbounded_channel();
        let mut watches = Watches::new(exits);
        let Presence::Present(identity) = look(started.pid()).presence else { panic!("it runs") };
        assert_eq!(watches.hold(ServiceId(0), identity, None), Means::Polling);
        assert!(watches.known(ServiceId(0)).is_some_and(|known| known.pid == started.pid() && !known.is_held));
    });
}

#[test]
fn a_signal_never_hits_another_process() {
    let mut started = Started::new("sleep", &["600"]);
    let Presence::Present(Identity::Process { pid, start_ticks: since, uptime_s }) = look(started.pid()).presence
    else {
        panic!("it runs")
    };
    let another = Identity::Process { pid, start_ticks: since + 1, uptime_s };
    assert_eq!(signal(another, Signal::KILL, start_ticks), Ok(Sent::Gone));
    assert!(started.0.try_wait().expect("ours").is_none());
    assert!(signal(Identity::Itself, Signal::KILL, start_ticks).is_err());
    let identity = Identity::Process { pid, start_ticks: since, uptime_s };
    assert_eq!(signal(identity, Signal::TERM, start_ticks), Ok(Sent::Sent));
    started.0.wait().expect("it ends");
    assert_eq!(signal(identity, Signal::TERM, start_ticks), Ok(Sent::Gone));
}
