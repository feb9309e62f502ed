//! Years of faults in minutes: hosts that do not exist, under bad weather.
//!
//! A seed makes a host (a control file in one of the dialects) and its weather: processes that crash, hang, cannot be started
//! or ended; ports that close, limits that are passed; readings that come late or never; clocks that jump, machines that
//! sleep; mail servers that refuse, hang and are down; people who ask for things; and ruled itself, which ends without a word
//! between any two of its orders, and between any two steps of mail. Every fifth day all is well again for some hours.
//!
//! What must hold all that time stands in `src/simulate/promises.rs`, and for mail in `src/simulate/witness.rs`. Besides, when
//! the world has healed, everything is green within a bounded number of cycles, and no mail waits.
//!
//! On every 20th host the reference judge runs along (`years/beside.rs`).
//!
//! A host that breaks a promise is printed with its seed, by which it is made again:
//! `YEARS_SEED=17 cargo test -p interpreter --test years`. More hosts, which begin behind the usual ones:
//! `YEARS=300 cargo test -p interpreter --test years`.

mod years {
    pub(crate) mod beside;
    pub(crate) mod world;
}

/// What the judge beside is made of. It does more elsewhere.
#[path = "reference"]
#[allow(dead_code, reason = "the judge goes through histories of its own in tests/reference.rs")]
mod reference {
    pub(crate) mod case;
    pub(crate) mod dials;
    pub(crate) mod state;
    pub(crate) mod thing;
    pub(crate) mod truth;
}

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use interpreter::engine::Request;
use interpreter::simulate::{Climate, Scenario, Weather};

use years::beside::Beside;
use years::world::{World, world};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// For how many days each host is watched.
const DAYS: u32 = 30;

/// How many hosts are watched, if the environment does not say otherwise: 50 years of them.
const HOSTS: u64 = 50 * 365 / DAYS as u64 + 1;

/// On one of so many hosts the reference judge runs along.
const JUDGED: u64 = 20;

/// After how many cycles, twice, everything is green when the world has healed: the longest pause between two attempts of a
/// start (an hour, which is 60 of them), the longest time-out of a stop and a start (two), and the look that sees it well.
const HEALING_CYCLES: u32 = 32;

#[test]
fn what_is_promised_holds_for_years() {
    let (usual, seeds) = (0..HOSTS, seeds());
    let next = AtomicU64::new(seeds.start);
    let worker = || {
        let mut totals = Totals::default();
        while let seed = next.fetch_add(1, Ordering::Relaxed)
            && seed < seeds.end
        {
            totals.add(&watch(seed));
        }
        totals
    };
    let totals = thread::scope(|scope| {
        let count = thread::available_parallelism().map_or(1, |count| count.get().min(8));
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(worker)).collect();
        let mut totals = Totals::default();
        for worker in workers {
            match worker.join() {
                Ok(found) => totals.add(&found),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        totals
    });
    println!("{totals:?}");
    if seeds == usual {
        // The weather is worth its name.
        assert!(totals.failed > 10_000 && totals.starts > 10_000 && totals.crashes > 1_000, "{totals:?}");
        assert!(totals.letters > 10_000 && totals.repeated > 100, "{totals:?}");
        assert!(totals.judged > 1_000_000 && totals.judged_told > 1_000, "{totals:?}");
    }
}

/// What happened, all in all.
#[derive(Debug, Default, Clone, Copy)]
struct Totals {
    days: u64,
    inputs: u64,
    failed: u64,
    starts: u64,
    stops: u64,
    crashes: u64,
    letters: u64,
    repeated: u64,
    /// How many times the judge beside judged a rule, and how much both told of these.
    judged: u64,
    judged_told: u64,
}

impl Totals {
    fn add(&mut self, other: &Totals) {
        self.days += other.days;
        self.inputs += other.inputs;
        self.failed += other.failed;
        self.starts += other.starts;
        self.stops += other.stops;
        self.crashes += other.crashes;
        self.letters += other.letters;
        self.repeated += other.repeated;
        self.judged += other.judged;
        self.judged_told += other.judged_told;
    }
}

fn seeds() -> Range<u64> {
    let given = |name: &str| std::env::var_os(name).and_then(|number| number.to_str()?.parse::<u64>().ok());
    match (given("YEARS_SEED"), given("YEARS")) {
        (Some(one), _) => one..one + 1,
        (None, Some(years)) => HOSTS..HOSTS + years * 365 / u64::from(DAYS) + 1,
        (None, None) => 0..HOSTS,
    }
}

fn climate() -> Climate {
    Climate {
        thing: Duration::from_secs(5 * 3600),
        machine: Some(Duration::from_secs(7 * 3600)),
        mail: Some(Duration::from_secs(8 * 3600)),
        people: Some(Duration::from_secs(20 * 3600)),
        is_lossy: true,
        longest: Duration::from_secs(5 * 3600),
    }
}

/// Watches the host of a seed for its time.
fn watch(seed: u64) -> Totals {
    let host = world(seed);
    let mut scenario = Scenario::new(host.program.clone()).promising().mailing();
    let (mut climate, mut judge) = (climate(), None);
    if seed.is_multiple_of(JUDGED) {
        let (beside, onlooker) = Beside::of(&host.program);
        scenario = scenario.seen_by(onlooker).without_notices();
        climate.people = None;
        judge = Some(beside);
    }
    let mut weather = Weather::new(&host.program, seed, climate);
    weather.clears(&mut scenario);
    for day in 1..=DAYS {
        weather.comes(&mut scenario, DAY);
        scenario.run_for(DAY);
        if day.is_multiple_of(5) {
            heals(seed, &host, &weather, &mut scenario);
        }
        holds(seed, &host, &scenario);
    }
    let (mut judged, mut judged_told) = (0, 0);
    if let Some(judge) = judge {
        let mut judge = judge.borrow_mut();
        judge.end(false);
        if let Some(first) = judge.differences.first() {
            fail(seed, &host, &scenario, first);
        }
        (judged, judged_told) = (judge.compared, judge.told);
    }
    let timeline = scenario.timeline();
    let told = timeline.events().filter(|(_, _, event)| event.state == interpreter::engine::EventState::Failed);
    let done = |words: [&str; 2]| timeline.deeds().filter(|(_, _, deed)| words.contains(&deed.word())).count() as u64;
    Totals {
        days: u64::from(DAYS),
        inputs: timeline.inputs,
        failed: told.count() as u64,
        starts: done(["start", "restart"]),
        stops: done(["stop", "terminate"]),
        crashes: timeline.crashes,
        letters: timeline.letters().filter(|(_, letter)| !letter.is_repeated).count() as u64,
        repeated: timeline.letters().filter(|(_, letter)| letter.is_repeated).count() as u64,
        judged,
        judged_told,
    }
}

/// All is well from now on: everything is green soon, and all mail is on its way.
fn heals(seed: u64, host: &World, weather: &Weather, scenario: &mut Scenario) {
    weather.clears(scenario);
    let cycle = host.program.settings.cycle;
    scenario.run_for(cycle * HEALING_CYCLES);
    // What was given up, or what somebody wanted no longer, is wanted again.
    for id in host.program.ids() {
        if scenario.engine().service_view(id).is_some_and(|view| !view.monitored) {
            scenario.asks(id, Request::Monitor);
        }
    }
    scenario.run_for(cycle * HEALING_CYCLES);
    for id in host.program.ids() {
        let view = scenario.engine().service_view(id).expect("a service");
        if !view.is_well() {
            let name = &host.program.service(id).expect("a service").name;
            fail(seed, host, scenario, &format!("{name} is not well although all is well: {view:#?}"));
        }
    }
    if let Some(first) = scenario.unmailed().first() {
        fail(seed, host, scenario, first);
    }
}

fn holds(seed: u64, host: &World, scenario: &Scenario) {
    if let Some(first) = scenario.breaches().first() {
        fail(seed, host, scenario, first);
    }
    if scenario.timeline().overlaps > 0 {
        fail(seed, host, scenario, "two deeds were done to one service at the same time");
    }
}

fn fail(seed: u64, host: &World, scenario: &Scenario, what: &str) -> ! {
    let timeline = scenario.timeline().to_string();
    let lines: Vec<&str> = timeline.lines().collect();
    // What stands around the first breach.
    let second = what.split_once('.').and_then(|(second, _)| second.parse::<u64>().ok());
    let at = |line: &&str| line.split_once('.').and_then(|(second, _)| second.parse::<u64>().ok());
    let end = second.map_or(lines.len(), |second| {
        lines.iter().position(|line| at(line).is_some_and(|at| at > second)).unwrap_or(lines.len())
    });
    let part = lines[end.saturating_sub(60)..end].join("\n");
    panic!("YEARS_SEED={seed}: {what}\n{:?}:\n{}\n{part}", host.dialect, host.text);
}

/// Days on which nearly everything fails, and ruled ends every other hour: few, so that they can be lived through often.
#[test]
fn what_is_promised_holds_on_rough_days() {
    let climate = Climate {
        thing: Duration::from_secs(2 * 3600),
        machine: Some(Duration::from_secs(3600)),
        mail: Some(Duration::from_secs(2 * 3600)),
        ..climate()
    };
    for seed in 0..6 {
        let host = world(seed);
        let mut scenario = Scenario::new(host.program.clone()).promising().mailing();
        let mut weather = Weather::new(&host.program, seed, climate);
        weather.clears(&mut scenario);
        weather.comes(&mut scenario, DAY * 2);
        scenario.run_for(DAY * 2);
        heals(seed, &host, &weather, &mut scenario);
        holds(seed, &host, &scenario);
        let timeline = scenario.timeline();
        assert!(timeline.crashes > 10 && timeline.letters().count() > 50, "seed {seed}: {}", timeline.crashes);
    }
}

#[test]
fn engine_and_judge_tell_the_same_in_any_weather() {
    let (mut compared, mut told) = (0, 0);
    for seed in (0..6).map(|place| place * JUDGED) {
        let host = world(seed);
        let (judge, onlooker) = Beside::of(&host.program);
        let mut scenario = Scenario::new(host.program.clone()).seen_by(onlooker).without_notices();
        let climate = Climate { thing: Duration::from_secs(2 * 3600), people: None, ..climate() };
        let mut weather = Weather::new(&host.program, seed, climate);
        weather.clears(&mut scenario);
        for _ in 0..4 {
            weather.comes(&mut scenario, DAY);
            scenario.run_for(DAY);
        }
        let mut judge = judge.borrow_mut();
        judge.end(false);
        if let Some(first) = judge.differences.first() {
            fail(seed, &host, &scenario, first);
        }
        (compared, told) = (compared + judge.compared, told + judge.told);
    }
    println!("{compared} judgements are the same, of which {told} were told");
    assert!(compared > 100_000 && told > 300, "{compared} judgements, {told} told");
}

#[test]
fn the_same_seed_gives_the_same_years() {
    for seed in 0..4 {
        let run = || {
            let host = world(seed);
            let mut scenario = Scenario::new(host.program.clone()).promising().mailing();
            let mut weather = Weather::new(&host.program, seed, climate());
            weather.clears(&mut scenario);
            for _ in 0..3 {
                weather.comes(&mut scenario, DAY);
                scenario.run_for(DAY);
            }
            let mut hasher = DefaultHasher::new();
            scenario.timeline().to_string().hash(&mut hasher);
            (hasher.finish(), scenario.timeline().entries.len())
        };
        let (first, second) = (run(), run());
        assert_eq!(first, second, "seed {seed}");
        assert!(first.1 > 20, "seed {seed}: {first:?}");
    }
}
