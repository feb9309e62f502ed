//! Connections, with their defaults filled in.

use std::time::Duration;

use grammar::ast::{self, Check, ConnectionOption, Target, Value};
use grammar::{Severity, Spanned};

use super::Context;
use crate::lint;
use crate::program::{Connection, Wanted};

/// How long an attempt may take when nothing is said.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many attempts can be asked for within a cycle.
const ATTEMPTS_MAX: i64 = 1_000;
/// The host of a process when nothing is said.
const THIS_HOST: &str = "localhost";
/// The largest TCP port.
const PORT_MAX: i64 = 65_535;

impl Context<'_> {
    /// A connection test. Of an option that is given twice the last value counts.
    pub(super) fn connection(&mut self, check: &Check, written: &ast::Connection) -> Option<Connection> {
        let port = self.port(&written.port);
        let mut timeout = Some(TIMEOUT);
        let mut attempts = Some(1);
        let mut protocol = Some(None);
        for option in &written.options {
            match option {
                ConnectionOption::Timeout(length) => timeout = self.timeout(length),
                ConnectionOption::Retry(number) => attempts = self.attempts(number),
                ConnectionOption::Protocol(named) => protocol = self.protocol(named),
            }
        }
        let host = match (&written.host, &check.target) {
            (Some(host), _) => host.node.clone(),
            (None, Some(Target::Address(address))) => address.node.clone(),
            (None, _) => THIS_HOST.to_owned(),
        };
        let wanted = match written.wanted {
            ast::Wanted::Failed => Wanted::Failed,
            ast::Wanted::Succeeded => Wanted::Succeeded,
        };
        Some(Connection { wanted, host, port: port?, protocol: protocol?, timeout: timeout?, attempts: attempts? })
    }

    /// A port. Monit takes any number and uses the lower 16 bits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cutting off is what Monit does")]
    pub(super) fn port(&mut self, value: &Spanned<Value<f64>>) -> Option<u16> {
        let range = if self.is_monit() { 0..=PORT_MAX } else { 1..=PORT_MAX };
        let number = self.number(value)?;
        let port = self.whole_number(value.span, number, "port")?;
        if range.contains(&port) {
            return u16::try_from(port).ok();
        }
        if !self.is_monit() {
            let dialect = self.dialect;
            return self.refuse(lint::out_of_range::finding(
                value.span,
                Severity::Error,
                "port",
                port,
                &range,
                dialect,
            ));
        }
        let used = port as u16;
        let finding = lint::out_of_range::finding(value.span, Severity::Warning, "port", port, &range, self.dialect);
        self.report(finding.here(format!("so port {used} would be tried")));
        Some(used)
    }

    fn attempts(&mut self, value: &Spanned<Value<f64>>) -> Option<u32> {
        // Monit makes one attempt when none or less are asked for.
        if self.is_monit() {
            let number = self.number(value)?;
            let attempts = self.whole_number(value.span, number, "attempts")?;
            return u32::try_from(attempts.clamp(1, ATTEMPTS_MAX)).ok();
        }
        let attempts = self.whole(value, "attempts", 1..=ATTEMPTS_MAX)?;
        u32::try_from(attempts).ok()
    }
}
