//! A real Monit and ruled with the same control file: `ruled run --dry` looks on and leaves no trace, and when Monit has ended
//! ruled goes on where it was.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::SystemTime;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::run_in;
use crate::beside_monit::{MONIT, installed, sleeps, state};
use crate::rig::{Daemon, finish, mail_server, until, wait, write};

/// Starts a service, says so, and leaves what runs to a parent that takes leave of it.
const START: &str = "#!/bin/sh\n\
    echo \"$1\" >> '@/starts'\n\
    sh -c 'sleep 611 & echo $! >> @/started; echo $! > @/$0.new; mv @/$0.new @/$0.pid; wait' \"$1\" \\\n\
    < /dev/null > /dev/null 2>&1 &\n";

/// Two services, of which one will be switched off.
const CONTROL: &str = "\
    set daemon 3600\n\
    set log @/monit.log\n\
    set pidfile @/monit.pid\n\
    set idfile @/monit.id\n\
    set statefile @/monit.state\n\
    set mailserver 127.0.0.1 port PORT\n\
    set alert keeper@example.com\n\
    set httpd unixsocket @/monit.sock allow keeper:opensesame\n\
    check process quiet with pidfile @/quiet.pid\n\
    \x20   start program = \"@/start quiet\" with timeout 5 seconds\n\
    check process dead with pidfile @/dead.pid\n\
    \x20   start program = \"@/start dead\" with timeout 5 seconds\n\
    check file app with path @/app.log\n\
    \x20   if match \"bad\" then alert\n\
    check system machine\n\
    \x20   if loadavg (1min) > 9999 then alert\n";

/// What belongs to Monit.
const MONITS: [&str; 5] = ["monit.log", "monit.pid", "monit.id", "monit.state", "monit.sock"];

struct Stage {
    folder: TempDir,
    control: String,
    mails: Receiver<String>,
    monit: Child,
}

impl Stage {
    /// Monit has started both services and sleeps until it is asked.
    fn new() -> Stage {
        let folder = tempfile::Builder::new().prefix("move").tempdir().expect("a folder");
        let here = folder.path().display().to_string();
        let start = write(folder.path(), "start", START.replace('@', &here));
        fs::set_permissions(start, PermissionsExt::from_mode(0o755)).expect("a mode");
        write(folder.path(), "app.log", "bad 0\n");
        let (port, mails) = mail_server();
        let text = CONTROL.replace("keeper@", "keeper%").replace('@', &here).replace("keeper%", "keeper@");
        let control = write(folder.path(), "monitrc", text.replace("PORT", &port.to_string()));
        fs::set_permissions(&control, PermissionsExt::from_mode(0o600)).expect("a mode");
        let said = fs::File::create(folder.path().join("monit.out")).expect("a file");
        let mut command = Command::new(MONIT);
        command
            .args(["-I", "-c", &control])
            .stdin(Stdio::null())
            .stderr(said.try_clone().expect("a copy"))
            .stdout(said);
        let monit = command.spawn().expect("Monit starts");
        let stage = Stage { folder, control, mails, monit };
        until(|| (stage.starts("quiet") + stage.starts("dead") == 2).then_some(())).expect("Monit starts both");
        stage.rests();
        stage
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    /// How often a service was started.
    fn starts(&self, name: &str) -> usize {
        self.read("starts").lines().filter(|line| *line == name).count()
    }

    /// Waits until Monit has nothing to do for an hour.
    fn rests(&self) {
        until(|| sleeps(self.monit.id()).then_some(())).unwrap_or_else(|| panic!("{}", self.read("monit.out")));
    }

    fn ask_monit(&self, words: &[&str]) -> String {
        let mut command = Command::new(MONIT);
        command.args(["-B", "-c", &self.control]).args(words).stdin(Stdio::null());
        let done = finish(command);
        assert_eq!(done.status, 0, "monit {words:?}: {}{}", done.out, done.err);
        done.out
    }

    /// Ends what Monit started, without telling it.
    fn end_services(&self) {
        for pid in self.read("started").lines().filter_map(|line| line.parse().ok()) {
            let is_ours =
                || fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"sleep\x00611"));
            if is_ours() {
                kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is there");
                let number = u32::try_from(pid).expect("a pid");
                until(|| state(number).is_none_or(|state| state == 'Z').then_some(())).expect("it ends");
            }
        }
    }

    /// What of Monit can be seen from outside: the bytes of its files, and when each was written.
    fn monits(&self) -> BTreeMap<&'static str, (u64, SystemTime, Vec<u8>)> {
        let of = |name: &'static str| {
            let path = self.path().join(name);
            let found = fs::symlink_metadata(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            let bytes = if found.is_file() { fs::read(&path).expect("readable") } else { Vec::new() };
            (name, (found.ino(), found.modified().expect("a time"), bytes))
        };
        MONITS.into_iter().map(of).collect()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("a folder").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.monit.kill().ok();
        self.monit.wait().ok();
        self.end_services();
    }
}

#[test]
fn ruled_looks_on_and_then_goes_on() {
    if !installed() {
        return;
    }
    let mut stage = Stage::new();
    stage.ask_monit(&["unmonitor", "quiet"]);
    let summary = until(|| Some(stage.ask_monit(&["summary"])).filter(|text| text.contains("Not monitored")));
    summary.expect("Monit lets go of it");
    stage.rests();
    stage.end_services();
    // Everything that Monit had to say has arrived: it waits for the mail server.
    while stage.mails.try_recv().is_ok() {}
    let (before, names) = (stage.monits(), stage.names());

    // Beside Monit: three cycles of looking.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let events = elsewhere.path().join("events");
    let words = ["-v", "--dry", "--dialect", "monit", "--events", events.to_str().expect("UTF-8"), &stage.control];
    let dry = Daemon::start(&words, &elsewhere.path().join("log"));
    for cycle in 1..=3 {
        let over = until(|| dry.said().contains(&format!("cycle {cycle} is over")).then_some(()));
        over.unwrap_or_else(|| panic!("{}", dry.said()));
        dry.signal(Signal::SIGUSR1);
    }
    let said = dry.said();
    assert_eq!(dry.end(), 0);
    for name in ["quiet", "dead"] {
        let wanted = format!("'{name}' start is not done (dry run): '{}/start {name}'", stage.path().display());
        assert!(said.contains(&wanted), "{wanted}: it says what it would do\n{said}");
    }
    let told = fs::read_to_string(&events).expect("events");
    assert!(told.contains("\"service\":\"dead\",\"event\":\"nonexist\",\"state\":\"failed\""), "{told}");
    assert_eq!((stage.starts("quiet"), stage.starts("dead")), (1, 1), "nothing was run\n{said}");
    let after = stage.monits();
    for (name, found) in &before {
        assert!(after.get(name) == Some(found), "{name} is not as it was\n{said}");
    }
    assert_eq!(stage.names(), names, "nothing was left beside Monit's files");
    assert!(stage.mails.try_recv().is_err(), "a mail came");
    assert!(stage.monit.try_wait().expect("a child").is_none(), "Monit runs");
    assert!(stage.ask_monit(&["summary"]).contains("Not monitored"), "Monit answers");

    // Monit ends, and ruled goes on.
    let refused = run_in(elsewhere.path(), &["import", &stage.control, "--state"]);
    assert!(refused.status == 2 && refused.err.contains("still runs"), "{}{}", refused.out, refused.err);
    stage.ask_monit(&["quit"]);
    wait(&mut stage.monit).expect("Monit ends in time");
    // Monit has told of its end.
    while stage.mails.try_recv().is_ok() {}
    let taken = run_in(elsewhere.path(), &["import", &stage.control, "--state"]);
    assert_eq!(taken.status, 0, "{}", taken.err);
    assert!(taken.out.contains("'quiet' is not monitored, and stays so\n"), "{}", taken.out);
    assert!(taken.out.contains("'dead' is monitored"), "{}", taken.out);
    assert!(taken.out.contains("'app' is monitored; read up to byte 6"), "{}", taken.out);
    write(stage.path(), "app.log", "bad 0\nbad 1\n");
    let words = ["-v", "--dialect", "monit", &stage.control];
    let ours = Daemon::start(&words, &elsewhere.path().join("log"));
    for cycle in 1..=3 {
        let over = until(|| ours.said().contains(&format!("cycle {cycle} is over")).then_some(()));
        over.unwrap_or_else(|| panic!("{}", ours.said()));
        ours.signal(Signal::SIGUSR1);
    }
    let summary = run_in(elsewhere.path(), &["summary", "--config", &stage.control]);
    let quiet = summary.out.lines().find(|line| line.contains("quiet")).unwrap_or_default();
    assert!(quiet.to_lowercase().contains("not monitored"), "{}{}", summary.out, summary.err);
    assert_eq!((stage.starts("quiet"), stage.starts("dead")), (1, 2), "one start, of the one\n{}", ours.said());
    let said = ours.said();
    assert!(said.contains("bad 1") && !said.contains("bad 0"), "what was written meanwhile, and nothing else\n{said}");
    let mail = stage.mails.recv_timeout(crate::rig::PATIENCE).expect("a mail");
    assert!(mail.contains("ruled"), "{mail}");
    // Both write the same line; what Monit says in more lines than one has no time of its own.
    let log = stage.read("monit.log");
    for line in log.lines().filter(|line| line.starts_with('[')) {
        assert!(is_monits(line), "{line}");
    }
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("'dead' process is not running")).collect();
    let [theirs, own] = lines[..] else { panic!("Monit's line, and ruled's\n{log}") };
    assert_eq!(theirs.split_once(']').expect("a time").1, own.split_once(']').expect("a time").1);
    assert_eq!(ours.end(), 0);
}

/// Whether a line has the form of Monit's log: `[2026-11-21T04:26:00+0000] error    : text`.
fn is_monits(line: &str) -> bool {
    let Some((time, rest)) = line.split_once("] ") else { return false };
    let levels = ["error    : ", "warning  : ", "info     : ", "debug    : "];
    let shape: String = time.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let is_time = shape == "[0000-00-00T00:00:00+0000" || shape == "[0000-00-00T00:00:00-0000";
    is_time && levels.iter().any(|level| rest.starts_with(level))
}
