//! What programs find in their environment, beside Monit: the same names with the same values, and each of them as `RULED_…`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::compare;
use super::monit::MONIT;
use crate::rig::{Daemon, finish, ruled, until, wait, write};

/// A program that writes down what it finds and does what it is told: come up, go down, or end with a status.
const RECORD: &str = "#!/bin/sh\n\
    env >HERE/$1.new; mv HERE/$1.new HERE/$1.env; echo >>HERE/$1.times\n\
    case $2 in\n\
    up) setsid sh -c 'sleep 600 & sleep 600 & wait' </dev/null >/dev/null 2>&1 & echo $! >HERE/$3.pid ;;\n\
    down) kill -9 -$(cat HERE/$3.pid); rm HERE/$3.pid ;;\n\
    exit) exit $3 ;;\n\
    esac\n";

const RULES: &str = "\
    check process up with pidfile HERE/up.pid\n    \
        start program = \"HERE/record start-up up up\"\n    stop program = \"HERE/record stop-up down up\"\n    \
        if cpu > 900% then alert\n    \
        if children > 1 then exec \"HERE/record exec-up\" repeat every 1 cycles\n\
    check process again with pidfile HERE/again.pid\n    \
        start program = \"HERE/record start-again up again\"\n    restart program = \"HERE/record restart-again up again\"\n    \
        if cpu > 900% then alert\n    if not exist then alert\n\
    check process missing with pidfile HERE/missing.pid\n    \
        if not exist then exec \"HERE/record exec-missing\"\n\
    check file data with path HERE/data\n    \
        start program = \"HERE/record start-data\"\n    stop program = \"HERE/record stop-data\"\n    \
        if size > 1 B then exec \"HERE/record exec-data\"\n\
    check program ends with path \"HERE/record check-ends exit 3\"\n    \
        start program = \"HERE/record start-ends\"\n    \
        if status != 0 then exec \"HERE/record exec-ends\"\n\
    check program idle with path \"HERE/record check-idle exit 5\"\n    onreboot nostart\n    \
        start program = \"HERE/record start-idle\"\n    if status > 100 then alert\n";

/// What a program found: the variables of the two prefixes, without them.
type Found = BTreeMap<String, String>;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::Builder::new().prefix("environment").tempdir().expect("a folder");
        let place = Place { folder };
        let record = write(place.path(), "record", place.fill(RECORD));
        fs::set_permissions(record, PermissionsExt::from_mode(0o755)).expect("a mode");
        write(place.path(), "data", "some data\n");
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn fill(&self, text: &str) -> String {
        text.replace("HERE", self.path().to_str().expect("UTF-8"))
    }

    /// Leads a daemon through what is to be seen; `ask` hands it an action and a service.
    fn lead(&self, said: &dyn Fn() -> String, ask: &dyn Fn(&str, &str)) -> BTreeMap<String, [Found; 2]> {
        let times = |name: &str| fs::read(self.path().join(format!("{name}.times"))).unwrap_or_default().len();
        let runs = |name: &str, least: usize| {
            let seen = until(|| (times(name) >= least).then_some(()));
            assert!(seen.is_some(), "{name} is not run {least} times:\n{}", said());
        };
        // By then figures that need two cycles are known.
        runs("exec-up", 4);
        for name in ["start-up", "exec-missing", "exec-data", "exec-ends", "check-ends"] {
            runs(name, 1);
        }
        for (action, service, name) in [
            ("start", "again", "start-again"),
            ("stop", "data", "stop-data"),
            ("start", "data", "start-data"),
            ("start", "ends", "start-ends"),
            ("start", "idle", "start-idle"),
            ("restart", "again", "restart-again"),
            ("stop", "up", "stop-up"),
        ] {
            if name == "restart-again" {
                // By then its process was seen, and its figures are known.
                runs("exec-up", times("exec-up") + 4);
            }
            let before = times(name);
            ask(action, service);
            runs(name, before + 1);
        }
        let names = fs::read_dir(self.path()).expect("a folder").flatten().map(|entry| entry.path());
        let records = names.filter(|path| path.extension().is_some_and(|end| end == "env"));
        records
            .map(|path| {
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).expect("a record");
                (name, ["MONIT_", "RULED_"].map(|prefix| found(&text, prefix, &self.fill("HERE"))))
            })
            .collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for name in ["up", "again"] {
            let text = fs::read_to_string(self.path().join(format!("{name}.pid"))).unwrap_or_default();
            if let Ok(pid) = text.trim().parse::<i32>()
                && pid > 1
            {
                // It leads a session of its own, and so a group.
                killpg(Pid::from_raw(pid), Signal::SIGKILL).ok();
            }
        }
    }
}

/// The variables with this prefix. What differs from one run to the next is told by its kind.
fn found(text: &str, prefix: &str, here: &str) -> Found {
    let variables = text.lines().filter_map(|line| line.strip_prefix(prefix)?.split_once('='));
    let kind = |value: &str| match value.parse::<f64>() {
        Ok(number) if number > 0.0 => "some".to_owned(),
        _ => value.to_owned(),
    };
    let plain = |(name, value): (&str, &str)| {
        let value = match name {
            "PROCESS_PID" | "PROCESS_MEMORY" => kind(value),
            "PROCESS_CPU_PERCENT" => {
                value.parse::<f64>().map_or("none", |part| if part < 0.0 { "-1.0" } else { "some" }).to_owned()
            }
            // `Sun, 22 Nov 2026 01:07:27`
            "DATE" => value
                .chars()
                .map(|one| {
                    if one.is_ascii_digit() {
                        '0'
                    } else if one.is_ascii_alphabetic() {
                        'a'
                    } else {
                        one
                    }
                })
                .collect(),
            _ => value.replace(here, "HERE"),
        };
        (name.to_owned(), value)
    };
    variables.map(plain).filter(|(name, _)| name != "INTENT_PATIENCE_MS").collect()
}

/// A running Monit; ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        nix::sys::signal::kill(Pid::from_raw(i32::try_from(self.0.id()).expect("a pid")), Signal::SIGTERM).ok();
        wait(&mut self.0);
    }
}

fn monit() -> BTreeMap<String, [Found; 2]> {
    let place = Place::new();
    let own = "set daemon 1\nset log HERE/monit.log\nset pidfile HERE/monit.pid\nset idfile HERE/monit.id\n\
               set statefile HERE/monit.state\nset httpd unixsocket HERE/monit.sock allow keeper:opensesame\n";
    let control = write(place.path(), "control", place.fill(own) + &place.fill(RULES));
    fs::set_permissions(&control, PermissionsExt::from_mode(0o600)).expect("a mode");
    let log = fs::File::create(place.path().join("out")).expect("a file");
    let mut command = Command::new(MONIT);
    command.args(["-I", "-c", &control]).stdin(Stdio::null()).stdout(log.try_clone().expect("a copy")).stderr(log);
    let running = Running(command.spawn().expect("Monit starts"));
    let said = || fs::read_to_string(place.path().join("out")).unwrap_or_default();
    let ask = |action: &str, service: &str| {
        let mut command = Command::new(MONIT);
        command.args(["-c", &control, action, service]).stdin(Stdio::null());
        let done = finish(command);
        assert_eq!(done.status, 0, "{action} {service}: {}{}", done.out, done.err);
    };
    let all = place.lead(&said, &ask);
    drop(running);
    all
}

fn ours(dialect: &str) -> BTreeMap<String, [Found; 2]> {
    let place = Place::new();
    let text = format!("set daemon 1\nset pidfile HERE/ruled.pid\n{RULES}");
    let control = write(place.path(), "control", place.fill(&text));
    let daemon = Daemon::start(&["-v", "--dialect", dialect, &control], &place.path().join("log"));
    let ask = |action: &str, service: &str| {
        let mut command = ruled(&[action, "--no-wait", "--config", &control, service]);
        command.env("RUNTIME_DIRECTORY", place.path());
        let done = finish(command);
        assert_eq!(done.status, 0, "{action} {service}: {}{}", done.out, done.err);
    };
    place.lead(&|| daemon.said(), &ask)
}

#[test]
fn programs_find_what_monit_hands_them_under_both_names() {
    let ruled = ours("monit");
    for (name, [theirs, own]) in &ruled {
        assert_eq!(theirs, own, "{name}");
        assert!(theirs.contains_key("SERVICE"), "{name}: {theirs:?}");
    }
    let rules = ours("rules");
    let start = &rules["start-again"][0];
    assert_eq!((start["EVENT"].as_str(), start["DESCRIPTION"].as_str()), ("Action done", "start on user request"));
    let names = |found: &BTreeMap<String, [Found; 2]>| -> BTreeMap<String, Vec<String>> {
        found.iter().map(|(name, [all, _])| (name.clone(), all.keys().cloned().collect())).collect()
    };
    assert_eq!(names(&rules), names(&ruled), "our dialect says more in some, but hands over the same");
    if !compare::installed() {
        println!("programs were not compared with those of Monit: MONIT IS MISSING");
        return;
    }
    let monit = monit();
    assert_eq!(names(&monit), names(&ruled));
    for (name, [theirs, _]) in &monit {
        assert_eq!(&ruled[name][0], theirs, "{name}");
    }
}
