//! Worlds that do not exist: the engine driven through scripted time.
//!
//! The same engine code runs here and in the real world; only the driver differs. Nothing sleeps: hours of cycles
//! take milliseconds, and the same script gives the same timeline.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod act;
mod agenda;
mod counted;
mod dial;
mod ending;
mod letters;
mod mail_server;
mod mailing;
mod observe;
mod programs;
mod promises;
mod random;
mod scenario;
mod store;
mod thing;
mod timeline;
mod weather;
mod witness;

pub use random::Random;
pub use scenario::{Scenario, Seen, WAKE_LATENCY, WALL_AT_START};
pub use thing::{Door, PluginMood, Port, Script, SimValue, Thing};
pub use timeline::{Entry, Mailed, Timeline, What};
pub use weather::{Climate, Weather};
