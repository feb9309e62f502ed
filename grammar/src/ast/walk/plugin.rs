//! The parts of a check of a plugin.

use super::Walk;
use crate::Spanned;
use crate::ast::{Grant, GrantKind, OptionValue, PluginTarget, PluginTest, ProtocolOption};

impl Walk {
    pub(super) fn plugin_target(&mut self, target: &PluginTarget) {
        self.leaf("path", &target.file);
        self.protocol_options(&target.options);
        target.timeout.iter().for_each(|length| self.length(length));
    }

    pub(super) fn grant(&mut self, grant: &Grant) {
        self.node("grant", grant.span, |walk| match &grant.kind {
            GrantKind::Connect { endpoint, tls, name } => {
                walk.leaf("endpoint", endpoint);
                tls.iter().for_each(|option| walk.tls_option(option));
                walk.leaves("name", name);
            }
            GrantKind::Read(path) => walk.leaf("path", path),
            GrantKind::Fetch(origin) => walk.leaf("url", origin),
        });
    }

    pub(super) fn plugin_test(&mut self, test: &PluginTest) {
        match test {
            PluginTest::Outcome(_) => {}
            PluginTest::Limit { metric, operator, value, per_second } => {
                self.leaf("metric", metric);
                self.leaf("operator", operator);
                self.quantity(value);
                per_second.iter().for_each(|span| self.node("per-second", *span, |_| {}));
            }
            PluginTest::Changed { metric } => self.leaf("metric", metric),
        }
    }

    pub(super) fn protocol_options(&mut self, options: &[ProtocolOption]) {
        for option in options {
            self.node("protocol-option", option.span, |walk| {
                walk.leaf("name", &option.name);
                walk.leaves("operator", &option.operator);
                walk.option_value(&option.value);
            });
        }
    }

    pub(super) fn option_value(&mut self, value: &Spanned<OptionValue>) {
        match &value.node {
            OptionValue::Quantity(quantity) => self.quantity(quantity),
            OptionValue::Headers(headers) => self.node("headers", value.span, |walk| {
                for header in headers {
                    walk.node("header", header.span, |walk| {
                        walk.leaf("name", &header.name);
                        walk.leaf("text", &header.value);
                    });
                }
            }),
            OptionValue::Texts(texts) => self.node("texts", value.span, |walk| walk.leaves("text", texts)),
            OptionValue::Hash { kind: _, digits: _ } => self.leaf("hash", value),
            OptionValue::Text(_) | OptionValue::Truth(_) | OptionValue::Name(_) | OptionValue::Hole(_) => {
                self.leaf("value", value);
            }
        }
    }
}
