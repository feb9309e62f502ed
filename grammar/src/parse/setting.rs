//! `set …`, recipients included.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, small, span};
use crate::ast::{
    AlertTarget, EventFilter, LimitName, LimitSetting, LogTarget, MailServer, MmonitServer, Setting, SettingKind,
    TlsBlock,
};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// A `set` statement.
    pub(super) fn setting(&mut self, pair: Pair<'_>) -> Option<Setting> {
        let place = span(&pair);
        let body = pair.into_inner().nth(1)?;
        Some(Setting { span: place, without_set: false, kind: self.setting_kind(body)? })
    }

    /// A `set` statement without `set`.
    pub(super) fn without_set(&mut self, pair: Pair<'_>) -> Option<Setting> {
        let place = span(&pair);
        let body = pair.into_inner().next()?;
        let word = body.into_inner().next().map(|word| span(&word)).unwrap_or(place);
        let headline = format!("`{}` needs `set` in front of it", self.slice(word));
        let before = Span { start: place.start, end: place.start };
        self.report(Finding::error("missing-set", word, headline).fix("write `set`", before, "set ", true));
        Some(Setting { span: place, without_set: true, kind: self.setting_kind(body)? })
    }

    fn setting_kind(&mut self, body: Pair<'_>) -> Option<SettingKind> {
        let form = body.as_rule();
        Some(match form {
            Rule::set_daemon => self.daemon(body)?,
            Rule::set_alert => SettingKind::Alert(self.recipient(body)?),
            Rule::set_log => SettingKind::Log(self.log(body)?),
            Rule::set_mail => self.mail(body),
            Rule::set_mail_format => SettingKind::MailFormat(self.mail_format(body.into_inner().next()?)),
            Rule::set_tls => {
                let place = span(&body);
                let options = self.tls_settings(body.into_inner().last()?);
                SettingKind::Tls(TlsBlock { span: place, options })
            }
            Rule::set_terminal => SettingKind::Terminal,
            Rule::set_queue => self.queue(body),
            Rule::set_mmonit => {
                SettingKind::Mmonit(body.into_inner().skip(1).filter_map(|one| self.mmonit(one)).collect())
            }
            Rule::set_httpd => SettingKind::Httpd(self.httpd(body)),
            Rule::set_pidfile => SettingKind::PidFile(self.path_of(body)?),
            Rule::set_idfile => SettingKind::IdFile(self.path_of(body)?),
            Rule::set_statefile => SettingKind::StateFile(self.path_of(body)?),
            Rule::set_expect => SettingKind::ExpectBuffer(self.quantity(body.into_inner().nth(1)?)),
            Rule::set_init => SettingKind::Init,
            Rule::set_limits => {
                let limits = body.into_inner().filter(|part| part.as_rule() == Rule::limit_setting);
                SettingKind::Limits(limits.filter_map(|limit| self.limit_setting(limit)).collect())
            }
            Rule::set_onreboot => SettingKind::OnReboot(self.on_reboot(&body.into_inner().nth(1)?)),
            Rule::set_fips => SettingKind::Fips,
            _ => return None,
        })
    }

    fn path_of(&mut self, body: Pair<'_>) -> Option<Spanned<String>> {
        let path = body.into_inner().nth(1)?;
        Some(self.text(&path, Wanted::Path))
    }

    fn queue(&mut self, body: Pair<'_>) -> SettingKind {
        let (mut directory, mut slots) = (None, None);
        for part in body.into_inner() {
            match part.as_rule() {
                Rule::kw_eventqueue | Rule::kw_basedir | Rule::kw_slots => {}
                Rule::number | Rule::name | Rule::hole => slots = Some(self.value(&part)),
                _ => directory = Some(self.text(&part, Wanted::Path)),
            }
        }
        SettingKind::EventQueue { directory, slots }
    }

    fn mmonit(&mut self, pair: Pair<'_>) -> Option<MmonitServer> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let url = parts.next()?;
        let address = if url.as_rule() == Rule::quoted {
            let said = self.unquoted(self.written(&url));
            if self.is_monit() {
                let finding = Finding::error("syntax-error", span(&url), "Monit refuses this address in quotes");
                self.report(finding.fix("leave the quotes out", span(&url), said.clone(), true));
            }
            said
        } else {
            self.written(&url).to_owned()
        };
        let url = span(&url).with(address);
        let mut server = MmonitServer { span: place, url, timeout: None, tls: Vec::new(), without_credentials: None };
        for part in parts {
            let here = span(&part);
            match part.as_rule() {
                Rule::timeout => server.timeout = self.timeout(part),
                Rule::kw_register | Rule::kw_credentials => {
                    server.without_credentials =
                        Some(server.without_credentials.map_or(here, |before| before.to(here)));
                }
                _ => server.tls.extend(self.tls_option(part)),
            }
        }
        Some(server)
    }

    fn limit_setting(&mut self, pair: Pair<'_>) -> Option<LimitSetting> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let word = parts.next()?;
        let name = match &*small(self.written(&word)) {
            "programoutput" => LimitName::ProgramOutput,
            "sendexpectbuffer" => LimitName::SendExpectBuffer,
            "filecontentbuffer" => LimitName::FileContentBuffer,
            "httpcontentbuffer" => LimitName::HttpContentBuffer,
            "networktimeout" => LimitName::NetworkTimeout,
            "programtimeout" => LimitName::ProgramTimeout,
            "stoptimeout" => LimitName::StopTimeout,
            "starttimeout" => LimitName::StartTimeout,
            _ => LimitName::RestartTimeout,
        };
        Some(LimitSetting { span: place, name: span(&word).with(name), value: self.quantity(parts.next()?) })
    }

    fn daemon(&mut self, body: Pair<'_>) -> Option<SettingKind> {
        let is_keyword = |pair: &Pair<'_>| matches!(pair.as_rule(), Rule::kw_daemon | Rule::kw_start | Rule::kw_delay);
        let mut numbers = body.into_inner().filter(|pair| !is_keyword(pair));
        let cycle = self.value(&numbers.next()?);
        let start_delay = numbers.next().map(|delay| self.value(&delay));
        Some(SettingKind::Daemon { cycle, start_delay })
    }

    fn log(&mut self, body: Pair<'_>) -> Option<LogTarget> {
        let mut parts = body.into_inner();
        parts.next();
        let target = parts.next()?;
        if target.as_rule() != Rule::kw_syslog {
            return Some(LogTarget::Path(self.text(&target, Wanted::Path)));
        }
        let facility = parts.nth(1).map(|facility| self.text(&facility, Wanted::Text));
        Some(LogTarget::Syslog { span: span(&target), facility })
    }

    fn mail(&mut self, body: Pair<'_>) -> SettingKind {
        let (mut servers, mut timeout, mut hostname) = (Vec::new(), None, None);
        for part in body.into_inner() {
            match part.as_rule() {
                Rule::server | Rule::next_server => servers.extend(self.server(part)),
                Rule::timeout => {
                    if self.is_monit() && hostname.is_some() {
                        let headline = "Monit wants the timeout before the host name";
                        self.report(Finding::warning("not-portable", span(&part), headline));
                    }
                    timeout = self.timeout(part);
                }
                Rule::greeting => hostname = part.into_inner().nth(1).map(|name| self.text(&name, Wanted::Word)),
                _ => {}
            }
        }
        SettingKind::MailServers { servers, timeout, hostname }
    }

    fn server(&mut self, pair: Pair<'_>) -> Option<MailServer> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let host = self.text(&parts.next()?, Wanted::Word);
        let mut server = MailServer { span: place, host, port: None, username: None, password: None, tls: Vec::new() };
        for part in parts {
            let here = span(&part);
            match part.as_rule() {
                Rule::port => {
                    let early = server.username.is_none() && server.password.is_none() && server.tls.is_empty();
                    if self.is_monit() && (!early || server.port.is_some()) {
                        let finding =
                            Finding::error("option-order", here, "the port must stand right behind the server");
                        self.report(finding.help("write `HOST port N username U password P using ssl`, in this order"));
                    }
                    server.port = part.into_inner().nth(1).map(|port| self.value(&port));
                }
                Rule::username => server.username = part.into_inner().nth(1).map(|user| self.text(&user, Wanted::User)),
                Rule::password => server.password = part.into_inner().nth(1).map(|word| self.text(&word, Wanted::Word)),
                _ => server.tls.extend(self.tls_option(part)),
            }
        }
        Some(server)
    }

    /// A keyword, a mail address and the events that are sent to it.
    pub(super) fn recipient(&mut self, pair: Pair<'_>) -> Option<AlertTarget> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let keyword = span(&parts.next()?);
        let address = parts.next()?;
        let between = Span { start: keyword.end, end: span(&address).start };
        // The word below is the next statement's.
        if self.slice(between).contains('\n') && self.is_second_action(keyword) {
            self.next_line = Some(span(&address));
            return None;
        }
        let address = self.text(&address, Wanted::Mail);
        let mut target = AlertTarget { span: place, address, events: None, format: None, reminder_cycles: None };
        for part in parts {
            let here = span(&part);
            match part.as_rule() {
                Rule::event_filter => target.events = Some(self.event_filter(part)),
                Rule::mail_format => {
                    if let (true, Some(reminder)) = (self.is_monit(), &target.reminder_cycles) {
                        let finding = Finding::error("option-order", here, "the format must stand before the reminder")
                            .also(reminder.span, "after this nothing else may follow");
                        self.report(finding);
                    }
                    target.format = Some(self.mail_format(part));
                }
                _ => target.reminder_cycles = part.into_inner().nth(1).map(|cycles| self.value(&cycles)),
            }
        }
        Some(target)
    }

    fn event_filter(&mut self, pair: Pair<'_>) -> EventFilter {
        let place = span(&pair);
        let (mut excluded, mut events) = (false, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_not => excluded = true,
                Rule::event => events.push(span(&part).with(self.written(&part).to_owned())),
                _ => {}
            }
        }
        EventFilter { span: place, excluded, events }
    }
}
