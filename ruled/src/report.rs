//! Tells what happened: to the log, to people by mail, to programs as JSON. It tells, it does not change.
//!
//! Everything here runs on threads of its own, behind queues: no log that does not answer, no mail server that is
//! slow, ever holds up the loop.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use interpreter::engine::{Event, Wall};
use interpreter::outbox::Status;
use interpreter::program::{Program, ServiceId};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

mod appended;
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
use mail::{MailOptions, Opening, Post, Remark};
use recent::Recent;

use crate::remember::Told;

/// How many reports wait for the thread. It only falls so far behind when the log does not answer.
const QUEUE_LENGTH_MAX: usize = 4096;

/// How many events wait for the mail thread, beside its own queue. It waits for nobody, so that this is for storms only.
const POST_LENGTH_MAX: usize = 65_536;

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
    /// The way into the mail thread; none where no mail is sent.
    post: Option<mpsc::Sender<Post>>,
    /// Where is said that it has ended.
    mail_end: Arc<Mutex<Option<Receiver<()>>>>,
    /// How many events it could not be told of.
    unmailed: Arc<AtomicU64>,
    mail_status: Arc<Mutex<Status>>,
}

impl Reporter {
    /// Starts the threads.
    pub fn start(program: Arc<Program>, options: ReportOptions) -> std::io::Result<Reporter> {
        let (messages, inbox) = sync_channel(QUEUE_LENGTH_MAX);
        let mut reporter = Reporter {
            messages,
            dropped: Arc::default(),
            post: None,
            mail_end: Arc::default(),
            unmailed: Arc::default(),
            mail_status: Arc::default(),
        };
        if options.mail {
            reporter.start_mail(&program, &options)?;
        }
        let log = log_of(&program, &options);
        let (dropped, unmailed) = (Arc::clone(&reporter.dropped), Arc::clone(&reporter.unmailed));
        let desk = Desk { program, options, log, lost: None, dropped, unmailed };
        thread::Builder::new().name("report".to_owned()).spawn(move || desk.run(&inbox))?;
        Ok(reporter)
    }

    /// Tells everybody whom it concerns.
    pub fn tell(&self, event: Event) {
        self.mail(vec![Post::Told(Box::new(event.clone()))]);
        self.log(event);
    }

    /// Tells the log, and whoever follows events, but nobody by mail.
    pub fn log(&self, event: Event) {
        self.send(Message::Event(Box::new(event)));
    }

    /// Mails this to everybody whom it concerns.
    pub fn mail(&self, posts: Vec<Post>) {
        for post in posts {
            if self.post.as_ref().is_some_and(|queue| queue.try_send(post).is_err()) {
                self.unmailed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Goes on with the mail that an earlier run left, and keeps what follows. Before, no mail is handed in.
    pub fn open_mail(&self, opening: Opening) {
        self.mail(vec![Post::Open(Box::new(opening))]);
    }

    /// How much mail waits; nothing where none is sent.
    pub fn mail_status(&self) -> Option<Status> {
        self.post.as_ref()?;
        Some(self.mail_status.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Writes a line about ruled itself to the log.
    pub fn say(&self, at: Wall, level: Level, text: &str) {
        self.send(Message::Line(Line::new(at, level, text)));
    }

    /// From here on events belong to this program.
    pub fn follow(&self, program: Arc<Program>) {
        self.mail(vec![Post::Program(Arc::clone(&program))]);
        self.send(Message::Program(program));
    }

    /// Where is said when all that was told so far is in the log, and where the mail about it comes from.
    pub fn receipt(&self) -> Told {
        let (done, log) = sync_channel(1);
        self.send(Message::Receipt(done));
        let mail = self.post.is_some().then(|| {
            let (changes, mail) = sync_channel(1);
            self.mail(vec![Post::Receipt(changes)]);
            mail
        });
        Told { log, mail }
    }

    /// Opens the log anew, after a rotation.
    pub fn reopen(&self) {
        self.send(Message::Reopen);
    }

    /// Waits, for a few seconds at most, until what is to be mailed was handed in, or is kept for the next run.
    pub fn finish_mail(&self) {
        if let Some(post) = &self.post {
            let end = self.mail_end.lock().unwrap_or_else(PoisonError::into_inner).take();
            if post.try_send(Post::Finish(Instant::now() + FAREWELL)).is_ok()
                && let Some(end) = end
            {
                // Whoever takes longer is not waited for.
                end.recv_timeout(FAREWELL + Duration::from_secs(1)).unwrap_or(());
            }
        }
    }

    /// Waits, for a few seconds at most, until everything that was said is written.
    pub fn finish(&self) {
        let (done, finished) = sync_channel(1);
        self.send(Message::Finish(done));
        match finished.recv_timeout(FAREWELL + Duration::from_secs(1)) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    fn start_mail(&mut self, program: &Arc<Program>, options: &ReportOptions) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (post, inbox) = mpsc::channel(POST_LENGTH_MAX);
        let (ended, end) = sync_channel(1);
        let desk = self.clone();
        let remark = move |remark: Remark| match remark {
            Remark::Line(is_good, text) => {
                desk.say(wall_now(), if is_good { Level::Info } else { Level::Error }, &text);
            }
            Remark::Event(event) => desk.log(*event),
        };
        let mail = MailOptions {
            program: Arc::clone(program),
            host: options.host.clone(),
            zone: options.zone.clone(),
            // Each has other keys, which the system draws.
            salt: RandomState::new().build_hasher().finish(),
            remark: Box::new(remark),
            status: Arc::clone(&self.mail_status),
            post: post.downgrade(),
        };
        thread::Builder::new().name("mail".to_owned()).spawn(move || {
            runtime.block_on(mail::run(mail, inbox));
            // A look-up of a name may never come back.
            runtime.shutdown_background();
            // Nobody listens when the end did not wait so long.
            ended.send(()).ok();
        })?;
        self.post = Some(post);
        self.mail_end = Arc::new(Mutex::new(Some(end)));
        Ok(())
    }

    fn send(&self, message: Message) {
        if let Err(TrySendError::Full(_)) = self.messages.try_send(message) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The log that the rules name, where it is to be written to.
fn log_of(program: &Program, options: &ReportOptions) -> Log {
    Log::new(program.settings.log.as_ref().filter(|_| options.log))
}

/// The report thread's own.
struct Desk {
    program: Arc<Program>,
    options: ReportOptions,
    log: Log,
    /// Why lines could not be written last, and how many since; said once, and again when it is over.
    lost: Option<(LogError, u64)>,
    dropped: Arc<AtomicU64>,
    unmailed: Arc<AtomicU64>,
}

impl Desk {
    fn run(mut self, inbox: &Receiver<Message>) {
        while let Ok(message) = inbox.recv() {
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                let text = format!("{dropped} reports were dropped because the log does not keep up");
                self.write(&Line::new(wall_now(), Level::Error, &text));
            }
            let unmailed = self.unmailed.swap(0, Ordering::Relaxed);
            if unmailed > 0 {
                let text = format!("{unmailed} events were not mailed because there are too many at once");
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
    }

    fn follow(&mut self, program: Arc<Program>) {
        if program.settings.log != self.program.settings.log {
            self.log = log_of(&program, &self.options);
        }
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
        // What others complained about meanwhile.
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
