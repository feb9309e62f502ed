//! What was written: the tree of a rules file, without any judgement about what it means.
//!
//! Includes do not appear here: they are lexical, and the text is spliced before it is parsed.

mod action;
mod check;
mod condition;
mod rule;
mod setting;
mod value;

pub use action::{Action, ActionKind, Exec};
pub use check::{Check, CheckStatement, Method, MethodKind, Program, ServiceKind, Target};
pub use condition::{
    Condition, Connection, ConnectionOption, Limit, MetricName, OptionValue, Protocol, ProtocolOption, Test, TestKind,
    Wanted,
};
pub use rule::{Rate, Recovery, Rule};
pub use setting::{AlertTarget, EventFilter, LogTarget, MailServer, Setting, SettingKind};
pub use value::{Length, Operator, Quantity, Unit, Value};

/// All statements of a text in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RuleFile {
    /// The statements.
    pub statements: Vec<Statement>,
}

/// One statement at the top of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `set …`: something that holds for all services.
    Set(Setting),
    /// `check …`: one service with its rules.
    Check(Check),
}
