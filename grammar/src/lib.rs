//! The rules language: text to syntax tree, and findings about it to text.
//!
//! This crate knows no time, no machine and no file. It is handed text and hands back what was
//! written ([`ast`]) and what is wrong with it ([`finding`]). What the words *mean* is the
//! interpreter's business.
//!
//! **Invariant:** parsing never fails and never panics; it returns what it understood and what it did not.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

// The derived parser names this crate, because pest is built without its `std` feature: that would ask
// the machine at every step how much stack is left, and no rule of the grammar calls itself.
extern crate alloc;

pub mod ast;
mod dialect;
pub mod english;
pub mod finding;
pub mod parse;
pub mod placeholder;
pub mod print;
pub mod source;
mod span;
pub mod suggest;

pub use dialect::Dialect;
pub use finding::{Finding, Fix, Help, Label, Severity};
pub use parse::{FINDINGS, Parsed, parse};
pub use source::{Place, Segment, Source, SourceFile};
pub use span::{Span, Spanned};
