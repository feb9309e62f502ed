//! What was written: the tree of a rules file, without any judgement about what it means.
//!
//! Includes do not appear here: they are lexical, and the text is spliced before it is parsed.

mod action;
mod check;
mod condition;
mod connection;
mod httpd;
mod mail;
mod plugin;
mod rule;
mod setting;
mod tls;
mod value;
mod walk;

pub use action::{Action, ActionKind, Exec};
pub use check::{
    Check, CheckStatement, Every, Method, MethodKind, Mode, OnReboot, Program, ProgramTarget, RestartLimit, Schedule,
    ServiceKind, Target,
};
pub use condition::{
    Changed, Condition, ConditionKind, ContentTest, HashKind, Limit, MetricName, Owner, PerformanceTest, Test,
    TestKind, TimestampKind,
};
pub use connection::{
    Connection, ConnectionOption, Endpoint, Family, Header, OptionValue, Ping, PingOption, Protocol, ProtocolOption,
    ResponseTime, SocketKind, Wanted,
};
pub use httpd::{Allow, Httpd, HttpdOption, HttpdOptionKind, PasswordKind};
pub use mail::{EVENT_WORDS, MailFormat, MailPart, MailPartKind};
pub use plugin::{Grant, GrantKind, PluginPart, PluginTarget, PluginTest};
pub use rule::{Rate, Recovery, Rule};
pub use setting::{
    AlertTarget, EventFilter, LimitName, LimitSetting, LogTarget, MailServer, MmonitServer, Setting, SettingKind,
};
pub use tls::{TlsBlock, TlsOption, TlsProtocol, TlsSetting, TlsSettingKind, TlsVersion};
pub use value::{Length, Operator, Quantity, Unit, Value};
pub use walk::{Node, nodes};

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

impl Statement {
    /// The whole statement, with all that belongs to it.
    pub fn span(&self) -> crate::Span {
        match self {
            Statement::Set(setting) => setting.span,
            Statement::Check(check) => check.span,
        }
    }
}
