//! From what a guest answered, or how it ended, to the outcome of a probe: sentences for people, cleaned.

use std::time::Duration;

use wasmtime::Trap;

use super::ProbeOutcome;
use super::bindings::ruled::plugin::types::{Failure, IoError, Metric, Outcome};
use super::guest::{Guest, Quota};
use super::limits::{
    CALL_BYTES_MAX, FACT_BYTES_MAX, FACTS_MAX, Fault, GRACE, METRICS_MAX, RECEIVED_BYTES_MAX, SUMMARY_BYTES_MAX,
};
use super::secrets::Secrets;
use super::source::Source;
use crate::transport::seconds;

/// Of so many metrics at most it is said that they are left out.
const LEFT_OUT_MAX: usize = 8;

/// Who used so large a part of the budget, and came to no end, was not only kept waiting.
const WORKING_PART: u32 = 4;

/// How a check ended.
pub(super) struct Verdict {
    pub(super) outcome: ProbeOutcome,
    /// The sentence, where it is the plugin's own fault, and not that of the rule or of this machine.
    pub(super) fault: Option<String>,
}

impl From<ProbeOutcome> for Verdict {
    fn from(outcome: ProbeOutcome) -> Verdict {
        Verdict { outcome, fault: None }
    }
}

/// One line without control characters, and without those that change the direction of writing; at most `bytes_max`
/// bytes, and an ellipsis where it was cut.
pub(super) fn clean(text: &str, bytes_max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(bytes_max));
    for letter in text.chars() {
        let letter = if letter.is_control() || turns(letter) { ' ' } else { letter };
        if letter == ' ' && (line.is_empty() || line.ends_with(' ')) {
            continue;
        }
        if line.len() + letter.len_utf8() > bytes_max {
            let mut end = bytes_max.saturating_sub('…'.len_utf8());
            while !line.is_char_boundary(end) {
                end -= 1;
            }
            line.truncate(end);
            line.push('…');
            break;
        }
        line.push(letter);
    }
    line.truncate(line.trim_end().len());
    line
}

/// Whether a letter changes the direction of writing or is a separator of lines.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Who is judged, and what must not be said.
pub(super) struct Judge<'a> {
    pub(super) source: &'a Source,
    pub(super) secrets: &'a Secrets,
    pub(super) timeout: Duration,
}

impl Judge<'_> {
    /// The outcome of a check that came to its end.
    pub(super) fn answered(&self, guest: &Guest, answer: Result<Outcome, Failure>) -> Verdict {
        match answer {
            Ok(outcome) => self.passed(outcome).into(),
            Err(failure) => self.failed(guest, failure),
        }
    }

    fn passed(&self, outcome: Outcome) -> ProbeOutcome {
        let known = |name: &str| self.source.description().metrics.iter().any(|metric| metric.name == name);
        let metrics = outcome.metrics.into_iter().filter(|metric| metric.value.is_finite() && known(&metric.name));
        let facts = outcome.facts.into_iter().take(FACTS_MAX);
        let fact = |text: &str| self.secrets.clean(text, FACT_BYTES_MAX);
        ProbeOutcome::Passed {
            summary: self.secrets.clean(&outcome.summary, SUMMARY_BYTES_MAX),
            facts: facts.map(|(name, text)| (fact(&name), fact(&text))).collect(),
            metrics: metrics.take(METRICS_MAX).map(|metric| (metric.name, metric.value)).collect(),
        }
    }

    /// What the author should know of the metrics that are left out, as lines of the log.
    pub(super) fn left_out(&self, answer: &Result<Outcome, Failure>) -> Vec<String> {
        let Ok(outcome) = answer else { return Vec::new() };
        let described = &self.source.description().metrics;
        let line = |metric: &Metric| {
            let name = self.secrets.clean(&metric.name, FACT_BYTES_MAX);
            match described.iter().any(|one| one.name == metric.name) {
                false => Some(format!("warn: the metric {name:?} is left out: the description does not name it")),
                true if metric.value.is_finite() => None,
                true => Some(format!("warn: the metric {name:?} is left out: it is {}", metric.value)),
            }
        };
        outcome.metrics.iter().filter_map(line).take(LEFT_OUT_MAX).collect()
    }

    fn failed(&self, guest: &Guest, failure: Failure) -> Verdict {
        let sentence = |text: &str| ProbeOutcome::Failed(self.secrets.clean(text, SUMMARY_BYTES_MAX)).into();
        match failure {
            Failure::Protocol(text) => sentence(&text),
            Failure::Rejected(text) => sentence(&format!("the service refuses: {text}")),
            Failure::Mismatch(m) => sentence(&format!("the {} is {}, expected {}", m.what, m.found, m.expected)),
            Failure::Misconfigured(text) => {
                let text = format!("the options of the {} plugin make no sense: {text}", self.source.name());
                ProbeOutcome::Faulted(self.secrets.clean(&text, SUMMARY_BYTES_MAX)).into()
            }
            Failure::Unknown(text) => ProbeOutcome::Faulted(self.secrets.clean(&text, SUMMARY_BYTES_MAX)).into(),
            Failure::Io(error) => self.io(guest, error),
        }
    }

    fn io(&self, guest: &Guest, error: IoError) -> Verdict {
        if let Some(why) = guest.why.as_ref().filter(|why| why.error == error) {
            let sentence = self.secrets.clean(&why.sentence, SUMMARY_BYTES_MAX);
            let outcome = if why.is_ours { ProbeOutcome::Faulted(sentence) } else { ProbeOutcome::Failed(sentence) };
            return outcome.into();
        }
        let failed = |sentence: &str| ProbeOutcome::Failed(sentence.to_owned()).into();
        match error {
            IoError::TimedOut => failed(&format!("no complete answer within {}", seconds(self.timeout))),
            IoError::Closed => failed("the service closed the connection before its answer was complete"),
            IoError::Reset => failed("the service broke the connection"),
            IoError::Refused => failed("nobody takes datagrams there"),
            // A check may have read a file.
            IoError::TooLong if self.source.is_check() => failed("there is more than the plugin takes at once"),
            IoError::TooLong => failed("the service sent more than is allowed in one answer"),
            IoError::Other => failed("the connection could not be used"),
            IoError::Tls => self.blame("reported that encryption failed, which it did not begin"),
            IoError::NotGranted => self.blame("reported that something is not granted, which it did not ask for"),
            IoError::NotFound => self.blame("reported that a file is missing, which it did not look for"),
            IoError::Unreachable => self.blame("reported that it could not reach what it did not ask for"),
            IoError::Limit => match guest.used_up {
                Some(Quota::Received) => {
                    failed(&format!("the service sent more than {} MiB", RECEIVED_BYTES_MAX >> 20))
                }
                Some(Quota::Sent) => self.fault(Fault::Sent),
                Some(Quota::Call) => self.fault(Fault::Call),
                Some(Quota::Connections) => self.fault(Fault::Connections),
                Some(Quota::Read) => self.fault(Fault::Read),
                Some(Quota::Fetches) => self.fault(Fault::Fetches),
                None => self.blame("reported a limit that it did not reach"),
            },
        }
    }

    /// The outcome of a check whose guest did not come to its end.
    pub(super) fn ended(&self, guest: &Guest, error: &wasmtime::Error) -> Verdict {
        if let Some(limit) = error.downcast_ref::<Fault>() {
            return self.fault(*limit);
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::UnreachableCodeReached) => match &guest.last_words {
                Some(words) => self.blame(&format!("stopped itself: {words}")),
                None => self.blame("stopped itself without saying why"),
            },
            Some(Trap::StackOverflow) => self.blame("used up its stack"),
            Some(Trap::MemoryOutOfBounds) => self.blame("touched memory outside its own"),
            Some(trap) => self.blame(&format!("stopped with a trap: {trap}")),
            // The engine has no type of its own for this one.
            None if error.root_cause().to_string().contains("fuel allocated for hostcalls") => {
                self.blame(&format!("handed over more than {} MiB at once", CALL_BYTES_MAX >> 20))
            }
            None => self.blame(&format!("could not run: {}", error.root_cause())),
        }
    }

    /// The outcome of a check that was still running when all its time was over, and had not used up its CPU budget, of which it
    /// had `used` so much: where many loop side by side, none of them comes to the end of its own.
    pub(super) fn overdue(&self, used: Duration) -> Verdict {
        let (name, time) = (self.source.name(), seconds(self.timeout + GRACE));
        if matches!(self.source, Source::Added(_)) && used > self.source.allowance().cpu / WORKING_PART {
            return self.blame(&format!("computed for {} and came to no end within {time}", seconds(used)));
        }
        ProbeOutcome::Faulted(format!(
            "this machine was too busy for the {name} plugin to come to an end within {time}"
        ))
        .into()
    }

    fn fault(&self, limit: Fault) -> Verdict {
        self.blame(&limit.to_string())
    }

    fn blame(&self, what: &str) -> Verdict {
        let sentence = self.secrets.clean(&format!("the {} plugin {what}", self.source.name()), SUMMARY_BYTES_MAX);
        Verdict { outcome: ProbeOutcome::Faulted(sentence.clone()), fault: Some(sentence) }
    }
}
