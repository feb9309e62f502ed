//! What outlives the engine: it is ordered to be kept when it changes, and handed to the engine that comes after.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use grammar::ast::{Changed, HashKind, TimestampKind};

use super::fact::FactValue;
use super::mark::{Marks, Subject};
use super::memory::{Memory, RuleMemory};
use super::{Engine, Order, Place, Position, ServiceId, Wall};
use crate::durable::{Kept, KeptFault, KeptPosition, KeptValue, ServiceKey, rule_keys};
use crate::program::{Behaviour, OnReboot, Program, Service};

/// What lies between two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Only ruled itself or its rules were exchanged.
    Restart,
    /// The machine was started anew: no process is the one it was.
    Reboot,
}

/// The words for faults that nobody writes rules for.
const DATA: &str = "data";
const INVALID: &str = "invalid";
const EXEC: &str = "exec";
const UNJUDGED: &str = "unjudged";
const LIMIT: &str = "limit";
/// What stands before the name of a plugin's metric in the word for its mark.
const METRIC: &str = "metric ";

impl Engine {
    /// Goes on where an earlier engine ended, for those services of which something was kept. To be called before the first
    /// input, once for each interval that lies behind what was kept; what is of no use for this program is left out.
    pub fn go_on_from(&mut self, kept: &BTreeMap<ServiceKey, Kept>, interval: Interval) {
        let program = Arc::clone(&self.program);
        for (service, memory) in program.services.iter().zip(&mut self.memories) {
            if let Some(kept) = kept.get(&ServiceKey::of(service)) {
                memory.resume(service, &program.settings.behaviour, kept, interval);
                memory.kept = memory.kept_hash(service, &program.settings.behaviour);
            }
        }
        self.count_output();
        for id in program.ids() {
            let Some(kept) = program.service(id).and_then(|one| kept.get(&ServiceKey::of(one))) else { continue };
            if interval == Interval::Reboot {
                // A machine that started anew has ended whatever was under way.
                self.forget_intent(id);
                continue;
            }
            let earlier = kept.intent.as_ref().map(|intent| self.earlier(intent));
            if let Some(memory) = self.memory(id) {
                memory.earlier = earlier;
            }
        }
    }

    /// What is to be kept of a service at this moment.
    pub fn kept(&self, id: ServiceId) -> Option<Kept> {
        let service = self.program.service(id)?;
        Some(self.memories.get(id.index())?.keep(service, &self.program.settings.behaviour))
    }

    /// Takes note that something that is kept of the service may have changed.
    pub(super) fn note(&mut self, id: ServiceId) {
        if self.noted.last() != Some(&id) {
            self.noted.push(id);
        }
    }

    /// Orders to keep what changed in this call: after it is told, because what is told twice is better than what is never
    /// told, and before anything is done, because nothing is to be done twice.
    pub(super) fn order_to_keep(&mut self) {
        let program: Arc<Program> = Arc::clone(&self.program);
        let behaviour = &program.settings.behaviour;
        let mut keeping = Vec::new();
        for id in std::mem::take(&mut self.noted) {
            let (Some(service), Some(memory)) = (program.service(id), self.memories.get_mut(id.index())) else {
                continue;
            };
            let hash = memory.kept_hash(service, behaviour);
            if std::mem::replace(&mut memory.kept, hash) != hash {
                let kept = Box::new(memory.keep(service, behaviour));
                keeping.push(Order::Keep(id, kept));
            }
        }
        let first = self.orders.iter().position(|order| matches!(order, Order::Act(..)));
        let place = first.unwrap_or(self.orders.len());
        self.orders.splice(place..place, keeping);
    }
}

impl Memory {
    /// A number that changes when what is kept does. It is made in every cycle, so nothing is copied for it.
    pub(super) fn kept_hash(&self, service: &Service, behaviour: &Behaviour) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.turns.ran_minute().hash(&mut hasher);
        (self.flag(service), self.restarts, self.restart_cycles, self.position).hash(&mut hasher);
        self.references_to_keep(behaviour).hash(&mut hasher);
        self.hash_deeds(&mut hasher);
        self.intent.as_ref().map(|one| (one.stops, one.is_asked, one.step, one.until_us)).hash(&mut hasher);
        for (subject, value) in self.marks.iter().filter(|(subject, _)| outlives(subject, behaviour)) {
            (subject, value).hash(&mut hasher);
        }
        for (place, (_, memory)) in self.faults(service, behaviour).enumerate() {
            if memory.failed {
                (place, memory.since, &memory.message, memory.attempts).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// What is kept.
    fn keep(&self, service: &Service, behaviour: &Behaviour) -> Kept {
        let mark = |(subject, value): &(Subject, FactValue)| Some((word(subject)?, kept_value(value)?));
        let marks = self.marks.iter().filter(|(subject, _)| outlives(subject, behaviour)).filter_map(mark);
        let references = self.references_to_keep(behaviour).iter();
        let mut keys =
            self.faults(service, behaviour).any(|(_, memory)| memory.failed).then(|| rule_keys(&service.rules));
        let keys = keys.get_or_insert_default();
        let fault = |(name, memory): (Name, &RuleMemory)| KeptFault {
            rule: name.text(keys),
            since_us: memory.since.0,
            message: memory.message.clone(),
            attempts: memory.attempts,
        };
        Kept {
            monitored: self.flag(service),
            restarts: self.restarts,
            restart_cycles: self.restart_cycles,
            position: self.position.map(kept_position),
            ran_minute: self.turns.ran_minute(),
            marks: marks.map(|(word, value)| (word.into_owned(), value)).collect(),
            checksums: references.map(|(kind, digits)| (hash_word(*kind).to_owned(), digits.clone())).collect(),
            faults: self.faults(service, behaviour).filter(|(_, memory)| memory.failed).map(fault).collect(),
            intent: self.intent.as_deref().cloned(),
            deeds: self.kept_deeds(service),
            boot: 0,
        }
    }

    fn resume(&mut self, service: &Service, behaviour: &Behaviour, kept: &Kept, interval: Interval) {
        if let Some(flag) = kept.monitored.filter(|_| {
            // After the machine has started the rules say what is watched, unless they leave it to what was.
            interval == Interval::Restart || service.on_reboot == OnReboot::LastState
        }) {
            self.monitored = flag;
        }
        self.restarts = kept.restarts;
        self.restart_cycles = kept.restart_cycles;
        self.position = kept.position.map(position);
        self.intent = kept.intent.clone().map(Box::new);
        self.resume_deeds(service, &kept.deeds);
        if !behaviour.minutes_get_lost {
            self.turns.go_on_from(kept.ran_minute);
        }
        let same = |subject: &Subject| interval == Interval::Restart || !is_of_this_boot(subject);
        let mark = |subject: &Subject| Some((subject.clone(), value(kept.marks.get(&*word(subject)?)?)));
        let subjects = self.subjects.iter().filter(|subject| outlives(subject, behaviour) && same(subject));
        self.marks = subjects.filter_map(mark).collect();
        let digits = |kind: HashKind| Some((kind, kept.checksums.get(hash_word(kind))?.clone()));
        self.references = [HashKind::Md5, HashKind::Sha1, HashKind::Sha256].into_iter().filter_map(digits).collect();
        if kept.faults.is_empty() || behaviour.faults_are_forgotten || !self.monitored {
            return;
        }
        let keys = rule_keys(&service.rules);
        for fault in &kept.faults {
            let place = keys.iter().position(|key| *key == fault.rule);
            let memory = match (fault.rule.as_str(), place) {
                (_, Some(place)) => self.rules.get_mut(place),
                (DATA, _) => Some(&mut self.data),
                (INVALID, _) => Some(&mut self.invalid),
                (EXEC, _) => Some(&mut self.exec),
                (UNJUDGED, _) => Some(&mut self.unjudged),
                (text, _) => limit_place(text).and_then(|place| self.limits.get_mut(place)),
            };
            if let Some(memory) = memory {
                memory.resume(Wall(fault.since_us), &fault.message, fault.attempts);
            }
        }
    }

    /// Whether it is watched, where that is not what the rules say of the beginning.
    fn flag(&self, service: &Service) -> Option<bool> {
        (self.monitored != (service.on_reboot != OnReboot::NoStart)).then_some(self.monitored)
    }

    fn references_to_keep(&self, behaviour: &Behaviour) -> &[(HashKind, String)] {
        if behaviour.faults_are_forgotten { &[] } else { &self.references }
    }

    /// What may have failed, with its name; nothing where faults are forgotten.
    fn faults<'a>(
        &'a self,
        service: &'a Service,
        behaviour: &Behaviour,
    ) -> impl Iterator<Item = (Name, &'a RuleMemory)> {
        let own = [
            (Name::Word(DATA), &self.data),
            (Name::Word(INVALID), &self.invalid),
            (Name::Word(EXEC), &self.exec),
            (Name::Word(UNJUDGED), &self.unjudged),
        ];
        // News has no end.
        let rules = self.rules.iter().zip(&service.rules).enumerate().filter(|(_, (_, rule))| !rule.test.is_news());
        let rules = rules.map(|(place, (memory, _))| (Name::Rule(place), memory));
        let limits = self.limits.iter().enumerate().map(|(place, memory)| (Name::Limit(place), memory));
        let shown = if behaviour.faults_are_forgotten { 0 } else { usize::MAX };
        own.into_iter().chain(rules).chain(limits).take(shown)
    }
}

/// By what a fault is known.
#[derive(Debug, Clone, Copy)]
enum Name {
    Word(&'static str),
    Rule(usize),
    Limit(usize),
}

impl Name {
    fn text(self, keys: &[String]) -> String {
        match self {
            Name::Word(word) => word.to_owned(),
            Name::Rule(place) => keys.get(place).cloned().unwrap_or_default(),
            Name::Limit(place) => format!("{LIMIT}-{place}"),
        }
    }
}

fn limit_place(text: &str) -> Option<usize> {
    text.strip_prefix(LIMIT)?.strip_prefix('-')?.parse().ok()
}

impl FromIterator<(Subject, FactValue)> for Marks {
    fn from_iter<I: IntoIterator<Item = (Subject, FactValue)>>(list: I) -> Marks {
        Marks::new(list.into_iter().collect())
    }
}

/// Whether the mark is kept. Monit keeps size, mode, times and the speed of a link.
fn outlives(subject: &Subject, behaviour: &Behaviour) -> bool {
    let Subject::Change(changed) = subject else { return true };
    !behaviour.faults_are_forgotten
        || matches!(changed, Changed::Size | Changed::Permission | Changed::Timestamp(_) | Changed::Link)
}

/// Whether another boot makes the mark worthless.
fn is_of_this_boot(subject: &Subject) -> bool {
    matches!(subject, Subject::LinkErrors | Subject::Change(Changed::Pid | Changed::Ppid))
}

/// The word for a mark. Contents are no mark.
fn word(subject: &Subject) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match subject {
        Subject::LinkErrors => "link_errors",
        Subject::Metric(metric) => return Some(Cow::Owned(format!("{METRIC}{metric}"))),
        Subject::Change(changed) => match changed {
            Changed::Pid => "pid",
            Changed::Ppid => "ppid",
            Changed::FilesystemFlags => "fsflags",
            Changed::Status => "status",
            Changed::Link => "link",
            Changed::Timestamp(TimestampKind::Any) => "timestamp",
            Changed::Timestamp(TimestampKind::Access) => "atime",
            Changed::Timestamp(TimestampKind::Change) => "ctime",
            Changed::Timestamp(TimestampKind::Modify) => "mtime",
            Changed::Size => "size",
            Changed::Permission => "permission",
            Changed::Checksum(None) => return None,
            Changed::Checksum(Some(kind)) => hash_word(*kind),
        },
    }))
}

fn hash_word(kind: HashKind) -> &'static str {
    match kind {
        HashKind::Md5 => "md5",
        HashKind::Sha1 => "sha1",
        HashKind::Sha256 => "sha256",
    }
}

fn kept_position(at: Position) -> KeptPosition {
    let Position { inode, offset_bytes, fingerprint, earlier } = at;
    let earlier = earlier.map(|place| (place.inode, place.offset_bytes));
    KeptPosition { inode, offset_bytes, fingerprint, earlier }
}

fn position(kept: KeptPosition) -> Position {
    let KeptPosition { inode, offset_bytes, fingerprint, earlier } = kept;
    let earlier = earlier.map(|(inode, offset_bytes)| Place { inode, offset_bytes });
    Position { inode, offset_bytes, fingerprint, earlier }
}

fn kept_value(value: &FactValue) -> Option<KeptValue> {
    match value {
        FactValue::Number(number) => Some(KeptValue::Number(*number)),
        FactValue::Text(text) => Some(KeptValue::Text(text.clone())),
        FactValue::Lines(_) => None,
    }
}

fn value(kept: &KeptValue) -> FactValue {
    match kept {
        KeptValue::Number(number) => FactValue::Number(*number),
        KeptValue::Text(text) => FactValue::Text(text.clone()),
    }
}
