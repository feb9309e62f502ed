//! `set …` statements.

use pest::iterators::Pair;

use super::{Builder, Rule, part, span};
use crate::Spanned;
use crate::ast::{AlertTarget, EventFilter, LogTarget, MailServer, Setting, SettingKind};

impl Builder {
    /// One `set` statement.
    pub(super) fn setting(&mut self, pair: Pair<'_, Rule>) -> Option<Setting> {
        let at = span(&pair);
        let inner = pair.into_inner().find(|inner| inner.as_rule() != Rule::kw_set)?;
        let kind = match inner.as_rule() {
            Rule::set_daemon => SettingKind::Daemon {
                cycle: self.first_figure(&inner)?,
                start_delay: part(&inner, Rule::start_delay).and_then(|delay| self.first_figure(&delay)),
            },
            Rule::set_alert => SettingKind::Alert(self.recipient(&part(&inner, Rule::recipient)?)?),
            Rule::set_mailservers => self.mail_servers(&inner),
            Rule::set_log => SettingKind::Log(self.log(&inner)?),
            _ => return None,
        };
        Some(Setting { span: at, kind })
    }

    fn mail_servers(&mut self, pair: &Pair<'_, Rule>) -> SettingKind {
        let servers = pair.clone().into_inner().filter(|inner| inner.as_rule() == Rule::mail_server);
        let servers = servers.filter_map(|server| self.mail_server(&server)).collect();
        let timeout = part(pair, Rule::timeout).and_then(|timeout| self.timeout(&timeout));
        let hostname = part(pair, Rule::greeting_name).and_then(|name| self.inner_text(&name));
        SettingKind::MailServers { servers, timeout, hostname }
    }

    fn mail_server(&mut self, pair: &Pair<'_, Rule>) -> Option<MailServer> {
        let host = self.text(part(pair, Rule::text)?);
        let username =
            part(pair, Rule::username).and_then(|user| user.into_inner().nth(1)).map(|user| self.name(&user));
        Some(MailServer {
            span: span(pair),
            host,
            port: part(pair, Rule::server_port).and_then(|port| self.first_figure(&port)),
            username,
            password: part(pair, Rule::password).and_then(|password| self.inner_text(&password)),
        })
    }

    fn log(&mut self, pair: &Pair<'_, Rule>) -> Option<LogTarget> {
        if let Some(path) = part(pair, Rule::path) {
            return Some(LogTarget::Path(self.name(&path)));
        }
        let syslog = part(pair, Rule::syslog)?;
        let facility = part(&syslog, Rule::bare).map(|facility| self.name(&facility));
        Some(LogTarget::Syslog { span: span(&syslog), facility })
    }

    /// An address with the events it wants.
    pub(super) fn recipient(&mut self, pair: &Pair<'_, Rule>) -> Option<AlertTarget> {
        let address = self.name(&part(pair, Rule::mail)?);
        let events = part(pair, Rule::event_filter).map(|filter| {
            let words = filter.clone().into_inner().filter(|inner| inner.as_rule() == Rule::bare);
            EventFilter {
                span: span(&filter),
                excluded: part(&filter, Rule::excluded).is_some(),
                events: words.map(|word| self.name(&word)).collect(),
            }
        });
        Some(AlertTarget { span: span(pair), address, events })
    }

    /// The text inside a statement of a keyword and a text.
    pub(super) fn inner_text(&mut self, pair: &Pair<'_, Rule>) -> Option<Spanned<String>> {
        part(pair, Rule::text).map(|text| self.text(text))
    }
}
