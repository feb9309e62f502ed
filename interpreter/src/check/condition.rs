//! Conditions: which tests there are, and whether the service has what they ask for.

use grammar::ast::{Changed, Check, Condition, ConditionKind, Endpoint, HashKind, Owner, TestKind};
use grammar::{Span, Spanned, ast};

use super::command::Register;
use super::{Context, checksum};
use crate::catalog::{Metric, MetricEntry, TestEntry, TestName};
use crate::lint;
use crate::program::{Relation, Test};

/// The largest mode: twelve bits.
const MODE_MAX: u32 = 0o7777;

impl Context<'_> {
    /// What a rule asks. It is one test, but for a file of patterns, which has one for each of its lines.
    pub(super) fn condition(&mut self, check: &Check, condition: &Condition) -> Option<Vec<Test>> {
        match &condition.kind {
            ConditionKind::Test(test) => self.tests(check, test),
            ConditionKind::Last(tests) if self.is_monit() => {
                self.report(lint::ignored_condition::finding(condition.span, tests));
                let all: Vec<Option<Vec<Test>>> = tests.iter().map(|test| self.tests(check, test)).collect();
                let all: Option<Vec<Vec<Test>>> = all.into_iter().collect();
                all?.pop()
            }
            ConditionKind::Last(tests) => {
                let parts: Vec<Option<Test>> = tests.iter().map(|test| self.one_test(check, test)).collect();
                let parts: Option<Vec<Test>> = parts.into_iter().collect();
                Some(vec![Test::All(parts?)])
            }
            ConditionKind::All(_) | ConditionKind::Any(_) | ConditionKind::Not(_) => {
                Some(vec![self.compound(check, condition)?])
            }
        }
    }

    /// A condition that is made of others. All errors in it are found.
    fn compound(&mut self, check: &Check, condition: &Condition) -> Option<Test> {
        match &condition.kind {
            ConditionKind::Test(test) => self.one_test(check, test),
            ConditionKind::Last(tests) => {
                let parts: Vec<Option<Test>> = tests.iter().map(|test| self.one_test(check, test)).collect();
                parts.into_iter().collect::<Option<Vec<Test>>>().map(Test::All)
            }
            ConditionKind::All(parts) => self.compounds(check, parts).map(Test::All),
            ConditionKind::Any(parts) => self.compounds(check, parts).map(Test::Any),
            ConditionKind::Not(part) => self.compound(check, part).map(|part| Test::Not(Box::new(part))),
        }
    }

    fn compounds(&mut self, check: &Check, parts: &[Condition]) -> Option<Vec<Test>> {
        let parts: Vec<Option<Test>> = parts.iter().map(|part| self.compound(check, part)).collect();
        parts.into_iter().collect()
    }

    /// A test that is part of a condition: any of the patterns of a file.
    fn one_test(&mut self, check: &Check, test: &ast::Test) -> Option<Test> {
        let mut tests = self.tests(check, test)?;
        if tests.len() == 1 { tests.pop() } else { Some(Test::Any(tests)) }
    }

    fn tests(&mut self, check: &Check, test: &ast::Test) -> Option<Vec<Test>> {
        if let TestKind::Content(content) = &test.kind {
            self.has(check, test.span, TestName::Content)?;
            let patterns = self.content(check, content)?;
            return Some(patterns.into_iter().map(Test::Content).collect());
        }
        self.test(check, test.span, &test.kind).map(|test| vec![test])
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
                    return self.refuse(lint::misplaced_test::metric(check, limit.metric.span, entry, self.dialect));
                }
                let limit = self.limit(check.kind.node, limit, entry)?;
                // To Monit a changed status is the same in both words, whatever the number is.
                if self.is_monit() && limit.metric == Metric::Status && limit.relation == Relation::Changed {
                    return Some(Test::Changed(Changed::Status));
                }
                Some(Test::Limit(limit))
            }
            TestKind::Changed(changed) => self.changed(check, span, changed.node),
            TestKind::Owner { which, name } => {
                let (test, register) = match which {
                    Owner::Uid => (TestName::Uid, Register::Users),
                    Owner::Euid => (TestName::Euid, Register::Users),
                    Owner::Gid => (TestName::Gid, Register::Groups),
                };
                self.has(check, span, test)?;
                let owner = self.identity_for(name, register, "so this could not be compared with anything");
                Some(Test::Owner(*which, owner))
            }
            TestKind::Permission { mode } => {
                self.has(check, span, TestName::Permission)?;
                Some(Test::Permission { mode: self.mode(mode)? })
            }
            TestKind::SecurityAttribute { attribute } => {
                self.has(check, span, TestName::SecurityAttribute)?;
                Some(Test::SecurityAttribute(attribute.node.clone()))
            }
            TestKind::Checksum { hash, expected } => {
                self.has(check, span, TestName::Checksum)?;
                self.checksum(hash.map(|hash| hash.node), expected.as_ref())
            }
            TestKind::Content(_) => None,
            TestKind::Link { up } => {
                self.has(check, span, TestName::Link)?;
                Some(Test::Link { up: *up })
            }
            TestKind::Connection(connection) => {
                let test = match connection.endpoint {
                    Endpoint::Port { .. } | Endpoint::Url(_) => TestName::Connection,
                    Endpoint::Unix(_) => TestName::UnixSocket,
                };
                self.has(check, span, test)?;
                self.connection(check, connection)
            }
            TestKind::Ping(ping) => {
                self.has(check, span, TestName::Ping)?;
                self.ping(check, ping)
            }
            TestKind::Plugin(test) => self.plugin_test(check, span, test),
            TestKind::Performance(performance) => {
                self.has(check, span, TestName::Performance)?;
                self.performance(performance)
            }
        }
    }

    fn changed(&mut self, check: &Check, span: Span, changed: Changed) -> Option<Test> {
        let test = match changed {
            Changed::Pid => TestName::Pid,
            Changed::Ppid => TestName::Ppid,
            Changed::FilesystemFlags => TestName::FilesystemFlags,
            Changed::Status => TestName::Status,
            Changed::Link => TestName::LinkSpeed,
            Changed::Timestamp(_) => TestName::Timestamp,
            Changed::Size => TestName::Size,
            Changed::Permission => TestName::Permission,
            Changed::Checksum(_) => TestName::Checksum,
        };
        self.has(check, span, test)?;
        Some(Test::Changed(match changed {
            Changed::Checksum(hash) => Changed::Checksum(Some(hash.unwrap_or(self.usual_hash()))),
            other => other,
        }))
    }

    /// The kind of checksum of which nothing is said.
    fn usual_hash(&self) -> HashKind {
        if self.is_monit() { HashKind::Md5 } else { HashKind::Sha256 }
    }

    fn checksum(&mut self, hash: Option<HashKind>, expected: Option<&Spanned<String>>) -> Option<Test> {
        let Some(expected) = expected else {
            return Some(Test::Checksum { hash: hash.unwrap_or(self.usual_hash()), expected: None });
        };
        match checksum::digits(&expected.node, hash, self.is_monit()) {
            Some((hash, digits)) => Some(Test::Checksum { hash, expected: Some(digits) }),
            None => self.refuse(lint::wrong_checksum::finding(expected, hash, self.dialect)),
        }
    }

    /// Whether services of this kind have this test.
    pub(super) fn has(&mut self, check: &Check, span: Span, test: TestName) -> Option<()> {
        let entry = TestEntry::of(test)?;
        if entry.services.contains(&check.kind.node) {
            return Some(());
        }
        self.refuse(lint::misplaced_test::test(check, span, entry, self.dialect))
    }

    fn mode(&mut self, mode: &Spanned<String>) -> Option<u32> {
        match u32::from_str_radix(&mode.node, 8) {
            Ok(bits) if bits <= MODE_MAX && !mode.node.starts_with('+') => Some(bits),
            _ => self.refuse(lint::wrong_mode::finding(mode)),
        }
    }
}
