//! The outbox: decides which mail is made of what is told, when it is handed to which server, and when it is tried again.
//!
//! Like the engine it is handed what happened and when, and hands back what is to be done; it never waits, opens or asks
//! the time, so that a day without a mail server takes milliseconds in a test.
//!
//! **Invariant:** a letter is handed to a server only when it is stored or cannot be, is forgotten only when a server took
//! it or when it is said to be given up, and has the same Message-ID however often it is tried.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::{Monotonic, Now, Wall};

mod letter;
mod news;
mod order;
mod queue;
mod server;
mod text;

pub use letter::{LETTER_BYTES_MAX, Letter, LetterHead, NEWS_PER_LETTER_MAX, WHOLE_MAX};
pub use news::{News, NewsTurn, Surroundings, recipients, reminds};
pub use order::{Answer, Change, Input, Manner, Order, Saying};
pub use queue::{LETTER_GAP, LETTERS_AT_ONCE, LETTERS_OPEN_MAX};
pub use server::{PAUSE_FIRST, PAUSE_LAST};
pub use text::{DESCRIPTION_CHARS_MAX, SUBJECT_CHARS_MAX, TEXT_BYTES_MAX};

use queue::{Open, Queue};
use server::{Server, longer};

/// How much room all that waits takes at most, in bytes.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// How many news wait at most.
pub const NEWS_MAX: usize = 100_000;

/// How much is left when something is given up because there is too much, in percent: it is not done for each.
const SHED_TO_PERCENT: usize = 90;

/// How many letters are handed in at the same time at most, each to another recipient or server.
pub const HANDED_IN_MAX: usize = 8;

/// When a letter that nobody took is given up.
pub const AGE_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// When a letter is given up of which all servers say that they will never take it. A server whose settings are wrong says so,
/// too, and is mended within a day or two.
pub const REFUSED_AGE_MAX: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// How long nothing is looked at, at most, while anything waits.
const HOUSEKEEPING: Duration = Duration::from_secs(60 * 60);

/// The mail that waits, and how servers fare.
#[derive(Debug, Clone)]
pub struct Outbox {
    manner: Manner,
    /// A number that nobody guesses and no other outbox has, for Message-IDs.
    salt: u64,
    last_number: u64,
    /// Up to which number all is stored, or cannot be.
    stored: u64,
    servers: Vec<Server>,
    /// By address in lower case.
    queues: BTreeMap<String, Queue>,
    /// The recipient of each letter that is being handed in.
    handed: BTreeMap<u64, String>,
    /// How much waits, and which room it takes.
    news: usize,
    bytes: usize,
    given_up: u64,
    last_error: Option<(Wall, String)>,
    is_finishing: bool,
    is_without_server: bool,
    orders: Vec<Order>,
}

/// How much mail waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// How many letters were made and not taken.
    pub letters: usize,
    /// How many news wait, in letters or not.
    pub news: usize,
    /// Since when the oldest of them.
    pub since: Option<Wall>,
    /// How many news were given up since ruled began.
    pub given_up: u64,
    /// What went wrong last, and when; nothing once a letter was taken.
    pub last_error: Option<(Wall, String)>,
}

impl Outbox {
    /// An empty outbox. `salt` tells its letters from those of every other one.
    pub fn new(manner: Manner, salt: u64) -> Outbox {
        Outbox {
            servers: vec![Server::default(); manner.servers],
            manner,
            salt,
            last_number: 0,
            stored: 0,
            queues: BTreeMap::new(),
            handed: BTreeMap::new(),
            news: 0,
            bytes: 0,
            given_up: 0,
            last_error: None,
            is_finishing: false,
            is_without_server: false,
            orders: Vec::new(),
        }
    }

    /// Goes on with what an earlier outbox kept: news with the number of their letter, where they are in one, and the heads
    /// of the letters. To be called before the first input.
    pub fn go_on_from(&mut self, now: Now, news: Vec<(News, Option<u64>)>, letters: Vec<LetterHead>) {
        let letters = letters.into_iter().map(|head| (head.number, Open::new(head, Vec::new(), now.monotonic)));
        let mut open: BTreeMap<u64, Open> = letters.collect();
        let mut news = news;
        news.sort_by_key(|(one, _)| one.number);
        for (one, letter) in news {
            self.last_number = self.last_number.max(one.number);
            self.news += 1;
            self.bytes += one.bytes();
            match letter.and_then(|number| open.get_mut(&number)) {
                Some(letter) => letter.news.push(one),
                // What became of its letter is not known; better twice than never.
                None => self.queue(&one.to.clone()).waiting.push_back(one),
            }
        }
        for (number, letter) in open {
            self.last_number = self.last_number.max(number);
            if !letter.news.is_empty() {
                self.queue(&letter.head.to.clone()).letters.push(letter);
            }
        }
        // What could not be read may still be there, and is not to be written over.
        self.last_number = self.last_number.max(u64::try_from(now.wall.0).unwrap_or(0));
        self.stored = self.last_number;
    }

    /// Takes an input; what follows from it, in the order in which it is to be done.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Order> {
        match input {
            Input::News(news) => self.take(*news),
            Input::Stored(number) => self.stored = self.stored.max(number),
            Input::Answered(number, answer) => self.answered(now, number, answer),
            Input::Follow(manner) => self.follow(manner),
            Input::Finish => self.is_finishing = true,
            Input::Tick => self.give_up_old(now),
        }
        self.make_letters(now);
        self.hand_in(now);
        std::mem::take(&mut self.orders)
    }

    /// When the outbox next wants [`Input::Tick`], if nothing happens before.
    pub fn next_wake(&self, now: Now) -> Option<Monotonic> {
        let mut wakes = Vec::new();
        if !self.queues.is_empty() {
            wakes.push(now.monotonic.after(HOUSEKEEPING));
        }
        for queue in self.queues.values() {
            let passed = queue.letters.iter().all(|letter| letter.trouble.is_some());
            if !queue.waiting.is_empty() && passed && queue.letters.len() < LETTERS_OPEN_MAX {
                wakes.push(queue.makes_at());
            }
            for letter in queue.letters.iter().filter(|letter| letter.at.is_none()) {
                wakes.push(letter.retry_at);
                let untried = self.servers.iter().enumerate().filter(|(place, _)| !letter.refused.contains_key(place));
                wakes.extend(untried.map(|(_, server)| server.pause_until));
            }
        }
        // What is due and not done waits for something else to happen.
        wakes.into_iter().filter(|at| *at > now.monotonic).min()
    }

    /// Whether nothing is being handed in and nothing more will be without time passing.
    pub fn is_idle(&self) -> bool {
        self.handed.is_empty() && self.stored >= self.last_number
    }

    /// The number that was given last.
    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    /// How much waits.
    pub fn status(&self) -> Status {
        let letters = self.queues.values().flat_map(|queue| &queue.letters);
        let oldest = |queue: &Queue| {
            let in_letters = queue.letters.iter().flat_map(|letter| letter.news.first());
            in_letters.chain(queue.waiting.front()).map(|one| one.at_us).min()
        };
        Status {
            letters: letters.count(),
            news: self.news,
            since: self.queues.values().filter_map(oldest).min().map(Wall),
            given_up: self.given_up,
            last_error: self.last_error.clone(),
        }
    }

    fn queue(&mut self, to: &str) -> &mut Queue {
        self.queues.entry(to.to_ascii_lowercase()).or_default()
    }

    fn number(&mut self) -> u64 {
        self.last_number = self.last_number.saturating_add(1);
        self.last_number
    }

    fn take(&mut self, mut news: News) {
        news.number = self.number();
        self.news += 1;
        self.bytes += news.bytes();
        self.orders.push(Order::Keep(Change::News(Box::new(news.clone()))));
        let (to, bytes) = (news.to.clone(), news.bytes());
        if let Some(replaced) = self.queue(&to).take(news) {
            // It was about the same, and so about as long.
            self.news = self.news.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(bytes);
            self.orders.push(Order::Keep(Change::NewsGone(replaced)));
        }
        self.shed(&to);
    }

    /// Gives up what is too much.
    fn shed(&mut self, to: &str) {
        let slots = self.manner.slots.map_or(NEWS_MAX, |slots| slots as usize);
        if self.queue(to).waiting.len() > slots {
            let limit = format!("{} may wait for one recipient", grammar::english::count(slots as u64, "event"));
            self.shed_to(to, slots, &limit);
        }
        if self.news <= NEWS_MAX && self.bytes <= BYTES_MAX {
            return;
        }
        let limit = format!("{NEWS_MAX} events and {} MB may wait", BYTES_MAX / 1024 / 1024);
        // Whoever has most waiting loses most.
        for to in self.queues.keys().cloned().collect::<Vec<_>>() {
            let most = self.queue(&to).waiting.len() * SHED_TO_PERCENT / 100;
            self.shed_to(&to, most, &limit);
        }
    }

    fn shed_to(&mut self, to: &str, most: usize, limit: &str) {
        let queue = self.queue(to);
        let before: usize = queue.waiting.iter().map(News::bytes).sum();
        let gone = queue.shed(most);
        let after: usize = queue.waiting.iter().map(News::bytes).sum();
        let count = gone.len() as u64;
        if count == 0 {
            return;
        }
        self.bytes = self.bytes.saturating_sub(before.saturating_sub(after));
        self.news = self.news.saturating_sub(gone.len());
        self.given_up += count;
        self.orders.extend(gone.into_iter().map(|number| Order::Keep(Change::NewsGone(number))));
        let (to, limit) = (to.to_owned(), limit.to_owned());
        self.orders.push(Order::Say(Saying::Dropped { to, news: count, limit }));
    }

    fn follow(&mut self, manner: Manner) {
        let busy: Vec<usize> = self.servers.iter().map(|server| server.busy).collect();
        self.servers = vec![Server::default(); manner.servers];
        for (server, busy) in self.servers.iter_mut().zip(busy) {
            server.busy = busy;
        }
        self.manner = manner;
        self.is_without_server = false;
        for letter in self.queues.values_mut().flat_map(|queue| &mut queue.letters) {
            letter.refused.clear();
            (letter.pause, letter.retry_at) = (Duration::ZERO, Monotonic::default());
        }
    }

    fn make_letters(&mut self, now: Now) {
        if self.manner.servers == 0 {
            let is_news = !self.is_without_server && self.queues.values().any(|queue| !queue.waiting.is_empty());
            if is_news {
                self.is_without_server = true;
                self.orders.push(Order::Say(Saying::NoServer));
            }
            return;
        }
        let ready = |queue: &&mut Queue| queue.may_make(now.monotonic, self.is_finishing);
        for queue in self.queues.values_mut().filter(ready) {
            let news = queue.make(now.monotonic);
            let Some((first, last)) = news.first().zip(news.last()) else { continue };
            self.last_number = self.last_number.saturating_add(1);
            let number = self.last_number;
            let host = domain(&self.manner.host);
            let head = LetterHead {
                number,
                to: first.to.clone(),
                message_id: format!("{}.{number}.{:016x}@{host}", now.wall.0, self.salt),
                made_us: now.wall.0,
                dropped: std::mem::take(&mut queue.dropped),
            };
            self.orders.push(Order::Keep(Change::Letter(head.clone(), last.number)));
            queue.letters.push(Open::new(head, news, now.monotonic));
        }
    }

    /// Hands letters to the first server that is free for each.
    fn hand_in(&mut self, now: Now) {
        for (to, queue) in &mut self.queues {
            for letter in &mut queue.letters {
                if self.handed.len() >= HANDED_IN_MAX {
                    return;
                }
                let number = letter.head.number;
                let is_due = letter.at.is_none() && letter.retry_at <= now.monotonic && number <= self.stored;
                if !is_due {
                    continue;
                }
                let free = |(place, server): &(usize, &mut Server)| {
                    !letter.refused.contains_key(place) && server.is_free(now.monotonic)
                };
                let Some((place, server)) = self.servers.iter_mut().enumerate().find(free) else { continue };
                server.busy += 1;
                letter.at = Some(place);
                self.handed.insert(number, to.clone());
                let whole = Letter::of(&letter.head, &letter.news);
                self.orders.push(Order::HandIn(Box::new(whole), place));
            }
        }
    }

    fn answered(&mut self, now: Now, number: u64, answer: Answer) {
        let Some(to) = self.handed.remove(&number) else { return };
        let Some(queue) = self.queues.get_mut(&to) else { return };
        let Some(index) = queue.letters.iter().position(|letter| letter.head.number == number) else { return };
        let Some(letter) = queue.letters.get_mut(index) else { return };
        let Some(place) = letter.at.take() else { return };
        let Some(server) = self.servers.get_mut(place) else { return };
        server.busy = server.busy.saturating_sub(1);
        let (refusal, reason) = match answer {
            Answer::Taken => {
                if server.work() {
                    self.orders.push(Order::Say(Saying::ServerWorks(place)));
                }
                self.last_error = None;
                let letter = queue.letters.remove(index);
                self.forget(&letter);
                return;
            }
            Answer::LetterRefused { is_final, reason } => {
                if server.work() {
                    self.orders.push(Order::Say(Saying::ServerWorks(place)));
                }
                if letter.trouble.replace(reason.clone()).as_deref() != Some(reason.as_str()) {
                    self.orders.push(Order::Say(Saying::Waits(letter.head.to.clone(), reason.clone())));
                }
                (Some(is_final), reason)
            }
            Answer::ServerFailed(reason) => {
                if server.fail(now.monotonic, &reason) {
                    self.orders.push(Order::Say(Saying::ServerFails(place, reason.clone())));
                }
                (None, reason)
            }
        };
        letter.refused.insert(place, refusal);
        self.last_error = Some((now.wall, reason.clone()));
        let left = |(place, server): (usize, &Server)| {
            !letter.refused.contains_key(&place) && (server.trouble.is_none() || server.pause_until <= now.monotonic)
        };
        if self.servers.iter().enumerate().any(left) {
            return;
        }
        // Nobody took it in this turn.
        let is_refused = letter.is_refused_by_all(self.servers.len()) && letter.is_older(now, REFUSED_AGE_MAX);
        let was_refused = letter.refused.values().any(Option::is_some);
        letter.refused.clear();
        if was_refused {
            letter.pause = longer(letter.pause);
            letter.retry_at = now.monotonic.after(letter.pause);
        }
        if is_refused {
            let letter = queue.letters.remove(index);
            self.give_up(&letter, reason);
        }
    }

    /// Forgets a letter and its news.
    fn forget(&mut self, letter: &Open) {
        self.news = self.news.saturating_sub(letter.news.len());
        self.bytes = self.bytes.saturating_sub(letter.news.iter().map(News::bytes).sum());
        self.orders.push(Order::Keep(Change::LetterGone(letter.head.number)));
    }

    fn give_up(&mut self, letter: &Open, reason: String) {
        self.forget(letter);
        self.given_up += letter.news.len() as u64;
        let (to, news) = (letter.head.to.clone(), letter.news.len());
        self.orders.push(Order::Say(Saying::GivenUp { to, reason, news }));
    }

    /// Gives up letters that are too old, and forgets recipients for whom nothing waits.
    fn give_up_old(&mut self, now: Now) {
        let mut old = Vec::new();
        for queue in self.queues.values_mut() {
            let is_old = |letter: &Open| letter.at.is_none() && letter.is_older(now, AGE_MAX);
            while let Some(index) = queue.letters.iter().position(is_old) {
                old.push(queue.letters.remove(index));
            }
        }
        let days = AGE_MAX.as_secs() / 86_400;
        for letter in old {
            let last = letter.trouble.clone().or_else(|| self.last_error.as_ref().map(|(_, reason)| reason.clone()));
            let last = last.map(|reason| format!("; the last reason: {reason}")).unwrap_or_default();
            self.give_up(&letter, format!("no server took it for {days} days{last}"));
        }
        self.queues.retain(|_, queue| !queue.is_empty(now.monotonic));
    }
}

/// What can stand behind the `@` of a Message-ID (RFC 5322, section 3.6.4): the name of the machine, as far as it is one.
fn domain(host: &str) -> String {
    let is_good = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let name: String = host.chars().filter(is_good).take(255).collect();
    let name = name.trim_matches(['.', '-']);
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}
