//! The system's log: a socket that the test owns takes its place.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command};

use interpreter::engine::Wall;
use jiff::tz::TimeZone;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ruled::report::level::Level;
use ruled::report::line::Line;
use ruled::report::syslog::Syslog;

use crate::rig::{PATIENCE, ruled, until, wait, write};

/// No queue of the kernel is so long (unix(7), `max_dgram_qlen`).
const LINES_MAX: usize = 100_000;

fn reader(path: &Path) -> UnixDatagram {
    fs::remove_file(path).unwrap_or(());
    let socket = UnixDatagram::bind(path).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
    socket
}

fn read(socket: &UnixDatagram) -> String {
    let mut bytes = vec![0; 65_536];
    let length = socket.recv(&mut bytes).expect("a line in time");
    String::from_utf8(bytes[..length].to_vec()).expect("UTF-8")
}

/// Reads lines until one holds these words.
fn read_until(socket: &UnixDatagram, words: &str) -> String {
    for _ in 0..LINES_MAX {
        let line = read(socket);
        if line.contains(words) {
            return line;
        }
    }
    panic!("{words:?} does not come")
}

#[test]
fn each_line_is_a_datagram_with_its_priority() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let socket = reader(&path);
    // 2026-11-02T04:26:00Z: a day of one digit has a blank before it (RFC 3164, section 4.1.2).
    let at = Wall(1_793_593_560_000_000);
    for (facility, level, priority) in [
        (None, Level::Error, 11),
        (None, Level::Warning, 12),
        (None, Level::Info, 14),
        (None, Level::Debug, 15),
        (Some("log_daemon"), Level::Error, 27),
        (Some("log_local0"), Level::Info, 134),
        (Some("LOG_LOCAL7"), Level::Debug, 191),
    ] {
        let mut log = Syslog::at(path.display().to_string(), facility);
        log.send(&Line::new(at, level, "'web'\nfails"), &TimeZone::UTC).expect("sent");
        let wanted = format!("<{priority}>Nov  2 04:26:00 ruled[{}]: 'web' fails", std::process::id());
        assert_eq!(read(&socket), wanted);
    }
}

#[test]
fn a_log_that_is_gone_or_does_not_read_is_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let line = |number: usize| Line::new(Wall(0), Level::Info, &format!("line {number} of them"));
    let mut log = Syslog::at(path.display().to_string(), None);
    assert_eq!(log.send(&line(0), &TimeZone::UTC).expect_err("nobody").kind(), ErrorKind::NotFound);
    let socket = reader(&path);
    log.send(&line(1), &TimeZone::UTC).expect("sent");
    assert!(read(&socket).contains("line 1 of"));
    // It is started again: another socket has the name.
    drop(socket);
    let socket = reader(&path);
    log.send(&line(2), &TimeZone::UTC).expect("sent to the new one, and not lost");
    assert!(read(&socket).contains("line 2 of"));
    drop(socket);
    assert_eq!(log.send(&line(3), &TimeZone::UTC).expect_err("nobody").kind(), ErrorKind::ConnectionRefused);
    // It hangs: its queue is filled, and no more.
    let socket = reader(&path);
    let refused = (4..LINES_MAX).find_map(|number| Some((number, log.send(&line(number), &TimeZone::UTC).err()?)));
    let (number, error) = refused.expect("a queue has an end");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    for expected in 4..number {
        assert!(read(&socket).contains(&format!("line {expected} of")), "none is lost before");
    }
    log.send(&line(number), &TimeZone::UTC).expect("it reads again");
    assert!(read(&socket).contains(&format!("line {number} of")));
}

/// `ruled run` with its log in a socket of the test.
struct Logging(Child);

impl Logging {
    fn start(folder: &Path, socket: &Path, words: &[&str]) -> Logging {
        let said = fs::File::create(folder.join("said")).expect("a file");
        let mut command: Command = ruled(&[&["run"], words].concat());
        command.env("STATE_DIRECTORY", folder).env("RUNTIME_DIRECTORY", folder).env("RULED_SYSLOG_SOCKET", socket);
        Logging(command.stderr(said).spawn().expect("ruled runs"))
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).expect("a pid")), signal).expect("it runs");
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn ruled_logs_there_and_goes_on_when_it_is_gone() {
    let text = "set daemon 3600\nset log syslog facility log_local3\ncheck file x with path @/x\n    if not exist then alert\n";
    for (text, words, facility) in
        [(text.to_owned(), &[][..], 19), (text.replace("syslog facility log_local3", "@/log"), &["--log", "syslog"], 1)]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("syslog");
        let socket = reader(&path);
        let rules = write(folder.path(), "main.rules", text.replace('@', &folder.path().display().to_string()));
        let mut ruled = Logging::start(folder.path(), &path, &[words, &[&rules]].concat());
        let line = read_until(&socket, "'x' file doesn't exist");
        assert!(line.starts_with(&format!("<{}>", facility * 8 + 3)), "{line}");
        assert!(!folder.path().join("log").exists(), "--log says where");
        // Nobody reads: what happens is seen, done and said all the same.
        drop(socket);
        fs::remove_file(&path).expect("gone");
        write(folder.path(), "x", "");
        ruled.signal(Signal::SIGUSR1);
        let said = || fs::read_to_string(folder.path().join("said")).unwrap_or_default();
        let goes_on = until(|| (said().contains("'x' file exist") && said().contains("cannot write")).then_some(()));
        goes_on.unwrap_or_else(|| panic!("{}", said()));
        let once = format!("ruled: cannot write {}: no such file or directory", path.display());
        assert_eq!(said().matches(&once).count(), 1, "{}", said());
        let socket = reader(&path);
        fs::remove_file(folder.path().join("x")).expect("gone");
        ruled.signal(Signal::SIGUSR1);
        read_until(&socket, "'x' file doesn't exist");
        read_until(&socket, "missing here: cannot write");
        ruled.signal(Signal::SIGTERM);
        read_until(&socket, "stopped");
        assert_eq!(wait(&mut ruled.0), Some(0));
    }
}

#[test]
fn a_hangup_opens_the_log_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().display();
    let text = format!(
        "set daemon 3600\nset log {here}/ruled.log\ncheck file x with path {here}/x\n    if not exist then alert\n"
    );
    let rules = write(folder.path(), "main.rules", text);
    let mut ruled = Logging::start(folder.path(), Path::new("/nowhere"), &[&rules]);
    let log = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    until(|| log("ruled.log").contains("file doesn't exist").then_some(())).expect("a line");
    fs::rename(folder.path().join("ruled.log"), folder.path().join("ruled.log.1")).expect("rotated");
    ruled.signal(Signal::SIGHUP);
    // That the rules are read again is said in the new one.
    until(|| (!log("ruled.log").is_empty()).then_some(())).expect("a new log");
    ruled.signal(Signal::SIGTERM);
    assert_eq!(wait(&mut ruled.0), Some(0));
    assert!(log("ruled.log").contains("stopped") && !log("ruled.log.1").contains("stopped"));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(folder.path().join("ruled.log")).expect("there").permissions(),
    );
    assert_eq!(mode & 0o777 & !0o640, 0, "nobody else's business");
}
