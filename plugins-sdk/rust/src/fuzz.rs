//! Peers that nobody wrote: a probe against arbitrary bytes, for property tests and fuzzers.

use std::cell::{Cell, RefCell};

use crate::{
    Check, Comparison, Conn, Hash, HashKind, IoError, OptionType, Options, Pattern, Peer, Probe, Relation, TlsInfo,
    Transport, Value, Verification, Wire,
};

/// What a probe may send to a peer in all. The host ends a check that sends more than 1 MiB.
const SENT_BYTES_MAX: usize = 1 << 20;
/// Calls that a check may make beside those that take bytes of the peer.
const CALLS_MAX: usize = 2_000;
/// What the host takes of an outcome.
const METRICS_MAX: usize = 64;
/// What the host takes of an outcome.
const FACTS_MAX: usize = 32;

/// Runs the check of `P` against a peer that says `bytes`, whatever it hears. The first two bytes decide about the
/// connection and the settings: whether options are set, whether it is encrypted or is to be, how the peer ends, and in
/// pieces of which size it speaks. Whatever the check returns is good; what must not happen is a panic.
///
/// # Panics
/// When the check calls the host more often than the bytes of the peer explain, sends more than 1 MiB, or passes with
/// metrics that it does not describe, or too many.
pub fn fuzz<P: Probe>(bytes: &[u8]) -> Check {
    let about = P::describe();
    let (head, said) = bytes.split_at(bytes.len().min(2));
    let [choice, piece] = [head.first().copied().unwrap_or(0), head.get(1).copied().unwrap_or(0)];
    let transport = about.transports.get(usize::from(choice >> 5)).or(about.transports.first());
    let crowd = Crowd {
        said: RefCell::new(said.to_vec()),
        piece: usize::from(piece).max(1),
        end: if choice & 1 == 0 { IoError::Closed } else { IoError::TimedOut },
        encrypted: Cell::new(choice & 2 != 0),
        start_tls_wanted: choice & 6 == 4 && about.start_tls,
        reopened: Cell::new(false),
        transport: transport.copied().unwrap_or(Transport::Tcp),
        calls: Cell::new(0),
        calls_max: CALLS_MAX + 4 * said.len(),
        sent: Cell::new(0),
    };
    let all = choice & 8 != 0;
    let settings = about.options.iter().filter_map(|option| {
        let value = match &option.default {
            Some(value) => Some(value.clone()),
            None => (all || option.required).then(|| sample(&option.kind, choice & 16 != 0)),
        };
        Some((option.name.clone(), value?))
    });
    let check = P::check(&Conn::new(&crowd), &Options::new(settings.collect()));
    if let Ok(outcome) = &check {
        let known = |name: &str| about.metrics.iter().any(|metric| metric.name == name);
        assert!(outcome.metrics.iter().all(|(name, _)| known(name)), "a metric is not described: {outcome:?}");
        assert!(outcome.metrics.len() <= METRICS_MAX && outcome.facts.len() <= FACTS_MAX, "too much: {outcome:?}");
    }
    check
}

/// A value that a rule may set.
fn sample(kind: &OptionType, other: bool) -> Value {
    let text = || if other { "a \u{e9} longer, odder text \u{0}\r\n".repeat(8) } else { "user".into() };
    match kind {
        OptionType::Text | OptionType::Secret => Value::Text(text()),
        OptionType::Integer(least, greatest) => Value::Integer(if other { *greatest } else { *least }),
        OptionType::Number => Value::Number(if other { -1e300 } else { 1.5 }),
        OptionType::Boolean => Value::Boolean(other),
        OptionType::Duration => Value::DurationMs(if other { u64::MAX } else { 1 }),
        OptionType::Size => Value::SizeBytes(if other { u64::MAX } else { 1 }),
        OptionType::Choice(words) => {
            let word = if other { words.last() } else { words.first() };
            Value::Text(word.cloned().unwrap_or_default())
        }
        OptionType::Texts => Value::Texts(vec![text(), text()]),
        OptionType::Comparison | OptionType::Share => {
            let (relation, number) = if other { (Relation::Less, i64::MAX) } else { (Relation::Greater, 50) };
            Value::Comparison(Comparison { relation, number })
        }
        OptionType::Pattern => Value::Pattern(Pattern { text: "a.c".into(), negated: other }),
        OptionType::Hash => Value::Hash(Hash { kind: HashKind::Sha256, digits: "0".repeat(64) }),
        OptionType::Headers => Value::Headers(vec![("X-Name".into(), text())]),
    }
}

/// A peer that says its bytes, whatever it hears.
struct Crowd {
    said: RefCell<Vec<u8>>,
    piece: usize,
    end: IoError,
    encrypted: Cell<bool>,
    start_tls_wanted: bool,
    reopened: Cell<bool>,
    transport: Transport,
    calls: Cell<usize>,
    calls_max: usize,
    sent: Cell<usize>,
}

impl Crowd {
    fn call(&self) {
        self.calls.set(self.calls.get() + 1);
        assert!(self.calls.get() <= self.calls_max, "the check goes on without end");
    }

    fn take(&self, at_most: usize) -> Result<Vec<u8>, IoError> {
        let mut said = self.said.borrow_mut();
        if said.is_empty() {
            return Err(self.end);
        }
        let piece = self.piece.min(said.len());
        let mut taken: Vec<u8> = if self.transport.is_datagram() {
            said.drain(..piece).collect()
        } else {
            let count = piece.min(at_most);
            said.drain(..count).collect()
        };
        taken.truncate(at_most);
        Ok(taken)
    }

    fn stream(&self) -> Result<(), IoError> {
        self.call();
        if self.transport.is_datagram() { Err(IoError::Other) } else { Ok(()) }
    }
}

impl Wire for Crowd {
    fn peer(&self) -> Peer {
        let is_unix = matches!(self.transport, Transport::UnixStream | Transport::UnixDatagram);
        let encrypted = self.encrypted.get();
        Peer {
            transport: self.transport,
            name: if is_unix { "/run/x".into() } else { "::1".into() },
            port: (!is_unix).then_some(1),
            address: "::1".into(),
            encrypted,
            start_tls_wanted: self.start_tls_wanted && !encrypted,
        }
    }

    fn tls(&self) -> Option<TlsInfo> {
        let (version, cipher) = ("TLS 1.2".into(), "x".into());
        let info = TlsInfo { version, cipher, verification: Verification::NotAsked, certificate: None };
        self.encrypted.get().then_some(info)
    }

    fn start_tls(&self) -> Result<(), IoError> {
        self.call();
        self.encrypted.set(true);
        Ok(())
    }

    fn reopen(&self) -> Result<(), IoError> {
        self.call();
        if self.reopened.replace(true) { Err(IoError::Other) } else { Ok(()) }
    }

    fn send(&self, data: &[u8]) -> Result<(), IoError> {
        self.call();
        self.sent.set(self.sent.get() + data.len());
        assert!(self.sent.get() <= SENT_BYTES_MAX, "the check sends without end");
        Ok(())
    }

    fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.call();
        self.take(at_most as usize)
    }

    fn receive_within(&self, at_most: u32, _wait_ms: u32) -> Result<Vec<u8>, IoError> {
        self.receive(at_most)
    }

    fn receive_exactly(&self, count: u32) -> Result<Vec<u8>, IoError> {
        self.stream()?;
        let mut said = self.said.borrow_mut();
        if said.len() < count as usize {
            said.clear();
            return Err(self.end);
        }
        Ok(said.drain(..count as usize).collect())
    }

    fn receive_until(&self, delimiter: &[u8], at_most: u32) -> Result<Vec<u8>, IoError> {
        self.stream()?;
        if delimiter.is_empty() {
            return Err(IoError::Other);
        }
        let mut said = self.said.borrow_mut();
        let end = said.len().min(at_most as usize);
        let found = said[..end].windows(delimiter.len()).position(|window| window == delimiter);
        match found {
            Some(found) => Ok(said.drain(..found + delimiter.len()).collect()),
            None if end < said.len() || end == at_most as usize => Err(IoError::TooLong),
            None => {
                said.clear();
                Err(self.end)
            }
        }
    }

    fn receive_all(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.stream()?;
        let all = std::mem::take(&mut *self.said.borrow_mut());
        if all.len() > at_most as usize { Err(IoError::TooLong) } else { Ok(all) }
    }

    fn finish_sending(&self) -> Result<(), IoError> {
        self.call();
        Ok(())
    }

    fn elapsed_us(&self) -> u64 {
        self.call();
        self.calls.get() as u64
    }

    fn remaining_us(&self) -> u64 {
        self.call();
        (self.calls_max - self.calls.get()) as u64
    }
}
