//! What a rule does.

use super::grammar::{Pair, Rule};
use super::{Builder, span};
use crate::ast::{Action, ActionKind, Exec};

impl<'i> Builder<'i> {
    /// An action.
    pub(super) fn action(&mut self, pair: Pair<'i>) -> Option<Action> {
        let place = span(&pair);
        if pair.as_rule() == Rule::exec {
            return Some(Action { span: place, kind: ActionKind::Exec(self.exec(pair)?) });
        }
        let kind = match pair.as_str().to_ascii_lowercase().as_str() {
            "start" => ActionKind::Start,
            "stop" => ActionKind::Stop,
            "restart" => ActionKind::Restart,
            "unmonitor" => ActionKind::Unmonitor,
            _ => ActionKind::Alert,
        };
        Some(Action { span: place, kind })
    }

    fn exec(&mut self, pair: Pair<'i>) -> Option<Exec> {
        let mut parts = pair.into_inner();
        parts.next();
        let program = self.program(parts.next()?, true)?;
        let mut exec = Exec { program, uid: None, gid: None, repeat_cycles: None };
        for part in parts {
            match part.as_rule() {
                Rule::uid => exec.uid = self.identity(part),
                Rule::gid => exec.gid = self.identity(part),
                _ => {
                    let place = span(&part);
                    let is_word =
                        |pair: &Pair<'_>| matches!(pair.as_rule(), Rule::kw_repeat | Rule::kw_every | Rule::kw_cycles);
                    let number = part.into_inner().find(|pair| !is_word(pair));
                    // `repeat every cycle` says 1.
                    let once = || place.with(crate::ast::Value::Literal(1.0));
                    exec.repeat_cycles = Some(number.map_or_else(once, |number| self.value(&number)));
                }
            }
        }
        Some(exec)
    }
}
