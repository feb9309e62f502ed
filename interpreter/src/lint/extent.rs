//! What values a metric can have, and what that means for a limit.

use crate::catalog::{Dimension, Metric, MetricEntry};
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
        if matches!(limit.metric, Metric::Timestamp(_)) {
            return Extent::Sometimes;
        }
        let value = limit.value;
        // What runs has memory; everything else can be 0.
        let positive = matches!(limit.metric, Metric::Memory | Metric::TotalMemory);
        // Shares of the processor pass 100 %, and so does memory that processes share when it is added up.
        let most = if limit.percent && is_part_of_a_whole(limit.metric) { WHOLE } else { f64::INFINITY };
        let below = value < 0.0 || (positive && value == 0.0);
        let above = value > most;
        let (always, never) = match limit.relation {
            Relation::Greater => (below, value >= most),
            Relation::GreaterOrEqual => (value <= 0.0, above),
            Relation::Less => (above, value <= 0.0),
            Relation::LessOrEqual => (value >= most, below),
            Relation::Equal => (false, below || above),
            Relation::NotEqual | Relation::Changed => (below || above, false),
        };
        match (always, never) {
            (true, _) => Extent::Always,
            (_, true) => Extent::Never,
            _ => Extent::Sometimes,
        }
    }
}

/// Whether a share of it ends at the whole.
fn is_part_of_a_whole(metric: Metric) -> bool {
    let whole = matches!(MetricEntry::of(metric), Some(entry) if entry.dimension == Dimension::SizeOrShare);
    let inodes = matches!(metric, Metric::Inodes | Metric::InodesFree);
    inodes || (whole && metric != Metric::TotalMemory)
}
