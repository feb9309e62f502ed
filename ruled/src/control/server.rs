//! The thread behind the door: lets clients in, reads what they ask, and hands them the answers.
//!
//! The loop of the main thread is handed one question at a time for each client, through a queue that is short, and it never
//! waits for a client. Whoever hangs, floods or goes away costs his own place here.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::net::UnixListener as StdListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::protocol::{
    ANSWER_BYTES_MAX, Ask, End, Line, Outcome, REQUEST_BYTES_MAX, Request, Says, Telling, VERSION, WAIT_MS_MAX,
};
use crate::report::recent::Recent;

/// How many clients are let in at once.
pub const CLIENTS_MAX: usize = 32;

/// How many of them may follow events, so that there is always room for others.
pub const FOLLOWERS_MAX: usize = 16;

/// How many questions wait for the loop.
const QUESTIONS_MAX: usize = CLIENTS_MAX;

/// How long a client may take to ask, and to go away afterwards.
const REQUEST_PATIENCE: Duration = Duration::from_secs(10);

/// How long a client may take to read what it was sent.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// How long the loop may take to answer what needs no waiting.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// How long no client is let in when the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A question for the loop, and the way back.
#[derive(Debug)]
pub struct Question {
    /// What is asked.
    pub ask: Ask,
    /// Where answers go. What it holds is bounded by what was asked: one outcome for each service, and an end.
    pub answers: UnboundedSender<Reply>,
}

/// What the loop answers.
#[derive(Debug)]
pub enum Reply {
    /// A line for the client.
    Says(Says),
    /// From here on an outcome is waited for of each of these services.
    Pending(Vec<String>),
}

/// Starts the thread. Questions come out of the queue that is handed back.
pub fn start(listener: StdListener, recent: Arc<Recent>) -> io::Result<mpsc::Receiver<Question>> {
    let (questions, inbox) = mpsc::channel(QUESTIONS_MAX);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("control".to_owned()).spawn(move || {
        runtime.block_on(async move {
            // It was made non-blocking, and it is a socket: nothing else can go wrong.
            if let Ok(listener) = UnixListener::from_std(listener) {
                welcome(listener, Desk { questions, recent, followers: Arc::new(Semaphore::new(FOLLOWERS_MAX)) }).await;
            }
        });
    })?;
    Ok(inbox)
}

/// What all clients share.
#[derive(Clone)]
struct Desk {
    questions: mpsc::Sender<Question>,
    recent: Arc<Recent>,
    followers: Arc<Semaphore>,
}

async fn welcome(listener: UnixListener, desk: Desk) {
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => drop(tokio::spawn(serve(stream, desk.clone(), place))),
                Err(_) => turn_away(&stream, &format!("{CLIENTS_MAX} others are being served; ask again later")),
            },
            // Out of descriptors: they come back.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Says no without waiting.
fn turn_away(stream: &UnixStream, reason: &str) {
    if let Ok(line) = line(&refused(reason)) {
        // Whoever does not take it learns it from the close.
        stream.try_write(&line).ok();
    }
}

async fn serve(stream: UnixStream, desk: Desk, _place: OwnedSemaphorePermit) {
    let own = nix::unistd::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == 0 || peer.uid() == own => {}
        _ => return turn_away(&stream, "only root and the user of ruled may ask"),
    }
    let (reader, writer) = stream.into_split();
    let mut client = Client { reader: BufReader::new(reader), writer };
    while let Ok(Some(bytes)) = timeout(REQUEST_PATIENCE, client.read()).await {
        let done = match understand(&bytes) {
            Ok(Ask::Events(telling)) => client.tell_events(&desk, telling).await,
            Ok(ask) => client.ask(&desk, ask).await,
            Err(reason) => client.say(&refused(&reason)).await,
        };
        if done.is_none() {
            return;
        }
    }
}

/// What a line asks; the error is a sentence.
fn understand(bytes: &[u8]) -> Result<Ask, String> {
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| format!("the request is no JSON object on one line: {error}"))?;
    match value.get("ruled").and_then(serde_json::Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => {
            return Err(format!("the request is of version {version}, and this ruled knows {VERSION}"));
        }
        Some(_) => {}
        None => return Err(format!("the request does not say its version: \"ruled\": {VERSION}")),
    }
    let request: Request =
        serde_json::from_value(value).map_err(|error| format!("the request cannot be understood: {error}"))?;
    Ok(request.ask)
}

/// One client. What hands back nothing has found that it is gone, or does not keep up.
struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Client {
    /// The next line; nothing when there is none, or it is too long.
    async fn read(&mut self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut bounded = (&mut self.reader).take(REQUEST_BYTES_MAX as u64 + 1);
        bounded.read_until(b'\n', &mut bytes).await.ok()?;
        if bytes.len() > REQUEST_BYTES_MAX {
            self.say(&refused(&format!("the request is longer than {REQUEST_BYTES_MAX} bytes"))).await;
            return None;
        }
        bytes.pop_if(|last| *last == b'\n')?;
        Some(bytes)
    }

    async fn say(&mut self, says: &Says) -> Option<()> {
        let bytes = line(says).or_else(|reason| line(&refused(&reason))).ok()?;
        self.write(&bytes).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Option<()> {
        timeout(WRITE_PATIENCE, self.writer.write_all(bytes)).await.ok()?.ok()
    }

    /// Waits until the client has gone away, or says more.
    async fn gone(reader: &mut BufReader<OwnedReadHalf>) {
        // What it says meanwhile waits for its turn; only an end counts.
        match reader.fill_buf().await {
            Ok([]) | Err(_) => {}
            Ok(_) => std::future::pending().await,
        }
    }

    /// Hands a question to the loop and its answers to the client.
    async fn ask(&mut self, desk: &Desk, ask: Ask) -> Option<()> {
        let (patience, action) = match &ask {
            Ask::Do(doing) => (wait(doing.waiting.wait_ms), action_word(doing.action)),
            Ask::Validate(waiting) | Ask::Reload(waiting) => (wait(waiting.wait_ms), ""),
            Ask::Status(_) | Ask::Why { .. } | Ask::Quit | Ask::Events(_) => (ANSWER_PATIENCE, ""),
        };
        let is_quit = ask == Ask::Quit;
        let (answers, mut inbox) = unbounded_channel();
        let handed = timeout(ANSWER_PATIENCE, desk.questions.send(Question { ask, answers })).await;
        if !matches!(handed, Ok(Ok(()))) {
            return self.say(&refused("ruled is busy with the questions of others; ask again later")).await;
        }
        let until = Instant::now() + patience;
        let mut pending: BTreeSet<String> = BTreeSet::new();
        loop {
            let reply = tokio::select! {
                biased;
                reply = timeout_at(until, inbox.recv()) => reply,
                () = Client::gone(&mut self.reader) => return None,
            };
            match reply {
                Ok(Some(Reply::Pending(services))) => pending.extend(services),
                Ok(Some(Reply::Says(says))) => {
                    if let Says::Outcome(outcome) = &says {
                        pending.remove(&outcome.service);
                    }
                    self.say(&says).await?;
                    if is_quit {
                        // Its end is that of this process.
                        Client::gone(&mut self.reader).await;
                        return None;
                    }
                    if !matches!(says, Says::Outcome(_)) {
                        return Some(());
                    }
                }
                Ok(None) => return self.say(&refused("ruled ended before there was an answer")).await,
                Err(_) => return self.late(pending, action, &mut inbox).await,
            }
        }
    }

    /// Says of what it was waited for in vain.
    async fn late(
        &mut self,
        pending: BTreeSet<String>,
        action: &str,
        inbox: &mut UnboundedReceiver<Reply>,
    ) -> Option<()> {
        inbox.close();
        if pending.is_empty() {
            return self.say(&refused("there was no answer in time; what was asked for goes on")).await;
        }
        for service in pending {
            let message = "it goes on; `ruled why` says what it waits for".to_owned();
            let outcome = Outcome { service, action: action.to_owned(), how: "late".to_owned(), message };
            self.say(&Says::Outcome(outcome)).await?;
        }
        self.say(&Says::End(End { well: false })).await
    }

    async fn tell_events(&mut self, desk: &Desk, telling: Telling) -> Option<()> {
        let place = if telling.follow {
            match Arc::clone(&desk.followers).try_acquire_owned() {
                Ok(place) => Some(place),
                Err(_) => {
                    return self.say(&refused(&format!("{FOLLOWERS_MAX} others follow the events already"))).await;
                }
            }
        } else {
            None
        };
        let (lines, mut next) = desk.recent.follow(telling.last.unwrap_or(usize::MAX));
        for event in lines {
            self.write(event_line(&event).as_bytes()).await?;
        }
        if place.is_none() {
            return self.say(&Says::End(End { well: true })).await;
        }
        loop {
            let event = tokio::select! {
                event = next.recv() => event,
                () = Client::gone(&mut self.reader) => return None,
            };
            match event {
                Ok(event) => self.write(event_line(&event).as_bytes()).await?,
                Err(RecvError::Lagged(events)) => self.say(&Says::Missed { events }).await?,
                Err(RecvError::Closed) => return self.say(&Says::End(End { well: true })).await,
            }
        }
    }
}

fn wait(wait_ms: Option<u64>) -> Duration {
    // Who does not wait is answered at once.
    match wait_ms {
        Some(0) => ANSWER_PATIENCE,
        wait_ms => Duration::from_millis(wait_ms.unwrap_or(WAIT_MS_MAX).min(WAIT_MS_MAX)),
    }
}

fn action_word(action: super::protocol::Action) -> &'static str {
    super::request(action).word()
}

fn refused(reason: &str) -> Says {
    Says::Refused { reason: reason.to_owned() }
}

/// An event is written as it was told: nothing of it is left out.
fn event_line(event: &str) -> String {
    format!("{{\"ruled\":{VERSION},\"says\":\"event\",\"event\":{event}}}\n")
}

/// A line of an answer; the error is a sentence.
fn line(says: &Says) -> Result<Vec<u8>, String> {
    let mut bytes = serde_json::to_vec(&Line { ruled: VERSION, says }).map_err(|error| error.to_string())?;
    if bytes.len() >= ANSWER_BYTES_MAX {
        return Err(format!("the answer is longer than {ANSWER_BYTES_MAX} bytes; ask for fewer services"));
    }
    bytes.push(b'\n');
    Ok(bytes)
}
