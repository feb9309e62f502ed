//! `check plugin …`: what a plugin of the author's is told, what it is granted, and what is asked of what it measures.

use super::value::{Operator, Quantity};
use super::{Length, ProtocolOption, TlsOption, Wanted};
use crate::{Span, Spanned};

/// `using "FILE" with { … } timeout …`.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginTarget {
    /// The file of the plugin, as written: a path, or one that begins at the folder of the rules.
    pub file: Spanned<String>,
    /// What it is told.
    pub options: Vec<ProtocolOption>,
    /// How long a check may take.
    pub timeout: Option<Length>,
}

/// `with { … }` or `timeout …` further below: the same as behind the file.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginPart {
    /// The whole of it.
    pub span: Span,
    /// What the plugin is told.
    pub options: Vec<ProtocolOption>,
    /// How long a check may take.
    pub timeout: Option<Length>,
}

/// `grant …`: what a plugin may do.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The whole of it.
    pub span: Span,
    /// What it may do.
    pub kind: GrantKind,
}

/// What a plugin may do.
#[derive(Debug, Clone, PartialEq)]
pub enum GrantKind {
    /// `connect "HOST:PORT" with ssl as "NAME"`.
    Connect {
        /// Where it may connect to.
        endpoint: Spanned<String>,
        /// How the connection is encrypted; not at all where nothing is said.
        tls: Vec<TlsOption>,
        /// What the plugin calls the connection; what is written otherwise.
        name: Option<Spanned<String>>,
    },
    /// `read "/PATH"`: a file, or what is below a directory.
    Read(Spanned<String>),
    /// `fetch "https://HOST"`: pages of a server.
    Fetch(Spanned<String>),
}

/// What is asked of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub enum PluginTest {
    /// `failed` or `succeeded`, and nothing behind it: how the check ended.
    Outcome(Wanted),
    /// `depth > 1000`: a metric of the plugin against a limit.
    Limit {
        /// What the plugin calls the metric.
        metric: Spanned<String>,
        /// The comparison.
        operator: Spanned<Operator>,
        /// The limit.
        value: Quantity,
        /// Where `per second` stands, for what is counted.
        per_second: Option<Span>,
    },
    /// `changed depth`: another value than in the cycle before.
    Changed {
        /// What the plugin calls the metric.
        metric: Spanned<String>,
    },
}
