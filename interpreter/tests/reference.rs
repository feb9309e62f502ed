//! The engine beside a judge that is slow and obvious.
//!
//! Both are given the same random control files, in both dialects, and the same random histories: the engine by the
//! simulated world, the judge as they are. The judge keeps everything that was ever seen, goes through all of it again in
//! each cycle, and shares nothing with the engine but the checked program. What they tell (service, class, state, action,
//! cycle, whether out of turn) and which programs they run must be the same, in the same order for each service.
//!
//! The judge has an opinion about: existence, and that nothing else is asked of what is not there; values, shares, rates
//! of counters and totals; owners, modes, checksums, lines, outputs, links and ports; `and`, `or` and `not` with three
//! answers; changes and what they are compared with; runs, windows, durations and recoveries, as the words say and as
//! Monit counts; programs that are repeated; restarts in every cycle or with growing pauses; limits of restarts; passive
//! services; `every`, `not every`, time zones, daylight saving and clocks that are put forward or back; exits judged out
//! of turn; zombies, things that cannot be seen or are of the wrong type; services that need others, are left alone while
//! those are not well, and are stopped and started with them; start programs without effect.
//!
//! It has none about: messages; observations that are late or never end; people who ask for something; stop programs that
//! fail, and programs that take longer than half a cycle; several deaths between two cycles; services that are watched no
//! longer while something is done to them for the sake of others; `ping`, sockets, security attributes.
//!
//! In three things Monit is known to differ from both, and no case has them or both do as the words say: it keeps one state
//! for all rules of a class in a service, which shows where one of them has a rate; in a cycle in which a rule restarted or
//! unmonitored a service it has forgotten what the service is when it asks for the rest; and a file that was missing at
//! first has changed its mode when it appears.
//!
//! A case that fails is made as small as possible and printed. It has a number, by which it is made again:
//! `REFERENCE_CASE=17 cargo test -p interpreter --test reference related`. More cases than usual, which begin behind the
//! usual ones, are tried with `REFERENCE_CASES=100000`.

mod reference {
    pub(crate) mod case;
    pub(crate) mod class;
    pub(crate) mod deeds;
    pub(crate) mod dials;
    pub(crate) mod generate;
    pub(crate) mod judge;
    pub(crate) mod play;
    pub(crate) mod post;
    pub(crate) mod schedule;
    pub(crate) mod state;
    pub(crate) mod thing;
    pub(crate) mod truth;
}

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

use grammar::Dialect;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use reference::case::{Case, name};
use reference::generate::{Wish, case};
use reference::judge::judge;
use reference::play::play;

/// How often proptest tries to make a case that fails smaller, unless `REFERENCE_SHRINKS` says otherwise.
const SHRINKS: u64 = 20_000;

const BOTH: &[Dialect] = &[Dialect::Monit, Dialect::Rules];
/// One service, a short history.
const ONE: Wish = Wish { dialects: BOTH, services: 1..=1, related: false, by_the_clock: false, long: false };

#[test]
fn one_service_as_the_words_say() {
    agree(Wish { dialects: &[Dialect::Rules], ..ONE }, 4_000, 180);
}

#[test]
fn one_service_as_monit() {
    agree(Wish { dialects: &[Dialect::Monit], ..ONE }, 4_000, 180);
}

#[test]
fn services_that_need_each_other() {
    agree(Wish { services: 2..=4, related: true, ..ONE }, 4_000, 180);
}

#[test]
fn services_by_the_clock() {
    agree(Wish { services: 1..=2, related: true, by_the_clock: true, ..ONE }, 3_000, 150);
}

#[test]
fn long_histories() {
    agree(Wish { long: true, ..ONE }, 400, 90);
}

/// Tries so many cases, or those that the environment names. Together they must lead to so many different events and
/// deeds, or they try little.
fn agree(wish: Wish, usual: u64, least: usize) {
    let strategy = case(wish);
    let shrinks = u32::try_from(given("REFERENCE_SHRINKS").unwrap_or(SHRINKS)).expect("not that many");
    let told = RefCell::new(BTreeSet::new());
    for number in numbers(usual) {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: shrinks, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let outcome = runner.run(&strategy, |case| {
            compare(&case).map(|lines| told.borrow_mut().extend(lines)).map_err(TestCaseError::fail)
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(picture, _)) => panic!("REFERENCE_CASE={number}\n{picture}"),
            Err(TestError::Abort(why)) => panic!("REFERENCE_CASE={number}: {why}"),
        }
    }
    let told = told.borrow();
    println!("{} different events and deeds", told.len());
    assert!(told.len() >= least || numbers(usual) != (0..usual), "{told:#?}");
}

/// A number that the environment gives.
fn given(name: &str) -> Option<u64> {
    std::env::var_os(name).and_then(|number| number.to_str()?.parse().ok())
}

fn numbers(usual: u64) -> Range<u64> {
    match (given("REFERENCE_CASE"), given("REFERENCE_CASES")) {
        (Some(one), _) => one..one + 1,
        (None, Some(more)) => usual..usual + more,
        (None, None) => 0..usual,
    }
}

/// What was told and done, without the numbers of the cycles; or a picture of where engine and judge disagree.
fn compare(case: &Case) -> Result<Vec<String>, String> {
    let program = case.program();
    let (engine, judge) = (play(case, &program), judge(case, &program));
    if engine == judge {
        let lines = judge.iter().flatten();
        return Ok(lines.filter_map(|line| line.split_once(' ')).map(|(_, told)| told.to_owned()).collect());
    }
    let mut picture = case.to_string();
    for (place, (engine, judge)) in engine.iter().zip(&judge).enumerate().filter(|(_, (engine, judge))| engine != judge)
    {
        writeln!(picture, "{}:\n  {:44}   the judge", name(place), "the engine").expect("memory");
        for line in 0..engine.len().max(judge.len()) {
            let at = |lines: &[String]| lines.get(line).cloned().unwrap_or_default();
            let (one, other) = (at(engine), at(judge));
            let mark = if one == other { ' ' } else { '>' };
            writeln!(picture, "{mark} {one:44}   {other}").expect("memory");
        }
    }
    Err(picture)
}

/// The judge itself, on a few histories that were tried with Monit.
#[test]
fn the_judge_counts_as_monit_did() {
    use reference::state::{Step, Turn, turns as turns_of};
    let turns = |condition: &str, results: &str| -> Vec<usize> {
        let text = format!("check file a with path /a\n    if {condition}\n");
        let program = reference::case::checked(&text, Dialect::Monit);
        let rule = program.services[0].rules.last().expect("a rule");
        let steps: Vec<Step> = results
            .chars()
            .map(|one| Step::Cycle([Some(false), Some(true), None][".F?".find(one).expect("a letter")]))
            .collect();
        let turns = turns_of(rule, &steps, &program.settings.behaviour, false);
        let is_told = |turn: &Turn| matches!(turn, Turn::Failed | Turn::Succeeded | Turn::Changed);
        (1..).zip(&turns).filter(|(_, turn)| is_told(turn)).map(|(number, _)| number).collect()
    };
    let recovery = "size > 10 B then alert else if succeeded 9 times within 10 cycles then alert";
    assert_eq!(turns(recovery, "F...F..."), [1, 3, 5, 7]);
    assert_eq!(turns("size > 10 B for 3 cycles then alert", "FF?FFF"), [4]);
    assert_eq!(turns("changed size for 3 cycles then alert", "?FFFFFFFFF"), [4, 6, 8, 10]);
    assert_eq!(turns("changed size 2 times within 4 cycles then alert", "?F.F.FF.FFF.."), [4, 7, 10, 11]);
    assert_eq!(turns("size > 10 B 3 times within 12 cycles then alert", "F....F....F.F.F."), [11, 12]);
}
