//! `ruled quit`: a running ruled ends; services go on.

use std::time::Duration;

use clap::Args;

use super::door::Door;
use super::{FINE, Global, print};
use crate::control::protocol::Ask;

/// How long an end may take: as the first process of a container, ruled stops its services before.
const END_PATIENCE: Duration = Duration::from_secs(600);

/// Ends a running ruled, as SIGTERM does; services go on.
#[derive(Args)]
#[command(after_help = "\
Example:
  ruled quit --config web.rules

Exit status: 0 it has ended, 2 no ruled runs for the rules.")]
pub(super) struct Quit {
    #[command(flatten)]
    door: Door,
}

impl Quit {
    pub(super) fn run(self, global: &Global) -> u8 {
        let mut client = match self.door.ask(Ask::Quit, Some(END_PATIENCE)) {
            Ok(client) => client,
            Err(status) => return status,
        };
        // It says that it ends, and closes when it has ended.
        loop {
            match self.door.next(&mut client) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(status) => return status,
            }
        }
        if !global.quiet && !self.door.json {
            print("ruled has ended\n");
        }
        FINE
    }
}
