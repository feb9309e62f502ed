//! Mail: the thread that carries out what the outbox decides. It renders what is told, has it kept, and hands letters in; each
//! letter in a task of its own, so that a server that is slow holds up no other letter and nothing else.

use std::collections::BTreeMap;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use interpreter::engine::{Event, EventClass, EventState, Monotonic, Now, ServiceId, Wall};
use interpreter::outbox::{
    Answer, Change, Input, LetterHead, Manner, News, Order, Outbox, Saying, Status, Surroundings,
};
use interpreter::program::Program;
use jiff::tz::TimeZone;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, WeakSender, unbounded_channel};
use tokio::time::sleep_until;

mod encryption;
mod message;
mod server;
mod wire;

pub use message::{MessageError, message};
pub use server::Destination;
pub use wire::SAID_BYTES_MAX;

use crate::remember::{MailChanges, MailDoor};

/// How many messages are taken before what they bring about is kept and handed in.
const BATCH_MAX: usize = 1_000;

/// How long is waited until news are stored. Then they are handed in all the same: a disk that does not answer must not
/// keep anybody from being told so.
const STORED_PATIENCE: Duration = Duration::from_secs(2);

/// How long the thread sleeps at most.
const SLEEP_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What the mail thread is handed.
pub enum Post {
    /// Something was told.
    Told(Box<Event>),
    /// Something goes on, for so many cycles by now.
    GoesOn(Box<Event>, u64),
    /// Whoever waits here keeps what all that was told so far brought about.
    Receipt(SyncSender<MailChanges>),
    /// From here on events belong to this program.
    Program(Arc<Program>),
    /// What an earlier run kept, and where to keep what follows; nowhere when nothing is kept.
    Open(Box<Opening>),
    /// All up to this number is stored, or cannot be for now.
    Stored(u64),
    /// Try what waits once more, until then at the latest, and end.
    Finish(Instant),
}

/// What an earlier run kept, and where to keep what follows.
#[derive(Debug, Default)]
pub struct Opening {
    /// News with the number of their letter.
    pub news: Vec<(News, Option<u64>)>,
    /// The heads of the letters.
    pub letters: Vec<LetterHead>,
    /// Where to keep what follows.
    pub door: Option<MailDoor>,
}

/// Something about mail itself that is to be told.
pub enum Remark {
    /// A line of the log: whether it is good news, and the text.
    Line(bool, String),
    /// An event.
    Event(Box<Event>),
}

/// What the thread is given at its start.
pub struct MailOptions {
    /// The rules.
    pub program: Arc<Program>,
    /// The name of this machine.
    pub host: String,
    /// Where it stands.
    pub zone: TimeZone,
    /// A number that nobody guesses, for Message-IDs.
    pub salt: u64,
    /// Where is told what is about mail itself.
    pub remark: Box<dyn Fn(Remark) + Send>,
    /// How much waits, for whoever asks.
    pub status: Arc<Mutex<Status>>,
    /// The way into this thread, for what is stored.
    pub post: WeakSender<Post>,
}

/// Does the work of the mail thread until told to finish.
pub async fn run(options: MailOptions, mut inbox: Receiver<Post>) {
    let (answer, answers) = unbounded_channel();
    let mut office = Office::new(options, answer);
    office.work(&mut inbox, answers).await;
}

/// The mail thread's own.
struct Office {
    options: MailOptions,
    destinations: Vec<Arc<Destination>>,
    outbox: Outbox,
    begun: Instant,
    door: Option<MailDoor>,
    /// Whether what an earlier run kept is known. Before, nothing is decided.
    is_open: bool,
    /// What came before that.
    early: Vec<Input>,
    /// What is to be kept and was not handed over yet.
    unkept: Vec<Change>,
    /// Since when is waited until something is stored: the number up to which, and when.
    unstored: BTreeMap<u64, Instant>,
    answer: UnboundedSender<(u64, Answer)>,
    finish: Option<Instant>,
}

impl Office {
    fn new(options: MailOptions, answer: UnboundedSender<(u64, Answer)>) -> Office {
        let outbox = Outbox::new(manner(&options.program, &options.host), options.salt);
        let mut office = Office {
            destinations: Vec::new(),
            outbox,
            begun: Instant::now(),
            door: None,
            is_open: false,
            early: Vec::new(),
            unkept: Vec::new(),
            unstored: BTreeMap::new(),
            answer,
            finish: None,
            options,
        };
        office.find_destinations();
        office
    }

    async fn work(&mut self, inbox: &mut Receiver<Post>, mut answers: UnboundedReceiver<(u64, Answer)>) {
        loop {
            let wake = self.wake();
            tokio::select! {
                post = inbox.recv() => match post {
                    Some(post) => self.take(post),
                    None => return,
                },
                Some((number, answer)) = answers.recv() => self.hand(Input::Answered(number, answer)),
                () = sleep_until(wake.into()) => self.pass_time(),
            }
            for _ in 0..BATCH_MAX {
                let Ok(post) = inbox.try_recv() else { break };
                self.take(post);
            }
            self.keep();
            *self.options.status.lock().unwrap_or_else(PoisonError::into_inner) = self.outbox.status();
            if let Some(until) = self.finish
                && (Instant::now() >= until || self.is_open && self.outbox.is_idle() && self.unstored.is_empty())
            {
                self.say_what_is_left();
                return;
            }
        }
    }

    fn take(&mut self, post: Post) {
        match post {
            Post::Told(event) => {
                let news = self.surroundings().news(&event);
                news.into_iter().for_each(|one| self.hand(Input::News(Box::new(one))));
            }
            Post::GoesOn(event, cycles) => {
                let news = self.surroundings().reminders(&event, cycles);
                news.into_iter().for_each(|one| self.hand(Input::News(Box::new(one))));
            }
            Post::Receipt(receipt) => {
                let changes = self.changes();
                // Whoever does not wait any more keeps nothing.
                if let Err(gone) = receipt.send(changes) {
                    self.unkept = gone.0.changes;
                }
            }
            Post::Program(program) => {
                self.options.program = program;
                self.find_destinations();
                self.hand(Input::Follow(manner(&self.options.program, &self.options.host)));
            }
            Post::Open(opening) => self.open(*opening),
            Post::Stored(number) => {
                self.unstored.retain(|waited, _| *waited > number);
                self.hand(Input::Stored(number));
            }
            Post::Finish(until) => {
                self.finish = Some(until);
                self.hand(Input::Finish);
            }
        }
    }

    fn open(&mut self, opening: Opening) {
        self.door = opening.door;
        self.outbox.go_on_from(self.now(), opening.news, opening.letters);
        self.is_open = true;
        self.hand(Input::Tick);
        for input in std::mem::take(&mut self.early) {
            self.hand(input);
        }
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { program: &self.options.program, host: &self.options.host, zone: &self.options.zone }
    }

    fn find_destinations(&mut self) {
        let found = Destination::all(&self.options.program.settings, &self.options.host);
        self.destinations = found.into_iter().map(Arc::new).collect();
    }

    fn now(&self) -> Now {
        let wall = Wall(jiff::Timestamp::now().as_microsecond());
        Now { monotonic: Monotonic::default().after(self.begun.elapsed()), wall }
    }

    fn hand(&mut self, input: Input) {
        if !self.is_open {
            self.early.push(input);
            return;
        }
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for order in self.outbox.handle(self.now(), input) {
                match order {
                    Order::Keep(change) => self.unkept.push(change),
                    Order::HandIn(letter, place) => {
                        let answer = self.answer.clone();
                        let Some(to) = self.destinations.get(place).cloned() else { continue };
                        tokio::spawn(async move {
                            let taken = to.hand_in(&letter).await;
                            // The thread ends with ruled only.
                            answer.send((letter.head.number, taken)).unwrap_or(());
                        });
                    }
                    Order::Say(saying) => {
                        inputs.extend(self.say(saying).into_iter().map(|one| Input::News(Box::new(one))))
                    }
                }
            }
        }
    }

    /// What is to be kept by now, and what is to be done when it is.
    fn changes(&mut self) -> MailChanges {
        let changes = std::mem::take(&mut self.unkept);
        let (number, post) = (self.outbox.last_number(), self.options.post.clone());
        if !changes.is_empty() {
            self.unstored.insert(number, Instant::now());
        }
        let done = move || {
            if let Some(post) = post.upgrade() {
                // A queue that is full is looked through soon, and what is stored is then known by its later numbers.
                post.try_send(Post::Stored(number)).unwrap_or(());
            }
        };
        MailChanges { changes, done: Box::new(done) }
    }

    /// Has kept what is to be.
    fn keep(&mut self) {
        if self.unkept.is_empty() || !self.is_open {
            return;
        }
        match self.door.clone() {
            Some(door) => door.keep(self.changes()),
            // Nothing is kept, and nothing is waited for.
            None => {
                while !std::mem::take(&mut self.unkept).is_empty() {
                    let number = self.outbox.last_number();
                    self.hand(Input::Stored(number));
                }
            }
        }
    }

    /// When something is to be done by the clock.
    fn wake(&self) -> Instant {
        let wish = self.outbox.next_wake(self.now()).map(|at| self.begun + Duration::from_nanos(at.0));
        let stored = self.unstored.values().next().map(|since| *since + STORED_PATIENCE);
        let last = Instant::now() + SLEEP_MAX;
        [wish, stored, self.finish].into_iter().flatten().fold(last, Instant::min)
    }

    fn pass_time(&mut self) {
        let is_late = |since: &Instant| since.elapsed() >= STORED_PATIENCE;
        let late = self.unstored.iter().rev().find(|(_, since)| is_late(since)).map(|(number, _)| *number);
        if let Some(number) = late {
            self.unstored.retain(|waited, _| *waited > number);
            (self.options.remark)(Remark::Line(
                false,
                "mail is not stored in time; it is handed in all the same, and may be lost if ruled ends".to_owned(),
            ));
            self.hand(Input::Stored(number));
        }
        self.hand(Input::Tick);
    }

    /// Tells something about mail itself; what is to be mailed about it, to others than those whom it does not reach.
    fn say(&self, saying: Saying) -> Vec<News> {
        let line = |is_good: bool, text: String| {
            (self.options.remark)(Remark::Line(is_good, text));
            Vec::new()
        };
        let name = |place: usize| self.destinations.get(place).map_or_else(String::new, |to| to.name());
        match saying {
            Saying::ServerFails(_, reason) => line(false, format!("mail waits: {reason}")),
            Saying::ServerWorks(place) => line(true, format!("{} takes mail again", name(place))),
            Saying::Waits(to, reason) => line(false, format!("mail to {to} waits: {reason}")),
            Saying::NoServer => {
                line(false, "no mail server is set (`set mailserver`): mail waits until there is one".to_owned())
            }
            Saying::GivenUp { to, reason, news } => {
                let events = grammar::english::count(news as u64, "event");
                self.event(&to, format!("mail to {to} is given up with {events} in it: {reason}"))
            }
            Saying::Dropped { to, news, limit } => {
                let events = grammar::english::count(news, "event");
                self.event(&to, format!("{events} for {to} are not mailed: {limit}"))
            }
        }
    }

    fn event(&self, to: &str, message: String) -> Vec<News> {
        let event = Event {
            at: self.now().wall,
            cycle: 1,
            early: true,
            service: self.options.program.system().unwrap_or(ServiceId(u32::MAX)),
            class: EventClass::Data,
            rule: None,
            state: EventState::Failed,
            action: "alert",
            message: crate::words::one_line(&message),
            takers: Vec::new(),
        };
        let mut news = self.surroundings().news(&event);
        news.retain(|one| !one.to.eq_ignore_ascii_case(to));
        (self.options.remark)(Remark::Event(Box::new(event)));
        news
    }

    fn say_what_is_left(&self) {
        let left = self.outbox.status().news as u64;
        if left == 0 {
            return;
        }
        let events = grammar::english::count(left, "event");
        let text = match self.door {
            Some(_) => format!("mail about {events} waits, and is handed in when ruled runs again"),
            None => format!("mail about {events} was not handed in and is lost"),
        };
        (self.options.remark)(Remark::Line(self.door.is_some(), text));
    }
}

fn manner(program: &Program, host: &str) -> Manner {
    let settings = &program.settings;
    let slots = settings.event_queue.as_ref().and_then(|queue| queue.slots);
    Manner { servers: settings.mail.servers.len(), slots, host: host.to_owned() }
}
