//! The things that services watch, as the judge knows them: everything that happened to them so far.

use std::collections::BTreeMap;

use grammar::ast::ServiceKind;

use super::case::{Change, Watched};
use super::dials::{Dial, Setting, What, dials};

/// A thing and its past. Times are milliseconds since the first cycle began.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    kind: ServiceKind,
    by_pattern: bool,
    pub(crate) process: Option<Process>,
    has_pidfile: bool,
    file: Option<File>,
    hidden: bool,
    wrong: bool,
    /// Where each dial stood since when.
    turns: Vec<(&'static Dial, Vec<(u64, Setting)>)>,
    last_number: u64,
    /// Connections are tried when a process has run for longer than this, if ruled can start it.
    patience_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub(crate) number: u64,
    born_ms: u64,
    pub(crate) is_zombie: bool,
}

#[derive(Debug, Clone)]
struct File {
    number: u64,
    bytes: u64,
    mode: u32,
    stamp_ms: i64,
    lines: Vec<&'static str>,
}

/// What was seen of a thing at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) at_ms: u64,
    pub(crate) wall_ms: i64,
    pub(crate) presence: Presence,
    /// Whether it is a process whose pid file is gone.
    pub(crate) without_pidfile: bool,
    pub(crate) values: BTreeMap<What, Value>,
    pub(crate) bytes: Option<u64>,
    pub(crate) mode: Option<u32>,
    pub(crate) stamp_ms: Option<i64>,
    /// All lines of the file.
    pub(crate) lines: Option<Vec<&'static str>>,
}

/// Whether a thing is there. Things have numbers, so that one that replaces another is told from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    There(u64),
    Zombie(u64),
    Missing,
    Wrong,
    Unknown,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Plain(f64),
    /// An amount and the whole.
    Part(f64, f64),
    /// Seconds of work so far, and how many can be done in a second.
    Work(f64, f64),
    /// Two counters.
    Share(f64, f64),
    /// Bytes so far.
    Moved(f64),
    Number(u64),
    Text(&'static str),
    Answers(bool),
}

impl Presence {
    /// Which thing it is, if one is there.
    pub(crate) fn number(self) -> Option<u64> {
        match self {
            Presence::There(number) | Presence::Zombie(number) => Some(number),
            Presence::Missing | Presence::Wrong | Presence::Unknown => None,
        }
    }
}

impl Thing {
    pub(crate) fn new(watched: &Watched, wall_ms: i64) -> Thing {
        let turns = dials(watched.kind).iter().map(|dial| (dial, vec![(0, dial.settings[0])])).collect();
        let connects_late = watched.kind == ServiceKind::Process && watched.programs != super::case::Programs::None;
        let mut thing = Thing {
            kind: watched.kind,
            by_pattern: watched.by_pattern,
            process: None,
            has_pidfile: false,
            file: None,
            hidden: false,
            wrong: false,
            turns,
            last_number: 0,
            patience_ms: connects_late.then_some(watched.start_timeout_s * 1_000),
        };
        thing.comes_up(0, wall_ms);
        thing
    }

    pub(crate) fn comes_up(&mut self, at_ms: u64, wall_ms: i64) {
        self.last_number += 1;
        let number = self.last_number;
        match self.kind {
            ServiceKind::Process => {
                self.process = Some(Process { number, born_ms: at_ms, is_zombie: false });
                self.has_pidfile = true;
            }
            ServiceKind::File | ServiceKind::Filesystem => {
                self.file = Some(File { number, bytes: 1_024, mode: 0o644, stamp_ms: wall_ms, lines: Vec::new() });
            }
            _ => {}
        }
    }

    pub(crate) fn leaves(&mut self) {
        self.process = None;
        self.has_pidfile = false;
        self.file = None;
    }

    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some_and(|process| !process.is_zombie)
    }

    pub(crate) fn happen(&mut self, change: Change, at_ms: u64, wall_ms: i64) {
        match change {
            Change::Dies => (self.process, self.file) = (None, None),
            Change::Leaves if self.is_running() => self.leaves(),
            Change::ComesBack if !self.is_running() => self.comes_up(at_ms, wall_ms),
            Change::IsReplaced => self.comes_up(at_ms, wall_ms),
            Change::BecomesZombie => {
                if let Some(process) = &mut self.process {
                    process.is_zombie = true;
                }
            }
            Change::Leaves | Change::ComesBack => {}
            Change::Hides(hidden) => self.hidden = hidden,
            Change::IsWrong(wrong) => self.wrong = wrong,
            Change::Turned(dial, setting) => {
                let turned = self.turns.iter_mut().find(|(other, _)| *other == dial).expect("a dial of its kind");
                turned.1.push((at_ms, dial.settings[setting]));
            }
            Change::Written(..) | Change::Mode(_) | Change::Line(_) => {
                let Some(file) = &mut self.file else { return };
                match change {
                    Change::Written(bytes) => (file.bytes, file.stamp_ms) = (bytes, wall_ms),
                    Change::Mode(mode) => file.mode = mode,
                    Change::Line(line) => file.lines.push(line),
                    _ => {}
                }
            }
        }
    }

    /// Whether it is there.
    pub(crate) fn presence(&self) -> Presence {
        let on_disk = matches!(self.kind, ServiceKind::File | ServiceKind::Filesystem);
        match (self.process, &self.file) {
            _ if self.hidden => Presence::Unknown,
            _ if self.wrong => Presence::Wrong,
            (Some(process), _) if process.is_zombie => Presence::Zombie(process.number),
            (Some(process), _) if self.has_pidfile || self.by_pattern => Presence::There(process.number),
            (_, Some(file)) => Presence::There(file.number),
            _ if on_disk || self.kind == ServiceKind::Process => Presence::Missing,
            _ => Presence::There(0),
        }
    }

    /// Everything that can be seen of it.
    pub(crate) fn look(&self, at_ms: u64, wall_ms: i64) -> Look {
        let presence = self.presence();
        let there = matches!(presence, Presence::There(_) | Presence::Zombie(_));
        let file = self.file.as_ref().filter(|_| there);
        let turns = self.turns.iter().filter(|_| there);
        let mut values: BTreeMap<What, Value> =
            turns.filter_map(|(dial, turns)| Some((dial.what, self.value(turns, at_ms)?))).collect();
        // A check that did not pass measured nothing.
        if self.kind == ServiceKind::Plugin && values.get(&What::Outcome) != Some(&Value::Answers(true)) {
            values.retain(|what, _| *what == What::Outcome);
        }
        Look {
            at_ms,
            wall_ms,
            presence,
            without_pidfile: self.kind == ServiceKind::Process && !self.by_pattern && !self.has_pidfile,
            values,
            bytes: file.map(|file| file.bytes),
            mode: file.map(|file| file.mode),
            stamp_ms: file.map(|file| file.stamp_ms),
            lines: file.map(|file| file.lines.clone()),
        }
    }

    fn value(&self, turns: &[(u64, Setting)], at_ms: u64) -> Option<Value> {
        let born_ms = self.process.map_or(0, |process| process.born_ms);
        let (_, setting) = *turns.last()?;
        match setting {
            Setting::Unreadable => None,
            Setting::Plain(value) => Some(Value::Plain(value)),
            Setting::Part(amount, whole) => Some(Value::Part(amount, whole)),
            Setting::Number(number) => Some(Value::Number(number)),
            Setting::Text(text) => Some(Value::Text(text)),
            Setting::Open | Setting::Refused => {
                let knocked = self.patience_ms.is_none_or(|patience_ms| at_ms - born_ms > patience_ms);
                knocked.then_some(Value::Answers(setting == Setting::Open))
            }
            Setting::Busy(_, capacity) => Some(Value::Work(self.counted(turns, born_ms, at_ms).0, capacity)),
            Setting::Portion(_) => {
                let (part, whole) = self.counted(turns, born_ms, at_ms);
                Some(Value::Share(part, whole))
            }
            Setting::Moves(_) => Some(Value::Moved(self.counted(turns, born_ms, at_ms).0)),
        }
    }

    /// How far the counters behind a dial have come since a moment. While nobody can read them they stand still.
    fn counted(&self, turns: &[(u64, Setting)], from_ms: u64, to_ms: u64) -> (f64, f64) {
        let (mut counted, mut seconds_readable) = (0.0, 0.0);
        for (place, (since_ms, setting)) in turns.iter().enumerate() {
            let until_ms = turns.get(place + 1).map_or(to_ms, |(next, _)| *next);
            let seconds = until_ms.saturating_sub((*since_ms).max(from_ms)) as f64 / 1_000.0;
            let each_second = match setting {
                Setting::Busy(percent, capacity) => capacity * percent / 100.0,
                Setting::Portion(each) | Setting::Moves(each) => *each,
                _ => continue,
            };
            counted += seconds * each_second;
            seconds_readable += seconds;
        }
        (counted, seconds_readable * 100.0)
    }
}
