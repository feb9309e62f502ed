//! Checks of plugins: what they are told, how long they may take, and what is asked of their metrics.
//!
//! Where nobody can tell what a plugin says about itself, everything is taken as it is written.

use std::rc::Rc;

use grammar::ast::{self, Check, OptionValue, ProtocolOption, Quantity, Target, Unit};
use grammar::{Span, suggest};

use super::performance::{Scale, counted};
use super::{Context, PluginState, length, limit};
use crate::catalog::{OptionKind, PluginEntry, PluginMetric, PluginMetricKind, TestName};
use crate::lint::{
    self,
    unit_mismatch::{self, MetricLimit},
};
use crate::program::{
    PerformanceTest, PerformanceUnit, PluginCheck, PluginTest, ProtocolSetting, SettingValue, Test, Wanted,
};

impl Context<'_> {
    /// A check of a plugin with its settings and grants. What is wrong with it is said.
    pub(super) fn plugin_check(&mut self, check: &Check, written: &ast::PluginTarget) -> PluginCheck {
        let state = self.plugin_state(written);
        let file = self.beside_rules(written);
        match &*state {
            PluginState::NotAdded(folder) => {
                self.report(lint::plugin_not_added::finding(&written.file, &file, folder.as_deref()));
            }
            PluginState::Refused(reason) => self.report(lint::plugin_not_added::refused(&written.file, &file, reason)),
            PluginState::Missing => self.report(lint::missing_file::plugin(&written.file, &file)),
            PluginState::Added(_) => {
                if let Some(who) = self.surroundings.strangers_may_write(&file) {
                    self.report(lint::writable_by_others::plugin(written.file.span, &file, &who));
                }
            }
            PluginState::Unknown => {}
        }
        let timeout = written.timeout.as_ref().map(|length| self.network_time(length));
        PluginCheck {
            file,
            settings: self.plugin_settings(written, state.entry()),
            grants: self.grants(check, written, state.entry()),
            timeout: timeout.flatten().unwrap_or(self.limits.network_timeout),
        }
    }

    /// What there is of the plugin of a check. The machine is asked once of each file.
    fn plugin_state(&mut self, written: &ast::PluginTarget) -> Rc<PluginState> {
        let path = self.beside_rules(written);
        if let Some(known) = self.plugins.get(&path) {
            return Rc::clone(known);
        }
        let state = Rc::new(self.surroundings.plugin(&path));
        self.plugins.insert(path, Rc::clone(&state));
        state
    }

    /// The path of a plugin's file. A relative one begins at the folder of the rules that name it, as those of includes do.
    fn beside_rules(&self, written: &ast::PluginTarget) -> String {
        let path = &written.file.node;
        if path.starts_with('/') {
            return path.clone();
        }
        match self.origin(written.file.span).file.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.clone(),
        }
    }

    fn plugin_settings(&mut self, written: &ast::PluginTarget, entry: Option<&PluginEntry>) -> Vec<ProtocolSetting> {
        let Some(entry) = entry else {
            // Any of it may be secret.
            self.secrets.extend(written.options.iter().map(|option| option.value.span));
            return written.options.iter().filter_map(as_written).collect();
        };
        let as_protocol = entry.as_protocol();
        let mut settings: Vec<ProtocolSetting> = Vec::with_capacity(written.options.len());
        for option in &written.options {
            let Some(known) = as_protocol.option(&option.name.node) else {
                self.secrets.push(option.value.span);
                self.report(lint::unknown_option::finding(option, &as_protocol));
                continue;
            };
            let before = settings.iter().position(|setting| setting.name == known.name);
            if known.kind == OptionKind::Secret {
                self.say_whether_secret_is_plain(&entry.name, option);
            }
            let Some(value) = self.option_value(&as_protocol, known, option) else { continue };
            match (before.and_then(|place| settings.get_mut(place)), value) {
                (None, value) => settings.push(ProtocolSetting { name: known.name.clone(), value }),
                (Some(ProtocolSetting { value: SettingValue::Texts(texts), .. }), SettingValue::Texts(more)) => {
                    texts.extend(more);
                }
                (Some(_), _) => self.report(lint::duplicate_option::finding(option.span, "it takes one value")),
            }
        }
        let is_given = |name: &str| {
            written
                .options
                .iter()
                .any(|option| as_protocol.option(&option.name.node).is_some_and(|known| known.name == name))
        };
        // A name that is misspelt was meant, and is said already.
        let names = || entry.options.iter().map(|option| option.name.as_str());
        let is_meant = |name: &str| {
            let unknown = written.options.iter().filter(|option| as_protocol.option(&option.name.node).is_none());
            unknown.map(|option| suggest::nearest(&option.name.node, names())).any(|near| near.contains(&name))
        };
        for missing in entry.options.iter().filter(|one| one.required && !is_given(&one.name) && !is_meant(&one.name)) {
            self.report(lint::missing_option::plugin(written, entry, missing));
        }
        settings
    }

    /// A password in a file that nobody else may read is where it belongs.
    fn say_whether_secret_is_plain(&mut self, plugin: &str, option: &ProtocolOption) {
        self.secrets.push(option.value.span);
        let OptionValue::Text(text) = &option.value.node else { return };
        let is_private = self.surroundings.is_private(&self.origin(option.value.span).file);
        if !is_private && lint::plain_password::is_one(text) {
            self.report(lint::plain_password::of_plugin(option.value.span, plugin));
        }
    }

    /// What is asked of a plugin.
    pub(super) fn plugin_test(&mut self, check: &Check, span: Span, test: &ast::PluginTest) -> Option<Test> {
        let name = match test {
            ast::PluginTest::Outcome(_) => TestName::PluginOutcome,
            ast::PluginTest::Limit { .. } => TestName::PluginMetric,
            ast::PluginTest::Changed { .. } => TestName::PluginChanged,
        };
        self.has(check, span, name)?;
        let state = match &check.target {
            Some(Target::Plugin(target)) => Some(self.plugin_state(target)),
            _ => None,
        };
        let entry = state.as_deref().and_then(PluginState::entry);
        let test = match test {
            ast::PluginTest::Outcome(ast::Wanted::Failed) => PluginTest::Outcome(Wanted::Failed),
            ast::PluginTest::Outcome(ast::Wanted::Succeeded) => PluginTest::Outcome(Wanted::Succeeded),
            ast::PluginTest::Changed { metric } => match entry {
                Some(entry) => PluginTest::Changed(self.metric_of(entry, metric)?.name.clone()),
                None => PluginTest::Changed(metric.node.clone()),
            },
            ast::PluginTest::Limit { metric, operator, value, per_second } => {
                let known = match entry {
                    Some(entry) => Some((entry, self.metric_of(entry, metric)?)),
                    None => None,
                };
                let written = MetricLimit {
                    asked: self.text(metric.span.to(operator.span)),
                    value,
                    number: self.text(value.number.span),
                    written: self.text(value.span),
                    is_rate: per_second.is_some(),
                };
                let (unit, limit) = self.plugin_limit(known, &metric.node, written, *per_second)?;
                let label = known.map_or(&metric.node, |(_, metric)| &metric.name).clone();
                let relation = limit::relation(Some(operator.node));
                let limit = PerformanceTest { label, relation, value: limit, unit };
                if per_second.is_some() { PluginTest::Rate(limit) } else { PluginTest::Limit(limit) }
            }
        };
        Some(Test::Plugin(Box::new(test)))
    }

    fn metric_of<'e>(&mut self, entry: &'e PluginEntry, name: &grammar::Spanned<String>) -> Option<&'e PluginMetric> {
        match entry.metric(&name.node) {
            Some(metric) => Some(metric),
            None => self.refuse(lint::unknown_metric::finding(name, entry)),
        }
    }

    /// A limit in the unit in which the metric is compared with it. Of a metric only the name is known where nobody can tell
    /// what the plugin says.
    fn plugin_limit(
        &mut self,
        known: Option<(&PluginEntry, &PluginMetric)>,
        name: &str,
        written: MetricLimit<'_>,
        per_second: Option<Span>,
    ) -> Option<(Option<PerformanceUnit>, f64)> {
        let value = written.value;
        let number = self.number(&value.number);
        let counted = counted(value.unit.as_ref().map(|unit| (unit.node, self.text(unit.span))));
        let Some((plugin, metric)) = known else {
            return match counted {
                Some((unit, scale)) => Some((unit, scale.of(number?))),
                None => self.refuse(unit_mismatch::no_metric(written, name)),
            };
        };
        let wanted = unit_of(metric.kind);
        // Nothing is nothing in every unit.
        let fits =
            |(unit, _): &(Option<PerformanceUnit>, Scale)| *unit == wanted || unit.is_none() && number == Some(0.0);
        match (per_second.filter(|_| !metric.kind.may_grow()), counted.filter(fits)) {
            (Some(place), _) => self.refuse(unit_mismatch::no_rate(place, value, metric, plugin)),
            (None, Some((_, scale))) => Some((wanted, scale.of(number?))),
            (None, None) => self.refuse(unit_mismatch::of_metric(written, metric)),
        }
    }
}

/// The unit in which a metric is compared with its limit.
fn unit_of(kind: PluginMetricKind) -> Option<PerformanceUnit> {
    match kind {
        PluginMetricKind::Gauge | PluginMetricKind::Counter => None,
        PluginMetricKind::DurationMs => Some(PerformanceUnit::Seconds),
        PluginMetricKind::Bytes => Some(PerformanceUnit::Bytes),
        PluginMetricKind::Percent => Some(PerformanceUnit::Percent),
    }
}

/// An option as it is written, where nobody can tell of what kind it is. What nothing declares is left out.
fn as_written(option: &ProtocolOption) -> Option<ProtocolSetting> {
    let value = match &option.value.node {
        OptionValue::Text(text) if may_be_secret(&option.name.node) => SettingValue::Secret(text.clone()),
        OptionValue::Text(text) => SettingValue::Text(text.clone()),
        OptionValue::Truth(truth) => SettingValue::Truth(*truth),
        OptionValue::Quantity(quantity) => amount(quantity)?,
        OptionValue::Texts(texts) => SettingValue::Texts(texts.iter().map(|text| text.node.clone()).collect()),
        OptionValue::Headers(headers) => {
            let pairs = headers.iter().map(|header| (header.name.node.clone(), header.value.node.clone()));
            SettingValue::Headers(pairs.collect())
        }
        OptionValue::Name(_) | OptionValue::Hole(_) | OptionValue::Hash { .. } => return None,
    };
    Some(ProtocolSetting { name: option.name.node.clone(), value })
}

/// Whether an option of which nothing is known has a name as secrets have.
pub(super) fn may_be_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "secret", "token", "key", "credential"].iter().any(|word| name.contains(word))
}

fn amount(quantity: &Quantity) -> Option<SettingValue> {
    let number = *quantity.number.node.literal()?;
    let Some(unit) = quantity.unit.as_ref().map(|unit| unit.node) else {
        #[expect(clippy::cast_possible_truncation, reason = "the number has no fraction, and the cast clamps")]
        return Some(if number.fract() == 0.0 {
            SettingValue::Integer(number as i64)
        } else {
            SettingValue::Number(number)
        });
    };
    if let Some(seconds) = length::seconds_of(unit) {
        return Some(SettingValue::Duration(length::duration(number * seconds)));
    }
    if unit == Unit::Percent {
        return Some(SettingValue::Number(number));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast clamps")]
    limit::bytes_of(unit).map(|bytes| SettingValue::Size((number * bytes) as u64))
}
