//! What is known of one service: its thing, what was seen of it, and what became of that.

use interpreter::program::{Behaviour, Service, Test};

use super::case::Watched;
use super::state::{Step, Turn};
use super::thing::{Look, Presence, Thing};
use super::truth::Sight;

/// A service and everything that was seen of it.
pub(crate) struct Post {
    pub(crate) thing: Thing,
    pub(crate) watched: bool,
    /// Whether it was left alone because of a service that it needs.
    pub(crate) masked: bool,
    /// All regular looks.
    pub(crate) looks: Vec<Look>,
    pub(crate) past: Vec<Past>,
    /// What a program said, until it is judged.
    pub(crate) unread: Option<Look>,
    pub(crate) told: Vec<String>,
    /// Which thing was seen last, whoever looked, and what was seen.
    pub(crate) known: Option<u64>,
    pub(crate) seen: Option<Presence>,
    /// Whether its exit is waited for.
    pub(crate) is_awaited: bool,
    pub(crate) started_ms: Option<u64>,
    /// Whether the process before the present one died soon after its start.
    pub(crate) died_young: bool,
    /// The rules that fail.
    pub(crate) fails: Vec<bool>,
    /// The cycles in which was tried to mend what each rule complains of, since it failed.
    pub(crate) attempts: Vec<Vec<u64>>,
    /// The cycles in which it was checked, and the restarts that rules asked for (true), in the order of time.
    pub(crate) restarts: Vec<bool>,
    /// The limits of restarts that were passed.
    pub(crate) limits: Vec<bool>,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) wrong: bool,
    pub(crate) exec_fails: bool,
}

/// Something that concerns the rules of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    /// The look at this place was judged.
    Judged(usize),
    /// Its process crashed, and is worth another start at once: it is not the second in a row to die soon after its start.
    Crashed(bool),
    /// ruled started or stopped it.
    Mended,
}

/// Why nothing can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Access,
    Zombie,
}

impl Post {
    pub(crate) fn new(watched: &Watched, service: &Service, wall_ms: i64) -> Post {
        Post {
            thing: Thing::new(watched, wall_ms),
            watched: true,
            masked: false,
            looks: Vec::new(),
            past: Vec::new(),
            unread: None,
            told: Vec::new(),
            known: None,
            seen: None,
            is_awaited: false,
            started_ms: None,
            died_young: false,
            fails: vec![false; service.rules.len()],
            attempts: vec![Vec::new(); service.rules.len() + 1],
            restarts: Vec::new(),
            limits: vec![false; service.restart_limits.len()],
            trouble: None,
            wrong: false,
            exec_fails: false,
        }
    }

    /// Everything that a rule was asked so far, read out of the looks once more.
    pub(crate) fn steps(&self, service: &Service, place: usize, behaviour: &Behaviour) -> Vec<Step> {
        let test = &service.rules[place].test;
        let (mut steps, mut judged, mut mended) = (Vec::new(), Vec::new(), 0);
        for past in &self.past {
            match *past {
                Past::Judged(look) => {
                    let sight = Sight { behaviour, looks: &self.looks[..=look], judged: &judged, mended };
                    steps.push(Step::Cycle(sight.holds(test)));
                    judged.push(look);
                }
                // Out of turn nothing is asked but whether it is there.
                Past::Crashed(at_once) => match test {
                    Test::Missing => steps.push(Step::Early(true, at_once)),
                    Test::Present => steps.push(Step::Early(false, at_once)),
                    _ => {}
                },
                Past::Mended => {
                    steps.push(Step::Mended);
                    mended = judged.last().map_or(0, |look| look + 1);
                }
            }
        }
        steps
    }

    /// Takes note of whether a rule fails.
    pub(crate) fn note(&mut self, place: usize, fails: bool, turn: Turn) {
        self.fails[place] = fails;
        if matches!(turn, Turn::Failed | Turn::Succeeded) {
            self.attempts[place].clear();
        }
    }

    /// Somebody looked whether it is there.
    pub(crate) fn see(&mut self, presence: Presence) {
        self.seen = Some(presence);
        match presence {
            Presence::There(number) => {
                self.known = Some(number);
                self.is_awaited = true;
            }
            Presence::Zombie(number) => self.known = Some(number),
            Presence::Missing | Presence::Wrong => self.known = None,
            // Nobody saw it leave.
            Presence::Unknown => {}
        }
    }

    pub(crate) fn has_observed_errors(&self) -> bool {
        self.trouble.is_some() || self.wrong || self.fails.contains(&true)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.exec_fails || self.limits.contains(&true) || self.has_observed_errors()
    }

    /// It is watched no longer, and everything is forgotten.
    pub(crate) fn unwatch(&mut self) {
        self.watched = false;
        self.past.clear();
        self.looks.clear();
        self.unread = None;
        self.fails.fill(false);
        self.limits.fill(false);
        self.restarts.clear();
        self.attempts.iter_mut().for_each(Vec::clear);
        (self.masked, self.wrong, self.exec_fails) = (false, false, false);
        (self.trouble, self.known, self.seen) = (None, None, None);
    }
}
