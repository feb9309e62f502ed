//! ruled where the machine gives it too little: no descriptors, no processes, no time. Supervision goes on, what is missing is
//! said once, and all is well again when there is enough. Only the processes of the test are limited.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ruled::observe::procfs;
use serde_json::Value;
use tempfile::TempDir;

use super::deeds::end;
use crate::rig::{Finished, finish, mail_server, ruled, skip, until, wait, write};

/// The user and group `nobody`.
const NOBODY: u32 = 65_534;

/// More of the processors' time is not spent in the some seconds in which a limit is in force: that would be a loop that
/// tries again and again. The kernel counts it in hundredths of a second.
const BUSY_TICKS_MAX: u64 = 150;

/// A daemon over a service that it can start, a file, a program and the machine itself, in a folder of its own.
struct Stage {
    folder: TempDir,
    child: Child,
    user: Option<u32>,
    mails: Mutex<Receiver<String>>,
}

/// The service is started by this, and stays.
const START: &str = "#!/bin/sh\necho started >>HERE/starts\nsetsid HERE/sleep 617 >/dev/null 2>&1 </dev/null &\necho $! >HERE/p.new\nmv HERE/p.new HERE/p.pid\n";

const RULES: &str = "\
set daemon 1
set mailserver localhost port {port}
set alert keeper@example.com but not on { instance, action }
check process p with pidfile HERE/p.pid
    start program = \"HERE/start\" with timeout 5 seconds
    if cpu > 90% for 2 cycles then restart
check file f with path HERE/f
    if content = \"panic\" then alert
check program ok with path /bin/true
    if status != 0 then alert
";

impl Stage {
    /// Starts it as root, or as a user; `more` stands behind the rules.
    fn start(user: Option<u32>, more: &str) -> Stage {
        let folder = tempfile::Builder::new().prefix("scarce").tempdir().expect("a folder");
        let here = folder.path().display().to_string();
        let (port, mails) = mail_server();
        fs::copy("/bin/sleep", folder.path().join("sleep")).expect("a program");
        let program = write(folder.path(), "start", START.replace("HERE", &here));
        fs::set_permissions(program, PermissionsExt::from_mode(0o755)).expect("a mode");
        write(folder.path(), "f", "");
        let rules = format!("{RULES}{more}").replace("HERE", &here).replace("{port}", &port.to_string());
        let rules = write(folder.path(), "scarce.rules", rules);
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
        let mut command = ruled(&["run", "-v", "--events"]);
        command.arg(folder.path().join("events")).arg(rules);
        command.env("STATE_DIRECTORY", folder.path()).env("RUNTIME_DIRECTORY", folder.path());
        if let Some(user) = user {
            for name in ["", "f", "start", "sleep", "scarce.rules"] {
                chown(folder.path().join(name), Some(user), Some(user)).expect("root gives files away");
            }
            command.uid(user).gid(user);
        }
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        command.stdout(log.try_clone().expect("a copy")).stderr(log);
        Stage { folder, child: command.spawn().expect("ruled starts"), user, mails: Mutex::new(mails) }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    fn said(&self) -> String {
        format!("{}\n{}", self.read("log"), self.read("events"))
    }

    /// Lowers or raises what the daemon may have, as its user, who may do that to his own.
    fn limit(&self, what: &str) {
        let mut command = Command::new("prlimit");
        command.arg(format!("--pid={}", self.child.id())).arg(what).stdin(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        let done = finish(command);
        assert_eq!(done.status, 0, "{}", done.err);
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a pid")), signal).expect("ruled is there");
    }

    fn cycle(&self) -> usize {
        let log = self.read("log");
        let over = log.lines().filter_map(|line| line.strip_suffix(" is over")?.rsplit_once("cycle ")?.1.parse().ok());
        over.max().unwrap_or(0)
    }

    /// Waits for so many cycles.
    #[track_caller]
    fn passes(&self, cycles: usize) {
        let end = self.cycle() + cycles;
        self.waits("cycles go on", || (self.cycle() >= end).then_some(()));
    }

    #[track_caller]
    fn waits<T>(&self, what: &str, ask: impl FnMut() -> Option<T>) -> T {
        until(ask).unwrap_or_else(|| panic!("{what}\n{}", self.said()))
    }

    /// The messages of the events of a service with these words for event and state.
    fn told(&self, service: &str, words: &str) -> Vec<String> {
        let text = self.read("events");
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let word = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let mine = events.filter(|event| event["service"] == service);
        let meant = mine.filter(|event| format!("{} {}", word(event, "event"), word(event, "state")) == words);
        meant.map(|event| word(&event, "message")).collect()
    }

    /// Waits until so much was told.
    #[track_caller]
    fn tells(&self, service: &str, words: &str, times: usize) -> Vec<String> {
        self.waits(&format!("'{service}' {words}"), || {
            Some(self.told(service, words)).filter(|told| told.len() >= times)
        })
    }

    /// Waits for a mail that says this.
    #[track_caller]
    fn mailed(&self, words: &str) -> String {
        let mails = self.mails.lock().expect("no panic");
        self.waits("a mail", || mails.try_iter().find(|mail| mail.contains(words)))
    }

    /// The number of the service's process.
    #[track_caller]
    fn pid(&self) -> u32 {
        self.waits("the service runs", || self.read("p.pid").trim().parse().ok())
    }

    /// How much of the processors' time ruled has used, in ticks.
    fn ticks(&self) -> u64 {
        let stat = procfs::process(self.child.id()).expect("readable").expect("ruled runs");
        stat.user_ticks + stat.system_ticks
    }

    fn ask(&self, words: &[&str]) -> Finished {
        let mut command = ruled(words);
        command.arg("--config").arg(self.folder.path().join("scarce.rules"));
        command.env("RUNTIME_DIRECTORY", self.folder.path());
        finish(command)
    }

    fn append(&self, line: &str) {
        let text = self.read("f") + line + "\n";
        fs::write(self.folder.path().join("f"), text).expect("written");
    }

    /// Ends ruled in order.
    #[track_caller]
    fn ends(&mut self) {
        self.signal(Signal::SIGTERM);
        assert_eq!(wait(&mut self.child), Some(0), "{}", self.said());
    }
}

impl Drop for Stage {
    /// Ends ruled, and what it started, which is known by its path.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        let here = self.folder.path().display().to_string();
        for pid in procfs::pids().unwrap_or_default() {
            if procfs::command_line(pid).ok().flatten().is_some_and(|line| line.contains(&here)) {
                end(pid);
            }
        }
    }
}

#[test]
fn without_descriptors_it_goes_on_says_so_once_and_heals() {
    let mut stage = Stage::start(None, "");
    stage.tells("p", "nonexist succeeded", 1);
    let before = stage.pid();
    stage.passes(1);
    let ticks = stage.ticks();
    // All that it has is more than this.
    stage.limit("--nofile=3:");
    for service in ["p", "ok"] {
        assert!(stage.tells(service, "data failed", 1)[0].contains("too many open files"), "{}", stage.said());
    }
    // The service dies, and whoever asks for something has to wait.
    end(before);
    stage.append("panic");
    thread::scope(|scope| {
        let asking = scope.spawn(|| stage.ask(&["summary"]));
        stage.signal(Signal::SIGHUP);
        stage.passes(4);
        assert_eq!(stage.pid(), before, "nothing can be started: {}", stage.said());
        let spent = stage.ticks() - ticks;
        assert!(spent < BUSY_TICKS_MAX, "{spent} ticks: {}", stage.said());
        stage.limit("--nofile=1024:");
        let answered = asking.join().expect("no panic");
        assert_eq!(answered.status, 0, "{}{}", answered.out, answered.err);
    });
    stage.tells("p", "nonexist succeeded", 2);
    assert_ne!(stage.pid(), before);
    for service in ["p", "ok"] {
        stage.tells(service, "data succeeded", 1);
    }
    // What was written meanwhile is read, and once.
    assert!(stage.tells("f", "content changed", 1)[0].contains("panic"));
    stage.passes(2);
    for (service, words, times) in [
        ("p", "data failed", 1),
        ("ok", "data failed", 1),
        ("p", "data succeeded", 1),
        ("ok", "data succeeded", 1),
        ("f", "content changed", 1),
        ("p", "nonexist failed", 2),
    ] {
        assert_eq!(stage.told(service, words).len(), times, "{service} {words}: {}", stage.said());
    }
    assert_eq!(stage.read("starts").lines().count(), 2, "{}", stage.said());
    // What was told is mailed.
    let mail = stage.mailed("too many open files");
    assert!(mail.contains("keeper@example.com"), "{mail}");
    stage.ends();
}

#[test]
fn without_processes_it_goes_on_says_so_once_and_heals() {
    if !nix::unistd::geteuid().is_root() {
        skip("a limit of processes binds nobody but ordinary users, and only root can become one");
        return;
    }
    let mut may = ruled(&["--version"]);
    if !may.uid(NOBODY).gid(NOBODY).stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        skip("another user may not run the program from here");
        return;
    }
    let mut stage = Stage::start(Some(NOBODY), "");
    stage.tells("p", "nonexist succeeded", 1);
    let before = stage.pid();
    stage.limit("--nproc=1:");
    let ticks = stage.ticks();
    let why = "resource temporarily unavailable";
    assert!(stage.tells("ok", "data failed", 1)[0].contains(why), "{}", stage.said());
    end(before);
    assert!(stage.tells("p", "exec failed", 1)[0].contains(why), "{}", stage.said());
    // Nothing else is held up: files are read, and questions answered.
    stage.append("panic");
    stage.tells("f", "content changed", 1);
    assert_eq!(stage.ask(&["summary"]).status, 0);
    // The name of the mail server is looked up on a thread, which there is none for.
    stage.waits("mail waits", || stage.read("log").contains("no thread can be started").then_some(()));
    stage.passes(3);
    assert!(!stage.read("log").contains("panicked"), "{}", stage.said());
    let spent = stage.ticks() - ticks;
    assert!(spent < BUSY_TICKS_MAX, "{spent} ticks: {}", stage.said());
    stage.limit("--nproc=4096:");
    stage.tells("p", "nonexist succeeded", 2);
    stage.tells("ok", "data succeeded", 1);
    stage.passes(2);
    for (service, words, times) in [
        ("ok", "data failed", 1),
        ("ok", "data succeeded", 1),
        ("p", "exec failed", 1),
        ("f", "content changed", 1),
        ("p", "nonexist failed", 2),
    ] {
        assert_eq!(stage.told(service, words).len(), times, "{service} {words}: {}", stage.said());
    }
    assert_eq!(stage.read("starts").lines().count(), 2, "{}", stage.said());
    // Mail that waited goes out.
    stage.mailed(why);
    stage.ends();
}

#[test]
fn a_stall_is_one_late_cycle_and_no_storm() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let more = format!(
        "check host h with address 127.0.0.1\n    if failed port {port} with timeout 1 second for 2 cycles then alert\n\
         check program slow with path \"/bin/sleep 0.6\" with timeout 1 second\n    if status != 0 then alert\n"
    );
    let mut stage = Stage::start(None, &more);
    stage.tells("p", "nonexist succeeded", 1);
    for _ in 0..3 {
        stage.passes(2);
        let (cycle, stall) = (stage.cycle(), Duration::from_millis(4_300));
        stage.signal(Signal::SIGSTOP);
        thread::sleep(stall);
        stage.signal(Signal::SIGCONT);
        stage.passes(1);
        let passed = stage.cycle() - cycle;
        assert!(passed <= 2, "{passed} cycles in a stall of {stall:?}: {}", stage.said());
    }
    // Whoever dies while nobody looks is started once.
    let before = stage.pid();
    stage.passes(2);
    stage.signal(Signal::SIGSTOP);
    end(before);
    thread::sleep(Duration::from_secs(3));
    stage.signal(Signal::SIGCONT);
    stage.tells("p", "nonexist succeeded", 2);
    assert_ne!(stage.pid(), before);
    for service in ["f", "h", "ok", "slow"] {
        let events = stage.read("events");
        assert!(!events.contains(&format!("\"service\":\"{service}\"")), "{events}");
    }
    assert_eq!(stage.told("p", "nonexist failed").len(), 2, "{}", stage.said());
    assert_eq!(stage.read("starts").lines().count(), 2, "{}", stage.said());
    stage.ends();
}
