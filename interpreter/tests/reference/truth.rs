//! Whether a test holds, read out of everything that was seen so far. Nothing is remembered from one cycle to the next.

use interpreter::engine::{Fact, Metric};
use interpreter::program::{
    Behaviour, Changed, Connection, Endpoint, Limit, Owner, PerformanceUnit, PluginTest, Test, Wanted,
};

use super::dials::What;
use super::thing::{Look, Presence, Value};

/// What was seen of a service until now.
pub(crate) struct Sight<'a> {
    pub(crate) behaviour: &'a Behaviour,
    /// All regular looks so far. The last one is judged.
    pub(crate) looks: &'a [Look],
    /// Which looks before it were judged, and not left alone because of another service.
    pub(crate) judged: &'a [usize],
    /// How many looks there were when ruled last started or stopped it.
    pub(crate) mended: usize,
}

impl Sight<'_> {
    fn now(&self) -> &Look {
        self.looks.last().expect("there is something to judge")
    }

    /// The looks before that were judged, the latest first.
    fn before(&self) -> impl Iterator<Item = (usize, &Look)> {
        self.judged.iter().rev().map(|place| (*place, &self.looks[*place]))
    }

    /// Whether the test holds; nothing when nobody can tell.
    pub(crate) fn holds(&self, test: &Test) -> Option<bool> {
        let presence = self.now().presence;
        match test {
            Test::Missing => is_there(presence, self.behaviour).map(|there| !there),
            Test::Present => is_there(presence, self.behaviour),
            Test::Not(part) => self.holds(part).map(|holds| !holds),
            Test::All(parts) => {
                let all: Vec<Option<bool>> = parts.iter().map(|part| self.holds(part)).collect();
                if all.contains(&Some(false)) { Some(false) } else { all.into_iter().min()? }
            }
            Test::Any(parts) => {
                let all: Vec<Option<bool>> = parts.iter().map(|part| self.holds(part)).collect();
                if all.contains(&Some(true)) { Some(true) } else { all.into_iter().min()? }
            }
            // What is not there, or is something else, has nothing that could be asked for.
            _ if !is_judged(presence, self.behaviour) => None,
            Test::Limit(limit) => Some(limit.relation.holds(self.measured(limit)?, limit.value)),
            Test::Changed(changed) => self.changed(*changed),
            Test::Owner(owner, wanted) => {
                let fact = match owner {
                    Owner::Uid => Fact::Uid,
                    Owner::Euid => Fact::Euid,
                    Owner::Gid => Fact::Gid,
                };
                Some(self.number(fact)? != u64::from(wanted.number?))
            }
            Test::Permission { mode } => Some(self.now().mode? != *mode),
            Test::Checksum { hash, expected } => {
                let fact = What::Fact(Fact::Checksum(*hash));
                let first = self.looks.iter().find_map(|look| look.values.get(&fact));
                let digits = self.now().values.get(&fact)?;
                Some(match expected {
                    Some(expected) => !matches!(digits, Value::Text(text) if text == expected),
                    None => Some(digits) != first,
                })
            }
            Test::Content(wanted) => {
                let fits = |text: &&str| text.contains(&wanted.pattern) != wanted.negated;
                match self.now().values.get(&What::Fact(Fact::Output)) {
                    Some(Value::Text(output)) => Some(fits(output)),
                    _ => Some(self.new_lines()?.iter().any(fits)),
                }
            }
            Test::Link { up } => {
                let is_up = self.number(Fact::Link)? != 0;
                let counted = |look: &Look| number(look, Fact::LinkErrors);
                let before = self.before().find_map(|(_, look)| counted(look));
                let erred = matches!((before, counted(self.now())), (Some(before), Some(now)) if now > before);
                Some(if *up { is_up } else { !is_up || erred })
            }
            Test::Connection(connection) => self.connected(connection),
            Test::Plugin(asked) => self.plugin(asked),
            Test::SecurityAttribute(_) | Test::Ping(_) | Test::Performance(_) => panic!("no case has {test:?}"),
        }
    }

    /// What a plugin is asked. Its metrics are read where its check passed.
    fn plugin(&self, asked: &PluginTest) -> Option<bool> {
        let measure = |look: &Look, name: &str| {
            let found = look.values.iter().find(|(what, _)| matches!(what, What::Measure(other) if *other == name));
            found.map(|(_, value)| *value)
        };
        match asked {
            PluginTest::Outcome(wanted) => {
                let Value::Answers(passed) = *self.now().values.get(&What::Outcome)? else { return None };
                Some(passed == (*wanted == Wanted::Succeeded))
            }
            PluginTest::Limit(limit) => {
                let Value::Plain(value) = measure(self.now(), &limit.label)? else { return None };
                let value = if limit.unit == Some(PerformanceUnit::Seconds) { value / 1_000.0 } else { value };
                Some(limit.relation.holds(value, limit.value))
            }
            PluginTest::Rate(limit) => {
                let now = self.now();
                let Value::Moved(value) = measure(now, &limit.label)? else { return None };
                let earlier = self.looks.iter().rev().skip(1);
                let (look, before) = earlier.filter_map(|look| Some((look, measure(look, &limit.label)?))).next()?;
                let Value::Moved(before) = before else { return None };
                let elapsed_s = now.at_ms.saturating_sub(look.at_ms) as f64 / 1_000.0;
                Some(limit.relation.holds((value - before) / elapsed_s, limit.value))
            }
            PluginTest::Changed(name) => {
                let now = measure(self.now(), name)?;
                let before = self.before().find_map(|(_, look)| measure(look, name))?;
                Some(now != before)
            }
        }
    }

    fn number(&self, fact: Fact) -> Option<u64> {
        number(self.now(), fact)
    }

    fn connected(&self, connection: &Connection) -> Option<bool> {
        let Endpoint::Port { port, .. } = connection.endpoint else { panic!("no case has a socket") };
        let Value::Answers(answers) = *self.now().values.get(&What::Port(port))? else { return None };
        Some(answers == (connection.wanted == Wanted::Succeeded))
    }

    /// The value that is compared with the limit, in its unit.
    fn measured(&self, limit: &Limit) -> Option<f64> {
        let now = self.now();
        match limit.metric {
            Metric::Size => return now.bytes.map(|bytes| bytes as f64),
            Metric::Timestamp(_) => return now.stamp_ms.map(|stamp| (now.wall_ms - stamp) as f64 / 1_000.0),
            _ => {}
        }
        let what = What::Metric(limit.metric);
        let value = *now.values.get(&what)?;
        if let Some(seconds) = limit.window_s {
            // What came since the last look that is as old as the window, or since the first one.
            let known = || self.looks.iter().filter(|look| look.values.contains_key(&what));
            let old =
                known().rfind(|look| now.at_ms.saturating_sub(look.at_ms) >= seconds * 1_000).or(known().next())?;
            return match (old.values.get(&what)?, value) {
                (Value::Moved(then), Value::Moved(now)) => Some(now - then),
                _ => None,
            };
        }
        // Rates begin where this same thing was read the last time.
        let earlier = self.looks.iter().rev().skip(1).filter(|look| look.presence.number() == now.presence.number());
        let before = earlier.filter_map(|look| Some((look, look.values.get(&what)?))).next();
        let elapsed_s = before.map_or(0.0, |(look, _)| now.at_ms.saturating_sub(look.at_ms) as f64 / 1_000.0);
        match (before.map(|(_, value)| *value), value) {
            (_, Value::Plain(value)) => Some(value),
            (_, Value::Part(amount, whole)) => Some(if limit.percent { amount / whole * 100.0 } else { amount }),
            (Some(Value::Work(then, _)), Value::Work(now, capacity)) => {
                Some(((now - then) / (elapsed_s * capacity) * 100.0).min(100.0))
            }
            (Some(Value::Share(then, whole_then)), Value::Share(now, whole)) => {
                (whole > whole_then).then(|| (now - then) / (whole - whole_then) * 100.0)
            }
            (Some(Value::Moved(then)), Value::Moved(now)) => Some((now - then) / elapsed_s),
            _ => None,
        }
    }

    /// Whether something is not what it was when it was last judged and could be read.
    fn changed(&self, what: Changed) -> Option<bool> {
        let seen = |look: &Look| -> Option<Seen> {
            let value = |what: What| look.values.get(&what).copied().map(Seen::Value);
            match what {
                Changed::Pid => match look.presence {
                    Presence::There(number) => Some(Seen::Number(number)),
                    _ => None,
                },
                Changed::Ppid => value(What::Fact(Fact::Ppid)),
                Changed::FilesystemFlags => value(What::Fact(Fact::MountFlags)),
                Changed::Link => value(What::Fact(Fact::LinkCapacity)),
                Changed::Checksum(hash) => value(What::Fact(Fact::Checksum(hash?))),
                Changed::Status => value(What::Metric(Metric::Status)),
                Changed::Size => look.bytes.map(Seen::Number),
                Changed::Permission => look.mode.map(|mode| Seen::Number(u64::from(mode))),
                Changed::Timestamp(_) => look.stamp_ms.map(Seen::Stamp),
            }
        };
        let now = seen(self.now())?;
        let of_a_process = matches!(what, Changed::Pid | Changed::Ppid);
        for (place, look) in self.before() {
            // What is gone, or was ended by ruled, is not followed by another that is compared with it.
            let ended = look.presence == Presence::Missing || place < self.mended;
            if self.behaviour.absence_ends_comparison && of_a_process && ended {
                return None;
            }
            if let Some(before) = seen(look) {
                return Some(before != now);
            }
        }
        // What was never there had no permissions.
        let was_missing = self.before().any(|(_, look)| look.presence == Presence::Missing);
        let had_no_mode = self.behaviour.missing_has_no_mode && what == Changed::Permission && was_missing;
        had_no_mode.then(|| now != Seen::Number(0))
    }

    /// The lines that were written since the file was last read. The first look begins at the end, another file at its
    /// beginning.
    fn new_lines(&self) -> Option<Vec<&'static str>> {
        let lines = self.now().lines.clone()?;
        let read = match self.before().find(|(_, look)| look.lines.is_some()) {
            None => lines.len(),
            Some((_, before)) if before.presence == self.now().presence => before.lines.as_ref().map_or(0, Vec::len),
            Some(_) => 0,
        };
        Some(lines[read..].to_vec())
    }
}

/// What a rule about changes compares.
#[derive(Debug, PartialEq)]
enum Seen {
    Number(u64),
    Stamp(i64),
    Value(Value),
}

fn number(look: &Look, fact: Fact) -> Option<u64> {
    match look.values.get(&What::Fact(fact))? {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// Whether something is there, of whatever kind.
pub(crate) fn is_there(presence: Presence, behaviour: &Behaviour) -> Option<bool> {
    match presence {
        Presence::There(_) | Presence::Wrong => Some(true),
        Presence::Zombie(_) => Some(behaviour.zombie_exists),
        Presence::Missing => Some(false),
        Presence::Unknown => None,
    }
}

/// Whether it is there, and is what it should be.
pub(crate) fn is_judged(presence: Presence, behaviour: &Behaviour) -> bool {
    presence != Presence::Wrong && is_there(presence, behaviour) == Some(true)
}
