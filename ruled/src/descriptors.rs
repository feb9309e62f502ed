//! Threads with descriptors of their own, for what must not be handed to programs.
//!
//! What does not live here: what is done on such threads (`observe::apart`, `plugin`). They cannot wake an asynchronous
//! runtime, which takes a descriptor.

use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::SigSet;

use crate::observe::procfs;
pub use crate::observe::procfs::door;

/// Gives this thread descriptors of its own, of which no program gets a copy, and keeps signals away from it. Says whether
/// the system allowed it.
pub fn separate() -> bool {
    let is_apart = SigSet::all().thread_block().is_ok() && unshare(CloneFlags::CLONE_FILES).is_ok();
    if is_apart {
        close_copies();
    }
    is_apart
}

/// Closes what this thread has a copy of: who waits for the end of a pipe must not wait for this thread. Messages of a panic
/// are still heard.
fn close_copies() {
    for number in procfs::own_descriptors().into_iter().filter(|number| *number > 2) {
        // The listing itself is among them, and closed by now.
        nix::unistd::close(number).ok();
    }
}
