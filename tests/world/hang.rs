//! Nothing that ruled looks at or runs can hang it: what does not answer becomes unknown, everything else keeps its
//! cycles.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use interpreter::engine::{Identity, Plan, Presence};
use interpreter::program::{Behaviour, Target};
use ruled::observe::Sight;
use ruled::observe::place::{Place, Places};
use ruled::observe::procfs;
use ruled::observe::snapshot::Snapshot;
use serde_json::Value;
use tempfile::TempDir;

use super::mount::Mount;
use super::{Started, eventually};
use crate::rig::{Daemon, until, write};

/// So many more cycles of a healthy service prove that nothing holds it up. They are counted, not timed.
const CYCLES: usize = 8;

/// A daemon with cycles of a second, and what it says.
struct Watcher {
    folder: TempDir,
    daemon: Option<Daemon>,
}

impl Watcher {
    fn new() -> Watcher {
        let folder = tempfile::Builder::new().prefix("hang").tempdir().expect("a folder");
        write(folder.path(), "healthy", "text\n");
        Watcher { folder, daemon: None }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a program that `sh` runs.
    fn program(&self, name: &str, text: &str) -> String {
        let path = write(self.path(), name, format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a mode");
        path
    }

    /// Starts it with these rules, beside that for the healthy file.
    fn start(&mut self, rules: &str) {
        let here = self.path().display();
        let text = format!("set daemon 1\ncheck file healthy with path {here}/healthy\n{rules}");
        let rules = write(self.path(), "hang.rules", text);
        let events = self.path().join("events");
        let words = ["-vv", "--events", events.to_str().expect("UTF-8"), &rules];
        self.daemon = Some(Daemon::start(&words, &self.path().join("log")));
        self.cycles(&["healthy"], 1);
    }

    fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("it was started")
    }

    fn said(&self) -> String {
        self.daemon().said()
    }

    /// How often a service was looked at with an answer.
    fn looks(&self, service: &str) -> usize {
        let (mark, other) = (format!("debug    : '{service}' "), "no answer");
        self.said().lines().filter(|line| line.contains(&mark) && !line.contains(other)).count()
    }

    /// Waits for so many more cycles of each of these services.
    #[track_caller]
    fn cycles(&self, services: &[&str], more: usize) {
        let before: Vec<usize> = services.iter().map(|service| self.looks(service)).collect();
        for (service, before) in services.iter().zip(before) {
            let seen = until(|| (self.looks(service) >= before + more).then_some(()));
            assert!(seen.is_some(), "'{service}' is held up after {} looks:\n{}", self.looks(service), self.said());
        }
    }

    /// The events of a service, as class and state with the message.
    fn events(&self, service: &str) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.path().join("events")).unwrap_or_default();
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let mine = events.filter(|event| event["service"] == service);
        mine.map(|event| (format!("{} {}", of(&event, "event"), of(&event, "state")), of(&event, "message"))).collect()
    }

    /// Waits for an event of a service; its message.
    #[track_caller]
    fn told(&self, service: &str, what: &str) -> String {
        let find = || self.events(service).into_iter().find(|(kind, _)| kind == what).map(|(_, message)| message);
        until(find).unwrap_or_else(|| panic!("'{service}' is not told: {what}\n{}", self.said()))
    }

    #[track_caller]
    fn says(&self, words: &str) {
        let seen = until(|| self.said().contains(words).then_some(()));
        assert!(seen.is_some(), "not said: {words}\n{}", self.said());
    }

    fn ends(&mut self) {
        assert_eq!(self.daemon.take().expect("it runs").end(), 0);
    }
}

#[test]
fn a_file_server_that_is_gone_holds_up_nobody_else() {
    // Others may run this test at the same time.
    let source = &format!("gone-{}:/export", std::process::id());
    let (service, other) = (Started::new("sleep", &["600"]), Started::new("sleep", &["601"]));
    let pid = service.pid().to_string();
    let files = [("file", "some text\n"), ("pid", pid.as_str()), ("program", "#!/bin/sh\necho fine\n")];
    let mut watcher = Watcher::new();
    let here = watcher.path().display().to_string();
    // It is let go of before the daemon, which cannot end as long as it waits.
    let Some(mount) = Mount::new(source, &files) else { return };
    // Names that do not tell where they lead.
    symlink(mount.path("file"), watcher.path().join("link")).expect("a link");
    symlink(mount.path(""), watcher.path().join("way")).expect("a link");
    write(watcher.path(), "other.pid", other.pid().to_string());
    let there = mount.text("");
    let name = watcher.path().file_name().expect("a name").to_string_lossy().into_owned();
    watcher.start(&format!(
        "check filesystem place with path {there}\n  if space usage > 90% then alert\n\
         check filesystem source with path \"{source}\"\n  if space usage > 90% then alert\n\
         check directory folder with path {there}\n\
         check file plain with path {there}/file\n  if size > 1 MB then alert\n\
         check file sum with path {there}/file\n  if changed sha1 checksum then alert\n\
         check file text with path {there}/file\n  if content = \"error\" then alert\n\
         check file link with path {here}/link\n\
         check file far with path {here}/../{name}/way/file\n\
         check process service with pidfile {there}/pid\n  start program = \"{there}/program\"\n\
         check process linked with pidfile {here}/way/pid\n\
         check process down with pidfile {here}/down.pid\n  start program = \"{there}/program\" with timeout 1 second\n\
         check program said with path \"{there}/program\" with timeout 2 seconds\n  if status != 0 then alert\n\
         check process other with pidfile {here}/other.pid\n\
         check process pattern matching \"sleep 601\"\n\
         check program fine with path \"/bin/echo fine\"\n  if status != 0 then alert\n"
    ));
    let lost = ["place", "source", "folder", "plain", "sum", "text", "link", "far", "service", "linked", "said"];
    let well = ["healthy", "other", "pattern", "fine"];
    watcher.cycles(&lost, 1);
    watcher.cycles(&well, 1);

    mount.falls_silent();
    // Its exit is seen at once, and its pid file cannot be read.
    drop(service);
    for service in lost {
        let reason = watcher.told(service, "data failed");
        println!("{service}: {reason}");
        assert!(reason.contains(&there) || service == "said", "{service}: {reason}");
    }
    watcher.cycles(&well, CYCLES);
    for service in well {
        assert_eq!(watcher.events(service), [], "{service}");
    }
    watcher.says(&format!("looks at the file system on {there} do not come back"));
    let waiting = procfs::pids().expect("readable").into_iter().filter_map(|pid| procfs::process(pid).ok().flatten());
    let waiting = waiting.filter(|process| process.parent == watcher.daemon().pid() && process.state == 'D').count();
    assert!((1..=3).contains(&waiting), "{waiting} programs wait for the file server");
    let threads = fs::read_dir(format!("/proc/{}/task", watcher.daemon().pid())).expect("threads").count();
    assert!(threads <= 24, "{threads} threads");

    mount.answers();
    for service in lost {
        if !["service", "linked"].contains(&service) {
            watcher.told(service, "data succeeded");
        }
    }
    watcher.told("service", "nonexist failed");
    watcher.says(&format!("looks at the file system on {there} come back again"));
    let late = watcher.said().matches(&format!("looks at the file system on {there} do not come back")).count();
    assert_eq!(late, 1, "{}", watcher.said());
    watcher.cycles(&well, 2);
    watcher.ends();
}

#[test]
fn where_a_path_leads_is_told_without_going_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let mut places = Places::default();
    places.refresh();
    let own = places.of(&here("file")).mount;
    fs::create_dir(folder.path().join("folder")).expect("a folder");
    symlink("loop", folder.path().join("loop")).expect("a link");
    symlink("../folder/./file", folder.path().join("folder/relative")).expect("a link");
    for name in ["", "missing/and/more", "loop", "loop/more", "folder/relative", "folder/../../"] {
        assert_eq!(places.of(&here(name)).mount, own, "{name}");
    }
    assert_eq!(places.of("/proc/self/../../proc").mount, "/proc");
    assert_eq!(places.of_file_system("proc").mount, "/proc");
    assert!(places.is_local_program("/bin/sh", "") && places.is_local_program("sh", "/usr/bin:/bin"));
    assert!(!places.is_local_program("./sh", "/bin") && !places.is_local_program("sh", "/bin:."));

    let source = format!("gone-too-{}:/export", std::process::id());
    let Some(mount) = Mount::new(&source, &[("file", "")]) else { return };
    let there = mount.text("");
    symlink(mount.path(""), folder.path().join("far")).expect("a link");
    symlink("../far/./file", folder.path().join("folder/further")).expect("a link");
    mount.falls_silent();
    // It was mounted after the table was read.
    assert!(places.refresh());
    for path in [mount.text("file"), here("far"), here("far/file"), here("folder/further"), here("far/../far/x/..")] {
        assert_eq!(places.of(&path), Place { mount: there.clone(), is_local: false }, "{path}");
    }
    assert_eq!(places.of_file_system(&source).mount, there);
    assert!(!places.is_local_program(&here("far/file"), "") && !places.is_local_program("x", &here("far")));
    assert!(!places.refresh());
}

#[test]
fn a_file_that_is_read_when_its_server_goes_holds_up_no_program() {
    let mut watcher = Watcher::new();
    let here = watcher.path().display().to_string();
    let Some(mount) = Mount::new(&format!("gone-read-{}:/export", std::process::id()), &[("file", "some text\n")])
    else {
        return;
    };
    let there = mount.text("");
    write(watcher.path(), "down.rules", "");
    watcher.start(&format!(
        "check file sum with path {there}/file\n  if changed sha1 checksum then alert\n\
         check file text with path {there}/file\n  if content = \"error\" then alert\n\
         check program fine with path \"/bin/echo fine\"\n  if status != 0 then alert\n\
         check process down with pidfile {here}/down.pid\n  start program = \"/bin/sh -c 'echo up >>{here}/up'\" with \
         timeout 1 second\n"
    ));
    watcher.cycles(&["sum", "text", "fine"], 1);
    mount.falls_silent_when_read();
    // The file is open from here on, and nobody is answered.
    until(|| mount.is_silent().then_some(())).expect("it is read");
    watcher.cycles(&["healthy", "fine"], CYCLES);
    let starts = || fs::read_to_string(watcher.path().join("up")).unwrap_or_default().lines().count();
    let before = starts();
    until(|| (starts() > before).then_some(())).expect("programs are started");
    mount.answers();
    watcher.ends();
}

/// Gives back memory that is written to a file, which waits for the file server, while it wants other memory.
const BUSY: &str = "import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
place, ready, go = sys.argv[1:]
memory = libc.mmap(None, 4096, 3, 1, os.open(place, os.O_RDWR), 0)
ctypes.memset(memory, 65, 1)
open(ready, 'w')
for _ in range(6000):
    if os.path.exists(go): break
    time.sleep(0.01)
else: sys.exit('nobody said go')
threading.Thread(target=libc.munmap, args=(memory, 4096)).start()
time.sleep(0.3)
threading.Thread(target=libc.mmap, args=(None, 4096, 3, 34, -1, 0)).start()
time.sleep(600)";

#[test]
fn a_process_that_is_busy_with_its_memory_hides_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let mark = format!("602.{}", std::process::id());
    let sleeper = Started::new("sleep", &[&mark]);
    let source = format!("busy-{}:/export", std::process::id());
    let Some(mount) = Mount::new(&source, &[("file", "text\n")]) else { return };
    let busy = Started::new("python3", &["-c", BUSY, &mount.text("file"), &here("ready"), &here("go")]);
    assert!(eventually(|| folder.path().join("ready").exists()));
    mount.falls_silent();
    fs::write(here("go"), "").expect("a file");
    // Whoever asks for its command line the simple way gets no answer.
    let hangs = || {
        let (tell, told) = std::sync::mpsc::channel();
        let pid = busy.pid();
        std::thread::spawn(move || tell.send(procfs::command_line(pid)).is_ok());
        told.recv_timeout(Duration::from_millis(500)).is_err()
    };
    if !eventually(hangs) {
        println!("SKIPPED: this kernel lets it be read all the same");
        return;
    }
    let look = |pattern: &str| {
        let sight = Sight::new(&Target::Matching(pattern.to_owned()), &Behaviour::RULES);
        sight.look(&Plan::default(), None, &Snapshot::default()).presence
    };
    let found = look(&format!("sleep {mark}$"));
    assert!(matches!(found, Presence::Present(Identity::Process { pid, .. }) if pid == sleeper.pid()), "{found:?}");
    // It may be the one.
    let absent = look("this-is-nobody's-command-[l]ine");
    let hidden = format!("pid {} (python3) does not let its command line be read", busy.pid());
    assert!(matches!(&absent, Presence::Unknown(reason) if reason.contains(&hidden)), "{absent:?}");
    mount.answers();
    let found = || matches!(look("this-is-nobody's-command-[l]ine"), Presence::Absent(_));
    assert!(eventually(found), "it is asked again when it answers");
}

/// How many names the crowded folder has.
const CROWD: usize = 1_000_000;

/// A folder with very many names, in memory: they are one file with so many links.
fn crowd(folder: &Path) {
    let first = folder.join("0");
    fs::write(&first, "").expect("a file");
    for number in 1..CROWD {
        fs::hard_link(&first, folder.join(number.to_string())).expect("a link");
    }
}

#[test]
fn what_is_not_what_it_should_be_holds_up_nobody() {
    let mut watcher = Watcher::new();
    let here = watcher.path().display().to_string();
    let memory = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { here.as_str() };
    let crowded = tempfile::Builder::new().prefix("crowd").tempdir_in(memory).expect("a folder");
    let began = Instant::now();
    crowd(crowded.path());
    println!("a folder with {CROWD} names was made in {:?}", began.elapsed());
    nix::unistd::mkfifo(&watcher.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let sparse = fs::File::create(watcher.path().join("sparse")).expect("a file");
    sparse.set_len(1 << 30).expect("a length");
    let endless = watcher.program("endless", "exec sleep 600");
    let stubborn = watcher.program("stubborn", "trap '' TERM INT HUP; while :; do sleep 600; done");
    let leaver = watcher.program("leaver", &format!("sleep 600 & echo $! >>{here}/left; echo left"));
    let flood = watcher.program("flood", "yes & exec yes >&2");
    let babble = watcher.program("babble", "head -c 20000000 /dev/zero; exit 3");
    let crowd = crowded.path().display();
    watcher.start(&format!(
        "check file pipe with path {here}/pipe\n  if content = \"x\" then alert\n  if changed sha1 checksum then alert\n\
         check fifo fifo with path {here}/pipe\n\
         check process piped with pidfile {here}/pipe\n\
         check process crowded with pidfile {crowd}\n\
         check process sparse with pidfile {here}/sparse\n\
         check file large with path {here}/sparse\n  if changed sha1 checksum then alert\n\
         check directory crowd with path {crowd}\n  if timestamp > 10 days then alert\n\
         check program endless with path \"{endless}\" with timeout 1 second\n  if status != 0 then alert\n\
         check program stubborn with path \"{stubborn}\" with timeout 1 second\n  if status != 0 then alert\n\
         check program flood with path \"{flood}\" with timeout 2 seconds\n  if status != 0 then alert\n\
         check program babble with path \"{babble}\" with timeout 30 seconds\n  if status != 3 then alert\n\
         check program leaver with path \"{leaver}\" with timeout 30 seconds\n  if status != 0 then alert\n"
    ));
    watcher.cycles(&["healthy", "fifo", "pipe", "piped", "crowded", "sparse", "crowd", "leaver"], CYCLES);
    // They are ended when their time is over, and run again.
    watcher.cycles(&["endless", "stubborn", "flood", "babble"], 2);
    for service in ["endless", "stubborn", "flood"] {
        assert!(watcher.told(service, "status failed").starts_with("status failed (137)"), "{service}");
    }
    watcher.told("pipe", "invalid failed");
    for service in ["piped", "crowded", "sparse"] {
        watcher.told(service, "nonexist failed");
    }
    for service in ["healthy", "fifo", "crowd", "leaver", "babble", "large"] {
        assert_eq!(watcher.events(service), [], "{service}");
    }
    // Its first look takes longer, and then it is known.
    watcher.cycles(&["large"], 1);
    let stat = procfs::process(watcher.daemon().pid()).expect("readable").expect("it runs");
    let megabytes = (stat.resident_pages * rustix::param::page_size() as u64) >> 20;
    assert!(megabytes < 200, "{megabytes} MB");
    watcher.ends();
    // A program that was to say how something is has nobody to say it to.
    let still = |program: &String| {
        let runs =
            |pid: u32| procfs::command_line(pid).ok().flatten().is_some_and(|line| line.contains(program.as_str()));
        procfs::pids().expect("readable").into_iter().any(runs)
    };
    for program in [&stubborn, &flood, &babble] {
        assert!(eventually(|| !still(program)), "{program} runs on");
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // What programs of these tests left behind, if it is still that.
        let left = fs::read_to_string(self.path().join("left")).unwrap_or_default();
        for pid in left.lines().filter_map(|pid| pid.parse::<u32>().ok()) {
            if procfs::command_line(pid).ok().flatten().is_some_and(|line| line == "sleep 600") {
                let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a pid"));
                nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).ok();
            }
        }
    }
}
