//! The drain: a small process beside ruled that holds the pipes into which programs print, so that a service that was
//! started in the foreground can print on when ruled has ended, however it did.
//!
//! Whoever prints into a pipe that nobody reads any more is killed by the system (SIGPIPE, pipe(7)). ruled hands the drain
//! a copy of the reading end of each pipe as soon as the program runs. The drain reads nothing as long as ruled does;
//! what it does read it throws away, slowly, so that a flood costs little. It ends when ruled has ended and nobody is left
//! who could print.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, sendmsg, socketpair,
};

pub mod process;

/// The word that leads to the process.
pub const WORD: &str = "drain";

/// How long a message is: what to do, and the number of the pipe.
const MESSAGE_BYTES: usize = 9;

/// What ruled asks of the drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Hold the pipe that comes with the message, and do not read it.
    Hold = 0,
    /// Read it on: ruled does not any more.
    ReadOn = 1,
}

impl Wish {
    fn message(self, number: u64) -> [u8; MESSAGE_BYTES] {
        let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
        [self as u8, a, b, c, d, e, f, g, h]
    }

    fn read(message: [u8; MESSAGE_BYTES]) -> Option<(Wish, u64)> {
        let [word, a, b, c, d, e, f, g, h] = message;
        let wish = [Wish::Hold, Wish::ReadOn].into_iter().find(|wish| *wish as u8 == word)?;
        Some((wish, u64::from_le_bytes([a, b, c, d, e, f, g, h])))
    }
}

/// ruled's end of the drain. The process is started with the first pipe.
#[derive(Debug, Default)]
pub struct Drain {
    socket: Option<Arc<OwnedFd>>,
    last_number: u64,
}

/// A pipe that the drain holds.
#[derive(Debug)]
pub struct Held {
    socket: Arc<OwnedFd>,
    number: u64,
}

impl Drain {
    /// Has this pipe held; `launcher` is ruled's own executable. The process is a child, whom the caller must reap. One
    /// that was killed is started anew, and what it held is not held any more. Never waits for the process.
    pub fn hold(&mut self, pipe: BorrowedFd<'_>, launcher: &Path) -> io::Result<Held> {
        self.last_number = self.last_number.wrapping_add(1);
        let number = self.last_number;
        if let Some(socket) = &self.socket
            && send(socket, Wish::Hold, number, Some(pipe)).is_ok()
        {
            return Ok(Held { socket: Arc::clone(socket), number });
        }
        let socket = Arc::new(start(launcher)?);
        send(&socket, Wish::Hold, number, Some(pipe))?;
        self.socket = Some(Arc::clone(&socket));
        Ok(Held { socket, number })
    }
}

impl Held {
    /// Has the pipe read on by the drain; whether it will be.
    pub fn read_on(self) -> bool {
        send(&self.socket, Wish::ReadOn, self.number, None).is_ok()
    }
}

/// Starts the process, in a folder and with an environment that are nobody's.
fn start(launcher: &Path) -> io::Result<OwnedFd> {
    let (ours, its) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    let mut process = Command::new(launcher);
    process.arg(WORD).env_clear().current_dir("/").stdin(its).stdout(Stdio::null()).stderr(Stdio::null());
    // Let go of without being waited for: the reaper does that.
    process.spawn()?;
    Ok(ours)
}

fn send(socket: &OwnedFd, wish: Wish, number: u64, pipe: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let message = wish.message(number);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let pipes: Vec<BorrowedFd<'_>> = pipe.into_iter().collect();
    if !pipes.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(&pipes));
    }
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    sendmsg(socket.as_fd(), &[IoSlice::new(&message)], &mut ancillary, flags)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Wish;

    #[test]
    fn a_message_is_understood() {
        for wish in [Wish::Hold, Wish::ReadOn] {
            assert_eq!(Wish::read(wish.message(0x0102_0304_0506_0708)), Some((wish, 0x0102_0304_0506_0708)));
        }
        assert_eq!(Wish::read([9; 9]), None);
    }
}
