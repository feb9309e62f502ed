//! What values a metric can have, and what that means for a limit.

use crate::catalog::Metric;
use crate::program::{Limit, Relation};

/// Whether a comparison depends on what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// It holds whatever is measured.
    Always,
    /// It holds sometimes.
    Sometimes,
    /// It never holds.
    Never,
}

/// The largest share of a whole, in percent.
const WHOLE: f64 = 100.0;

impl Extent {
    /// Whether a limit depends on what is measured.
    pub(super) fn of(limit: &Limit) -> Extent {
        // The age of a file is negative when its time lies ahead.
        if limit.metric == Metric::Timestamp {
            return Extent::Sometimes;
        }
        let value = limit.value;
        // What runs has memory; everything else can be 0.
        let positive = matches!(limit.metric, Metric::Memory | Metric::TotalMemory);
        // Shares of the processor pass 100 %, and so does memory that processes share when it is added up.
        let most =
            if limit.percent && matches!(limit.metric, Metric::Memory | Metric::Swap) { WHOLE } else { f64::INFINITY };
        let below = value < 0.0 || (positive && value == 0.0);
        let above = value > most;
        let (always, never) = match limit.relation {
            Relation::Greater => (below, value >= most),
            Relation::GreaterOrEqual => (value <= 0.0, above),
            Relation::Less => (above, value <= 0.0),
            Relation::LessOrEqual => (value >= most, below),
            Relation::Equal => (false, below || above),
            Relation::NotEqual => (below || above, false),
        };
        match (always, never) {
            (true, _) => Extent::Always,
            (_, true) => Extent::Never,
            _ => Extent::Sometimes,
        }
    }
}
