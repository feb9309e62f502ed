//! Echo requests, with their defaults filled in.

use std::ops::RangeInclusive;
use std::time::Duration;

use grammar::Spanned;
use grammar::ast::{self, Check, PingOption, Value};

use super::Context;
use super::connection::wanted;
use crate::lint;
use crate::program::{Ping, Test};

/// How many requests are sent when nothing is said.
const COUNT: u32 = 3;
/// How many requests can be asked for within a cycle.
const COUNT_MAX: i64 = 1_000;
/// How many bytes a request carries when nothing is said.
const SIZE: u32 = 64;
/// How many bytes a request can carry: room for a time, and what fits into one frame of Ethernet.
const SIZES: RangeInclusive<i64> = 8..=1_492;

impl Context<'_> {
    /// An echo request.
    pub(super) fn ping(&mut self, _check: &Check, written: &ast::Ping) -> Option<Test> {
        let mut timeout = Some(self.default_echo_timeout(written));
        let (mut count, mut size, mut response_time) = (Some(COUNT), Some(SIZE), Some(None));
        let mut source_address = Some(self.default_echo_address(written));
        for option in &written.options {
            match option {
                PingOption::Count(number) => count = self.echo_count(number),
                PingOption::Size(number) => size = self.echo_size(number),
                PingOption::Timeout(length) => timeout = self.network_time(length),
                PingOption::SourceAddress(address) => source_address = self.source_address(address).map(Some),
                PingOption::ResponseTime(time) => {
                    response_time = self.response_time(time);
                    self.say_whether_slow_is_wanted(written.wanted, time);
                }
            }
        }
        if let Some(address) = &source_address {
            self.ping_address.clone_from(address);
        }
        Some(Test::Ping(Ping {
            wanted: wanted(written.wanted),
            family: written.family.node,
            count: count?,
            size_bytes: size?,
            timeout: timeout?,
            response_time: response_time?,
            source_address: source_address?,
        }))
    }

    /// How long an answer may take when nothing is said; see `default_timeout` of connections.
    fn default_echo_timeout(&mut self, written: &ast::Ping) -> Duration {
        let now = self.limits.network_timeout;
        if !self.is_monit() {
            return now;
        }
        let waits = std::mem::replace(&mut self.next_ping_timeout, now);
        let says_so = written.options.iter().any(|option| matches!(option, PingOption::Timeout(_)));
        if waits != now && !says_so {
            self.report(lint::ignored_limit::finding(written.family.span, waits));
        }
        waits
    }

    /// Where a request comes from that does not say it. To Monit 5.33 an address holds for all requests behind it.
    fn default_echo_address(&mut self, written: &ast::Ping) -> Option<String> {
        let inherited = self.ping_address.clone().filter(|_| self.is_monit())?;
        if !written.options.iter().any(|option| matches!(option, PingOption::SourceAddress(_))) {
            self.report(lint::inherited_address::finding(written.family.span, &inherited));
        }
        Some(inherited)
    }

    /// How many requests are sent. Monit takes any number, and sends none when there are less.
    fn echo_count(&mut self, value: &Spanned<Value<f64>>) -> Option<u32> {
        if self.is_monit() {
            let number = self.number(value)?;
            let count = self.whole_number(value.span, number, "requests")?;
            return u32::try_from(count.max(0)).ok();
        }
        let count = self.whole(value, "requests", 1..=COUNT_MAX)?;
        u32::try_from(count).ok()
    }

    fn echo_size(&mut self, value: &Spanned<Value<f64>>) -> Option<u32> {
        let size = self.whole(value, "bytes", SIZES)?;
        u32::try_from(size).ok()
    }
}
