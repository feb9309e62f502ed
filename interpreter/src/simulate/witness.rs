//! What must hold of mail whatever happens, watched by what is written and by what servers get.
//!
//! - What is written as told is written as mail, too: the beginning of a problem, its end, and nothing else than these two in
//!   turns. So nobody who was told of a problem is not told of its end, and nobody is reminded of what is over.
//! - Whatever was written reaches a server at least once, and is forgotten only then.
//! - A letter is handed in only when it is written; it is the same one, under the same Message-ID, however often it is handed in;
//!   and nothing is in two letters.
//! - What waits does not pass its limits.
//!
//! What was told and not yet written when ruled ended is told again, because ruled does not know that it was.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::store::Rows;
use crate::outbox::{Change, LETTERS_OPEN_MAX, Letter, NEWS_MAX, News, NewsTurn, Saying, Status};

/// The witness of mail.
#[derive(Debug)]
pub(super) struct Witness {
    /// Whether what was told as failing is forgotten when ruled ends, as Monit does.
    is_forgetful: bool,
    /// How many recipients there are at most.
    recipients: usize,
    /// What is written and not forgotten, by number.
    owed: BTreeMap<u64, Owed>,
    /// What fails, as far as mail says; and whether its end need not be told, because nobody watches it.
    open: BTreeMap<Topic, bool>,
    /// A number made of each letter that a server got, by Message-ID.
    letters: BTreeMap<String, (u64, u64)>,
    /// Of how many letters that was said to be too much.
    is_shedding: bool,
    breaches: Vec<String>,
}

/// The recipient, the service, what it is about.
type Topic = (String, String, String);

#[derive(Debug)]
struct Owed {
    turn: NewsTurn,
    line: String,
    /// The letter in which a server got it.
    message_id: Option<String>,
}

impl Witness {
    pub(super) fn of(is_forgetful: bool, recipients: usize) -> Witness {
        Witness {
            is_forgetful,
            recipients,
            owed: BTreeMap::new(),
            open: BTreeMap::new(),
            letters: BTreeMap::new(),
            is_shedding: false,
            breaches: Vec::new(),
        }
    }

    /// What was not as it must be since this was asked last.
    pub(super) fn take_breaches(&mut self) -> Vec<String> {
        std::mem::take(&mut self.breaches)
    }

    /// A change of the mail that waits is about to be written.
    pub(super) fn writes(&mut self, change: &Change, rows: &Rows) {
        match change {
            Change::News(news) => self.writes_news(news),
            Change::Letter(..) => {}
            Change::NewsGone(number) => {
                let gone = self.owed.remove(number);
                if let Some(gone) = gone.filter(|gone| gone.turn != NewsTurn::Reminder && !self.is_shedding) {
                    self.breaches.push(format!("it is forgotten, and nobody took it: {}", gone.line));
                }
            }
            Change::LetterGone(number) => {
                for news in rows.in_letter(*number) {
                    if let Some(gone) = self.owed.remove(&news).filter(|gone| gone.message_id.is_none()) {
                        self.breaches.push(format!("its letter is forgotten, and no server got it: {}", gone.line));
                    }
                }
                self.letters.retain(|_, (letter, _)| letter != number);
            }
        }
    }

    fn writes_news(&mut self, news: &News) {
        let topic = (news.to.to_ascii_lowercase(), news.service.to_ascii_lowercase(), news.topic.clone());
        match news.turn {
            NewsTurn::Problem => {
                self.open.insert(topic, false);
            }
            NewsTurn::End if self.open.remove(&topic).is_none() => {
                self.breaches.push(format!("its end is mailed, and its beginning was not: {}", news.line));
            }
            NewsTurn::Reminder if !self.open.contains_key(&topic) => {
                self.breaches.push(format!("somebody is reminded of what is over: {}", news.line));
            }
            NewsTurn::End | NewsTurn::Reminder | NewsTurn::Change => {}
        }
        self.owed.insert(news.number, Owed { turn: news.turn, line: news.line.clone(), message_id: None });
    }

    /// A service is written as watched no longer: what fails of it need not be told to have ended.
    pub(super) fn is_unwatched(&mut self, service: &str) {
        let of_it = self.open.iter_mut().filter(|((_, name, _), _)| name == service);
        of_it.for_each(|(_, is_unwatched)| *is_unwatched = true);
    }

    /// ruled has ended, and begins anew.
    pub(super) fn begin_anew(&mut self) {
        if self.is_forgetful {
            self.open.clear();
        }
    }

    /// A letter is handed in.
    pub(super) fn handed_in(&mut self, letter: &Letter, rows: &Rows) {
        if !rows.has_letter(letter.head.number) {
            self.breaches.push(format!("a letter is handed in that is not written: {}", letter.subject));
        }
    }

    /// A server got a letter; whether it has it for the first time.
    pub(super) fn arrives(&mut self, letter: &Letter, rows: &Rows) -> bool {
        let mut hasher = DefaultHasher::new();
        (&letter.head.to, &letter.from, &letter.subject, &letter.text).hash(&mut hasher);
        let (id, fingerprint) = (&letter.head.message_id, hasher.finish());
        let before = self.letters.insert(id.clone(), (letter.head.number, fingerprint));
        if before.is_some_and(|(_, before)| before != fingerprint) {
            self.breaches.push(format!("two letters have one Message-ID: {}", letter.subject));
        }
        let mut count = 0;
        for news in rows.in_letter(letter.head.number) {
            count += 1;
            let Some(owed) = self.owed.get_mut(&news) else { continue };
            if owed.message_id.as_ref().is_some_and(|other| other != id) {
                self.breaches.push(format!("it is in two letters: {}", owed.line));
            }
            owed.message_id = Some(id.clone());
        }
        if count == 0 {
            self.breaches.push(format!("a letter says nothing that is written: {}", letter.subject));
        }
        before.is_none()
    }

    /// ruled says something of mail.
    pub(super) fn said(&mut self, saying: &Saying, has_limit: bool) {
        match saying {
            Saying::GivenUp { to, reason, .. } => {
                self.breaches.push(format!("mail to {to} is given up, though it is not old: {reason}"));
            }
            Saying::Dropped { to, limit, .. } => {
                self.is_shedding = true;
                if !has_limit {
                    self.breaches.push(format!("mail to {to} is given up: {limit}"));
                }
            }
            _ => {}
        }
    }

    /// How much waits by now.
    pub(super) fn waits(&mut self, status: &Status) {
        if status.news > NEWS_MAX || status.letters > self.recipients * LETTERS_OPEN_MAX {
            self.breaches.push(format!("{} events in {} letters wait", status.news, status.letters));
        }
    }

    /// What is left to be done when all has been well for long enough: nothing.
    pub(super) fn left(&self, rows: &Rows) -> Vec<String> {
        let owed = self.owed.values().map(|owed| format!("mail waits although all is well: {}", owed.line));
        let open = self.open.iter().filter(|(_, is_unwatched)| !**is_unwatched).map(|(topic, _)| topic);
        let open = open.map(|(to, service, topic)| format!("{to} was told that {service} fails ({topic}), and no end"));
        let rows = (rows.count() > 0 && self.owed.is_empty()).then(|| "letters are kept for ever".to_owned());
        owed.chain(open).chain(rows).collect()
    }
}
