//! What outlives ruled in a simulated world: what was written when it ended, transaction by transaction, as `remember/` of the
//! real program keeps it. Mail and what is known as told because of it stand in one transaction.

use std::collections::{BTreeMap, VecDeque};

use crate::durable::{Kept, ServiceKey};
use crate::outbox::{Change, LetterHead, News};

/// What is written, and what is about to be.
#[derive(Debug, Default)]
pub(super) struct Store {
    services: BTreeMap<ServiceKey, Kept>,
    rows: Rows,
    pending: VecDeque<Transaction>,
}

/// What is written together, or not at all.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    /// What is kept of a service.
    pub(super) service: Option<(ServiceKey, Kept)>,
    /// What changes of the mail that waits.
    pub(super) mail: Vec<Change>,
    /// Up to which number of the outbox it holds all, where it holds mail.
    pub(super) number: Option<u64>,
}

/// The mail that waits, as texts.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// By number: the recipient in lower case, the number of the letter, the text.
    news: BTreeMap<u64, (String, Option<u64>, String)>,
    letters: BTreeMap<u64, String>,
}

impl Store {
    pub(super) fn put(&mut self, transaction: Transaction) {
        self.pending.push_back(transaction);
    }

    /// How many transactions are about to be written.
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The transaction that is written next.
    pub(super) fn take_next(&mut self) -> Option<Transaction> {
        self.pending.pop_front()
    }

    /// Writes one change of the mail that waits.
    pub(super) fn write_mail(&mut self, change: &Change) {
        self.rows.change(change);
    }

    /// Writes what is kept of a service.
    pub(super) fn write_service(&mut self, key: ServiceKey, kept: Kept) {
        if kept.is_empty() {
            self.services.remove(&key);
        } else {
            self.services.insert(key, kept);
        }
    }

    /// What was about to be written and is not is gone.
    pub(super) fn lose(&mut self) {
        self.pending.clear();
    }

    /// What is kept of services.
    pub(super) fn services(&self) -> &BTreeMap<ServiceKey, Kept> {
        &self.services
    }

    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }
}

impl Rows {
    fn change(&mut self, change: &Change) {
        match change {
            Change::News(news) => {
                self.news.insert(news.number, (news.to.to_ascii_lowercase(), None, news.to_json()));
            }
            Change::Letter(head, last) => {
                self.letters.insert(head.number, head.to_json());
                let to = head.to.to_ascii_lowercase();
                for (recipient, letter, _) in self.news.range_mut(..=last).map(|(_, row)| row) {
                    if letter.is_none() && *recipient == to {
                        *letter = Some(head.number);
                    }
                }
            }
            Change::NewsGone(number) => {
                self.news.remove(number);
            }
            Change::LetterGone(number) => {
                self.letters.remove(number);
                self.news.retain(|_, (_, letter, _)| *letter != Some(*number));
            }
        }
    }

    /// Whether a letter is there, with all that belongs to it.
    pub(super) fn has_letter(&self, number: u64) -> bool {
        self.letters.contains_key(&number)
    }

    /// The numbers of the news in a letter.
    pub(super) fn in_letter(&self, number: u64) -> impl Iterator<Item = u64> {
        self.news.iter().filter(move |(_, (_, letter, _))| *letter == Some(number)).map(|(news, _)| *news)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.news.len() + self.letters.len()
    }

    /// What an outbox goes on with.
    pub(super) fn contents(&self) -> (Vec<(News, Option<u64>)>, Vec<LetterHead>) {
        let news = self.news.values().filter_map(|(_, letter, text)| Some((News::from_json(text)?, *letter)));
        (news.collect(), self.letters.values().filter_map(|head| LetterHead::from_json(head)).collect())
    }
}
