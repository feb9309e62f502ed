//! A peer made of lines, for `cargo test`. It is strict: a probe that sends what the script does not hear fails the
//! test, and so does a script whose end is not reached.
//!
//! What does not live here: how a script is played, which is `stage`; how it must end, which is `trial`.

use crate::stage::{Stage, Step};
use crate::{Check, Conn, Describe, IoError, Options, Peer, Probe, Transport, Value, ambient};

/// A peer that says and hears what is written down; after its last step it closes the connection.
#[derive(Clone, Debug)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
    settings: Vec<(String, Value)>,
    pub(crate) peer: Peer,
    now: Option<u64>,
}

/// A script without any steps: a peer that closes the connection at once. It is reached over TCP, at port 7 of
/// `host.example`.
pub fn script() -> Script {
    let peer = Peer {
        transport: Transport::Tcp,
        name: "host.example".into(),
        port: Some(7),
        address: "192.0.2.1".into(),
        encrypted: false,
        start_tls_wanted: false,
    };
    Script { steps: Vec::new(), settings: Vec::new(), peer, now: None }
}

impl Script {
    /// The peer sends this; over datagrams, in one.
    pub fn says(self, bytes: impl AsRef<[u8]>) -> Self {
        let step = Step::Says(bytes.as_ref().to_vec());
        self.step(step)
    }

    /// The peer sends this without end.
    pub fn repeats(self, bytes: impl AsRef<[u8]>) -> Self {
        let step = Step::Repeats(bytes.as_ref().to_vec());
        self.step(step)
    }

    /// The probe must send this, byte for byte; over datagrams, in one.
    pub fn hears(self, bytes: impl AsRef<[u8]>) -> Self {
        let step = Step::Hears(bytes.as_ref().to_vec());
        self.step(step)
    }

    /// The probe may send whatever it likes, or nothing.
    pub fn hears_anything(self) -> Self {
        self.step(Step::HearsAnything)
    }

    /// The probe must begin encryption, which comes about. What the peer said before must have been read.
    pub fn starts_tls(self) -> Self {
        self.step(Step::StartsTls)
    }

    /// The probe must begin encryption, which does not come about.
    pub fn refuses_tls(self) -> Self {
        self.step(Step::Fails(IoError::Tls))
    }

    /// The probe must open the connection anew, and the peer takes it. Without this step it takes no other.
    pub fn reopens(self) -> Self {
        self.step(Step::Reopens)
    }

    /// The peer says nothing for a while: [`Conn::receive_within`] gives up once, and everything else waits.
    pub fn pauses(self) -> Self {
        self.step(Step::Pauses)
    }

    /// The peer closes the connection. After the last step it does so anyway.
    pub fn closes(self) -> Self {
        self.step(Step::Fails(IoError::Closed))
    }

    /// The peer says nothing more, and the deadline passes.
    pub fn times_out(self) -> Self {
        self.step(Step::Fails(IoError::TimedOut))
    }

    /// The connection breaks.
    pub fn breaks(self) -> Self {
        self.step(Step::Fails(IoError::Reset))
    }

    /// Nobody takes datagrams there.
    pub fn refuses(self) -> Self {
        self.step(Step::Fails(IoError::Refused))
    }

    /// The rule sets this option.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// The rule names this host and port.
    pub fn at(mut self, name: &str, port: u16) -> Self {
        self.peer.name = name.into();
        self.peer.port = Some(port);
        self
    }

    /// The rule reaches the service in this way.
    pub fn over(mut self, transport: Transport) -> Self {
        self.peer.transport = transport;
        if matches!(transport, Transport::UnixStream | Transport::UnixDatagram) {
            self.peer.port = None;
            self.peer.name = "/run/service.sock".into();
            self.peer.address = self.peer.name.clone();
        }
        self
    }

    /// The connection is encrypted from the start.
    pub fn encrypted(mut self) -> Self {
        self.peer.encrypted = true;
        self
    }

    /// The rule wants encryption that begins within the protocol.
    pub fn wants_start_tls(mut self) -> Self {
        self.peer.start_tls_wanted = true;
        self
    }

    /// So many seconds since 1970 is the time that [`now`](crate::now) tells.
    pub fn at_time(mut self, seconds: u64) -> Self {
        self.now = Some(seconds);
        self
    }

    /// Runs the check of `P` against this peer, with the defaults of the options that are not set.
    ///
    /// # Panics
    /// When the probe sends what the script does not hear, or passes without having sent what it must hear; when it has
    /// no option of a name that is set.
    pub fn run<P: Probe>(self) -> Check {
        let settings = complete(P::describe(), self.settings);
        fix_time(self.now);
        let stage = Stage::new(self.steps, self.peer);
        let check = P::check(&Conn::new(&stage), &Options::new(settings));
        if check.is_ok() {
            stage.must_be_over();
        }
        check
    }

    /// The same peer; where nobody said where it is, it is there.
    pub(crate) fn named(mut self, host: &str, port: u16) -> Self {
        if self.peer.name == script().peer.name {
            self.peer.name = host.into();
            self.peer.port = Some(port);
        }
        self
    }

    /// The peer of one connection among several.
    pub(crate) fn stage(self) -> Stage {
        let is_bare = self.settings.is_empty() && self.now.is_none();
        assert!(is_bare, "options and the time are those of the scene, not of one connection in it");
        Stage::new(self.steps, self.peer)
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// The settings of a test, and the defaults of what it does not set.
pub(crate) fn complete(about: Describe, mut settings: Vec<(String, Value)>) -> Vec<(String, Value)> {
    for (name, _) in &settings {
        assert!(about.options.iter().any(|option| option.name == *name), "the plugin describes no option {name}");
    }
    for option in about.options {
        if let Some(value) = option.default
            && !settings.iter().any(|(name, _)| *name == option.name)
        {
            settings.push((option.name, value));
        }
    }
    settings
}

/// Makes it that time on this thread, where a test says one.
pub(crate) fn fix_time(now: Option<u64>) {
    if let Some(now) = now {
        ambient::native::NOW.set(now);
    }
}
