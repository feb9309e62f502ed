//! Judgement out of turn: a file changes.

use std::collections::BTreeMap;

use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::engine::{
    Cause, Engine, Event, EventClass, EventState, Fact, FactValue, Input, LONGEST_SILENCE, Now, Request, ServiceId,
};
use interpreter::program::{HashKind, Program};
use interpreter::simulate::{Random, Scenario, Thing, Timeline};

use crate::build::{ms, s};

use Dialect::{Monit, Rules};

/// The cycle begins at 0, 60, 120 … seconds.
pub(crate) const CYCLE_S: u64 = 60;

pub(crate) fn program(dialect: Dialect, text: &str) -> Program {
    let text = format!("set daemon {CYCLE_S}\nset alert ops@example.com\n{text}");
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main", text.as_bytes(), dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols { entries: Vec::new() }, &machine);
    checked.program.unwrap_or_else(|| panic!("{:?}", checked.findings))
}

pub(crate) fn world(rules: &str) -> Scenario {
    Scenario::new(program(Rules, rules))
}

/// A file `f` with these rules.
pub(crate) fn file(rules: &str) -> Scenario {
    world(&format!("check file f with path /f\n{rules}"))
}

/// The events of files: when, whether out of turn, what. Times are cut to a tenth of a second.
pub(crate) fn told(timeline: &Timeline) -> Vec<String> {
    let tell = |(at, _, event): (std::time::Duration, &str, &Event)| {
        let early = if event.early { "early " } else { "" };
        let tenths = at.as_millis() / 100;
        let (class, state) = (event.class.word(), event.state.word());
        (event.class != EventClass::Instance).then(|| format!("{}.{} {early}{class} {state}", tenths / 10, tenths % 10))
    };
    timeline.events().filter_map(tell).collect()
}

fn sum(digits: &'static str) -> impl FnOnce(&mut Thing) {
    move |f: &mut Thing| f.has(Fact::Checksum(HashKind::Sha256), FactValue::Text(digits.to_owned()))
}

#[test]
fn what_a_file_is_like_is_judged_at_once_and_told_once() {
    let rules = "if failed permission 0644 then alert\n if failed uid 0 then alert\n if size > 2 kB then alert\n";
    let timeline = file(rules)
        .at(s(70), "f", |f| f.is_given_mode(0o600))
        .at(s(80), "f", |f| f.has(Fact::Uid, FactValue::Number(7)))
        .at(s(90), "f", |f| f.is_written(5_000))
        .at(s(100), "f", |f| f.is_given_mode(0o644))
        .at(s(130), "f", |f| f.is_written(1_000))
        .run(s(300));
    assert_eq!(
        told(&timeline),
        [
            "70.0 early permission failed",
            "80.0 early uid failed",
            "90.0 early size failed",
            "100.0 early permission succeeded",
            "130.0 early size succeeded",
        ]
    );
    let (at, _, first) = timeline.events().nth(1).expect("the first after the start");
    assert!(at < s(70) + LONGEST_SILENCE && first.cycle == 2, "{timeline}");
}

#[test]
fn a_change_is_compared_once_whoever_looks_first() {
    let rules = "if changed size then alert\n if changed permission then alert\n if changed checksum then alert\n";
    let timeline = file(rules)
        .at(s(1), "f", sum("aa"))
        .at(s(70), "f", |f| f.is_written(10))
        .at(s(80), "f", |f| f.is_given_mode(0o600))
        .at(s(90), "f", sum("bb"))
        // Written again as it was before: that is a change as well.
        .at(s(100), "f", |f| f.is_written(1024))
        .run(s(300));
    assert_eq!(
        told(&timeline),
        [
            // Its first sum was seen by the first cycle.
            "1.0 early checksum changed",
            "70.0 early size changed",
            "80.0 early permission changed",
            "90.0 early checksum changed",
            "100.0 early size changed",
        ]
    );
}

#[test]
fn a_checksum_is_held_against_what_a_cycle_saw_first() {
    let timeline = file("if failed checksum then alert\n")
        .with("f", Thing::dies)
        .at(s(10), "f", |f| {
            f.comes_up();
            sum("half")(f);
        })
        .at(s(20), "f", sum("whole"))
        .at(s(70), "f", sum("other"))
        .at(s(80), "f", sum("whole"))
        .run(s(200));
    let told = told(&timeline);
    assert_eq!(told[0], "0.0 nonexist failed");
    assert_eq!(told[told.len() - 2..], ["70.0 early checksum failed", "80.0 early checksum succeeded"], "{timeline}");
    assert_eq!(timeline.count("f", EventClass::Checksum, EventState::Failed), 1, "{timeline}");
}

#[test]
fn a_file_that_comes_into_being_has_not_changed() {
    let timeline = file("if changed size then alert\n")
        .with("f", Thing::dies)
        .at(s(10), "f", Thing::comes_up)
        .at(s(20), "f", |f| f.is_written(10))
        .at(s(70), "f", |f| f.is_written(20))
        .run(s(200));
    assert_eq!(told(&timeline), ["0.0 nonexist failed", "10.0 early nonexist succeeded", "70.0 early size changed"]);
}

#[test]
fn rules_that_count_cycles_wait_for_them() {
    let rules = "if failed permission 0644 for 2 cycles then alert\n if changed size 2 times within 3 cycles then alert\n \
                 if size > 2 kB for 2 cycles then alert\n if does not exist for 2 cycles then alert\n \
                 if failed gid 0 for 1 minute then alert\n";
    let change = |f: &mut Thing| {
        f.is_given_mode(0o600);
        f.is_written(5_000);
        f.has(Fact::Gid, FactValue::Number(7));
    };
    let timeline = file(rules).at(s(70), "f", change).at(s(130), "f", |f| f.is_written(6_000)).run(s(400));
    assert_eq!(
        told(&timeline),
        ["120.0 gid failed", "180.0 permission failed", "180.0 size changed", "180.0 size failed"]
    );
    assert_eq!(timeline.observations, 2 * 7, "nothing is to be decided, so nobody looks");
}

#[test]
fn what_a_counting_rule_needs_is_left_to_the_cycle_for_all() {
    let rules = "if changed size then alert\n if changed size for 2 cycles then exec /bin/page\n \
                 if content = \"a\" then alert\n if content = \"b\" for 2 cycles then alert\n \
                 if changed permission then alert\n";
    let timeline = file(rules)
        .at(s(70), "f", |f| {
            f.is_written(10);
            f.is_told("a b");
        })
        .at(s(130), "f", |f| {
            f.is_written(20);
            f.is_told("b");
            f.is_given_mode(0o600);
        })
        .run(s(300));
    assert_eq!(
        told(&timeline),
        [
            "120.0 size changed",
            "120.0 content changed",
            "130.0 early permission changed",
            "180.0 size changed",
            "180.0 size changed",
            "180.0 content changed",
        ]
    );
}

#[test]
fn that_nothing_changed_is_said_of_whole_cycles() {
    let rules = "if not changed size then alert\n if changed size and size > 1 B then exec /bin/true\n";
    let grows = |scenario: Scenario| {
        (1..5).fold(scenario, |scenario, minute| {
            scenario.at(s(minute * CYCLE_S - 30), "f", move |f| f.is_written(minute * 1_000))
        })
    };
    let (wakes, cycles) = (grows(file(rules)).run(s(400)), grows(file(rules)).without_wakes().run(s(400)));
    assert_eq!(told(&wakes), told(&cycles));
    assert!(told(&wakes).contains(&"300.0 size failed".to_owned()), "{wakes}");
}

#[test]
fn a_line_is_told_at_once_and_once() {
    let rules = "if content = \"error\" then exec /bin/ban\n ignore content = \"error 7\"\n";
    let timeline = file(rules)
        .at(s(70), "f", |f| f.is_told("error 1"))
        .at(s(80), "f", |f| f.is_told("all is well"))
        .at(s(90), "f", |f| f.is_told("error 7"))
        .at(s(100), "f", |f| {
            // Another file of the same name is read from its beginning.
            f.comes_up();
            f.is_told("error 2");
        })
        .run(s(300));
    assert_eq!(told(&timeline), ["70.0 early content changed", "100.0 early content changed"]);
    assert_eq!(timeline.done("f", "exec"), 2);
}

/// Each line of a log is told in exactly one event, whatever else happens.
#[test]
fn no_line_is_lost_or_told_twice() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let mut scenario = file("if content = \"e\" then alert\n if changed permission then alert\n")
            .with("f", |f| f.latency = ms(1 + Random::new(seed).below(300)));
        let mut wanted = BTreeMap::new();
        let mut at = 1_000;
        for number in 0..150 {
            at += if random.one_in(3) { random.below(60) } else { random.below(9_000) };
            let line = format!("e{number}");
            wanted.insert(line.clone(), 1);
            scenario = scenario.at(ms(at), "f", move |f| f.is_told(&line));
            scenario = match random.below(40) {
                0 => scenario.stalls(ms(at), ms(random.below(90_000))),
                1 => scenario.input(ms(at), Input::Wake),
                2 => scenario.input(ms(at), Input::Woken(ServiceId(0), Cause::Changed)),
                3 => scenario.at(ms(at), "f", |f| f.is_given_mode(0o600)),
                4 => scenario.at(ms(at), "f", |f| f.is_given_mode(0o644)),
                5 => scenario.at(ms(at), "f", |f| f.silent = true).at(ms(at + 15_000), "f", |f| f.silent = false),
                _ => scenario,
            };
        }
        let timeline = scenario.run(ms(at) + s(4 * CYCLE_S));
        let mut found = BTreeMap::new();
        for (_, _, event) in timeline.events().filter(|(_, _, event)| event.class == EventClass::Content) {
            assert!(!event.message.ends_with("..."), "too much for one message: {timeline}");
            for line in event.message.lines().skip(1) {
                *found.entry(line.to_owned()).or_insert(0) += 1;
            }
        }
        assert_eq!(found, wanted, "seed {seed}: {timeline}");
    }
}

/// Rules that count cycles tell the same in the same cycles, and the others take turns and heal, whatever happens.
#[test]
fn looks_out_of_turn_move_no_history() {
    let rules = "if failed permission 0644 then alert\n if changed size then alert\n if failed uid 0 for 2 cycles then alert\n \
                 if content = \"e\" 2 times within 4 cycles then alert\n if changed mtime for 2 cycles then alert\n";
    let disturbed = |seed: u64| {
        let mut random = Random::new(seed);
        let mut scenario = file(rules);
        for _ in 0..80 {
            let at = ms(random.below(40 * CYCLE_S * 1_000));
            let (what, number) = (random.below(10), random.below(5));
            scenario = scenario.at(at, "f", move |f| match what {
                0 | 1 => f.is_given_mode(if number > 2 { 0o644 } else { 0o600 }),
                2 | 3 => f.is_written(number),
                4 => f.has(Fact::Uid, FactValue::Number(number / 3)),
                5 | 6 => f.is_told("e"),
                7 => f.dies(),
                8 => f.comes_up(),
                _ => f.unreadable = (number < 2).then(|| "permission denied".to_owned()),
            });
        }
        scenario.at(s(40 * CYCLE_S), "f", |f| {
            f.comes_up();
            f.unreadable = None;
            f.has(Fact::Uid, FactValue::Number(0));
        })
    };
    let mut early = 0;
    for seed in 0..60 {
        let (wakes, cycles) = (disturbed(seed).run(s(3_000)), disturbed(seed).without_wakes().run(s(3_000)));
        let counted = |timeline: &Timeline| {
            let counts = |event: &Event| matches!(event.class.word(), "uid" | "content" | "timestamp");
            let told = timeline.events().filter(|(_, _, event)| counts(event));
            told.map(|(_, _, event)| (event.cycle, event.early, event.class, event.state)).collect::<Vec<_>>()
        };
        assert_eq!(counted(&wakes), counted(&cycles), "seed {seed}: {wakes}");
        for class in [EventClass::Nonexist, EventClass::Permission] {
            let states = wakes.events().filter(|(_, _, event)| event.class == class).map(|(_, _, event)| event.state);
            let states: Vec<EventState> = states.collect();
            assert!(states.windows(2).all(|two| two[0] != two[1]), "seed {seed}: {wakes}");
            assert_ne!(states.last(), Some(&EventState::Failed), "seed {seed}: {wakes}");
        }
        early += wakes.events().filter(|(_, _, event)| event.early).count();
    }
    assert!(early > 500, "{early}");
}

#[test]
fn what_nobody_can_read_is_left_to_the_cycle() {
    let rules =
        "if changed checksum then alert\n if failed permission 0644 then alert\n if content = \"x\" then alert\n";
    let timeline = file(rules)
        .at(s(1), "f", sum("aa"))
        .at(s(70), "f", |f| {
            f.unreadable = Some("permission denied".to_owned());
            f.is_given_mode(0o600);
            f.is_told("x");
        })
        .at(s(130), "f", |f| {
            f.unreadable = None;
            f.hides(Fact::Checksum(HashKind::Sha256), "permission denied");
        })
        .at(s(200), "f", sum("aa"))
        .run(s(300));
    assert_eq!(
        told(&timeline),
        [
            "1.0 early checksum changed",
            "120.0 data failed",
            "130.0 early permission failed",
            "130.0 early content changed",
            "180.0 data succeeded",
        ]
    );
}

#[test]
fn what_is_in_the_way_is_left_to_the_cycle() {
    let change = |f: &mut Thing| {
        f.invalid = Some("/f is a directory".to_owned());
        f.is_given_mode(0o755);
    };
    let timeline = file("if failed permission 0644 then alert\n").at(s(70), "f", change).run(s(170));
    assert_eq!(told(&timeline), ["120.0 invalid failed"]);
}

#[test]
fn that_a_file_is_gone_is_believed_after_a_moment() {
    let gone = |after| file("").at(s(70), "f", Thing::dies).at(s(70) + after, "f", Thing::comes_up).run(s(170));
    // A log is renamed and opened anew, a file is replaced by hand.
    for moment in [ms(1), ms(40), ms(900), ms(1_900)] {
        assert_eq!(told(&gone(moment)), [""; 0], "{moment:?}");
    }
    assert_eq!(told(&gone(s(10))), ["72.0 early nonexist failed", "80.0 early nonexist succeeded"]);
    // A cycle that comes first judges what it sees, and its word is not repeated.
    let late = file("").at(s(119), "f", Thing::dies).run(s(170));
    assert_eq!(told(&late), ["120.0 nonexist failed"]);
}

#[test]
fn what_must_not_be_there_is_told_when_it_comes() {
    let timeline = file("if exists then alert\n").with("f", Thing::dies).at(s(70), "f", Thing::comes_up).run(s(170));
    assert_eq!(told(&timeline), ["70.0 early exist failed"]);
}

#[test]
fn monits_dialect_knows_cycles_only() {
    let rules = "check file f with path /f\n if changed size then alert\n if content = \"x\" then alert\n";
    let changes = |scenario: Scenario| {
        let scenario = scenario.at(s(70), "f", |f| f.is_written(10)).at(s(80), "f", |f| f.is_told("x"));
        scenario.at(s(130), "f", Thing::dies).at(s(200), "f", Thing::comes_up).run(s(400))
    };
    let told_and_looked = |timeline: Timeline| (told(&timeline), timeline.observations);
    let wakes = told_and_looked(changes(Scenario::new(program(Monit, rules))));
    assert_eq!(wakes, told_and_looked(changes(Scenario::new(program(Monit, rules)).without_wakes())));
    assert!(wakes.0.iter().all(|told| !told.contains("early")) && !wakes.0.is_empty(), "{wakes:?}");
}

#[test]
fn a_service_with_turns_of_its_own_keeps_to_them() {
    let timeline = file("every 2 cycles\n if failed permission 0644 then alert\n")
        .at(s(130), "f", |f| f.is_given_mode(0o600))
        .run(s(500));
    assert!(told(&timeline).iter().all(|told| !told.contains("early")), "{timeline}");
}

#[test]
fn nobody_looks_before_the_first_cycle_or_at_what_is_not_watched() {
    let rules = "check file f with path /f\n if failed permission 0644 then alert\n";
    let timeline = world(&format!("set daemon {CYCLE_S} with start delay 30\n{rules}"))
        .at(s(10), "f", |f| f.is_given_mode(0o600))
        .request(s(40), "f", Request::Unmonitor)
        .at(s(50), "f", |f| f.is_given_mode(0o644))
        .run(s(80));
    let told = told(&timeline);
    assert_eq!(told, ["30.0 permission failed", "40.0 action changed"], "{timeline}");
    assert_eq!(timeline.observations, 2, "the file and the system");
}

#[test]
fn a_file_that_needs_another_is_judged_while_that_is_well() {
    let rules = "check file f with path /f\n depends on g\n if changed size then alert\ncheck file g with path /g\n";
    let timeline = world(rules)
        .at(s(70), "f", |f| f.is_written(10))
        .at(s(80), "g", Thing::dies)
        .at(s(90), "f", |f| f.is_written(20))
        .at(s(190), "g", Thing::comes_up)
        .at(s(200), "f", |f| f.is_written(30))
        .run(s(300));
    assert_eq!(
        told(&timeline),
        [
            "70.0 early size changed",
            "82.0 early nonexist failed",
            "190.0 early nonexist succeeded",
            // Nobody looked while the other was gone.
            "200.0 early size changed",
        ]
    );
}

#[test]
fn only_files_heed_changes() {
    let rules = "check file f with path /f\ncheck directory d with path /d\ncheck fifo p with path /p\n\
                 check file counted with path /c\n if does not exist for 3 cycles then alert\n if timestamp > 1 day then alert\n\
                 check file seldom with path /s\n every 5 cycles\n\
                 check process q with pidfile /q\ncheck filesystem s with path /\n";
    let heeding = |dialect| {
        let engine = Engine::new(program(dialect, rules), Now::default());
        let named =
            engine.program().services.iter().zip(engine.program().ids()).filter(|(_, id)| engine.heeds_changes(*id));
        named.map(|(service, _)| service.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(heeding(Rules), ["f", "d", "p"]);
    assert_eq!(heeding(Monit), [""; 0]);
}
