//! Conditions: which tests there are, and whether the service has what they ask for.

use grammar::ast::{Check, Condition, TestKind};
use grammar::{Span, Spanned};

use super::Context;
use crate::catalog::{MetricEntry, TestEntry, TestName};
use crate::lint;
use crate::program::Test;

/// The largest mode: twelve bits.
const MODE_MAX: u32 = 0o7777;

impl Context<'_> {
    /// What a rule asks. Of several conditions side by side the last one counts, as it does to Monit.
    pub(super) fn condition(&mut self, check: &Check, condition: &Condition) -> Option<Test> {
        if condition.tests.len() > 1 {
            let finding = lint::ignored_condition::finding(condition, self.dialect);
            self.report(finding);
        }
        let tests: Vec<Option<Test>> =
            condition.tests.iter().map(|test| self.test(check, test.span, &test.kind)).collect();
        if tests.iter().any(Option::is_none) {
            return None;
        }
        tests.into_iter().next_back().flatten()
    }

    fn test(&mut self, check: &Check, span: Span, kind: &TestKind) -> Option<Test> {
        match kind {
            TestKind::Existence { exists } => {
                self.has(check, span, TestName::Existence)?;
                Some(if *exists { Test::Present } else { Test::Missing })
            }
            TestKind::Limit(limit) => {
                let entry = MetricEntry::of(limit.metric.node)?;
                if !entry.services.contains(&check.kind.node) {
                    return self.refuse(lint::misplaced_test::metric(check, limit.metric.span, entry));
                }
                self.limit(limit, entry).map(Test::Limit)
            }
            TestKind::Permission { mode } => {
                self.has(check, span, TestName::Permission)?;
                Some(Test::Permission { mode: self.mode(mode)? })
            }
            TestKind::Connection(connection) => {
                self.has(check, span, TestName::Connection)?;
                self.connection(check, connection).map(Test::Connection)
            }
        }
    }

    /// Whether services of this kind have this test.
    fn has(&mut self, check: &Check, span: Span, test: TestName) -> Option<()> {
        let entry = TestEntry::of(test)?;
        if entry.services.contains(&check.kind.node) {
            return Some(());
        }
        self.refuse(lint::misplaced_test::test(check, span, entry))
    }

    fn mode(&mut self, mode: &Spanned<String>) -> Option<u32> {
        match u32::from_str_radix(&mode.node, 8) {
            Ok(bits) if bits <= MODE_MAX && !mode.node.starts_with('+') => Some(bits),
            _ => self.refuse(lint::wrong_mode::finding(mode)),
        }
    }
}
