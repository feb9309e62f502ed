//! Changes of files are seen at once, long before the next cycle; and what they cost.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::rig::{Daemon, until, write};

/// A daemon whose next cycle never comes while a test runs, over a folder of its own.
struct Watched {
    folder: TempDir,
    daemon: Daemon,
}

impl Watched {
    /// Starts it with these rules, in which `@` is the folder, and waits until its first cycle is over.
    fn new(dialect: &str, prepare: impl FnOnce(&Path), rules: &str) -> Watched {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("watched")).expect("a folder");
        prepare(&folder.path().join("watched"));
        let place = folder.path().join("watched").display().to_string();
        let text = format!("set daemon 600\nset alert nobody@localhost\n{}", rules.replace('@', &place));
        let rules = write(folder.path(), "main", text);
        fs::set_permissions(&rules, Permissions::from_mode(0o600)).expect("a mode");
        let events = folder.path().join("events");
        let words = ["-v", "--dry", "--dialect", dialect, "--events", events.to_str().expect("UTF-8"), &rules];
        let daemon = Daemon::start(&words, &folder.path().join("log"));
        let watched = Watched { folder, daemon };
        let first = until(|| watched.daemon.said().contains("cycle 1 is over").then_some(()));
        first.unwrap_or_else(|| panic!("{}", watched.daemon.said()));
        watched
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("watched").join(name)
    }

    fn events(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.folder.path().join("events")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits for the event of this number with this class and state, and returns it.
    fn told(&self, number: usize, class: &str, state: &str) -> serde_json::Value {
        let is_it = |event: &serde_json::Value| event["event"] == class && event["state"] == state;
        until(|| self.events().into_iter().filter(is_it).nth(number - 1))
            .unwrap_or_else(|| panic!("no {class} {state}: {:?}\n{}", self.events(), self.daemon.said()))
    }

    /// The same for what must come out of turn.
    fn told_early(&self, number: usize, class: &str, state: &str) -> serde_json::Value {
        let event = self.told(number, class, state);
        assert_eq!((&event["early"], &event["cycle"]), (&true.into(), &1.into()), "{event}");
        event
    }
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file");
    file.write_all(text.as_bytes()).expect("written");
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

fn plain(folder: &Path, name: &str) {
    append(&folder.join(name), "well\n");
    chmod(&folder.join(name), 0o644);
}

#[test]
fn a_line_in_a_log_is_told_at_once_also_when_the_log_was_rotated() {
    let rules = "check file log with path @/log\n  if content = \"error [0-9]\" then alert\n";
    let watched = Watched::new("rules", |folder| plain(folder, "log"), rules);
    assert!(watched.daemon.said().contains("watching 1 directory for changes of 1 service"));
    let log = watched.path("log");
    append(&log, "all is well\nerror 1\n");
    assert_eq!(watched.told_early(1, "content", "changed")["message"], "content match:\nerror 1");
    fs::rename(&log, watched.path("log.1")).expect("rotated");
    append(&log, "error 2\n");
    assert_eq!(watched.told_early(2, "content", "changed")["message"], "content match:\nerror 2");
    // A cycle reads on where the last look stood.
    append(&log, "error 3\n");
    watched.daemon.signal(Signal::SIGUSR1);
    watched.told(3, "content", "changed");
    until(|| watched.daemon.said().contains("cycle 2 is over").then_some(())).expect("a cycle");
    let lines: Vec<_> =
        watched.events().iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect();
    assert_eq!(lines.iter().filter(|line| line.contains("error")).count(), 3, "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("exist")), "{lines:?}");
}

#[test]
fn another_mode_another_content_and_the_end_of_a_file_are_told_at_once() {
    let rules = "check file f with path @/f\n  if failed permission 0644 then alert\n  if changed checksum then alert\n  \
                 if size > 100 B then alert\n";
    let watched = Watched::new("rules", |folder| plain(folder, "f"), rules);
    let file = watched.path("f");
    chmod(&file, 0o600);
    watched.told_early(1, "permission", "failed");
    // Editors and packages put another file into its place.
    append(&watched.path("new"), &"longer\n".repeat(30));
    chmod(&watched.path("new"), 0o644);
    fs::rename(watched.path("new"), &file).expect("replaced");
    watched.told_early(1, "permission", "succeeded");
    watched.told_early(1, "checksum", "changed");
    watched.told_early(1, "size", "failed");
    // The file that took its place is watched as the first was.
    append(&file, "longer\n");
    watched.told_early(2, "checksum", "changed");
    fs::remove_file(&file).expect("removed");
    watched.told_early(1, "nonexist", "failed");
    plain(&watched.path(""), "f");
    watched.told_early(1, "nonexist", "succeeded");
}

#[test]
fn what_comes_into_a_folder_that_comes_later_is_told_at_once() {
    let rules = "check file f with path @/a/b/f\n  if failed permission 0644 then alert\n";
    let watched = Watched::new("rules", |_| {}, rules);
    watched.told(1, "nonexist", "failed");
    fs::create_dir_all(watched.path("a/b")).expect("folders");
    plain(&watched.path("a/b"), "f");
    watched.told_early(1, "nonexist", "succeeded");
    chmod(&watched.path("a/b/f"), 0o600);
    watched.told_early(1, "permission", "failed");
    // With its folders it goes, and comes back in others.
    fs::remove_dir_all(watched.path("a")).expect("removed");
    watched.told_early(2, "nonexist", "failed");
    fs::create_dir_all(watched.path("a/b")).expect("folders");
    plain(&watched.path("a/b"), "f");
    watched.told_early(2, "nonexist", "succeeded");
    watched.told_early(1, "permission", "succeeded");
}

#[test]
fn what_is_behind_a_link_is_told_at_once_wherever_the_link_points() {
    let releases = |folder: &Path| {
        for name in ["one", "two"] {
            fs::create_dir(folder.join(name)).expect("a folder");
            plain(&folder.join(name), "f");
        }
        symlink("one", folder.join("current")).expect("a link");
        symlink("current/f", folder.join("f")).expect("a link");
    };
    let rules = "check file f with path @/f\n  if failed permission 0644 then alert\n  if size > 100 B then alert\n";
    let watched = Watched::new("rules", releases, rules);
    chmod(&watched.path("one/f"), 0o600);
    watched.told_early(1, "permission", "failed");
    symlink("two", watched.path("next")).expect("a link");
    fs::rename(watched.path("next"), watched.path("current")).expect("turned");
    watched.told_early(1, "permission", "succeeded");
    append(&watched.path("two/f"), &"long\n".repeat(30));
    watched.told_early(1, "size", "failed");
}

#[test]
fn a_directory_and_a_pipe_are_watched_too() {
    let prepare = |folder: &Path| {
        fs::create_dir(folder.join("d")).expect("a folder");
        chmod(&folder.join("d"), 0o755);
        nix::unistd::mkfifo(&folder.join("p"), nix::sys::stat::Mode::from_bits_truncate(0o600)).expect("a pipe");
    };
    let rules = "check directory d with path @/d\n  if failed permission 0755 then alert\n  if changed mtime then alert\n\
                 check fifo p with path @/p\n  if failed permission 0600 then exec /bin/true\n";
    let watched = Watched::new("rules", prepare, rules);
    plain(&watched.path("d"), "new");
    assert_eq!(watched.told_early(1, "timestamp", "changed")["service"], "d");
    chmod(&watched.path("p"), 0o640);
    assert_eq!(watched.told_early(1, "permission", "failed")["service"], "p");
    chmod(&watched.path("d"), 0o700);
    assert_eq!(watched.told_early(2, "permission", "failed")["service"], "d");
}

#[test]
fn a_reload_watches_what_the_new_rules_name() {
    let prepare = |folder: &Path| ["f", "g"].into_iter().for_each(|name| plain(folder, name));
    let rules = |name: &str| format!("check file {name} with path @/{name}\n  if failed permission 0644 then alert\n");
    let watched = Watched::new("rules", prepare, &rules("f"));
    let main = watched.folder.path().join("main");
    let text = fs::read_to_string(&main).expect("the rules");
    let text = text.replace("check file f with", "check file g with").replace("/f\n", "/g\n");
    fs::write(&main, text).expect("other rules");
    watched.daemon.signal(Signal::SIGHUP);
    until(|| watched.daemon.said().contains("reloaded").then_some(())).expect("other rules");
    // The reload makes everything due: that is the second cycle.
    let looked = until(|| watched.daemon.said().contains("cycle 2 is over").then_some(()));
    looked.unwrap_or_else(|| panic!("{}", watched.daemon.said()));
    chmod(&watched.path("f"), 0o600);
    chmod(&watched.path("g"), 0o600);
    let event = watched.told(1, "permission", "failed");
    assert_eq!((&event["service"], &event["early"]), (&"g".into(), &true.into()), "{event}");
    assert!(watched.events().iter().all(|event| event["service"] != "f"), "{:?}", watched.events());
}

#[test]
fn monits_dialect_watches_by_cycles() {
    let rules = "check file f with path @/f\n  if failed permission 0644 then alert\n";
    let watched = Watched::new("monit", |folder| plain(folder, "f"), rules);
    chmod(&watched.path("f"), 0o600);
    watched.daemon.signal(Signal::SIGUSR1);
    let event = watched.told(1, "permission", "failed");
    assert_eq!((&event["early"], &event["cycle"]), (&serde_json::Value::Null, &2.into()));
    assert!(!watched.daemon.said().contains("watching"), "{}", watched.daemon.said());
}
