//! The door of a running ruled, from outside: what commands do, who is refused, and what hostile clients achieve.

#[path = "control/commands.rs"]
mod commands;
#[path = "control/deed.rs"]
mod deed;
#[path = "control/entrance.rs"]
mod entrance;
#[path = "control/exchange.rs"]
mod exchange;
#[path = "control/hostile.rs"]
mod hostile;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::rig::{Daemon, Finished, PATIENCE, finish, ruled, until, write};

/// A daemon over rules of its own, and commands for it.
struct Watched {
    folder: TempDir,
    rules: String,
    daemon: Option<Daemon>,
}

impl Watched {
    /// Starts ruled over these rules, in which `{here}` is the folder, and waits until it has judged everything once.
    fn new(rules: &str) -> Watched {
        let mut watched = Watched::prepared(rules);
        watched.start(&[]);
        watched
    }

    /// The same without a daemon.
    fn prepared(rules: &str) -> Watched {
        let folder = tempfile::Builder::new().prefix("control").tempdir().expect("a folder");
        let here = folder.path().to_str().expect("UTF-8").to_owned();
        let rules = write(folder.path(), "main.rules", rules.replace("{here}", &here));
        Watched { folder, rules, daemon: None }
    }

    fn start(&mut self, words: &[&str]) {
        let log = self.path().join("log");
        self.daemon = Some(Daemon::start(&[&["-v"], words, &[&self.rules]].concat(), &log));
        let rests = until(|| self.said().contains("cycle 1 is over").then_some(()));
        assert!(rests.is_some(), "{}", self.said());
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn said(&self) -> String {
        self.daemon.as_ref().map_or(String::new(), Daemon::said)
    }

    fn pid(&self) -> u32 {
        self.daemon.as_ref().expect("a daemon").pid()
    }

    /// Writes other rules.
    fn rewrite(&self, rules: &str) {
        write(self.path(), "main.rules", rules.replace("{here}", self.path().to_str().expect("UTF-8")));
    }

    /// Runs a command for this daemon.
    fn run(&self, words: &[&str]) -> Finished {
        let mut command = ruled(words);
        command.args(["--config", &self.rules]).env("RUNTIME_DIRECTORY", self.path());
        finish(command)
    }

    /// Runs a command that has to succeed; what it printed.
    #[track_caller]
    fn well(&self, words: &[&str]) -> String {
        let Finished { status, out, err } = self.run(words);
        assert_eq!(status, 0, "{words:?}: {out}{err}{}", self.said());
        out
    }

    /// The file that this folder has one of with this ending.
    fn file(&self, ending: &str) -> PathBuf {
        let all = fs::read_dir(self.path()).expect("a folder").flatten().map(|entry| entry.path());
        let mut found = all.filter(|path| path.to_string_lossy().ends_with(ending));
        found.next().unwrap_or_else(|| panic!("no {ending} in {}", self.path().display()))
    }

    fn connect(&self) -> Connected {
        Connected::to(&self.file(".sock"))
    }

    /// The state that `status --json` says of a service.
    fn service(&self, name: &str) -> Value {
        let text = self.well(&["status", "--json", name]);
        let status: Value = serde_json::from_str(&text).expect("JSON");
        status["services"][0].clone()
    }
}

/// A client of our own making.
struct Connected(BufReader<UnixStream>);

impl Connected {
    fn to(socket: &Path) -> Connected {
        let stream = UnixStream::connect(socket).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream.set_write_timeout(Some(PATIENCE)).expect("a socket");
        Connected(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// The next line; empty when it was closed.
    fn line(&mut self) -> String {
        let mut line = String::new();
        // A connection that is reset is closed too.
        self.0.read_line(&mut line).unwrap_or(0);
        line
    }

    /// Asks with one line and reads one.
    fn ask(&mut self, line: &str) -> Value {
        self.send(format!("{line}\n").as_bytes()).expect("sent");
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}

/// A process that a start program brings up and a stop program takes down, `NAME` for short.
fn sleeper(name: &str, seconds: &str) -> String {
    format!(
        "check process {name} with pidfile {{here}}/{name}.pid\n    \
         start program = \"/bin/sh -c 'sleep {seconds}; sleep 300 & echo $! > {{here}}/{name}.pid'\"\n    \
         stop program = \"/bin/sh -c 'kill $(cat {{here}}/{name}.pid); rm {{here}}/{name}.pid'\"\n"
    )
}
