//! What both frozen guests do: everything of the contract that needs no grant. The components beside this crate were made of
//! it once and are never made again; `tests/plugin/frozen.rs` says why.

use ruled_plugin::*;

/// One option of each type.
pub fn options(describe: Describe) -> Describe {
    describe
        .option("text", OptionType::Text, "A text")
        .default_value("usual".into())
        .option("secret", OptionType::Secret, "A secret")
        .explained("Nobody sees it.")
        .option("integer", OptionType::Integer(-3, 3), "A whole number")
        .option("number", OptionType::Number, "A number")
        .option("boolean", OptionType::Boolean, "Yes or no")
        .option("duration", OptionType::Duration, "A time")
        .option("size", OptionType::Size, "Bytes")
        .option("choice", OptionType::choice(&["one", "other"]), "One of two")
        .option("texts", OptionType::Texts, "Texts")
        .option("comparison", OptionType::Comparison, "A comparison")
        .option("share", OptionType::Share, "A share")
        .option("pattern", OptionType::Pattern, "A pattern")
        .option("hash", OptionType::Hash, "A checksum")
        .option("headers", OptionType::Headers, "Headers")
        .option("deed", OptionType::Text, "How it ends")
        .required()
        .metric("gauge", MetricKind::Gauge, "A number")
        .metric("counter", MetricKind::Counter, "A number that grows")
        .metric("duration", MetricKind::DurationMs, "A time")
        .metric("bytes", MetricKind::Bytes, "Bytes")
        .metric("percent", MetricKind::Percent, "A share")
}

/// What was set, as it was understood.
pub fn understood(options: &Options) -> String {
    let comparison = |name| options.comparison(name).map(|asked: Comparison| (asked.holds(7), asked.holds(8)));
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        options.text("text"),
        options.secret("secret").map(str::len),
        options.integer("integer"),
        options.number("number"),
        options.boolean("boolean"),
        options.duration("duration"),
        options.size("size"),
        options.text("choice"),
        options.texts("texts"),
        comparison("comparison"),
        comparison("share"),
        options.pattern("pattern").map(|pattern| (pattern.holds("an apple"), pattern.holds("a pear"))),
        options.hash("hash").map(|hash| (hash.holds("abc"), hash.holds("abd"))),
        options.headers("headers"),
    )
}

/// Digests of every kind and way.
pub fn digests() -> String {
    let mut pieces = Digest::new(HashKind::Sha256);
    pieces.update(b"a");
    pieces.update(b"bc");
    let stretched = stretch(HashKind::Sha256, b"password", b"salt", 2).unwrap_or_default();
    [
        hex(&digest(HashKind::Md5, b"abc")),
        hex(&pieces.finish()),
        hex(&hmac(HashKind::Sha1, b"key", b"abc")),
        hex(&stretched),
    ]
    .join(" ")
}

/// The time and chance, as far as they can be told from what they should be.
pub fn ambient() -> String {
    let (seconds, nanoseconds) = now();
    let is_now = seconds > 1_700_000_000 && nanoseconds < 1_000_000_000;
    format!("{is_now} {}", random_bytes(16).len())
}

/// Ends a check in the way that the rule names; with an outcome that has one metric of each kind where it passes.
pub fn ended(deed: &str, outcome: Outcome) -> Check {
    note("a note");
    match deed {
        "protocol" => Err(Failure::Protocol("it speaks something else".into())),
        "rejected" => Err(Failure::Rejected("no".into())),
        "mismatch" => fail_with("thing", "this", "that"),
        "misconfigured" => Err(Failure::Misconfigured("these do not go together".into())),
        "unknown" => Err(Failure::Unknown("nobody can know".into())),
        "io" => Err(Failure::Io(IoError::TimedOut)),
        "panic" => panic!("last words"),
        _ => outcome
            .metric("gauge", 1.5)
            .metric("counter", 2.0)
            .metric("duration", 3.0)
            .metric("bytes", 4.0)
            .metric("percent", 5.0)
            .into(),
    }
}

fn fail_with(what: &str, expected: &str, found: &str) -> Check {
    Err(Failure::Mismatch { what: what.into(), expected: expected.into(), found: found.into() })
}
