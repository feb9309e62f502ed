//! How Monit counts results: in 64 bits for each rule.

use crate::program::Rate;

/// A state that changed to failed leaves this, because Monit fills the bytes of a record with what they were filled
/// with last. So every eighth of the cycles before a failure counts as one more.
const AFTER_FAILURE: u64 = 0x0101_0101_0101_0101;

/// The last results of a rule, the newest in the lowest bit, set where its test held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    failure: Rate,
    recovery: Rate,
    /// Nothing before the first result that holds.
    bits: Option<u64>,
}

impl Record {
    pub(super) fn of(failure: Rate, recovery: Rate) -> Record {
        Record { failure, recovery, bits: None }
    }

    /// Takes a result; whether there are as many like it as its rate wants.
    pub(super) fn push(&mut self, holds: bool) -> bool {
        if self.bits.is_none() && !holds {
            return false;
        }
        self.bits = Some(self.bits.unwrap_or(0) << 1 | u64::from(holds));
        let rate = if holds { self.failure } else { self.recovery };
        self.count(holds, rate) >= rate.count
    }

    /// The state has changed to failed, or to succeeded.
    pub(super) fn change(&mut self, failed: bool) {
        self.bits = Some(if failed { AFTER_FAILURE } else { 0 });
    }

    /// How many results count towards a failure, or towards a recovery.
    pub(super) fn hits(&self, holds: bool) -> u32 {
        self.count(holds, if holds { self.failure } else { self.recovery })
    }

    fn count(&self, holds: bool, rate: Rate) -> u32 {
        let Some(bits) = self.bits else { return 0 };
        let cycles = rate.cycles.clamp(1, u64::BITS);
        let seen = u64::MAX >> (u64::BITS - cycles);
        (if holds { bits & seen } else { !bits & seen }).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cycles in which Monit 5.33 changed the state, for results that hold (`F`) or do not.
    fn changes(failure: Rate, recovery: Rate, results: &str) -> Vec<usize> {
        let mut record = Record::of(failure, recovery);
        let (mut failed, mut changes) = (false, Vec::new());
        for (index, letter) in results.chars().enumerate() {
            let holds = letter == 'F';
            if record.push(holds) && holds != failed {
                failed = holds;
                record.change(failed);
                changes.push(index + 1);
            }
        }
        changes
    }

    #[test]
    fn a_failure_leaves_every_eighth_cycle_before_it() {
        // Tried with Monit: nine of the last ten are good in the second cycle behind the failure, not in the first.
        assert_eq!(changes(Rate::ONCE, Rate::of(9, 10), "F...F..."), [1, 3, 5, 7]);
        assert_eq!(changes(Rate::ONCE, Rate::of(3, 4), "F.F."), [1, 2, 3, 4]);
        assert_eq!(changes(Rate::ONCE, Rate::of(10, 10), "F..........."), [1, 11]);
    }

    #[test]
    fn a_recovery_leaves_nothing() {
        let rate = Rate::of(3, 12);
        assert_eq!(changes(rate, Rate::ONCE, "F....F....F.F.F."), [11, 12]);
    }
}
