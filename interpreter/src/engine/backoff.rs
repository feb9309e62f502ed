//! How long to wait before something that did not help is tried again.

use std::time::Duration;

/// The longest wait between two attempts.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// How many cycles to let pass after the attempt of that number (counted from 1): 2 to its power, at most an
/// hour, at least one cycle.
pub(super) fn wait_cycles(attempt: u32, cycle: Duration) -> u64 {
    let hour = LONGEST_WAIT.as_nanos().div_ceil(cycle.as_nanos().max(1));
    let hour = u64::try_from(hour).unwrap_or(u64::MAX).max(1);
    1_u64.checked_shl(attempt).map_or(hour, |cycles| cycles.min(hour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let waits = |seconds: u64| -> Vec<u64> {
            (1..=8).map(|attempt| wait_cycles(attempt, Duration::from_secs(seconds))).collect()
        };
        assert_eq!(waits(1), [2, 4, 8, 16, 32, 64, 128, 256]);
        assert_eq!(waits(60), [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(waits(7_200), [1; 8]);
        assert_eq!(wait_cycles(63, Duration::from_secs(1)), 3_600);
        assert_eq!(wait_cycles(64, Duration::from_secs(1)), 3_600);
        assert_eq!(wait_cycles(u32::MAX, Duration::ZERO), u64::try_from(LONGEST_WAIT.as_nanos()).unwrap_or(0));
    }
}
