//! What a rule does.

use pest::iterators::Pair;

use super::{Builder, Rule, part, span};
use crate::ast::{Action, ActionKind, Exec};

impl Builder {
    /// One action.
    pub(super) fn action(&mut self, pair: &Pair<'_, Rule>) -> Option<Action> {
        let word = pair.clone().into_inner().next()?;
        let kind = match word.as_rule() {
            Rule::kw_alert => ActionKind::Alert,
            Rule::kw_restart => ActionKind::Restart,
            Rule::kw_start => ActionKind::Start,
            Rule::kw_stop => ActionKind::Stop,
            Rule::kw_unmonitor => ActionKind::Unmonitor,
            _ => ActionKind::Exec(Exec {
                program: self.program(&part(&word, Rule::program)?)?,
                uid: part(&word, Rule::uid).and_then(|uid| self.user(&uid)),
                gid: part(&word, Rule::gid).and_then(|gid| self.user(&gid)),
                repeat_cycles: part(&word, Rule::repeat).map(|repeat| {
                    let every_cycle = span(&repeat).with(crate::ast::Value::Literal(1.0));
                    self.first_figure(&repeat).unwrap_or(every_cycle)
                }),
            }),
        };
        Some(Action { span: span(pair), kind })
    }
}
