//! What the engine makes of a case, in the simulated world.

use std::time::Duration;

use interpreter::engine::{EventClass, FactValue};
use interpreter::program::Program;
use interpreter::simulate::{PluginMood, Port, Scenario, Script, SimValue, Thing, WALL_AT_START, What as Entered};
use jiff::tz::TimeZone;

use super::case::{Case, Change, name};
use super::dials::{Dial, Setting, What, dials};

/// What the engine tells and does, service by service, as lines.
pub(crate) fn play(case: &Case, program: &Program) -> Vec<Vec<String>> {
    let cycle = Duration::from_millis(case.cycle_ms());
    let mut scenario = Scenario::new(program.clone()).without_notices().in_zone(zone(case));
    let begins = case.begins_s - WALL_AT_START.0 / 1_000_000;
    scenario = scenario.wall_jumps(Duration::ZERO, begins);
    for (place, service) in case.services.iter().enumerate() {
        let (kind, lame) = (service.kind, service.lame);
        scenario = scenario.with(&name(place), |thing| {
            if lame {
                thing.start = Script { effect_after: None, status: 1, ..Script::default() };
            }
            dials(kind).iter().for_each(|dial| turn(thing, dial, 0));
        });
    }
    for happening in &case.happenings {
        let (at, change) = (half_a_cycle_behind(case, happening.after), happening.change);
        let name = name(happening.service);
        scenario = match at {
            None => scenario.with(&name, |thing| happen(thing, change)),
            Some(at) => scenario.at(at, &name, move |thing| happen(thing, change)),
        };
    }
    for (after, seconds) in &case.jumps {
        scenario = scenario.wall_jumps(half_a_cycle_behind(case, *after).unwrap_or_default(), *seconds);
    }
    let last = u32::try_from(case.cycles - 1).expect("few cycles");
    let timeline = scenario.run(cycle * last + cycle * 9 / 20);
    let mut lines = vec![Vec::new(); case.services.len()];
    for entry in &timeline.entries {
        let line = match &entry.what {
            Entered::Told(event) if event.class == EventClass::Instance => continue,
            Entered::Told(event) => {
                let early = if event.early { " early" } else { "" };
                let (class, state) = (event.class.word(), event.state.word());
                format!("#{}{early} {class} {state} {}", event.cycle, event.action)
            }
            Entered::Befell(_) | Entered::Mailed(_) => continue,
            Entered::Did(deed) => {
                format!("#{} {} is run", entry.at.as_millis() / cycle.as_millis() + 1, deed.word())
            }
        };
        if let Some(place) = (0..lines.len()).find(|place| name(*place) == entry.service) {
            lines[place].push(line);
        }
    }
    lines
}

/// Where the machine of a case stands.
pub(crate) fn zone(case: &Case) -> TimeZone {
    if case.zone.is_empty() { TimeZone::UTC } else { TimeZone::posix(case.zone).expect("a time zone") }
}

/// When what happens behind the cycle of this number happens; before everything when it is 0.
fn half_a_cycle_behind(case: &Case, cycle: u64) -> Option<Duration> {
    let before = cycle.checked_sub(1)?;
    Some(Duration::from_millis(before * case.cycle_ms() + case.cycle_ms() / 2))
}

fn happen(thing: &mut Thing, change: Change) {
    match change {
        Change::Dies => thing.dies(),
        Change::Leaves if thing.is_running() => thing.leaves(),
        Change::ComesBack if !thing.is_running() => thing.comes_up(),
        Change::Leaves | Change::ComesBack => {}
        Change::IsReplaced => thing.is_replaced(),
        Change::BecomesZombie => thing.becomes_zombie(),
        Change::Hides(hidden) => thing.unreadable = hidden.then(|| "no permission".to_owned()),
        Change::IsWrong(wrong) => thing.invalid = wrong.then(|| "it is a folder".to_owned()),
        Change::Written(bytes) => thing.is_written(bytes),
        Change::Mode(mode) => thing.is_given_mode(mode),
        Change::Line(line) => thing.is_told(line),
        Change::Turned(dial, setting) => turn(thing, dial, setting),
    }
}

fn turn(thing: &mut Thing, dial: &Dial, setting: usize) {
    let why = "no permission";
    match (dial.what, dial.settings[setting]) {
        (What::Metric(metric), setting) => thing.shows(
            metric,
            match setting {
                Setting::Plain(value) => SimValue::Gauge(value),
                Setting::Part(amount, whole) => SimValue::Part(amount, whole),
                Setting::Busy(percent, capacity) => SimValue::Busy(percent, capacity),
                Setting::Portion(percent) => SimValue::Portion(percent),
                Setting::Moves(bytes) => SimValue::Moves(bytes, 1.0),
                _ => SimValue::Unreadable(why.to_owned()),
            },
        ),
        (What::Fact(fact), Setting::Number(number)) => thing.has(fact, FactValue::Number(number)),
        (What::Fact(fact), Setting::Text(text)) => thing.has(fact, FactValue::Text(text.to_owned())),
        (What::Fact(fact), _) => thing.hides(fact, why),
        // All looks take the same time, so that services are judged in their order.
        (What::Port(port), Setting::Open) => thing.answers(port, Port::Open(Duration::ZERO)),
        (What::Port(port), _) => thing.answers(port, Port::Refused("Connection refused".to_owned())),
        (What::Outcome, Setting::Open) => thing.plugin = PluginMood::Passes,
        (What::Outcome, Setting::Refused) => thing.plugin = PluginMood::Fails("no".to_owned()),
        (What::Outcome, _) => thing.plugin = PluginMood::Faults(why.to_owned()),
        (What::Measure(name), Setting::Plain(value)) => thing.measures(name, value),
        (What::Measure(name), Setting::Moves(per_second)) => thing.counts(name, per_second),
        (What::Measure(name), other) => panic!("{name} of a plugin cannot be {other:?}"),
    }
}
