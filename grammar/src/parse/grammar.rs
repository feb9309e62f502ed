//! The grammar as pest compiles it, out of four files.

// What the derive generates has no documentation of its own.
#![allow(missing_docs)]

/// The parser that pest makes of the grammar files.
#[derive(pest_derive::Parser)]
#[grammar = "words.pest"]
#[grammar = "monit.pest"]
#[grammar = "more.pest"]
#[grammar = "mistakes.pest"]
pub(super) struct Grammar;
