//! The move from Monit to ruled: both side by side, and ruled going on where Monit ended.

mod beside;
mod faults;
mod state;
mod unprivileged;

use std::path::Path;
use std::process::Command;

use crate::rig::{Finished, finish, ruled};

/// Runs ruled with its state and its door in a folder.
fn run_in(folder: &Path, words: &[&str]) -> Finished {
    finish(command_in(folder, words))
}

fn command_in(folder: &Path, words: &[&str]) -> Command {
    let mut command = ruled(words);
    command.env("STATE_DIRECTORY", folder).env("RUNTIME_DIRECTORY", folder).env("HOME", folder);
    command
}
