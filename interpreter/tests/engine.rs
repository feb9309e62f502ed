//! The engine, driven through simulated time with programs built by hand.

#[path = "engine/again.rs"]
mod again;
#[path = "engine/as_monit.rs"]
mod as_monit;
#[path = "engine/asked.rs"]
mod asked;
#[path = "engine/build.rs"]
mod build;
#[path = "engine/changes.rs"]
mod changes;
#[path = "engine/claims.rs"]
mod claims;
#[path = "engine/cycles.rs"]
mod cycles;
#[path = "engine/deeds.rs"]
mod deeds;
#[path = "engine/dependencies.rs"]
mod dependencies;
#[path = "engine/ending.rs"]
mod ending;
#[path = "engine/intent.rs"]
mod intent;
#[path = "engine/last.rs"]
mod last;
#[path = "engine/looks.rs"]
mod looks;
#[path = "engine/messages.rs"]
mod messages;
#[path = "engine/performance.rs"]
mod performance;
#[path = "engine/plugin.rs"]
mod plugin;
#[path = "engine/random_worlds.rs"]
mod random_worlds;
#[path = "engine/rates.rs"]
mod rates;
#[path = "engine/remains.rs"]
mod remains;
#[path = "engine/takers.rs"]
mod takers;
#[path = "engine/things.rs"]
mod things;
#[path = "engine/unjudged.rs"]
mod unjudged;
#[path = "engine/wakeups.rs"]
mod wakeups;
