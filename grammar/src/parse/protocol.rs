//! `protocol P …`: what a protocol is asked to do.

use super::grammar::Rule;
use super::text::Wanted;
use super::value::hole_name;
use super::{Builder, Pair, span};
use crate::ast::{Header, OptionValue, Protocol, ProtocolOption, Quantity};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// A protocol with its options.
    pub(super) fn protocol(&mut self, pair: Pair<'_>) -> Option<Protocol> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        parts.next();
        let name = parts.next()?;
        let name = span(&name).with(self.written(&name).to_owned());
        let mut options = Vec::new();
        for part in parts {
            if part.as_rule() == Rule::block {
                self.rules_only(span(&part));
                options.extend(self.block(part));
            } else {
                options.extend(self.option_of(part));
            }
        }
        Some(Protocol { span: place, name, options })
    }

    fn option_of(&mut self, pair: Pair<'_>) -> Option<ProtocolOption> {
        match pair.as_rule() {
            Rule::headers => Some(self.headers(pair)),
            Rule::rsakey => self.rsakey(pair),
            Rule::scoreboard => self.scoreboard(pair),
            _ => self.protocol_option(pair),
        }
    }

    /// `http headers [NAME: VALUE, …]`.
    fn headers(&mut self, pair: Pair<'_>) -> ProtocolOption {
        let place = span(&pair);
        let mut name = place.with("headers".to_owned());
        let mut headers = Vec::new();
        for part in pair.into_inner() {
            let here = span(&part);
            match part.as_rule() {
                Rule::kw_headers => name.span = here,
                Rule::header => headers.extend(self.header(part)),
                _ => {}
            }
        }
        let written = self.slice(Span { start: name.span.end, end: place.end });
        let value = Span::new(place.end as usize - written.trim_start().len(), place.end as usize);
        ProtocolOption { span: place, name, operator: None, value: value.with(OptionValue::Headers(headers)) }
    }

    fn header(&mut self, pair: Pair<'_>) -> Option<Header> {
        let mut parts = pair.into_inner();
        let name = parts.next()?;
        let value = parts.next()?;
        let said = match value.as_rule() {
            Rule::quoted => self.unquoted(self.written(&value)),
            _ => self.written(&value).trim().to_owned(),
        };
        let start = span(&value).start as usize;
        let value = Span::new(start, start + self.written(&value).trim_end().len()).with(said);
        let name = span(&name).with(self.written(&name).trim().to_owned());
        Some(Header { span: name.span.to(value.span), name, value })
    }

    /// `rsakey checksum [md5|sha1] HASH`.
    fn rsakey(&mut self, pair: Pair<'_>) -> Option<ProtocolOption> {
        let place = span(&pair);
        let (mut name, mut kind, mut digits) = (place, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_rsakey => name = span(&part),
                Rule::kw_checksum | Rule::same => {}
                Rule::hash_kind => kind = Some(self.hash_kind(&part).node),
                _ => digits = Some(self.text(&part, Wanted::Word)),
            }
        }
        let digits = digits?;
        let value = digits.span.with(OptionValue::Hash { kind, digits: digits.node });
        Some(ProtocolOption { span: place, name: name.with("rsakey".to_owned()), operator: None, value })
    }

    /// `path PATH` or `loglimit > 10 %` behind `apache-status`.
    fn scoreboard(&mut self, pair: Pair<'_>) -> Option<ProtocolOption> {
        let place = span(&pair);
        let (mut name, mut operator) = (None, None);
        for part in pair.into_inner() {
            let here = span(&part);
            let value = match part.as_rule() {
                Rule::scoreboard_limit | Rule::kw_path => {
                    name = Some(here.with(self.written(&part).to_ascii_lowercase()));
                    continue;
                }
                Rule::operator => {
                    operator = Some(self.operator(&part));
                    continue;
                }
                Rule::kw_changed => {
                    operator = Some(here.with(crate::ast::Operator::Changed));
                    continue;
                }
                Rule::quantity => OptionValue::Quantity(self.quantity(part)),
                _ => OptionValue::Text(self.text(&part, Wanted::Path).node),
            };
            return Some(ProtocolOption { span: place, name: name?, operator, value: here.with(value) });
        }
        None
    }

    fn rules_only(&mut self, place: Span) {
        if self.is_monit() {
            let finding = Finding::error("syntax-error", place, "Monit has no options in braces here")
                .here("only files named `*.rules` have them")
                .help("write Monit's own words behind the protocol, or move the rule to a `.rules` file");
            self.report(finding);
        }
    }

    fn protocol_option(&mut self, pair: Pair<'_>) -> Option<ProtocolOption> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let word = parts.next()?;
        let name = match self.written(&word).to_ascii_lowercase() {
            name if name == "hostheader" => "host_header".to_owned(),
            name => name,
        };
        let wanted = match name.as_str() {
            "method" => Wanted::Choice,
            "request" => Wanted::Text,
            "username" | "target" => Wanted::User,
            _ => Wanted::Word,
        };
        let mut part = parts.next()?;
        let mut operator = None;
        if part.as_rule() == Rule::operator {
            operator = Some(self.operator(&part));
            part = parts.next()?;
        } else if part.as_rule() == Rule::kw_changed {
            operator = Some(span(&part).with(crate::ast::Operator::Changed));
            part = parts.next()?;
        }
        let takes_number = matches!(name.as_str(), "status" | "maxforward" | "version");
        if self.is_monit() && part.as_rule() == Rule::plain_number && !takes_number {
            let headline = format!("`{}` is a number, and a text is wanted here", self.written(&part));
            self.quote_it(span(&part), self.written(&part), headline);
        }
        let value = self.option_value(&part, wanted);
        Some(ProtocolOption { span: place, name: span(&word).with(name), operator, value })
    }

    fn option_value(&mut self, pair: &Pair<'_>, wanted: Wanted) -> Spanned<OptionValue> {
        let place = span(pair);
        match pair.as_rule() {
            Rule::hole => place.with(OptionValue::Hole(hole_name(self.written(pair)))),
            Rule::plain_number => {
                let number = self.value(pair);
                place.with(OptionValue::Quantity(Quantity { span: place, number, unit: None }))
            }
            _ => place.with(OptionValue::Text(self.text(pair, wanted).node)),
        }
    }

    /// One option in braces.
    pub(super) fn block_pair(&mut self, pair: Pair<'_>) -> Option<ProtocolOption> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let name = parts.next()?;
        let mut given = parts.next()?;
        if given.as_rule() == Rule::wrong_colon {
            let finding = Finding::error("syntax-error", span(&given), "a colon stands behind the name of an option");
            self.report(finding.fix("write `:`", Span { start: span(&name).end, end: span(&given).end }, ":", true));
            given = parts.next()?;
        }
        let mut operator = None;
        if given.as_rule() == Rule::block_sign {
            operator = Some(self.operator(&given));
            given = parts.next()?;
        }
        let here = span(&given);
        let value = match given.as_rule() {
            Rule::truth => OptionValue::Truth(self.written(&given).eq_ignore_ascii_case("true")),
            Rule::hole => OptionValue::Hole(hole_name(self.written(&given))),
            Rule::block_number => OptionValue::Quantity(self.quantity(given)),
            Rule::quoted => OptionValue::Text(self.unquoted(self.written(&given))),
            Rule::block_texts => {
                let texts = given.into_inner().filter(|part| part.as_rule() == Rule::quoted);
                OptionValue::Texts(texts.map(|text| self.text(&text, Wanted::Text)).collect())
            }
            Rule::block_headers => {
                let headers = given.into_inner().filter(|part| part.as_rule() == Rule::block_header);
                OptionValue::Headers(headers.filter_map(|header| self.block_header(header)).collect())
            }
            _ => OptionValue::Name(self.written(&given).to_owned()),
        };
        let name = span(&name).with(self.written(&name).to_owned());
        Some(ProtocolOption { span: place, name, operator, value: here.with(value) })
    }

    fn block_header(&mut self, pair: Pair<'_>) -> Option<Header> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let name = parts.next()?;
        let name = span(&name).with(self.written(&name).to_owned());
        Some(Header { span: place, name, value: self.text(&parts.next()?, Wanted::Text) })
    }
}
