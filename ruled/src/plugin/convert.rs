//! Between our types and those of the WIT.

use std::borrow::Cow;

use ruled_embedded::{
    Comparison, Description, Hash, HashKind, MetricKind, MetricSpec, OptionSpec, OptionType, Pattern, Relation,
    Transport, Value,
};
use ruled_manifest::{Kind, Want};

use super::bindings::checks::exports::ruled::plugin::checker;
use super::bindings::exports::ruled::plugin::prober::Protocol;
use super::bindings::ruled::plugin::types as wit;
use super::source::Source;
use super::{Described, Need, Setting, described};

/// What the rule sets, and the defaults of what it does not. Rules of one's own plugins were read for the plugin as it was then;
/// a value that fits its option no longer is no value.
pub(super) fn complete(source: &Source, settings: Vec<Setting>) -> Result<Vec<Setting>, String> {
    let options = &source.description().options;
    for set in &settings {
        if !options.iter().any(|option| option.name == set.name) {
            return Err(format!("the {} plugin has no option {}", source.name(), set.name));
        }
    }
    if let Source::Added(_) = source {
        let spec = |set: &Setting| options.iter().find(|option| option.name == set.name);
        let misfit =
            settings.iter().find_map(|set| spec(set).filter(|option| !described::fits(&option.kind, &set.value)));
        if let Some(OptionSpec { name, kind, .. }) = misfit {
            let (plugin, wanted) = (source.name(), described::what(kind));
            return Err(format!(
                "the option {name} of the {plugin} plugin must be {wanted}, and the rules have something else; `ruled check` \
                 says more"
            ));
        }
    }
    let unset = options.iter().filter(|option| !settings.iter().any(|set| set.name == option.name));
    let mut complete = Vec::with_capacity(options.len());
    for option in unset {
        match &option.default {
            Some(value) => {
                let (name, value) = (option.name.clone().into_owned(), value.clone());
                complete.push(Setting { name, value, is_secret: false });
            }
            None if option.required => {
                return Err(format!("the {} plugin needs the option {}", source.name(), option.name));
            }
            None => {}
        }
    }
    complete.extend(settings);
    Ok(complete)
}

/// A setting in the types of the WIT.
pub(super) fn setting(Setting { name, value, .. }: Setting) -> wit::Setting {
    let owned = |texts: Cow<'static, [Cow<'static, str>]>| texts.iter().map(|text| text.clone().into_owned()).collect();
    let value = match value {
        Value::Text(text) => wit::Value::Text(text.into_owned()),
        Value::Integer(number) => wit::Value::Integer(number),
        Value::Number(number) => wit::Value::Number(number),
        Value::Boolean(yes) => wit::Value::Boolean(yes),
        Value::DurationMs(span) => wit::Value::DurationMs(span),
        Value::SizeBytes(size) => wit::Value::SizeBytes(size),
        Value::Texts(texts) => wit::Value::Texts(owned(texts)),
        Value::Comparison(Comparison { relation, number }) => {
            wit::Value::Comparison(wit::Comparison { relation: relation.into(), number })
        }
        Value::Pattern(Pattern { text, negated, .. }) => {
            wit::Value::Pattern(wit::Pattern { text: text.into_owned(), negated })
        }
        Value::Hash(Hash { kind, digits }) => {
            wit::Value::Hash(wit::Hash { kind: kind.into(), digits: digits.into_owned() })
        }
        Value::Headers(headers) => {
            let pairs = headers.iter().map(|(name, value)| (name.clone().into_owned(), value.clone().into_owned()));
            wit::Value::Headers(pairs.collect())
        }
    };
    wit::Setting { name, value }
}

/// What a probe says about itself.
pub(super) fn probe(protocol: Protocol) -> Described {
    let Protocol { about, transports, default_port, default_tls_port, start_tls } = protocol;
    let about = description(about);
    let transports = transports.into_iter().map(Transport::from).collect();
    let description = Description { transports, default_port, default_tls_port, start_tls, ..about };
    Described { kind: Kind::Probe, description, needs: Vec::new() }
}

/// What a check of one's own says about itself.
pub(super) fn check(custom: checker::Custom) -> Described {
    let checker::Custom { about, default_port, needs } = custom;
    let needs = needs.into_iter().map(|checker::Need { kind, example, purpose }| Need {
        kind: match kind {
            checker::GrantKind::Connect => Want::Connect,
            checker::GrantKind::Read => Want::Read,
            checker::GrantKind::Fetch => Want::Fetch,
        },
        example,
        purpose,
    });
    let description = Description { default_port, ..description(about) };
    Described { kind: Kind::Check, description, needs: needs.collect() }
}

/// What both have in common.
fn description(about: wit::Description) -> Description {
    Description {
        name: about.name.into(),
        version: about.version.into(),
        summary: about.summary.into(),
        page: about.page.into(),
        transports: Cow::Borrowed(&[]),
        default_port: None,
        default_tls_port: None,
        start_tls: false,
        options: about.options.into_iter().map(option).collect(),
        metrics: about
            .metrics
            .into_iter()
            .map(|metric| MetricSpec { name: metric.name.into(), help: metric.help.into(), kind: metric.kind.into() })
            .collect(),
    }
}

fn option(spec: wit::OptionSpec) -> OptionSpec {
    let kind = match spec.kind {
        wit::OptionType::Text => OptionType::Text,
        wit::OptionType::Secret => OptionType::Secret,
        wit::OptionType::Integer((least, greatest)) => OptionType::Integer(least, greatest),
        wit::OptionType::Number => OptionType::Number,
        wit::OptionType::Boolean => OptionType::Boolean,
        wit::OptionType::Duration => OptionType::Duration,
        wit::OptionType::Size => OptionType::Size,
        wit::OptionType::Choice(words) => OptionType::Choice(words.into_iter().map(Cow::Owned).collect()),
        wit::OptionType::Texts => OptionType::Texts,
        wit::OptionType::Comparison => OptionType::Comparison,
        wit::OptionType::Share => OptionType::Share,
        wit::OptionType::Pattern => OptionType::Pattern,
        wit::OptionType::Hash => OptionType::Hash,
        wit::OptionType::Headers => OptionType::Headers,
    };
    OptionSpec {
        name: spec.name.into(),
        help: spec.help.into(),
        page: spec.page.into(),
        kind,
        required: spec.required,
        default: spec.default.map(value),
    }
}

fn value(value: wit::Value) -> Value {
    match value {
        wit::Value::Text(text) => Value::Text(text.into()),
        wit::Value::Integer(number) => Value::Integer(number),
        wit::Value::Number(number) => Value::Number(number),
        wit::Value::Boolean(yes) => Value::Boolean(yes),
        wit::Value::DurationMs(span) => Value::DurationMs(span),
        wit::Value::SizeBytes(size) => Value::SizeBytes(size),
        wit::Value::Texts(texts) => Value::Texts(texts.into_iter().map(Cow::Owned).collect()),
        wit::Value::Comparison(wit::Comparison { relation, number }) => {
            Value::Comparison(Comparison { relation: relation.into(), number })
        }
        wit::Value::Pattern(wit::Pattern { text, negated }) => {
            Value::Pattern(Pattern { text: text.into(), negated, posix: false })
        }
        wit::Value::Hash(wit::Hash { kind, digits }) => Value::Hash(Hash { kind: kind.into(), digits: digits.into() }),
        wit::Value::Headers(headers) => {
            Value::Headers(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
        }
    }
}

/// Two enums with the same cases, in both directions.
macro_rules! same_cases {
    ($name:ident: $($case:ident),*) => {
        impl From<wit::$name> for $name {
            fn from(theirs: wit::$name) -> $name {
                match theirs { $(wit::$name::$case => $name::$case),* }
            }
        }
        impl From<$name> for wit::$name {
            fn from(ours: $name) -> wit::$name {
                match ours { $($name::$case => wit::$name::$case),* }
            }
        }
    };
}

same_cases!(MetricKind: Gauge, Counter, DurationMs, Bytes, Percent);
same_cases!(HashKind: Md5, Sha1, Sha256);
same_cases!(Transport: Tcp, Udp, UnixStream, UnixDatagram);
same_cases!(Relation: Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual);
