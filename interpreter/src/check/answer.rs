//! What the answer of a server must be, and how it is waited for: patterns, times, and where it is asked from.

use core::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use grammar::ast::{self, Length, Unit};
use grammar::{Severity, Spanned};

use super::{Context, length, limit};
use crate::lint;
use crate::lint::wording::written_unit;
use crate::program::{ContentTest, Relation, ResponseTime};

/// How many milliseconds Monit can count: it keeps them in 32 bits.
const MONIT_WRAPS_AT: f64 = 4_294_967_296.0;

impl Context<'_> {
    /// What the content of an answer must be. There are no files of patterns here.
    pub(super) fn answer_content(&mut self, written: &ast::ContentTest) -> Option<ContentTest> {
        if written.from_file {
            if !self.is_monit() {
                let span = written.pattern.span;
                let reason = "an answer is held against one pattern, which is written out";
                return self.refuse(lint::misplaced_option::finding(span, "a connection", reason));
            }
            let headline = format!("Monit refuses `{}` here", written_unit(self.text(written.pattern.span)));
            let reason = "it reads what begins with `/` as a path";
            self.report(lint::not_portable::finding(written.pattern.span, headline, reason));
        }
        self.is_pattern(&written.pattern, &written.pattern.node)?;
        Some(ContentTest { negated: written.negated, pattern: written.pattern.node.clone() })
    }

    /// How long a connection or an echo may take. Monit counts milliseconds in 32 bits, and waits forever when the sign
    /// is lost.
    pub(super) fn network_time(&mut self, written: &Length) -> Option<Duration> {
        let time = self.time_to_answer(written)?;
        if time.is_zero() {
            let severity = if self.is_monit() { Severity::Warning } else { Severity::Error };
            self.report(lint::out_of_range::no_time(written.span, severity));
            return self.is_monit().then_some(time);
        }
        Some(time)
    }

    fn time_to_answer(&mut self, written: &Length) -> Option<Duration> {
        let seconds = match written.parts.as_slice() {
            [part] if self.is_monit() && part.unit.is_some_and(|unit| unit.node == Unit::Second) => {
                // What Monit refuses is said by the usual way.
                match part.number.node.literal() {
                    Some(number) if number.fract() == 0.0 => self.number(&part.number)?,
                    _ => return self.timeout(written),
                }
            }
            _ => return self.timeout(written),
        };
        let milliseconds = signed(seconds * 1_000.0);
        let milliseconds = if milliseconds < 0.0 { f64::from(i32::MAX) } else { milliseconds };
        Some(length::duration(milliseconds / 1_000.0))
    }

    /// The time to answer that is accepted. To Monit one that is not positive in 32 bits says nothing.
    pub(super) fn response_time(&mut self, written: &ast::ResponseTime) -> Option<Option<ResponseTime>> {
        let number = self.number(&written.value.number)?;
        let unit = written.value.unit.as_ref().map(|unit| unit.node);
        let Some(factor) = unit.and_then(length::seconds_of) else {
            let unit = written.value.unit.as_ref().map(|unit| self.text(unit.span));
            let text = self.text(written.value.span);
            return self.refuse(lint::unit_mismatch::no_time(&written.value, text, unit));
        };
        self.say_whether_monit_takes_response(written, unit);
        let relation = match &written.operator {
            Some(operator) => limit::relation(Some(operator.node)),
            None => {
                let dialect = self.dialect;
                let text = self.text(written.value.span);
                self.report(lint::missing_comparison::response_time(written.value.span, text, dialect));
                if self.is_monit() { Relation::Equal } else { Relation::Less }
            }
        };
        let seconds = if self.is_monit() { signed(number * factor * 1_000.0) / 1_000.0 } else { number * factor };
        Some((seconds >= 0.0).then_some(ResponseTime { relation, seconds }))
    }

    /// Behind `failed`, that only slow answers are accepted is hardly meant.
    pub(super) fn say_whether_slow_is_wanted(&mut self, wanted: ast::Wanted, written: &ast::ResponseTime) {
        let limit = self.text(written.value.span);
        if let Some(finding) = lint::inverted_response_time::finding(wanted, written, limit) {
            self.report(finding);
        }
    }

    fn say_whether_monit_takes_response(&mut self, written: &ast::ResponseTime, unit: Option<Unit>) {
        let fraction = written.value.number.node.literal().is_some_and(|number| number.fract() != 0.0);
        let reason = if !matches!(unit, Some(Unit::Millisecond | Unit::Second)) {
            "it takes seconds and milliseconds only"
        } else if fraction {
            "it takes whole numbers only here"
        } else {
            return;
        };
        if self.is_monit() {
            let headline = format!("Monit refuses `{}` here", written_unit(self.text(written.value.span)));
            self.report(lint::not_portable::refused(written.value.span, headline, reason));
        }
    }

    /// Where a connection comes from, in numbers.
    pub(super) fn source_address(&mut self, written: &Spanned<String>) -> Option<String> {
        if is_numeric(&written.node) {
            return Some(written.node.clone());
        }
        self.refuse(lint::wrong_address::finding(written))
    }
}

/// What remains of a number of milliseconds in 32 bits with a sign.
fn signed(milliseconds: f64) -> f64 {
    let rest = milliseconds.round().rem_euclid(MONIT_WRAPS_AT);
    if rest >= MONIT_WRAPS_AT / 2.0 { rest - MONIT_WRAPS_AT } else { rest }
}

/// Whether an address is written in numbers, in one of the ways of inet_aton(3) or with an interface behind it.
fn is_numeric(text: &str) -> bool {
    if let Some((address, interface)) = text.split_once('%') {
        return !interface.is_empty() && matches!(address.parse(), Ok(IpAddr::V6(_)));
    }
    text.parse::<IpAddr>().is_ok() || old_ipv4(text).is_some()
}

/// An address of IPv4 in one to four numbers, which may be octal or hexadecimal; the last one fills what is left.
fn old_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut parts = text.split('.').map(old_number).collect::<Option<Vec<u32>>>()?;
    let last = parts.pop()?;
    let before = u32::try_from(parts.len()).ok().filter(|count| *count < 4)?;
    let room = u64::from(u32::MAX) >> (8 * before);
    if u64::from(last) > room || parts.iter().any(|part| *part > 255) {
        return None;
    }
    let high = parts.iter().zip([24, 16, 8]).map(|(part, shift)| part << shift).sum::<u32>();
    Some(Ipv4Addr::from(high | last))
}

fn old_number(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match (lower.strip_prefix("0x"), lower.strip_prefix('0')) {
        (Some(hexadecimal), _) => (hexadecimal, 16),
        (None, Some(octal)) if !octal.is_empty() => (octal, 8),
        _ => (lower.as_str(), 10),
    };
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    u32::from_str_radix(digits, radix).ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of them was tried with Monit 5.33.
    #[test]
    fn addresses_in_numbers() {
        for text in
            ["1.2.3.4", "1.2.3", "127.1", "1.65536", "010.0.0.1", "0x7f000001", "2130706433", "::1", "fe80::1%lo"]
        {
            assert!(is_numeric(text), "{text}");
        }
        for text in ["localhost", "", "256.1.1.1", "1.2.3.256", "1.2.3.4.5", "08.1.1.1", "1.2.3.4/24", "1..2", "+1"] {
            assert!(!is_numeric(text), "{text}");
        }
        assert_eq!(old_ipv4("127.1"), Some(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn milliseconds_lose_their_upper_bits() {
        assert_eq!(signed(5_000_000_000.0), 705_032_704.0);
        assert_eq!(signed(3_000_000_000.0), -1_294_967_296.0);
        assert_eq!(signed(-1_294_967_296_000.0), 2_112_827_392.0);
    }
}
