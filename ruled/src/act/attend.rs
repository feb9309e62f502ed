//! Attends a program that runs: reads what it prints and notices when it ends.
//!
//! The program's own exit decides, not the end of its output: a daemon that it leaves behind may hold the pipe for
//! years. Such a pipe is read on and thrown away, because a closed one would end the daemon when it next prints: by the
//! drain, or here where there is none.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;
use tokio::sync::{Notify, Semaphore};

use super::drain::Held;
use super::exit::ExitHandle;
use super::output::Output;
use super::spawn::Child;

/// How much is read at a time: as much as a pipe holds (pipe(7)).
const BURST_BYTES: usize = 64 * 1024;

/// How long a program that prints more than is kept waits for the next read: so one that floods costs little.
const FLOOD_PAUSE: Duration = Duration::from_millis(20);

/// How many pipes of programs that have ended are read on here. More are closed; whoever still prints into them is told
/// by the system.
pub const LEFT_BEHIND_MAX: usize = 256;

/// Attends the child until it ends, hands over what it printed, and then has its pipe read on as long as somebody holds
/// it. `reaped` is notified when the child was reaped; it serves where there is no pidfd.
pub async fn attend(
    child: Child,
    held: Option<Held>,
    reaped: Arc<Notify>,
    left_behind: Arc<Semaphore>,
    ended: impl FnOnce(String) + Send + 'static,
) {
    let handle = child.pidfd.and_then(|pidfd| ExitHandle::new(pidfd).ok());
    let mut pipe = Receiver::from_owned_fd(OwnedFd::from(child.output)).ok();
    let mut output = Output::default();
    {
        let exit = exit(handle, &reaped);
        tokio::pin!(exit);
        loop {
            tokio::select! {
                biased;
                () = &mut exit => break,
                flow = read(pipe.as_ref(), &mut output) => if flow == Flow::End { pipe = None },
            }
        }
    }
    // What it printed last is still in the pipe.
    if let Some(receiver) = &pipe
        && take(receiver, &mut output) == Flow::End
    {
        pipe = None;
    }
    ended(output.into_text());
    let Some(receiver) = pipe else { return };
    if held.is_some_and(Held::read_on) {
        return;
    }
    let Ok(_permit) = left_behind.try_acquire() else { return };
    let mut nothing = Output::default();
    while read(Some(&receiver), &mut nothing).await == Flow::On {
        nothing = Output::default();
        tokio::time::sleep(FLOOD_PAUSE).await;
    }
}

async fn exit(handle: Option<ExitHandle>, reaped: &Notify) {
    if let Some(handle) = handle
        && handle.exited().await.is_ok()
    {
        return;
    }
    reaped.notified().await;
}

/// Whether there is more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    End,
}

/// Reads what is there, once something is. Never comes back without a pipe: then only the exit counts.
async fn read(pipe: Option<&Receiver>, output: &mut Output) -> Flow {
    let Some(pipe) = pipe else { return std::future::pending().await };
    if output.is_full() {
        tokio::time::sleep(FLOOD_PAUSE).await;
    }
    match pipe.readable().await {
        Ok(()) => take(pipe, output),
        Err(_) => Flow::End,
    }
}

fn take(pipe: &Receiver, output: &mut Output) -> Flow {
    let mut buffer = [0; 8192];
    let mut taken = 0;
    while taken < BURST_BYTES {
        match pipe.try_read(&mut buffer) {
            Ok(0) => return Flow::End,
            Ok(length) => {
                output.push(buffer.get(..length).unwrap_or_default());
                taken += length;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Flow::On,
            Err(_) => return Flow::End,
        }
    }
    Flow::On
}
