//! Settings, with their defaults filled in.

use std::time::Duration;

use grammar::Spanned;
use grammar::ast::{self, RuleFile, Setting, SettingKind, Statement, Value};

use super::{Context, length};
use crate::catalog::facilities;
use crate::lint;
use crate::program::{Behaviour, LogTarget, MailServer, MailSettings, Settings};

/// The length of a cycle when nothing is said. Monit would not run as a daemon then; ruled always does.
const CYCLE: Duration = Duration::from_secs(30);
/// How long a mail server may take when nothing is said.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);
/// The port on which mail is handed in.
const MAIL_PORT: u16 = 25;
/// The longest cycle and the longest wait before the first one, in seconds: a year.
const CYCLE_MAX_S: i64 = 31_622_400;

impl Context<'_> {
    /// What holds for all services. Of a statement that is repeated the last one counts; recipients and servers add up.
    pub(super) fn settings(&mut self, file: &RuleFile) -> Settings {
        let mail = MailSettings { servers: Vec::new(), timeout: MAIL_TIMEOUT, hostname: None };
        let mut settings = Settings {
            cycle: CYCLE,
            cycle_written: false,
            start_delay: Duration::ZERO,
            log: None,
            mail,
            alerts: Vec::new(),
            behaviour: Behaviour::RULES,
        };
        for statement in &file.statements {
            if let Statement::Set(setting) = statement {
                self.setting_of(setting, &mut settings);
            }
        }
        settings
    }

    fn setting_of(&mut self, setting: &Setting, settings: &mut Settings) {
        match &setting.kind {
            SettingKind::Daemon { cycle, start_delay } => {
                if let Some(cycle) = self.seconds(cycle, 1) {
                    settings.cycle = cycle;
                    settings.cycle_written = true;
                }
                if let Some(delay) = start_delay {
                    settings.start_delay = self.seconds(delay, 0).unwrap_or(settings.start_delay);
                }
            }
            SettingKind::Alert(target) => {
                let target = self.recipient(target);
                settings.alerts.push(target);
            }
            SettingKind::MailServers { servers, timeout, hostname } => {
                for server in servers {
                    settings.mail.servers.extend(self.mail_server(server));
                }
                if let Some(timeout) = timeout {
                    settings.mail.timeout = self.mail_timeout(timeout).unwrap_or(settings.mail.timeout);
                }
                if let Some(name) = hostname {
                    settings.mail.hostname = Some(name.node.clone());
                }
            }
            SettingKind::Log(target) => settings.log = self.log(target),
        }
    }

    fn seconds(&mut self, value: &Spanned<Value<f64>>, least: i64) -> Option<Duration> {
        let seconds = self.whole(value, "seconds", least..=CYCLE_MAX_S)?;
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    fn mail_server(&mut self, server: &ast::MailServer) -> Option<MailServer> {
        let port = server.port.as_ref().map_or(Some(MAIL_PORT), |port| self.port(port));
        let login = match (&server.username, &server.password) {
            (Some(user), Some(password)) => Some((user.node.clone(), password.node.clone())),
            _ => None,
        };
        Some(MailServer { host: server.host.node.clone(), port: port?, login })
    }

    /// Monit 5.33 takes note of a time-out only when it is longer than its own.
    fn mail_timeout(&mut self, written: &ast::Length) -> Option<Duration> {
        let timeout = self.timeout(written)?;
        if self.is_monit() && timeout <= MAIL_TIMEOUT {
            if timeout < MAIL_TIMEOUT {
                self.report(lint::ignored_timeout::finding(written.span, MAIL_TIMEOUT));
            }
            return None;
        }
        Some(timeout.max(length::duration(1.0)))
    }

    fn log(&mut self, target: &ast::LogTarget) -> Option<LogTarget> {
        match target {
            ast::LogTarget::Path(path) => Some(LogTarget::File(path.node.clone())),
            ast::LogTarget::Syslog { facility: None, .. } => Some(LogTarget::Syslog(None)),
            ast::LogTarget::Syslog { facility: Some(word), .. } => {
                let Some(known) = facilities().iter().find(|one| one.eq_ignore_ascii_case(&word.node)) else {
                    return self.refuse(lint::unknown_facility::finding(word));
                };
                Some(LogTarget::Syslog(Some((*known).to_owned())))
            }
        }
    }
}
