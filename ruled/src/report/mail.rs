//! Mail to the recipients: who gets what, and the thread that hands it in.
//!
//! The queue is in memory: mail that was not taken when ruled ends is lost, and said to be.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use interpreter::engine::EventClass;
use interpreter::program::{AlertTarget, MailSettings};
use tokio::sync::mpsc;
use tokio::time::timeout_at;

mod letter;
mod server;

pub use letter::{Letter, LetterError};
pub use server::{Delivery, deliver};

/// How many letters wait for a server. A storm beyond that loses its oldest letters, whose news is the stalest.
const QUEUE_LENGTH_MAX: usize = 1_000;

/// How long a letter that no server took waits for the next attempt: at first, and at most.
const RETRY_FIRST: Duration = Duration::from_secs(10);
const RETRY_LAST: Duration = Duration::from_secs(15 * 60);

/// How many attempts in a row fail before everything waits.
const STUCK_MAX: usize = 3;

/// When a letter that nobody took is given up.
const LETTER_AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// The addresses that get an event of this class. A service's own entry for an address replaces the one for all
/// services, also when it wants nothing.
pub fn recipients<'a>(all: &'a [AlertTarget], own: &'a [AlertTarget], class: EventClass) -> Vec<&'a str> {
    let is_replaced = |target: &&AlertTarget| !own.iter().any(|own| own.address.eq_ignore_ascii_case(&target.address));
    let mut addresses: Vec<&str> = own
        .iter()
        .chain(all.iter().filter(is_replaced))
        .filter(|target| target.events.contains(class))
        .map(|target| target.address.as_str())
        .collect();
    let mut seen = std::collections::HashSet::new();
    addresses.retain(|address| seen.insert(address.to_ascii_lowercase()));
    addresses
}

/// What the mail thread is handed.
#[derive(Debug)]
pub enum Post {
    /// A letter to hand in.
    Letter(Box<Letter>),
    /// Other servers, after a reload.
    Settings(MailSettings),
    /// Try what waits once more, until then at the latest, and end.
    Finish(Instant),
}

/// Something that went wrong and is to be said in the log.
pub type Complain = Box<dyn Fn(String) + Send>;

/// Hands in letters until told to finish. Servers are tried in order; while none takes mail, the queue waits.
pub async fn run(settings: MailSettings, mut inbox: mpsc::Receiver<Post>, complain: Complain) {
    let mut queue =
        Queue { settings, letters: VecDeque::new(), stuck: 0, pause: RETRY_FIRST, retry_at: None, complain };
    loop {
        let post = match queue.due() {
            None => inbox.recv().await,
            Some(due) => match timeout_at(due.into(), inbox.recv()).await {
                Ok(post) => post,
                Err(_) => {
                    queue.attempt().await;
                    continue;
                }
            },
        };
        match post {
            Some(Post::Letter(letter)) => queue.take(*letter),
            Some(Post::Settings(fresh)) => queue.follow(fresh),
            Some(Post::Finish(until)) => return queue.finish(until).await,
            None => return,
        }
    }
}

/// The letters that wait for a server.
struct Queue {
    settings: MailSettings,
    letters: VecDeque<Letter>,
    /// How many attempts in a row failed.
    stuck: usize,
    pause: Duration,
    retry_at: Option<Instant>,
    complain: Complain,
}

impl Queue {
    /// When the next attempt is due; never while nothing waits.
    fn due(&self) -> Option<Instant> {
        (!self.letters.is_empty()).then(|| self.retry_at.unwrap_or_else(Instant::now))
    }

    fn take(&mut self, letter: Letter) {
        if self.settings.servers.is_empty() {
            (self.complain)("no mail server is set (`set mailserver`): mail is dropped".to_owned());
            return;
        }
        if self.letters.len() >= QUEUE_LENGTH_MAX && self.letters.pop_front().is_some() {
            (self.complain)(format!("more than {QUEUE_LENGTH_MAX} mails wait for a server: the oldest is dropped"));
        }
        self.letters.push_back(letter);
    }

    fn follow(&mut self, settings: MailSettings) {
        (self.settings, self.stuck, self.pause, self.retry_at) = (settings, 0, RETRY_FIRST, None);
    }

    /// Tries the first letter. One that no server wants at present goes to the end, because another recipient's may
    /// well be wanted; after a few of them in a row everything waits.
    async fn attempt(&mut self) {
        let Some(letter) = self.letters.pop_front() else { return };
        let to = letter.recipients();
        let (reason, is_final) = match deliver(&self.settings, &letter).await {
            Delivery::Taken => {
                (self.stuck, self.pause, self.retry_at) = (0, RETRY_FIRST, None);
                return;
            }
            Delivery::Refused(reason) => (reason, true),
            Delivery::Failed(reason) => (reason, letter.written.elapsed() > LETTER_AGE_MAX),
        };
        if is_final {
            (self.complain)(format!("mail to {to} is given up: {reason}"));
            return;
        }
        (self.complain)(format!("mail to {to} waits: {reason}"));
        self.letters.push_back(letter);
        self.stuck += 1;
        if self.stuck >= STUCK_MAX.min(self.letters.len()) {
            self.retry_at = Some(Instant::now() + self.pause);
            self.pause = (self.pause * 2).min(RETRY_LAST);
            self.stuck = 0;
        }
    }

    async fn finish(&mut self, until: Instant) {
        self.retry_at = None;
        let work = async {
            // Once for each: a server that takes none now takes none in the next second.
            for _ in 0..self.letters.len() {
                self.attempt().await;
                if self.retry_at.is_some() {
                    break;
                }
            }
        };
        timeout_at(until.into(), work).await.ok();
        if !self.letters.is_empty() {
            (self.complain)(format!("{} mails were not handed in and are lost", self.letters.len()));
        }
    }
}
