//! Plugins that fail again and again are left alone for a while, so that they take no time from the others.
//!
//! A fault is a trap, or a limit that a plugin ran into. What brings it about can be the service on the other side, so
//! the count is kept for each plugin and service; only a plugin that fails with several of them, and comes to its end with
//! none meanwhile, is left alone altogether.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::source::{Identity, Source};

/// So many faults in a row are no accident.
pub(super) const FAULTS_MAX: u32 = 3;
/// Ten cycles of the customary 30 s.
pub(super) const QUARANTINE: Duration = Duration::from_secs(300);
/// More pairs of a plugin and a service than this are not remembered; those that were not in quarantine are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// What is known of the faults of plugins.
pub(super) struct Quarantine {
    lasts: Duration,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    counts: HashMap<Key, Count>,
    /// How many checks ended while there was something to count.
    ended: u64,
    /// Which of these was the last without a fault, of each plugin.
    passed: HashMap<Identity, u64>,
}

/// A plugin with a service; without one, the plugin with all of them.
type Key = (Identity, Option<String>);

#[derive(Default)]
struct Count {
    faults: u32,
    /// Which of all checks the first of them ended.
    first: u64,
    until: Option<Until>,
    last: String,
}

/// When a quarantine ends, by the clock that only goes on and by that of people.
#[derive(Clone, Copy)]
struct Until {
    instant: Instant,
    shown: SystemTime,
}

/// That a plugin is left alone from now on, or no longer; see [`Plugins::watch`](super::Plugins::watch).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The SHA-256 of its component, hexadecimal; nothing of a stock plugin, which is part of the program.
    pub sha256: Option<String>,
    /// With what it is left alone: a service or the name of a check. Nothing in place of that means with all.
    pub with: Option<String>,
    /// How it turned out.
    pub turn: Turn,
}

/// Whether a quarantine begins or is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It begins. When its time is over the plugin is tried again; that another fault prolongs it is not told.
    Begins {
        /// So many faults in a row brought it about; with all services, so many services.
        faults: u32,
        /// The last of them, as a sentence without its full stop.
        last_fault: String,
        /// When it is tried again.
        until: SystemTime,
    },
    /// A check came to its end without a fault.
    Ends,
}

impl fmt::Display for Quarantined {
    /// A sentence without its full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quarantined { name, version, with, turn, .. } = self;
        let with = with.as_deref();
        match turn {
            Turn::Begins { faults, last_fault, until } => {
                write!(f, "{}", sentence(&format!("{name} plugin {version}"), with, *faults, last_fault, *until))
            }
            Turn::Ends => {
                let with = with.map(|with| format!(" with {with}")).unwrap_or_default();
                write!(
                    f,
                    "the {name} plugin {version} is in quarantine{with} no longer, because a check came to its end"
                )
            }
        }
    }
}

/// That a plugin is in quarantine, until when and why.
fn sentence(plugin: &str, with: Option<&str>, faults: u32, last: &str, until: SystemTime) -> String {
    let time = Timestamp::try_from(until).unwrap_or_default().to_zoned(TimeZone::system()).strftime("%H:%M:%S");
    let (whom, number) = match with {
        Some(with) => (format!(" with {with}"), format!("{faults} faults in a row")),
        None => (String::new(), format!("faults in a row with each of {faults} services")),
    };
    format!("the {plugin} is in quarantine{whom} until {time}, after {number}; the last one: {last}")
}

impl Quarantine {
    /// A quarantine of that length; nobody is in it.
    pub(super) fn new(lasts: Duration) -> Quarantine {
        Quarantine { lasts, known: Mutex::default() }
    }

    /// Why a plugin is not to be asked about a service at this moment, if it is not. When the time is over, it is
    /// asked once more; another fault begins the time again.
    pub(super) fn bars(&self, source: &Source, service: &str, now: Instant) -> Option<String> {
        let Known { counts, .. } = &*self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            return None;
        }
        let plugin = source.identity();
        [Some(service), None].into_iter().find_map(|with| {
            let count = counts.get(&(plugin, with.map(str::to_owned)))?;
            let until = count.until.filter(|until| now < until.instant)?;
            Some(sentence(&format!("{} plugin", source.name()), with, count.faults, &count.last, until.shown))
        })
    }

    /// A check ended without a fault, whatever it found. Returns the quarantines that end with it.
    pub(super) fn passed(&self, source: &Source, service: &str) -> Vec<Quarantined> {
        let Known { counts, ended, passed } = &mut *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            passed.clear();
            return Vec::new();
        }
        *ended += 1;
        passed.insert(source.identity(), *ended);
        let over = |with: Option<String>| {
            let count = counts.remove(&(source.identity(), with.clone()))?;
            count.until.map(|_| news(source, with, Turn::Ends))
        };
        [Some(service.to_owned()), None].into_iter().filter_map(over).collect()
    }

    /// A check ended with a fault. Returns the quarantines that begin with it.
    pub(super) fn failed(&self, source: &Source, service: &str, fault: &str, now: Instant) -> Vec<Quarantined> {
        let known = &mut *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.counts.len() >= REMEMBERED_MAX {
            known.counts.retain(|_, count| count.until.is_some_and(|until| now < until.instant));
        }
        known.ended += 1;
        let (plugin, with) = (source.identity(), Some(service.to_owned()));
        let Some((first, turn)) = self.count(known, (plugin, with.clone()), fault, now) else { return Vec::new() };
        let mut begun = vec![news(source, with, turn)];
        // One more service with which it fails again and again counts for the plugin as a whole, unless it fails with that
        // service and not with others.
        if known.passed.get(&plugin).is_none_or(|passed| *passed < first)
            && let Some((_, turn)) = self.count(known, (plugin, None), fault, now)
        {
            begun.push(news(source, None, turn));
        }
        begun
    }

    /// With what a plugin is left alone at this moment, and for how long; nothing in place of a service means all.
    pub(super) fn of(&self, plugin: Identity, now: Instant) -> Vec<(Option<String>, Duration)> {
        let Known { counts, .. } = &*self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let barred = counts.iter().filter(|((of, _), _)| *of == plugin).filter_map(|((_, service), count)| {
            let left = count.until?.instant.checked_duration_since(now).filter(|left| !left.is_zero())?;
            Some((service.clone(), left))
        });
        let mut barred: Vec<_> = barred.collect();
        barred.sort();
        barred
    }

    /// Counts a fault; where it is the one that begins a quarantine for the first time, that is returned, and which check the
    /// first fault ended.
    fn count(&self, known: &mut Known, key: Key, fault: &str, now: Instant) -> Option<(u64, Turn)> {
        let Known { counts, ended, .. } = known;
        if counts.len() >= REMEMBERED_MAX && !counts.contains_key(&key) {
            return None;
        }
        let count = counts.entry(key).or_insert_with(|| Count { first: *ended, ..Count::default() });
        count.faults = count.faults.saturating_add(1);
        count.last = fault.to_owned();
        if count.faults < FAULTS_MAX {
            return None;
        }
        let until = SystemTime::now() + self.lasts;
        count.until = Some(Until { instant: now + self.lasts, shown: until });
        let (faults, last_fault) = (count.faults, count.last.clone());
        (faults == FAULTS_MAX).then_some((count.first, Turn::Begins { faults, last_fault, until }))
    }
}

fn news(source: &Source, with: Option<String>, turn: Turn) -> Quarantined {
    let version = source.description().version.clone().into_owned();
    Quarantined { name: source.name().to_owned(), version, sha256: source.sha256(), with, turn }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_secs(10);

    fn source(name: &str) -> Source {
        let found = ruled_embedded::STOCK.iter().find(|stock| stock.name == name);
        Source::Stock(found.expect("a stock plugin"))
    }

    fn fail(quarantine: &Quarantine, service: &str, times: u32, now: Instant) {
        for _ in 0..times {
            quarantine.failed(&source("ssh"), service, "it stopped itself", now);
        }
    }

    #[test]
    fn three_faults_in_a_row_with_one_service_bar_that_service_only() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        fail(&quarantine, "a", 2, now);
        assert_eq!(quarantine.bars(&source("ssh"), "a", now), None);
        fail(&quarantine, "a", 1, now);
        let sentence = quarantine.bars(&source("ssh"), "a", now).unwrap_or_default();
        assert!(sentence.starts_with("the ssh plugin is in quarantine with a until "), "{sentence}");
        assert!(sentence.ends_with(", after 3 faults in a row; the last one: it stopped itself"), "{sentence}");
        assert_eq!(quarantine.bars(&source("ssh"), "b", now), None);
        assert_eq!(quarantine.bars(&source("http"), "a", now), None);
    }

    #[test]
    fn a_check_without_a_fault_begins_the_count_again() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        for _ in 0..5 {
            fail(&quarantine, "a", 2, now);
            quarantine.passed(&source("ssh"), "a");
        }
        assert_eq!(quarantine.bars(&source("ssh"), "a", now), None);
    }

    #[test]
    fn after_its_time_it_is_tried_once_and_comes_back() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        fail(&quarantine, "a", 3, now);
        let later = now + SPAN;
        assert_eq!(quarantine.bars(&source("ssh"), "a", later), None);
        fail(&quarantine, "a", 1, later);
        assert!(quarantine.bars(&source("ssh"), "a", later).is_some());
        quarantine.passed(&source("ssh"), "a");
        assert_eq!(quarantine.bars(&source("ssh"), "a", later), None);
    }

    #[test]
    fn a_plugin_that_fails_with_several_services_is_barred_from_all() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        for service in ["a", "b"] {
            fail(&quarantine, service, 5, now);
        }
        assert_eq!(quarantine.bars(&source("ssh"), "c", now), None);
        fail(&quarantine, "d", 3, now);
        assert!(
            quarantine.bars(&source("ssh"), "c", now).is_some_and(|sentence| sentence.contains("each of 3 services"))
        );
        quarantine.passed(&source("ssh"), "e");
        assert_eq!(quarantine.bars(&source("ssh"), "c", now), None);
        assert!(quarantine.bars(&source("ssh"), "a", now).is_some());
    }

    #[test]
    fn a_plugin_that_passes_with_others_meanwhile_is_barred_from_those_alone_with_which_it_fails() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        let bad = ["a", "b", "c", "d"];
        // Side by side, as checks of a cycle are.
        for _ in 0..FAULTS_MAX {
            quarantine.passed(&source("ssh"), "good");
            bad.iter().for_each(|service| fail(&quarantine, service, 1, now));
        }
        assert_eq!(quarantine.bars(&source("ssh"), "good", now), None);
        assert!(bad.iter().all(|service| quarantine.bars(&source("ssh"), service, now).is_some()));
        // Since they fail nobody has seen it pass.
        ["e", "f", "g"].iter().for_each(|service| fail(&quarantine, service, FAULTS_MAX, now));
        assert!(quarantine.bars(&source("ssh"), "good", now).is_some());
    }

    #[test]
    fn each_quarantine_is_told_once_when_it_begins_and_once_when_it_ends() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        let ssh = source("ssh");
        let fault = |service: &str, now| quarantine.failed(&ssh, service, "it stopped itself", now);
        let with = |told: Vec<Quarantined>| told.into_iter().map(|told| told.with).collect::<Vec<_>>();
        assert_eq!((fault("a", now), fault("a", now)), (vec![], vec![]));
        let begun = fault("a", now);
        let [Quarantined { with: Some(service), turn: Turn::Begins { faults: 3, .. }, sha256: None, .. }] = &begun[..]
        else {
            panic!("{begun:?}")
        };
        assert_eq!(service, "a");
        let said = begun[0].to_string();
        assert!(said.starts_with("the ssh plugin ") && said.contains(" is in quarantine with a until "), "{said}");
        // That it is tried again and fails again is nothing new.
        assert_eq!((fault("a", now), fault("a", now + SPAN)), (vec![], vec![]));
        let ended = quarantine.passed(&ssh, "a");
        assert!(matches!(&ended[..], [Quarantined { turn: Turn::Ends, .. }]), "{ended:?}");
        assert_eq!(quarantine.passed(&ssh, "a"), []);
        // The next one is told again.
        fail(&quarantine, "a", 2, now);
        assert_eq!(with(fault("a", now)), [Some("a".to_owned())]);
        fail(&quarantine, "b", 3, now);
        fail(&quarantine, "c", 2, now);
        assert_eq!(with(fault("c", now)), [Some("c".to_owned()), None]);
        // Another service is well: only the plugin as a whole is out of quarantine.
        assert_eq!(with(quarantine.passed(&ssh, "d")), [None]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        for number in 0..REMEMBERED_MAX + 500 {
            fail(&quarantine, &number.to_string(), 1, now);
        }
        assert!(quarantine.known.lock().unwrap_or_else(PoisonError::into_inner).counts.len() <= REMEMBERED_MAX);
    }
}
