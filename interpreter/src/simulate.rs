//! Worlds that do not exist: the engine driven through scripted time.
//!
//! The same engine code runs here and in the real world; only the driver differs. Nothing sleeps: hours of cycles
//! take milliseconds, and the same script gives the same timeline.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod act;
mod agenda;
mod counted;
mod dial;
mod observe;
mod programs;
mod promises;
mod random;
mod scenario;
mod thing;
mod timeline;
mod weather;

pub use random::Random;
pub use scenario::{Scenario, WAKE_LATENCY, WALL_AT_START};
pub use thing::{Port, Script, SimValue, Thing};
pub use timeline::{Entry, Timeline, What};
pub use weather::{Climate, Weather};
