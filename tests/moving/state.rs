//! `ruled import --state`: what Monit had switched off stays off.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::run_in;
use crate::rig::{Daemon, until, write};
use crate::world::Started;

/// What Monit 5.33 wrote of ten services.
const MONITS: &[u8] = include_bytes!("monit-5.33.state");

/// Rules about four of them: `beta` was not monitored, `eps` was started three times.
const RULES: &str = "\
    set daemon 3600\n\
    check file Beta with path @/never\n    if not exist then alert\n\
    check process eps with pidfile @/never.pid\n    start program = \"/bin/sh -c 'echo eps >> @/starts'\" with timeout 1 seconds\n    \
        if 4 restarts within 10 cycles then unmonitor\n\
    check directory alpha with path @\n\
    check file novel with path @/never\n    if not exist then alert\n";

pub(super) struct Place {
    folder: TempDir,
    pub(super) rules: String,
}

impl Place {
    pub(super) fn new(name: &str) -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "monit.state", MONITS);
        let text = RULES.replace('@', &folder.path().display().to_string());
        let rules = write(folder.path(), name, text);
        Place { folder, rules }
    }

    pub(super) fn at(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The files of ruled's own state.
    fn states(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path()).expect("a folder").flatten().map(|entry| entry.path());
        files.filter(|path| path.to_string_lossy().contains(".state") && !path.ends_with("monit.state")).collect()
    }

    /// What was told in one cycle.
    fn told(&self) -> Vec<String> {
        fs::remove_file(self.at("events")).unwrap_or(());
        let done = run_in(self.path(), &["run", "--once", "--events", &self.at("events"), &self.rules]);
        assert_eq!(done.status, 0, "{}", done.err);
        let text = fs::read_to_string(self.at("events")).expect("events");
        let event = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        let told = text.lines().map(event).filter(|event| event["event"] != "instance");
        told.map(|event| format!("{} {} {}", event["service"], event["event"], event["action"]).replace('"', ""))
            .collect()
    }
}

#[test]
fn what_was_switched_off_stays_off_in_both_dialects() {
    for name in ["monitrc", "main.rules"] {
        let place = Place::new(name);
        let done = run_in(place.path(), &["import", "--state", &place.at("monit.state"), &place.rules]);
        assert_eq!(done.status, 0, "{name}: {}", done.err);
        let wanted = [
            "'Beta' is not monitored, and stays so\n",
            "'eps' is monitored; 3 restarts within 2 cycles\n",
            "'alpha' was a file to Monit and is a directory here, so nothing is taken over\n",
            "'novel' was not known to Monit, and begins as the rules say\n",
            "'gamma'",
            "format 4 of Monit's state, 10 services",
        ];
        for words in wanted {
            assert!(done.out.contains(words), "{name}: {words:?} is missing in\n{}", done.out);
        }
        let told = place.told();
        assert!(!told.iter().any(|event| event.starts_with("Beta")), "{name}: {told:?}");
        assert!(told.contains(&"novel nonexist alert".to_owned()), "{name}: {told:?}");
        assert_eq!(fs::read_to_string(place.at("starts")).expect("a start"), "eps\n", "{name}");
        // The fourth within the limit, three of which Monit counted.
        let told = place.told();
        assert!(told.contains(&"eps timeout unmonitor".to_owned()), "{name}: {told:?}");
        let told = place.told();
        assert!(!told.iter().any(|event| event.starts_with("Beta") || event.starts_with("eps")), "{name}: {told:?}");
    }
}

#[test]
fn the_place_may_be_named_and_the_file_of_monit_is_found() {
    let place = Place::new("monitrc");
    let text = fs::read_to_string(&place.rules).expect("rules");
    write(place.path(), "monitrc", format!("set statefile {}\n{text}", place.at("monit.state")));
    let words = ["import", &place.rules, "--state", "-o", &place.at("own")];
    assert_eq!(run_in(place.path(), &words[..3]).status, 0);
    assert!(Path::new(&place.at("monit.state.ruled")).exists(), "where `ruled run` looks");
    assert_eq!(run_in(place.path(), &words).status, 0);
    assert!(Path::new(&place.at("own")).exists());
    assert_eq!(fs::read(place.at("monit.state")).expect("Monit's"), MONITS, "Monit's own stays as it is");
    // Without `set statefile`, where Monit looks: the test's home is the folder.
    let place = Place::new("main.rules");
    let done = run_in(place.path(), &["import", &place.rules, "--state"]);
    let words = format!("from {}: no such file", place.at(".monit.state"));
    assert!(done.status == 2 && done.err.contains(&words), "{}", done.err);
    fs::rename(place.at("monit.state"), place.at(".monit.state")).expect("renamed");
    assert_eq!(run_in(place.path(), &["import", &place.rules, "--state"]).status, 0);
}

#[test]
fn what_is_known_already_is_replaced_only_when_that_is_said() {
    let place = Place::new("main.rules");
    let from = place.at("monit.state");
    let words = ["import", "--state", &from, &place.rules, "--force"];
    assert_eq!(run_in(place.path(), &words[..4]).status, 0);
    let again = run_in(place.path(), &words[..4]);
    assert_eq!(again.status, 2);
    let wanted = "keeps state of file 'beta' and process 'eps' already; with --force Monit's takes its place";
    assert!(again.err.contains(wanted), "{}", again.err);
    assert_eq!(run_in(place.path(), &words).status, 0);
}

#[test]
fn nothing_is_taken_over_while_somebody_runs() {
    let place = Place::new("main.rules");
    let from = place.at("monit.state");
    let words = ["import", "--state", &from, &place.rules, "--force"];
    let daemon = Daemon::start(&["-v", &place.rules], &place.path().join("log"));
    until(|| daemon.said().contains("cycle 1 is over").then_some(())).expect("it runs");
    let refused = run_in(place.path(), &words);
    let wanted = format!("a ruled (pid {}) runs {}", daemon.pid(), place.rules);
    assert!(refused.status == 2 && refused.err.contains(&wanted), "{}", refused.err);
    assert_eq!(daemon.end(), 0);
    // A Monit that runs changes its state; its pid file is the one that the rules name.
    let place = Place::new("monitrc");
    let monit = Started::new("sleep", &["600"]);
    let pidfile = write(place.path(), "monit.pid", monit.pid().to_string());
    let text = fs::read_to_string(&place.rules).expect("rules");
    write(place.path(), "monitrc", format!("set pidfile {pidfile}\n{text}"));
    let from = place.at("monit.state");
    let words = ["import", "--state", &from, &place.rules, "--force"];
    let refused = run_in(place.path(), &words[..4]);
    assert!(refused.status == 2 && refused.err.contains("still runs"), "{}", refused.err);
    assert_eq!(place.states(), Vec::<PathBuf>::new(), "nothing is left behind");
    assert_eq!(run_in(place.path(), &words).status, 0);
    drop(monit);
}

#[test]
fn what_cannot_be_read_is_refused_and_leaves_nothing_behind() {
    let place = Place::new("main.rules");
    let mut newer = MONITS.to_vec();
    newer[4] = 9;
    let mut damaged = MONITS.to_vec();
    damaged[16..16 + 256].fill(b'x');
    for (bytes, words) in [
        (&MONITS[..1000], "is cut: entry 3 has 200 of 392 bytes"),
        (&newer, "has format 9 of Monit's state, a later one"),
        (&damaged, "is damaged: entry 1 has a name without end"),
        (b"check file x\n", "is no state file of Monit: it begins with \"check file x\""),
        (b"", "is empty"),
    ] {
        let from = write(place.path(), "foreign", bytes);
        let done = run_in(place.path(), &["import", "--state", &from, &place.rules]);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{words}");
        assert!(done.err.contains(words) && done.err.contains(&from), "{}", done.err);
        assert_eq!(place.states(), Vec::<PathBuf>::new(), "{words}");
    }
    let from = place.at("monit.state");
    let into = format!("{}/below/own", place.rules);
    let done = run_in(place.path(), &["import", "--state", &from, &place.rules, "-o", &into]);
    assert!(done.status == 2 && done.err.contains("state cannot be kept in"), "{}", done.err);
    // Somebody else's file is not written over.
    let into = write(place.path(), "foreign", "nothing of ruled's");
    let done = run_in(place.path(), &["import", "--state", &from, &place.rules, "-o", &into]);
    assert_eq!(done.status, 2, "{}{}", done.out, done.err);
    assert_eq!(fs::read_to_string(&into).expect("still there"), "nothing of ruled's");
    let wrong = write(place.path(), "wrong.rules", "check proces x\n");
    let done = run_in(place.path(), &["import", "--state", &from, &wrong]);
    assert!(done.status == 1 && done.err.contains("nothing is taken over"), "{}", done.err);
}

#[test]
fn a_followed_file_is_read_on() {
    for name in ["monitrc", "main.rules"] {
        let place = Place::new(name);
        let path = write(place.path(), "followed", "bad 1\n");
        // Monit had read so far.
        let mut state = MONITS[..16 + 392].to_vec();
        let inode = std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).expect("there"));
        state[16 + 272..16 + 280].copy_from_slice(&inode.to_ne_bytes());
        state[16 + 280..16 + 288].copy_from_slice(&6u64.to_ne_bytes());
        let from = write(place.path(), "monit.state", state);
        write(place.path(), name, format!("check file Alpha with path {path}\n    if match \"bad\" then alert\n"));
        let done = run_in(place.path(), &["import", "--state", &from, &place.rules]);
        assert!(done.out.contains("'Alpha' is monitored; read up to byte 6"), "{}{}", done.out, done.err);
        fs::write(&path, "bad 1\nbad 2\n").expect("written");
        assert_eq!(place.told(), ["Alpha content alert"], "{name}");
        let text = fs::read_to_string(place.at("events")).expect("events");
        assert!(text.contains("bad 2") && !text.contains("bad 1"), "{name}: {text}");
        assert_eq!(place.told(), [""; 0], "{name}");
    }
}
