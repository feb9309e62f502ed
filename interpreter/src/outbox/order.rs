//! What the outbox is told, and what it wants done.

use super::letter::{Letter, LetterHead};
use super::news::News;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// News for somebody; their number is given here.
    News(Box<News>),
    /// All that was to be kept up to this number is stored, or cannot be stored at present.
    Stored(u64),
    /// What became of a letter at a server.
    Answered(u64, Answer),
    /// Other rules: how many servers there are, how many news may wait for one recipient, and by which name mail
    /// knows this machine. What servers did before is forgotten.
    Follow(Manner),
    /// ruled is about to end: what waits is tried once, without waiting for more.
    Finish,
    /// Time passed.
    Tick,
}

/// What the rules say of mail, as far as it decides what is sent when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// How many servers there are. They are tried in their order.
    pub servers: usize,
    /// How many news may wait for one recipient; as many as there is room for when absent.
    pub slots: Option<u32>,
    /// The name of this machine: the domain of the Message-IDs.
    pub host: String,
}

/// What became of a letter at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The server took it.
    Taken,
    /// The server does not take this letter, with the reason: others it may take.
    LetterRefused {
        /// Whether it says that it never will (RFC 5321, section 4.2.1: 5yz).
        is_final: bool,
        /// In a sentence.
        reason: String,
    },
    /// The server takes no letter at all, or nobody knows, with the reason: it cannot be reached, wants no mail from
    /// this machine, or fell silent.
    ServerFailed(String),
}

/// Something to be done. Orders are carried out in their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Keep this beyond the end of ruled, and say [`Input::Stored`] with its number then.
    Keep(Change),
    /// Hand this letter to the server of this place in the list, and say [`Input::Answered`].
    HandIn(Box<Letter>, usize),
    /// Tell people about mail itself.
    Say(Saying),
}

/// What changes of that which is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// These news wait.
    News(Box<News>),
    /// This letter was made of all news for its recipient that were in no letter, up to this number.
    Letter(LetterHead, u64),
    /// These news need not be kept any more.
    NewsGone(u64),
    /// This letter and its news need not be kept any more.
    LetterGone(u64),
}

/// Something about mail itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// A server takes no mail. Said once for each reason, until it takes mail again.
    ServerFails(usize, String),
    /// A server takes mail again.
    ServerWorks(usize),
    /// A letter to this recipient is not taken for now. Said once for each reason.
    Waits(String, String),
    /// There is no server to hand anything to.
    NoServer,
    /// A letter is given up: to whom, why, and how many news were in it.
    GivenUp {
        /// The recipient's address.
        to: String,
        /// In a sentence.
        reason: String,
        /// How many news were in it.
        news: usize,
    },
    /// News are given up because too many wait.
    Dropped {
        /// The recipient's address.
        to: String,
        /// How many.
        news: u64,
        /// Which limit they are beyond, in words.
        limit: String,
    },
}
