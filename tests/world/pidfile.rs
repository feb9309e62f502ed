//! A pid file is written by anybody: it never makes a service run that does not.

use std::path::Path;
use std::process::Command;

use interpreter::engine::{PidfileState, Presence};
use interpreter::program::Behaviour;
use ruled::observe::apart::Reader;
use ruled::observe::named::Named;
use ruled::observe::process::Sighting;
use ruled::observe::procfs;

use serde_json::Value;

use super::{Started, eventually};
use crate::rig::{finish, skip, write};

fn named(path: &Path, behaviour: &Behaviour) -> Named {
    Named::new(path.to_str().expect("a plain path"), behaviour)
}

fn told(sighting: Sighting) -> (Presence, PidfileState) {
    (sighting.presence, sighting.pidfile.expect("a state"))
}

fn look(path: &Path) -> (Presence, PidfileState) {
    told(named(path, &Behaviour::RULES).look(Reader::Here, None))
}

fn look_at(content: &[u8]) -> (Presence, PidfileState) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), content).expect("written");
    look(file.path())
}

#[track_caller]
fn assert_absent(content: &[u8], state: PidfileState, words: &str) {
    match look_at(content) {
        (Presence::Absent(reason), seen) => {
            assert!(reason.contains(words), "{reason}");
            assert_eq!(seen, state);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_running_process_is_found() {
    let started = Started::new("sleep", &["600"]);
    for content in
        [format!("{}\n", started.pid()), format!("  {}", started.pid()), format!("{}\n/data\n5432\n", started.pid())]
    {
        match look_at(content.as_bytes()) {
            (Presence::Present(_), PidfileState::Names(pid)) => assert_eq!(pid, started.pid()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn garbage_names_nobody() {
    assert_absent(b"", PidfileState::Unreadable, "is empty");
    assert_absent(b"  \n", PidfileState::Unreadable, "is empty");
    assert_absent(b"0\n", PidfileState::Unreadable, "pid 0");
    for garbage in ["-5\n", "x\n", "12x\n", "1.5", "99999999999999999999\n", "0x10", "\u{661}"] {
        assert_absent(garbage.as_bytes(), PidfileState::Unreadable, "does not begin with the number of a process");
    }
    assert_absent(&[b'1'; 1 << 20], PidfileState::Unreadable, "does not begin with the number of a process");
    assert_absent(&[0; 5000], PidfileState::Unreadable, "does not begin");
}

#[test]
fn init_threads_and_the_dead_are_no_services() {
    assert_absent(b"1\n", PidfileState::Foreign(1), "is the init process");
    assert_absent(b"4194304\n", PidfileState::Names(4_194_304), "does not exist");
    let mut started = Started::new("true", &[]);
    let pid = started.pid();
    started.0.wait().expect("it ends");
    assert_absent(pid.to_string().as_bytes(), PidfileState::Names(pid), "does not exist");
}

#[test]
fn a_thread_is_no_process() {
    let (tell, told) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        tell.send(rustix::thread::gettid().as_raw_pid()).expect("told");
        ended.recv().ok();
    });
    let tid = told.recv().expect("a number");
    assert_absent(tid.to_string().as_bytes(), PidfileState::Foreign(tid.unsigned_abs()), "is a thread");
    end.send(()).expect("it waits");
    thread.join().expect("it ends");
}

#[test]
fn a_zombie_is_said_to_be_one() {
    let mut started = Started::new("sleep", &["600"]);
    started.0.kill().expect("it ends");
    let content = started.pid().to_string();
    assert!(eventually(|| matches!(look_at(content.as_bytes()).0, Presence::Zombie(_))));
}

#[test]
fn other_things_than_files_are_not_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let pipe = directory.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    for path in [pipe.as_path(), directory.path()] {
        match look(path) {
            (Presence::Absent(reason), PidfileState::Unreadable) => assert!(reason.contains("not a regular file")),
            other => panic!("{other:?}"),
        }
    }
    let (presence, state) = look(&directory.path().join("nothing"));
    assert!(matches!(presence, Presence::Absent(reason) if reason.contains("does not exist")));
    assert_eq!(state, PidfileState::Gone);
}

#[test]
fn monit_scans_for_a_number() {
    let started = Started::new("sleep", &["600"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pid");
    let pid = started.pid();
    let monits = |content: String| {
        std::fs::write(&path, content).expect("written");
        told(named(&path, &Behaviour::MONIT).look(Reader::Here, None))
    };
    for content in [format!("{pid}x"), format!("{pid}.5"), format!("+{pid}"), format!(" \n{pid} 1")] {
        let (presence, state) = monits(content.clone());
        assert!(
            matches!(presence, Presence::Present(_)) && state == PidfileState::Names(pid),
            "{content}: {presence:?}"
        );
        if content.trim_start() == content {
            assert!(matches!(look(&path).0, Presence::Absent(_)), "{content} names nobody in our dialect");
        }
    }
    for content in ["", "-5", "x", "++5", "99999999999999999999", "1"] {
        assert!(matches!(monits(content.to_owned()).0, Presence::Absent(_)), "{content}");
    }
    std::fs::remove_file(&path).expect("gone");
    std::os::unix::fs::symlink("pid", &path).expect("a link");
    let (ours, monits) = (look(&path).0, told(named(&path, &Behaviour::MONIT).look(Reader::Here, None)).0);
    assert!(matches!(&ours, Presence::Unknown(reason) if reason.contains("too many levels")), "{ours:?}");
    assert!(matches!(monits, Presence::Absent(_)), "{monits:?}");
}

#[test]
fn a_huge_file_is_not_read() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    file.as_file().set_len(1 << 30).expect("a length");
    assert!(matches!(look(file.path()).0, Presence::Absent(reason) if reason.contains("does not begin")));
    let started = Started::new("sleep", &["600"]);
    std::os::unix::fs::FileExt::write_at(file.as_file(), started.pid().to_string().as_bytes(), 0).expect("written");
    assert!(matches!(look(file.path()).0, Presence::Present(_)), "its beginning counts");
}

#[test]
fn another_program_under_the_name_is_noted() {
    let (first, second) = (Started::new("sleep", &["600"]), Started::new("cat", &["/dev/ptmx"]));
    let is_itself = |started: &Started, name: &str| {
        procfs::process(started.pid()).ok().flatten().is_some_and(|stat| stat.name == name)
    };
    assert!(eventually(|| is_itself(&first, "sleep") && is_itself(&second, "cat")));
    let file = tempfile::NamedTempFile::new().expect("a file");
    let ours = named(file.path(), &Behaviour::RULES);
    let look = |pid: u32| {
        std::fs::write(file.path(), pid.to_string()).expect("written");
        ours.look(Reader::Here, None)
    };
    assert_eq!(look(first.pid()).note, None);
    assert_eq!(look(first.pid()).note, None);
    let seen = look(second.pid());
    assert!(matches!(seen.presence, Presence::Present(_)));
    let wanted = format!("names pid {} (cat) where it named pid {} (sleep)", second.pid(), first.pid());
    assert!(seen.note.as_ref().is_some_and(|note| note.ends_with(&wanted)), "{:?}", seen.note);
    assert_eq!(look(second.pid()).note, None, "once");
}

#[test]
fn who_is_given_the_number_of_the_dead_is_not_the_service() {
    // The number of a process that will be: none has it when it is looked for first.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut dead = Started::new("true", &[]);
    let pid = dead.pid();
    std::fs::write(file.path(), pid.to_string()).expect("written");
    dead.0.wait().expect("it ends");
    let ours = named(file.path(), &Behaviour::RULES);
    let seen = ours.look(Reader::Here, None);
    assert!(matches!(seen.presence, Presence::Absent(reason) if reason.ends_with("which does not exist")));
    // A file that is written anew is believed anew.
    let started = Started::new("sleep", &["600"]);
    std::fs::write(file.path(), started.pid().to_string()).expect("written");
    assert!(matches!(ours.look(Reader::Here, None).presence, Presence::Present(_)));
}

/// Ends its first thread; another goes on.
const HEADLESS: &str = "import ctypes, platform, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).syscall(60 if platform.machine() == 'x86_64' else 93, 0)";

#[test]
fn a_process_whose_first_thread_has_ended_lives() {
    let started = Started::new("python3", &["-c", HEADLESS]);
    let is_headless = || procfs::process(started.pid()).ok().flatten().is_some_and(|stat| stat.has_ended());
    assert!(eventually(is_headless));
    let (presence, _) = look_at(started.pid().to_string().as_bytes());
    assert!(matches!(presence, Presence::Present(_)), "{presence:?}");
}

/// What one cycle tells of a service `s` with this pid file: event, state and message.
fn events(ruled: Command, folder: &Path, dialect: &str) -> Vec<String> {
    let rules = write(folder, "pid.rules", format!("check process s with pidfile {}/pid\n", folder.display()));
    let mut command = ruled;
    command.args(["run", "--once", "--dry", "-q", "--dialect", dialect, "--events", "-", &rules]);
    let done = finish(command);
    assert_eq!(done.status, 0, "{}", done.err);
    let lines = done.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mine = lines.filter(|event| event["service"] == "s");
    mine.map(|event| {
        let word = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", word("event"), word("state"), word("message"))
    })
    .collect()
}

#[test]
fn why_it_names_nobody_is_told_in_our_dialect() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pid");
    let here = path.display();
    let told = |dialect| events(crate::rig::ruled(&[]), folder.path(), dialect);
    for (content, why) in [
        ("", "is empty"),
        ("0", "names pid 0, which is no process"),
        ("1", "names pid 1, which is the init process"),
        ("-7", "does not begin with the number of a process"),
        ("99999999999999999999", "does not begin with the number of a process"),
        ("\u{1b}[2J", "does not begin with the number of a process"),
    ] {
        std::fs::write(&path, content).expect("written");
        let plain = "nonexist failed: process is not running";
        assert_eq!(told("rules"), [format!("{plain}: the pid file {here} {why}")], "{content:?}");
        assert_eq!(told("monit"), [plain], "{content:?}");
    }
    // What is customary needs no explanation.
    std::fs::write(&path, "4194304").expect("written");
    assert_eq!(told("rules"), ["nonexist failed: process is not running"]);
}

#[test]
fn one_that_may_not_be_read_is_unknown() {
    if !rustix::process::geteuid().is_root() {
        skip("only root can be somebody else");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "pid", std::process::id().to_string());
    let open = |path: &Path, mode| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path, mode).expect("a mode");
    };
    open(folder.path(), 0o755);
    open(Path::new(&path), 0o600);
    // Where it was built, nobody else may look.
    let program = folder.path().join("ruled");
    std::fs::copy(env!("CARGO_BIN_EXE_ruled"), &program).expect("a copy");
    let told = |dialect| {
        let mut nobody = Command::new(&program);
        nobody.args(["launch", "--uid", "65534", "--gid", "65534", "--"]).arg(&program);
        nobody.current_dir("/").stdin(std::process::Stdio::null());
        events(nobody, folder.path(), dialect)
    };
    assert_eq!(told("rules"), [format!("data failed: cannot read {path}: permission denied")]);
    assert_eq!(told("monit"), ["nonexist failed: process is not running"]);
}
