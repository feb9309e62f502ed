//! Settings: what a file sets, one statement after the other.

use std::time::Duration;

use grammar::Spanned;
use grammar::ast::{self, SettingKind, Value};

use super::{Context, number};
use crate::catalog::facilities;
use crate::lint;
use crate::program::{self, EventQueue, LogTarget};

/// The facility that Monit 5.33 does not know; later versions do.
const NEWER_FACILITY: &str = "log_user";

impl Context<'_> {
    /// Takes up one setting. Of most settings that are repeated the last one counts; recipients and servers add up.
    pub(super) fn setting_of(&mut self, setting: &ast::Setting, settings: &mut program::Settings) {
        match &setting.kind {
            SettingKind::Daemon { cycle, start_delay } => self.daemon(cycle, start_delay.as_ref(), settings),
            SettingKind::Alert(target) => {
                let target = self.recipient(target);
                settings.alerts.push(target);
            }
            SettingKind::MailServers { servers, timeout, hostname } => {
                for server in servers {
                    settings.mail.servers.extend(self.mail_server(server));
                }
                if let Some(timeout) = self.mail_timeout(timeout.as_ref()) {
                    settings.mail.timeout = timeout;
                }
                settings.mail.hostname = hostname.as_ref().map(|name| name.node.clone());
            }
            // What an earlier one said is forgotten, but for who gets the answers.
            SettingKind::MailFormat(format) => {
                let before = settings.mail.format.reply_to.take();
                settings.mail.format = self.mail_format(format);
                settings.mail.format.reply_to = settings.mail.format.reply_to.take().or(before);
            }
            SettingKind::Log(target) => settings.log = self.log(target),
            SettingKind::Tls(block) => settings.tls = self.tls_defaults(block),
            SettingKind::Terminal => settings.terminal_batch = true,
            SettingKind::EventQueue { directory, slots } => {
                self.event_queue(directory.as_ref(), slots.as_ref(), settings);
            }
            SettingKind::Mmonit(servers) => self.mmonit(servers, settings),
            SettingKind::Httpd(httpd) => self.httpd(httpd, settings),
            SettingKind::PidFile(path) => settings.pid_file = Some(path.node.clone()),
            SettingKind::IdFile(path) => settings.id_file = Some(path.node.clone()),
            SettingKind::StateFile(path) => settings.state_file = Some(path.node.clone()),
            SettingKind::ExpectBuffer(size) => self.expect_buffer(size, settings),
            SettingKind::Init => settings.foreground = true,
            SettingKind::Limits(limits) => self.limits_of(limits, settings),
            SettingKind::OnReboot(start) => {
                self.on_reboot = start.node;
                settings.on_reboot = start.node;
            }
            SettingKind::Fips => settings.fips = true,
        }
    }

    /// The length of a cycle. One without length is an error only where it is the last that is said, so it is looked
    /// for when everything is known.
    fn daemon(
        &mut self,
        cycle: &Spanned<Value<f64>>,
        start_delay: Option<&Spanned<Value<f64>>>,
        settings: &mut program::Settings,
    ) {
        if let Some(cycle) = self.seconds(cycle, "a cycle", "set daemon 30") {
            settings.cycle = cycle;
            settings.cycle_written = true;
        }
        let delay = start_delay.and_then(|delay| self.seconds(delay, "the delay", "with start delay 60"));
        settings.start_delay = delay.unwrap_or_default();
    }

    /// The whole number of seconds that something lasts. A longer time than the longest is the longest, and so is what is
    /// left of a number that was too large, where that is negative.
    fn seconds(&mut self, value: &Spanned<Value<f64>>, what: &str, example: &str) -> Option<Duration> {
        let (span, written) = (value.span, self.text(value.span));
        let Value::Literal(number) = value.node else {
            self.number(value)?;
            return None;
        };
        let kept = if self.is_monit() { number::kept(written, number) } else { number };
        let seconds = self.whole_number(span, kept, "seconds")?;
        let longest = i64::from(i32::MAX);
        let lasts = if seconds < 0 { longest } else { seconds.min(longest) };
        let lasts_s = u64::try_from(lasts).ok()?;
        if kept != number {
            self.report(lint::wrapped_number::time(span, written, seconds, lasts_s, what, example));
        } else if lasts != seconds {
            self.report(lint::out_of_range::longer_than_longest(span, written, lasts_s, what, example));
        }
        Some(Duration::from_secs(lasts_s))
    }

    fn log(&mut self, target: &ast::LogTarget) -> Option<LogTarget> {
        match target {
            ast::LogTarget::Path(path) => Some(LogTarget::File(path.node.clone())),
            ast::LogTarget::Syslog { facility: None, .. } => Some(LogTarget::Syslog(None)),
            ast::LogTarget::Syslog { facility: Some(word), .. } => {
                let Some(known) = facilities().iter().find(|one| one.eq_ignore_ascii_case(&word.node)) else {
                    return self.refuse(lint::unknown_facility::finding(word));
                };
                if self.is_monit() && *known == NEWER_FACILITY {
                    let headline = format!("Monit 5.33 refuses the facility `{known}`");
                    self.report(lint::not_portable::finding(word.span, headline, "it came with Monit 5.34"));
                }
                Some(LogTarget::Syslog(Some((*known).to_owned())))
            }
        }
    }

    /// Where events wait. The number of slots is kept when only the directory is said again; the directory is not.
    fn event_queue(
        &mut self,
        directory: Option<&Spanned<String>>,
        slots: Option<&Spanned<Value<f64>>>,
        settings: &mut program::Settings,
    ) {
        let before = settings.event_queue.as_ref().and_then(|queue| queue.slots);
        let slots = match slots {
            None => before,
            Some(slots) => {
                let number = self.number(slots).and_then(|number| self.whole_number(slots.span, number, "slots"));
                // What is left of a number that was too large can be negative, which sets no limit.
                number.and_then(|number| u32::try_from(number).ok())
            }
        };
        let directory = directory.map_or(EventQueue::DIRECTORY, |path| &path.node).to_owned();
        settings.event_queue = Some(EventQueue { directory, slots });
    }
}
