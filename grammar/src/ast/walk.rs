//! A walk over the whole tree: every part of it that was written, with its place and with what it is a part of.

mod plugin;

use super::{
    Action, ActionKind, AlertTarget, Allow, Check, CheckStatement, Condition, ConditionKind, Connection,
    ConnectionOption, ContentTest, Endpoint, Exec, Httpd, HttpdOptionKind, Length, Limit, LogTarget, MailFormat,
    PerformanceTest, Ping, PingOption, Program, Protocol, Quantity, Rate, ResponseTime, Rule, RuleFile, Schedule,
    Setting, SettingKind, Statement, Target, Test, TestKind, TlsBlock, TlsOption, TlsSettingKind,
};
use crate::{Span, Spanned};

/// One part of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// What it is, in a word: `rule`, `name`, `unit`.
    pub name: &'static str,
    /// Where it was written.
    pub span: Span,
    /// Which of the nodes it is a part of; nothing for a statement of the file.
    pub parent: Option<usize>,
}

/// Every part of the tree. A node stands before its parts; parts that may be written in any order stand in the order
/// of the tree.
///
/// What means something without being written, as the 1 in `in last hour` does, has no place and is left out.
pub fn nodes(file: &RuleFile) -> Vec<Node> {
    let mut walk = Walk::default();
    for statement in &file.statements {
        match statement {
            Statement::Set(setting) => walk.setting(setting),
            Statement::Check(check) => walk.check(check),
        }
    }
    walk.nodes
}

#[derive(Default)]
struct Walk {
    nodes: Vec<Node>,
    parent: Option<usize>,
}

impl Walk {
    fn node(&mut self, name: &'static str, span: Span, parts: impl FnOnce(&mut Walk)) {
        if span.start == span.end {
            return;
        }
        let outer = self.parent;
        self.nodes.push(Node { name, span, parent: outer });
        self.parent = Some(self.nodes.len() - 1);
        parts(self);
        self.parent = outer;
    }

    fn leaf<T>(&mut self, name: &'static str, leaf: &Spanned<T>) {
        self.node(name, leaf.span, |_| {});
    }

    fn leaves<'a, T: 'a>(&mut self, name: &'static str, leaves: impl IntoIterator<Item = &'a Spanned<T>>) {
        leaves.into_iter().for_each(|leaf| self.leaf(name, leaf));
    }

    // ---- set ----

    fn setting(&mut self, setting: &Setting) {
        self.node("setting", setting.span, |walk| match &setting.kind {
            SettingKind::Daemon { cycle, start_delay } => {
                walk.leaf("number", cycle);
                walk.leaves("number", start_delay);
            }
            SettingKind::Alert(target) => walk.recipient(target),
            SettingKind::MailServers { servers, timeout, hostname } => {
                for server in servers {
                    walk.node("server", server.span, |walk| {
                        walk.leaf("host", &server.host);
                        walk.leaves("number", &server.port);
                        walk.leaves("user", &server.username);
                        walk.leaves("password", &server.password);
                        server.tls.iter().for_each(|option| walk.tls_option(option));
                    });
                }
                timeout.iter().for_each(|length| walk.length(length));
                walk.leaves("host", hostname);
            }
            SettingKind::MailFormat(format) => walk.mail_format(format),
            SettingKind::Log(LogTarget::Path(path)) => walk.leaf("path", path),
            SettingKind::Log(LogTarget::Syslog { span, facility }) => {
                walk.node("syslog", *span, |_| {});
                walk.leaves("facility", facility);
            }
            SettingKind::Tls(block) => walk.tls_block(block),
            SettingKind::EventQueue { directory, slots } => {
                walk.leaves("path", directory);
                walk.leaves("number", slots);
            }
            SettingKind::Mmonit(servers) => {
                for server in servers {
                    walk.node("server", server.span, |walk| {
                        walk.leaf("url", &server.url);
                        server.timeout.iter().for_each(|length| walk.length(length));
                        server.tls.iter().for_each(|option| walk.tls_option(option));
                        let without = server.without_credentials.iter();
                        without.for_each(|span| walk.node("without-credentials", *span, |_| {}));
                    });
                }
            }
            SettingKind::Httpd(httpd) => walk.httpd(httpd),
            SettingKind::PidFile(path) | SettingKind::IdFile(path) | SettingKind::StateFile(path) => {
                walk.leaf("path", path);
            }
            SettingKind::ExpectBuffer(quantity) => walk.quantity(quantity),
            SettingKind::Limits(limits) => {
                for limit in limits {
                    walk.node("limit", limit.span, |walk| {
                        walk.leaf("name", &limit.name);
                        walk.quantity(&limit.value);
                    });
                }
            }
            SettingKind::OnReboot(start) => walk.leaf("word", start),
            SettingKind::Terminal | SettingKind::Init | SettingKind::Fips => {}
        });
    }

    fn httpd(&mut self, httpd: &Httpd) {
        self.node("httpd", httpd.span, |walk| {
            for option in &httpd.options {
                walk.node("httpd-option", option.span, |walk| match &option.kind {
                    HttpdOptionKind::Port { port, read_only: _ } => walk.leaf("number", port),
                    HttpdOptionKind::UnixSocket { path, uid, gid, mode, read_only: _ } => {
                        walk.leaf("path", path);
                        walk.leaves("uid", uid);
                        walk.leaves("gid", gid);
                        walk.leaves("permission", mode);
                    }
                    HttpdOptionKind::Address(text) => walk.leaf("host", text),
                    HttpdOptionKind::PemFile(text) | HttpdOptionKind::ClientPemFile(text) => walk.leaf("path", text),
                    HttpdOptionKind::Tls(option) => walk.tls_option(option),
                    HttpdOptionKind::Signature(switch) => walk.leaf("switch", switch),
                    HttpdOptionKind::Allow(allow) => walk.allow(allow),
                    HttpdOptionKind::AllowSelfCertification => {}
                });
            }
        });
    }

    fn allow(&mut self, allow: &Allow) {
        match allow {
            Allow::User { user, password, read_only: _ } => {
                self.leaf("user", user);
                self.leaf("password", password);
            }
            Allow::Group { group, read_only: _ } => self.leaf("users", group),
            Allow::File { kind, path, users } => {
                self.leaves("kind", kind);
                self.leaf("path", path);
                self.leaves("user", users);
            }
            Allow::Host(host) => self.leaf("host", host),
        }
    }

    fn recipient(&mut self, target: &AlertTarget) {
        self.node("recipient", target.span, |walk| {
            walk.leaf("address", &target.address);
            if let Some(events) = &target.events {
                walk.node("events", events.span, |walk| walk.leaves("event", &events.events));
            }
            target.format.iter().for_each(|format| walk.mail_format(format));
            walk.leaves("number", &target.reminder_cycles);
        });
    }

    fn mail_format(&mut self, format: &MailFormat) {
        self.node("mail-format", format.span, |walk| {
            for part in &format.parts {
                walk.node("mail-part", part.span, |walk| walk.leaf("text", &part.text));
            }
        });
    }

    fn tls_option(&mut self, option: &TlsOption) {
        match option {
            TlsOption::Plain(span) => self.node("ssl", *span, |_| {}),
            TlsOption::Block(block) => self.tls_block(block),
            TlsOption::Version(version) => self.leaf("version", version),
            TlsOption::CertMd5(hash) => self.leaf("hash", hash),
            TlsOption::CertificateChecksum { span, hash, expected } => self.node("certificate", *span, |walk| {
                walk.leaves("kind", hash);
                walk.leaf("hash", expected);
            }),
            TlsOption::CertificateValid { span, days } => {
                self.node("certificate", *span, |walk| walk.quantity(days));
            }
        }
    }

    fn tls_block(&mut self, block: &TlsBlock) {
        self.node("tls", block.span, |walk| {
            for setting in &block.options {
                walk.node("tls-setting", setting.span, |walk| match &setting.kind {
                    TlsSettingKind::Versions(versions) => walk.leaves("version", versions),
                    TlsSettingKind::Verify(switch) | TlsSettingKind::SelfSigned(switch) => walk.leaf("switch", switch),
                    TlsSettingKind::Ciphers(text) => walk.leaf("text", text),
                    TlsSettingKind::PemFile(path)
                    | TlsSettingKind::PemChain(path)
                    | TlsSettingKind::PemKey(path)
                    | TlsSettingKind::ClientPemFile(path)
                    | TlsSettingKind::CaFile(path)
                    | TlsSettingKind::CaPath(path) => walk.leaf("path", path),
                });
            }
        });
    }

    // ---- check ----

    fn check(&mut self, check: &Check) {
        self.node("check", check.span, |walk| {
            walk.node("head", check.head, |walk| {
                walk.leaf("kind", &check.kind);
                walk.leaf("name", &check.name);
                check.target.iter().for_each(|target| walk.target(target));
            });
            check.statements.iter().for_each(|statement| walk.statement(statement));
        });
    }

    fn target(&mut self, target: &Target) {
        match target {
            Target::Pidfile(text) | Target::Path(text) => self.leaf("path", text),
            Target::Matching(text) => self.leaf("pattern", text),
            Target::Address(text) => self.leaf("host", text),
            Target::Interface(text) => self.leaf("interface", text),
            Target::Program(target) => {
                self.program(&target.program);
                self.run_as(&target.uid, &target.gid);
                target.timeout.iter().for_each(|length| self.length(length));
            }
            Target::Plugin(target) => self.plugin_target(target),
        }
    }

    fn program(&mut self, program: &Program) {
        self.node("program", program.span, |walk| walk.leaves("word", &program.words));
    }

    fn run_as(&mut self, uid: &Option<Spanned<String>>, gid: &Option<Spanned<String>>) {
        self.leaves("uid", uid);
        self.leaves("gid", gid);
    }

    fn statement(&mut self, statement: &CheckStatement) {
        match statement {
            CheckStatement::Method(method) => self.node("method", method.span, |walk| {
                walk.leaf("kind", &method.kind);
                walk.program(&method.program);
                walk.run_as(&method.uid, &method.gid);
                method.timeout.iter().for_each(|length| walk.length(length));
            }),
            CheckStatement::Rule(rule) => self.rule(rule),
            CheckStatement::RestartLimit(limit) => self.node("restart-limit", limit.span, |walk| {
                walk.leaf("number", &limit.restarts);
                walk.leaf("number", &limit.cycles);
                walk.action(&limit.action);
            }),
            CheckStatement::Ignore { span, content } => self.node("ignore", *span, |walk| walk.content(content)),
            CheckStatement::DependsOn { span, names } => self.node("depends", *span, |walk| walk.leaves("name", names)),
            CheckStatement::Group { span, name } => self.node("group", *span, |walk| walk.leaf("name", name)),
            CheckStatement::Mode { span, mode } => self.node("mode", *span, |walk| walk.leaf("word", mode)),
            CheckStatement::OnReboot { span, start } => self.node("onreboot", *span, |walk| walk.leaf("word", start)),
            CheckStatement::Every(every) => self.node("every", every.span, |walk| match &every.schedule {
                Schedule::Cycles(number) => walk.leaf("number", number),
                Schedule::Cron { fields, excluded: _ } => walk.leaf("text", fields),
            }),
            CheckStatement::Alert(target) => self.recipient(target),
            CheckStatement::Grant(grant) => self.grant(grant),
            CheckStatement::PluginPart(part) => self.node("plugin-part", part.span, |walk| {
                walk.protocol_options(&part.options);
                part.timeout.iter().for_each(|length| walk.length(length));
            }),
            CheckStatement::NoAlert { span, address } => {
                self.node("noalert", *span, |walk| walk.leaf("address", address));
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.node("rule", rule.span, |walk| {
            walk.condition(&rule.condition);
            rule.rate.iter().for_each(|rate| walk.rate(rate));
            walk.action(&rule.action);
            if let Some(recovery) = &rule.recovery {
                walk.node("recovery", recovery.span, |walk| {
                    walk.leaves("word", &recovery.word);
                    recovery.rate.iter().for_each(|rate| walk.rate(rate));
                    walk.action(&recovery.action);
                });
            }
        });
    }

    fn rate(&mut self, rate: &Rate) {
        self.node("rate", rate.span(), |walk| match rate {
            Rate::Cycles { span: _, count, cycles } => {
                walk.leaf("number", count);
                walk.leaves("number", cycles);
            }
            Rate::Lasting(length) => walk.length(length),
        });
    }

    fn action(&mut self, action: &Action) {
        self.node("action", action.span, |walk| match &action.kind {
            ActionKind::Exec(exec) => {
                let Exec { program, uid, gid, repeat_cycles } = &**exec;
                walk.program(program);
                walk.run_as(uid, gid);
                walk.leaves("number", repeat_cycles);
            }
            ActionKind::Alert
            | ActionKind::Start
            | ActionKind::Stop
            | ActionKind::Restart
            | ActionKind::Unmonitor
            | ActionKind::Ignore => {}
        });
    }

    // ---- conditions ----

    fn condition(&mut self, condition: &Condition) {
        self.node("condition", condition.span, |walk| match &condition.kind {
            ConditionKind::Test(test) => walk.test(test),
            ConditionKind::Last(tests) => tests.iter().for_each(|test| walk.test(test)),
            ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().for_each(|part| walk.condition(part)),
            ConditionKind::Not(part) => walk.condition(part),
        });
    }

    fn test(&mut self, test: &Test) {
        self.node("test", test.span, |walk| match &test.kind {
            TestKind::Limit(limit) => walk.limit(limit),
            TestKind::Changed(changed) => walk.leaf("changed", changed),
            TestKind::Owner { which: _, name } => walk.leaf("user", name),
            TestKind::Permission { mode } => walk.leaf("permission", mode),
            TestKind::SecurityAttribute { attribute } => walk.leaf("text", attribute),
            TestKind::Checksum { hash, expected } => {
                walk.leaves("kind", hash);
                walk.leaves("hash", expected);
            }
            TestKind::Content(content) => walk.content(content),
            TestKind::Performance(performance) => walk.performance(performance),
            TestKind::Plugin(test) => walk.plugin_test(test),
            TestKind::Connection(connection) => walk.connection(connection),
            TestKind::Ping(ping) => walk.ping(ping),
            TestKind::Existence { exists: _ } | TestKind::Link { up: _ } => {}
        });
    }

    fn content(&mut self, content: &ContentTest) {
        self.node("content", content.span, |walk| walk.leaf("pattern", &content.pattern));
    }

    fn limit(&mut self, limit: &Limit) {
        self.leaf("metric", &limit.metric);
        self.leaves("operator", &limit.operator);
        self.quantity(&limit.value);
        limit.window.iter().for_each(|window| self.quantity(window));
    }

    fn performance(&mut self, performance: &PerformanceTest) {
        self.leaf("label", &performance.label);
        self.leaf("operator", &performance.operator);
        self.quantity(&performance.value);
    }

    fn connection(&mut self, connection: &Connection) {
        match &connection.endpoint {
            Endpoint::Port { host, port } => {
                self.leaves("host", host);
                self.leaf("number", port);
            }
            Endpoint::Url(url) => self.leaf("url", url),
            Endpoint::Unix(path) => self.leaf("path", path),
        }
        for option in &connection.options {
            match option {
                ConnectionOption::Protocol(protocol) => self.protocol(protocol),
                ConnectionOption::Send(text) => self.leaf("text", text),
                ConnectionOption::Expect(pattern) => self.leaf("pattern", pattern),
                ConnectionOption::Content(content) => self.content(content),
                ConnectionOption::Timeout(length) => self.length(length),
                ConnectionOption::Retry(number) => self.leaf("number", number),
                ConnectionOption::Family(family) => self.leaf("family", family),
                ConnectionOption::Socket(kind) => self.leaf("kind", kind),
                ConnectionOption::Tls(option) => self.tls_option(option),
                ConnectionOption::ResponseTime(time) => self.response_time(time),
                ConnectionOption::SourceAddress(host) => self.leaf("host", host),
            }
        }
    }

    fn ping(&mut self, ping: &Ping) {
        self.leaf("family", &ping.family);
        for option in &ping.options {
            match option {
                PingOption::Count(number) | PingOption::Size(number) => self.leaf("number", number),
                PingOption::Timeout(length) => self.length(length),
                PingOption::SourceAddress(host) => self.leaf("host", host),
                PingOption::ResponseTime(time) => self.response_time(time),
            }
        }
    }

    fn response_time(&mut self, time: &ResponseTime) {
        self.node("response-time", time.span, |walk| {
            walk.leaves("operator", &time.operator);
            walk.quantity(&time.value);
        });
    }

    fn protocol(&mut self, protocol: &Protocol) {
        self.node("protocol", protocol.span, |walk| {
            walk.leaf("name", &protocol.name);
            walk.protocol_options(&protocol.options);
        });
    }

    // ---- values ----

    fn length(&mut self, length: &Length) {
        self.node("length", length.span, |walk| length.parts.iter().for_each(|part| walk.quantity(part)));
    }

    fn quantity(&mut self, quantity: &Quantity) {
        self.node("quantity", quantity.span, |walk| {
            walk.leaf("number", &quantity.number);
            walk.leaves("unit", &quantity.unit);
        });
    }
}
