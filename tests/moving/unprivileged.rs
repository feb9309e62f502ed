//! ruled as an ordinary user: what such a one may do works, and what needs more is said.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::rig::{Finished, finish, skip, until, wait, write};
use crate::world::Started;

/// The user and group `nobody`.
const NOBODY: u32 = 65_534;

/// Somebody's home, and everything that is theirs.
struct Home {
    folder: TempDir,
    /// Beside `HOME`.
    environment: Vec<(&'static str, PathBuf)>,
}

impl Home {
    fn new(environment: &[(&'static str, &str)]) -> Home {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = environment.iter().map(|(name, place)| (*name, folder.path().join(place))).collect();
        let home = Home { folder, environment };
        home.give(home.path());
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn at(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }

    /// Makes a file or folder that of the user.
    fn give(&self, path: &Path) {
        if nix::unistd::geteuid().is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("root gives files away");
        }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = write(self.path(), name, text.replace('@', &self.path().display().to_string()));
        self.give(Path::new(&path));
        path
    }

    /// ruled as that user, with the environment of a login and nothing else; root becomes nobody for it.
    fn ruled(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ruled"));
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.path()).current_dir("/");
        command.envs(self.environment.iter().map(|(name, place)| (name, place))).stdin(Stdio::null());
        if nix::unistd::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn run(&self, words: &[&str]) -> Finished {
        finish(self.ruled(words))
    }

    /// Whether that user may run the program at all.
    fn may_run(&self) -> bool {
        let may = self.ruled(&["--version"]).stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        if !may {
            skip("another user may not run the program from here");
        }
        may
    }

    fn start(&self, rules: &str) -> Running<'_> {
        let said = fs::File::create(self.path().join("said")).expect("a file");
        let child = self.ruled(&["run", "-v", rules]).stdout(Stdio::null()).stderr(said).spawn().expect("ruled runs");
        let running = Running { home: self, child };
        running.says("cycle 1 is over");
        running
    }
}

struct Running<'a> {
    home: &'a Home,
    child: Child,
}

impl Running<'_> {
    fn said(&self) -> String {
        fs::read_to_string(self.home.path().join("said")).unwrap_or_default()
    }

    fn says(&self, words: &str) {
        let says = until(|| self.said().contains(words).then_some(()));
        says.unwrap_or_else(|| panic!("{words:?} is not said:\n{}", self.said()));
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn what_an_ordinary_user_may_do_works() {
    for (environment, state, runtime) in [
        (&[][..], ".local/state/ruled", ".local/state/ruled"),
        (&[("XDG_STATE_HOME", "states"), ("XDG_RUNTIME_DIR", "run")], "states/ruled", "run/ruled"),
    ] {
        let home = Home::new(environment);
        if !home.may_run() {
            return;
        }
        for (_, folder) in &home.environment {
            fs::create_dir(folder).expect("a folder");
            home.give(folder);
        }
        let start = "#!/bin/sh\nsleep 612 < /dev/null > /dev/null 2>&1 &\necho $! > @/p.pid\n";
        let start = home.write("start", start);
        fs::set_permissions(&start, fs::Permissions::from_mode(0o755)).expect("a mode");
        let rules = home.write(
            "main.rules",
            "set daemon 3600\nset log @/ruled.log\nset pidfile @/ruled.pid\n\
             check process p with pidfile @/p.pid\n    start program = \"@/start\" with timeout 5 seconds\n    \
             if memory > 10 GB then alert\n\
             check filesystem root with path /\n    if space usage > 101% then alert\n\
             check system machine\n    if memory usage > 101% then alert\n\
             check program ends with path /bin/true\n    if status != 0 then alert\n",
        );
        let mut running = home.start(&rules);
        let status = || home.run(&["status", "--config", &rules, "p"]);
        let is_up = until(|| {
            home.run(&["validate", "--config", &rules]);
            Some(status()).filter(|found| found.out.contains("OK"))
        });
        is_up.unwrap_or_else(|| panic!("{}{}{}", status().out, status().err, running.said()));
        let name = rules.trim_start_matches('/').replace('/', "-");
        for (place, file, mode) in [
            (state, format!("{name}.state"), 0o600),
            (runtime, format!("{name}.sock"), 0o600),
            (runtime, format!("{name}.lock"), 0o600),
        ] {
            let path = home.path().join(place).join(file);
            let found = fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(found.mode() & 0o777, mode, "{}", path.display());
        }
        let pid = fs::read_to_string(home.at("ruled.pid")).expect("a pid file");
        assert_eq!(pid.trim(), running.child.id().to_string());
        assert!(fs::read_to_string(home.at("ruled.log")).expect("a log").contains("'p' start"));
        for words in [&["stop", "p"][..], &["unmonitor", "root"], &["reload"], &["validate"]] {
            let done = home.run(&[words, &["--config", &rules]].concat());
            assert!(done.status == 0, "{words:?}: {}{}\n{}", done.out, done.err, running.said());
        }
        assert_eq!(home.run(&["quit", "--config", &rules]).status, 0);
        assert_eq!(wait(&mut running.child), Some(0));
        assert!(!Path::new(&home.at("ruled.pid")).exists(), "{}", running.said());
        // Control groups are root's unless somebody hands them out; that is said to who wants to know all.
        let said = running.said();
        let complaints = said.lines().filter(|line| line.contains("cannot") && !line.contains("no control groups"));
        assert_eq!(complaints.count(), 0, "{said}");
        // What was switched off by hand stays so, in a place of the user's.
        let running = home.start(&rules);
        assert!(home.run(&["summary", "--config", &rules]).out.contains("Not monitored"), "{}", running.said());
        let pid = fs::read_to_string(home.at("p.pid")).ok().and_then(|pid| pid.trim().parse::<i32>().ok());
        if let Some(pid) = pid
            && fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"sleep\x00612"))
        {
            // It may have ended in this moment.
            kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap_or(());
        }
    }
}

#[test]
fn a_process_of_somebody_else_is_not_ended_and_that_is_said_at_once() {
    let home = Home::new(&[]);
    if !home.may_run() {
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        skip("only root has processes that others may not end");
        return;
    }
    let other = Started::new("sleep", &["613"]);
    home.write("p.pid", &other.pid().to_string());
    let rules = "set daemon 3600\ncheck process p with pidfile @/p.pid\n    if memory > 1 B then stop\n";
    let running = home.start(&home.write("main.rules", rules));
    running.says(&format!(
        "'p' failed to stop (exit status -1) -- cannot signal pid {}: operation not permitted",
        other.pid()
    ));
}

#[test]
fn what_needs_more_is_said_and_the_rest_goes_on() {
    let home = Home::new(&[]);
    if !home.may_run() {
        return;
    }
    let secret = write(home.path(), "secret", "nobody reads this");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("a mode");
    let rules = home.write(
        "main.rules",
        "set daemon 3600\nset pidfile /ruled-may-not-write-this.pid\nset log /ruled-may-not-write-this.log\n\
         check process p with pidfile @/p.pid\n    start program = \"/bin/true\" as uid root with timeout 1 seconds\n\
         check file secret with path @/secret\n    if changed checksum then alert\n    if size > 1 kB then alert\n\
         check file seen with path @/main.rules\n    if size > 1 B then alert\n",
    );
    let running = home.start(&rules);
    let me = if nix::unistd::geteuid().is_root() { NOBODY } else { nix::unistd::geteuid().as_raw() };
    for words in [
        format!("the start program of 'p' is to run as somebody else, which needs root; ruled runs as user {me}"),
        "cannot write the pid file /ruled-may-not-write-this.pid: permission denied".to_owned(),
        "cannot write /ruled-may-not-write-this.log: permission denied".to_owned(),
        format!("'secret' cannot be judged in full: cannot read {secret}: permission denied"),
        "cannot run as user 0: operation not permitted".to_owned(),
        "'seen' size".to_owned(),
    ] {
        running.says(&words);
    }
    let said = running.said();
    assert_eq!(said.matches("cannot be judged in full").count(), 1, "it is said once\n{said}");
}
