//! Counting how often a test held: runs of cycles, and some cycles out of many.

use crate::program::Rate;

/// The longest window, in cycles. A longer one is cut to this, so that no rule remembers without a bound.
pub const LONGEST_WINDOW_CYCLES: u32 = 10_000;

/// Counts hits against a rate. What is unknown is no hit: it restarts a run, and takes one place of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Count {
    /// `for N cycles`: hits one after another. A length is enough, however long the run.
    Run {
        /// How many are needed.
        needed: u32,
        /// How many there were since the last miss.
        length: u32,
    },
    /// `N times within M cycles`: one bit for each of the last M cycles. Boxed, because most rules have none.
    Window(Box<Window>),
}

/// The last cycles as bits, in a ring that never grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    needed: u32,
    cycles: u32,
    hits: u32,
    next: u32,
    bits: Box<[u64]>,
}

impl Count {
    pub(super) fn of(rate: Rate) -> Count {
        let cycles = rate.cycles.clamp(1, LONGEST_WINDOW_CYCLES);
        let needed = rate.count.clamp(1, cycles);
        if needed == cycles {
            return Count::Run { needed, length: 0 };
        }
        let words = cycles.div_ceil(u64::BITS) as usize;
        let bits = vec![0; words].into_boxed_slice();
        Count::Window(Box::new(Window { needed, cycles, hits: 0, next: 0, bits }))
    }

    /// Takes the result of one cycle; whether the rate is reached.
    pub(super) fn push(&mut self, hit: bool) -> bool {
        match self {
            Count::Run { needed, length } => {
                *length = if hit { length.saturating_add(1) } else { 0 };
                *length >= *needed
            }
            Count::Window(window) => window.push(hit),
        }
    }

    /// Forgets all cycles.
    pub(super) fn clear(&mut self) {
        match self {
            Count::Run { length, .. } => *length = 0,
            Count::Window(window) => {
                window.bits.fill(0);
                window.hits = 0;
                window.next = 0;
            }
        }
    }

    /// How many hits count at present.
    pub(super) fn hits(&self) -> u32 {
        match self {
            Count::Run { length, .. } => *length,
            Count::Window(window) => window.hits,
        }
    }
}

impl Window {
    fn push(&mut self, hit: bool) -> bool {
        let mask = 1_u64 << (self.next % u64::BITS);
        // The ring has a word for every place, see `Count::of`.
        if let Some(word) = self.bits.get_mut((self.next / u64::BITS) as usize) {
            if *word & mask != 0 {
                self.hits = self.hits.saturating_sub(1);
            }
            *word &= !mask;
            if hit {
                *word |= mask;
                self.hits += 1;
            }
        }
        self.next = (self.next + 1) % self.cycles;
        self.hits >= self.needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(rate: Rate, hits: &str) -> Vec<usize> {
        let mut count = Count::of(rate);
        let reached = hits.chars().map(|letter| count.push(letter == 'F'));
        reached.enumerate().filter(|(_, reached)| *reached).map(|(index, _)| index + 1).collect()
    }

    #[test]
    fn a_run_is_reached_at_its_last_cycle_and_broken_by_a_miss() {
        assert_eq!(reached(Rate::of(3, 3), "FF.FFFF"), [6, 7]);
        assert_eq!(reached(Rate::ONCE, ".F."), [2]);
    }

    #[test]
    fn a_window_counts_the_last_cycles_only() {
        assert_eq!(reached(Rate::of(2, 3), "F..F.FF..."), [6, 7, 8]);
        let long = format!("F{}F{}F", ".".repeat(98), ".".repeat(99));
        assert_eq!(reached(Rate::of(2, 100), &long), [100]);
    }

    #[test]
    fn a_window_agrees_with_a_recount_of_everything() {
        let mut seed = 7_u32;
        for (count, cycles) in [(2, 5), (3, 64), (9, 65), (40, 130), (1, 2)] {
            let mut window = Count::of(Rate::of(count, cycles));
            let mut all: Vec<bool> = Vec::new();
            for _ in 0..2_000 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                all.push(seed >> 30 == 0);
                let recount = all.iter().rev().take(cycles as usize).filter(|hit| **hit).count();
                assert_eq!(window.push(*all.last().unwrap_or(&false)), recount >= count as usize);
            }
        }
    }

    #[test]
    fn an_endless_window_is_cut() {
        let mut count = Count::of(Rate::of(u32::MAX, u32::MAX));
        assert!((1..LONGEST_WINDOW_CYCLES).all(|_| !count.push(true)));
        assert!(count.push(true));
    }
}
