//! The component's side of the contract: generated bindings, and the way from them to the types of this crate.
//! Only [`probe!`](crate::probe) and [`checker!`](crate::checker) use what is public here.

#![allow(missing_docs, unreachable_pub)]

pub mod checks;

use std::sync::Once;

use crate::{
    Certificate, Comparison, Conn, Describe, Hash, HashKind, IoError, MetricKind, OptionType, Options, Pattern, Peer,
    Probe, Relation, TlsInfo, Transport, Value, Verification, Wire,
};

wit_bindgen::generate!({
    path: "../wit/since-0.1",
    world: "probe",
    pub_export_macro: true,
    default_bindings_module: "ruled_plugin::glue",
});

pub use exports::ruled::plugin::prober::{Guest, Protocol};
pub use ruled::plugin::net::Connection;
use ruled::plugin::{log, net, types as wit};
pub use wit::{Failure, Outcome, Setting};

/// Makes a type the component's export.
#[doc(hidden)]
#[macro_export]
macro_rules! guest {
    ($component:ident, $probe:ty) => {
        impl $crate::glue::Guest for $component {
            fn describe() -> $crate::glue::Protocol {
                $crate::glue::describe::<$probe>()
            }

            fn check(
                conn: $crate::glue::Connection,
                settings: ::std::vec::Vec<$crate::glue::Setting>,
            ) -> ::core::result::Result<$crate::glue::Outcome, $crate::glue::Failure> {
                $crate::glue::check::<$probe>(&conn, settings)
            }
        }
        $crate::glue::export!($component with_types_in $crate::glue);
    };
}

/// A panic ends in a trap, and a trap carries no text, so the text goes ahead of it.
fn speak_before_the_end() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(|panic| log::last_words(&panic.to_string()))));
}

pub fn describe<P: Probe>() -> Protocol {
    speak_before_the_end();
    let about = P::describe();
    Protocol {
        transports: about.transports.iter().map(|transport| (*transport).into()).collect(),
        default_port: about.port,
        default_tls_port: about.tls_port,
        start_tls: about.start_tls,
        about: description(about),
    }
}

/// What probes and checks have in common.
fn description(about: Describe) -> wit::Description {
    let Describe { name, version, summary, page, options, metrics, .. } = about;
    let options = options
        .into_iter()
        .map(|option| wit::OptionSpec {
            name: option.name,
            help: option.help,
            page: option.page,
            kind: option.kind.into(),
            required: option.required,
            default: option.default.map(Into::into),
        })
        .collect();
    let metrics = metrics
        .into_iter()
        .map(|metric| wit::MetricSpec { name: metric.name, help: metric.help, kind: metric.kind.into() })
        .collect();
    wit::Description { name, version, summary, page, options, metrics }
}

pub fn check<P: Probe>(conn: &Connection, settings: Vec<Setting>) -> Result<Outcome, Failure> {
    speak_before_the_end();
    answer(P::check(&Conn::new(conn), &options(settings)))
}

fn options(settings: Vec<Setting>) -> Options {
    Options::new(settings.into_iter().map(|setting| (setting.name, setting.value.into())).collect())
}

fn answer(check: crate::Check) -> Result<Outcome, Failure> {
    match check {
        Ok(crate::Outcome { summary, metrics, facts }) => {
            let metrics = metrics.into_iter().map(|(name, value)| wit::Metric { name, value }).collect();
            Ok(Outcome { summary, metrics, facts })
        }
        Err(failure) => Err(match failure {
            crate::Failure::Io(error) => Failure::Io(error.into()),
            crate::Failure::Protocol(sentence) => Failure::Protocol(sentence),
            crate::Failure::Rejected(answer) => Failure::Rejected(answer),
            crate::Failure::Mismatch { what, expected, found } => {
                Failure::Mismatch(wit::Mismatch { what, expected, found })
            }
            crate::Failure::Misconfigured(sentence) => Failure::Misconfigured(sentence),
            crate::Failure::Unknown(sentence) => Failure::Unknown(sentence),
        }),
    }
}

impl Wire for Connection {
    fn peer(&self) -> Peer {
        let peer = Connection::peer(self);
        Peer {
            transport: peer.transport.into(),
            name: peer.name,
            port: peer.port,
            address: peer.address,
            encrypted: peer.encrypted,
            start_tls_wanted: peer.start_tls_wanted,
        }
    }

    fn tls(&self) -> Option<TlsInfo> {
        let tls = Connection::tls(self)?;
        Some(TlsInfo {
            version: tls.version,
            cipher: tls.cipher,
            verification: match tls.verification {
                net::Verification::Verified => Verification::Verified,
                net::Verification::SelfSigned => Verification::SelfSigned,
                net::Verification::NotAsked => Verification::NotAsked,
            },
            certificate: tls.certificate.map(|certificate| Certificate {
                fingerprint: certificate.fingerprint,
                subject: certificate.subject,
                issuer: certificate.issuer,
                not_before: certificate.not_before,
                not_after: certificate.not_after,
            }),
        })
    }

    fn start_tls(&self) -> Result<(), IoError> {
        Ok(Connection::start_tls(self)?)
    }

    fn reopen(&self) -> Result<(), IoError> {
        Ok(Connection::reopen(self)?)
    }

    fn send(&self, data: &[u8]) -> Result<(), IoError> {
        Ok(Connection::send(self, data)?)
    }

    fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        Ok(Connection::receive(self, at_most)?)
    }

    fn receive_within(&self, at_most: u32, wait_ms: u32) -> Result<Vec<u8>, IoError> {
        Ok(Connection::receive_within(self, at_most, wait_ms)?)
    }

    fn receive_exactly(&self, count: u32) -> Result<Vec<u8>, IoError> {
        Ok(Connection::receive_exactly(self, count)?)
    }

    fn receive_until(&self, delimiter: &[u8], at_most: u32) -> Result<Vec<u8>, IoError> {
        Ok(Connection::receive_until(self, delimiter, at_most)?)
    }

    fn receive_all(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        Ok(Connection::receive_all(self, at_most)?)
    }

    fn finish_sending(&self) -> Result<(), IoError> {
        Ok(Connection::finish_sending(self)?)
    }

    fn elapsed_us(&self) -> u64 {
        Connection::elapsed_us(self)
    }

    fn remaining_us(&self) -> u64 {
        Connection::remaining_us(self)
    }
}

/// Two enums with the same cases, in both directions.
macro_rules! same_cases {
    ($ours:ident, $theirs:path: $($case:ident),*) => {
        impl From<$theirs> for $ours {
            fn from(theirs: $theirs) -> $ours {
                match theirs { $(<$theirs>::$case => $ours::$case),* }
            }
        }
        impl From<$ours> for $theirs {
            fn from(ours: $ours) -> $theirs {
                match ours { $($ours::$case => <$theirs>::$case),* }
            }
        }
    };
}

same_cases!(
    IoError,
    wit::IoError: TimedOut, Closed, Reset, Refused, TooLong, Tls, NotGranted, NotFound, Unreachable, Limit, Other
);
same_cases!(Transport, wit::Transport: Tcp, Udp, UnixStream, UnixDatagram);
same_cases!(HashKind, wit::HashKind: Md5, Sha1, Sha256);
same_cases!(MetricKind, wit::MetricKind: Gauge, Counter, DurationMs, Bytes, Percent);
same_cases!(Relation, wit::Relation: Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual);

impl From<OptionType> for wit::OptionType {
    fn from(kind: OptionType) -> Self {
        match kind {
            OptionType::Text => wit::OptionType::Text,
            OptionType::Secret => wit::OptionType::Secret,
            OptionType::Integer(least, greatest) => wit::OptionType::Integer((least, greatest)),
            OptionType::Number => wit::OptionType::Number,
            OptionType::Boolean => wit::OptionType::Boolean,
            OptionType::Duration => wit::OptionType::Duration,
            OptionType::Size => wit::OptionType::Size,
            OptionType::Choice(words) => wit::OptionType::Choice(words),
            OptionType::Texts => wit::OptionType::Texts,
            OptionType::Comparison => wit::OptionType::Comparison,
            OptionType::Share => wit::OptionType::Share,
            OptionType::Pattern => wit::OptionType::Pattern,
            OptionType::Hash => wit::OptionType::Hash,
            OptionType::Headers => wit::OptionType::Headers,
        }
    }
}

impl From<Value> for wit::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => wit::Value::Text(text),
            Value::Integer(number) => wit::Value::Integer(number),
            Value::Number(number) => wit::Value::Number(number),
            Value::Boolean(yes) => wit::Value::Boolean(yes),
            Value::DurationMs(span) => wit::Value::DurationMs(span),
            Value::SizeBytes(size) => wit::Value::SizeBytes(size),
            Value::Texts(texts) => wit::Value::Texts(texts),
            Value::Comparison(Comparison { relation, number }) => {
                wit::Value::Comparison(wit::Comparison { relation: relation.into(), number })
            }
            Value::Pattern(Pattern { text, negated }) => wit::Value::Pattern(wit::Pattern { text, negated }),
            Value::Hash(Hash { kind, digits }) => wit::Value::Hash(wit::Hash { kind: kind.into(), digits }),
            Value::Headers(headers) => wit::Value::Headers(headers),
        }
    }
}

impl From<wit::Value> for Value {
    fn from(value: wit::Value) -> Self {
        match value {
            wit::Value::Text(text) => Value::Text(text),
            wit::Value::Integer(number) => Value::Integer(number),
            wit::Value::Number(number) => Value::Number(number),
            wit::Value::Boolean(yes) => Value::Boolean(yes),
            wit::Value::DurationMs(span) => Value::DurationMs(span),
            wit::Value::SizeBytes(size) => Value::SizeBytes(size),
            wit::Value::Texts(texts) => Value::Texts(texts),
            wit::Value::Comparison(wit::Comparison { relation, number }) => {
                Value::Comparison(Comparison { relation: relation.into(), number })
            }
            wit::Value::Pattern(wit::Pattern { text, negated }) => Value::Pattern(Pattern { text, negated }),
            wit::Value::Hash(wit::Hash { kind, digits }) => Value::Hash(Hash { kind: kind.into(), digits }),
            wit::Value::Headers(headers) => Value::Headers(headers),
        }
    }
}
