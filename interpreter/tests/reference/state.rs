//! What becomes of a rule: its results, one after another, are gone through from the beginning each time.

use interpreter::program::{Behaviour, Rate, Rule};

/// One thing after another that concerns a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A cycle judged it: it holds, it does not, or nobody can tell.
    Cycle(Option<bool>),
    /// It was judged out of turn, because a process exited: whether it holds, and whether it is worth
    /// another start at once.
    Early(bool, bool),
    /// ruled started or stopped the service.
    Mended,
}

/// What a step brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Quiet,
    Failed,
    StillFailing,
    Succeeded,
    Changed,
}

/// Where a rule stands after all its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What the last step brought about.
    pub(crate) turn: Turn,
    pub(crate) fails: bool,
    /// How many results there are since it failed, the one that made it fail included.
    pub(crate) results: u64,
}

/// Where a rule stands.
pub(crate) fn stand(rule: &Rule, steps: &[Step], behaviour: &Behaviour) -> Standing {
    let mut turn = Turn::Quiet;
    let (fails, results) = go_through(rule, steps, behaviour, false, |now| turn = now);
    Standing { turn, fails, results }
}

/// What each of the steps brings about, where the rule fails at first or does not.
pub(crate) fn turns(rule: &Rule, steps: &[Step], behaviour: &Behaviour, fails: bool) -> Vec<Turn> {
    let mut turns = Vec::new();
    go_through(rule, steps, behaviour, fails, |turn| turns.push(turn));
    turns
}

fn go_through(rule: &Rule, steps: &[Step], behaviour: &Behaviour, fails: bool, each: impl FnMut(Turn)) -> (bool, u64) {
    if behaviour.counts_in_bits {
        as_monit(rule, steps, fails, each)
    } else {
        as_the_words_say(rule, steps, fails, each)
    }
}

/// How many of the last cycles of a rate gave this result.
fn hits(steps: &[Step], rate: Rate, wanted: bool) -> u32 {
    let cycles = steps.iter().rev().filter(|step| matches!(step, Step::Cycle(_))).take(rate.cycles as usize);
    u32::try_from(cycles.filter(|step| **step == Step::Cycle(Some(wanted))).count()).expect("few cycles")
}

/// A rule fails when it has held in `count` of the last `cycles` cycles, and has succeeded when it has not held in so
/// many of so many. Counted are the cycles since it last failed or succeeded, and since ruled did something to the
/// service. What nobody can tell takes the place of a cycle and counts for neither.
fn as_the_words_say(rule: &Rule, steps: &[Step], mut fails: bool, mut each: impl FnMut(Turn)) -> (bool, u64) {
    let (failure, recovery) = (rule.rate, rule.recovery.rate);
    let (mut since, mut results) = (0, u64::from(fails));
    for (place, step) in steps.iter().enumerate() {
        let counted = &steps[since..=place];
        let turn = match *step {
            Step::Mended => {
                since = place + 1;
                Turn::Quiet
            }
            Step::Cycle(result) if rule.test.is_news() => {
                // Each change is news of its own; nothing is over when there is none.
                let told = result == Some(true) && hits(counted, failure, true) >= failure.count;
                fails = told || fails && result.is_none();
                results = u64::from(told);
                if told { Turn::Changed } else { Turn::Quiet }
            }
            Step::Cycle(Some(true)) if !fails && hits(counted, failure, true) >= failure.count => Turn::Failed,
            Step::Cycle(Some(false)) if fails && hits(counted, recovery, false) >= recovery.count => Turn::Succeeded,
            Step::Cycle(Some(true)) if fails => Turn::StillFailing,
            Step::Cycle(_) => Turn::Quiet,
            Step::Early(holds, at_once) => early(rule, fails, holds, at_once),
        };
        if fails && matches!(step, Step::Cycle(Some(_))) && !rule.test.is_news() {
            results += 1;
        }
        if matches!(turn, Turn::Failed | Turn::Succeeded) {
            (fails, since) = (turn == Turn::Failed, place + 1);
            results = u64::from(fails);
        }
        each(turn);
    }
    (fails, results)
}

/// Monit's record of events: 64 bits, the newest lowest, of which a failure leaves every eighth. It begins with the
/// first result that fails. What nobody can tell is not recorded, and what ruled does to a service changes nothing.
fn as_monit(rule: &Rule, steps: &[Step], mut fails: bool, mut each: impl FnMut(Turn)) -> (bool, u64) {
    let mut record: Option<u64> = None;
    let mut results = 0;
    for step in steps {
        let turn = match *step {
            Step::Mended | Step::Cycle(None) => Turn::Quiet,
            Step::Cycle(Some(false)) if record.is_none() => Turn::Quiet,
            Step::Cycle(Some(holds)) => {
                let bits = record.unwrap_or(0) << 1 | u64::from(holds);
                record = Some(bits);
                results += 1;
                let side = if holds { rule.rate } else { rule.recovery.rate };
                let same = (0..side.cycles.min(64)).filter(|bit| (bits >> bit & 1 == 1) == holds).count();
                let enough = same >= side.count as usize;
                match (enough, holds, fails) {
                    (true, true, _) if rule.test.is_news() => Turn::Changed,
                    (true, true, false) => Turn::Failed,
                    (true, false, true) => Turn::Succeeded,
                    (_, true, true) => Turn::StillFailing,
                    _ => Turn::Quiet,
                }
            }
            Step::Early(holds, at_once) => early(rule, fails, holds, at_once),
        };
        match turn {
            Turn::Failed | Turn::Changed => (fails, record, results) = (true, Some(0x0101_0101_0101_0101), 1),
            Turn::Succeeded => (fails, record, results) = (false, Some(0), 0),
            Turn::Quiet | Turn::StillFailing => {}
        }
        // That nothing changed any more is recorded, and is no news.
        each(if rule.test.is_news() && turn == Turn::Succeeded { Turn::Quiet } else { turn });
    }
    (fails, results)
}

/// Out of turn only what needs a single cycle is decided. What fails already is tried again at once if it had run for
/// long.
fn early(rule: &Rule, fails: bool, holds: bool, at_once: bool) -> Turn {
    match (fails, holds) {
        (false, true) if rule.rate == Rate::ONCE => Turn::Failed,
        (true, true) if rule.rate == Rate::ONCE && at_once => Turn::StillFailing,
        (true, false) if rule.recovery.rate == Rate::ONCE => Turn::Succeeded,
        _ => Turn::Quiet,
    }
}
