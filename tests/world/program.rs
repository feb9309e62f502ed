//! Programs: run without a shell, attended, bounded, ended with everything that they started.

use std::time::{Duration, Instant};

use interpreter::engine::{DeedId, Outcome, Reason, ServiceId};
use interpreter::program::{Command, Identity};
use ruled::act::environment::{Environment, Facts, LastSeen};
use ruled::act::output::{OUTPUT_LIMIT_BYTES, Output};
use ruled::act::spawn::{Manner, Spawner};
use ruled::observe::procfs;
use ruled::world::deeds::{DeedKey, Deeds, Ended, Finished, Late, Purpose, Role};
use rustix::process::{Pid, test_kill_process_group};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{eventually, run};

const KEY: Purpose = Purpose::Deed(DeedKey { generation: 0, deed: DeedId(7) });

fn command(argv: &[&str]) -> Command {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    Command { argv, uid: None, gid: None, timeout: Duration::from_secs(1) }
}

fn deeds() -> (Deeds, UnboundedReceiver<Ended>) {
    let (ends, inbox) = unbounded_channel();
    let spawner = Spawner { launcher: env!("CARGO_BIN_EXE_ruled").into(), nofile: None, manner: Manner::default() };
    (Deeds::new(spawner, ends), inbox)
}

fn start(deeds: &mut Deeds, argv: &[&str]) -> Pid {
    let command = command(argv);
    let environment = vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())];
    match deeds.start(KEY, ServiceId(0), Role::Passes, &command, environment) {
        (Some(pid), Outcome::Running) => pid,
        other => panic!("{other:?}"),
    }
}

/// Runs a program to its end.
fn outcome(argv: &[&str]) -> (i32, String) {
    run(async {
        let (mut deeds, mut inbox) = deeds();
        start(&mut deeds, argv);
        let ended = inbox.recv().await.expect("it ends");
        match deeds.ended(ended) {
            Some(Finished { purpose: KEY, service: ServiceId(0), exit, output, .. }) => (exit.status, output),
            other => panic!("{other:?}"),
        }
    })
}

#[test]
fn status_and_output_come_back() {
    assert_eq!(outcome(&["sh", "-c", "echo out; echo err >&2; exit 3"]), (3, "out\nerr".to_owned()));
    assert_eq!(outcome(&["sh", "-c", "kill -9 $$"]), (137, String::new()));
    // No shell reads the words.
    assert_eq!(outcome(&["echo", "$HOME; true", "`id`"]), (0, "$HOME; true `id`".to_owned()));
}

#[test]
fn the_limit_of_descriptors_before_is_given_back() {
    run(async {
        let (ends, mut inbox) = unbounded_channel();
        let launcher = env!("CARGO_BIN_EXE_ruled").into();
        let mut deeds = Deeds::new(Spawner { launcher, nofile: Some(64), manner: Manner::default() }, ends);
        // It is given while the program is being loaded, so the first look may come too early.
        start(&mut deeds, &["sh", "-c", "while [ $(ulimit -Sn) != 64 ]; do :; done; ulimit -Sn"]);
        let ended = inbox.recv().await.expect("it ends");
        let finished = deeds.ended(ended).expect("it is known");
        assert_eq!((finished.exit.status, finished.output.as_str()), (0, "64"));
    });
}

#[test]
fn output_is_cleaned() {
    let (_, output) = outcome(&["printf", r"a\033[31mb\000c\377d\r\nlast\n\n"]);
    assert_eq!(output, "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\nlast");
}

#[test]
fn a_program_that_is_not_there_is_refused() {
    let (mut deeds, _inbox) = deeds();
    let missing = command(&["/nowhere/at/all"]);
    let (pid, outcome) = deeds.start(KEY, ServiceId(0), Role::Passes, &missing, Vec::new());
    assert_eq!(pid, None);
    assert_eq!(outcome, Outcome::Refused("cannot run /nowhere/at/all: no such file or directory".to_owned()));
    assert!(deeds.is_settled());
}

#[test]
fn a_user_that_nobody_knows_is_refused() {
    let (mut deeds, _inbox) = deeds();
    let uid = Some(Identity { written: "nobody-of-that-name".to_owned(), number: None });
    let unknown = Command { uid, ..command(&["true"]) };
    let (_, outcome) = deeds.start(KEY, ServiceId(0), Role::Passes, &unknown, Vec::new());
    assert!(matches!(outcome, Outcome::Refused(reason) if reason.contains("knows no user")));
}

#[test]
fn a_grandchild_that_holds_the_pipe_is_not_waited_for_and_not_ended() {
    let begun = Instant::now();
    let (status, output) = outcome(&["sh", "-c", "sleep 60 & echo $!"]);
    assert_eq!(status, 0);
    assert!(begun.elapsed() < Duration::from_secs(15));
    let grandchild: i32 = output.parse().expect("a number");
    let grandchild = Pid::from_raw(grandchild).expect("a process");
    assert!(rustix::process::test_kill_process(grandchild).is_ok());
    rustix::process::kill_process(grandchild, rustix::process::Signal::KILL).expect("ended");
}

#[test]
fn a_flood_is_bounded_and_the_whole_group_is_ended() {
    run(async {
        let (mut deeds, mut inbox) = deeds();
        let pid = start(&mut deeds, &["sh", "-c", "yes & yes"]);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(deeds.late(pid, KEY), Late::MustEnd);
        assert_eq!(deeds.end(pid, &[]), Outcome::TimedOut);
        assert!(deeds.is_settled());
        // The end that comes afterwards says what it had printed.
        let ended = inbox.recv().await.expect("it ends");
        let finished = deeds.ended(ended).expect("it was killed");
        assert!(finished.was_late && finished.output.starts_with("y\ny\n"));
        assert!(finished.output.len() <= OUTPUT_LIMIT_BYTES + 64 && finished.exit.signal == Some(9));
        assert!(eventually(|| test_kill_process_group(pid).is_err() || only_zombies(pid)));
    });
}

#[test]
fn what_a_program_started_in_another_session_ends_with_it() {
    run(async {
        let (mut deeds, mut inbox) = deeds();
        let folder = tempfile::tempdir().expect("a folder");
        let note = folder.path().join("pids");
        let note = note.to_str().expect("UTF-8");
        // A child in another session with a child of its own, a child in the group, and one that is somebody's service.
        let script = format!(
            "setsid sh -c 'sleep 600 & echo $! >>{note}; echo $$ >>{note}; wait' & sleep 600 & echo $! >>{note}
             setsid sleep 600 & echo $! >>{note}.service; wait"
        );
        let pid = start(&mut deeds, &["sh", "-c", &script]);
        let numbers = |name: &str| -> Vec<u32> {
            let text = std::fs::read_to_string(name).unwrap_or_default();
            text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
        };
        let service_file = format!("{note}.service");
        assert!(eventually(|| numbers(note).len() == 3 && numbers(&service_file).len() == 1));
        let service = numbers(&service_file)[0];
        // Until then it is in the group of the program.
        let leads = |pid: u32| {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a number"));
            nix::unistd::getsid(Some(pid)) == Ok(pid)
        };
        assert!(eventually(|| leads(service)));
        let is_alive = |pid: u32| procfs::process(pid).expect("readable").is_some_and(|stat| !stat.has_ended());
        assert!(numbers(note).into_iter().chain([service]).all(is_alive));
        assert_eq!(deeds.end(pid, &[service]), Outcome::TimedOut);
        assert!(eventually(|| !numbers(note).into_iter().any(is_alive)), "{:?}", numbers(note));
        assert!(is_alive(service), "the service is not the program's");
        let service = Pid::from_raw(i32::try_from(service).expect("a number")).expect("a process");
        rustix::process::kill_process(service, rustix::process::Signal::KILL).expect("ended");
        inbox.recv().await.expect("it ends");
        rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).expect("ours to reap");
    });
}

/// Whether all that is left of the group waits for somebody else to reap it.
fn only_zombies(group: Pid) -> bool {
    let group = group.as_raw_pid().unsigned_abs();
    let stat = |pid| procfs::process(pid).ok().flatten();
    let members = procfs::pids().expect("readable").into_iter().filter_map(stat).filter(|stat| stat.group == group);
    members.into_iter().all(|stat| stat.has_ended())
}

#[test]
fn only_a_start_program_may_stay() {
    run(async {
        let (mut deeds, mut inbox) = deeds();
        let sleeper = command(&["sleep", "600"]);
        let environment = vec![("PATH".into(), "/usr/bin:/bin".into())];
        let (pid, _) = deeds.start(KEY, ServiceId(4), Role::MayStay, &sleeper, environment);
        let pid = pid.expect("it runs");
        assert_eq!(deeds.late(pid, KEY), Late::MayStay(ServiceId(4)));
        deeds.end(pid, &[]);
        inbox.recv().await.expect("it ends");
        rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).expect("ours to reap");
    });
}

#[test]
fn a_program_has_a_group_of_its_own_and_nothing_on_standard_input() {
    let (status, output) = outcome(&["sh", "-c", "cat; cut -d' ' -f1,5 /proc/self/stat; ls /proc/self/fd"]);
    assert_eq!(status, 0);
    let mut lines = output.lines();
    let numbers: Vec<u32> =
        lines.next().expect("a line").split(' ').map(|word| word.parse().expect("a number")).collect();
    let own_group = u32::try_from(rustix::process::getpgrp().as_raw_pid()).expect("a number");
    assert_ne!(numbers.last(), Some(&own_group));
    // 0, 1, 2, the one with which `ls` reads the directory, and what the tests themselves were handed.
    let handed = procfs::inheritable_descriptors().expect("readable");
    let ours = lines.filter(|line| line.parse().is_ok_and(|number| !handed.contains(&number)));
    assert_eq!(ours.count(), 4, "{output}");
}

#[test]
fn output_is_kept_up_to_its_limit() {
    let mut output = Output::default();
    output.push(&vec![b'x'; OUTPUT_LIMIT_BYTES - 1]);
    assert!(!output.is_full());
    output.push(b"yz");
    assert!(output.is_full());
    let text = output.into_text();
    assert!(text.ends_with("xy … (output truncated)"));
}

#[test]
fn the_environment_has_monits_names_and_ours() {
    let reason = Reason { event: "nonexist", message: "process is not running".to_owned() };
    let seen = LastSeen { pid: Some(17), memory_bytes: Some(2048.0), cpu_percent: None, children: Some(3) };
    let environment = Environment::new(true, "box".to_owned());
    let variables = environment.of("shop", &reason, "Sat, 21 Nov 2026", Facts::Process(seen), false);
    let value = |name: &str| {
        let found = variables.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.to_string_lossy().into_owned())
    };
    for prefix in ["MONIT", "RULED"] {
        let value = |name: &str| value(&format!("{prefix}_{name}"));
        assert_eq!(value("SERVICE").as_deref(), Some("shop"));
        assert_eq!(value("EVENT").as_deref(), Some("Does not exist"));
        assert_eq!(value("DESCRIPTION").as_deref(), Some("process is not running"));
        assert_eq!(value("HOST").as_deref(), Some("box"));
        assert_eq!(value("PROCESS_PID").as_deref(), Some("17"));
        assert_eq!(value("PROCESS_MEMORY").as_deref(), Some("2"));
        assert_eq!(value("PROCESS_CHILDREN").as_deref(), Some("3"));
        assert_eq!(value("PROCESS_CPU_PERCENT"), None, "what is not known is left out for a rule's program");
    }
    assert!(value("PATH").is_some_and(|path| path.starts_with("/usr/local/sbin")));
    assert_eq!(value("CARGO_MANIFEST_DIR"), None);
}
