//! `not-watched-yet`: what is read and has no eyes yet.

use grammar::ast::{CheckStatement, OnReboot, Schedule, ServiceKind};
use grammar::{Finding, Span, english};

use super::Entry;
use crate::catalog::{MetricEntry, TestEntry, TestName};
use crate::check::{View, Watched, is_judged, is_observed, tests};
use crate::program::{Changed, Endpoint, Owner, Test};

const NAME: &str = "not-watched-yet";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "what this version does not watch", include_str!("not_watched_yet.md"), look);

/// One kind of thing that nobody watches: what it is, where it stands first, and how often.
struct Group {
    what: String,
    /// `services`, `rules` or `statements`, in the singular.
    noun: &'static str,
    verb: &'static str,
    first: Span,
    count: u64,
}

#[derive(Default)]
struct Groups(Vec<Group>);

impl Groups {
    fn add(&mut self, what: String, noun: &'static str, verb: &'static str, place: Span) {
        match self.0.iter_mut().find(|group| group.what == what) {
            Some(group) => {
                group.count += 1;
                group.first = group.first.min(place);
            }
            None => self.0.push(Group { what, noun, verb, first: place, count: 1 }),
        }
    }
}

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for watched in &view.services {
        let kind = watched.check.kind.node;
        if is_observed(kind) {
            add_rules(view, watched, &mut groups);
        } else {
            groups.add(plural(kind).to_owned(), "service", "are not watched yet", watched.check.head);
        }
        for statement in &watched.check.statements {
            add_statement(statement, &mut groups);
        }
    }
    for group in groups.0 {
        let headline = format!("{} {}: {}", group.what, group.verb, english::count(group.count, group.noun));
        let consequence = match group.noun {
            "statement" => "this is read, and nothing is done about it",
            "service" => "this is read, and nobody looks at it",
            _ => "this is read and never judged",
        };
        findings.push(
            Finding::warning(NAME, group.first, headline)
                .here(consequence)
                .note("this version of ruled understands it and `ruled show` prints it"),
        );
    }
}

fn add_rules(view: &View<'_>, watched: &Watched<'_>, groups: &mut Groups) {
    let kind = watched.check.kind.node;
    for (tree, rule) in &watched.rules {
        if is_judged(kind, &rule.test, view.protocols) {
            continue;
        }
        let single = rule.test.parts().len() == 1;
        let asleep: Vec<_> =
            tests(tree, rule).into_iter().filter(|(_, test)| !is_judged(kind, test, view.protocols)).collect();
        match asleep.first() {
            Some((written, test)) => {
                groups.add(words(test), "rule", "is not watched yet", written.span);
            }
            None if single => groups.add(words(&rule.test), "rule", "is not watched yet", tree.condition.span),
            None => {
                let what = "a connection beside other conditions".to_owned();
                groups.add(what, "rule", "is not watched yet", tree.condition.span);
            }
        }
    }
}

fn add_statement(statement: &CheckStatement, groups: &mut Groups) {
    let span = statement.span();
    let what = match statement {
        CheckStatement::RestartLimit(_) => "a number of restarts",
        CheckStatement::OnReboot { start, .. } if start.node != OnReboot::Start => "`onreboot`",
        CheckStatement::Mode { mode, .. } if mode.node == grammar::ast::Mode::Manual => "`mode manual`",
        CheckStatement::Every(every) => match &every.schedule {
            Schedule::Cycles(cycles) if cycles.node.literal() == Some(&1.0) => return,
            _ => "`every`",
        },
        _ => return,
    };
    groups.add(what.to_owned(), "statement", "is not obeyed yet", span);
}

/// What a test is about.
fn words(test: &Test) -> String {
    let name = match test {
        Test::Limit(limit) => {
            let words = MetricEntry::of(limit.metric).map_or("this", |entry| entry.words);
            return format!("`{words}`");
        }
        Test::Connection(connection) if matches!(connection.endpoint, Endpoint::Unix(_)) => TestName::UnixSocket,
        Test::Connection(_) => return "a connection of this kind".to_owned(),
        Test::Missing | Test::Present => TestName::Existence,
        Test::Permission { .. } | Test::Changed(Changed::Permission) => TestName::Permission,
        Test::Owner(Owner::Uid, _) => TestName::Uid,
        Test::Owner(Owner::Euid, _) => TestName::Euid,
        Test::Owner(Owner::Gid, _) => TestName::Gid,
        Test::SecurityAttribute(_) => TestName::SecurityAttribute,
        Test::Checksum { .. } | Test::Changed(Changed::Checksum(_)) => TestName::Checksum,
        Test::Content(_) => TestName::Content,
        Test::Link { .. } => TestName::Link,
        Test::Ping(_) => TestName::Ping,
        Test::Changed(Changed::Pid) => TestName::Pid,
        Test::Changed(Changed::Ppid) => TestName::Ppid,
        Test::Changed(Changed::FilesystemFlags) => TestName::FilesystemFlags,
        Test::Changed(Changed::Status) => TestName::Status,
        Test::Changed(Changed::Link) => TestName::LinkSpeed,
        Test::Changed(Changed::Timestamp(_)) => TestName::Timestamp,
        Test::Changed(Changed::Size) => TestName::Size,
        Test::All(_) | Test::Any(_) | Test::Not(_) => return "a condition of this kind".to_owned(),
    };
    format!("`{}`", TestEntry::of(name).map_or("this", |entry| entry.words))
}

fn plural(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Process => "processes",
        ServiceKind::File => "files",
        ServiceKind::Directory => "directories",
        ServiceKind::Fifo => "fifos",
        ServiceKind::Filesystem => "filesystems",
        ServiceKind::Host => "hosts",
        ServiceKind::System => "systems",
        ServiceKind::Program => "programs",
        ServiceKind::Network => "network interfaces",
    }
}
