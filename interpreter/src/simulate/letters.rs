//! Mail on its way through a simulated world: told, kept, handed in, taken and forgotten, step by step; ruled may end before
//! each of them.

use std::time::Duration;

use super::agenda::Happening;
use super::ending::Step;
use super::mail_server::{Fate, Mood};
use super::mailing::{HOST, Mailing};
use super::scenario::Scenario;
use super::store::Transaction;
use super::timeline::{Mailed, What};
use crate::durable::{Kept, ServiceKey};
use crate::engine::{Order, ServiceId, Telling, tellings};
use crate::outbox::{Answer, Input, Letter, Order as MailOrder, Saying, Surroundings};

/// How long it takes until what is to be kept is written.
const WRITING: Duration = Duration::from_millis(100);

/// A letter on its way.
pub(super) enum Passage {
    /// A server, by its place, has it.
    Arrives(Box<Letter>, usize),
    /// ruled hears what became of the letter with this number.
    Answers(u64, Answer),
}

impl Scenario {
    /// Mail is sent, by servers that do not exist.
    #[must_use]
    pub fn mailing(mut self) -> Scenario {
        self.mailing = Some(Box::new(Mailing::of(self.engine.program())));
        self
    }

    /// What mail has left to do. When all has been well for long enough, that is nothing.
    pub fn unmailed(&self) -> Vec<String> {
        self.mailing.as_ref().map_or(Vec::new(), |mailing| mailing.witness.left(self.store.rows()))
    }

    /// How many mail servers there are.
    pub(super) fn mail_servers(&self) -> usize {
        self.mailing.as_ref().map_or(0, |mailing| mailing.moods.len())
    }

    /// A mail server behaves otherwise from now on.
    pub(super) fn turn_mail_server(&mut self, place: usize, mood: Mood) {
        let Some(mailing) = &mut self.mailing else { return };
        let Some(present) = mailing.moods.get_mut(place) else { return };
        if std::mem::replace(present, mood) != mood {
            let name = mailing.names.get(place).cloned().unwrap_or_default();
            self.befall("mail", format!("{name}: {}", mood.words()));
        }
    }

    /// Hands all that these orders tell to mail.
    pub(super) fn mail_told(&mut self, orders: &[Order]) {
        if self.mailing.is_none() {
            return;
        }
        let surroundings = Surroundings { program: self.engine.program(), host: HOST, zone: &self.zone };
        let mut news = Vec::new();
        for telling in tellings(orders) {
            news.extend(match telling {
                Telling::Told(event) => surroundings.news(event),
                Telling::GoesOn(event, cycles) => surroundings.reminders(event, cycles),
            });
        }
        if news.is_empty() {
            return;
        }
        for one in news {
            if self.ends_before(Step::Telling) {
                return;
            }
            self.mail(Input::News(Box::new(one)));
        }
        if let Some(mailing) = &mut self.mailing {
            mailing.witness.waits(&mailing.outbox.status());
        }
        self.heed_witness();
    }

    /// The outbox is called because time passed.
    pub(super) fn mail_time_passes(&mut self) {
        self.mail(Input::Tick);
        self.keep_mail();
    }

    /// A letter moves on.
    pub(super) fn letter_moves(&mut self, passage: Passage) {
        match passage {
            Passage::Arrives(letter, place) => {
                if !self.ends_before(Step::Telling) {
                    self.arrives(&letter, place);
                }
            }
            Passage::Answers(number, answer) => {
                if !self.ends_before(Step::Telling) {
                    self.mail(Input::Answered(number, answer));
                    self.keep_mail();
                }
            }
        }
    }

    fn arrives(&mut self, letter: &Letter, place: usize) {
        let Some(mailing) = &mut self.mailing else { return };
        let is_new = mailing.witness.arrives(letter, self.store.rows());
        let mailed = Mailed {
            to: letter.head.to.clone(),
            subject: letter.subject.clone(),
            message_id: letter.head.message_id.clone(),
            server: mailing.names.get(place).cloned().unwrap_or_default(),
            is_repeated: !is_new,
        };
        self.note("mail", What::Mailed(mailed));
        self.heed_witness();
    }

    fn mail(&mut self, input: Input) {
        let now = self.present();
        let Some(mailing) = &mut self.mailing else { return };
        let orders = mailing.outbox.handle(now, input);
        mailing.wake = mailing.outbox.next_wake(now);
        for order in orders {
            if self.ends_before(Step::Telling) {
                return;
            }
            match order {
                MailOrder::Keep(change) => {
                    if let Some(mailing) = &mut self.mailing {
                        mailing.unkept.push(change);
                    }
                }
                MailOrder::HandIn(letter, place) => self.hand_in(letter, place),
                MailOrder::Say(saying) => self.say_of_mail(&saying),
            }
        }
    }

    fn hand_in(&mut self, letter: Box<Letter>, place: usize) {
        let Some(mailing) = &mut self.mailing else { return };
        mailing.witness.handed_in(&letter, self.store.rows());
        let mood = mailing.moods.get(place).copied().unwrap_or_default();
        let Fate { arrives, answer: (after, answer) } = Fate::of(mood, mailing.patience);
        let number = letter.head.number;
        if let Some(after) = arrives {
            self.put(after, Happening::Letter(Passage::Arrives(letter, place)));
        }
        self.put(after, Happening::Letter(Passage::Answers(number, answer)));
        self.heed_witness();
    }

    fn say_of_mail(&mut self, saying: &Saying) {
        let Some(mailing) = &mut self.mailing else { return };
        let has_limit = mailing.has_limit();
        mailing.witness.said(saying, has_limit);
        self.heed_witness();
    }

    /// What is kept of a service is written a moment later, together with all mail that was made until then.
    pub(super) fn keep(&mut self, id: ServiceId, kept: Kept) {
        let Some(service) = self.engine.program().service(id) else { return };
        let service = Some((ServiceKey::of(service), kept));
        let transaction = Transaction { service, ..self.unkept_mail() };
        self.hand_over(transaction);
    }

    /// What mail wants kept is written a moment later.
    pub(super) fn keep_mail(&mut self) {
        let transaction = self.unkept_mail();
        if transaction.number.is_some() {
            self.hand_over(transaction);
        }
    }

    fn unkept_mail(&mut self) -> Transaction {
        let Some(mailing) = self.mailing.as_mut().filter(|mailing| !mailing.unkept.is_empty()) else {
            return Transaction::default();
        };
        let mail = std::mem::take(&mut mailing.unkept);
        Transaction { service: None, mail, number: Some(mailing.outbox.last_number()) }
    }

    fn hand_over(&mut self, transaction: Transaction) {
        self.store.put(transaction);
        self.appoint_writing();
    }

    fn appoint_writing(&mut self) {
        if !std::mem::replace(&mut self.is_writing, true) {
            self.put(WRITING, Happening::Written);
        }
    }

    /// The appointed time to write has come.
    pub(super) fn written(&mut self) {
        self.is_writing = false;
        self.write();
        self.keep_mail();
        if self.store.pending() > 0 {
            self.appoint_writing();
        }
    }

    /// Writes what is to be kept by now, and says so.
    pub(super) fn write(&mut self) {
        for _ in 0..self.store.pending() {
            if self.ends_before(Step::Telling) {
                return;
            }
            let Some(number) = self.write_next().flatten() else { continue };
            if self.ends_before(Step::Telling) {
                return;
            }
            self.mail(Input::Stored(number));
        }
    }

    /// Writes the next transaction; the number up to which mail is written, if there was any.
    pub(super) fn write_next(&mut self) -> Option<Option<u64>> {
        let Transaction { service, mail, number } = self.store.take_next()?;
        for change in mail {
            if let Some(mailing) = &mut self.mailing {
                mailing.witness.writes(&change, self.store.rows());
            }
            self.store.write_mail(&change);
        }
        if let Some((key, kept)) = service {
            if kept.monitored == Some(false)
                && let Some(mailing) = &mut self.mailing
            {
                mailing.witness.is_unwatched(&key.name);
            }
            self.store.write_service(key, kept);
        }
        self.heed_witness();
        Some(number)
    }

    /// What the witness has found is a breach of a promise.
    fn heed_witness(&mut self) {
        let Some(mailing) = &mut self.mailing else { return };
        let breaches = mailing.witness.take_breaches();
        if let Some(promises) = &mut self.promises {
            breaches.into_iter().for_each(|what| promises.breach(self.now, "mail".to_owned(), &what));
        }
    }
}
