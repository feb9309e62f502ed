//! `ruled drain`: the process that holds pipes. Its standard input is the socket to ruled. It is no command for people, and
//! is looked for before the command line is read.

use std::collections::BTreeMap;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, setsid};

use super::{MESSAGE_BYTES, Wish};

/// How many pipes are held at most. A further one is let go of, and whoever prints into it is not protected.
const HELD_MAX: usize = 4096;

/// How many descriptors are needed beside those.
const DESCRIPTORS_RESERVE: u64 = 16;

/// How much is read of one pipe at a time: as much as it holds (pipe(7)).
const BURST_BYTES: usize = 64 * 1024;

/// How long it pauses after each reading: so one that floods costs little.
const FLOOD_PAUSE: Duration = Duration::from_millis(20);

/// What is held.
#[derive(Debug)]
struct Pipe {
    end: OwnedFd,
    is_read: bool,
}

/// Holds what it is handed, until ruled has ended and nobody is left who could print.
pub fn main() -> ExitCode {
    // The terminal's Ctrl-C is meant for ruled. It fails only where there is nothing to leave.
    setsid().ok();
    let maximum = getrlimit(Resource::Nofile).maximum;
    let wanted = HELD_MAX as u64 + DESCRIPTORS_RESERVE;
    let current = Some(maximum.map_or(wanted, |most| most.min(wanted)));
    // Without it fewer are held.
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).ok();
    let mut held = Held::default();
    while !(held.is_alone && held.pipes.is_empty()) {
        let ready = held.wait();
        if ready.contains(&None) {
            held.take();
        }
        let mut flowed = false;
        for number in ready.into_iter().flatten() {
            flowed |= held.turn(number);
        }
        if flowed {
            std::thread::sleep(FLOOD_PAUSE);
        }
    }
    ExitCode::SUCCESS
}

#[derive(Debug, Default)]
struct Held {
    pipes: BTreeMap<u64, Pipe>,
    /// Whether ruled has ended.
    is_alone: bool,
}

impl Held {
    /// Waits until something happens to the socket (none) or to pipes.
    fn wait(&self) -> Vec<Option<u64>> {
        let socket = std::io::stdin();
        let mut numbers = Vec::with_capacity(self.pipes.len() + 1);
        let mut polled = Vec::with_capacity(self.pipes.len() + 1);
        if !self.is_alone {
            numbers.push(None);
            polled.push(PollFd::new(&socket, PollFlags::IN));
        }
        for (number, pipe) in &self.pipes {
            // Of one that ruled reads only the end is of interest, which is always told.
            let wanted = if pipe.is_read || self.is_alone { PollFlags::IN } else { PollFlags::empty() };
            numbers.push(Some(*number));
            polled.push(PollFd::new(&pipe.end, wanted));
        }
        match poll(&mut polled, None) {
            Ok(_) => {}
            // Another attempt follows at once, or after a pause where it would only fail again.
            Err(Errno::INTR) => return Vec::new(),
            Err(_) => std::thread::sleep(FLOOD_PAUSE),
        }
        let happened = polled.iter().map(|one| !one.revents().is_empty());
        numbers.into_iter().zip(happened).filter_map(|(number, happened)| happened.then_some(number)).collect()
    }

    /// Takes a message of ruled's, or notes that there will be none any more.
    fn take(&mut self) {
        let mut message = [0; MESSAGE_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let socket = std::io::stdin();
        let length = match recvmsg(socket.as_fd(), &mut [IoSliceMut::new(&mut message)], &mut ancillary, flags) {
            Ok(received) => received.bytes,
            Err(Errno::INTR | Errno::AGAIN) => return,
            Err(_) => 0,
        };
        if length < MESSAGE_BYTES {
            self.is_alone = true;
            return;
        }
        let mut ends = ancillary.drain().flat_map(|one| match one {
            RecvAncillaryMessage::ScmRights(ends) => ends.collect::<Vec<OwnedFd>>(),
            _ => Vec::new(),
        });
        match (Wish::read(message), ends.next()) {
            (Some((Wish::Hold, number)), Some(end)) if self.pipes.len() < HELD_MAX => {
                self.pipes.insert(number, Pipe { end, is_read: false });
            }
            (Some((Wish::ReadOn, number)), _) => {
                if let Some(pipe) = self.pipes.get_mut(&number) {
                    pipe.is_read = true;
                }
            }
            _ => {}
        }
    }

    /// Something happened to a pipe; whether something was read.
    fn turn(&mut self, number: u64) -> bool {
        let Some(pipe) = self.pipes.get(&number) else { return false };
        if !pipe.is_read && !self.is_alone {
            // Only its end is waited for: ruled reads what is left.
            self.pipes.remove(&number);
            return false;
        }
        let mut buffer = vec![0; BURST_BYTES];
        match rustix::io::read(&pipe.end, &mut buffer) {
            Ok(0) => {
                self.pipes.remove(&number);
                false
            }
            Ok(_) => true,
            // ruled made it one that never waits.
            Err(Errno::INTR | Errno::AGAIN) => false,
            Err(_) => {
                self.pipes.remove(&number);
                false
            }
        }
    }
}
