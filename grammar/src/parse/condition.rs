//! What a rule asks: existence, limits, changes, contents.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, join, small, span};
use crate::ast::{
    Changed, Condition, ConditionKind, ContentTest, HashKind, Limit, MetricName, Operator, Owner, Quantity, Test,
    TestKind, TimestampKind, Unit, Value,
};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// The tests of a rule; nothing when none could be understood. `around` reaches from `if` to what follows the
    /// condition: parentheses and joining words stand in the gaps.
    pub(super) fn condition(&mut self, pair: Pair<'_>, around: Span) -> Option<Condition> {
        let place = span(&pair);
        if !self.is_monit() {
            return self.joined(pair, around);
        }
        let mut parts = pair.into_inner();
        let mut first = parts.find_map(|part| self.test(part));
        let mut tests: Vec<Test> = parts.filter_map(|part| self.test(part)).collect();
        if !tests.is_empty() {
            tests.splice(..0, first.take());
        }
        if tests.len() > 1
            && let Some(other) = tests.iter().find(|test| !is_resource(test))
        {
            let headline = "this test stands alone in a rule";
            let finding = Finding::error("syntax-error", other.span, headline)
                .here("Monit joins only the use of processors, memory, disks and processes")
                .help("write a rule of its own for each test");
            self.report(finding);
        }
        // Most conditions are of one test; a list is made of more only.
        let kind = match first {
            Some(test) => ConditionKind::Test(Box::new(test)),
            None if tests.is_empty() => return None,
            None => ConditionKind::Last(tests),
        };
        Some(Condition { span: place, kind })
    }

    /// Tests joined by `and`, `or` and `not`.
    fn joined(&mut self, pair: Pair<'_>, around: Span) -> Option<Condition> {
        let place = span(&pair);
        let mut tokens = Vec::new();
        let mut end = around.start;
        for part in pair.into_inner() {
            let here = span(&part);
            join::gap(self.slice(Span { start: end, end: here.start }), &mut tokens);
            end = here.end;
            if part.as_rule() == Rule::kw_not {
                tokens.push(join::Token::Not(here));
            } else {
                tokens.extend(self.test(part).map(join::Token::Test));
            }
        }
        join::gap(self.slice(Span { start: end, end: around.end }), &mut tokens);
        let joined = join::join(tokens, place)?;
        for finding in joined.findings {
            self.report(finding);
        }
        Some(joined.condition)
    }

    fn test(&mut self, pair: Pair<'_>) -> Option<Test> {
        let place = span(&pair);
        let kind = match pair.as_rule() {
            Rule::existence => {
                TestKind::Existence { exists: pair.into_inner().all(|word| word.as_rule() != Rule::kw_not) }
            }
            Rule::permission => {
                let mode = pair.into_inner().last()?;
                TestKind::Permission { mode: span(&mode).with(self.written(&mode).to_owned()) }
            }
            Rule::owner => {
                let mut parts = pair.into_inner().skip(1);
                let which = match &*small(self.written(&parts.next()?)) {
                    "uid" => Owner::Uid,
                    "euid" => Owner::Euid,
                    _ => Owner::Gid,
                };
                TestKind::Owner { which, name: self.text(&parts.next()?, Wanted::Identity) }
            }
            Rule::attribute => {
                let attribute = pair.into_inner().last()?;
                TestKind::SecurityAttribute { attribute: self.text(&attribute, Wanted::Text) }
            }
            Rule::checksum => self.checksum(pair),
            Rule::changed => TestKind::Changed(self.changed(pair)?),
            Rule::link => {
                let state = pair.into_inner().find(|part| part.as_rule() == Rule::link_state);
                // `failed link` is Monit's old word for a link that is down.
                TestKind::Link { up: state.is_some_and(|state| self.written(&state).eq_ignore_ascii_case("up")) }
            }
            Rule::content_equals | Rule::content_match => TestKind::Content(self.content(pair)?),
            Rule::plugin_changed | Rule::plugin_limit | Rule::plugin_outcome => {
                TestKind::Plugin(Box::new(self.plugin_test(pair)?))
            }
            Rule::performance => TestKind::Performance(self.performance(pair)?),
            Rule::connection => TestKind::Connection(Box::new(self.connection(pair)?)),
            Rule::ping => TestKind::Ping(self.ping(pair)?),
            _ => TestKind::Limit(self.limit(pair)?),
        };
        Some(Test { span: place, kind })
    }

    fn checksum(&mut self, pair: Pair<'_>) -> TestKind {
        let (mut hash, mut expected) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::hash_kind => hash = Some(self.hash_kind(&part)),
                Rule::kw_failed | Rule::kw_checksum | Rule::kw_expect => {}
                _ => expected = Some(self.text(&part, Wanted::Word)),
            }
        }
        TestKind::Checksum { hash, expected }
    }

    /// `md5`, `sha1` or `sha256`.
    pub(super) fn hash_kind(&mut self, pair: &Pair<'_>) -> Spanned<HashKind> {
        let place = span(pair);
        let kind = match &*small(self.written(pair)) {
            "md5" => HashKind::Md5,
            "sha1" => HashKind::Sha1,
            _ => {
                if self.is_monit() {
                    let headline = "Monit 5.33 does not know `sha256`";
                    self.report(Finding::warning("not-portable", place, headline));
                }
                HashKind::Sha256
            }
        };
        place.with(kind)
    }

    fn changed(&mut self, pair: Pair<'_>) -> Option<Spanned<Changed>> {
        let mut hash = None;
        for part in pair.into_inner() {
            let here = span(&part);
            let changed = match part.as_rule() {
                Rule::kw_changed => continue,
                Rule::hash_kind => {
                    hash = Some(self.hash_kind(&part).node);
                    continue;
                }
                Rule::kw_checksum => Changed::Checksum(hash),
                Rule::times => Changed::Timestamp(times(self.written(&part))),
                _ => match &*small(self.written(&part)) {
                    "pid" => Changed::Pid,
                    "ppid" => Changed::Ppid,
                    "fsflag" | "fsflags" => Changed::FilesystemFlags,
                    "status" => Changed::Status,
                    "link" => Changed::Link,
                    "size" => Changed::Size,
                    "checksum" => Changed::Checksum(None),
                    _ => Changed::Permission,
                },
            };
            return Some(here.with(changed));
        }
        None
    }

    /// `content = PATTERN`, `content != PATTERN`, `match PATTERN` or `not match PATTERN`.
    pub(super) fn content(&mut self, pair: Pair<'_>) -> Option<ContentTest> {
        let place = span(&pair);
        let (mut negated, mut from_file, mut pattern) = (false, false, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_content | Rule::kw_match => {}
                Rule::kw_not => negated = true,
                Rule::patterns_from => from_file = true,
                Rule::operator | Rule::wrong_operator => negated = self.equality(&part),
                _ => pattern = Some(self.text(&part, Wanted::Text)),
            }
        }
        let pattern = pattern?;
        if self.is_monit() {
            from_file = pattern.node.starts_with('/') && !self.slice(pattern.span).contains('\n');
        }
        Some(ContentTest { span: place, negated, from_file, pattern })
    }

    /// Whether a comparison with a pattern is `!=`.
    fn equality(&mut self, pair: &Pair<'_>) -> bool {
        let operator = self.operator(pair);
        match operator.node {
            Operator::Equal => false,
            Operator::NotEqual => true,
            _ => {
                let headline = format!("`{}` compares numbers, and this is a pattern", self.written(pair));
                let finding = Finding::error("syntax-error", operator.span, headline);
                self.report(finding.help("write `=` for what must match, or `!=` for what must not"));
                false
            }
        }
    }

    fn limit(&mut self, pair: Pair<'_>) -> Option<Limit> {
        let (mut measured, mut per_core, mut operator, mut value, mut window) = (None, false, None, None, None);
        for part in pair.into_inner() {
            let here = span(&part);
            match part.as_rule() {
                Rule::metric | Rule::total => {
                    self.need_single_blank(here);
                    let words = self.written(&part);
                    measured = Some(here.with((metric(words), is_total_transfer(words))));
                }
                Rule::kw_core => {
                    per_core = true;
                    if let Some(measured) = &mut measured {
                        measured.span = measured.span.to(here);
                    }
                }
                Rule::operator | Rule::wrong_operator => operator = Some(self.operator(&part)),
                Rule::kw_changed => operator = Some(here.with(Operator::Changed)),
                Rule::per_second => {}
                Rule::window => window = Some(self.window(part)),
                _ => value = Some(self.quantity(part)),
            }
        }
        let (measured, mut value) = (measured?, value?);
        let (mut name, total) = measured.node;
        // `total upload > 10 minutes`: a number without a unit, and the time.
        if total
            && window.is_none()
            && let Some(unit) = value.unit.take_if(|unit| is_time(unit.node))
        {
            value.span = value.number.span;
            let one = Span { start: unit.span.start, end: unit.span.start }.with(Value::Literal(1.0));
            window = Some(Quantity { span: unit.span, number: one, unit: Some(unit) });
        }
        if let MetricName::LoadAverage { per_core: written, .. } = &mut name {
            *written = per_core;
        }
        if total && window.is_none() {
            let finding = Finding::error("syntax-error", measured.span, "over how long the total is taken is missing");
            self.report(finding.help("write `total download > 10 GB in last 2 hours`, or `download > 10 MB/s`"));
        }
        Some(Limit { metric: measured.span.with(name), operator, value, window })
    }

    /// Monit has words of two parts with one blank between them.
    fn need_single_blank(&mut self, place: Span) {
        let words = self.slice(place);
        if !words.bytes().any(|byte| byte.is_ascii_whitespace()) {
            return;
        }
        let parts: Vec<&str> = words.split_ascii_whitespace().collect();
        let two = |first: &str, second: &str| match parts.as_slice() {
            [one, other] => one.eq_ignore_ascii_case(first) && other.to_ascii_lowercase().starts_with(second),
            _ => false,
        };
        let known = two("service", "time")
            || ["access", "change", "modify", "modification"].iter().any(|word| two(word, "time"));
        if self.is_monit() && known && words.len() > parts.iter().map(|part| part.len()).sum::<usize>() + 1 {
            let single = parts.join(" ");
            let finding = Finding::warning("not-portable", place, format!("Monit wants one blank in `{single}`"));
            self.report(finding.fix("leave the other blanks out", place, single, true));
        }
    }

    fn window(&mut self, pair: Pair<'_>) -> Quantity {
        let place = span(&pair);
        let (mut number, mut unit) = (Span { start: place.start, end: place.start }.with(Value::Literal(1.0)), None);
        for part in pair.into_inner() {
            if part.as_rule() == Rule::time_unit {
                unit = Some(self.unit(&part, number.span));
            } else {
                number = self.value(&part);
            }
        }
        Quantity { span: place, number, unit }
    }
}

/// Whether Monit lets the test stand beside others.
fn is_resource(test: &Test) -> bool {
    use MetricName as M;
    match &test.kind {
        TestKind::Limit(limit) => !matches!(
            limit.metric.node,
            M::FileDescriptors
                | M::TotalFileDescriptors
                | M::Uptime
                | M::ServiceTime
                | M::Space
                | M::SpaceFree
                | M::Inodes
                | M::InodesFree
                | M::Size
                | M::Timestamp(_)
                | M::Status
                | M::Saturation
                | M::Upload
                | M::Download
        ),
        _ => false,
    }
}

fn is_time(unit: Unit) -> bool {
    matches!(unit, Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Month | Unit::Millisecond)
}

fn is_total_transfer(written: &str) -> bool {
    let word = small(written);
    word.starts_with("total") && word.contains("load")
}

fn times(written: &str) -> TimestampKind {
    match written.as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(b'a') => TimestampKind::Access,
        Some(b'c') => TimestampKind::Change,
        Some(b'm') => TimestampKind::Modify,
        _ => TimestampKind::Any,
    }
}

fn metric(written: &str) -> MetricName {
    let lower = small(written);
    let kinds = lower.starts_with("cpu") || lower.starts_with("loadavg");
    let (head, inside) = lower.split_once('(').filter(|_| kinds).unwrap_or((&lower, ""));
    let blank = |c: char| c.is_ascii_whitespace() || matches!(c, '\\' | ',' | ';' | '(' | ')' | '\u{FEFF}');
    let mut words = head.split(blank).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let last = words.next_back().unwrap_or(first);
    match (first, last) {
        ("totalcpu", _) | ("total", "cpu") => MetricName::TotalCpu,
        ("totalmem" | "totalmemory", _) | ("total", "mem" | "memory") => MetricName::TotalMemory,
        ("total", "filedescriptors") => MetricName::TotalFileDescriptors,
        ("upload" | "uploaded", _) | ("total", "upload" | "uploaded") => MetricName::Upload,
        ("download" | "downloaded", _) | ("total", "download" | "downloaded") => MetricName::Download,
        ("cpu" | "cpuusage", _) if lower.contains('(') => cpu(inside.trim_matches(blank)),
        ("cpu", _) => MetricName::Cpu,
        ("swap", _) => MetricName::Swap,
        ("loadavg", _) => {
            let minutes = match inside.trim_start().as_bytes() {
                [b'1', b'5', ..] => 15,
                [b'5', ..] => 5,
                _ => 1,
            };
            MetricName::LoadAverage { minutes, per_core: false }
        }
        ("space", "free") => MetricName::SpaceFree,
        ("space", _) => MetricName::Space,
        ("inode" | "inodes", "free") => MetricName::InodesFree,
        ("inode" | "inodes", _) => MetricName::Inodes,
        ("disk", "read") => MetricName::DiskRead,
        ("disk", _) => MetricName::DiskWrite,
        ("read", _) => MetricName::Read,
        ("write", _) => MetricName::Write,
        ("service" | "servicetime", _) => MetricName::ServiceTime,
        ("size", _) => MetricName::Size,
        ("thread" | "threads", _) => MetricName::Threads,
        ("child" | "children", _) => MetricName::Children,
        ("filedescriptors", _) => MetricName::FileDescriptors,
        ("uptime", _) => MetricName::Uptime,
        ("status", _) => MetricName::Status,
        ("saturation", _) => MetricName::Saturation,
        ("mem" | "memory", _) => MetricName::Memory,
        _ => MetricName::Timestamp(times(first)),
    }
}

fn cpu(kind: &str) -> MetricName {
    match kind {
        "system" | "sys" | "sy" => MetricName::CpuSystem,
        "wait" | "wa" => MetricName::CpuWait,
        "nice" => MetricName::CpuNice,
        "hardirq" => MetricName::CpuHardirq,
        "softirq" => MetricName::CpuSoftirq,
        "steal" => MetricName::CpuSteal,
        "guest" => MetricName::CpuGuest,
        "guestnice" => MetricName::CpuGuestNice,
        // Empty parentheses mean the user's share to Monit.
        _ => MetricName::CpuUser,
    }
}
