//! The command line program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    // Before the command line is read: these stand between ruled and a program, and must cost nothing.
    match words.next() {
        Some(word) if word == ruled::act::launch::WORD => ruled::act::launch::main(words),
        Some(word) if word == ruled::act::drain::WORD => ruled::act::drain::process::main(),
        _ => ruled::cli::main(),
    }
}
