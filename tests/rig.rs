//! What the tests of the whole program share: running it bounded in time, folders, a mail server.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything in a test may take before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Says why a test cannot be done here. Where all tests must be done, that is a failure.
pub(crate) fn skip(why: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "a test cannot be done here: {why}");
    eprintln!("SKIPPED: {why}");
}

/// What a finished run of the program left.
pub(crate) struct Finished {
    /// The exit status; -1 when a signal ended it.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// The program under test, without colour and without anybody's environment.
pub(crate) fn ruled(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ruled"));
    command.args(words).env("NO_COLOR", "1").stdin(Stdio::null());
    // State of tests is not the machine's.
    command.env("STATE_DIRECTORY", env!("CARGO_TARGET_TMPDIR"));
    command.env("RUNTIME_DIRECTORY", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs a command to its end.
///
/// # Panics
/// When it takes longer than [`PATIENCE`].
pub(crate) fn finish(mut command: Command) -> Finished {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let out = drain(child.stdout.take().expect("a pipe"));
    let err = drain(child.stderr.take().expect("a pipe"));
    let status = wait(&mut child).expect("the program ends in time");
    Finished { status, out: out.recv().expect("output"), err: err.recv().expect("output") }
}

fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).ok();
        sender.send(String::from_utf8_lossy(&bytes).into_owned()).ok();
    });
    receiver
}

/// Waits for a child; kills it and returns nothing when it takes too long.
pub(crate) fn wait(child: &mut Child) -> Option<i32> {
    let status = until(|| child.try_wait().expect("a child of ours"));
    if status.is_none() {
        child.kill().ok();
        child.wait().ok();
    }
    Some(status?.code().unwrap_or(-1))
}

/// Asks again and again until there is an answer, for at most [`PATIENCE`].
pub(crate) fn until<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A daemon under test; it is ended when dropped.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts `ruled run` with these words; what it says goes to `log`.
    pub(crate) fn start(words: &[&str], log: &Path) -> Daemon {
        let file = fs::File::create(log).expect("a log");
        let mut command = ruled(&[&["run"], words].concat());
        command.stdout(file.try_clone().expect("a copy")).stderr(file);
        let place = log.parent().expect("a folder");
        command.env("STATE_DIRECTORY", place).env("RUNTIME_DIRECTORY", place);
        Daemon { child: command.spawn().expect("the daemon starts"), log: log.to_path_buf() }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"));
        nix::sys::signal::kill(pid, signal).expect("the daemon is there");
    }

    /// Its process number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has ended; its exit status.
    pub(crate) fn wait(&mut self) -> i32 {
        wait(&mut self.child).expect("the daemon ends in time")
    }

    /// Ends it in order and returns its exit status.
    pub(crate) fn end(mut self) -> i32 {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        self.wait()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Writes a file into a folder and returns its path as text.
pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file");
    path.to_str().expect("UTF-8").to_string()
}

/// A port of the loopback that nobody listens on, and that no other test is given. It lies below those that Linux hands
/// out by itself, so that no connection takes it before the test does.
pub(crate) fn free_port() -> u16 {
    const PORTS: Range<u32> = 20_000..30_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let port = |_| {
        let turn = std::process::id() + GIVEN.fetch_add(1, Ordering::Relaxed);
        u16::try_from(PORTS.start + turn % (PORTS.end - PORTS.start)).expect("a port")
    };
    PORTS.map(port).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// A mail server that takes everything and hands over each mail as text.
pub(crate) fn mail_server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            for mail in take_mail(&client).unwrap_or_default() {
                if sender.send(mail).is_err() {
                    return;
                }
            }
        }
    });
    (port, receiver)
}

fn take_mail(mut client: &TcpStream) -> std::io::Result<Vec<String>> {
    client.set_read_timeout(Some(PATIENCE))?;
    let mut mails = Vec::new();
    let mut lines = BufReader::new(client).lines();
    client.write_all(b"220 test\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        if line.eq_ignore_ascii_case("data") {
            client.write_all(b"354 go on\r\n")?;
            let body: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
            mails.push(body.join("\n"));
        } else if line.eq_ignore_ascii_case("quit") {
            client.write_all(b"221 bye\r\n")?;
            break;
        }
        client.write_all(b"250 ok\r\n")?;
    }
    Ok(mails)
}
