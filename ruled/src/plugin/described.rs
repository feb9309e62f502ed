//! Whether what a plugin says about itself can be used: names that rules can write, texts that people can read, defaults
//! that their options allow.

use std::collections::HashSet;

use ruled_embedded::{Description, HashKind, OptionSpec, OptionType, Value};
use ruled_manifest::Kind;

use super::limits::{
    CHOICES_MAX, METRICS_MAX, NAME_BYTES_MAX, NEED_BYTES_MAX, NEEDS_MAX, OPTIONS_MAX, PAGE_BYTES_MAX, SUMMARY_BYTES_MAX,
};
use super::verdict::clean;
use super::{Described, Need};

/// What a plugin says about itself, if it can be used. An error is continued after "the NAME plugin".
pub(super) fn usable(described: Described) -> Result<Described, String> {
    let Description { transports, default_port, default_tls_port, .. } = &described.description;
    if described.kind == Kind::Probe && transports.is_empty() {
        return Err("describes nothing that its protocol can be spoken over".to_owned());
    }
    if *default_port == Some(0) || *default_tls_port == Some(0) {
        return Err("describes the port 0, which nobody listens on".to_owned());
    }
    counted("needs", described.needs.len(), NEEDS_MAX)?;
    for Need { example, purpose, .. } in &described.needs {
        line("needed grant", example, NEED_BYTES_MAX)?;
        line("purpose of a grant", purpose, NEED_BYTES_MAX)?;
        // It is shown as what to write into a rule, between quotes.
        if let Some(letter) = example.chars().find(|letter| matches!(letter, '"' | '\\' | '`')) {
            return Err(format!("describes itself with a needed grant in which {letter} stands"));
        }
    }
    about(&described.description)?;
    Ok(described)
}

/// The same, if it is a plugin of somebody's own, whose file goes from hand to hand. Of stock plugins a default may be what
/// everybody knows.
pub(super) fn keeps_no_secret(described: Described) -> Result<Described, String> {
    let is_told = |option: &&OptionSpec| option.kind == OptionType::Secret && option.default.is_some();
    match described.description.options.iter().find(is_told) {
        None => Ok(described),
        Some(OptionSpec { name, .. }) => Err(format!(
            "describes a default for the option {name}, which is a secret: what stands in a file that others get is none; \
             leave the default out, and rules set the option"
        )),
    }
}

/// The same of what probes and checks have in common.
fn about(description: &Description) -> Result<(), String> {
    let Description { version, summary, page, options, metrics, .. } = description;
    line("version", version, NAME_BYTES_MAX)?;
    line("summary", summary, SUMMARY_BYTES_MAX)?;
    paragraphs("its page", page)?;
    counted("options", options.len(), OPTIONS_MAX)?;
    counted("metrics", metrics.len(), METRICS_MAX)?;
    let mut names = HashSet::new();
    // Names of protocols are older than ours, and some have a hyphen.
    name("itself", &description.name.replace('-', "_"))?;
    for option in options.iter() {
        name("an option", &option.name)?;
        if !names.insert(&option.name) {
            return Err(format!("describes the option {} twice", option.name));
        }
        usable_option(option)?;
    }
    names.clear();
    for metric in metrics.iter() {
        name("a metric", &metric.name)?;
        if !names.insert(&metric.name) {
            return Err(format!("describes the metric {} twice", metric.name));
        }
        line(&format!("help of the metric {}", metric.name), &metric.help, SUMMARY_BYTES_MAX)?;
    }
    Ok(())
}

fn usable_option(option: &OptionSpec) -> Result<(), String> {
    let OptionSpec { name, help, page, kind, required, default } = option;
    line(&format!("help of the option {name}"), help, SUMMARY_BYTES_MAX)?;
    paragraphs(&format!("the page of the option {name}"), page)?;
    match kind {
        OptionType::Integer(least, greatest) if least > greatest => {
            return Err(format!("describes the option {name} as a number between {least} and {greatest}"));
        }
        OptionType::Choice(words) => {
            counted(&format!("words for the option {name}"), words.len(), CHOICES_MAX)?;
            if words.is_empty() {
                return Err(format!("describes no word for the option {name}"));
            }
            for word in words.iter() {
                line(&format!("word for the option {name}"), word, NAME_BYTES_MAX)?;
            }
        }
        _ => {}
    }
    match default {
        Some(_) if *required => Err(format!("describes the option {name} as required, and a default for it")),
        Some(value) if !fits(kind, value) => {
            Err(format!("describes a default for the option {name} that is not {}", what(kind)))
        }
        _ => Ok(()),
    }
}

/// Whether a value is one that the option may have.
pub(super) fn fits(kind: &OptionType, value: &Value) -> bool {
    match (kind, value) {
        (OptionType::Text | OptionType::Secret, Value::Text(_))
        | (OptionType::Boolean, Value::Boolean(_))
        | (OptionType::Duration, Value::DurationMs(_))
        | (OptionType::Size, Value::SizeBytes(_))
        | (OptionType::Texts, Value::Texts(_))
        | (OptionType::Comparison | OptionType::Share, Value::Comparison(_))
        | (OptionType::Pattern, Value::Pattern(_))
        | (OptionType::Headers, Value::Headers(_)) => true,
        (OptionType::Integer(least, greatest), Value::Integer(number)) => (least..=greatest).contains(&number),
        (OptionType::Number, Value::Number(number)) => number.is_finite(),
        (OptionType::Choice(words), Value::Text(word)) => words.contains(word),
        (OptionType::Hash, Value::Hash(hash)) => {
            let digits = match hash.kind {
                HashKind::Md5 => 32,
                HashKind::Sha1 => 40,
                HashKind::Sha256 => 64,
            };
            hash.digits.len() == digits && hash.digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        }
        _ => false,
    }
}

/// What a value of the option is, for people.
pub(super) fn what(kind: &OptionType) -> String {
    match kind {
        OptionType::Text | OptionType::Secret => "a text".into(),
        OptionType::Integer(least, greatest) => format!("a whole number between {least} and {greatest}"),
        OptionType::Number => "a number".into(),
        OptionType::Boolean => "yes or no".into(),
        OptionType::Duration => "a time span".into(),
        OptionType::Size => "a size".into(),
        OptionType::Choice(words) => format!("one of {}", words.join(", ")),
        OptionType::Texts => "a list of texts".into(),
        OptionType::Comparison | OptionType::Share => "a comparison".into(),
        OptionType::Pattern => "a pattern".into(),
        OptionType::Hash => "a checksum".into(),
        OptionType::Headers => "a list of headers".into(),
    }
}

fn name(whose: &str, name: &str) -> Result<(), String> {
    let mut bytes = name.bytes();
    let is_name = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && name.len() <= NAME_BYTES_MAX;
    if is_name {
        return Ok(());
    }
    let shown = clean(name, NAME_BYTES_MAX);
    Err(format!("calls {whose} `{shown}`; a name begins with a small letter and has small letters, digits and _"))
}

fn counted(what: &str, count: usize, most: usize) -> Result<(), String> {
    if count <= most { Ok(()) } else { Err(format!("describes {count} {what}, and {most} is the most")) }
}

fn line(what: &str, text: &str, bytes_max: usize) -> Result<(), String> {
    if text.len() > bytes_max {
        return Err(format!("describes itself with a {what} of {} bytes, and {bytes_max} is the most", text.len()));
    }
    if clean(text, bytes_max) != text {
        return Err(format!("describes itself with a {what} that is not one plain line"));
    }
    Ok(())
}

fn paragraphs(what: &str, text: &str) -> Result<(), String> {
    if text.len() > PAGE_BYTES_MAX {
        return Err(format!("says too much: {what} has {} bytes, and {PAGE_BYTES_MAX} is the most", text.len()));
    }
    match text.chars().find(|letter| letter.is_control() && *letter != '\n') {
        Some(letter) => Err(format!("has the control character {} in {what}", letter.escape_default())),
        None => Ok(()),
    }
}
