//! What goes wrong in a simulated world of its own accord: processes die, ports close, limits are passed, programs fail or
//! hang, readings come late or never, mail servers take nothing, clocks jump, the machine sleeps, and ruled itself ends without a
//! word. All of it comes from a seed, so the same seed gives the same weather.

use std::time::Duration;

use grammar::ast::ServiceKind;

use super::agenda::Happening;
use super::dial::{Dial, dials};
use super::ending::Ending;
use super::mail_server::Mood;
use super::random::Random;
use super::scenario::Scenario;
use super::thing::{PluginMood, Script, Thing, is_on_disk};
use crate::engine::{Input, Request, ServiceId};
use crate::program::{Command, Program};

/// How rough it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Climate {
    /// How long it takes on average until something else befalls a thing.
    pub thing: Duration,
    /// How long it takes on average until the machine sleeps, its clock is set, or ruled ends without a word; never when
    /// absent.
    pub machine: Option<Duration>,
    /// How long it takes on average until a mail server, or all of them, take no letters, or not as they should; never when
    /// absent.
    pub mail: Option<Duration>,
    /// How long it takes on average until somebody asks for something; never when absent.
    pub people: Option<Duration>,
    /// Whether readings come late or never and programs fail, hang or take long.
    pub is_lossy: bool,
    /// How long a fault lasts at most.
    pub longest: Duration,
}

/// The weather over a world.
pub struct Weather {
    random: Random,
    /// That of mail servers, which is drawn apart: whoever sends no mail has the same weather otherwise.
    of_mail: Random,
    climate: Climate,
    exposed: Vec<Exposed>,
}

/// A thing that something may befall.
struct Exposed {
    id: ServiceId,
    kind: ServiceKind,
    dials: Vec<Dial>,
    start: Option<Duration>,
    stop: Option<Duration>,
}

/// A change that says whether there was anything to change.
pub(super) type Blow = Box<dyn FnOnce(&mut Thing) -> bool>;

/// Something that befalls a thing, and what ends it.
struct Fault {
    words: String,
    begins: Blow,
    ends: Option<Blow>,
}

impl Fault {
    fn lasting(
        words: impl Into<String>,
        begins: impl FnOnce(&mut Thing) + 'static,
        ends: impl FnOnce(&mut Thing) + 'static,
    ) -> Fault {
        let whole = |change: Box<dyn FnOnce(&mut Thing)>| -> Blow {
            Box::new(move |thing| {
                change(thing);
                true
            })
        };
        Fault { words: words.into(), begins: whole(Box::new(begins)), ends: Some(whole(Box::new(ends))) }
    }

    fn blow(words: &str, begins: impl FnOnce(&mut Thing) -> bool + 'static) -> Fault {
        Fault { words: words.to_owned(), begins: Box::new(begins), ends: None }
    }

    fn until(mut self, ends: impl FnOnce(&mut Thing) -> bool + 'static) -> Fault {
        self.ends = Some(Box::new(ends));
        self
    }
}

impl Weather {
    /// The weather of this seed over the world of this program.
    pub fn new(program: &Program, seed: u64, climate: Climate) -> Weather {
        let syntax = program.settings.behaviour.syntax();
        let timeout = |command: &Option<Box<Command>>| command.as_ref().map(|one| one.timeout);
        let exposed = program.ids().zip(&program.services).map(|(id, service)| Exposed {
            id,
            kind: service.kind(),
            dials: dials(service, &Thing::plain(service), syntax),
            start: timeout(&service.start),
            stop: timeout(&service.stop),
        });
        let of_mail = Random::new(seed ^ 0x006d_6169_6c00);
        Weather { random: Random::new(seed), of_mail, climate, exposed: exposed.collect() }
    }

    /// Everything is well from now on, as far as it does not depend on ruled: what only ruled starts stays down.
    pub fn clears(&self, scenario: &mut Scenario) {
        scenario.calm_down();
        for place in 0..scenario.mail_servers() {
            scenario.put(Duration::ZERO, Happening::MailServer(place, Mood::Kind));
        }
        for one in &self.exposed {
            let (dials, is_ours) = (one.dials.clone(), one.start.is_some());
            let well = move |thing: &mut Thing| {
                (thing.start, thing.stop, thing.restart, thing.exec) = Default::default();
                (thing.silent, thing.unreadable, thing.invalid) = (false, None, None);
                thing.plugin = PluginMood::Passes;
                heeds_signals(thing);
                thing.latency = Duration::from_millis(1);
                if thing.kind == ServiceKind::Process && !thing.is_running() {
                    thing.dies();
                }
                if !is_ours && !thing.is_there() {
                    thing.comes_up();
                }
                dials.iter().for_each(|dial| dial.make_well(thing));
            };
            scenario.put(Duration::ZERO, Happening::Change(one.id, Box::new(well)));
        }
    }

    /// Decides what happens in the time that comes. It is over by the end of it, but for what ruled itself has to put right.
    pub fn comes(&mut self, scenario: &mut Scenario, span: Duration) {
        for place in 0..self.exposed.len() {
            for at in times(&mut self.random, self.climate.thing, span) {
                let Some(one) = self.exposed.get(place) else { break };
                let left = span - at;
                let id = one.id;
                let fault = one.fault(&mut self.random, self.climate.is_lossy);
                let Some(Fault { words, begins, ends }) = fault else { continue };
                scenario.put(at, Happening::Befalls(id, words.clone(), begins));
                if let Some(ends) = ends {
                    let lasts = self.duration().min(left);
                    scenario.put(at + lasts, Happening::Befalls(id, format!("no longer: {words}"), ends));
                }
            }
        }
        for at in self.climate.mail.map(|gap| times(&mut self.of_mail, gap, span)).unwrap_or_default() {
            self.trouble_mail(scenario, at, span - at);
        }
        for at in self.climate.machine.map(|gap| times(&mut self.random, gap, span)).unwrap_or_default() {
            self.strike(scenario, at, span - at);
        }
        for at in self.climate.people.map(|gap| times(&mut self.random, gap, span)).unwrap_or_default() {
            let which = usize::try_from(self.random.below(self.exposed.len() as u64)).unwrap_or(0);
            let Some(id) = self.exposed.get(which).map(|one| one.id) else { continue };
            let request = match self.random.below(5) {
                0 => Request::Start,
                1 => Request::Stop,
                2 => Request::Restart,
                3 => Request::Unmonitor,
                _ => Request::Monitor,
            };
            scenario.put(at, Happening::Input(Input::Request(id, request)));
        }
    }

    /// Something befalls the machine, or ruled.
    fn strike(&mut self, scenario: &mut Scenario, at: Duration, left: Duration) {
        let random = &mut self.random;
        let what = match random.below(8) {
            0..5 => Happening::Ends(Ending {
                steps: random.below(12),
                is_choosy: random.one_in(2),
                away_us: 100_000 + random.below(10_000_000),
                written: usize::try_from(random.below(3)).unwrap_or(0),
            }),
            5 => {
                let length = Duration::from_millis(random.below(7_200_000)).min(left);
                Happening::Sleeps(length)
            }
            6 => {
                let seconds = i64::try_from(random.below(7_200)).unwrap_or(0);
                Happening::ClockIsSet(seconds - 3_600)
            }
            _ => Happening::Input(Input::Wake),
        };
        scenario.put(at, what);
    }

    /// Something befalls a mail server; once in three times all of them, as when the network is down. Mostly for minutes,
    /// sometimes for most of a day.
    fn trouble_mail(&mut self, scenario: &mut Scenario, at: Duration, left: Duration) {
        let random = &mut self.of_mail;
        let servers = scenario.mail_servers();
        let one = usize::try_from(random.below(servers as u64)).unwrap_or(0);
        let all = random.one_in(3);
        let mood = Mood::drawn(random);
        let seconds = match random.below(4) {
            0..3 => 10 + random.below(3_600),
            _ => 3_600 + random.below(19 * 3_600),
        };
        let lasts = Duration::from_secs(seconds).min(left);
        for place in (0..servers).filter(|place| all || *place == one) {
            scenario.put(at, Happening::MailServer(place, mood));
            scenario.put(at + lasts, Happening::MailServer(place, Mood::Kind));
        }
    }

    /// How long something lasts: mostly moments, often minutes, sometimes hours.
    fn duration(&mut self) -> Duration {
        let seconds = match self.random.below(6) {
            0 => 1 + self.random.below(10),
            1..4 => 10 + self.random.below(600),
            4 => 600 + self.random.below(3_600),
            _ => 3_600 + self.random.below(18_000),
        };
        Duration::from_secs(seconds).min(self.climate.longest) + Duration::from_millis(self.random.below(1_000))
    }
}

/// It heeds signals again. What was killed meanwhile ends when it can.
fn heeds_signals(thing: &mut Thing) {
    if std::mem::take(&mut thing.ignores_kill) {
        thing.workers = 0;
    }
    thing.ignores_terminate = false;
}

/// Points in time within the span, so far from each other on average.
fn times(random: &mut Random, gap: Duration, span: Duration) -> Vec<Duration> {
    let twice = u64::try_from(gap.as_millis()).unwrap_or(u64::MAX).saturating_mul(2).max(2);
    let (mut at, mut times) = (Duration::ZERO, Vec::new());
    loop {
        at += Duration::from_millis(1 + random.below(twice));
        if at >= span {
            return times;
        }
        times.push(at);
    }
}

/// A plugin is broken, or slow.
fn of_plugin(which: u64) -> Fault {
    let (words, mood) = match which {
        0 => ("the plugin itself fails", PluginMood::Faults("the plugin ran into a trap".to_owned())),
        _ => ("its checks take too long", PluginMood::Hangs),
    };
    Fault::lasting(words, |thing| thing.plugin = mood, |thing| thing.plugin = PluginMood::Passes)
}

impl Exposed {
    fn fault(&self, random: &mut Random, is_lossy: bool) -> Option<Fault> {
        let dials = self.dials.len() as u64;
        let there = match self.kind {
            ServiceKind::Process => 6,
            kind if is_on_disk(kind) => 2,
            ServiceKind::Plugin => 2,
            _ => 0,
        };
        let lossy = if is_lossy { 3 } else { 0 };
        let programs = if is_lossy && self.start.is_some() { 6 } else { 0 };
        let mut which = random.below(dials.saturating_mul(2) + there + lossy + programs);
        if which < dials * 2 {
            let dial = self.dials.get(usize::try_from(which / 2).ok()?)?.clone();
            let well = dial.clone();
            if !dial.has_end() {
                return Some(Fault::blow(&dial.words.clone(), move |thing| {
                    dial.make_ill(thing);
                    true
                }));
            }
            return Some(Fault::lasting(
                dial.words.clone(),
                move |thing| dial.make_ill(thing),
                move |thing| well.make_well(thing),
            ));
        }
        which -= dials * 2;
        if which < there && self.kind == ServiceKind::Plugin {
            return Some(of_plugin(which));
        }
        if which < there {
            return Some(self.loss(which));
        }
        which -= there;
        if which < lossy {
            return Some(unseen(which, random));
        }
        Some(self.program(which - lossy, random))
    }

    /// It is there no longer, or another.
    fn loss(&self, which: u64) -> Fault {
        let is_ours = self.start.is_some();
        let back = move |thing: &mut Thing| {
            let comes = !is_ours && !thing.is_there();
            if comes {
                thing.comes_up();
            }
            comes
        };
        if self.kind != ServiceKind::Process {
            return Fault::blow("it is removed", |thing| {
                let was_there = thing.is_there();
                thing.dies();
                was_there
            })
            .until(back);
        }
        let running = |change: fn(&mut Thing)| {
            move |thing: &mut Thing| {
                let was_running = thing.is_running();
                if was_running {
                    change(thing);
                }
                was_running
            }
        };
        match which {
            0..2 => Fault::blow("it crashes", running(Thing::dies)).until(back),
            2 => Fault::blow("it crashes, and leaves workers behind", running(Thing::dies_alone)).until(back),
            3 => Fault::blow("it ends", running(Thing::leaves)).until(back),
            4 => Fault::blow("it ends, and its parent does not notice", running(Thing::becomes_zombie)).until(
                move |thing| {
                    if !thing.is_running() {
                        thing.dies();
                    }
                    back(thing)
                },
            ),
            _ => Fault::blow("somebody else restarts it", running(Thing::is_replaced)),
        }
    }

    /// Its programs do not do what they should.
    fn program(&self, which: u64, random: &mut Random) -> Fault {
        let timeout = self.start.unwrap_or_default();
        let slow = timeout.mul_f64(0.1 + random.below(8) as f64 / 10.0);
        let stop = self.stop.unwrap_or(timeout);
        let well = |thing: &mut Thing| {
            (thing.start, thing.stop, thing.restart) = Default::default();
            heeds_signals(thing);
        };
        let crash = |thing: &mut Thing| {
            if thing.is_running() {
                thing.dies();
            }
        };
        match which {
            0 => Fault::lasting(
                "it crashes, and cannot be started",
                move |thing| {
                    crash(thing);
                    thing.start = Script { effect_after: None, status: 1, ..Script::default() };
                },
                well,
            ),
            1 => Fault::lasting(
                "it crashes, and its start takes long",
                move |thing| {
                    crash(thing);
                    thing.start = Script { effect_after: Some(slow), ends_after: Some(slow), ..Script::default() };
                },
                well,
            ),
            2 => Fault::lasting(
                "it crashes, and its start hangs",
                move |thing| {
                    crash(thing);
                    thing.start = Script { effect_after: None, ends_after: None, ..Script::default() };
                },
                well,
            ),
            3 => Fault::lasting(
                "it crashes, and again soon after each start",
                move |thing| {
                    crash(thing);
                    thing.start = Script { lifetime: Some(slow.max(Duration::from_secs(1))), ..Script::default() };
                },
                well,
            ),
            4 => {
                let hangs = random.one_in(2);
                Fault::lasting(
                    if hangs { "its stop program hangs" } else { "its stop program fails" },
                    move |thing| {
                        let ends_after = (!hangs).then_some(stop.min(Duration::from_millis(40)));
                        thing.stop = Script { effect_after: None, ends_after, status: 1, ..Script::default() };
                    },
                    well,
                )
            }
            _ => {
                let dead = random.one_in(3);
                Fault::lasting(
                    if dead { "it cannot be ended" } else { "it does not heed SIGTERM" },
                    move |thing| (thing.ignores_terminate, thing.ignores_kill) = (true, dead),
                    well,
                )
            }
        }
    }
}

/// Nobody sees how it is, or not in time.
fn unseen(which: u64, random: &mut Random) -> Fault {
    match which {
        0 => Fault::lasting("looks at it never come back", |thing| thing.silent = true, |thing| thing.silent = false),
        1 => {
            let slow = Duration::from_millis(200 + random.below(60_000));
            let usual = Duration::from_millis(1);
            Fault::lasting(
                "looks at it take long",
                move |thing| thing.latency = slow,
                move |thing| thing.latency = usual,
            )
        }
        _ => Fault::lasting(
            "it cannot be looked at",
            |thing| thing.unreadable = Some("Permission denied".to_owned()),
            |thing| thing.unreadable = None,
        ),
    }
}
