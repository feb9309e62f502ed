//! What a rule does.

use super::grammar::Rule;
use super::{Builder, Pair, small, span};
use crate::ast::{Action, ActionKind, Exec, Value};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// An action.
    pub(super) fn action(&mut self, pair: Pair<'_>) -> Option<Action> {
        let place = span(&pair);
        if pair.as_rule() == Rule::exec {
            return Some(Action { span: place, kind: ActionKind::Exec(Box::new(self.exec(pair)?)) });
        }
        let kind = match &*small(self.written(&pair)) {
            "start" => ActionKind::Start,
            "stop" => ActionKind::Stop,
            "restart" | "restarts" => ActionKind::Restart,
            "unmonitor" => ActionKind::Unmonitor,
            "ignore" => {
                if self.is_monit() {
                    let headline = "Monit knows the action `ignore` from 5.34 on";
                    self.report(Finding::warning("not-portable", place, headline));
                }
                ActionKind::Ignore
            }
            _ => ActionKind::Alert,
        };
        if self.is_monit() && self.text.get(place.end as usize..).is_some_and(|rest| rest.starts_with('#')) {
            let behind = Span { start: place.end, end: place.end };
            let finding =
                Finding::warning("not-portable", place, "Monit reads the `#` behind this as a part of the word");
            self.report(finding.fix("put a blank before the comment", behind, " ", true));
        }
        Some(Action { span: place, kind })
    }

    fn exec(&mut self, pair: Pair<'_>) -> Option<Exec> {
        let mut parts = pair.into_inner();
        parts.next();
        let program = self.program(parts.next()?, true)?;
        let mut exec = Exec { program, uid: None, gid: None, repeat_cycles: None };
        for part in parts {
            let here = span(&part);
            if let (true, Some(repeat)) = (self.is_monit() && part.as_rule() != Rule::repeat, &exec.repeat_cycles) {
                let headline = format!("`{}` must stand before `repeat`", self.slice(here));
                let finding = Finding::error("option-order", here, headline)
                    .also(repeat.span, "after this nothing else may follow")
                    .help("write `as uid … and gid … repeat every … cycles`, in this order");
                self.report(finding);
            }
            match part.as_rule() {
                Rule::uid => exec.uid = self.identity(part),
                Rule::gid => exec.gid = self.identity(part),
                _ => {
                    let is_word =
                        |pair: &Pair<'_>| matches!(pair.as_rule(), Rule::kw_repeat | Rule::kw_every | Rule::kw_cycles);
                    let number = part.into_inner().find(|pair| !is_word(pair));
                    exec.repeat_cycles = Some(match number {
                        Some(number) => self.value(&number),
                        None => self.every_cycle(here),
                    });
                }
            }
        }
        Some(exec)
    }

    /// `repeat every cycle` says 1.
    fn every_cycle(&mut self, place: Span) -> Spanned<Value<f64>> {
        if self.is_monit() {
            let finding = Finding::warning("not-portable", place, "Monit before 5.34 refuses `every` without a number");
            self.report(finding.help("write `repeat every 1 cycle`"));
        }
        place.with(Value::Literal(1.0))
    }
}
