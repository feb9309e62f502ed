//! A program that multiplies without end, inside limits of its own, and a service that dies meanwhile. It says which limits.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ruled::observe::procfs;

use crate::rig::{Daemon, until, write};

/// A user that nobody else has.
const USER: u32 = 61_874;

/// How many processes the user may have (RLIMIT_NPROC).
const PROCESSES_MAX: u32 = 50;

/// Of so many it is believed that they multiply.
const MANY: usize = 15;

/// Ends whatever still runs as the user, also when the test fails.
struct Disarm;

impl Disarm {
    fn running() -> Vec<u32> {
        let is_his = |pid: &u32| procfs::owners(*pid).is_ok_and(|owners| owners.uid == USER);
        let lives = |pid: &u32| procfs::process(*pid).ok().flatten().is_some_and(|stat| !stat.has_ended());
        procfs::pids().unwrap_or_default().into_iter().filter(is_his).filter(lives).collect()
    }
}

impl Drop for Disarm {
    fn drop(&mut self) {
        let ended = until(|| {
            let running = Disarm::running();
            for pid in &running {
                kill(Pid::from_raw(i32::try_from(*pid).expect("a number")), Signal::SIGKILL).ok();
            }
            running.is_empty().then_some(())
        });
        if ended.is_none() {
            eprintln!("processes of user {USER} are left: {:?}", Disarm::running());
        }
    }
}

#[test]
fn a_program_that_multiplies_delays_no_restart_and_is_ended() {
    if !rustix::process::geteuid().is_root() {
        // Nobody can have a user of his own for it, and without a limit of its own it is not run.
        println!("a fork bomb is run by the superuser's tests only");
        return;
    }
    let folder = tempfile::Builder::new().prefix("bomb").tempdir().expect("a folder");
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
    let here = folder.path().display();
    let program = |name: &str, text: String| {
        let path = write(folder.path(), name, format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a mode");
        path
    };
    // It goes off only when both limits are in force and it is not the superuser's.
    let bomb = program(
        "bomb",
        format!(
            "[ $(id -u) = {USER} ] || exit 9\nulimit -t 5 || exit 9\n\
             exec prlimit --nproc={PROCESSES_MAX}:{PROCESSES_MAX} perl -e 'fork while 1'"
        ),
    );
    let service = program("service", format!("echo $$ >{here}/pid; echo $$ >>{here}/starts; exec sleep 605"));
    let rules = write(
        folder.path(),
        "bomb.rules",
        format!(
            "set daemon 1\ncheck process p with pidfile {here}/pid\n    start program = \"{service}\" with timeout 9 seconds\n\
             check program bomb with path \"{bomb}\" as uid {USER} timeout 6 seconds\n    every 600 cycles\n    \
             if status > 1 then alert\n"
        ),
    );
    let _disarm = Disarm;
    let daemon = Daemon::start(&["-v", &rules], &folder.path().join("log"));
    let starts = || fs::read_to_string(folder.path().join("starts")).unwrap_or_default();
    let last = || starts().lines().last().and_then(|line| line.parse::<i32>().ok());
    assert!(
        until(|| (last().is_some() && Disarm::running().len() >= MANY).then_some(())).is_some(),
        "{}",
        daemon.said()
    );
    let has_groups = daemon.said().contains("programs have control groups of their own");
    let has_limit = daemon.said().contains("with a limit of processes for checks");
    println!(
        "the fork bomb is held by RLIMIT_NPROC = {PROCESSES_MAX} of user {USER}, by RLIMIT_CPU{}",
        if has_limit {
            ", and by the limit of processes of a control group"
        } else {
            "; no control group limits processes here"
        }
    );
    if has_groups {
        // It entered its group before it began, so whatever it became is in there, whoever its parent is.
        let group = |pid: u32| procfs::cgroup(pid).filter(|group| group.contains("/ruled/p"));
        let groups: Vec<Option<String>> = Disarm::running().into_iter().map(group).collect();
        let outside = groups.iter().filter(|group| group.is_none()).count();
        println!(
            "{} of it are in a control group of version 2, {outside} are not or have just ended",
            groups.len() - outside
        );
        assert!(groups.len() - outside >= MANY / 2, "{groups:?}");
    } else {
        println!("without control groups of version 2");
    }
    let begun = Instant::now();
    kill(Pid::from_raw(last().expect("it runs")), Signal::SIGKILL).expect("it runs");
    assert!(until(|| (starts().lines().count() >= 2).then_some(())).is_some(), "{}", daemon.said());
    println!("started again {} ms after it was killed", begun.elapsed().as_millis());
    assert!(Disarm::running().len() >= MANY, "the bomb was over before: {}", daemon.said());
    // Its time ends it, with all that it became.
    assert!(until(|| Disarm::running().is_empty().then_some(())).is_some(), "{:?}", Disarm::running());
    if let Some(pid) = last() {
        kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
    }
}
