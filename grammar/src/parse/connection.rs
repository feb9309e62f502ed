//! `failed port N protocol P …`: connections and what a protocol is asked to do.

use super::grammar::{Pair, Rule};
use super::text::Wanted;
use super::value::hole_name;
use super::{Builder, span};
use crate::ast::{self, Connection, ConnectionOption, OptionValue, Protocol, ProtocolOption, Quantity};
use crate::{Finding, Span, Spanned};

impl<'i> Builder<'i> {
    /// A connection; nothing when it has no port.
    pub(super) fn connection(&mut self, pair: Pair<'i>) -> Option<Connection> {
        let place = span(&pair);
        let (mut host, mut port, mut options) = (None, None, Vec::new());
        let mut parts = pair.into_inner();
        let word = parts.next()?;
        let wanted = if word.as_rule() == Rule::kw_failed { ast::Wanted::Failed } else { ast::Wanted::Succeeded };
        for part in parts {
            let here = span(&part);
            match part.as_rule() {
                Rule::host => {
                    self.need_order(here, port.is_none() && options.is_empty(), "the host", "the port");
                    host = part.into_inner().nth(1).map(|host| self.text(&host, Wanted::Word));
                }
                Rule::port => {
                    self.need_order(here, options.is_empty(), "the port", "all other options");
                    port = part.into_inner().nth(1).map(|port| self.value(&port));
                }
                Rule::protocol => options.extend(self.protocol(part).map(ConnectionOption::Protocol)),
                Rule::timeout => options.extend(self.timeout(part).map(ConnectionOption::Timeout)),
                _ => {
                    let number = part.into_inner().nth(1);
                    options.extend(number.map(|number| ConnectionOption::Retry(self.value(&number))));
                }
            }
        }
        let Some(port) = port else {
            let finding = Finding::error("syntax-error", place, "this connection has no port")
                .here("`port` and a number are missing")
                .help("write where to connect, as in `failed port 443 protocol https`");
            self.report(finding);
            return None;
        };
        Some(Connection { wanted, host, port, options })
    }

    fn need_order(&mut self, place: Span, in_order: bool, what: &str, before: &str) {
        if self.is_monit() && !in_order {
            let finding = Finding::error("option-order", place, format!("{what} must stand before {before}"))
                .here("Monit refuses it here")
                .help("write `failed host … port … protocol … with timeout …`, in this order");
            self.report(finding);
        }
    }

    fn protocol(&mut self, pair: Pair<'i>) -> Option<Protocol> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        parts.next();
        let name = parts.next()?;
        let name = span(&name).with(name.as_str().to_owned());
        let mut options = Vec::new();
        for part in parts {
            if part.as_rule() == Rule::block {
                self.rules_only(span(&part));
                for pair in part.into_inner().filter(|pair| pair.as_rule() == Rule::block_pair) {
                    options.extend(self.block_pair(pair));
                }
            } else {
                options.extend(self.protocol_option(part));
            }
        }
        Some(Protocol { span: place, name, options })
    }

    fn rules_only(&mut self, place: Span) {
        if self.is_monit() {
            let finding = Finding::error("syntax-error", place, "Monit has no options in braces here")
                .here("only files named `*.rules` have them")
                .help("write Monit's own words behind the protocol, or move the rule to a `.rules` file");
            self.report(finding);
        }
    }

    fn protocol_option(&mut self, pair: Pair<'i>) -> Option<ProtocolOption> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let word = parts.next()?;
        let name = match word.as_str().to_ascii_lowercase() {
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
        }
        let takes_number = matches!(name.as_str(), "status" | "maxforward" | "version");
        if self.is_monit() && part.as_rule() == Rule::plain_number && !takes_number {
            let headline = format!("`{}` is a number, and a text is wanted here", part.as_str());
            self.quote_it(span(&part), part.as_str(), headline);
        }
        let value = self.option_value(&part, wanted);
        Some(ProtocolOption { span: place, name: span(&word).with(name), operator, value })
    }

    fn option_value(&mut self, pair: &Pair<'i>, wanted: Wanted) -> Spanned<OptionValue> {
        let place = span(pair);
        match pair.as_rule() {
            Rule::hole => place.with(OptionValue::Hole(hole_name(pair.as_str()))),
            Rule::plain_number => {
                let number = self.value(pair);
                place.with(OptionValue::Quantity(Quantity { span: place, number, unit: None }))
            }
            _ => place.with(OptionValue::Text(self.text(pair, wanted).node)),
        }
    }

    fn block_pair(&mut self, pair: Pair<'i>) -> Option<ProtocolOption> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let name = parts.next()?;
        let given = parts.next()?;
        let here = span(&given);
        let value = match given.as_rule() {
            Rule::truth => OptionValue::Truth(given.as_str().eq_ignore_ascii_case("true")),
            Rule::hole => OptionValue::Hole(hole_name(given.as_str())),
            Rule::block_number => OptionValue::Quantity(self.quantity(given)),
            Rule::quoted => OptionValue::Text(self.unquoted(given.as_str())),
            _ => OptionValue::Name(given.as_str().to_owned()),
        };
        let name = span(&name).with(name.as_str().to_owned());
        Some(ProtocolOption { span: place, name, operator: None, value: here.with(value) })
    }
}
