//! Waits for the exit of a process, ours or not, by its pidfd.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A pidfd in the runtime's hands.
#[derive(Debug)]
pub struct ExitHandle {
    pidfd: AsyncFd<OwnedFd>,
}

impl ExitHandle {
    /// Takes the pidfd over. Must be called within the runtime; fails when the system takes no more descriptors.
    #[expect(
        deprecated,
        reason = "the safe constructor is unsound only for types whose descriptor changes; \
                                   an OwnedFd's never does, and the unsafe one is out of bounds here"
    )]
    pub fn new(pidfd: OwnedFd) -> io::Result<ExitHandle> {
        AsyncFd::with_interest(pidfd, Interest::READABLE).map(|pidfd| ExitHandle { pidfd })
    }

    /// Comes back when the process has exited: its pidfd is readable from then on (pidfd_open(2)).
    pub async fn exited(&self) -> io::Result<()> {
        self.pidfd.readable().await.map(drop)
    }
}
