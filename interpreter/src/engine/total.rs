//! Totals over a span of time: `total download > 1 GB in last hour`.

use std::collections::VecDeque;
use std::time::Duration;

use super::readings::{Raw, Reading, Readings};
use super::{Metric, Monotonic};
use crate::program::{Service, Test};

/// The most points that are kept of one counter; a longer span in a shorter cycle is kept with fewer points in it.
const POINTS_MAX: usize = 2_048;

/// A counter at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    at: Monotonic,
    bytes: f64,
    pieces: f64,
}

/// The counters of one service over the longest span that its rules name.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals(Vec<Kept>);

#[derive(Debug, Clone)]
struct Kept {
    metric: Metric,
    span: Duration,
    points: VecDeque<Point>,
}

impl Totals {
    /// Nothing has been read yet.
    pub(super) fn new(service: &Service) -> Totals {
        let mut totals: Vec<Kept> = Vec::new();
        for rule in &service.rules {
            for test in rule.test.parts() {
                let Test::Limit(limit) = test else { continue };
                let Some(seconds) = limit.window_s else { continue };
                let span = Duration::from_secs(seconds);
                match totals.iter_mut().find(|kept| kept.metric == limit.metric) {
                    Some(kept) => kept.span = kept.span.max(span),
                    None => totals.push(Kept { metric: limit.metric, span, points: VecDeque::new() }),
                }
            }
        }
        Totals(totals)
    }

    /// Takes the counters among these readings.
    pub(super) fn take(&mut self, readings: &Readings) {
        let at = readings.taken.monotonic;
        for kept in &mut self.0 {
            let Some(Reading::Known(Raw::Growth { bytes, pieces })) = readings.values.get(&kept.metric) else {
                continue;
            };
            let point = Point { at, bytes: *bytes, pieces: *pieces };
            let fell = kept.points.back().is_some_and(|last| last.bytes > *bytes || last.pieces > *pieces);
            if fell {
                // The counter was reset; what it counted before is another's.
                kept.points.clear();
            }
            // Two points in less than the span's share say no more than one.
            let apart = kept.span / u32::try_from(POINTS_MAX).unwrap_or(u32::MAX);
            let crowded = kept.points.len() > 1
                && kept.points.iter().rev().nth(1).is_some_and(|before| at.since(before.at) < apart);
            if crowded {
                kept.points.pop_back();
            }
            kept.points.push_back(point);
            // One point that is older than the span is where the total begins.
            while kept.points.get(1).is_some_and(|second| at.since(second.at) >= kept.span) {
                kept.points.pop_front();
            }
        }
    }

    /// What came together in a span that ends with the last reading; in a shorter one where less is known.
    pub(super) fn total(&self, metric: Metric, span: Duration, pieces: bool) -> Option<f64> {
        let kept = self.0.iter().find(|kept| kept.metric == metric)?;
        let last = kept.points.back()?;
        let begins = kept.points.iter().rev().find(|point| last.at.since(point.at) >= span).or(kept.points.front())?;
        Some(if pieces { last.pieces - begins.pieces } else { last.bytes - begins.bytes })
    }
}
