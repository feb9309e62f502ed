//! Plugins that fail again and again are left alone for a while, so that they take no time from the others.
//!
//! A fault is a trap, or a limit that a plugin ran into. What brings it about can be the service on the other side, so
//! the count is kept for each plugin and service; only a plugin that fails with several of them, and with none in
//! between as it should, is left alone altogether.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many faults in a row are no accident.
pub(super) const FAULTS_MAX: u32 = 3;
/// Ten cycles of the customary 30 s.
pub(super) const QUARANTINE: Duration = Duration::from_secs(300);
/// More pairs of a plugin and a service than this are not remembered; those that were not in quarantine are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// What is known of the faults of plugins.
pub(super) struct Quarantine {
    lasts: Duration,
    counts: Mutex<HashMap<Key, Count>>,
}

/// A plugin with a service; without one, the plugin with all of them.
type Key = (&'static str, Option<String>);

#[derive(Default)]
struct Count {
    faults: u32,
    until: Option<Instant>,
    last: String,
}

impl Quarantine {
    /// A quarantine of that length; nobody is in it.
    pub(super) fn new(lasts: Duration) -> Quarantine {
        Quarantine { lasts, counts: Mutex::default() }
    }

    /// Why a plugin is not to be asked about a service at this moment, if it is not. When the time is over, it is
    /// asked once more; another fault begins the time again.
    pub(super) fn bars(&self, plugin: &'static str, service: &str, now: Instant) -> Option<String> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let barred = |key: &Key| counts.get(key).filter(|count| count.until.is_some_and(|until| now < until));
        let (count, with) = match (barred(&(plugin, Some(service.to_owned()))), barred(&(plugin, None))) {
            (Some(count), _) => (count, format!("with {service}")),
            (None, Some(count)) => (count, "with several services".to_owned()),
            (None, None) => return None,
        };
        let seconds = count.until?.saturating_duration_since(now).as_secs() + 1;
        Some(format!(
            "the {plugin} plugin is left alone for another {seconds} s, because it failed {FAULTS_MAX} times in a row \
             {with}: {}",
            count.last
        ))
    }

    /// A check ended without a fault, whatever it found.
    pub(super) fn passed(&self, plugin: &'static str, service: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            return;
        }
        counts.remove(&(plugin, Some(service.to_owned())));
        counts.remove(&(plugin, None));
    }

    /// A check ended with a fault.
    pub(super) fn failed(&self, plugin: &'static str, service: &str, fault: &str, now: Instant) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED_MAX {
            counts.retain(|_, count| count.until.is_some_and(|until| now < until));
        }
        let is_new = self.count(&mut counts, (plugin, Some(service.to_owned())), fault, now);
        if is_new {
            // One more service with which it fails again and again.
            self.count(&mut counts, (plugin, None), fault, now);
        }
    }

    /// Counts a fault, and says whether it is the one that begins a quarantine for the first time.
    fn count(&self, counts: &mut HashMap<Key, Count>, key: Key, fault: &str, now: Instant) -> bool {
        if counts.len() >= REMEMBERED_MAX && !counts.contains_key(&key) {
            return false;
        }
        let count = counts.entry(key).or_default();
        count.faults = count.faults.saturating_add(1);
        count.last = fault.to_owned();
        if count.faults >= FAULTS_MAX {
            count.until = Some(now + self.lasts);
        }
        count.faults == FAULTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_secs(10);

    fn fail(quarantine: &Quarantine, service: &str, times: u32, now: Instant) {
        for _ in 0..times {
            quarantine.failed("ssh", service, "it stopped itself", now);
        }
    }

    #[test]
    fn three_faults_in_a_row_with_one_service_bar_that_service_only() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        fail(&quarantine, "a", 2, now);
        assert_eq!(quarantine.bars("ssh", "a", now), None);
        fail(&quarantine, "a", 1, now);
        let sentence = quarantine.bars("ssh", "a", now).unwrap_or_default();
        assert!(sentence.contains("another 11 s") && sentence.ends_with("with a: it stopped itself"), "{sentence}");
        assert_eq!(quarantine.bars("ssh", "b", now), None);
        assert_eq!(quarantine.bars("http", "a", now), None);
    }

    #[test]
    fn a_check_without_a_fault_begins_the_count_again() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        for _ in 0..5 {
            fail(&quarantine, "a", 2, now);
            quarantine.passed("ssh", "a");
        }
        assert_eq!(quarantine.bars("ssh", "a", now), None);
    }

    #[test]
    fn after_its_time_it_is_tried_once_and_comes_back() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        fail(&quarantine, "a", 3, now);
        let later = now + SPAN;
        assert_eq!(quarantine.bars("ssh", "a", later), None);
        fail(&quarantine, "a", 1, later);
        assert!(quarantine.bars("ssh", "a", later).is_some());
        quarantine.passed("ssh", "a");
        assert_eq!(quarantine.bars("ssh", "a", later), None);
    }

    #[test]
    fn a_plugin_that_fails_with_several_services_is_barred_from_all() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        for service in ["a", "b"] {
            fail(&quarantine, service, 5, now);
        }
        assert_eq!(quarantine.bars("ssh", "c", now), None);
        fail(&quarantine, "d", 3, now);
        assert!(quarantine.bars("ssh", "c", now).is_some_and(|sentence| sentence.contains("several services")));
        quarantine.passed("ssh", "e");
        assert_eq!(quarantine.bars("ssh", "c", now), None);
        assert!(quarantine.bars("ssh", "a", now).is_some());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (quarantine, now) = (Quarantine::new(SPAN), Instant::now());
        for number in 0..REMEMBERED_MAX + 500 {
            fail(&quarantine, &number.to_string(), 1, now);
        }
        assert!(quarantine.counts.lock().unwrap_or_else(PoisonError::into_inner).len() <= REMEMBERED_MAX);
    }
}
