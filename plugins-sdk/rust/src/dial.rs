//! Connections that a check opens by itself: each to what one `grant connect "host:port"` of the rule names. In
//! `cargo test` they are those of the [`scene`](crate::scene).
//!
//! ```
//! use ruled_plugin::*;
//!
//! /// How many items wait in a queue, by a protocol of lines.
//! struct Depth;
//!
//! impl Checker for Depth {
//!     fn describe() -> Describe {
//!         Describe::new("depth", "Items that wait in a queue")
//!             .port(7711)
//!             .option("queue", OptionType::Text, "The name of the queue")
//!             .required()
//!             .metric("depth", MetricKind::Gauge, "Items that wait")
//!             .needs(GrantKind::Connect, "queues.example:7711", "to ask for the depth")
//!     }
//!
//!     fn check(options: &Options) -> Check {
//!         let conn = dial::first()?;
//!         conn.command(&format!("LEN {}", options.text("queue").unwrap_or_default()))?;
//!         let line = conn.line(80)?;
//!         let Ok(depth) = line.parse::<u32>() else { fail!("{line:?} is no number") };
//!         ok(format!("{depth} items wait")).metric("depth", depth.into()).into()
//!     }
//! }
//! checker!(Depth);
//!
//! let peer = script().hears("LEN orders\r\n").says("17\r\n");
//! let passed = scene().connection("queues.example:7711", peer).with("queue", "orders").run::<Depth>().unwrap();
//! assert_eq!(passed.metrics, [("depth".to_owned(), 17.0)]);
//! ```
//!
//! In a rule that is `check plugin orders using "depth.wasm" with { queue: "orders" }`, and below it
//! `grant connect "queues.example:7711"`.

#[cfg(target_arch = "wasm32")]
use std::rc::Rc;

use crate::{Conn, IoError};

/// What the rule grants, in its order: the name that it gives a connection (`as "broker"`), or else the text of the grant.
pub fn granted() -> Vec<String> {
    #[cfg(target_arch = "wasm32")]
    return crate::glue::checks::ruled::plugin::dial::granted();
    #[cfg(not(target_arch = "wasm32"))]
    crate::scene::playing(|scene| scene.connections_granted())
}

/// Opens a connection that the rule grants, by the name that it gives it, or by the text of the grant. At most 4 are
/// opened in a check, and all of them share its quotas.
pub fn open(name: &str) -> Result<Conn<'static>, IoError> {
    #[cfg(target_arch = "wasm32")]
    return Ok(Conn::owned(Rc::new(crate::glue::checks::ruled::plugin::dial::open(name)?)));
    #[cfg(not(target_arch = "wasm32"))]
    crate::scene::playing(|scene| scene.open(name))
}

/// Opens the first connection that the rule grants, for checks that need one only.
pub fn first() -> Result<Conn<'static>, IoError> {
    match granted().first() {
        Some(name) => open(name),
        None => Err(IoError::NotGranted),
    }
}
