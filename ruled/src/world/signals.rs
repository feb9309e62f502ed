//! The signals that ruled listens to.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signal of which the standard library takes care: ruled ignores it, programs do not.
const BROKEN_PIPE: i32 = 13;

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
    /// Begins to listen. Must be called within the runtime. `ignored` are the signals that whoever started ruled had it
    /// ignore, the first in the lowest bit.
    pub fn listen(ignored: u64) -> io::Result<Signals> {
        for number in
            (1..=i32::try_from(u64::BITS).unwrap_or_default()).filter(|number| ignored >> (number - 1) & 1 == 1)
        {
            if number != BROKEN_PIPE {
                // From here on it is caught, and does as little as before; but programs are not handed on what is caught
                // (execve(2)). Those that nobody may catch are not ignored either.
                signal(SignalKind::from_raw(number)).ok();
            }
        }
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
