//! A peer made of lines, for `cargo test`. It is strict: a probe that sends what the script does not hear fails the
//! test, and so does a script whose end is not reached.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::{Check, Conn, IoError, Options, Peer, Probe, Value, Wire};

#[derive(Clone, Debug)]
enum Step {
    Says(Vec<u8>),
    /// Says this again and again, without end.
    Repeats(Vec<u8>),
    Hears(Vec<u8>),
    /// Everything that is sent, whatever it is.
    HearsAnything,
    Fails(IoError),
}

/// A peer that says and hears what is written down; after its last step it closes the connection.
#[derive(Clone, Debug)]
pub struct Script {
    steps: Vec<Step>,
    settings: Vec<(String, Value)>,
    peer: Peer,
}

/// A script without any steps: a peer that closes the connection at once.
pub fn script() -> Script {
    let peer = Peer { name: "host.example".into(), port: 7, address: "192.0.2.1".into() };
    Script { steps: Vec::new(), settings: Vec::new(), peer }
}

impl Script {
    /// The peer sends this.
    pub fn says(self, bytes: impl AsRef<[u8]>) -> Self {
        let step = Step::Says(bytes.as_ref().to_vec());
        self.step(step)
    }

    /// The peer sends this without end.
    pub fn repeats(self, bytes: impl AsRef<[u8]>) -> Self {
        let step = Step::Repeats(bytes.as_ref().to_vec());
        self.step(step)
    }

    /// The probe must send this, byte for byte.
    pub fn hears(self, bytes: impl AsRef<[u8]>) -> Self {
        let step = Step::Hears(bytes.as_ref().to_vec());
        self.step(step)
    }

    /// The probe may send whatever it likes, or nothing.
    pub fn hears_anything(self) -> Self {
        self.step(Step::HearsAnything)
    }

    /// The peer says nothing more, and the deadline passes.
    pub fn stays_silent(self) -> Self {
        self.step(Step::Fails(IoError::TimedOut))
    }

    /// The connection breaks.
    pub fn breaks(self) -> Self {
        self.step(Step::Fails(IoError::Reset))
    }

    /// The rule sets this option.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.settings.push((name.into(), value));
        self
    }

    /// The rule names this host and port.
    pub fn at(mut self, name: &str, port: u16) -> Self {
        self.peer.name = name.into();
        self.peer.port = port;
        self
    }

    /// Runs the check of `P` against this peer, with the defaults of the options that are not set.
    ///
    /// # Panics
    /// When the probe sends what the script does not hear, or passes without having sent what it must hear.
    pub fn run<P: Probe>(self) -> Check {
        let mut settings = self.settings;
        for option in P::describe().options {
            if let Some(value) = option.default
                && !settings.iter().any(|(name, _)| *name == option.name)
            {
                settings.push((option.name, value));
            }
        }
        let stage = Stage { steps: RefCell::new(self.steps.into()), peer: self.peer, calls: Cell::new(0) };
        let check = P::check(&Conn::new(&stage), &Options::new(settings));
        if check.is_ok() {
            for step in stage.steps.borrow().iter() {
                assert!(
                    !matches!(step, Step::Hears(bytes) if !bytes.is_empty()),
                    "the probe passed without sending {step:?}"
                );
            }
        }
        check
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// A script while it is played.
struct Stage {
    steps: RefCell<VecDeque<Step>>,
    peer: Peer,
    calls: Cell<u64>,
}

/// No sensible check needs as many reads; a probe that reads an endless peer without end is found out by it.
const CALLS_MAX: u64 = 1_000_000;

impl Stage {
    /// At least one byte and at most `at_most`, from the step that comes next.
    fn pull(&self, at_most: usize) -> Result<Vec<u8>, IoError> {
        self.calls.set(self.calls.get() + 1);
        assert!(self.calls.get() < CALLS_MAX, "the probe reads without end");
        let mut steps = self.steps.borrow_mut();
        loop {
            match steps.front_mut() {
                None => return Err(IoError::Closed),
                Some(Step::Fails(error)) => return Err(*error),
                Some(Step::Hears(bytes)) if !bytes.is_empty() => {
                    panic!("the probe waits for the peer, who waits for {:?}", String::from_utf8_lossy(bytes))
                }
                Some(Step::Repeats(bytes)) => {
                    let once_more = bytes.clone();
                    steps.push_front(Step::Says(once_more));
                }
                Some(Step::Says(bytes)) if !bytes.is_empty() => {
                    let count = bytes.len().min(at_most);
                    return Ok(bytes.drain(..count).collect());
                }
                Some(Step::Says(_) | Step::Hears(_) | Step::HearsAnything) => {
                    steps.pop_front();
                }
            }
        }
    }
}

impl Wire for Stage {
    fn peer(&self) -> Peer {
        self.peer.clone()
    }

    fn send(&self, data: &[u8]) -> Result<(), IoError> {
        let mut steps = self.steps.borrow_mut();
        // Both sides may speak at once: what the peer has said and nobody read yet does not hinder sending.
        let next = steps.iter_mut().find(|step| !matches!(step, Step::Says(_) | Step::Repeats(_)));
        match next {
            Some(Step::HearsAnything) => Ok(()),
            Some(Step::Hears(expected)) if expected.starts_with(data) => {
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
        self.pull(at_most as usize)
    }

    fn receive_exactly(&self, count: u32) -> Result<Vec<u8>, IoError> {
        let mut bytes = Vec::new();
        while bytes.len() < count as usize {
            bytes.extend(self.pull(count as usize - bytes.len())?);
        }
        Ok(bytes)
    }

    fn receive_until(&self, delimiter: &[u8], at_most: u32) -> Result<Vec<u8>, IoError> {
        if delimiter.is_empty() {
            return Err(IoError::Other);
        }
        let mut bytes = Vec::new();
        while !bytes.ends_with(delimiter) {
            if bytes.len() >= at_most as usize {
                return Err(IoError::TooLong);
            }
            // One byte at a time, so that nothing behind the delimiter is taken.
            bytes.extend(self.pull(1)?);
        }
        Ok(bytes)
    }

    fn receive_all(&self, at_most: u32) -> Result<Vec<u8>, IoError> {
        let mut bytes = Vec::new();
        loop {
            match self.pull(65_536) {
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
