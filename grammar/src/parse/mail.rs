//! `mail-format { … }`.

use super::grammar::Rule;
use super::{Builder, Pair, small, span};
use crate::ast::{MailFormat, MailPart, MailPartKind};
use crate::{Finding, Span};

impl Builder<'_> {
    /// How mail looks.
    pub(super) fn mail_format(&mut self, pair: Pair<'_>) -> MailFormat {
        let place = span(&pair);
        let parts = pair.into_inner().filter(|part| matches!(part.as_rule(), Rule::mail_line | Rule::mail_text));
        MailFormat { span: place, parts: parts.filter_map(|part| self.mail_part(part)).collect() }
    }

    fn mail_part(&mut self, pair: Pair<'_>) -> Option<MailPart> {
        let start = span(&pair).start as usize;
        let mut parts = pair.into_inner();
        let key = parts.next()?;
        let text = parts.next()?;
        let kind = match &*small(self.written(&key)) {
            "from" => MailPartKind::From,
            "reply-to" => MailPartKind::ReplyTo,
            "subject" => MailPartKind::Subject,
            _ => MailPartKind::Message,
        };
        let written = self.written(&text);
        let from = span(&text).start as usize + written.len() - written.trim_start().len();
        let said = written.trim();
        let place = Span::new(from, from + said.len());
        let is_address = matches!(kind, MailPartKind::From | MailPartKind::ReplyTo);
        if self.is_monit() && is_address && written.ends_with('\r') {
            let headline = "Monit refuses an address whose line ends in CR LF";
            let finding = Finding::warning("not-portable", place, headline);
            self.report(finding.help("end the lines of the file in LF alone, as `tr -d '\\r'` does"));
        }
        Some(MailPart { span: Span::new(start, from + said.len()), kind, text: place.with(said.to_owned()) })
    }
}
