//! Does what the engine ordered: runs programs and ends processes.
//!
//! Nothing here decides anything. Not here: when a program has taken too long (`world`), and how what came of it is
//! told (`report`).

pub mod attend;
pub mod drain;
pub mod environment;
pub mod exit;
pub mod identity;
pub mod launch;
pub mod output;
pub mod process;
pub mod reap;
pub mod spawn;
