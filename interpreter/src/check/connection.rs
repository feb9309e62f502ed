//! Connections, with their defaults filled in.

use std::time::Duration;

use grammar::ast::{self, Check, ConnectionOption, Target, TlsOption, Value};
use grammar::{Severity, Span, Spanned};

use super::Context;
use super::protocol::{HTTP, Spoken};
use crate::catalog::{KnownProtocol, OptionKind, Protocols};
use crate::lint;
use crate::program::{
    Connection, ContentTest, Endpoint, Family, ProtocolCall, ResponseTime, SettingValue, Step, Test, Wanted,
};

/// How many attempts can be asked for within a cycle.
const ATTEMPTS_MAX: i64 = 1_000;
/// The host of a process when nothing is said.
const THIS_HOST: &str = "localhost";
/// The largest TCP port.
const PORT_MAX: i64 = 65_535;

/// What the options of a connection say, in the order in which they are written. Of most the last one counts.
pub(super) struct Said<'t> {
    /// The protocol, and what it was told, also under other names before.
    pub(super) spoken: Spoken<'t>,
    family: Family,
    pub(super) datagrams: bool,
    /// Whether a protocol or a kind of socket encrypts.
    pub(super) encrypted: bool,
    tls: Vec<&'t TlsOption>,
    pub(super) steps: Vec<(Span, Step)>,
    content: Option<(Span, ContentTest)>,
    timeout: Duration,
    attempts: u32,
    response_time: Option<ResponseTime>,
    source_address: Option<String>,
    /// Whether everything could be read.
    pub(super) sound: bool,
}

impl Context<'_> {
    /// A connection test.
    pub(super) fn connection(&mut self, check: &Check, written: &ast::Connection) -> Option<Test> {
        let mut said = Said {
            spoken: Spoken::default(),
            family: Family::Any,
            datagrams: false,
            encrypted: false,
            tls: Vec::new(),
            steps: Vec::new(),
            content: None,
            timeout: self.default_timeout(written),
            attempts: 1,
            response_time: None,
            source_address: None,
            sound: true,
        };
        let endpoint = match &written.endpoint {
            ast::Endpoint::Port { host, port } => {
                let host = host.as_ref().map_or_else(|| default_host(check), |host| host.node.clone());
                self.port(port).map(|port| Endpoint::Port { host, port })
            }
            ast::Endpoint::Url(url) => self.page(url, &mut said),
            ast::Endpoint::Unix(path) => Some(Endpoint::Unix(path.node.clone())),
        };
        for option in &written.options {
            self.option(option, &mut said);
            if let ConnectionOption::ResponseTime(time) = option {
                self.say_whether_slow_is_wanted(written.wanted, time);
            }
        }
        let endpoint = endpoint?;
        self.finish(written, endpoint, said).map(|connection| Test::Connection(Box::new(connection)))
    }

    /// How long a connection may take that says nothing about it. Monit fills in the limit when it has read the
    /// connection before it, so that the first one has what holds when nothing is said.
    fn default_timeout(&mut self, written: &ast::Connection) -> Duration {
        let now = self.limits.network_timeout;
        if !self.is_monit() {
            return now;
        }
        let waits = std::mem::replace(&mut self.next_port_timeout, now);
        let says_so = written.options.iter().any(|option| matches!(option, ConnectionOption::Timeout(_)));
        if waits != now && !says_so {
            let span = match &written.endpoint {
                ast::Endpoint::Port { port, .. } => port.span,
                ast::Endpoint::Url(text) | ast::Endpoint::Unix(text) => text.span,
            };
            self.report(lint::ignored_limit::finding(span, waits));
        }
        waits
    }

    /// The endpoint of a whole address, and what else it says.
    fn page<'t>(&mut self, written: &'t Spanned<String>, said: &mut Said<'t>) -> Option<Endpoint> {
        // The reader says it of a text that is no whole address.
        let url = written.node.contains("://").then(|| self.url(written))??;
        said.encrypted = url.is_encrypted();
        said.spoken = Spoken::page(written.span, url.request(), url.login.clone());
        Some(Endpoint::Port { host: url.host, port: url.port })
    }

    fn option<'t>(&mut self, option: &'t ConnectionOption, said: &mut Said<'t>) {
        let sound = match option {
            ConnectionOption::Protocol(written) => self.speak(written, said),
            ConnectionOption::Send(text) => self.step(text.span, Step::Send(text.node.clone()), said),
            ConnectionOption::Expect(pattern) => {
                self.is_pattern(pattern, &pattern.node).is_some()
                    & self.step(pattern.span, Step::Expect(pattern.node.clone()), said)
            }
            ConnectionOption::Content(content) => match self.answer_content(content) {
                Some(test) => {
                    said.content = Some((content.span, test));
                    true
                }
                None => false,
            },
            ConnectionOption::Timeout(length) => set(&mut said.timeout, self.network_time(length)),
            ConnectionOption::Retry(number) => set(&mut said.attempts, self.attempts(number)),
            ConnectionOption::Family(family) => set(&mut said.family, Some(family.node)),
            ConnectionOption::Socket(socket) => {
                said.datagrams = socket.node == ast::SocketKind::Udp;
                said.encrypted |= socket.node == ast::SocketKind::TcpSsl;
                true
            }
            ConnectionOption::Tls(tls) => {
                said.tls.push(tls);
                true
            }
            ConnectionOption::ResponseTime(time) => set(&mut said.response_time, self.response_time(time)),
            ConnectionOption::SourceAddress(address) => {
                set(&mut said.source_address, self.source_address(address).map(Some))
            }
        };
        said.sound &= sound;
    }

    /// `send` or `expect`.
    fn step(&mut self, span: Span, step: Step, said: &mut Said<'_>) -> bool {
        if let Some(name) = said.spoken.name() {
            self.report(lint::conflicting_options::own_words(span, name));
            return false;
        }
        said.steps.push((span, step));
        true
    }

    /// What came of all options together.
    fn finish(&mut self, written: &ast::Connection, endpoint: Endpoint, said: Said<'_>) -> Option<Connection> {
        let port = match &endpoint {
            Endpoint::Port { port, .. } => Some(*port),
            Endpoint::Unix(_) => None,
        };
        // What stands behind a kind of socket in the filesystem is read, and encrypts nothing.
        let encrypted = said.encrypted && port.is_some();
        let tls = self.tls(said.tls.iter().copied(), port, encrypted);
        let mut tls = tls.filter(|_| said.sound)?;
        if port.is_none() {
            tls.tls = None;
        }
        let content = said.content.as_ref().map(|(span, _)| *span);
        let protocol = self.agreed(&said.spoken, said.datagrams, tls.tls.is_some(), content)?;
        if let (false, Some(tls)) = (self.is_monit(), &mut tls.tls) {
            tls.starttls = protocol.as_ref().is_some_and(|call| begins_within(&call.name, port));
        }
        Some(Connection {
            wanted: wanted(written.wanted),
            endpoint,
            family: said.family,
            datagrams: said.datagrams,
            tls: tls.tls,
            certificate_min_days: tls.min_days,
            protocol,
            steps: said.steps.into_iter().map(|(_, step)| step).collect(),
            content: said.content.map(|(_, content)| content),
            timeout: said.timeout,
            attempts: said.attempts,
            response_time: said.response_time,
            source_address: said.source_address,
        })
    }

    /// The protocol with what it was told, where all of it can be meant together.
    fn agreed(
        &mut self,
        spoken: &Spoken<'_>,
        datagrams: bool,
        encrypted: bool,
        content: Option<Span>,
    ) -> Option<Option<ProtocolCall>> {
        let sound = self.is_complete(spoken)
            & self.fits_transport(spoken, datagrams)
            & self.has_content(spoken, content)
            & self.needs_key(spoken, encrypted);
        sound.then(|| spoken.call())
    }

    /// A port. Monit takes any number and uses the lower 16 bits.
    pub(super) fn port(&mut self, value: &Spanned<Value<f64>>) -> Option<u16> {
        let range = if self.is_monit() { 0..=PORT_MAX } else { 1..=PORT_MAX };
        let number = self.number(value)?;
        let port = self.whole_number(value.span, number, "port")?;
        if range.contains(&port) {
            return u16::try_from(port).ok();
        }
        Some(self.lower_bits(value.span, port))
    }

    /// The port that Monit uses of a number that is none.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cutting off is what Monit does")]
    pub(super) fn lower_bits(&mut self, span: Span, port: i64) -> u16 {
        let used = port as u16;
        let range = 0..=PORT_MAX;
        if !range.contains(&port) {
            let finding = lint::out_of_range::finding(span, Severity::Warning, "port", port, &range, self.dialect);
            self.report(finding.here(format!("so port {used} would be tried")));
        }
        used
    }

    /// How many attempts are made. Monit makes one when none or less are asked for, and has no limit.
    fn attempts(&mut self, value: &Spanned<Value<f64>>) -> Option<u32> {
        let number = self.number(value)?;
        let attempts = self.whole_number(value.span, number, "attempts")?;
        let range = 1..=ATTEMPTS_MAX;
        if !range.contains(&attempts) && !self.is_monit() {
            let finding =
                lint::out_of_range::finding(value.span, Severity::Warning, "attempts", attempts, &range, self.dialect);
            self.report(finding);
        }
        u32::try_from(attempts.max(1)).ok()
    }
}

/// Keeps a value where there is one, and says whether there was.
fn set<T>(place: &mut T, value: Option<T>) -> bool {
    match value {
        Some(value) => {
            *place = value;
            true
        }
        None => false,
    }
}

/// The host of a connection that names none.
fn default_host(check: &Check) -> String {
    match &check.target {
        Some(Target::Address(address)) => address.node.clone(),
        _ => THIS_HOST.to_owned(),
    }
}

pub(super) fn wanted(written: ast::Wanted) -> Wanted {
    match written {
        ast::Wanted::Failed => Wanted::Failed,
        ast::Wanted::Succeeded => Wanted::Succeeded,
    }
}

/// Whether this version can make a connection test. The others are read, shown and asleep.
pub(crate) fn is_judged(connection: &Connection, protocols: &Protocols) -> bool {
    match &connection.protocol {
        // Without a protocol there is no content that could be looked at.
        None => true,
        // Only pages have one that a plugin looks at.
        Some(call) => (connection.content.is_none() || call.name == HTTP) && is_spoken(call, protocols),
    }
}

/// Whether a plugin speaks the protocol, and has all the options that are set.
fn is_spoken(call: &ProtocolCall, protocols: &Protocols) -> bool {
    let Some(plugin) = protocols.find(&call.name) else { return false };
    call.settings.iter().all(|setting| {
        let kind = plugin.option(&setting.name).filter(|option| option.name == setting.name).map(|option| &option.kind);
        kind.is_some_and(|kind| match &setting.value {
            SettingValue::Text(_) => {
                matches!(kind, OptionKind::Text | OptionKind::Path | OptionKind::Request | OptionKind::Choice(_))
            }
            SettingValue::Secret(_) => *kind == OptionKind::Secret,
            SettingValue::Integer(_) => matches!(kind, OptionKind::Integer(..)),
            SettingValue::Number(_) => *kind == OptionKind::Number,
            SettingValue::Truth(_) => *kind == OptionKind::Truth,
            SettingValue::Duration(_) => *kind == OptionKind::Duration,
            SettingValue::Size(_) => *kind == OptionKind::Size,
            SettingValue::Comparison(..) => matches!(kind, OptionKind::Comparison | OptionKind::Share),
            SettingValue::Hash(..) => *kind == OptionKind::Hash,
            SettingValue::Headers(_) => *kind == OptionKind::Headers,
            SettingValue::Pattern(_) => *kind == OptionKind::Pattern,
            SettingValue::Texts(_) => *kind == OptionKind::Texts,
        })
    })
}

/// Whether encryption begins within the protocol on this port.
fn begins_within(protocol: &str, port: Option<u16>) -> bool {
    let known = KnownProtocol::find(protocol);
    port.is_some_and(|port| known.is_some_and(|known| known.upgrades_on.contains(&port)))
}
