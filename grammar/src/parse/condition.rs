//! What a rule asks.

use pest::iterators::Pair;

use super::value::operator;
use super::{Builder, Rule, part, span};
use crate::Spanned;
use crate::ast::{
    Condition, Connection, ConnectionOption, Limit, MetricName, OptionValue, Protocol, ProtocolOption, Test, TestKind,
    Wanted,
};

impl Builder {
    /// The tests between `if` and the rate.
    pub(super) fn condition(&mut self, pair: &Pair<'_, Rule>) -> Option<Condition> {
        let tests: Vec<Test> = pair.clone().into_inner().filter_map(|test| self.test(&test)).collect();
        (!tests.is_empty()).then(|| Condition { span: span(pair), tests })
    }

    fn test(&mut self, pair: &Pair<'_, Rule>) -> Option<Test> {
        let kind = match pair.as_rule() {
            Rule::existence => TestKind::Existence { exists: part(pair, Rule::present).is_some() },
            Rule::limit => TestKind::Limit(self.limit(pair)?),
            Rule::permission => TestKind::Permission { mode: self.name(&part(pair, Rule::octal)?) },
            Rule::connection => TestKind::Connection(self.connection(pair)?),
            _ => return None,
        };
        Some(Test { span: span(pair), kind })
    }

    fn limit(&mut self, pair: &Pair<'_, Rule>) -> Option<Limit> {
        let metric = part(pair, Rule::metric)?;
        let name = metric_name(&metric)?;
        let value = self.quantity(&part(pair, Rule::quantity)?)?;
        Some(Limit { metric: span(&metric).with(name), operator: operator(pair), value })
    }

    fn connection(&mut self, pair: &Pair<'_, Rule>) -> Option<Connection> {
        let wanted = match part(pair, Rule::wanted)?.into_inner().next()?.as_rule() {
            Rule::kw_failed => Wanted::Failed,
            _ => Wanted::Succeeded,
        };
        let host = part(pair, Rule::connection_host).and_then(|host| host.into_inner().last());
        let mut options = Vec::new();
        for option in pair.clone().into_inner() {
            options.extend(match option.as_rule() {
                Rule::protocol => self.protocol(&option).map(ConnectionOption::Protocol),
                Rule::timeout => self.timeout(&option).map(ConnectionOption::Timeout),
                Rule::retry => self.first_figure(&option).map(ConnectionOption::Retry),
                _ => None,
            });
        }
        Some(Connection { wanted, host: host.map(|host| self.name(&host)), port: self.first_figure(pair)?, options })
    }

    fn protocol(&mut self, pair: &Pair<'_, Rule>) -> Option<Protocol> {
        let mut options = Vec::new();
        for inner in pair.clone().into_inner() {
            match inner.as_rule() {
                Rule::protocol_option => options.extend(self.protocol_option(&inner)),
                Rule::more_options => {
                    options.extend(inner.into_inner().filter_map(|pair| self.option_pair(&pair)));
                }
                _ => {}
            }
        }
        Some(Protocol { span: span(pair), name: self.name(&part(pair, Rule::protocol_name)?), options })
    }

    /// An option in Monit's words, under the name that plugins know it by.
    fn protocol_option(&mut self, pair: &Pair<'_, Rule>) -> Option<ProtocolOption> {
        let option = pair.clone().into_inner().next()?;
        let word = option.clone().into_inner().next()?;
        let (name, value) = match option.as_rule() {
            Rule::option_status => {
                let number = self.first_figure(&option)?;
                let quantity = crate::ast::Quantity { span: number.span, number, unit: None };
                ("status", quantity.span.with(OptionValue::Quantity(quantity)))
            }
            Rule::option_method => {
                let method = option.clone().into_inner().last()?;
                ("method", span(&method).with(OptionValue::Text(method.as_str().to_ascii_lowercase())))
            }
            Rule::option_host => ("host_header", self.option_text(&option)?),
            _ => ("request", self.option_text(&option)?),
        };
        let name = span(&word).with(name.to_string());
        Some(ProtocolOption { span: span(pair), name, operator: operator(&option), value })
    }

    fn option_text(&mut self, pair: &Pair<'_, Rule>) -> Option<Spanned<OptionValue>> {
        let text = self.inner_text(pair)?;
        Some(text.span.with(OptionValue::Text(text.node)))
    }

    fn option_pair(&mut self, pair: &Pair<'_, Rule>) -> Option<ProtocolOption> {
        let name = self.name(&part(pair, Rule::option_name)?);
        let written = part(pair, Rule::option_value)?;
        let inner = written.clone().into_inner().next()?;
        let value = match inner.as_rule() {
            Rule::quoted => OptionValue::Text(self.name(&inner).node),
            Rule::truth => OptionValue::Truth(inner.as_str().trim_end().eq_ignore_ascii_case("true")),
            Rule::quantity => {
                let quantity = self.quantity(&inner)?;
                match (&quantity.number.node, &quantity.unit) {
                    (crate::ast::Value::Name(name), None) => OptionValue::Name(name.clone()),
                    (crate::ast::Value::Hole(name), None) => OptionValue::Hole(name.clone()),
                    _ => OptionValue::Quantity(quantity),
                }
            }
            _ => OptionValue::Name(inner.as_str().trim_end().to_string()),
        };
        Some(ProtocolOption { span: span(pair), name, operator: operator(pair), value: span(&written).with(value) })
    }
}

fn metric_name(pair: &Pair<'_, Rule>) -> Option<MetricName> {
    let word = pair.clone().into_inner().next()?;
    Some(match word.as_rule() {
        Rule::cpu_user => MetricName::CpuUser,
        Rule::cpu_system => MetricName::CpuSystem,
        Rule::cpu_wait => MetricName::CpuWait,
        Rule::kw_cpu => MetricName::Cpu,
        Rule::kw_total_cpu => MetricName::TotalCpu,
        Rule::kw_memory => MetricName::Memory,
        Rule::kw_total_memory => MetricName::TotalMemory,
        Rule::kw_swap => MetricName::Swap,
        Rule::kw_size => MetricName::Size,
        Rule::kw_timestamp => MetricName::Timestamp,
        Rule::load_average => {
            let minutes = match word.clone().into_inner().next()?.as_rule() {
                Rule::load_15 => 15,
                Rule::load_5 => 5,
                _ => 1,
            };
            MetricName::LoadAverage { minutes, per_core: part(&word, Rule::per_core).is_some() }
        }
        _ => return None,
    })
}
