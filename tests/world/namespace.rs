//! ruled in a world of processes of its own, in which numbers can be given again.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ruled::observe::procfs::{self, ProcessStat};
use serde_json::Value;
use tempfile::TempDir;

use crate::rig::{finish, skip, until, wait, write};

/// Whether this test may make worlds of processes. A container may forbid it to root, so this is no failure in continuous
/// integration either.
fn may_unshare() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "true"]).stdin(Stdio::null());
    let done = finish(command);
    if done.status != 0 {
        skip(&format!("no world of processes of the test's own may be made here: {}", done.err));
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
        Namespace::prepared(rules, script, |_| ())
    }

    /// The same in a folder that is prepared first.
    fn prepared(rules: &str, script: &str, prepare: impl FnOnce(&Path)) -> Option<Namespace> {
        if !may_unshare() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("namespace").tempdir().expect("a folder");
        write(folder.path(), "test.rules", rules.replace("{here}", folder.path().to_str().expect("UTF-8")));
        write(folder.path(), "script", script);
        prepare(folder.path());
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let child = Command::new("unshare")
            .args(["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "./script"])
            .current_dir(folder.path())
            .env("RULED", env!("CARGO_BIN_EXE_ruled"))
            .env("RUNTIME_DIRECTORY", folder.path())
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

/// Runs ruled where the uptime is not the one that start times of processes count from.
const CONTAINER: &str = r#"
echo 5.00 1.00 >uptime
mount --bind uptime /proc/uptime || exit 77
cat >service <<'END'
#!/bin/sh
cd "$(dirname "$0")"
[ -e worker ] && kill -0 $(cat worker) && echo overlap >>starts
sleep 600 & echo $! >worker
echo $$ >pid.new; mv pid.new pid; echo started >>starts
wait
END
chmod 755 service
"$RULED" run -v --events events test.rules & daemon=$!
waits() { while [ ! -e "$1" ]; do sleep 0.05; done; }
waits kill
kill -9 $(cat pid)
waits end
kill $daemon; wait $daemon
"#;

#[test]
fn a_container_s_own_uptime_makes_no_process_younger() {
    let rules = "set daemon 1\ncheck process s with pidfile {here}/pid\n  start program = \"{here}/service\"\n  \
                 if uptime > 2 seconds then alert\n";
    let Some(mut world) = Namespace::new(rules, CONTAINER) else { return };
    let is_old = || world.events("s").iter().any(|event| event == "uptime failed").then_some(());
    until(is_old).unwrap_or_else(|| panic!("{}", world.said()));
    // Who was there when it was killed is known by his start time.
    world.go_on("kill");
    until(|| (world.read("starts").lines().count() >= 2).then_some(())).unwrap_or_else(|| panic!("{}", world.said()));
    assert_eq!(world.read("starts"), "started\nstarted\n", "{}", world.said());
    world.go_on("end");
    assert_eq!(world.end(), 0, "{}", world.said());
}

/// Becomes ruled, with children that have ended and that nobody took leave of.
const FIRST: &str = r#"
sh -c 'exit 3' &
sleep 0.2
exec "$RULED" run -v --events events test.rules
"#;

/// Starts and stops services, and leaves orphans behind.
const SERVICE: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
echo "$1 $2" >>deeds
case $1 in
start)
    sh -c 'echo $$ >"'$2'.new"; mv "'$2'.new" "'$2'.pid"; trap "echo $0 ended >>deeds; exit" TERM; while :; do sleep 0.1; done' $2 \
        </dev/null >/dev/null 2>&1 &
    # A child whose parent does not wait for it.
    (sleep 0.3 </dev/null >/dev/null 2>&1 &) ;;
stop) kill "$(cat $2.pid)" ;;
esac
"#;

/// The processes below this one, as the machine sees them.
fn below(pid: u32) -> Vec<ProcessStat> {
    let all = procfs::pids().expect("readable").into_iter().filter_map(|pid| procfs::process(pid).ok().flatten());
    all.filter(|process| process.parent == pid).collect()
}

/// Starts ruled as the first process, with three services that need each other; its number for the machine.
fn first(dialect: &str) -> Option<(Namespace, u32)> {
    let service = |name: &str, rest: &str| {
        format!(
            "check process {name} with pidfile {{here}}/{name}.pid\n  start program = \"{{here}}/service start {name}\"\n  {rest}\n"
        )
    };
    let stop = |name: &str| format!("stop program = \"{{here}}/service stop {name}\"");
    let web = service("web", &format!("{}\n  depends on app", stop("web")));
    let (app, db) = (service("app", "depends on db"), service("db", &stop("db")));
    let rules = format!("set daemon 1\n{web}{db}{app}");
    let world = Namespace::prepared(&rules, FIRST, |folder| {
        let service = write(folder, "service", SERVICE);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(service, mode).expect("a mode");
        if dialect == "monit" {
            fs::rename(folder.join("test.rules"), folder.join("test.monitrc")).expect("renamed");
            let script = FIRST.replace("test.rules", "--dialect monit test.monitrc");
            write(folder, "script", script);
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(folder.join("test.monitrc"), mode).expect("a mode");
        }
    })?;
    let is_first = |process: &ProcessStat| process.name == "ruled";
    let first = until(|| below(world.child.id()).into_iter().find(is_first).map(|process| process.pid));
    let first = first.unwrap_or_else(|| panic!("it does not start:\n{}", world.said()));
    Some((world, first))
}

#[test]
fn as_the_first_process_it_takes_leave_of_all_and_stops_its_services_in_order() {
    for dialect in ["rules", "monit"] {
        let Some((mut world, first)) = first(dialect) else { return };
        for name in ["db", "app", "web"] {
            let up = || world.path().join(format!("{name}.pid")).exists().then_some(());
            until(up).unwrap_or_else(|| panic!("{name} does not come up:\n{}", world.said()));
        }
        let up = || (world.events("db").last().map(String::as_str) == Some("nonexist succeeded")).then_some(());
        until(up).unwrap_or_else(|| panic!("{}", world.said()));
        // Orphans, those from before and those that services left behind, are buried.
        let zombies = || below(first).iter().filter(|process| process.has_ended()).count();
        let sleepers = || below(first).iter().filter(|process| process.name == "sleep").count();
        until(|| (zombies() == 0 && sleepers() == 0).then_some(())).unwrap_or_else(|| panic!("{:?}", below(first)));
        let started = world.read("deeds");
        assert!(started.starts_with("start db\nstart app\nstart web\n"), "{started}");

        let pid = nix::unistd::Pid::from_raw(i32::try_from(first).expect("a pid"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("it is there");
        assert_eq!(world.end(), 0, "{}", world.said());
        let ended: Vec<String> = world.read("deeds").lines().skip(3).map(str::to_owned).collect();
        // That which has no stop program is ended by a signal in our dialect; Monit leaves it to the end of all.
        let wanted: &[&str] = match dialect {
            "rules" => &["stop web", "web ended", "app ended", "stop db", "db ended"],
            _ => &["stop web", "web ended", "stop db", "db ended"],
        };
        assert_eq!(ended, wanted, "{dialect}:\n{}", world.said());
        assert!(world.said().contains("all services are stopped"), "{}", world.said());
        assert!(world.read("events").contains("\"event\":\"instance\",\"state\":\"changed\",\"action\":\"stop\""));
    }
}

#[test]
fn whoever_asks_twice_does_not_want_to_wait() {
    let Some((mut world, first)) = first("rules") else { return };
    world.says("'db' start", 1);
    let up = || (world.events("db").last().map(String::as_str) == Some("nonexist succeeded")).then_some(());
    until(up).unwrap_or_else(|| panic!("{}", world.said()));
    // Its stop program does not end it.
    write(world.path(), "service", "#!/bin/sh\nexec sleep 600\n");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(first).expect("a pid"));
    let terminate = || nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("it is there");
    terminate();
    world.says("all services are stopped", 1);
    terminate();
    assert_eq!(world.end(), 0, "{}", world.said());
}
