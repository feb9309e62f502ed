//! What a pattern of POSIX means, as a tree. How it is read and how it is written again stand elsewhere.

use std::ops::Range;

/// A pattern that was read.
pub(super) struct Tree {
    pub(super) root: Node,
    /// The first back-reference, as bytes of the written pattern.
    pub(super) first_reference: Option<Range<usize>>,
}

/// A part of a pattern.
pub(super) enum Node {
    /// One byte that stands for itself.
    Byte(u8),
    /// `.`: any byte.
    Any,
    /// A place between two bytes, as both syntaxes of the crates write it.
    Place(&'static str),
    /// `\w` and its kin, which both crates write the same way and mean of ASCII when they match bytes.
    Class(&'static str),
    /// A bracket expression.
    Set(Set),
    /// A pair of parentheses.
    Group(Box<Node>),
    /// `\1` to `\9`.
    Reference(u8),
    /// `*`, `+`, `?` and intervals.
    Repeat { what: Box<Node>, times: Times },
    /// One part after the other; without any, what matches everywhere.
    Sequence(Vec<Node>),
    /// Parts with `|` between them.
    Choice(Vec<Node>),
}

/// How often something is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) least: u32,
    /// Without a bound when there is none.
    pub(super) most: Option<u32>,
}

impl Times {
    /// The one repetition that means the same as this one repeated again, if there is one: `a**` is `a*`, and `a{2}{3}`
    /// is `a{6}`, but no interval means `a{2,3}{2}{0,1}`.
    pub(super) fn again(self, outer: Times) -> Option<Times> {
        let without_gaps = self.least <= 1 || outer.most == Some(outer.least);
        if !without_gaps {
            return None;
        }
        let most = match (self.most, outer.most) {
            (Some(0), _) | (_, Some(0)) => Some(0),
            (Some(inner), Some(outer)) => Some(inner.checked_mul(outer)?),
            _ => None,
        };
        Some(Times { least: self.least.checked_mul(outer.least)?, most })
    }
}

/// A bracket expression: a set of bytes.
pub(super) struct Set {
    pub(super) negated: bool,
    pub(super) items: Vec<Item>,
}

/// A part of a bracket expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// From one byte to another, both included.
    Range(u8, u8),
    /// `[:alpha:]` and its kin, by name.
    Named(&'static str),
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn repetitions_become_one_only_where_they_mean_the_same() {
        let times = |least, most| Times { least, most };
        for (inner, outer, one) in [
            (times(0, None), times(0, None), Some(times(0, None))),
            (times(1, None), times(0, Some(1)), Some(times(0, None))),
            (times(0, Some(1)), times(1, None), Some(times(0, None))),
            (times(2, Some(2)), times(3, Some(3)), Some(times(6, Some(6)))),
            (times(2, Some(2)), times(0, None), None),
            (times(2, Some(3)), times(0, Some(1)), None),
            (times(0, Some(0)), times(0, None), Some(times(0, Some(0)))),
            (times(40_000, Some(40_000)), times(40_000, Some(40_000)), Some(times(1_600_000_000, Some(1_600_000_000)))),
            (times(1, Some(70_000)), times(1, Some(70_000)), None),
        ] {
            assert_eq!(inner.again(outer), one, "{inner:?} {outer:?}");
        }
    }
}
