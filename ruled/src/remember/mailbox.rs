//! The mail that waits, in the file of SQLite: news, and the letters that were made of them.
//!
//! It is written in the same transaction as what the engine knows as told because of it, so that nothing that is known as told
//! is missing here, and nothing is told twice that is here.

use std::collections::BTreeMap;

use interpreter::outbox::{Change, LetterHead, News};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// The tables. A file of an earlier version gets them when it is opened; one that has them may be read by that version.
const SCHEMA: &str = "\
    CREATE TABLE news (number INTEGER PRIMARY KEY, recipient TEXT NOT NULL, letter INTEGER, text TEXT NOT NULL);
    CREATE INDEX news_by_letter ON news (letter);
    CREATE TABLE letter (number INTEGER PRIMARY KEY, head TEXT NOT NULL);";

/// What waits, as it is stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mailbox {
    /// By number: the recipient in lower case, the number of the letter, the text.
    news: BTreeMap<u64, (String, Option<u64>, String)>,
    /// By number.
    letters: BTreeMap<u64, String>,
}

impl Mailbox {
    /// Makes the tables, where they are not there.
    pub(super) fn lay_out(connection: &mut Connection) -> rusqlite::Result<()> {
        let there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'letter'";
        if connection.query_row(there, [], |_| Ok(())).optional()?.is_some() {
            return Ok(());
        }
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        transaction.commit()
    }

    /// Reads all that waits.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Mailbox> {
        let mut statement = connection.prepare("SELECT number, recipient, letter, text FROM news")?;
        let rows = statement.query_map([], |row| {
            let letter: Option<i64> = row.get(2)?;
            Ok((number(row.get(0)?), (row.get(1)?, letter.map(number), row.get(3)?)))
        })?;
        let news = rows.collect::<rusqlite::Result<_>>()?;
        let mut statement = connection.prepare("SELECT number, head FROM letter")?;
        let rows = statement.query_map([], |row| Ok((number(row.get(0)?), row.get(1)?)))?;
        Ok(Mailbox { news, letters: rows.collect::<rusqlite::Result<_>>()? })
    }

    /// Writes a change.
    pub(super) fn write(transaction: &Transaction<'_>, change: &Change) -> rusqlite::Result<()> {
        match change {
            Change::News(news) => {
                let put = "INSERT OR REPLACE INTO news VALUES (?1, ?2, NULL, ?3)";
                let row = params![key(news.number), news.to.to_ascii_lowercase(), news.to_json()];
                transaction.prepare(put)?.execute(row)?;
            }
            Change::Letter(head, last) => {
                let put = "INSERT OR REPLACE INTO letter VALUES (?1, ?2)";
                transaction.prepare(put)?.execute(params![key(head.number), head.to_json()])?;
                let join = "UPDATE news SET letter = ?1 WHERE letter IS NULL AND recipient = ?2 AND number <= ?3";
                let row = params![key(head.number), head.to.to_ascii_lowercase(), key(*last)];
                transaction.prepare(join)?.execute(row)?;
            }
            Change::NewsGone(number) => {
                transaction.prepare("DELETE FROM news WHERE number = ?1")?.execute([key(*number)])?;
            }
            Change::LetterGone(number) => {
                transaction.prepare("DELETE FROM news WHERE letter = ?1")?.execute([key(*number)])?;
                transaction.prepare("DELETE FROM letter WHERE number = ?1")?.execute([key(*number)])?;
            }
        }
        Ok(())
    }

    /// Writes all of it in place of what is there.
    pub(super) fn write_all(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        transaction.execute_batch("DELETE FROM news; DELETE FROM letter;")?;
        let mut put = transaction.prepare("INSERT INTO news VALUES (?1, ?2, ?3, ?4)")?;
        for (number, (recipient, letter, text)) in &self.news {
            put.execute(params![key(*number), recipient, letter.map(key), text])?;
        }
        let mut put = transaction.prepare("INSERT INTO letter VALUES (?1, ?2)")?;
        for (number, head) in &self.letters {
            put.execute(params![key(*number), head])?;
        }
        Ok(())
    }

    /// Takes note of a change.
    pub(super) fn change(&mut self, change: &Change) {
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

    /// What waits: news with the number of their letter, and the heads of letters. What cannot be read is left out.
    pub fn contents(&self) -> (Vec<(News, Option<u64>)>, Vec<LetterHead>) {
        let news = self.news.values().filter_map(|(_, letter, text)| Some((News::from_json(text)?, *letter)));
        (news.collect(), self.letters.values().filter_map(|head| LetterHead::from_json(head)).collect())
    }
}

/// Numbers count from 1 and never come near the end of what SQLite holds.
fn key(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(key: i64) -> u64 {
    u64::try_from(key).unwrap_or(0)
}
