//! Deeds of a running ruled: what programs find, what outlives whom, and what is gone before something is started again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ruled::observe::procfs;
use tempfile::TempDir;

use crate::rig::{Daemon, until, wait, write};

/// The dialects, by the end of the file's name and the option.
const DIALECTS: [&str; 2] = ["rules", "monit"];

/// The user and the group without rights, by their numbers in Debian.
const NOBODY: u32 = 65_534;

/// A folder in which everybody may read and write, with programs in it.
pub(super) struct Stage {
    folder: TempDir,
}

impl Stage {
    pub(super) fn new() -> Stage {
        let folder = tempfile::Builder::new().prefix("deeds").tempdir().expect("a folder");
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).expect("a mode");
        // Whatever sleeps is known by its path, and ended with the stage.
        fs::copy("/bin/sleep", folder.path().join("sleep")).expect("a program");
        Stage { folder }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a program that `sh` runs in this folder.
    pub(super) fn program(&self, name: &str, text: &str) -> String {
        let here = self.path().display();
        let path = write(self.path(), name, format!("#!/bin/sh\n{}\n", text.replace("HERE", &here.to_string())));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a mode");
        path
    }

    pub(super) fn rules(&self, text: &str) -> String {
        let path = write(self.path(), "deeds.rules", text.replace("HERE", &self.path().display().to_string()));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("a mode");
        path
    }

    pub(super) fn start(&self, dialect: &str, rules: &str) -> Daemon {
        let rules = self.rules(rules);
        Daemon::start(&["-v", "--dialect", dialect, &rules], &self.file("log"))
    }

    /// The numbers in a file; none as long as it is not there.
    pub(super) fn numbers(&self, name: &str) -> Vec<u32> {
        let text = fs::read_to_string(self.file(name)).unwrap_or_default();
        text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    }

    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.numbers(name).first().copied()
    }
}

impl Drop for Stage {
    /// Ends what the programs of this folder are still about.
    fn drop(&mut self) {
        let here = self.path().display().to_string();
        for pid in procfs::pids().unwrap_or_default() {
            if procfs::command_line(pid).ok().flatten().is_some_and(|line| line.contains(&here)) {
                end(pid);
            }
        }
    }
}

pub(super) fn end(pid: u32) {
    kill(Pid::from_raw(i32::try_from(pid).expect("a number")), Signal::SIGKILL).ok();
}

pub(super) fn is_alive(pid: u32) -> bool {
    procfs::process(pid).expect("readable").is_some_and(|stat| !stat.has_ended())
}

#[track_caller]
pub(super) fn eventually<T>(daemon: &Daemon, what: &str, ask: impl FnMut() -> Option<T>) -> T {
    until(ask).unwrap_or_else(|| panic!("{what}; it said:\n{}", daemon.said()))
}

#[test]
fn a_service_in_the_foreground_prints_on_when_ruled_is_killed() {
    for dialect in DIALECTS {
        let stage = Stage::new();
        // It prints more than a pipe holds, and counts what it has printed: a closed pipe would end it.
        let text = "echo $$ >HERE/pid\nline=$(printf '%01000d' 0)\nn=0\n\
                    while [ $n -lt 2000 ]; do echo $line; n=$((n + 1)); echo $n >HERE/count.new; \
                    mv HERE/count.new HERE/count; sleep 0.02; done";
        let service = stage.program("service", text);
        let rules = format!(
            "set daemon 1\nset pidfile HERE/monit.pid\ncheck process p with pidfile HERE/pid\n    \
             start program = \"{service}\" with timeout 20 seconds\n"
        );
        let mut daemon = stage.start(dialect, &rules);
        eventually(&daemon, "it prints", || stage.number("count").filter(|count| *count > 20));
        let pid = stage.number("pid").expect("it runs");
        daemon.signal(Signal::SIGKILL);
        daemon.wait();
        let before = stage.number("count").unwrap_or_default();
        // A pipe holds 64 lines: who reads none would hold it up.
        let after = until(|| stage.number("count").filter(|count| *count > before + 100));
        assert!(after.is_some(), "{dialect}: {before}, then {:?}", stage.number("count"));
        assert!(is_alive(pid));
        assert_eq!(stage.number("pid"), Some(pid), "nobody started it again");
        // Nobody is left who holds the pipe when nobody prints any more.
        let holder = |pid: &u32| procfs::command_line(*pid).ok().flatten().is_some_and(|line| line.ends_with(" drain"));
        let parent_is_gone =
            |pid: &u32| procfs::process(*pid).ok().flatten().is_some_and(|stat| stat.parent != daemon.pid());
        let holders: Vec<u32> =
            procfs::pids().expect("readable").into_iter().filter(holder).filter(parent_is_gone).collect();
        end(pid);
        assert!(until(|| (!holders.iter().all(|pid| is_alive(*pid))).then_some(())).is_some(), "{holders:?}");
    }
}

/// What a program found, by the word at the beginning of each line.
fn found(stage: &Stage, name: &str) -> impl Fn(&str) -> String + use<> {
    let text = fs::read_to_string(stage.file(name)).expect("a report");
    move |word: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {word} in\n{text}")).to_owned()
    }
}

/// The signals that are ignored, as bits, without the two that the C library keeps for its threads: nobody may change what
/// was handed down of those (nptl(7)).
fn ignored(word: &str) -> u64 {
    u64::from_str_radix(word, 16).expect("a number in hexadecimal digits") & !(0b11 << 31)
}

/// A program that reports to `HERE/NAME` what it finds.
const REPORT: &str =
    "ls /proc/self/fd >HERE/$1.fds; { echo umask $(umask); echo pwd $(pwd); echo groups $(id -G); echo uid $(id -u)
    echo blocked $(grep SigBlk /proc/self/status | cut -f2); echo ignored $(grep SigIgn /proc/self/status | cut -f2)
    echo fds $(cat HERE/$1.fds); echo input $(readlink /proc/$$/fd/0)
    echo session $(cut -d' ' -f5,6 /proc/$$/stat); echo secret [$SECRET]; echo service $MONIT_SERVICE $RULED_SERVICE
    echo event $MONIT_EVENT; echo home $HOME; echo path $PATH; } >HERE/$1.new 2>&1; mv HERE/$1.new HERE/$1";

/// Runs ruled as a stranger would: with a strange umask, signals ignored, a descriptor open and things in its environment.
fn strangely(stage: &Stage, dialect: &str, rules: &str, uid: Option<u32>) -> Daemon2 {
    let (ruled, rules) = (env!("CARGO_BIN_EXE_ruled"), stage.rules(rules));
    let here = stage.path().display();
    let script = format!(
        "trap '' QUIT USR2 HUP; umask 027; cd {here}; exec 9<{rules}; export SECRET=told
         exec {ruled} run --dialect {dialect} --state {here}/state {rules} >{here}/log 2>&1"
    );
    let mut command = Command::new(ruled);
    command.arg("launch");
    if let Some(uid) = uid {
        command.args(["--uid", &uid.to_string(), "--gid", &uid.to_string()]);
    }
    command.args(["--", "/bin/sh", "-c", &script]).stdin(Stdio::null());
    Daemon2 { child: command.spawn().expect("ruled starts"), log: stage.file("log") }
}

/// A daemon that was started by a script; ended when dropped.
struct Daemon2 {
    child: Child,
    log: PathBuf,
}

impl Drop for Daemon2 {
    fn drop(&mut self) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a number")), Signal::SIGTERM).ok();
        wait(&mut self.child);
    }
}

impl Daemon2 {
    #[track_caller]
    fn reports(&self, stage: &Stage, name: &str) -> impl Fn(&str) -> String + use<> {
        let there = until(|| stage.file(name).exists().then_some(()));
        assert!(there.is_some(), "{name} is not run:\n{}", fs::read_to_string(&self.log).unwrap_or_default());
        found(stage, name)
    }
}

const SURROUNDED: &str = "set daemon 1\nset pidfile HERE/monit.pid\ncheck process p with pidfile HERE/none\n    \
                          start program = \"HERE/report started\" AS with timeout 1 seconds\n\
                          check file f with path HERE/missing\n    if does not exist then exec \"HERE/report done\" AS\n\
                          check program c with path \"HERE/report checked\" AS\n    if status > 1 then alert\n";

#[test]
fn programs_find_what_their_dialect_promises() {
    for dialect in DIALECTS {
        let stage = Stage::new();
        stage.program("report", REPORT);
        let daemon = strangely(&stage, dialect, &SURROUNDED.replace(" AS", ""), None);
        let here = stage.path().display().to_string();
        for name in ["started", "done", "checked"] {
            let found = daemon.reports(&stage, name);
            let clean = dialect == "rules";
            assert_eq!(found("umask"), if clean { "0022" } else { "0027" }, "{dialect}, {name}");
            assert_eq!(found("pwd"), if clean { "/" } else { here.as_str() }, "{dialect}, {name}");
            assert_eq!(found("secret"), if clean { "[]" } else { "[told]" }, "{dialect}, {name}");
            assert_eq!((found("blocked").as_str(), ignored(&found("ignored"))), ("0000000000000000", 0));
            // `ls` itself has the folder open as 3.
            assert_eq!(found("fds"), "0 1 2 3", "{dialect}, {name}");
            assert_eq!(found("input"), "/dev/null");
            let service =
                ["p", "f", "c"][["started", "done", "checked"].iter().position(|one| *one == name).expect("one")];
            assert_eq!(found("service"), format!("{service} {service}"));
        }
        assert_eq!(daemon.reports(&stage, "done")("event"), "Does not exist");
    }
}

#[test]
fn programs_run_as_somebody_else_and_nobody_else_may() {
    let is_root = rustix::process::geteuid().is_root();
    for dialect in DIALECTS {
        let stage = Stage::new();
        stage.program("report", REPORT);
        let rules = SURROUNDED.replace(" AS", &format!(" as uid {NOBODY} and gid {NOBODY}"));
        let daemon = strangely(&stage, dialect, &rules, None);
        if is_root {
            for name in ["started", "done", "checked"] {
                let found = daemon.reports(&stage, name);
                let wanted = NOBODY.to_string();
                assert_eq!((found("uid"), found("groups")), (wanted.clone(), wanted), "{dialect}, {name}");
                assert_eq!(found("umask"), if dialect == "rules" { "0022" } else { "0027" });
                assert_eq!(ignored(&found("ignored")), 0);
            }
            drop(daemon);
            // ruled itself is nobody: it runs programs as itself, and as nobody else.
            let stage = Stage::new();
            stage.program("report", REPORT);
            let daemon = strangely(&stage, dialect, &SURROUNDED.replace(" AS", ""), Some(NOBODY));
            let found = daemon.reports(&stage, "started");
            assert_eq!((found("uid"), found("groups")), (NOBODY.to_string(), NOBODY.to_string()));
            drop(daemon);
            let stage = Stage::new();
            stage.program("report", REPORT);
            let daemon = strangely(&stage, "rules", &SURROUNDED.replace(" AS", " as uid 0"), Some(NOBODY));
            let refused = || fs::read_to_string(&daemon.log).ok().filter(|log| log.contains("operation not permitted"));
            assert!(until(refused).is_some(), "{}", fs::read_to_string(&daemon.log).unwrap_or_default());
            assert!(!stage.file("started").exists());
        } else {
            let refused = || fs::read_to_string(&daemon.log).ok().filter(|log| log.contains("operation not permitted"));
            assert!(until(refused).is_some());
        }
    }
}

#[test]
fn what_belongs_to_a_service_is_gone_before_it_is_started_again() {
    let stage = Stage::new();
    // The service has a worker in its group that ignores SIGTERM, and that has a child in another session.
    let text = "echo $$ >HERE/pid; echo $$ >>HERE/starts\n\
                [ -s HERE/workers ] || sh -c 'trap \"\" TERM; echo $$ >>HERE/workers; \
                setsid sh -c \"echo \\$\\$ >>HERE/workers; exec HERE/sleep 601\" & while :; do sleep 0.1; done' HERE/worker &\n\
                while :; do sleep 0.1; done";
    let service = stage.program("service", text);
    let stop = stage.program("stop", "kill -9 $(cat HERE/pid)");
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{service}\" with timeout 5 seconds\n    \
         stop program = \"{stop}\" with timeout 2 seconds\n    if uptime > 3 seconds then restart\n"
    );
    let daemon = stage.start("rules", &rules);
    eventually(&daemon, "it has workers", || (stage.numbers("workers").len() == 2).then_some(()));
    let workers = stage.numbers("workers");
    let first = stage.number("pid").expect("it runs");
    eventually(&daemon, "it is started again", || (stage.numbers("starts").len() > 1).then_some(()));
    assert!(!is_alive(first));
    assert!(!workers.iter().any(|pid| is_alive(*pid)), "{workers:?} of {first}:\n{}", daemon.said());
    assert!(daemon.said().contains("signal KILL to"), "{}", daemon.said());
}

#[test]
fn what_others_started_is_left_alone_but_for_its_group() {
    let stage = Stage::new();
    // A daemon with a child in another session, as a server for logins has, started by nobody of ruled's.
    let text =
        "echo $$ >HERE/pid; setsid sh -c 'echo $$ >HERE/login; exec HERE/sleep 602' & while :; do sleep 0.1; done";
    let service = stage.program("service", text);
    let mut other =
        Command::new("setsid").arg(&service).stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
    assert!(until(|| stage.number("login")).is_some());
    let (login, first) = (stage.number("login").expect("a login"), stage.number("pid").expect("it runs"));
    let stop = stage.program("stop", "kill -9 $(cat HERE/pid)");
    let start = stage.program("start", "echo started >HERE/started");
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{start}\" with timeout 1 seconds\n    \
         stop program = \"{stop}\" with timeout 2 seconds\n    if uptime > 1 seconds then restart\n"
    );
    let daemon = stage.start("rules", &rules);
    // The test is the parent, and takes leave of it.
    eventually(&daemon, "it is stopped", || other.try_wait().expect("a child of ours"));
    eventually(&daemon, "its start program runs", || stage.file("started").exists().then_some(()));
    assert!(!is_alive(first) && is_alive(login), "{}", daemon.said());
}

#[test]
fn the_deadline_of_a_start_program_spares_the_service() {
    let stage = Stage::new();
    let text = "setsid sh -c 'echo $$ >HERE/pid; exec HERE/sleep 603' & echo $$ >HERE/script; HERE/sleep 604";
    let start = stage.program("start", text);
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/pid\n    start program = \"{start}\" with timeout 1 seconds\n\
         check file f with path HERE/later\n    if exist then alert\n"
    );
    let daemon = stage.start("rules", &rules);
    eventually(&daemon, "it starts", || stage.number("pid"));
    // Well behind the deadline: so many cycles of a second.
    eventually(&daemon, "cycles go on", || daemon.said().contains("cycle 5 is over").then_some(()));
    let (pid, script) = (stage.number("pid").expect("it runs"), stage.number("script").expect("it runs"));
    assert!(is_alive(pid) && is_alive(script), "{}", daemon.said());
}

#[test]
fn what_a_rules_program_printed_is_said_when_it_failed() {
    let stage = Stage::new();
    let page = stage.program("page", "echo first; echo second >&2; exit 3");
    let rules =
        format!("set daemon 1\ncheck file f with path HERE/missing\n    if does not exist then exec \"{page}\"\n");
    let daemon = stage.start("rules", &rules);
    eventually(&daemon, "it is said", || daemon.said().contains("ended with status 3 after 0.").then_some(()));
    assert!(daemon.said().contains(" s: first\nsecond") || daemon.said().contains("first"), "{}", daemon.said());
}

#[test]
fn the_deadline_of_a_start_program_ends_what_it_lost_where_there_are_control_groups() {
    let stage = Stage::new();
    // What it leaves behind has no parent but ruled, and a session of its own.
    let text = "HERE/sleep 0.5; setsid sh -c 'HERE/sleep 607 & echo $! >HERE/lost'; HERE/sleep 608";
    let start = stage.program("start", text);
    let rules = format!(
        "set daemon 1\ncheck process p with pidfile HERE/none\n    start program = \"{start}\" with timeout 2 seconds\n"
    );
    let daemon = stage.start("rules", &rules);
    let lost = eventually(&daemon, "it leaves a process behind", || stage.number("lost"));
    eventually(&daemon, "its time is over", || daemon.said().contains("did not end in time").then_some(()));
    if daemon.said().contains("programs have control groups of their own") {
        println!("with control groups of version 2");
        eventually(&daemon, "what it lost ends with it", || (!is_alive(lost)).then_some(()));
    } else {
        println!("without control groups of version 2: {}", daemon.said());
        assert!(is_alive(lost), "nobody can know whose it is");
    }
}
