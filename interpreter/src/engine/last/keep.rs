//! What was last done, beyond the end of an engine: to the one after an exchange of the rules, and to the one after a restart.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::{DeedEnd, LastDeed};
use crate::durable::{KeptDeed, ServiceKey, rule_keys};
use crate::engine::memory::Memory;
use crate::engine::{DeedId, Engine, EventClass, Monotonic, Reason, Wall};
use crate::program::Service;

/// How many deeds of a service are kept beyond the end of ruled: the newest.
pub(super) const DEEDS_KEPT: usize = 4;

/// The number of a deed whose end no engine waits for. Deeds are counted from 1.
const NOBODYS: DeedId = DeedId(0);

/// What can be done. A word that is not among them is one of a later version.
const WORDS: [&str; 6] = ["start", "stop", "restart", "exec", "terminate", "kill"];

impl Memory {
    /// What of the deeds is kept.
    pub(in crate::engine) fn kept_deeds(&self, service: &Service) -> Vec<KeptDeed> {
        let newest = self.deeds.get(self.deeds.len().saturating_sub(DEEDS_KEPT)..).unwrap_or_default();
        let has_rules = newest.iter().any(|deed| deed.rule.is_some());
        let keys = if has_rules { rule_keys(&service.rules) } else { Vec::new() };
        newest.iter().filter_map(|deed| kept(deed, &keys)).collect()
    }

    /// Goes on with what was kept. What was under way then ended nobody knows how.
    pub(in crate::engine) fn resume_deeds(&mut self, service: &Service, kept: &[KeptDeed]) {
        let has_rules = kept.iter().any(|deed| deed.rule.is_some());
        let keys = if has_rules { rule_keys(&service.rules) } else { Vec::new() };
        self.deeds = kept.iter().filter_map(|deed| known(deed, &keys)).collect();
        self.deeds.truncate(DEEDS_KEPT);
    }

    /// Goes on with what was done under the rules before: what is newer than what is known, or says how that ended.
    pub(in crate::engine) fn learn_deeds(&mut self, service: &Service, earlier: &Service, theirs: &[LastDeed]) {
        let has_rules = theirs.iter().any(|deed| deed.rule.is_some());
        let keys = |service: &Service| if has_rules { rule_keys(&service.rules) } else { Vec::new() };
        let (before, now) = (keys(earlier), keys(service));
        for deed in theirs {
            let rule = match deed.rule {
                None => None,
                Some(place) => match before.get(place).and_then(|key| now.iter().position(|other| other == key)) {
                    Some(place) => Some(place),
                    None => continue,
                },
            };
            let deed = LastDeed { rule, id: NOBODYS, ..deed.clone() };
            let known = self.deeds.iter().position(|known| deed.replaces(known));
            if known.and_then(|place| self.deeds.get(place)).is_none_or(|known| deed.outdates(known)) {
                if let Some(place) = known {
                    self.deeds.remove(place);
                }
                self.deeds.push(deed);
            }
        }
        self.deeds.sort_by_key(|deed| deed.began);
    }

    /// What changes when what is kept of the deeds does.
    pub(in crate::engine) fn hash_deeds(&self, hasher: &mut impl Hasher) {
        for deed in &self.deeds {
            (deed.began, deed.end.is_some(), deed.output.len()).hash(hasher);
        }
    }
}

impl Engine {
    /// Takes over what an engine before did while it finished what it had begun; to be called when that is done.
    pub fn learn_from(&mut self, former: &Engine) {
        let theirs: BTreeMap<ServiceKey, (&Service, &Memory)> = former
            .program
            .services
            .iter()
            .zip(&former.memories)
            .filter(|(_, memory)| !memory.deeds.is_empty())
            .map(|(service, memory)| (ServiceKey::of(service), (service, memory)))
            .collect();
        if theirs.is_empty() {
            return;
        }
        let program = Arc::clone(&self.program);
        for (id, service) in program.ids().zip(&program.services) {
            if let (Some((earlier, one)), Some(memory)) =
                (theirs.get(&ServiceKey::of(service)), self.memories.get_mut(id.index()))
            {
                memory.learn_deeds(service, earlier, &one.deeds);
                self.note(id);
            }
        }
        self.count_output();
    }

    /// Counts what the outputs of all deeds hold.
    pub(in crate::engine) fn count_output(&mut self) {
        self.output_bytes = self.memories.iter().flat_map(|memory| &memory.deeds).map(|deed| deed.output.len()).sum();
    }
}

fn kept(deed: &LastDeed, keys: &[String]) -> Option<KeptDeed> {
    let rule = match deed.rule {
        Some(place) => Some(keys.get(place)?.clone()),
        None => None,
    };
    let (number, refused) = match &deed.end {
        Some(DeedEnd::Exited(number) | DeedEnd::Signalled(number)) => (Some(*number), None),
        Some(DeedEnd::Refused(reason)) => (None, Some(reason.clone())),
        _ => (None, None),
    };
    Some(KeptDeed {
        what: deed.word.to_owned(),
        rule,
        argv: deed.argv.clone(),
        pid: deed.pid,
        event: deed.reason.event.to_owned(),
        reason: deed.reason.message.clone(),
        began_us: deed.began.0,
        took_us: deed.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
        how: deed.end.as_ref().map(|end| end.word().to_owned()),
        number,
        refused,
        output: deed.output.clone(),
        output_left_out_bytes: deed.output_left_out_bytes,
    })
}

/// What was kept of a deed; nothing where it was done for a rule that is gone, or is of a kind that nobody knows here.
fn known(kept: &KeptDeed, keys: &[String]) -> Option<LastDeed> {
    let rule = match &kept.rule {
        Some(key) => Some(keys.iter().position(|other| other == key)?),
        None => None,
    };
    let event = EventClass::ALL.into_iter().map(EventClass::word).find(|word| *word == kept.event)?;
    let end = match (kept.how.as_deref().unwrap_or_default(), kept.number) {
        ("exited", Some(status)) => DeedEnd::Exited(status),
        ("signalled", Some(signal)) => DeedEnd::Signalled(signal),
        ("sent", _) => DeedEnd::Sent,
        ("refused", _) => DeedEnd::Refused(kept.refused.clone().unwrap_or_default()),
        ("timed_out", _) => DeedEnd::TimedOut,
        _ => DeedEnd::Unknown,
    };
    let mut deed = LastDeed {
        word: WORDS.into_iter().find(|word| *word == kept.what)?,
        rule,
        argv: kept.argv.clone(),
        pid: kept.pid,
        reason: Reason { event, message: kept.reason.clone() },
        began: Wall(kept.began_us),
        took: kept.took_us.map(Duration::from_micros),
        end: Some(end),
        output: String::new(),
        output_left_out_bytes: 0,
        id: NOBODYS,
        since: Monotonic::default(),
    };
    deed.take_output(&kept.output);
    deed.output_left_out_bytes = deed.output_left_out_bytes.saturating_add(kept.output_left_out_bytes);
    Some(deed)
}
