//! The other side of a script: servers on loopback that say and hear what is written down, and nothing else.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::script::{Part, Step};

/// How often a server looks whether the check is over. Nothing else ends it: a check has its time-out.
const PAUSE: Duration = Duration::from_millis(5);

/// What a plugin may send that was not written down before it is cut off.
const HEARD_MAX: usize = 1 << 20;

/// A server at a port of its own.
pub(crate) struct Played {
    /// Where it listens.
    pub(crate) port: u16,
    over: Arc<AtomicBool>,
    thread: JoinHandle<Option<String>>,
}

/// Starts a server that plays these steps, one conversation for each connection in the order in which they are made.
pub(crate) fn play(conversations: Vec<Vec<Step>>) -> io::Result<Played> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let over = Arc::new(AtomicBool::new(false));
    let thread = std::thread::spawn({
        let over = Arc::clone(&over);
        move || serve(&listener, conversations, &over)
    });
    Ok(Played { port, over, thread })
}

/// Starts a server that plays these steps, each of which is a datagram.
pub(crate) fn play_datagrams(steps: Vec<Step>) -> io::Result<Played> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(PAUSE))?;
    let port = socket.local_addr()?.port();
    let over = Arc::new(AtomicBool::new(false));
    let thread = std::thread::spawn({
        let over = Arc::clone(&over);
        move || exchange(&socket, &steps, &over).err()
    });
    Ok(Played { port, over, thread })
}

impl Played {
    /// Ends the server when the check is over, and says what did not go as it was written.
    pub(crate) fn end(self) -> Option<String> {
        self.over.store(true, SeqCst);
        self.thread.join().unwrap_or_else(|_| Some("the server of the script broke down".into()))
    }
}

/// Serves until the check is over. What did not go as it was written is a sentence about the plugin.
fn serve(listener: &TcpListener, conversations: Vec<Vec<Step>>, over: &Arc<AtomicBool>) -> Option<String> {
    let wanted = conversations.len();
    let (mut conversations, mut playing, mut made) = (conversations.into_iter(), Vec::new(), 0);
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                made += 1;
                // One too many is closed at once.
                let Some(steps) = conversations.next() else { continue };
                let over = Arc::clone(over);
                playing.push(std::thread::spawn(move || converse(stream, &steps, &over)));
            }
            // What was connected before is still there to be taken.
            Err(_) if over.load(SeqCst) => break,
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
    let ended = playing.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("the connection broke".into())));
    let wrong: Vec<String> = ended.filter_map(Result::err).collect();
    wrong.into_iter().next().or_else(|| miscounted(made, wanted))
}

/// What is wrong with the number of connections.
fn miscounted(made: usize, wanted: usize) -> Option<String> {
    let times = |count: usize| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    match made {
        _ if made == wanted => None,
        0 => Some("it did not connect".into()),
        _ => Some(format!("it connected {}, and the script has it connect {}", times(made), times(wanted))),
    }
}

/// Plays the steps, and then takes nothing more.
fn converse(mut stream: TcpStream, steps: &[Step], over: &AtomicBool) -> Result<(), String> {
    let io = |error: io::Error| format!("the connection broke: {error}");
    stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(PAUSE))).map_err(io)?;
    let (mut early, mut chosen) = (Vec::new(), Chosen::default());
    for step in steps {
        match step {
            // A plugin that leaves early is found out by what it should have said.
            Step::Says(parts) => drop(stream.write_all(&chosen.bytes(parts))),
            Step::Hears(expected) => {
                let length = chosen.length(expected);
                let heard = hear(&mut stream, &mut early, over, |heard| (heard.len() >= length).then_some(length));
                chosen.hears(&heard, expected)?;
            }
            Step::HearsUntil(end) => {
                let found =
                    |heard: &[u8]| Some(heard.windows(end.len().max(1)).position(|part| part == end)? + end.len());
                let heard = hear(&mut stream, &mut early, over, found);
                ends(&heard, end)?;
            }
            Step::Silent => return nothing_more(&mut stream, &mut early, over),
        }
    }
    // Its words are through; what the plugin says now was not written down.
    stream.shutdown(std::net::Shutdown::Write).ok();
    nothing_more(&mut stream, &mut early, over)
}

/// Plays the steps with datagrams. Whoever has sent the last one is who is answered.
fn exchange(socket: &UdpSocket, steps: &[Step], over: &AtomicBool) -> Result<(), String> {
    let (mut asker, mut chosen) = (None, Chosen::default());
    for step in steps {
        match step {
            Step::Says(parts) => {
                if let Some(asker) = asker {
                    socket.send_to(&chosen.bytes(parts), asker).map_err(|error| format!("nobody hears it: {error}"))?;
                }
            }
            Step::Hears(expected) => {
                let heard = datagram(socket, over, &mut asker).unwrap_or_default();
                chosen.hears(&heard, expected)?;
            }
            Step::HearsUntil(end) => ends(&datagram(socket, over, &mut asker).unwrap_or_default(), end)?,
            Step::Silent => break,
        }
    }
    match datagram(socket, over, &mut asker) {
        None => Ok(()),
        Some(more) => Err(format!("it sent {}, and the script is at its end", shown(&more))),
    }
}

/// The next datagram; none when the check is over.
fn datagram(socket: &UdpSocket, over: &AtomicBool, asker: &mut Option<SocketAddr>) -> Option<Vec<u8>> {
    let mut room = vec![0; 64 << 10];
    loop {
        // What was sent before it was over is still there to be read.
        let is_over = over.load(SeqCst);
        if let Ok((count, from)) = socket.recv_from(&mut room) {
            *asker = Some(from);
            room.truncate(count);
            return Some(room);
        }
        if is_over {
            return None;
        }
    }
}

/// What the plugin has chosen, by the names that the script gives it.
#[derive(Default)]
struct Chosen(HashMap<String, Vec<u8>>);

impl Chosen {
    /// What is said.
    fn bytes(&self, parts: &[Part]) -> Vec<u8> {
        let bytes = |part: &Part| match part {
            Part::Bytes(bytes) => bytes.clone(),
            Part::Any(name, _) | Part::Same(name) => self.0.get(name).cloned().unwrap_or_default(),
        };
        parts.iter().flat_map(bytes).collect()
    }

    /// How long what is heard must be.
    fn length(&self, parts: &[Part]) -> usize {
        let chosen_here = |name: &String| {
            parts.iter().find_map(|part| match part {
                Part::Any(other, length) if other == name => Some(*length),
                _ => None,
            })
        };
        let length = |part: &Part| match part {
            Part::Bytes(bytes) => bytes.len(),
            Part::Any(_, length) => *length,
            Part::Same(name) => self.0.get(name).map(Vec::len).or_else(|| chosen_here(name)).unwrap_or_default(),
        };
        parts.iter().map(length).sum()
    }

    /// Compares what was heard with what must be, and keeps what the plugin has chosen.
    fn hears(&mut self, heard: &[u8], expected: &[Part]) -> Result<(), String> {
        let wrong = || format!("it sent {}, and the script hears {}", shown(heard), written(expected));
        let mut rest = heard;
        for part in expected {
            let length = self.length(std::slice::from_ref(part));
            let (found, behind) = rest.split_at_checked(length).ok_or_else(wrong)?;
            let is_right = match part {
                Part::Any(name, _) => self.0.insert(name.clone(), found.to_vec()).is_none(),
                Part::Bytes(bytes) => bytes == found,
                Part::Same(name) => self.0.get(name).is_some_and(|chosen| chosen == found),
            };
            if !is_right {
                return Err(wrong());
            }
            rest = behind;
        }
        if rest.is_empty() { Ok(()) } else { Err(wrong()) }
    }
}

/// Whether what was heard ends as it must.
fn ends(heard: &[u8], end: &[u8]) -> Result<(), String> {
    if heard.ends_with(end) {
        return Ok(());
    }
    Err(format!("it sent {}, and the script hears something that ends with {}", shown(heard), shown(end)))
}

/// Parts as a script writes them.
fn written(parts: &[Part]) -> String {
    let text = |part: &Part| match part {
        Part::Bytes(bytes) => bytes.escape_ascii().to_string(),
        Part::Any(name, length) => format!("\\{{{name}:{length}}}"),
        Part::Same(name) => format!("\\{{{name}}}"),
    };
    match parts {
        [] => "nothing".into(),
        [Part::Bytes(bytes)] => shown(bytes),
        _ => format!("`{}`", parts.iter().map(text).collect::<String>()),
    }
}

/// Waits until the plugin closes the connection, or the check is over.
fn nothing_more(stream: &mut TcpStream, early: &mut Vec<u8>, over: &AtomicBool) -> Result<(), String> {
    let more = hear(stream, early, over, |_| None);
    if more.is_empty() { Ok(()) } else { Err(format!("it sent {}, and the script is at its end", shown(&more))) }
}

/// Reads until `enough` says how many bytes are, the plugin closes the connection, or the check is over.
fn hear(
    stream: &mut TcpStream,
    early: &mut Vec<u8>,
    over: &AtomicBool,
    enough: impl Fn(&[u8]) -> Option<usize>,
) -> Vec<u8> {
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
                // What was sent before it was over has been read.
                if over.load(SeqCst) {
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
