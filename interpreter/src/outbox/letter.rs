//! A letter: news for one recipient that are handed in together, under one number that stays.

use serde::{Deserialize, Serialize};

use super::news::{News, NewsTurn};
use super::text::one_line;

/// How many news stand in a letter with all their text. The others have a line each.
pub const WHOLE_MAX: usize = 20;

/// How many news one letter holds at most. What is more comes with the next.
pub const NEWS_PER_LETTER_MAX: usize = 2_000;

/// How much room the news of one letter take at most, in bytes: servers refuse mail of some megabytes.
pub const LETTER_BYTES_MAX: usize = 1024 * 1024;

/// The longest subject of a letter with several news, in characters.
const SUBJECT_CHARS_MAX: usize = 150;

/// What is stored of a letter beside its news. It is made once, and stays as it is however often it is tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterHead {
    /// Its number; higher than those of its news.
    pub number: u64,
    /// The recipient's address.
    pub to: String,
    /// By what servers and readers know that it is the same one (RFC 5322, section 3.6.4), without the brackets.
    pub message_id: String,
    /// When it was made, in microseconds since 1970.
    pub made_us: i64,
    /// How many news for this recipient were given up before, because too many waited.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped: u64,
}

/// A letter as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What tells it from others.
    pub head: LetterHead,
    /// Who sends it: name and address.
    pub from: (Option<String>, String),
    /// Who gets the answers: name and address.
    pub reply_to: Option<(Option<String>, String)>,
    /// Its subject.
    pub subject: String,
    /// Its text, with line breaks of one letter.
    pub text: String,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl LetterHead {
    /// As a text to store.
    pub fn to_json(&self) -> String {
        // Every key is a text and there are no fractions, so that nothing can go wrong.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was stored; nothing when it cannot be read.
    pub fn from_json(text: &str) -> Option<LetterHead> {
        serde_json::from_str(text).ok()
    }
}

impl Letter {
    /// Puts a letter together. The same head and the same news make the same letter.
    pub(super) fn of(head: &LetterHead, news: &[News]) -> Letter {
        let first = news.first().cloned().unwrap_or_default();
        let (subject, mut text) = match news {
            [one] => (one.subject.clone(), one.text.clone()),
            _ => (subject(news), several(news)),
        };
        if head.dropped > 0 {
            let count = grammar::english::count(head.dropped, "earlier event");
            text = format!("{count} could not be kept, because too many waited for a mail server.\n\n{text}");
        }
        Letter { head: head.clone(), from: first.from, reply_to: first.reply_to, subject, text }
    }
}

/// `ruled alert --  37 events of 12 services: shop, mail, …`.
fn subject(news: &[News]) -> String {
    let services = services(news);
    let named = services.join(", ");
    let events = grammar::english::count(news.len() as u64, "event");
    let of = grammar::english::count(services.len() as u64, "service");
    one_line(&format!("ruled alert --  {events} of {of}: {named}"), SUBJECT_CHARS_MAX)
}

fn services(news: &[News]) -> Vec<&str> {
    let mut services: Vec<&str> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for one in news {
        if seen.insert(one.service.as_str()) {
            services.push(&one.service);
        }
    }
    services
}

/// The counts, the most important news with all their text, and the others with a line each.
fn several(news: &[News]) -> String {
    let count = |turns: &[NewsTurn]| news.iter().filter(|one| turns.contains(&one.turn)).count();
    let mut parts = Vec::new();
    for (number, word) in [
        (count(&[NewsTurn::Problem]), "failed"),
        (count(&[NewsTurn::Reminder]), "still failing"),
        (count(&[NewsTurn::End]), "succeeded"),
        (count(&[NewsTurn::Change]), "changed"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    let events = grammar::english::count(news.len() as u64, "event");
    let of = grammar::english::count(services(news).len() as u64, "service");
    let mut text = format!("{events} of {of}: {}.\n", parts.join(", "));
    let whole = whole(news);
    for one in news.iter().filter(|one| whole.contains(&one.number)) {
        text.push_str(&format!("\n{}\n\n{}\n", "-".repeat(60), one.text.trim_end()));
    }
    let rest: Vec<&News> = news.iter().filter(|one| !whole.contains(&one.number)).collect();
    if !rest.is_empty() {
        text.push_str(&format!("\n{}\n\nand {} more:\n\n", "-".repeat(60), rest.len()));
        for one in rest {
            text.push_str(&one.line);
            text.push('\n');
        }
    }
    text
}

/// The numbers of those that stand there with all their text: what fails and has not ended comes first.
fn whole(news: &[News]) -> std::collections::BTreeSet<u64> {
    let mut open = std::collections::BTreeMap::new();
    for one in news {
        match one.turn {
            NewsTurn::Problem | NewsTurn::Reminder => open.insert((&one.service, &one.topic), one.number),
            NewsTurn::End => open.remove(&(&one.service, &one.topic)),
            NewsTurn::Change => None,
        };
    }
    let open: std::collections::BTreeSet<u64> = open.into_values().collect();
    let first = news.iter().filter(|one| open.contains(&one.number));
    let then = news.iter().filter(|one| !open.contains(&one.number));
    first.chain(then).take(WHOLE_MAX).map(|one| one.number).collect()
}
