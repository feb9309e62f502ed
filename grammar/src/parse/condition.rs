//! What a rule asks: existence, limits, permissions.

use super::grammar::{Pair, Rule};
use super::{Builder, span};
use crate::ast::{Condition, Limit, MetricName, Test, TestKind};

impl<'i> Builder<'i> {
    /// The tests of a rule; nothing when none could be understood.
    pub(super) fn condition(&mut self, pair: Pair<'i>) -> Option<Condition> {
        let place = span(&pair);
        let mut tests = Vec::new();
        for part in pair.into_inner() {
            tests.extend(self.test(part));
        }
        (!tests.is_empty()).then_some(Condition { span: place, tests })
    }

    fn test(&mut self, pair: Pair<'i>) -> Option<Test> {
        let place = span(&pair);
        let kind = match pair.as_rule() {
            Rule::existence => {
                TestKind::Existence { exists: pair.into_inner().all(|word| word.as_rule() != Rule::kw_not) }
            }
            Rule::permission => {
                let mode = pair.into_inner().last()?;
                TestKind::Permission { mode: span(&mode).with(mode.as_str().to_owned()) }
            }
            Rule::connection => TestKind::Connection(self.connection(pair)?),
            _ => TestKind::Limit(self.limit(pair)?),
        };
        Some(Test { span: place, kind })
    }

    fn limit(&mut self, pair: Pair<'i>) -> Option<Limit> {
        let (mut measured, mut per_core, mut operator, mut value) = (None, false, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::metric => measured = Some(span(&part).with(metric(part.as_str()))),
                Rule::kw_core => {
                    per_core = true;
                    if let Some(measured) = &mut measured {
                        measured.span = measured.span.to(span(&part));
                    }
                }
                Rule::operator | Rule::wrong_operator => operator = Some(self.operator(&part)),
                _ => value = Some(self.quantity(part)),
            }
        }
        let mut metric = measured?;
        if let MetricName::LoadAverage { per_core: written, .. } = &mut metric.node {
            *written = per_core;
        }
        Some(Limit { metric, operator, value: value? })
    }
}

fn metric(written: &str) -> MetricName {
    let word: String = written.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    let (word, inside) = word.split_once('(').unwrap_or((&word, ""));
    match word.trim_end_matches("usage") {
        "totalcpu" => MetricName::TotalCpu,
        "totalmem" | "totalmemory" => MetricName::TotalMemory,
        "cpu" if written.contains('(') => match inside.as_bytes().first() {
            Some(b's') => MetricName::CpuSystem,
            Some(b'w') => MetricName::CpuWait,
            // Empty parentheses mean the user's share to Monit.
            _ => MetricName::CpuUser,
        },
        "cpu" => MetricName::Cpu,
        "swap" => MetricName::Swap,
        "loadavg" => {
            let minutes = match inside.as_bytes() {
                [b'1', b'5', ..] => 15,
                [b'5', ..] => 5,
                _ => 1,
            };
            MetricName::LoadAverage { minutes, per_core: false }
        }
        "size" => MetricName::Size,
        "time" | "timestamp" => MetricName::Timestamp,
        _ => MetricName::Memory,
    }
}
