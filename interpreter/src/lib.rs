//! Syntax tree to program to judgement: what rules mean, and what follows from what is seen.
//!
//! Pure and deterministic: no input, no output, no clock. Who wants the time must be handed it.
//!
//! **Invariant:** checking never fails and never panics; it returns what it understood and findings.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

pub mod catalog;
pub mod check;
pub mod durable;
pub mod engine;
pub mod fix;
pub mod import;
pub mod lint;
pub mod outbox;
pub mod pattern;
mod performance;
pub mod portable;
pub mod program;
pub mod show;
pub mod simulate;
