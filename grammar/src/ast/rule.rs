//! `if … then …`: a rule with its rate, its action and what happens when the condition ends.

use super::{Action, Condition, Length, Value};
use crate::{Span, Spanned};

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// From `if` to the end of the last action.
    pub span: Span,
    /// What must hold.
    pub condition: Condition,
    /// How often it must hold; once when absent.
    pub rate: Option<Rate>,
    /// What is done when it holds.
    pub action: Action,
    /// What is done when it holds no longer; an alert when absent.
    pub recovery: Option<Box<Recovery>>,
}

/// How often a condition must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Rate {
    /// `for N cycles`, or `N times within M cycles`.
    Cycles {
        /// The whole of it.
        span: Span,
        /// How many cycles.
        count: Spanned<Value<f64>>,
        /// Out of how many; the same number when absent.
        cycles: Option<Spanned<Value<f64>>>,
    },
    /// `for 10 minutes`: all the time.
    Lasting(Length),
}

impl Rate {
    /// The whole of it.
    pub fn span(&self) -> Span {
        match self {
            Rate::Cycles { span, .. } => *span,
            Rate::Lasting(length) => length.span,
        }
    }
}

/// `else …`, or `else if recovered … then …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// The whole of it.
    pub span: Span,
    /// The word behind `else if`: `recovered`, `succeeded`, `passed` or `failed`; absent in the short form.
    pub word: Option<Spanned<String>>,
    /// How often the condition must have ended.
    pub rate: Option<Rate>,
    /// What is done then.
    pub action: Action,
}
