//! A post office in virtual time: servers with moods, a store, and whoever is killed and started again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::Duration;

use interpreter::engine::{Monotonic, Now, Wall};
use interpreter::outbox::{Answer, Change, Input, Letter, LetterHead, Manner, News, NewsTurn, Order, Outbox, Saying};

/// When the world begins, in microseconds since 1970.
const BEGIN_US: i64 = 1_795_235_160_000_000;

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes everything.
    Kind,
    /// Nobody listens.
    Refused,
    /// Greets with 421.
    Busy,
    /// 450 for each recipient.
    Greylisting,
    /// 550 for each recipient.
    Strict,
    /// Takes the letter and never says so.
    HangsAfterData,
    /// Breaks off when encryption is to begin.
    DeadTls,
    /// Takes letters for everybody but this one, whom it refuses for good.
    Hates(&'static str),
    /// Does not take letters for this one at present.
    Delays(&'static str),
    /// Never takes a letter with this word.
    Dreads(&'static str),
}

/// What a letter was when a server got it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Received {
    pub(crate) at: Duration,
    pub(crate) server: usize,
    pub(crate) letter: Letter,
    /// Whether the server said that it took it.
    pub(crate) is_said: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Later {
    Answered(u64, Answer),
    Stored(u64),
}

/// The world.
pub(crate) struct Office {
    pub(crate) outbox: Outbox,
    pub(crate) now: Duration,
    /// Added to the clock on the wall, in microseconds.
    pub(crate) jump_us: i64,
    moods: Vec<Mood>,
    agenda: BinaryHeap<Reverse<(Duration, u64)>>,
    later: BTreeMap<u64, Later>,
    sequence: u64,
    /// What is committed, and what is about to be.
    stored: Stored,
    unstored: Vec<Change>,
    pub(crate) received: Vec<Received>,
    pub(crate) attempts: usize,
    pub(crate) said: Vec<Saying>,
    manner: Manner,
    /// How long the store takes.
    pub(crate) store_time: Duration,
    lives: u64,
}

/// What the store holds.
#[derive(Debug, Clone, Default)]
struct Stored {
    news: BTreeMap<u64, (String, Option<u64>)>,
    letters: BTreeMap<u64, String>,
}

impl Stored {
    fn change(&mut self, change: &Change) {
        match change {
            Change::News(news) => {
                self.news.insert(news.number, (news.to_json(), None));
            }
            Change::Letter(head, last) => {
                self.letters.insert(head.number, head.to_json());
                for (text, letter) in self.news.range_mut(..=last).map(|(_, row)| row) {
                    let to = News::from_json(text).expect("stored").to;
                    if letter.is_none() && to.eq_ignore_ascii_case(&head.to) {
                        *letter = Some(head.number);
                    }
                }
            }
            Change::NewsGone(number) => {
                self.news.remove(number);
            }
            Change::LetterGone(number) => {
                self.letters.remove(number);
                self.news.retain(|_, (_, letter)| *letter != Some(*number));
            }
        }
    }
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn hours(hours: u64) -> Duration {
    secs(hours * 3600)
}

/// News about a service.
pub(crate) fn news(to: &str, service: &str, turn: NewsTurn, said: &str) -> News {
    let line = format!("{service}: {said}");
    News {
        to: to.to_owned(),
        service: service.to_owned(),
        topic: "nonexist".to_owned(),
        turn,
        from: (None, "ruled@box.example".to_owned()),
        subject: line.clone(),
        text: format!("{line}.\n"),
        line,
        ..News::default()
    }
}

impl Office {
    pub(crate) fn new(moods: &[Mood]) -> Office {
        let manner = Manner { servers: moods.len(), slots: None, host: "box.example".to_owned() };
        Office {
            outbox: Outbox::new(manner.clone(), 1),
            now: Duration::ZERO,
            jump_us: 0,
            moods: moods.to_vec(),
            agenda: BinaryHeap::new(),
            later: BTreeMap::new(),
            sequence: 0,
            stored: Stored::default(),
            unstored: Vec::new(),
            received: Vec::new(),
            attempts: 0,
            said: Vec::new(),
            manner,
            store_time: Duration::from_millis(1),
            lives: 1,
        }
    }

    pub(crate) fn mood(&mut self, server: usize, mood: Mood) {
        self.moods[server] = mood;
    }

    /// Other rules, with these servers.
    pub(crate) fn servers(&mut self, moods: &[Mood]) {
        self.moods = moods.to_vec();
        self.manner.servers = moods.len();
        self.hand(Input::Follow(self.manner.clone()));
    }

    pub(crate) fn follow(&mut self, slots: Option<u32>) {
        self.manner.slots = slots;
        self.hand(Input::Follow(self.manner.clone()));
    }

    fn at(&self, now: Duration) -> Now {
        let nanos = u64::try_from(now.as_nanos()).expect("no time so long");
        let micros = i64::try_from(now.as_micros()).expect("no time so long");
        Now { monotonic: Monotonic(nanos), wall: Wall(BEGIN_US + micros + self.jump_us) }
    }

    pub(crate) fn tell(&mut self, mut news: News) {
        news.at_us = self.at(self.now).wall.0;
        self.hand(Input::News(Box::new(news)));
    }

    pub(crate) fn hand(&mut self, input: Input) {
        let orders = self.outbox.handle(self.at(self.now), input);
        for order in orders {
            match order {
                Order::Keep(change) => self.unstored.push(change),
                Order::HandIn(letter, server) => self.hand_in(*letter, server),
                Order::Say(saying) => self.said.push(saying),
            }
        }
        if !self.unstored.is_empty() && !self.later.values().any(|later| matches!(later, Later::Stored(_))) {
            self.put(self.store_time, Later::Stored(0));
        }
    }

    fn hand_in(&mut self, letter: Letter, server: usize) {
        self.attempts += 1;
        let number = letter.head.number;
        assert!(self.stored.letters.contains_key(&number), "a letter is tried that is not stored");
        let to = letter.head.to.clone();
        let refused = |is_final, reason: &str| Answer::LetterRefused { is_final, reason: reason.to_owned() };
        let failed = |reason: &str| Answer::ServerFailed(reason.to_owned());
        let (time, answer, arrives) = match self.moods[server] {
            Mood::Hates(one) if one == to => (1, refused(true, "550 no"), false),
            Mood::Delays(one) if one == to => (1, refused(false, "450 later"), false),
            Mood::Dreads(word) if letter.text.contains(word) => (1, refused(true, "554 no"), false),
            Mood::Kind | Mood::Hates(_) | Mood::Delays(_) | Mood::Dreads(_) => (1, Answer::Taken, true),
            Mood::Refused => (0, failed("connection refused"), false),
            Mood::Busy => (1, failed("421 not now"), false),
            Mood::Greylisting => (1, refused(false, "450 later"), false),
            Mood::Strict => (1, refused(true, "550 no"), false),
            Mood::HangsAfterData => (60, failed("did not finish within 60 s"), true),
            Mood::DeadTls => (2, failed("TLS was broken off"), false),
        };
        if arrives {
            let is_said = answer == Answer::Taken;
            self.received.push(Received { at: self.now, server, letter, is_said });
        }
        self.put(secs(time) / 10, Later::Answered(number, answer));
    }

    fn put(&mut self, after: Duration, later: Later) {
        self.sequence += 1;
        self.agenda.push(Reverse((self.now + after, self.sequence)));
        self.later.insert(self.sequence, later);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, until: Duration) {
        loop {
            let wake = self.outbox.next_wake(self.at(self.now)).map(|at| Duration::from_nanos(at.0));
            let next = self.agenda.peek().map(|Reverse((at, _))| *at);
            let Some(at) = wake.into_iter().chain(next).min().filter(|at| *at <= until) else { break };
            assert!(at >= self.now, "time goes back");
            self.now = at;
            if next.is_some_and(|next| next <= at) {
                let Some(Reverse((_, sequence))) = self.agenda.pop() else { continue };
                match self.later.remove(&sequence) {
                    Some(Later::Answered(number, answer)) => self.hand(Input::Answered(number, answer)),
                    Some(Later::Stored(_)) => {
                        let number = self.outbox.last_number();
                        self.commit();
                        self.hand(Input::Stored(number));
                    }
                    None => {}
                }
            } else {
                self.hand(Input::Tick);
            }
        }
        self.now = until;
        self.hand(Input::Tick);
    }

    fn commit(&mut self) {
        for change in std::mem::take(&mut self.unstored) {
            self.stored.change(&change);
        }
    }

    /// Ends ruled without a word and starts it again: what was not committed is gone. The texts of the news that are.
    pub(crate) fn kill(&mut self) -> Vec<News> {
        let lost = std::mem::take(&mut self.unstored).into_iter().filter_map(|change| match change {
            Change::News(news) => Some(*news),
            _ => None,
        });
        let lost = lost.collect();
        (self.agenda, self.later) = (BinaryHeap::new(), BTreeMap::new());
        self.lives += 1;
        self.outbox = Outbox::new(self.manner.clone(), self.lives);
        let news = self.stored.news.values();
        let news = news.map(|(text, letter)| (News::from_json(text).expect("stored"), *letter)).collect();
        let letters = self.stored.letters.values().map(|text| LetterHead::from_json(text).expect("stored")).collect();
        self.outbox.go_on_from(self.at(self.now), news, letters);
        self.hand(Input::Tick);
        lost
    }

    /// How many rows the store holds.
    pub(crate) fn rows(&self) -> usize {
        self.stored.news.len() + self.stored.letters.len()
    }

    /// The letters that servers got for somebody, each once, in the order in which they came first.
    pub(crate) fn letters(&self, to: &str) -> Vec<&Received> {
        let mut seen = BTreeSet::new();
        let of = self.received.iter().filter(|one| one.letter.head.to == to);
        of.filter(|one| seen.insert(&one.letter.head.message_id)).collect()
    }

    /// Whether this was said to somebody, by a server that took it or did not say so.
    pub(crate) fn has(&self, to: &str, said: &str) -> bool {
        self.letters(to).iter().any(|one| one.letter.text.lines().any(|line| line.trim_end_matches('.') == said))
    }

    /// The same Message-ID is the same letter.
    pub(crate) fn is_consistent(&self) {
        let mut seen: BTreeMap<&str, &Letter> = BTreeMap::new();
        for one in &self.received {
            let first = seen.entry(&one.letter.head.message_id).or_insert(&one.letter);
            assert_eq!(*first, &one.letter, "one Message-ID, two letters");
        }
    }
}
