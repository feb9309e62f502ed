//! Who is let in, and where the door is: modes, other users, second instances, what is in the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::Signal;

use super::Watched;
use crate::rig::{Finished, finish, ruled, skip, until, write};

const BOX: &str = "set daemon 3600\ncheck system box\n";

/// The customary number of `nobody`.
const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

/// Runs the rules beside whoever runs them.
fn beside(watched: &Watched, words: &[&str]) -> Finished {
    let mut command = ruled(&[&["-q", "run"], words, &[&watched.rules]].concat());
    command.env("RUNTIME_DIRECTORY", watched.path()).env("STATE_DIRECTORY", watched.path());
    finish(command)
}

#[test]
fn the_socket_is_its_users_alone() {
    let watched = Watched::new(BOX);
    assert_eq!((mode(&watched.file(".sock")), mode(&watched.file(".lock"))), (0o600, 0o600));
    let deep = watched.path().join("made/for/it");
    let socket = deep.join("s");
    let mut other = Watched::prepared(BOX);
    other.start(&["--socket", socket.to_str().expect("UTF-8")]);
    assert_eq!((mode(&deep), mode(&socket)), (0o700, 0o600));
    let status = finish(ruled(&["status", "--socket", socket.to_str().expect("UTF-8")]));
    assert!(status.status == 0 && status.out.contains("System 'box'"), "{}", status.err);
    assert_eq!(other.run(&["status"]).status, 2, "it is not at the customary place");
}

#[test]
fn another_user_is_refused() {
    if !nix::unistd::geteuid().is_root() {
        skip("only root can be another user");
        return;
    }
    let watched = Watched::new(BOX);
    fs::set_permissions(watched.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    let socket = watched.file(".sock");
    let ask = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ruled"));
        command.args(["status", "--socket"]).arg(&socket).uid(NOBODY).gid(NOBODY).current_dir("/");
        command
    };
    let Ok(output) = ask().output() else {
        skip("another user may not run the program from here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("belongs to another user"), "{said}");
    // The mode alone does not decide.
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).expect("ours");
    let output = ask().output().expect("it ran before");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("only root and the user of ruled may ask"), "{said}");
}

#[test]
fn a_second_instance_is_refused_and_a_dry_run_is_not() {
    let mut watched = Watched::new(BOX);
    for words in [&[][..], &["--once"], &["--socket", "/tmp/never-made-by-ruled.sock"]] {
        let second = beside(&watched, words);
        let wanted =
            format!("another ruled (pid {}) runs {} already; end it with `ruled quit", watched.pid(), watched.rules);
        assert!(second.status == 2 && second.err.contains(&wanted), "{words:?}: {}", second.err);
    }
    let dry = beside(&watched, &["--once", "--dry"]);
    assert_eq!((dry.status, dry.err.as_str()), (0, ""));
    assert!(watched.well(&["status"]).contains("System 'box'"), "the first is as it was");
    // Whatever ended it, the lock goes with it, and what it left is replaced.
    let socket = watched.file(".sock");
    watched.daemon.as_ref().expect("a daemon").signal(Signal::SIGKILL);
    watched.daemon = None;
    assert!(socket.exists() && watched.run(&["status"]).status == 2, "nobody listens on what is left");
    watched.start(&[]);
    assert!(watched.well(&["status"]).contains("System 'box'"));
    let other = write(watched.path(), "other.rules", BOX);
    let mut command = ruled(&["-q", "run", "--once", &other]);
    command.env("RUNTIME_DIRECTORY", watched.path());
    assert_eq!(finish(command).status, 0, "other rules are another's");
}

#[test]
fn what_is_in_the_way_is_neither_followed_nor_replaced() {
    let watched = Watched::prepared(BOX);
    let precious = write(watched.path(), "precious", "keep me");
    let place = watched.path().join("s");
    let run = || beside(&watched, &["--once", "--socket", place.to_str().expect("UTF-8")]);
    symlink(&precious, &place).expect("a link");
    let refused = run();
    assert!(refused.status == 2 && refused.err.contains("is a symbolic link"), "{}", refused.err);
    fs::remove_file(&place).expect("ours");
    fs::write(&place, "keep me").expect("a file");
    let refused = run();
    assert!(refused.status == 2 && refused.err.contains("is no socket"), "{}", refused.err);
    fs::remove_file(&place).expect("ours");
    let listener = UnixListener::bind(&place).expect("a socket");
    let refused = run();
    assert!(refused.status == 2 && refused.err.contains("another program listens"), "{}", refused.err);
    drop(listener);
    assert!(place.exists());
    assert_eq!(run().status, 0, "what a dead one left is replaced");
    assert!(!place.exists(), "and taken away at the end");
    fs::set_permissions(watched.path(), fs::Permissions::from_mode(0o777)).expect("ours");
    let refused = run();
    fs::set_permissions(watched.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    assert!(refused.status == 2 && refused.err.contains("can be written to by others"), "{}", refused.err);
    let long = format!("{}/{}", watched.path().display(), "x".repeat(120));
    let refused = beside(&watched, &["--once", "--socket", &long]);
    assert!(refused.status == 2 && refused.err.contains("longer than the 107 bytes"), "{}", refused.err);
    assert_eq!(fs::read_to_string(precious).expect("a file"), "keep me");
}

#[test]
fn a_lock_that_is_a_link_costs_the_door_and_not_the_watching() {
    let mut watched = Watched::new(BOX);
    let lock = watched.file(".lock");
    watched.well(&["quit"]);
    watched.daemon = None;
    fs::remove_file(&lock).expect("ours");
    let precious = write(watched.path(), "precious", "keep me");
    symlink(&precious, &lock).expect("a link");
    watched.start(&[]);
    assert!(watched.said().contains("is a symbolic link"), "{}", watched.said());
    assert_eq!(watched.run(&["status"]).status, 2);
    assert_eq!(fs::read_to_string(precious).expect("a file"), "keep me");
}

#[test]
fn a_pid_file_is_written_and_refused_where_another_lives_there() {
    let mut watched = Watched::prepared(&format!("{BOX}set pidfile {{here}}/ruled.pid\n"));
    let pid_file = watched.path().join("ruled.pid");
    let mut sleeper = Command::new("sleep").arg("300").spawn().expect("sleep");
    fs::write(&pid_file, format!("{}\n", sleeper.id())).expect("a file");
    let refused = beside(&watched, &["--once"]);
    let wanted = format!("belongs to sleep (pid {}), which runs", sleeper.id());
    sleeper.kill().expect("ours");
    sleeper.wait().expect("ours");
    assert!(refused.status == 2 && refused.err.contains(&wanted), "{}", refused.err);
    watched.start(&[]);
    let pid: u32 = fs::read_to_string(&pid_file).expect("a file").trim().parse().expect("a number");
    assert_eq!(pid, watched.pid());
    let dry = beside(&watched, &["--once", "--dry"]);
    assert_eq!((dry.status, dry.err.as_str()), (0, ""));
    watched.well(&["quit"]);
    until(|| (!pid_file.exists()).then_some(())).expect("it is taken away");
}
