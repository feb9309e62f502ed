//! The examples of `examples/lamp` against the servers of Debian, in both dialects: on a machine of the test's own, that is with
//! processes, network, name and mounts of its own, where failures are provoked one by one.
//!
//! What is done in that machine stands in `lamp/machine.sh`; what of the examples is another there stands in [`CHANGES`].

mod apache;
mod examples;
mod pasted;
mod services;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use nix::sched::{CloneFlags, setns};
use serde_json::Value;
use tempfile::TempDir;

use crate::peers::installed;
use crate::rig::{Finished, finish, mail_server, skip, until, write};

/// The dialects, by the ends of the files' names.
const DIALECTS: [(&str, &str); 2] = [("rules", "rules"), ("monit", "monitrc")];

/// What is another in the machine of the test than in the examples: cycles and times are short, limits are low, and the load of
/// the machine below counts for nothing. A kernel without RAID has no list of it, but another file that has no size.
const CHANGES: [(&str, &str); 17] = [
    ("set daemon 30 with start delay 60", "set daemon 1"),
    ("set daemon 30", "set daemon 1"),
    ("set mailserver localhost, mail.example.com port 587", "set mailserver 127.0.0.1 port {mail}"),
    ("set mailserver localhost", "set mailserver 127.0.0.1 port {mail}"),
    ("include services.d/", "include {here}/examples/services.d/"),
    ("memory usage > 90%", "memory usage > 100%"),
    ("cpu usage (user) > 85%", "cpu usage (user) > 100%"),
    ("cpu usage (system) > 40%", "cpu usage (system) > 100%"),
    ("cpu usage (wait) > 30%", "cpu usage (wait) > 100%"),
    ("cpu usage > 95%", "cpu usage > 100%"),
    ("ping count 3 with timeout 5 seconds", "ping count 1 with timeout 1 second"),
    ("with timeout 10 seconds for", "with timeout 1 second for"),
    ("with timeout 30 seconds", "with timeout 5 seconds"),
    ("with timeout 60 seconds", "with timeout 15 seconds"),
    ("total memory usage > 1 GB", "total memory usage > 150 MB"),
    ("older than 90 minutes", "older than 4 seconds"),
    ("/proc/mdstat", "/proc/sys/kernel/domainname"),
];

/// Where Debian's packages have them.
const PROGRAMS: [&str; 6] = [
    "/usr/sbin/apache2",
    "/usr/sbin/mariadbd",
    "/usr/sbin/named",
    "/usr/sbin/sshd",
    "/usr/lib/nagios/plugins/check_file_age",
    "/usr/sbin/ip",
];

/// The folder of the examples.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/lamp")
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Does the same in both dialects, side by side.
fn in_both_dialects(example: &str, test: impl Fn(&Machine) + Sync) {
    thread::scope(|scope| {
        let test = &test;
        let run = |dialect| move || Machine::start(example, dialect).as_ref().map(test);
        let both = DIALECTS.map(|dialect| scope.spawn(run(dialect)));
        for one in both {
            if let Err(panic) = one.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// A machine of the test's own, in which ruled runs one of the examples. Whatever runs there ends with it.
struct Machine {
    folder: TempDir,
    child: Child,
    dialect: &'static str,
    rules: String,
    mails: Receiver<String>,
    arrived: Mutex<Vec<String>>,
    /// How many events of each service were looked at.
    seen: Mutex<BTreeMap<String, usize>>,
}

impl Machine {
    /// Starts it, and ruled over one of the examples; nothing where this is not allowed, which is said loudly.
    fn start(example: &str, (dialect, ending): (&'static str, &str)) -> Option<Machine> {
        if !PROGRAMS.iter().all(|program| installed(program)) || !may_unshare() {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("lamp").tempdir().expect("a folder");
        let here = folder.path();
        fs::set_permissions(here, PermissionsExt::from_mode(0o755)).expect("a mode");
        for name in ["machine.sh", "systemctl", "filter"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/world/lamp").join(name);
            fs::copy(from, here.join(name)).expect("a program");
        }
        let rules = here.join("examples").join(format!("{example}.{ending}")).display().to_string();
        let out = File::create(here.join("out")).expect("a file");
        let child = unshare()
            .args(["sh", "./machine.sh"])
            .current_dir(here)
            .env("RULED", env!("CARGO_BIN_EXE_ruled"))
            .env("RULES", &rules)
            .env("DIALECT", dialect)
            .env("EXAMPLE", example)
            .env("RUNTIME_DIRECTORY", here)
            .env("STATE_DIRECTORY", here)
            .env("NO_COLOR", "1")
            .stdout(out.try_clone().expect("a copy"))
            .stderr(out)
            .spawn()
            .expect("unshare starts");
        let (arrived, seen) = (Mutex::default(), Mutex::default());
        let mut machine = Machine { folder, child, dialect, rules, mails: channel().1, arrived, seen };
        let is_ready = until(|| machine.path("ready").exists().then_some(()));
        assert!(is_ready.is_some(), "the machine does not come up:\n{}", machine.said());
        let (port, mails) = machine.mail_server();
        machine.mails = mails;
        machine.adapt(port);
        write(machine.folder.path(), "go", "");
        Some(machine)
    }

    /// A mail server in the network of the machine: a network is that of a thread and of what it opens.
    fn mail_server(&self) -> (u16, Receiver<String>) {
        let network = File::open(format!("/proc/{}/ns/net", self.child.id())).expect("its network");
        let inside = thread::spawn(move || {
            setns(network, CloneFlags::CLONE_NEWNET).expect("this network may be entered");
            mail_server()
        });
        inside.join().expect("a mail server")
    }

    /// Writes the example as it is to be in this machine.
    fn adapt(&self, port: u16) {
        let all = files(&examples());
        let texts: Vec<String> = all.iter().map(|path| fs::read_to_string(path).expect("an example")).collect();
        for (from, _) in CHANGES {
            assert!(texts.iter().any(|text| text.contains(from)), "no example says `{from}` any more");
        }
        for (path, text) in all.iter().zip(texts) {
            let name = path.strip_prefix(examples()).expect("an example");
            let to = self.path("examples").join(name);
            let text = CHANGES.iter().fold(text, |text, (from, to)| text.replace(from, to));
            let here = self.folder.path().display().to_string();
            let text = text.replace("{here}", &here).replace("{mail}", &port.to_string());
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            fs::write(&to, text).expect("an example");
            fs::set_permissions(&to, PermissionsExt::from_mode(0o600)).expect("a mode");
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// What ruled and the machine said.
    fn said(&self) -> String {
        format!("in the dialect {}:\n{}\n{}\n{}", self.dialect, self.read("out"), self.read("log"), self.read("events"))
    }

    /// Runs a line of `sh` in the machine.
    fn runs(&self, line: &str) -> Finished {
        let pid = self.child.id();
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={pid}")).args(["--mount", "--net", "--uts"]);
        command.arg(format!("--pid=/proc/{pid}/ns/pid_for_children")).args(["sh", "-c", line]);
        command.env("RUNTIME_DIRECTORY", self.folder.path()).env("NO_COLOR", "1").stdin(Stdio::null());
        finish(command)
    }

    /// The same for what has to succeed; what it printed.
    #[track_caller]
    fn does(&self, line: &str) -> String {
        let done = self.runs(line);
        assert_eq!(done.status, 0, "`{line}`: {}{}\n{}", done.out, done.err, self.said());
        done.out
    }

    /// Ends the whole of a server at once: the process that a pid file names, and its group.
    #[track_caller]
    fn kills(&self, pidfile: &str) {
        self.does(&format!("kill -KILL -$(cat {pidfile})"));
    }

    /// The state that `ruled status` says of a service.
    #[track_caller]
    fn service(&self, name: &str) -> Value {
        let ruled = env!("CARGO_BIN_EXE_ruled");
        let text = self.does(&format!("{ruled} status --json --config {} {name}", self.rules));
        serde_json::from_str::<Value>(&text).expect("JSON")["services"][0].clone()
    }

    fn events(&self, service: &str) -> Vec<Value> {
        let text = self.read("events");
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["service"] == service).collect()
    }

    /// Waits until this is told of a service, after what was waited for before: an event and its state.
    #[track_caller]
    fn tells(&self, service: &str, words: &str) -> Value {
        let from = self.seen.lock().expect("no panic").get(service).copied().unwrap_or(0);
        let is_meant = |event: &Value| {
            let word = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", word("event"), word("state")) == words
        };
        let found = until(|| {
            let events = self.events(service);
            let at = events.iter().skip(from).position(is_meant)?;
            Some((from + at, events[from + at].clone()))
        });
        let Some((at, event)) = found else { panic!("'{service}' {words} is not told\n{}", self.said()) };
        self.seen.lock().expect("no panic").insert(service.to_owned(), at + 1);
        event
    }

    /// The same, and that the message says this.
    #[track_caller]
    fn tells_that(&self, service: &str, words: &str, message: &str) -> Value {
        let event = self.tells(service, words);
        let said = event["message"].as_str().unwrap_or_default();
        assert!(said.contains(message), "`{message}` is missing from `{said}`");
        event
    }

    /// Waits until a service runs, and has been seen to.
    #[track_caller]
    fn comes_up(&self, service: &str) {
        self.tells(service, "nonexist failed");
        self.tells(service, "nonexist succeeded");
    }

    /// The cycle that is over.
    fn cycle(&self) -> usize {
        let log = self.read("log");
        let over = log.lines().filter_map(|line| line.strip_suffix(" is over")?.rsplit_once("cycle ")?.1.parse().ok());
        over.max().unwrap_or(0)
    }

    /// Waits for so many whole cycles.
    #[track_caller]
    fn passes(&self, cycles: usize) {
        let end = self.cycle() + cycles + 1;
        assert!(until(|| (self.cycle() >= end).then_some(())).is_some(), "cycles go on\n{}", self.said());
    }

    /// Waits for a mail to somebody that has this in it.
    #[track_caller]
    fn mails(&self, recipient: &str, words: &str) -> String {
        let recipient = format!("To: {recipient}");
        let found = until(|| {
            let mut arrived = self.arrived.lock().expect("no panic");
            arrived.extend(self.mails.try_iter());
            arrived.iter().find(|mail| mail.contains(&recipient) && mail.contains(words)).cloned()
        });
        found.unwrap_or_else(|| {
            panic!("no mail to {recipient} with `{words}` among {:#?}\n{}", self.arrived, self.said())
        })
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // All that runs there ends with its first process.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs what follows in a machine of its own.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--uts", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]).stdin(Stdio::null());
    command
}

/// Whether this test may make machines of its own.
fn may_unshare() -> bool {
    let mut command = unshare();
    command.args(["mount", "-t", "tmpfs", "test", "/srv"]);
    let done = finish(command);
    if done.status != 0 {
        skip(&format!("no machine of the test's own may be made here: {}", done.err));
    }
    done.status == 0
}
