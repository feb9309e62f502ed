//! A script while it is played: the connection of a probe in `cargo test`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::{Certificate, IoError, Peer, TlsInfo, Verification, Wire};

/// What a peer does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Says(Vec<u8>),
    /// Says this again and again, without end.
    Repeats(Vec<u8>),
    Hears(Vec<u8>),
    /// Everything that is sent, whatever it is.
    HearsAnything,
    StartsTls,
    /// Takes a new connection in place of the one before.
    Reopens,
    /// Keeps a wait with a limit of its own waiting once.
    Pauses,
    /// From here on everything fails in this way.
    Fails(IoError),
}

/// A script while it is played.
pub(crate) struct Stage {
    steps: RefCell<VecDeque<Step>>,
    peer: RefCell<Peer>,
    calls: Cell<u64>,
}

/// No sensible check needs as many reads; a probe that reads an endless peer without end is found out by it.
const CALLS_MAX: u64 = 1_000_000;

impl Stage {
    pub(crate) fn new(steps: Vec<Step>, peer: Peer) -> Stage {
        Stage { steps: RefCell::new(steps.into()), peer: RefCell::new(peer), calls: Cell::new(0) }
    }

    /// Fails the test when the probe has left out something that it must do.
    pub(crate) fn must_be_over(&self) {
        let datagrams = self.is_datagram();
        for step in self.steps.borrow().iter() {
            let left_out = match step {
                Step::Hears(bytes) => datagrams || !bytes.is_empty(),
                Step::StartsTls | Step::Reopens => true,
                _ => false,
            };
            assert!(!left_out, "the probe passed without doing its part of {step:?}");
        }
    }

    fn is_datagram(&self) -> bool {
        self.peer.borrow().transport.is_datagram()
    }

    /// At least one byte and at most `at_most`, from the step that comes next; over datagrams, one of them.
    fn pull(&self, at_most: usize, waits: bool) -> Result<Vec<u8>, IoError> {
        self.calls.set(self.calls.get() + 1);
        assert!(self.calls.get() < CALLS_MAX, "the probe reads without end");
        let datagrams = self.is_datagram();
        let mut steps = self.steps.borrow_mut();
        loop {
            match steps.front_mut() {
                None => return Err(if datagrams { IoError::TimedOut } else { IoError::Closed }),
                Some(Step::Fails(error)) => return Err(*error),
                Some(Step::Hears(bytes)) if datagrams || !bytes.is_empty() => {
                    panic!("the probe waits for the peer, who waits for {:?}", String::from_utf8_lossy(bytes))
                }
                Some(Step::StartsTls) => panic!("the probe waits for the peer, who waits for encryption to begin"),
                // The old connection is at its end.
                Some(Step::Reopens) => return Err(IoError::Closed),
                Some(Step::Repeats(bytes)) => {
                    let once_more = bytes.clone();
                    steps.push_front(Step::Says(once_more));
                }
                Some(Step::Says(bytes)) if datagrams => {
                    bytes.truncate(at_most);
                    let whole = std::mem::take(bytes);
                    steps.pop_front();
                    return Ok(whole);
                }
                Some(Step::Says(bytes)) if !bytes.is_empty() => {
                    let count = bytes.len().min(at_most);
                    return Ok(bytes.drain(..count).collect());
                }
                Some(Step::Pauses) if !waits => {
                    steps.pop_front();
                    return Err(IoError::TimedOut);
                }
                Some(Step::Says(_) | Step::Hears(_) | Step::HearsAnything | Step::Pauses) => {
                    steps.pop_front();
                }
            }
        }
    }

    /// What a probe may not ask for over datagrams.
    fn stream(&self) -> Result<(), IoError> {
        if self.is_datagram() { Err(IoError::Other) } else { Ok(()) }
    }
}

impl Wire for Stage {
    fn peer(&self) -> Peer {
        self.peer.borrow().clone()
    }

    fn tls(&self) -> Option<TlsInfo> {
        self.peer.borrow().encrypted.then(|| TlsInfo {
            version: "TLS 1.3".into(),
            cipher: "TLS_AES_256_GCM_SHA384".into(),
            verification: Verification::Verified,
            certificate: Some(Certificate {
                fingerprint: "00".repeat(32),
                subject: "CN=host.example".into(),
                issuer: "CN=nobody".into(),
                not_before: Some(0),
                not_after: Some(i64::from(u32::MAX)),
            }),
        })
    }

    fn start_tls(&self) -> Result<(), IoError> {
        let mut steps = self.steps.borrow_mut();
        while matches!(steps.front(), Some(Step::HearsAnything | Step::Pauses))
            || matches!(steps.front(), Some(Step::Says(bytes) | Step::Hears(bytes)) if bytes.is_empty())
        {
            steps.pop_front();
        }
        match steps.front() {
            Some(Step::StartsTls) => {
                steps.pop_front();
                let mut peer = self.peer.borrow_mut();
                (peer.encrypted, peer.start_tls_wanted) = (true, false);
                Ok(())
            }
            // What was said before encryption and not read is what an attacker puts there.
            Some(Step::Says(_) | Step::Repeats(_)) => {
                steps.push_front(Step::Fails(IoError::Tls));
                Err(IoError::Tls)
            }
            Some(Step::Fails(error)) => Err(*error),
            Some(step) => panic!("the probe begins encryption, the script expects {step:?}"),
            None => panic!("the probe begins encryption, the script is at its end"),
        }
    }

    fn reopen(&self) -> Result<(), IoError> {
        let mut steps = self.steps.borrow_mut();
        let Some(place) = steps.iter().position(|step| matches!(step, Step::Reopens)) else {
            steps.clear();
            return Err(IoError::Reset);
        };
        if let Some(Step::Hears(bytes)) =
            steps.iter().take(place).find(|step| matches!(step, Step::Hears(bytes) if !bytes.is_empty()))
        {
            panic!("the probe opens a new connection, the script hears {:?}", String::from_utf8_lossy(bytes));
        }
        steps.drain(..=place);
        Ok(())
    }

    fn send(&self, data: &[u8]) -> Result<(), IoError> {
        let datagrams = self.is_datagram();
        let mut steps = self.steps.borrow_mut();
        // Both sides may speak at once: what the peer has said and nobody read yet does not hinder sending.
        let next = steps.iter().position(|step| match step {
            Step::Says(_) | Step::Repeats(_) | Step::Pauses => false,
            Step::Hears(bytes) => datagrams || !bytes.is_empty(),
            _ => true,
        });
        match next.and_then(|place| steps.get_mut(place)) {
            Some(Step::HearsAnything) => Ok(()),
            // A datagram is heard whole, and may be empty.
            Some(Step::Hears(expected)) if datagrams && expected.as_slice() == data => {
                next.and_then(|place| steps.remove(place));
                Ok(())
            }
            Some(Step::Hears(expected)) if !datagrams && expected.starts_with(data) => {
                expected.drain(..data.len());
                Ok(())
            }
            Some(Step::Hears(expected)) => panic!(
                "the probe sends {:?}, the script hears {:?}",
                String::from_utf8_lossy(data),
                String::from_utf8_lossy(expected)
            ),
            Some(Step::Fails(error)) => Err(*error),
            _ => panic!("the probe sends {:?}, the script hears nothing", String::from_utf8_lossy(data)),
        }
    }

    fn receive(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.pull(at_most as usize, true)
    }

    fn receive_within(&self, at_most: u32, _wait_ms: u32) -> Result<Vec<u8>, IoError> {
        self.pull(at_most as usize, false)
    }

    fn receive_exactly(&self, count: u32) -> Result<Vec<u8>, IoError> {
        self.stream()?;
        let mut bytes = Vec::new();
        while bytes.len() < count as usize {
            bytes.extend(self.pull(count as usize - bytes.len(), true)?);
        }
        Ok(bytes)
    }

    fn receive_until(&self, delimiter: &[u8], at_most: u32) -> Result<Vec<u8>, IoError> {
        self.stream()?;
        if delimiter.is_empty() {
            return Err(IoError::Other);
        }
        let mut bytes = Vec::new();
        while !bytes.ends_with(delimiter) {
            if bytes.len() >= at_most as usize {
                return Err(IoError::TooLong);
            }
            // One byte at a time, so that nothing behind the delimiter is taken.
            bytes.extend(self.pull(1, true)?);
        }
        Ok(bytes)
    }

    fn receive_all(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.stream()?;
        let mut bytes = Vec::new();
        loop {
            match self.pull(65_536, true) {
                Ok(more) => bytes.extend(more),
                Err(IoError::Closed) => return Ok(bytes),
                Err(error) => return Err(error),
            }
            if bytes.len() > at_most as usize {
                return Err(IoError::TooLong);
            }
        }
    }

    fn finish_sending(&self) -> Result<(), IoError> {
        Ok(())
    }

    fn elapsed_us(&self) -> u64 {
        self.calls.get()
    }

    fn remaining_us(&self) -> u64 {
        CALLS_MAX - self.calls.get()
    }
}
