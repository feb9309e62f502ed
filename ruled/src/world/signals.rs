//! The signals that ruled listens to.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// End in good order (SIGTERM, SIGINT).
    Quit,
    /// Read the rules again, open the log anew (SIGHUP).
    Reload,
    /// Look at everything now (SIGUSR1).
    Wake,
    /// A child has ended (SIGCHLD).
    Reap,
}

/// The streams of signals.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    user: Signal,
    child: Signal,
}

impl Signals {
    /// Begins to listen. Must be called within the runtime.
    pub fn listen() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            user: signal(SignalKind::user_defined1())?,
            child: signal(SignalKind::child())?,
        })
    }

    /// The next wish. Several signals of a kind may come as one.
    pub async fn next(&mut self) -> Wish {
        tokio::select! {
            biased;
            _ = self.child.recv() => Wish::Reap,
            _ = self.terminate.recv() => Wish::Quit,
            _ = self.interrupt.recv() => Wish::Quit,
            _ = self.hangup.recv() => Wish::Reload,
            _ = self.user.recv() => Wish::Wake,
        }
    }
}
