//! The command line program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    // Before the command line is read: this stands between ruled and a program, and must cost nothing.
    if words.next().is_some_and(|word| word == ruled::act::launch::WORD) {
        return ruled::act::launch::main(words);
    }
    ruled::cli::main()
}
