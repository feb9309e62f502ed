//! Values, units and operators as they were written.

use crate::{Span, Spanned};

/// Something in the place of a value: written out, named, or left open.
///
/// Names and holes exist in the `rules` dialect only. Templates are parsed once, to a tree with
/// holes, and never pasted as text; so every value has room for all three.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<T> {
    /// The value itself.
    Literal(T),
    /// A bare word in the place of a value: the declared name of that spelling.
    Name(String),
    /// `{name}`: to be filled in before the first cycle.
    Hole(String),
}

impl<T> Value<T> {
    /// The value where it was written out.
    pub fn literal(&self) -> Option<&T> {
        match self {
            Value::Literal(value) => Some(value),
            Value::Name(_) | Value::Hole(_) => None,
        }
    }
}

/// A number with the unit that was written behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The whole of it.
    pub span: Span,
    /// The number.
    pub number: Spanned<Value<f64>>,
    /// The unit; absent when none was written.
    pub unit: Option<Spanned<Unit>>,
}

/// A length of time, as the sum of the parts written: `1h 30m` has two.
#[derive(Debug, Clone, PartialEq)]
pub struct Length {
    /// The whole of it.
    pub span: Span,
    /// Its parts, at least one.
    pub parts: Vec<Quantity>,
}

/// A unit behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `B`, `byte`, `bytes`.
    Byte,
    /// `kB` and its like: 1,024 bytes.
    Kilobyte,
    /// `MB` and its like: 1,048,576 bytes.
    Megabyte,
    /// `GB` and its like: 1,073,741,824 bytes.
    Gigabyte,
    /// `TB`, in the `rules` dialect only: 1,099,511,627,776 bytes.
    Terabyte,
    /// `%` or `percent`.
    Percent,
    /// `ms` and its like.
    Millisecond,
    /// `s`, `second`, `seconds`.
    Second,
    /// `m`, `minute`, `minutes`.
    Minute,
    /// `h`, `hour`, `hours`.
    Hour,
    /// `day`, `days`; `d` in the `rules` dialect.
    Day,
    /// `month`, `months`: 31 days.
    Month,
    /// `operations`, of disks.
    Operations,
    /// `packets`, of networks.
    Packets,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `>` and its words.
    Greater,
    /// `>=` and its words.
    GreaterOrEqual,
    /// `<` and its words.
    Less,
    /// `<=` and its words.
    LessOrEqual,
    /// `=` and its words; also what a missing operator means.
    Equal,
    /// `!=` and its words.
    NotEqual,
    /// `changed` in the place of a comparison: to Monit the same as `!=`.
    Changed,
}
