//! What survives ruled: kept in a file, read again, and what becomes of it when the file cannot be used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use interpreter::durable::{Kept, KeptPosition, ServiceKey};
use interpreter::engine::Interval;
use nix::sys::signal::Signal;
use ruled::remember::database::Database;
use ruled::remember::{Keeper, Notice, Recollection};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::rig::{Daemon, PATIENCE, finish, skip, until, write};

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("deep/state")
    }

    fn open(&self) -> (Keeper, Recollection, Receiver<Notice>) {
        open(&self.path())
    }
}

fn open(path: &Path) -> (Keeper, Recollection, Receiver<Notice>) {
    let (sender, notices) = channel();
    let known: BTreeSet<ServiceKey> = ["a", "b"].map(key).into();
    let tell = Box::new(move |notice| sender.send(notice).expect("the test listens"));
    let (keeper, recollection) = Keeper::start(path.to_path_buf(), &known, tell).expect("a thread");
    (keeper, recollection, notices)
}

fn key(name: &str) -> ServiceKey {
    ServiceKey { kind: "file".to_owned(), name: name.to_owned() }
}

fn restarts(restarts: u32) -> Kept {
    Kept { restarts, ..Kept::default() }
}

fn services(list: &[(&str, Kept)]) -> BTreeMap<ServiceKey, Kept> {
    list.iter().map(|(name, kept)| (key(name), kept.clone())).collect()
}

fn failed(notices: &Receiver<Notice>) -> String {
    match notices.recv_timeout(PATIENCE) {
        Ok(Notice::Failed(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn remark(notices: &Receiver<Notice>) -> String {
    match notices.recv_timeout(PATIENCE) {
        Ok(Notice::Remark(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn is_healed(notices: &Receiver<Notice>) {
    assert!(matches!(notices.recv_timeout(PATIENCE), Ok(Notice::Healed(_))));
}

#[test]
fn what_is_kept_is_read_again() {
    let place = Place::new();
    let (mut keeper, found, notices) = place.open();
    assert_eq!((found.services.len(), found.interval), (0, Interval::Reboot), "nobody was here before");
    let position = Some(KeptPosition { inode: u64::MAX, offset_bytes: 1 << 60, ..KeptPosition::default() });
    let followed = Kept { position, ..Kept::default() };
    keeper.keep(key("a"), restarts(1));
    keeper.keep(key("a"), restarts(2));
    keeper.keep(key("b"), followed.clone());
    drop(keeper);
    let (mut keeper, found, _) = place.open();
    assert_eq!(found.services, services(&[("a", restarts(2)), ("b", followed.clone())]));
    assert_eq!(found.interval, Interval::Restart);
    keeper.keep(key("a"), Kept::default());
    drop(keeper);
    assert_eq!(place.open().1.services, services(&[("b", followed)]));
    assert!(notices.try_recv().is_err(), "nothing is said of what goes well");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&place.path()), mode(place.path().parent().expect("a folder"))), (0o600, 0o700));
}

#[test]
fn strangers_are_not_read_and_forgotten_after_a_while() {
    let place = Place::new();
    let (mut keeper, ..) = place.open();
    keeper.keep(key("gone"), restarts(1));
    keeper.keep(key("long gone"), restarts(1));
    keeper.keep(key("a"), restarts(1));
    drop(keeper);
    let file = Connection::open(place.path()).expect("a database");
    file.execute("UPDATE service SET changed_s = changed_s - 32 * 86400 WHERE name IN ('long gone', 'a')", [])
        .expect("made older");
    drop(file);
    let (keeper, found, _) = place.open();
    assert_eq!(found.services, services(&[("a", restarts(1))]));
    drop(keeper);
    let file = Connection::open(place.path()).expect("a database");
    let names: Vec<String> = file
        .prepare("SELECT name FROM service ORDER BY name")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .expect("names");
    assert_eq!(names, ["a", "gone"]);
}

#[test]
fn what_was_kept_before_a_boot_stays_so_until_it_is_kept_anew() {
    let place = Place::new();
    let (mut keeper, found, _) = place.open();
    assert!(found.before_boot.is_empty());
    keeper.keep(key("a"), restarts(1));
    keeper.keep(key("b"), restarts(1));
    drop(keeper);
    assert!(place.open().1.before_boot.is_empty());
    let change = |text: &str| {
        let file = Connection::open(place.path()).expect("a database");
        file.execute_batch(text).expect("changed");
    };
    // As the file is found after the machine was started anew.
    change(
        "UPDATE meta SET value = 'another' WHERE name = 'boot'; UPDATE service SET kept = json_set(kept, '$.boot', 7)",
    );
    let (mut keeper, found, _) = place.open();
    assert_eq!((found.interval, found.before_boot), (Interval::Reboot, ["a", "b"].map(key).into()));
    assert_eq!(found.services, services(&[("a", restarts(1)), ("b", restarts(1))]));
    // It ends before it has come to the other one.
    keeper.keep(key("a"), restarts(2));
    assert_eq!(keeper.before_boot(), &BTreeSet::from([key("b")]));
    drop(keeper);
    let (keeper, found, _) = place.open();
    assert_eq!((found.interval, found.before_boot), (Interval::Restart, [key("b")].into()));
    drop(keeper);
    // What an earlier ruled wrote says nothing of it: then the whole file is of one boot.
    change("UPDATE service SET kept = json_remove(kept, '$.boot')");
    let (keeper, found, _) = place.open();
    assert_eq!((found.services.len(), found.before_boot.len()), (2, 0));
    drop(keeper);
    change("UPDATE meta SET value = 'another' WHERE name = 'boot'");
    assert_eq!(place.open().1.before_boot.len(), 2);
}

#[test]
fn a_damaged_file_is_put_aside() {
    let place = Place::new();
    let (mut keeper, ..) = place.open();
    keeper.keep(key("a"), restarts(1));
    drop(keeper);
    let mut bytes = fs::read(place.path()).expect("a file");
    bytes[..4096].fill(0x5a);
    fs::write(place.path(), &bytes).expect("damaged");
    let (mut keeper, found, notices) = place.open();
    assert!(found.services.is_empty());
    let text = remark(&notices);
    assert!(text.contains("is damaged") && text.contains("state.damaged"), "{text}");
    assert_eq!(fs::read(place.path().with_extension("damaged")).expect("put aside"), bytes);
    keeper.keep(key("a"), restarts(3));
    drop(keeper);
    assert_eq!(place.open().1.services, services(&[("a", restarts(3))]));
}

#[test]
fn a_file_of_a_later_version_or_of_somebody_else_is_left_alone() {
    for (change, words) in [
        ("PRAGMA user_version = 99", "a later version of ruled wrote it (schema 99, this version knows 1)"),
        ("PRAGMA application_id = 7", "it is no state of ruled"),
    ] {
        let place = Place::new();
        drop(place.open());
        let file = Connection::open(place.path()).expect("a database");
        file.execute_batch(change).expect("changed");
        drop(file);
        let before = fs::read(place.path()).expect("a file");
        let (mut keeper, found, notices) = place.open();
        assert!(found.services.is_empty());
        let text = failed(&notices);
        assert!(text.contains(words) && text.contains("kept in memory"), "{text}");
        keeper.keep(key("a"), restarts(1));
        assert_eq!(keeper.kept(), &services(&[("a", restarts(1))]), "it is kept in memory");
        drop(keeper);
        assert_eq!(fs::read(place.path()).expect("a file"), before, "{change}");
    }
}

#[test]
fn a_file_of_a_later_version_is_told_once_and_the_state_is_written_when_it_has_gone() {
    let place = Place::new();
    drop(place.open());
    let file = Connection::open(place.path()).expect("a database");
    file.execute_batch("PRAGMA user_version = 99").expect("changed");
    drop(file);
    let (mut keeper, _, notices) = place.open();
    keeper.keep(key("a"), restarts(1));
    assert!(failed(&notices).contains("a later version of ruled wrote it"));
    // It is tried again every few seconds, and that it still fails is not said again.
    fs::rename(place.path(), place.path().with_extension("later")).expect("moved away");
    is_healed(&notices);
    keeper.keep(key("b"), restarts(2));
    drop(keeper);
    assert!(notices.try_recv().is_err(), "it was told once");
    assert_eq!(place.open().1.services, services(&[("a", restarts(1)), ("b", restarts(2))]));
}

#[test]
fn a_file_that_is_taken_away_is_written_anew() {
    let place = Place::new();
    let (mut keeper, _, notices) = place.open();
    keeper.keep(key("a"), restarts(1));
    let rows = || Database::peek(&place.path()).map_or(0, |(services, _)| services.len());
    // The file is locked while it is open; whether it was written is seen by the log beside it.
    let log = place.path().with_file_name("state-wal");
    until(|| fs::metadata(&log).is_ok_and(|found| found.len() > 0).then_some(())).expect("written");
    fs::remove_dir_all(place.path().parent().expect("a folder")).expect("taken away");
    keeper.keep(key("b"), restarts(2));
    assert!(remark(&notices).contains("was taken away"));
    drop(keeper);
    assert_eq!(rows(), 2);
    assert_eq!(place.open().1.services, services(&[("a", restarts(1)), ("b", restarts(2))]));
}

#[test]
fn two_do_not_keep_their_state_in_one_file() {
    let place = Place::new();
    let (mut first, ..) = place.open();
    let (mut second, _, notices) = place.open();
    assert!(failed(&notices).contains("another ruled keeps its state there"));
    first.keep(key("a"), restarts(1));
    second.keep(key("b"), restarts(2));
    drop(first);
    is_healed(&notices);
    drop(second);
    assert_eq!(place.open().1.services, services(&[("a", restarts(1)), ("b", restarts(2))]));
}

#[test]
fn a_full_disk_is_told_once_and_heals() {
    let folder = tempfile::tempdir().expect("a folder");
    let mounted = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(folder.path());
        finish(command).status == 0
    };
    if !mounted(&["mount", "-t", "tmpfs", "-o", "size=512k", "test"]) {
        skip("mounting a file system is forbidden here");
        return;
    }
    let path = folder.path().join("state");
    let (mut keeper, _, notices) = open(&path);
    keeper.keep(key("a"), restarts(1));
    let filler = folder.path().join("filler");
    // As much as fits; the disk is full then.
    assert!(fs::write(&filler, vec![0; 1 << 20]).is_err());
    let long = Kept {
        marks: [("size".to_owned(), interpreter::durable::KeptValue::Text("x".repeat(60_000)))].into(),
        ..restarts(2)
    };
    keeper.keep(key("b"), long.clone());
    let text = failed(&notices);
    assert!(text.contains("full") && text.contains("kept in memory"), "{text}");
    keeper.keep(key("a"), Kept::default());
    fs::remove_file(&filler).expect("room again");
    is_healed(&notices);
    drop(keeper);
    let found = open(&path).1;
    assert!(mounted(&["umount", "-l"]));
    assert_eq!(found.services, services(&[("b", long)]));
    assert!(notices.try_recv().is_err(), "it was told once");
}

#[test]
fn a_daemon_that_is_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().display();
    let log = write(folder.path(), "app.log", "ERROR 0\n");
    let rules = format!(
        "set daemon 3600\ncheck file app with path {here}/app.log\n    if match \"ERROR\" then alert\n    \
         if size > 1 B then alert\n"
    );
    let rules = write(folder.path(), "main.rules", rules);
    let events = folder.path().join("events");
    let told = || {
        let text = fs::read_to_string(&events).unwrap_or_default();
        let event = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        let events = text.lines().map(event).filter(|event| event["event"] != "instance");
        events.map(|event| format!("{} {}", event["event"], event["message"])).collect::<Vec<String>>()
    };
    let start =
        || Daemon::start(&["-v", "--events", events.to_str().expect("UTF-8"), &rules], &folder.path().join("log"));
    let rests = |daemon: &Daemon, cycle: u32| {
        until(|| daemon.said().contains(&format!("cycle {cycle} is over")).then_some(())).expect("a cycle")
    };
    let append = |text: &str| {
        let before = fs::read_to_string(&log).expect("a log");
        fs::write(&log, before + text).expect("written");
    };
    let daemon = start();
    rests(&daemon, 1);
    assert_eq!(told().len(), 1, "the size; what stood in the file is not news: {:?}", told());
    append("ERROR 1\n");
    daemon.signal(Signal::SIGUSR1);
    rests(&daemon, 2);
    assert_eq!(told().len(), 2, "{:?}", told());
    let state = fs::read_dir(folder.path()).expect("a folder").flatten();
    let state = state.map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with("main.rules.state"));
    let wal = format!("{}-wal", state.expect("a file for the state").display());
    let written = until(|| fs::metadata(&wal).is_ok_and(|found| found.len() > 0).then_some(()));
    written.expect("the position is kept");
    daemon.signal(Signal::SIGKILL);
    drop(daemon);
    append("ERROR 2\n");
    let daemon = start();
    rests(&daemon, 1);
    assert_eq!(told().len(), 3, "one line is new, and the size was told before: {:?}", told());
    assert!(told()[2].contains("ERROR 2"), "{:?}", told());
    assert_eq!(daemon.end(), 0);
}

#[test]
fn a_place_that_cannot_be_is_an_event_and_no_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = write(
        folder.path(),
        "main.rules",
        "set daemon 3600\ncheck system here\n    if loadavg (1min) > 9999 then alert\n",
    );
    let file = write(folder.path(), "file", "");
    let events = folder.path().join("events");
    let state = format!("{file}/below/a/file");
    let words = ["--state", &state, "--events", events.to_str().expect("UTF-8"), &rules];
    let daemon = Daemon::start(&words, &folder.path().join("log"));
    let told = until(|| {
        let text = fs::read_to_string(&events).unwrap_or_default();
        text.lines().find(|line| line.contains("state cannot be kept")).map(str::to_owned)
    });
    let told = told.unwrap_or_else(|| panic!("{}", daemon.said()));
    assert!(told.contains("\"failed\"") && told.contains(&state) && told.contains("not a directory"), "{told}");
    assert_eq!(daemon.end(), 0);
}

#[test]
fn a_dry_run_keeps_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "app.log", "x\n");
    let here = folder.path().display();
    let rules = write(
        folder.path(),
        "main.rules",
        format!("check file app with path {here}/app.log\n if match \"x\" then alert\n"),
    );
    let state = folder.path().join("state");
    for (words, is_kept) in [(&["--dry"][..], false), (&[], true)] {
        let mut command = crate::rig::ruled(&["run", "--once", "--state", state.to_str().expect("UTF-8"), &rules]);
        command.args(words);
        assert_eq!(finish(command).status, 0);
        assert_eq!(state.exists(), is_kept, "{words:?}");
    }
}
