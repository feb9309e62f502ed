//! ruled in a world of processes of its own, in which numbers can be given again.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::rig::{finish, until, wait, write};

/// Whether this test may make worlds of processes. A container may forbid it to root, so this is no failure in continuous
/// integration either.
fn may_unshare() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "true"]).stdin(Stdio::null());
    let done = finish(command);
    if done.status != 0 {
        println!("SKIPPED: no world of processes of the test's own may be made here: {}", done.err);
    }
    done.status == 0
}

/// A world of processes; all of them end with it.
struct Namespace {
    folder: TempDir,
    child: Child,
}

impl Namespace {
    /// Runs a script of `sh` as the first process there, in a folder with the rules `rules` and the program `ruled`.
    fn new(rules: &str, script: &str) -> Option<Namespace> {
        if !may_unshare() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("namespace").tempdir().expect("a folder");
        write(folder.path(), "test.rules", rules.replace("{here}", folder.path().to_str().expect("UTF-8")));
        write(folder.path(), "script", script);
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let child = Command::new("unshare")
            .args(["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "./script"])
            .current_dir(folder.path())
            .env("RULED", env!("CARGO_BIN_EXE_ruled"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a copy"))
            .stderr(log)
            .spawn()
            .expect("unshare starts");
        Some(Namespace { folder, child })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    fn said(&self) -> String {
        self.read("log")
    }

    /// Lets the script go on that waits for this file.
    fn go_on(&self, name: &str) {
        write(self.path(), name, "");
    }

    #[track_caller]
    fn says(&self, words: &str, times: usize) {
        let seen = until(|| (self.said().matches(words).count() >= times).then_some(()));
        assert!(seen.is_some(), "not said: {words}\n{}", self.said());
    }

    /// The events of a service, as event and state.
    fn events(&self, service: &str) -> Vec<String> {
        let text = self.read("events");
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let word = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let mine = events.filter(|event| event["service"] == service);
        mine.map(|event| format!("{} {}", word(&event, "event"), word(&event, "state"))).collect()
    }

    /// Waits for the end of the script; its exit status.
    fn end(&mut self) -> i32 {
        wait(&mut self.child).expect("it ends in time")
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // All that runs there ends with its first process.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The number of a service is given to another program.
const REUSE: &str = r#"
waits() { while [ ! -e "$1" ]; do sleep 0.05; done; }
sleep 600 & one=$!
echo $one >pid
"$RULED" run -vv --events events test.rules & daemon=$!
waits kill
kill -9 $one; wait $one
waits reuse
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    echo $((one - 1)) >/proc/sys/kernel/ns_last_pid || exit 77
    tail -f /dev/null & two=$!
    [ $two = $one ] && break
    kill $two; wait $two
done
[ $two = $one ] && echo reused
waits rewrite
echo $two >pid
waits end
kill $daemon; wait $daemon
"#;

#[test]
fn a_number_that_is_given_again_is_no_service() {
    let rules = "set daemon 1\ncheck process s with pidfile {here}/pid\n  if does not exist then alert\n";
    let Some(mut world) = Namespace::new(rules, REUSE) else { return };
    world.says("'s' pid ", 2);
    world.go_on("kill");
    until(|| (world.events("s") == ["nonexist failed"]).then_some(())).unwrap_or_else(|| panic!("{}", world.said()));
    world.go_on("reuse");
    world.says("reused\n", 1);
    world.says("was sleep and has ended; tail has the number by now", 3);
    assert_eq!(world.events("s"), ["nonexist failed"], "{}", world.said());
    // Whoever writes the number anew means the process that has it.
    world.go_on("rewrite");
    let seen = until(|| (world.events("s") == ["nonexist failed", "nonexist succeeded"]).then_some(()));
    seen.unwrap_or_else(|| panic!("{}", world.said()));
    world.go_on("end");
    assert_eq!(world.end(), 0, "{}", world.said());
}
