//! The other side of a script: a server on loopback that says and hears what is written down, and nothing else.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::script::Step;

/// How long a plugin may take from one step to the next.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the server looks whether it is over.
const PAUSE: Duration = Duration::from_millis(5);

/// A server that plays one connection.
pub(crate) struct Played {
    /// Where it listens.
    pub(crate) port: u16,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    wrong: Arc<Mutex<Option<String>>>,
}

/// Starts a server that plays these steps on the first connection.
pub(crate) fn play(steps: Vec<Step>) -> io::Result<Played> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let over = Arc::new(AtomicBool::new(false));
    let wrong = Arc::new(Mutex::new(None));
    let thread = std::thread::spawn({
        let (over, wrong) = (Arc::clone(&over), Arc::clone(&wrong));
        move || {
            let ended = match accepted(&listener, &over) {
                Some(stream) => converse(stream, &steps, &over),
                None => Err("it did not connect".into()),
            };
            *wrong.lock().unwrap_or_else(PoisonError::into_inner) = ended.err();
        }
    });
    Ok(Played { port, over, thread, wrong })
}

impl Played {
    /// Ends the server, and says what did not go as it was written.
    pub(crate) fn end(self) -> Option<String> {
        self.over.store(true, SeqCst);
        self.thread.join().ok();
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The first connection, unless the plugin ends before it makes one.
fn accepted(listener: &TcpListener, over: &AtomicBool) -> Option<TcpStream> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => return Some(stream),
            Err(_) if over.load(SeqCst) => return None,
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}

/// Plays the steps, and then takes nothing more.
fn converse(mut stream: TcpStream, steps: &[Step], over: &AtomicBool) -> Result<(), String> {
    let io = |error: io::Error| format!("the connection broke: {error}");
    stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(PAUSE))).map_err(io)?;
    let mut early = Vec::new();
    for step in steps {
        match step {
            // A plugin that leaves early is found out by what it should have said.
            Step::Says(bytes) => drop(stream.write_all(bytes)),
            Step::Hears(expected) => {
                let heard = hear(&mut stream, &mut early, over, |heard| {
                    (heard.len() >= expected.len()).then_some(expected.len())
                });
                if heard != *expected {
                    return Err(format!("it sent {}, and the script hears {}", shown(&heard), shown(expected)));
                }
            }
            Step::HearsUntil(end) => {
                let found =
                    |heard: &[u8]| Some(heard.windows(end.len().max(1)).position(|part| part == end)? + end.len());
                let heard = hear(&mut stream, &mut early, over, found);
                if !heard.ends_with(end) {
                    return Err(format!(
                        "it sent {}, and the script hears something that ends with {}",
                        shown(&heard),
                        shown(end)
                    ));
                }
            }
            Step::Silent => {
                let more = hear(&mut stream, &mut early, over, |_| None);
                return if more.is_empty() {
                    Ok(())
                } else {
                    Err(format!("it sent {}, and the script is at its end", shown(&more)))
                };
            }
        }
    }
    // Its words are through; what the plugin says now was not written down.
    stream.shutdown(std::net::Shutdown::Write).ok();
    let more = hear(&mut stream, &mut early, over, |_| None);
    if more.is_empty() { Ok(()) } else { Err(format!("it sent {}, and the script is at its end", shown(&more))) }
}

/// What a plugin may send that was not written down before it is cut off.
const HEARD_MAX: usize = 1 << 20;

/// Reads until `enough` says how many bytes are, the plugin closes the connection, or its time is over.
fn hear(
    stream: &mut TcpStream,
    early: &mut Vec<u8>,
    over: &AtomicBool,
    enough: impl Fn(&[u8]) -> Option<usize>,
) -> Vec<u8> {
    let deadline = Instant::now() + PATIENCE;
    let mut heard = std::mem::take(early);
    let mut room = [0; 4096];
    loop {
        if let Some(count) = enough(&heard) {
            *early = heard.split_off(count);
            return heard;
        }
        match stream.read(&mut room) {
            Ok(0) => return heard,
            Ok(_) if heard.len() > HEARD_MAX => return heard,
            Ok(count) => heard.extend_from_slice(&room[..count]),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                ) =>
            {
                if over.load(SeqCst) || Instant::now() >= deadline {
                    return heard;
                }
            }
            Err(_) => return heard,
        }
    }
}

/// Bytes as a script writes them.
fn shown(bytes: &[u8]) -> String {
    const SHOWN_MAX: usize = 200;
    let end = if bytes.len() > SHOWN_MAX { " …" } else { "" };
    match bytes {
        [] => "nothing".into(),
        _ => format!("`{}{end}`", bytes[..bytes.len().min(SHOWN_MAX)].escape_ascii()),
    }
}
