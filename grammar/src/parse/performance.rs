//! Figures of a program's performance data, which are tests of the `rules` dialect.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, leaf, span};
use crate::Finding;
use crate::ast::PerformanceTest;

impl Builder<'_> {
    /// `performance LABEL > NUMBER`; nothing, and a finding, where it is none.
    pub(super) fn performance(&mut self, pair: Pair<'_>) -> Option<PerformanceTest> {
        let place = span(&pair);
        if self.is_monit() {
            let word = pair.into_inner().find(|part| part.as_rule() == Rule::kw_performance);
            let here = word.map_or(place, |word| leaf(&word));
            let finding =
                Finding::error("not-portable", here, "Monit knows nothing of the performance data of plugins");
            self.report(
                finding
                    .here("to Monit this word is a syntax error")
                    .note("files that end in `.rules` may say it")
                    .help("ask for the exit status, as in `if status != 0 then alert`"),
            );
            return None;
        }
        let (mut label, mut operator, mut value) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_performance => {}
                Rule::kw_changed => {
                    let finding =
                        Finding::error("syntax-error", leaf(&part), "performance data cannot be asked for changes");
                    self.report(
                        finding
                            .here("a figure of a plugin is another nearly each time")
                            .help("compare it with a limit, as in `if performance \"load1\" > 5 then alert`"),
                    );
                }
                Rule::operator | Rule::wrong_operator => operator = Some(self.operator(&part)),
                Rule::signed_quantity => value = Some(self.quantity(part)),
                _ => label = Some(self.text(&part, Wanted::Text)),
            }
        }
        let label = label?;
        if label.node.is_empty() {
            let finding =
                Finding::error("syntax-error", label.span, "a figure without a name is in no performance data");
            self.report(finding.help("write what the plugin calls it: the word before `=`"));
            return None;
        }
        Some(PerformanceTest { label, operator: operator?, value: value? })
    }
}
