//! `set …`, recipients included.

use super::grammar::{Pair, Rule};
use super::text::Wanted;
use super::{Builder, span};
use crate::ast::{AlertTarget, EventFilter, LogTarget, MailServer, Setting, SettingKind};
use crate::{Finding, Span};

impl Builder<'_> {
    /// A `set` statement.
    pub(super) fn setting(&mut self, pair: Pair<'_>) -> Option<Setting> {
        let place = span(&pair);
        let body = pair.into_inner().nth(1)?;
        Some(Setting { span: place, kind: self.setting_kind(body)? })
    }

    /// A `set` statement without `set`.
    pub(super) fn without_set(&mut self, pair: Pair<'_>) -> Option<Setting> {
        let place = span(&pair);
        let body = pair.into_inner().next()?;
        let word = body.clone().into_inner().next().map(|word| span(&word)).unwrap_or(place);
        let headline = format!("`{}` needs `set` in front of it", self.slice(word));
        let before = Span { start: place.start, end: place.start };
        self.report(Finding::error("missing-set", word, headline).fix("write `set`", before, "set ", true));
        Some(Setting { span: place, kind: self.setting_kind(body)? })
    }

    fn setting_kind(&mut self, body: Pair<'_>) -> Option<SettingKind> {
        Some(match body.as_rule() {
            Rule::set_daemon => self.daemon(body)?,
            Rule::set_alert => SettingKind::Alert(self.recipient(body)?),
            Rule::set_log => SettingKind::Log(self.log(body)?),
            Rule::set_mail => self.mail(body),
            _ => return None,
        })
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
        let mut server = MailServer { span: place, host, port: None, username: None, password: None };
        for part in parts {
            let option = part.as_rule();
            let Some(given) = part.into_inner().nth(1) else { continue };
            match option {
                Rule::port => server.port = Some(self.value(&given)),
                Rule::username => server.username = Some(self.text(&given, Wanted::User)),
                _ => server.password = Some(self.text(&given, Wanted::Word)),
            }
        }
        Some(server)
    }

    /// A keyword, a mail address and the events that are sent to it.
    pub(super) fn recipient(&mut self, pair: Pair<'_>) -> Option<AlertTarget> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        parts.next();
        let address = self.text(&parts.next()?, Wanted::Mail);
        let events = parts.next().map(|filter| self.event_filter(filter));
        Some(AlertTarget { span: place, address, events })
    }

    fn event_filter(&mut self, pair: Pair<'_>) -> EventFilter {
        let place = span(&pair);
        let (mut excluded, mut events) = (false, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_not => excluded = true,
                Rule::event => events.push(span(&part).with(part.as_str().to_owned())),
                _ => {}
            }
        }
        EventFilter { span: place, excluded, events }
    }
}
