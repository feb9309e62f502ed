//! Connections in which a protocol is named, which a plugin speaks.

use std::time::Duration;

use interpreter::engine::{ConnectionResult, Reading};
use interpreter::pattern::Syntax;
use interpreter::program::{Connection, HashKind, ProtocolCall, ProtocolSetting, Relation, SettingValue};
use tokio::sync::oneshot;

use super::bare::result;
use super::way::Manner;
use crate::plugin::{self, Plugins, Probe};

/// The option of plugins for what rules say of a content, which stands beside the protocol there.
const CONTENT: &str = "content";

/// The option of plugins for how much of that is looked at, which all rules have in common unless one says it itself.
const CONTENT_BUFFER: &str = "content_buffer";

/// How much longer than its own time-out a plugin's answer is waited for: more than the plugin's thread takes to end a probe
/// on a machine that is busy.
const GRACE: Duration = Duration::from_secs(10);

/// Has a plugin look at a service.
pub(super) async fn connection(
    connection: &Connection,
    protocol: &ProtocolCall,
    manner: &Manner,
    plugins: &Plugins,
) -> Reading<ConnectionResult> {
    let probe = match probe(connection, protocol, manner) {
        Ok(probe) => probe,
        Err(reason) => return Reading::Unknown(reason),
    };
    let (answer, report) = oneshot::channel();
    plugins.probe(
        probe,
        Box::new(move |report| {
            // Nobody waits any more when the round is over.
            answer.send(report).ok();
        }),
    );
    let Ok(Ok(report)) = tokio::time::timeout(connection.timeout + GRACE, report).await else {
        return Reading::Unknown(format!("the plugin of protocol {} did not answer", protocol.name));
    };
    result(report)
}

/// What a plugin is asked.
pub(super) fn probe(connection: &Connection, protocol: &ProtocolCall, manner: &Manner) -> Result<Probe, String> {
    let mut settings: Vec<plugin::Setting> = protocol.settings.iter().map(setting).collect();
    if let Some(content) = &connection.content {
        let (text, posix) = (content.pattern.clone().into(), manner.syntax() == Syntax::Posix);
        let pattern = plugin::Pattern { text, negated: content.negated, posix };
        settings.push(plugin::Setting {
            name: CONTENT.to_owned(),
            value: plugin::Value::Pattern(pattern),
            is_secret: false,
        });
        if !settings.iter().any(|setting| setting.name == CONTENT_BUFFER) {
            let value = plugin::Value::SizeBytes(manner.content_bytes);
            settings.push(plugin::Setting { name: CONTENT_BUFFER.to_owned(), value, is_secret: false });
        }
    }
    let (protocol, route) = (protocol.name.clone(), manner.route(connection)?);
    Ok(Probe { protocol, route, settings, timeout: connection.timeout })
}

/// What the rules call a setting, as plugins call it. Only the dialect `rules` has patterns among them.
pub(crate) fn setting(setting: &ProtocolSetting) -> plugin::Setting {
    let value = match &setting.value {
        SettingValue::Text(text) | SettingValue::Secret(text) => plugin::Value::Text(text.clone().into()),
        SettingValue::Integer(number) => plugin::Value::Integer(*number),
        SettingValue::Number(number) => plugin::Value::Number(*number),
        SettingValue::Truth(truth) => plugin::Value::Boolean(*truth),
        // A time span beyond 500 million years is cut.
        SettingValue::Duration(span) => plugin::Value::DurationMs(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)),
        SettingValue::Size(bytes) => plugin::Value::SizeBytes(*bytes),
        SettingValue::Comparison(relation, number) => {
            let relation = match relation {
                Relation::Greater => plugin::Relation::Greater,
                Relation::GreaterOrEqual => plugin::Relation::GreaterOrEqual,
                Relation::Less => plugin::Relation::Less,
                Relation::LessOrEqual => plugin::Relation::LessOrEqual,
                Relation::Equal => plugin::Relation::Equal,
                Relation::NotEqual | Relation::Changed => plugin::Relation::NotEqual,
            };
            plugin::Value::Comparison(plugin::Comparison { relation, number: *number })
        }
        SettingValue::Hash(kind, digits) => {
            let kind = match kind {
                HashKind::Md5 => plugin::HashKind::Md5,
                HashKind::Sha1 => plugin::HashKind::Sha1,
                HashKind::Sha256 => plugin::HashKind::Sha256,
            };
            plugin::Value::Hash(plugin::Hash { kind, digits: digits.clone().into() })
        }
        SettingValue::Headers(headers) => {
            let pairs = headers.iter().map(|(name, value)| (name.clone().into(), value.clone().into()));
            plugin::Value::Headers(pairs.collect())
        }
        SettingValue::Pattern(pattern) => {
            let (text, negated) = (pattern.pattern.clone().into(), pattern.negated);
            plugin::Value::Pattern(plugin::Pattern { text, negated, posix: false })
        }
        SettingValue::Texts(texts) => plugin::Value::Texts(texts.iter().map(|text| text.clone().into()).collect()),
    };
    let is_secret = matches!(setting.value, SettingValue::Secret(_));
    plugin::Setting { name: setting.name.clone(), value, is_secret }
}
