//! `set limits`: how much is kept and how long is waited.

use std::time::Duration;

use grammar::ast::{LimitName, LimitSetting, Quantity, Unit};

use super::limit::bytes_of;
use super::{Context, length};
use crate::lint;
use crate::lint::wording::written_unit;
use crate::program::{Limits, Settings};

/// Where Monit's numbers begin again: it keeps sizes and milliseconds in 32 bits.
const MONIT_WRAPS_AT: f64 = 4_294_967_296.0;

impl Context<'_> {
    /// `set limits { … }`: holds for what stands behind it.
    pub(super) fn limits_of(&mut self, written: &[LimitSetting], settings: &mut Settings) {
        let mut limits = self.limits;
        for limit in written {
            match slot(limit.name.node, &mut limits) {
                Slot::Size(slot) => *slot = self.size(&limit.value).unwrap_or(*slot),
                Slot::Time(slot) => *slot = self.limit_time(&limit.value).unwrap_or(*slot),
            }
        }
        self.limits = limits;
        settings.limits = self.limits;
    }

    /// `set expectbuffer N`, the old word for one of the limits.
    pub(super) fn expect_buffer(&mut self, size: &Quantity, settings: &mut Settings) {
        if let Some(size) = self.size(size) {
            self.limits.send_expect_buffer_bytes = size;
            settings.limits = self.limits;
        }
    }

    /// A number of bytes.
    fn size(&mut self, written: &Quantity) -> Option<u64> {
        let number = self.number(&written.number)?;
        let unit = written.unit.as_ref().map(|unit| unit.node);
        let Some(factor) = unit.map_or(Some(1.0), bytes_of) else {
            return self.refuse(lint::unit_mismatch::no_size(written, self.text(written.span)));
        };
        if unit == Some(Unit::Terabyte) {
            self.say_that_monit_refuses(written, "GB is its largest unit");
        } else if number.fract() != 0.0 {
            self.say_that_monit_refuses(written, "it takes whole numbers only here");
        }
        Some(whole(self.kept(number * factor)))
    }

    /// A length of time, of which Monit keeps milliseconds.
    fn limit_time(&mut self, written: &Quantity) -> Option<Duration> {
        let number = self.number(&written.number)?;
        let unit = written.unit.as_ref().map(|unit| unit.node);
        let Some(factor) = unit.and_then(length::seconds_of) else {
            let unit = written.unit.as_ref().map(|unit| self.text(unit.span));
            return self.refuse(lint::unit_mismatch::no_time(written, self.text(written.span), unit));
        };
        if !matches!(unit, Some(Unit::Second | Unit::Millisecond)) {
            self.say_that_monit_refuses(written, "it takes seconds and milliseconds only");
        } else if number.fract() != 0.0 {
            self.say_that_monit_refuses(written, "it takes whole numbers only here");
        }
        Some(length::duration(self.kept((number * factor * 1_000.0).round()) / 1_000.0))
    }

    fn kept(&self, number: f64) -> f64 {
        if self.is_monit() { number.rem_euclid(MONIT_WRAPS_AT) } else { number }
    }

    fn say_that_monit_refuses(&mut self, written: &Quantity, reason: &str) {
        if self.is_monit() {
            let headline = format!("Monit refuses `{}` here", written_unit(self.text(written.span)));
            self.report(lint::not_portable::refused(written.span, headline, reason));
        }
    }
}

/// A number without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast clamps")]
fn whole(number: f64) -> u64 {
    number.floor() as u64
}

/// The place of a limit, and what is kept there.
enum Slot<'a> {
    Size(&'a mut u64),
    Time(&'a mut Duration),
}

fn slot(name: LimitName, limits: &mut Limits) -> Slot<'_> {
    match name {
        LimitName::ProgramOutput => Slot::Size(&mut limits.program_output_bytes),
        LimitName::SendExpectBuffer => Slot::Size(&mut limits.send_expect_buffer_bytes),
        LimitName::FileContentBuffer => Slot::Size(&mut limits.file_content_buffer_bytes),
        LimitName::HttpContentBuffer => Slot::Size(&mut limits.http_content_buffer_bytes),
        LimitName::NetworkTimeout => Slot::Time(&mut limits.network_timeout),
        LimitName::ProgramTimeout => Slot::Time(&mut limits.program_timeout),
        LimitName::StopTimeout => Slot::Time(&mut limits.stop_timeout),
        LimitName::StartTimeout => Slot::Time(&mut limits.start_timeout),
        LimitName::RestartTimeout => Slot::Time(&mut limits.restart_timeout),
    }
}
