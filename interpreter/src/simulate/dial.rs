//! What can be made to go wrong with a thing, as its rules ask for it: each dial has a setting at which no rule holds, and one
//! at which one does.

use std::time::Duration;

use grammar::ast::Changed;

use super::thing::{Door, PluginMood, Port, SimValue, Thing};
use crate::engine::{Fact, FactValue, Metric, test_words};
use crate::pattern::{Pattern, Syntax};
use crate::program::{
    ContentTest, Endpoint, Limit, Owner, PerformanceTest, PerformanceUnit, PluginTest, Relation, ResponseTime, Service,
    Test, Wanted,
};

/// Something about a thing that can be well or not.
#[derive(Debug, Clone)]
pub(super) struct Dial {
    /// What is the matter at the second setting, in words.
    pub(super) words: String,
    well: Setting,
    ill: Setting,
}

#[derive(Debug, Clone)]
enum Setting {
    Value(Metric, SimValue),
    Fact(Fact, FactValue),
    Mode(u32),
    Door(Door, Port),
    /// A line is written.
    Line(String),
    /// What becomes of the checks of a plugin.
    Plugin(PluginMood),
    /// What a plugin measures.
    Measures(String, f64),
    /// What a plugin counts in a second.
    Counts(String, f64),
    /// What a plugin measures grows.
    Steps(String),
    /// The file is written, and grows by so many bytes.
    Grows(u64),
    Nothing,
}

impl Dial {
    /// Turns to where no rule holds.
    pub(super) fn make_well(&self, thing: &mut Thing) {
        self.well.turn(thing);
    }

    /// Whether it can be made well again; what is news has no end.
    pub(super) fn has_end(&self) -> bool {
        !matches!(self.well, Setting::Nothing)
    }

    /// Turns to where a rule holds.
    pub(super) fn make_ill(&self, thing: &mut Thing) {
        self.ill.turn(thing);
    }
}

impl Setting {
    fn turn(&self, thing: &mut Thing) {
        match self {
            Setting::Value(metric, value) => thing.shows(*metric, value.clone()),
            Setting::Fact(fact, value) => thing.has(*fact, value.clone()),
            Setting::Mode(mode) => thing.is_given_mode(*mode),
            Setting::Door(door, how) => thing.answers_at(door.clone(), how.clone()),
            Setting::Line(line) => thing.is_told(line),
            Setting::Plugin(mood) => thing.plugin = mood.clone(),
            Setting::Measures(metric, value) => thing.measures(metric, *value),
            Setting::Counts(metric, per_second) => thing.counts(metric, *per_second),
            Setting::Steps(metric) => thing.steps(metric, 1.0),
            Setting::Grows(bytes) => thing.grows(*bytes),
            Setting::Nothing => {}
        }
    }
}

/// The dials of a service. A rule for which no setting is known has none.
pub(super) fn dials(service: &Service, idle: &Thing, syntax: Syntax) -> Vec<Dial> {
    let tests: Vec<&Test> = service.rules.iter().flat_map(|rule| rule.test.parts()).collect();
    let limits: Vec<&Limit> = tests
        .iter()
        .filter_map(|test| match test {
            Test::Limit(limit) => Some(limit),
            _ => None,
        })
        .collect();
    let dial = |test: &&Test| {
        let (well, ill) = match test {
            Test::Limit(limit) => of_limit(limit, &limits, idle)?,
            Test::Owner(whose, wanted) => {
                let fact = match whose {
                    Owner::Uid => Fact::Uid,
                    Owner::Euid => Fact::Euid,
                    Owner::Gid => Fact::Gid,
                };
                let (id, is) = (wanted.number?, |id: u32| Setting::Fact(fact, FactValue::Number(u64::from(id))));
                (is(id), is(id.wrapping_add(1)))
            }
            Test::Permission { mode } => (Setting::Mode(*mode), Setting::Mode(mode ^ 0o004)),
            Test::SecurityAttribute(wanted) => texts(Fact::SecurityAttribute, wanted, "somebody_t"),
            Test::Checksum { hash, expected } => {
                texts(Fact::Checksum(*hash), expected.as_deref().unwrap_or(DIGITS), OTHER_DIGITS)
            }
            Test::Link { up } => {
                let is = |up: bool| Setting::Fact(Fact::Link, FactValue::Number(u64::from(up)));
                (is(!up), is(*up))
            }
            Test::Connection(connection) => {
                let door = match &connection.endpoint {
                    Endpoint::Port { port, .. } => Door::Port(*port),
                    Endpoint::Unix(path) => Door::Unix(path.clone()),
                };
                of_door(door, connection.wanted, connection.response_time)?
            }
            Test::Ping(ping) => of_door(Door::Echo, ping.wanted, ping.response_time)?,
            Test::Content(content) => of_content(content, service, syntax)?,
            Test::Performance(limit) => of_performance(limit),
            Test::Plugin(asked) => of_plugin(asked, &tests)?,
            Test::Changed(what) => of_change(*what)?,
            // Whether it is there is not a dial.
            Test::Missing | Test::Present | Test::All(_) | Test::Any(_) | Test::Not(_) => return None,
        };
        Some(Dial { words: test_words(service, test), well, ill })
    };
    tests.iter().filter_map(dial).collect()
}

/// A door that is answered in a time that is accepted, and one that is closed.
fn of_door(door: Door, wanted: Wanted, limit: Option<ResponseTime>) -> Option<(Setting, Setting)> {
    let time = match limit {
        None => 0.002,
        Some(limit) => {
            let times = [0.002, limit.seconds / 2.0, limit.seconds, limit.seconds + 0.5];
            times.into_iter().find(|time| limit.relation.holds(*time, limit.seconds))?
        }
    };
    let open = Setting::Door(door.clone(), Port::Open(Duration::try_from_secs_f64(time).ok()?));
    let closed = Setting::Door(door, Port::Refused("Connection refused".to_owned()));
    Some(if wanted == Wanted::Failed { (open, closed) } else { (closed, open) })
}

const DIGITS: &str = "0123456789abcdef";
const OTHER_DIGITS: &str = "fedcba9876543210";

fn texts(fact: Fact, well: &str, ill: &str) -> (Setting, Setting) {
    let is = |text: &str| Setting::Fact(fact, FactValue::Text(text.to_owned()));
    (is(well), is(ill))
}

/// A value beyond the limit, and one at which none of the rules about this metric holds.
fn of_limit(limit: &Limit, all: &[&Limit], idle: &Thing) -> Option<(Setting, Setting)> {
    let holds = |of: &Limit, value: f64| of.relation.holds(value, of.value);
    let alike = |other: &&&Limit| {
        let form = |one: &Limit| (one.metric, one.percent, one.pieces, one.window_s);
        form(other) == form(limit)
    };
    let others: Vec<&Limit> = all.iter().filter(alike).copied().collect();
    let top = if limit.percent { 100.0 } else { f64::MAX };
    let around =
        |value: f64| [value / 2.0, value, value + 1.0, (value * 1.5).min((value + top) / 2.0), value * 2.0 + 1.0];
    let mut candidates: Vec<f64> = others.iter().flat_map(|other| around(other.value)).collect();
    candidates.extend([0.0, 1.0, top.min(1e9)]);
    candidates.retain(|value| (0.0..=top).contains(value));
    candidates.sort_by(f64::total_cmp);
    let ill = candidates.iter().copied().find(|value| holds(limit, *value));
    let ill = match limit.relation {
        // As near to the limit as possible, and not at the end of what there is.
        Relation::Greater | Relation::GreaterOrEqual => ill,
        _ => candidates.iter().rev().copied().find(|value| holds(limit, *value)),
    }?;
    let well = candidates.iter().copied().find(|value| !others.iter().any(|other| holds(other, *value)))?;
    let shown = |value: f64| Setting::Value(limit.metric, idle.form_of(limit, value));
    Some((shown(well), shown(ill)))
}

fn of_content(content: &ContentTest, service: &Service, syntax: Syntax) -> Option<(Setting, Setting)> {
    let pattern = Pattern::new(&content.pattern, syntax).ok()?;
    let is_match = |text: &str| pattern.is_match(text.as_bytes());
    let fitting = likely(&content.pattern).into_iter().find(|text| is_match(text))?;
    let other = ["all is well", "-", "0"].into_iter().find(|text| !is_match(text))?.to_owned();
    let (well, ill) = if content.negated { (fitting, other) } else { (other, fitting) };
    Some(match service.kind() {
        grammar::ast::ServiceKind::Program => texts(Fact::Output, &well, &ill),
        _ => (Setting::Nothing, Setting::Line(ill)),
    })
}

/// Texts that a pattern is likely to fit: its words, with what stands for many left out.
fn likely(pattern: &str) -> Vec<String> {
    let plain = |part: &str| {
        let mut text = String::new();
        let mut letters = part.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('d') => text.push('1'),
                    Some('s') => text.push(' '),
                    Some('w') => text.push('a'),
                    Some(other) => text.push(other),
                    None => {}
                },
                '[' => {
                    // The first of a class, unless it names what is left out.
                    let class: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                    text.push(class.chars().find(|letter| letter.is_alphanumeric()).unwrap_or('a'));
                }
                '.' => text.push('a'),
                '^' | '$' | '(' | ')' | '*' | '+' | '?' | '{' | '}' => {}
                other => text.push(other),
            }
        }
        text
    };
    let first = pattern.split('|').next().unwrap_or(pattern);
    vec![
        pattern.to_owned(),
        plain(pattern),
        plain(first),
        plain(&first.replace(".*", "")),
        plain(&pattern.replace(".*", "")),
    ]
}

/// What a plugin is asked, at a setting at which no rule about the same holds, and at one at which this rule does.
fn of_plugin(asked: &PluginTest, all: &[&Test]) -> Option<(Setting, Setting)> {
    // Limits of time are seconds, and plugins report milliseconds.
    let reported = |limit: &PerformanceTest, value: f64| match limit.unit {
        Some(PerformanceUnit::Seconds) => value * 1_000.0,
        _ => value,
    };
    Some(match asked {
        PluginTest::Outcome(wanted) => {
            let (well, ill) =
                (Setting::Plugin(PluginMood::Passes), Setting::Plugin(PluginMood::Fails("it says no".to_owned())));
            if *wanted == Wanted::Failed { (well, ill) } else { (ill, well) }
        }
        PluginTest::Limit(limit) => {
            let others = all.iter().filter_map(|test| match test {
                Test::Plugin(other) => match &**other {
                    PluginTest::Limit(other) if other.label == limit.label => Some(other),
                    _ => None,
                },
                _ => None,
            });
            let (well, ill) = beyond(limit, &others.collect::<Vec<_>>())?;
            let shown = |value: f64| Setting::Measures(limit.label.clone(), reported(limit, value));
            (shown(well), shown(ill))
        }
        PluginTest::Rate(limit) => {
            let (well, ill) = beyond(limit, &[limit])?;
            let shown = |value: f64| Setting::Counts(limit.label.clone(), value);
            (shown(well), shown(ill))
        }
        PluginTest::Changed(metric) => (Setting::Nothing, Setting::Steps(metric.clone())),
    })
}

/// A value at which none of these holds, and one at which the first does.
fn beyond(limit: &PerformanceTest, all: &[&PerformanceTest]) -> Option<(f64, f64)> {
    let around = |value: f64| [value / 2.0, value, value + 1.0, value * 2.0 + 1.0, value - 1.0];
    let mut values: Vec<f64> = all.iter().flat_map(|one| around(one.value)).chain([0.0, 1.0]).collect();
    values.sort_by(f64::total_cmp);
    let holds = |one: &PerformanceTest, value: f64| one.relation.holds(value, one.value);
    let well = values.iter().copied().find(|value| !all.iter().any(|one| holds(one, *value)))?;
    let ill = values.iter().copied().find(|value| holds(limit, *value))?;
    Some((well, ill))
}

fn of_performance(limit: &PerformanceTest) -> (Setting, Setting) {
    let values = [limit.value / 2.0, limit.value, limit.value * 2.0 + 1.0];
    let find = |wanted: bool| {
        let fits = |value: &&f64| limit.relation.holds(**value, limit.value) == wanted;
        values.iter().find(fits).copied().unwrap_or(limit.value)
    };
    let unit = match limit.unit {
        Some(PerformanceUnit::Percent) => "%",
        Some(PerformanceUnit::Bytes) => "B",
        Some(PerformanceUnit::Seconds) => "s",
        None => "",
    };
    let says =
        |value: f64| Setting::Fact(Fact::Output, FactValue::Text(format!("OK | '{}'={value}{unit}", limit.label)));
    (says(find(false)), says(find(true)))
}

/// A change has no setting at which it is well again: it is well as soon as it was seen.
fn of_change(what: Changed) -> Option<(Setting, Setting)> {
    let ill = match what {
        Changed::FilesystemFlags => return Some(texts(Fact::MountFlags, "rw,relatime", "ro,relatime")),
        Changed::Link => return Some(texts(Fact::LinkCapacity, "1000 Mb/s full-duplex", "100 Mb/s half-duplex")),
        Changed::Checksum(hash) => return Some(texts(Fact::Checksum(hash?), DIGITS, OTHER_DIGITS)),
        Changed::Permission => return Some((Setting::Mode(0o644), Setting::Mode(0o600))),
        Changed::Status => {
            let is = |status: f64| Setting::Value(Metric::Status, SimValue::Gauge(status));
            return Some((is(0.0), is(3.0)));
        }
        Changed::Size | Changed::Timestamp(_) => Setting::Grows(100),
        Changed::Pid | Changed::Ppid => return None,
    };
    Some((Setting::Nothing, ill))
}
