//! ruled is killed at every system call with which it writes its state, one after the other, and started again: nothing is
//! lost, and nothing is done twice.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::rig::{Finished, finish, ruled, skip, until, wait, write};

/// With what SQLite changes files and makes them last.
const CALLS: [&str; 6] = ["openat", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"];

/// At how many points a file is begun, and at how many a cycle writes to it. Fewer would mean that these tests do not see
/// what they are for.
const BEGUN_MIN: usize = 30;
/// See [`BEGUN_MIN`].
const WRITTEN_MIN: usize = 15;
/// No run writes that often.
const POINTS_MAX: usize = 200;

/// How often ruled is killed at a moment that nobody chose, unless `RULED_KILLS` says otherwise.
const KILLS: u64 = 40;
/// Within which time of a cycle: it takes about so long with the start of the service.
const KILL_WITHIN_MS: u64 = 300;

/// How many are tried side by side.
const SIDE_BY_SIDE: usize = 4;

/// A service, a log and a file, and what ruled does about them.
pub(super) struct Shop {
    folder: TempDir,
}

impl Shop {
    pub(super) fn new() -> Shop {
        let shop = Shop { folder: tempfile::tempdir().expect("a folder") };
        let here = shop.here().display().to_string();
        let start = format!(
            "#!/bin/sh\necho started >> {here}/starts\nsleep 0.2\nsleep 300 < /dev/null > /dev/null 2>&1 &\n\
             echo $! >> {here}/pids\necho $! > {here}/p.pid\n"
        );
        let start = write(shop.here(), "start", start);
        fs::set_permissions(&start, fs::Permissions::from_mode(0o755)).expect("a mode");
        write(shop.here(), "app.log", "bad 0\n");
        write(shop.here(), "data", "few");
        let rules = format!(
            "check process p with pidfile {here}/p.pid\n    start program = \"{here}/start\" with timeout 2 seconds\n    \
             if not exist then restart\n\
             check file app with path {here}/app.log\n    if match \"bad\" then alert\n\
             check file data with path {here}/data\n    if changed size then alert\n    if size > 10 B then alert\n"
        );
        write(shop.here(), "main.rules", rules);
        shop
    }

    fn here(&self) -> &Path {
        self.folder.path()
    }

    fn at(&self, name: &str) -> String {
        self.here().join(name).display().to_string()
    }

    fn words(&self) -> Vec<String> {
        let files = ["--state", &self.at("state"), "--events", &self.at("events"), &self.at("main.rules")];
        ["run", "--once"].iter().chain(&files).map(|word| (*word).to_owned()).collect()
    }

    /// One cycle to its end.
    pub(super) fn run(&self) -> Finished {
        let words = self.words();
        finish(ruled(&words.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// One cycle, in which ruled is killed when one of its threads is about to make this call for the so-many-eth time;
    /// whether it was.
    fn is_killed_at(&self, call: &str, times: usize) -> bool {
        let (ended, _) = self.traced(&format!("{call}:signal=KILL:when={times}"));
        assert!(ended.contains("killed by SIGKILL") || ended.contains("exited with 0"), "{ended}");
        ended.contains("killed")
    }

    /// One cycle, in which this is done to calls about the state; how it ended, and whether anything was done.
    pub(super) fn traced(&self, injection: &str) -> (String, bool) {
        let (trace, pid) = (self.at("trace"), self.at("ruled.pid"));
        let mut command = Command::new("strace");
        command.args(["-f", "-q", "-I", "1", "-o", &trace]);
        for suffix in ["", "-wal", "-journal", "-shm"] {
            command.args(["-P", &format!("{}{suffix}", self.at("state"))]);
        }
        command.args(["-e", &format!("inject={injection}")]);
        command.args(["sh", "-c", "echo $$ > \"$0\"; exec \"$@\"", &pid, env!("CARGO_BIN_EXE_ruled")]);
        command.args(self.words()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Everything is slow that is traced, the disk too.
        command.env("RUNTIME_DIRECTORY", self.here()).env("RULED_INTENT_PATIENCE_MS", "10000");
        let mut strace = command.spawn().expect("strace runs");
        let ended = until(|| {
            let pid = fs::read_to_string(&pid).ok()?;
            let trace = fs::read_to_string(&trace).ok()?;
            // The column of the numbers is as wide as the widest.
            let is_end = |line: &&str| line.split_once(" +++ ").is_some_and(|(of, _)| of.trim() == pid.trim());
            let end = trace.lines().find(is_end);
            end.map(str::to_owned)
        });
        // It would wait for the service too, which it lets go now.
        kill(Pid::from_raw(i32::try_from(strace.id()).expect("a pid")), Signal::SIGTERM).expect("strace is a child");
        wait(&mut strace);
        let was_hit = fs::read_to_string(&trace).unwrap_or_default().contains("(INJECTED)");
        (ended.expect("ruled ends"), was_hit)
    }

    /// What the start program has said so far.
    pub(super) fn starts(&self) -> String {
        fs::read_to_string(self.at("starts")).unwrap_or_default()
    }

    /// One cycle, in which ruled is killed after this time; whether it was.
    fn is_killed_after(&self, time: Duration) -> bool {
        let words = self.words();
        let mut command = ruled(&words.iter().map(String::as_str).collect::<Vec<_>>());
        command.env("RULED_INTENT_PATIENCE_MS", "10000").stdout(Stdio::null()).stderr(Stdio::null());
        let mut ruled = command.spawn().expect("ruled runs");
        std::thread::sleep(time);
        let was_killed = ruled.try_wait().expect("a child of ours").is_none();
        if was_killed {
            ruled.kill().expect("a child of ours");
        }
        wait(&mut ruled);
        was_killed
    }

    /// What happens while nobody looks.
    pub(super) fn changes(&self) {
        let log = OpenOptions::new().append(true).open(self.at("app.log"));
        log.and_then(|mut log| log.write_all(b"bad 1\n")).expect("a line");
        write(self.here(), "data", "many, many letters");
        for pid in self.pids() {
            end(pid);
        }
        fs::write(self.at("starts"), "").expect("no start");
        fs::write(self.at("events"), "").expect("no event");
    }

    fn pids(&self) -> Vec<i32> {
        let text = fs::read_to_string(self.at("pids")).unwrap_or_default();
        text.lines().map(|line| line.parse().expect("a number")).collect()
    }

    /// How often this was told.
    pub(super) fn told(&self, event: &str, state: &str) -> usize {
        let text = fs::read_to_string(self.at("events")).unwrap_or_default();
        // A line that was not written to its end was not told.
        let events = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        events.filter(|one| one["event"] == event && one["state"] == state).count()
    }

    /// All that happened was told, the service is there once, and what was kept can be read.
    pub(super) fn is_well(&self, at: &str) {
        let living = || self.pids().into_iter().filter(|pid| is_alive(*pid)).count();
        // A start program that outlives ruled needs a moment.
        let is_up = until(|| (living() > 0).then_some(()));
        assert!(is_up.is_some(), "{at}: the service does not run");
        assert_eq!(living(), 1, "{at}: two of one service");
        let starts = fs::read_to_string(self.at("starts")).expect("starts");
        assert_eq!(starts, "started\n", "{at}: the start program was run more than once");
        for (event, state) in [("content", "changed"), ("size", "changed"), ("size", "failed")] {
            // What is told and not yet known as told is told again: rather twice than never.
            let times = self.told(event, state);
            assert!((1..=2).contains(&times), "{at}: {event} {state} was told {times} times");
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.pids().into_iter().for_each(end);
    }
}

/// Ends a process that the start program of the test left behind.
fn end(pid: i32) {
    // The shell that was forked becomes it in a moment.
    let is_ours = || fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"sleep\x00300"));
    if until(|| (is_ours() || !is_alive(pid)).then(is_ours)) == Some(true) {
        // It may have ended meanwhile.
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap_or(());
        until(|| (!is_alive(pid)).then_some(())).expect("it ends");
    }
}

fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Whether the tools are there; without them nothing is tried, which is said, and in continuous integration an error.
pub(crate) fn can_trace() -> bool {
    let is_there = Command::new("strace").args(["-qq", "true"]).output().is_ok_and(|output| output.status.success());
    if !is_there {
        skip("strace is missing, or may not trace");
    }
    is_there
}

/// Tries all points at which this happens, until ruled comes through alive; how many they were.
fn at_every_point(try_at: impl Fn(&str, usize) -> bool + Sync) -> usize {
    let tried = AtomicUsize::new(0);
    let over = Mutex::new(BTreeSet::new());
    let agenda =
        Mutex::new((1..=POINTS_MAX).flat_map(|times| CALLS.map(|call| (call, times))).collect::<Vec<_>>().into_iter());
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some((call, times)) = agenda.lock().expect("no panic").next() else { return };
                    if over.lock().expect("no panic").contains(call) {
                        continue;
                    }
                    if try_at(call, times) {
                        tried.fetch_add(1, Ordering::Relaxed);
                    } else {
                        over.lock().expect("no panic").insert(call);
                    }
                }
            });
        }
    });
    assert_eq!(over.lock().expect("no panic").len(), CALLS.len(), "every call was made often enough");
    tried.load(Ordering::Relaxed)
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice_wherever_ruled_is_killed() {
    if !can_trace() {
        return;
    }
    let points = at_every_point(|call, times| {
        let shop = Shop::new();
        assert_eq!(shop.run().status, 0);
        shop.changes();
        let was_killed = shop.is_killed_at(call, times);
        let at = format!("killed at {call} number {times}");
        if was_killed {
            let again = shop.run();
            assert_eq!(again.status, 0, "{at}: {}", again.err);
            assert!(!again.err.contains("damaged") && !again.err.contains("cannot"), "{at}: {}", again.err);
        }
        shop.is_well(&at);
        was_killed
    });
    println!("ruled was killed at {points} points of a cycle in which it writes");
    assert!(points >= WRITTEN_MIN, "only {points} points");
}

#[test]
fn a_file_that_was_begun_is_finished_wherever_ruled_is_killed() {
    if !can_trace() {
        return;
    }
    let points = at_every_point(|call, times| {
        let shop = Shop::new();
        let was_killed = shop.is_killed_at(call, times);
        let at = format!("killed at {call} number {times}");
        let again = shop.run();
        assert_eq!(again.status, 0, "{at}: {}", again.err);
        assert!(!again.err.contains("damaged") && !again.err.contains("kept"), "{at}: {}", again.err);
        assert!(PathBuf::from(shop.at("state")).exists(), "{at}");
        assert_eq!(fs::read_to_string(shop.at("starts")).expect("a start"), "started\n", "{at}");
        was_killed
    });
    println!("ruled was killed at {points} points of its first cycle");
    assert!(points >= BEGUN_MIN, "only {points} points");
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice_whenever_ruled_is_killed() {
    let kills: u64 = std::env::var("RULED_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let (next, killed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed) as u64;
                    if number >= kills {
                        return;
                    }
                    // Spread over the time without a pattern (the golden ratio).
                    let time = Duration::from_micros(number * 618_034 % (KILL_WITHIN_MS * 1000));
                    let shop = Shop::new();
                    assert_eq!(shop.run().status, 0);
                    shop.changes();
                    if shop.is_killed_after(time) {
                        killed.fetch_add(1, Ordering::Relaxed);
                        let again = shop.run();
                        assert_eq!(again.status, 0, "killed after {time:?}: {}", again.err);
                    }
                    shop.is_well(&format!("killed after {time:?}"));
                }
            });
        }
    });
    println!("ruled was killed {} times at any moment", killed.load(Ordering::Relaxed));
}
