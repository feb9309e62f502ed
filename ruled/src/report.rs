//! Tells what happened: to the log, to people by mail, to programs as JSON. It tells, it does not change.
//!
//! Everything here runs on threads of its own, behind queues: no log that does not answer, no mail server that is
//! slow, ever holds up the loop.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use interpreter::engine::{Event, Wall};
use interpreter::program::{Program, ServiceId};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

pub mod events;
pub mod level;
pub mod line;
pub mod log_file;
pub mod mail;
pub mod recent;
pub mod syslog;

use events::EventsWriter;
use level::Level;
use line::Line;
use log_file::{Log, LogError};
use mail::{Letter, Post};
use recent::Recent;

/// How many reports wait for the thread. It only falls so far behind when the log does not answer.
const QUEUE_LENGTH_MAX: usize = 4096;

/// How many letters wait for the mail thread, beside its own queue.
const POST_LENGTH_MAX: usize = 256;

/// How long the end waits for the last lines and mails.
const FAREWELL: Duration = Duration::from_secs(5);

/// What is told, and how.
pub struct ReportOptions {
    /// Whether mail is sent.
    pub mail: bool,
    /// Whether the log that the rules name is written to.
    pub log: bool,
    /// The least level that is written to standard error and to the log.
    pub level: Level,
    /// The least level on standard error, if that says less.
    pub error_level: Level,
    /// Where events are written for programs.
    pub events: Option<EventsWriter>,
    /// Where the last events are kept for whoever asks.
    pub recent: Arc<Recent>,
    /// The name of this machine.
    pub host: String,
    /// The time zone in which people are told times.
    pub zone: TimeZone,
}

enum Message {
    Event(Box<Event>),
    Line(Line),
    Program(Arc<Program>),
    Reopen,
    Receipt(SyncSender<()>),
    Finish(SyncSender<()>),
}

/// The way into the report thread.
#[derive(Clone)]
pub struct Reporter {
    messages: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl Reporter {
    /// Starts the threads.
    pub fn start(program: Arc<Program>, options: ReportOptions) -> std::io::Result<Reporter> {
        let (messages, inbox) = sync_channel(QUEUE_LENGTH_MAX);
        let reporter = Reporter { messages, dropped: Arc::default() };
        let post = if options.mail { Some(start_mail(&program, &options, reporter.clone())?) } else { None };
        let log = log_of(&program, &options);
        let dropped = Arc::clone(&reporter.dropped);
        let desk = Desk { program, options, log, lost: None, post, letters: 0, dropped };
        thread::Builder::new().name("report".to_owned()).spawn(move || desk.run(&inbox))?;
        Ok(reporter)
    }

    /// Tells everybody whom it concerns.
    pub fn tell(&self, event: Event) {
        self.send(Message::Event(Box::new(event)));
    }

    /// Writes a line about ruled itself to the log.
    pub fn say(&self, at: Wall, level: Level, text: &str) {
        self.send(Message::Line(Line::new(at, level, text)));
    }

    /// From here on events belong to this program.
    pub fn follow(&self, program: Arc<Program>) {
        self.send(Message::Program(program));
    }

    /// Where is said when all that was told so far is written.
    pub fn receipt(&self) -> Receiver<()> {
        let (done, receipt) = sync_channel(1);
        self.send(Message::Receipt(done));
        receipt
    }

    /// Opens the log anew, after a rotation.
    pub fn reopen(&self) {
        self.send(Message::Reopen);
    }

    /// Waits, for a few seconds at most, until everything was told.
    pub fn finish(&self) {
        let (done, finished) = sync_channel(1);
        self.send(Message::Finish(done));
        match finished.recv_timeout(FAREWELL + Duration::from_secs(1)) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    fn send(&self, message: Message) {
        if let Err(TrySendError::Full(_)) = self.messages.try_send(message) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn start_mail(
    program: &Program,
    options: &ReportOptions,
    reporter: Reporter,
) -> std::io::Result<(mpsc::Sender<Post>, Receiver<()>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (post, inbox) = mpsc::channel(POST_LENGTH_MAX);
    let (ended, end) = sync_channel(1);
    let settings = mail_settings(program, &options.host);
    thread::Builder::new().name("mail".to_owned()).spawn(move || {
        let complain = move |text: String| reporter.say(wall_now(), Level::Error, &text);
        runtime.block_on(mail::run(settings, inbox, Box::new(complain)));
        // Nobody listens when the end did not wait so long.
        ended.send(()).ok();
    })?;
    Ok((post, end))
}

/// The log that the rules name, where it is to be written to.
fn log_of(program: &Program, options: &ReportOptions) -> Log {
    Log::new(program.settings.log.as_ref().filter(|_| options.log))
}

fn mail_settings(program: &Program, host: &str) -> interpreter::program::MailSettings {
    let mut settings = program.settings.mail.clone();
    settings.hostname.get_or_insert_with(|| host.to_owned());
    settings
}

/// The report thread's own.
struct Desk {
    program: Arc<Program>,
    options: ReportOptions,
    log: Log,
    /// Why lines could not be written last, and how many since; said once, and again when it is over.
    lost: Option<(LogError, u64)>,
    post: Option<(mpsc::Sender<Post>, Receiver<()>)>,
    letters: u64,
    dropped: Arc<AtomicU64>,
}

impl Desk {
    fn run(mut self, inbox: &Receiver<Message>) {
        while let Ok(message) = inbox.recv() {
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                let text = format!("{dropped} reports were dropped because the log does not keep up");
                self.write(&Line::new(wall_now(), Level::Error, &text));
            }
            match message {
                Message::Event(event) => self.event(&event),
                Message::Line(line) => self.write(&line),
                Message::Reopen => self.log.reopen(),
                // Whoever has waited for too long does not listen any more.
                Message::Receipt(done) => done.try_send(()).unwrap_or(()),
                Message::Program(program) => self.follow(program),
                Message::Finish(done) => {
                    self.finish(inbox);
                    done.send(()).ok();
                    return;
                }
            }
        }
    }

    fn event(&mut self, event: &Event) {
        let program = Arc::clone(&self.program);
        let service = program.service(event.service);
        let name = service.map_or("ruled", |service| service.name.as_str());
        self.write(&Line::of(event, name));
        for taking in &event.takers {
            self.write(&Line::new(event.at, Level::Info, &format!("'{name}' {}", taking.sentence())));
        }
        if let Ok(line) = events::render(event, name) {
            self.options.recent.push(&line);
        }
        if let Some(events) = &mut self.options.events
            && let Err(error) = events.write(event, name)
        {
            // A reader that has gone away does not come back.
            self.options.events = None;
            let text = format!("cannot write events: {}", crate::words::reason(&error));
            self.write(&Line::new(event.at, Level::Error, &text));
        }
        if self.post.is_none() {
            return;
        }
        let own = service.map_or(&[][..], |service| service.alerts.as_slice());
        for to in mail::recipients(&program.settings.alerts, own, event.class) {
            self.letters += 1;
            match Letter::new(event, name, &self.options.host, to, &self.options.zone, self.letters) {
                Ok(letter) => self.hand_over(Post::Letter(Box::new(letter)), event.at),
                Err(error) => self.write(&Line::new(event.at, Level::Error, &error.to_string())),
            }
        }
    }

    fn hand_over(&mut self, post: Post, at: Wall) {
        if let Some((queue, _)) = &self.post
            && queue.try_send(post).is_err()
        {
            self.write(&Line::new(at, Level::Error, "a mail was dropped because the mail server does not keep up"));
        }
    }

    fn follow(&mut self, program: Arc<Program>) {
        if program.settings.log != self.program.settings.log {
            self.log = log_of(&program, &self.options);
        }
        let settings = mail_settings(&program, &self.options.host);
        self.hand_over(Post::Settings(settings), wall_now());
        self.program = program;
    }

    fn write(&mut self, line: &Line) {
        if line.level > self.options.level {
            return;
        }
        if line.level <= self.options.error_level {
            // Nobody to tell when standard error is closed.
            writeln!(std::io::stderr(), "{}", line.render(&self.options.zone)).ok();
        }
        match (self.log.write(line, &self.options.zone), self.lost.take()) {
            (Ok(()), None) => {}
            (Ok(()), Some((error, lost))) => {
                let lines = grammar::english::count(lost, "line");
                self.write(&Line::new(line.at, Level::Warning, &format!("{lines} are missing here: {error}")));
            }
            (Err(error), None) => {
                writeln!(std::io::stderr(), "ruled: {error}").ok();
                self.lost = Some((error, 1));
            }
            (Err(error), Some((_, lost))) => self.lost = Some((error, lost.saturating_add(1))),
        }
    }

    fn finish(&mut self, inbox: &Receiver<Message>) {
        let until = Instant::now() + FAREWELL;
        if let Some((queue, end)) = self.post.take()
            && queue.try_send(Post::Finish(until)).is_ok()
        {
            end.recv_timeout(FAREWELL).ok();
        }
        // What the mail thread complained about meanwhile.
        while let Ok(Message::Line(line)) = inbox.try_recv() {
            self.write(&line);
        }
    }
}

/// The clock on the wall.
pub fn wall_now() -> Wall {
    Wall(jiff::Timestamp::now().as_microsecond())
}

/// The name of a service for messages; `ruled` for a number of another program.
pub fn service_name(program: &Program, id: ServiceId) -> &str {
    program.service(id).map_or("ruled", |service| service.name.as_str())
}
