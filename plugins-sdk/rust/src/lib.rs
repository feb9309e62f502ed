//! What a plugin of ruled is written with.
//!
//! A plugin is a WebAssembly component. It sees its settings, a log and what it is granted, and nothing else of the
//! machine; its time, memory and output are bounded. There are two kinds of it:
//!
//! - A [`Probe`] speaks a protocol over the one connection that the host opened: `if failed port 7777 protocol greeting`.
//! - A [`Checker`] is handed no connection: `check plugin NAME using "file.wasm"`. What it looks at the rule grants. The
//!   pages of [`dial`], [`files`] and [`http`] each begin with an example; one that uses none of them is below.
//!
//! A probe is one type that implements [`Probe`]:
//!
//! ```
//! use ruled_plugin::*;
//!
//! struct Greeting;
//!
//! impl Probe for Greeting {
//!     fn describe() -> Describe {
//!         Describe::new("greeting", "A service that greets and names itself").port(7777)
//!     }
//!
//!     fn check(conn: &Conn, _options: &Options) -> Check {
//!         // At most 80 bytes, so that a peer that never ends its line is found out.
//!         let line = conn.line(80)?;
//!         let Some(name) = line.strip_prefix("HELLO ") else { fail!("the greeting is missing") };
//!         ensure!(!name.is_empty(), "the greeting names nobody");
//!         conn.send("BYE\r\n")?;
//!         ok(name).fact("name", name).into()
//!     }
//! }
//! probe!(Greeting);
//!
//! // In `cargo test` the peer is a script. Whatever the probe sends must be what the script hears, and each way in
//! // which a check may end has a call that wants just that.
//! let good = script().says("HELLO world\r\n").hears("BYE\r\n");
//! assert_eq!(good.clone().passes::<Greeting>().summary, "world");
//! assert_eq!(script().says("HELLO \r\n").is_foreign_to::<Greeting>(), "the greeting names nobody");
//! // Servers of other protocols may be met at the port, and the connection may be lost at any place.
//! for (name, said) in strangers(&[]) {
//!     assert_eq!(script().says(said).is_foreign_to::<Greeting>(), "the greeting is missing", "{name}");
//! }
//! good.needs_every_byte::<Greeting>();
//! ```
//!
//! To that belongs a line that writes property tests, [`survives_any_peer!`].
//!
//! A check of its own is one type that implements [`Checker`]. In `cargo test` what it finds is a [`scene`]:
//!
//! ```
//! use ruled_plugin::*;
//!
//! /// Whether it is the time of the day at which backups are made.
//! struct Night;
//!
//! impl Checker for Night {
//!     fn describe() -> Describe {
//!         Describe::new("night", "The hours of the night")
//!             .option("until", OptionType::Integer(1, 24), "The hour at which it ends")
//!             .default_value(Value::Integer(6))
//!             .metric("left", MetricKind::DurationMs, "How much of it is left")
//!     }
//!
//!     fn check(options: &Options) -> Check {
//!         let end = options.integer("until").unwrap_or(6) * 3_600;
//!         let now = (ruled_plugin::now().0 % 86_400) as i64;
//!         ensure!(now < end, "the night is over");
//!         ok("it is night").metric("left", (end - now) as f64 * 1_000.0).into()
//!     }
//! }
//! checker!(Night);
//!
//! let at_five = scene().at_time(5 * 3_600).run::<Night>().unwrap();
//! assert_eq!(at_five.metrics, [("left".to_owned(), 3_600_000.0)]);
//! assert!(scene().at_time(5 * 3_600).with("until", Value::Integer(4)).run::<Night>().is_err());
//! ```
//!
//! One may use all that a rule can grant; what is found in one place is then held against another:
//!
//! ```
//! use ruled_plugin::*;
//!
//! /// Whether a store says everywhere that it has as many items.
//! struct Agreement;
//!
//! impl Checker for Agreement {
//!     fn describe() -> Describe {
//!         Describe::new("agreement", "Whether a store says the same everywhere")
//!             .port(7711)
//!             .metric("items", MetricKind::Gauge, "Items that are stored")
//!             .needs(GrantKind::Read, "/srv/items", "to count the items")
//!             .needs(GrantKind::Connect, "localhost:7711", "to ask the daemon")
//!             .needs(GrantKind::Fetch, "https://items.example.org", "to ask the interface")
//!     }
//!
//!     fn check(_options: &Options) -> Check {
//!         let stored = files::first()?.count(0)?.files;
//!         let conn = dial::first()?;
//!         conn.command("COUNT")?;
//!         let daemon = conn.line(80)?;
//!         let answer = http::get(&format!("{}/count", http::first()?)).fetch(80)?;
//!         ensure!(answer.status == 200, "the interface answers with the status {}", answer.status);
//!         for (who, said) in [("daemon", daemon), ("interface", answer.text())] {
//!             ensure!(said.trim() == stored.to_string(), "the {who} says {:?}, and {stored} items are there", said.trim());
//!         }
//!         ok(format!("{stored} items everywhere")).metric("items", stored as f64).into()
//!     }
//! }
//! checker!(Agreement);
//!
//! let asked = exchange("GET", "https://items.example.org/count");
//! let store = scene()
//!     .reads("/srv/items")
//!     .file("/srv/items/one", "an item")
//!     .file("/srv/items/two", "another one")
//!     .connection("localhost:7711", script().hears("COUNT\r\n").says("2\r\n"))
//!     .fetches("https://items.example.org");
//! let good = store.clone().exchange(asked.clone().answers(200, "2\n")).run::<Agreement>();
//! assert_eq!(good.unwrap().summary, "2 items everywhere");
//! let odd = store.exchange(asked.answers(200, "3\n")).run::<Agreement>();
//! assert_eq!(odd, Err(Failure::Protocol("the interface says \"3\", and 2 items are there".into())));
//! ```
//!
//! In a rule that is `check plugin items using "agreement.wasm"`, and below it `grant read "/srv/items"`,
//! `grant connect "localhost"` and `grant fetch "https://items.example.org"`.
//!
//! What a check does not use it does not ask for: its component imports nothing of it, so a rule need not grant it.
//!
//! The crate of a plugin is built as a `cdylib` for `wasm32-unknown-unknown`, and the module that comes out is packed
//! as a component. Natively it is a plain library, and nothing of the component model is compiled for its tests.
//!
//! What does not live here: packing, compiling and running components, which is the host's work.

// The generated glue of a component needs unsafe code. Natively there is none of it, and none is allowed.
#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

mod ambient;
pub mod base64;
mod check;
mod conn;
mod describe;
pub mod dial;
mod digests;
mod excerpt;
pub mod files;
#[cfg(not(target_arch = "wasm32"))]
mod fuzz;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod glue;
pub mod http;
mod matching;
mod options;
mod reply;
#[cfg(not(target_arch = "wasm32"))]
mod scene;
#[cfg(not(target_arch = "wasm32"))]
mod script;
#[cfg(not(target_arch = "wasm32"))]
mod stage;
#[cfg(not(target_arch = "wasm32"))]
mod trial;
mod wire;

pub use ambient::{note, now, random_bytes};
pub use check::{Check, Checker, Failure, Outcome, Probe, ok};
pub use conn::Conn;
pub use describe::{Describe, GrantKind, MetricKind, MetricSpec, Need, OptionSpec, OptionType};
pub use digests::{Digest, digest, hex, hmac, stretch};
pub use excerpt::excerpt;
#[cfg(not(target_arch = "wasm32"))]
pub use fuzz::fuzz;
pub use options::{Comparison, Hash, HashKind, Matcher, Options, Pattern, Relation, Value};
pub use reply::{Reply, Tagged, TaggedReply};
#[cfg(not(target_arch = "wasm32"))]
pub use scene::{Exchange, Scene, exchange, scene};
#[cfg(not(target_arch = "wasm32"))]
pub use script::{Script, script};
#[cfg(not(target_arch = "wasm32"))]
pub use trial::strangers;
pub use wire::{Certificate, IoError, Peer, TlsInfo, Transport, Verification, Wire};

/// Fails the check with [`Failure::Protocol`] and a sentence in the manner of `format!`.
#[macro_export]
macro_rules! fail {
    ($($sentence:tt)*) => {
        return ::core::result::Result::Err($crate::Failure::Protocol(::std::format!($($sentence)*)))
    };
}

/// Fails the check as [`fail!`] does unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($sentence:tt)*) => {
        if !$condition {
            $crate::fail!($($sentence)*)
        }
    };
}

/// Names the type that is the probe of this crate. It makes the crate a component on wasm32; natively it only gives
/// the crate the function `describe`, from which the host takes the description while it is built.
#[macro_export]
macro_rules! probe {
    ($probe:ident) => {
        /// What this plugin is: its name, its options and its metrics.
        pub fn describe() -> $crate::Describe {
            <$probe as $crate::Probe>::describe()
        }

        #[cfg(target_arch = "wasm32")]
        mod component {
            struct Component;
            $crate::guest!(Component, super::$probe);
        }
    };
}

/// Names the type that is the check of this crate, as [`probe!`] does for probes.
#[macro_export]
macro_rules! checker {
    ($checker:ident) => {
        /// What this plugin is: its name, its options, its metrics and what it needs.
        pub fn describe() -> $crate::Describe {
            <$checker as $crate::Checker>::describe()
        }

        #[cfg(target_arch = "wasm32")]
        mod component {
            struct Component;
            $crate::checker_guest!(Component, super::$checker);
        }
    };
}
