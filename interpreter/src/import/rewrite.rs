//! What the two dialects read differently, and how it is written for ours.

use grammar::ast::{
    self, Action, ActionKind, Changed, Check, CheckStatement, Condition, ConditionKind, Connection, ConnectionOption,
    ContentTest, Endpoint, MailPartKind, Method, MetricName, Operator, PingOption, ResponseTime, Rule, RuleFile,
    ServiceKind, SettingKind, Statement, Target, Test, TestKind, TlsBlock, TlsOption, TlsSettingKind, Value,
};
use grammar::parse::{quote, quote_program, quoted_texts};
use grammar::{Dialect, Finding, Source, Span, Spanned};

use super::edit::Edits;
use crate::check::{mail_as_it_is_meant, mail_as_monit_reads};
use crate::pattern;
use crate::program::{Limits, Program};

/// What came out.
pub(super) struct Rewritten {
    pub(super) text: String,
    /// What cannot be said in the other dialect.
    pub(super) unsayable: Vec<Finding>,
}

/// Writes the text again.
pub(super) fn rewrite(source: &Source, file: &RuleFile, meant: &Program, findings: &[Finding]) -> Rewritten {
    let mut rewrite = Rewrite {
        text: source.text(),
        edits: Edits::default(),
        unsayable: Vec::new(),
        limits: Limits::DEFAULT.network_timeout != meant.settings.limits.network_timeout,
        ports: 0,
        pings: 0,
        ping_address: None,
        forgotten: findings.iter().filter(|one| one.name == "never-fires").map(Finding::span).collect(),
        programs: Vec::new(),
    };
    rewrite.file(file);
    rewrite.texts();
    rewrite.numbers();
    let mut text = rewrite.edits.apply(source.text());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Rewritten { text, unsayable: rewrite.unsayable }
}

struct Rewrite<'a> {
    text: &'a str,
    edits: Edits,
    unsayable: Vec<Finding>,
    /// Whether the file sets another time-out for connections.
    limits: bool,
    ports: usize,
    pings: usize,
    ping_address: Option<&'a str>,
    /// What Monit reads and forgets.
    forgotten: Vec<Span>,
    /// Where programs stand, which are not quoted texts.
    programs: Vec<Span>,
}

impl<'a> Rewrite<'a> {
    fn file(&mut self, file: &RuleFile) {
        let mut settled = false;
        for statement in &file.statements {
            match statement {
                Statement::Check(check) => self.check(check),
                Statement::Set(setting) => match &setting.kind {
                    SettingKind::Tls(block) => {
                        settled = true;
                        self.tls_block(block);
                    }
                    // Monit takes no note of a shorter time-out than its own.
                    SettingKind::MailServers { servers, timeout, .. } => {
                        servers.iter().for_each(|server| self.tls(&server.tls));
                        if let Some(timeout) = timeout {
                            self.mail_timeout(timeout);
                        }
                    }
                    SettingKind::Mmonit(servers) => servers.iter().for_each(|server| self.tls(&server.tls)),
                    SettingKind::MailFormat(format) => self.mail_format(format),
                    SettingKind::Alert(target) => self.alert(target),
                    _ => {}
                },
            }
        }
        // Monit verifies nobody unless told to.
        if !settled && self.mentions_tls() {
            self.edits
                .insert(0, "# Monit verifies no certificate unless it is told to.\nset ssl { verify: disable }\n\n");
        }
    }

    fn tls(&mut self, options: &[TlsOption]) {
        for option in options {
            if let TlsOption::Block(block) = option {
                self.tls_block(block);
            }
        }
    }

    /// What switches encryption on, and does not say whether to verify, says so.
    fn tls_block(&mut self, block: &TlsBlock) {
        let silent = block.options.iter().all(|one| !matches!(one.kind, TlsSettingKind::Verify(_)));
        let first = block.options.iter().find(|one| !matches!(one.kind, TlsSettingKind::Ciphers(_)));
        if let (true, Some(first)) = (silent, first) {
            self.edits.insert(first.span.start, "verify: disable, ");
        }
    }

    fn mentions_tls(&self) -> bool {
        const WORDS: [&str; 9] = ["ssl", "tls", "https", "imaps", "pops", "smtps", "mysqls", "certificate", "certmd5"];
        let text = self.text.to_ascii_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    }

    fn alert(&mut self, target: &ast::AlertTarget) {
        if let Some(format) = &target.format {
            self.mail_format(format);
        }
    }

    /// Monit's reading of an address goes on to the end of its line.
    fn mail_format(&mut self, format: &ast::MailFormat) {
        for part in &format.parts {
            if !matches!(part.kind, MailPartKind::From | MailPartKind::ReplyTo) {
                continue;
            }
            if let Some(read) = mail_as_monit_reads(&part.text.node)
                && mail_as_it_is_meant(&part.text.node).as_ref() != Some(&read)
            {
                let written = match &read.name {
                    Some(name) => format!("{name} <{}>", read.address),
                    None => read.address.clone(),
                };
                if mail_as_it_is_meant(&written).as_ref() != Some(&read) {
                    let headline = "Monit reads this as an address that nobody has";
                    let finding = Finding::error("mail-address", part.text.span, headline);
                    self.unsayable.push(finding.help("write `NAME <somebody@example.com>`, on a line of its own"));
                    continue;
                }
                self.edits.replace(part.text.span, written);
            }
        }
    }

    fn mail_timeout(&mut self, timeout: &ast::Length) {
        let seconds = timeout.parts.first().and_then(|part| part.number.node.literal().copied()).unwrap_or_default();
        if seconds <= 30.0
            && let Some(part) = timeout.parts.first()
        {
            self.edits.replace(part.number.span, "30");
        }
    }

    /// The name of a service or a group, where it is quoted.
    fn name(&mut self, name: &Spanned<String>) {
        let written = self.slice(name.span);
        if written.starts_with(['"', '\'']) && written.get(1..written.len() - 1) != Some(&name.node) {
            self.edits.replace(name.span, quote(&name.node));
        }
    }

    fn check(&mut self, check: &Check) {
        self.name(&check.name);
        match &check.target {
            Some(Target::Matching(pattern)) => self.pattern(pattern),
            Some(Target::Program(target)) => {
                let before = self.slice(Span { start: check.head.start, end: target.program.span.start });
                let path = before.to_ascii_lowercase().rfind("path").map_or(before.len(), |at| at + "path".len());
                let from = Span::new(check.head.start as usize + path, check.head.end as usize).start;
                self.program(&target.program, from);
            }
            _ => {}
        }
        for statement in &check.statements {
            match statement {
                CheckStatement::Method(method) => self.method(method),
                CheckStatement::Rule(rule) if self.is_replaced(check, rule) => {
                    self.comment_out(rule.span, "Monit knows one such test for each service, the last");
                }
                CheckStatement::Rule(rule) => self.rule(check, rule),
                CheckStatement::RestartLimit(limit) => self.action(&limit.action),
                CheckStatement::Ignore { content, .. } => self.content(content),
                CheckStatement::Alert(target) => self.alert(target),
                CheckStatement::Group { name, .. } => self.name(name),
                CheckStatement::DependsOn { names, .. } => names.iter().for_each(|name| self.name(name)),
                _ => {}
            }
        }
    }

    /// Whether a later test of the same service takes the place of this one.
    fn is_replaced(&self, check: &Check, rule: &Rule) -> bool {
        let Some(slot) = slot(rule) else { return false };
        check.statements.iter().any(|statement| match statement {
            CheckStatement::Rule(later) => later.span.start > rule.span.start && self::slot(later) == Some(slot),
            _ => false,
        })
    }

    fn rule(&mut self, check: &Check, rule: &Rule) {
        let Some(last) = rule.condition.tests().last() else { return };
        let load = |kind: &TestKind| matches!(kind, TestKind::Limit(limit) if matches!(limit.metric.node, MetricName::LoadAverage { .. }));
        if check.kind.node == ServiceKind::Process && load(&last.kind) {
            return self.comment_out(rule.span, "Monit never makes this test in a process entry");
        }
        self.condition(&rule.condition, rule.span.start);
        self.action(&rule.action);
        if let Some(recovery) = &rule.recovery {
            if self.forgotten.iter().any(|span| recovery.span.start <= span.start && span.end <= recovery.span.end) {
                return self.comment_out(recovery.span, "Monit forgets this");
            }
            self.action(&recovery.action);
        }
    }

    fn condition(&mut self, condition: &Condition, start: u32) {
        if let ConditionKind::Last(tests) = &condition.kind
            && let (Some(first), Some(last)) = (tests.first(), tests.last())
        {
            let ignored = Span { start: first.span.start, end: last.span.start };
            let written = self.flat(ignored);
            self.edits.insert(start, format!("# Monit ignores: {written}\n    "));
            self.edits.replace(ignored, "");
            return self.test(last);
        }
        for test in condition.tests() {
            self.test(test);
        }
    }

    fn test(&mut self, test: &Test) {
        match &test.kind {
            TestKind::Connection(connection) => self.connection(connection),
            TestKind::Ping(ping) => {
                self.pings += 1;
                let timed = ping.options.iter().any(|option| matches!(option, PingOption::Timeout(_)));
                if self.limits && self.pings == 1 && !timed {
                    self.edits.insert(ping.family.span.end, " with timeout 5 seconds");
                }
                let mut from = None;
                for option in &ping.options {
                    match option {
                        PingOption::ResponseTime(time) => self.response_time(time),
                        PingOption::SourceAddress(address) => from = Some(self.slice(address.span)),
                        _ => {}
                    }
                }
                // To Monit the address of an earlier ping holds for the later ones.
                match (from, self.ping_address) {
                    (Some(_), _) => self.ping_address = from,
                    (None, Some(address)) => self.edits.insert(ping.family.span.end, format!(" address {address}")),
                    (None, None) => {}
                }
            }
            TestKind::Content(content) => self.content(content),
            TestKind::Limit(limit)
                if limit.metric.node == MetricName::Status
                    && limit.operator.is_some_and(|operator| operator.node == Operator::Changed) =>
            {
                self.edits.replace(test.span, "changed status");
            }
            // The default is MD5 to Monit, and SHA-256 in the other dialect.
            TestKind::Checksum { hash: None, expected: None } => {
                let at = self.slice(test.span).to_ascii_lowercase().find("checksum").unwrap_or_default();
                self.edits.insert(Span::new(test.span.start as usize + at, test.span.end as usize).start, "md5 ");
            }
            TestKind::Changed(changed) if changed.node == Changed::Checksum(None) => {
                self.edits.insert(changed.span.start, "md5 ");
            }
            _ => {}
        }
    }

    fn connection(&mut self, connection: &Connection) {
        self.ports += 1;
        let end = match &connection.endpoint {
            Endpoint::Port { port, .. } => {
                self.port(port);
                port.span.end
            }
            Endpoint::Url(text) | Endpoint::Unix(text) => text.span.end,
        };
        let timed = connection.options.iter().any(|option| matches!(option, ConnectionOption::Timeout(_)));
        if self.limits && self.ports == 1 && !timed {
            self.edits.insert(end, " with timeout 5 seconds ");
        }
        for option in &connection.options {
            match option {
                ConnectionOption::Tls(TlsOption::Block(block)) => self.tls_block(block),
                ConnectionOption::Expect(pattern) => self.pattern(pattern),
                ConnectionOption::Content(content) => self.content(content),
                ConnectionOption::ResponseTime(time) => self.response_time(time),
                _ => {}
            }
        }
    }

    /// Monit uses the lower 16 bits of a port.
    fn port(&mut self, port: &Spanned<Value<f64>>) {
        if let Value::Literal(number) = port.node
            && number > 65_535.0
        {
            let used = number.rem_euclid(65_536.0);
            self.edits.replace(port.span, format!("{used}"));
        }
    }

    fn response_time(&mut self, time: &ResponseTime) {
        if time.operator.is_none() {
            self.edits.insert(time.value.span.start, "= ");
        }
    }

    fn content(&mut self, content: &ContentTest) {
        if content.from_file {
            self.edits.insert(content.pattern.span.start, "patterns from ");
        } else {
            self.pattern(&content.pattern);
        }
    }

    /// A pattern in the syntax of the other dialect.
    fn pattern(&mut self, written: &Spanned<String>) {
        match pattern::translate(&written.node) {
            Ok(translated) if translated == written.node => {}
            Ok(translated) => self.edits.replace(written.span, quote(&translated)),
            Err(error) => {
                let headline = format!("this pattern cannot be said in the `rules` dialect: {error}");
                self.unsayable.push(Finding::error("wrong-pattern", written.span, headline));
            }
        }
    }

    fn method(&mut self, method: &Method) {
        self.program(&method.program, method.kind.span.end);
    }

    fn action(&mut self, action: &Action) {
        if let ActionKind::Exec(exec) = &action.kind {
            let word = self.slice(action.span).bytes().take_while(u8::is_ascii_alphabetic).count();
            let from = Span::new(action.span.start as usize + word, action.span.end as usize).start;
            self.program(&exec.program, from);
        }
    }

    /// A program is written in double quotes right behind the words that open it, which end at `from`, unless it
    /// already stands so and nothing else belongs to it.
    fn program(&mut self, program: &ast::Program, from: u32) {
        self.programs.push(program.span);
        let between = self.slice(Span { start: from, end: program.span.start });
        let opened = !between.contains(['\n', '#', ',', ';', '(', ')', '\\'])
            && {
                let words: Vec<&str> = between.split_ascii_whitespace().collect();
                matches!(words.as_slice(), [] | ["="])
                    || matches!(words.as_slice(), [one] | [one, "="] if one.trim_end_matches('=').eq_ignore_ascii_case("program"))
            };
        let written = self.slice(program.span);
        let inside = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let plain = inside.is_some_and(|inside| !inside.contains(['"', '\\', '\'', '\r']));
        let words = program.words.iter().map(|word| word.node.as_str());
        let split = inside.is_some_and(|inside| inside.split_ascii_whitespace().eq(words));
        if opened && plain && split {
            return;
        }
        // Comments that stood between are kept behind it.
        let comments: String =
            between.lines().filter_map(|line| Some(format!(" {}\n", line.get(comment_in(line)?..)?.trim()))).collect();
        let said: String =
            between.lines().map(|line| comment_in(line).and_then(|at| line.get(..at)).unwrap_or(line)).collect();
        let opening = match (said.to_ascii_lowercase().contains("program"), said.contains('=')) {
            (true, true) => " program =",
            (true, false) => " program",
            (false, true) => " =",
            (false, false) => "",
        };
        let place = Span { start: from, end: program.span.end };
        self.edits.replace(place, format!("{opening} {}{comments}", quote_program(&program.words)));
    }

    /// Quoted texts that the other dialect would read in another way.
    fn texts(&mut self) {
        for text in quoted_texts(self.text, Dialect::Monit) {
            let in_program =
                self.programs.iter().any(|program| program.start <= text.span.start && text.span.end <= program.end);
            if in_program || self.edits.covers(text.span) {
                continue;
            }
            let quoted = self.slice(text.span);
            let again = quoted_texts(quoted, Dialect::Rules);
            let same =
                matches!(again.as_slice(), [one] if one.node == text.node && one.span.end as usize == quoted.len());
            if !same {
                self.edits.replace(text.span, quote(&text.node));
            }
        }
    }

    /// Whole numbers that Monit cuts off to 32 bits.
    fn numbers(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if !byte.is_ascii_digit() {
                at += 1;
                continue;
            }
            let length = bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
            let alone = at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(u8::is_ascii_whitespace)
                && bytes.get(at + length).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'%');
            let place = Span::new(at, at + length);
            at += length;
            let digits = self.slice(place);
            if length < 10 || !alone || self.edits.covers(place) {
                continue;
            }
            let number: f64 = digits.parse().unwrap_or_default();
            let kept = digits.parse::<i64>().unwrap_or(i64::MAX);
            #[expect(clippy::cast_possible_truncation, reason = "cutting off is what Monit does")]
            let kept = kept as i32;
            if f64::from(kept) != number {
                // What is left of it without a sign, as sizes and ages are kept.
                let meant = if kept < 0 { 2f64.powi(64) + f64::from(kept) } else { f64::from(kept) };
                self.edits.replace(place, format!("{meant:.0}"));
            }
        }
    }

    fn comment_out(&mut self, place: Span, why: &str) {
        let written = self.flat(place);
        self.edits.replace(place, format!("# {why}: {written}\n"));
    }

    /// What stands there, so that it fits behind the `#` of a comment.
    fn flat(&self, place: Span) -> String {
        let lines: Vec<&str> = self.slice(place).lines().map(str::trim).collect();
        lines.join("\n    # ")
    }

    fn slice(&self, place: Span) -> &'a str {
        self.text.get(place.range()).unwrap_or_default()
    }
}

/// Where a comment begins in a line of which no quoted text is a part.
fn comment_in(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    line.find('#')
        .filter(|at| at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(u8::is_ascii_whitespace))
}

/// What Monit has room for once in a service.
fn slot(rule: &Rule) -> Option<u8> {
    Some(match &rule.condition.tests().last()?.kind {
        TestKind::Owner { which, .. } => match which {
            ast::Owner::Uid => 0,
            ast::Owner::Euid => 1,
            ast::Owner::Gid => 2,
        },
        TestKind::Permission { .. } => 3,
        TestKind::Checksum { .. } => 4,
        TestKind::Changed(changed) => match changed.node {
            Changed::Permission => 3,
            Changed::Checksum(_) => 4,
            _ => return None,
        },
        _ => return None,
    })
}
