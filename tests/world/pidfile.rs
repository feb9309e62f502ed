//! A pid file is written by anybody: it never makes a service run that does not.

use std::path::Path;

use interpreter::engine::{PidfileState, Presence};
use ruled::observe::process::by_pidfile;
use ruled::observe::snapshot::Snapshot;

use super::Started;

fn look(path: &Path) -> (Presence, PidfileState) {
    let sighting = by_pidfile(path.to_str().expect("a plain path"), None, &Snapshot::default());
    (sighting.presence, sighting.pidfile.expect("a state"))
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
    assert_absent(b"1\n", PidfileState::Names(1), "is the init process");
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
    assert_absent(tid.to_string().as_bytes(), PidfileState::Names(tid.unsigned_abs()), "is a thread");
    end.send(()).expect("it waits");
    thread.join().expect("it ends");
}

#[test]
fn a_zombie_is_said_to_be_one() {
    let mut started = Started::new("sleep", &["600"]);
    started.0.kill().expect("it ends");
    let content = started.pid().to_string();
    assert!(super::eventually(|| matches!(look_at(content.as_bytes()).0, Presence::Zombie(_))));
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
