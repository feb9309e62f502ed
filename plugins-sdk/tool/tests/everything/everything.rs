//! A check that uses everything that a check has. There is one in each language, and all of them must see the same.

use ruled_plugin::*;

struct Everything;

impl Checker for Everything {
    fn describe() -> Describe {
        Describe::new("everything", "Uses everything that a check has")
            .option("text", OptionType::Text, "A text")
            .default_value("usual".into())
            .option("secret", OptionType::Secret, "A secret")
            .option("whole", OptionType::Integer(-10, 10), "A whole number")
            .default_value(Value::Integer(-3))
            .option("number", OptionType::Number, "A number")
            .default_value(Value::Number(0.5))
            .option("boolean", OptionType::Boolean, "Yes or no")
            .default_value(Value::Boolean(true))
            .option("span", OptionType::Duration, "A time span")
            .default_value(Value::DurationMs(1_500))
            .option("room", OptionType::Size, "A number of bytes")
            .default_value(Value::SizeBytes(2_048))
            .option("choice", OptionType::choice(&["one", "other"]), "One of two words")
            .default_value("other".into())
            .option("texts", OptionType::Texts, "Several texts")
            .option("comparison", OptionType::Comparison, "A condition on a number")
            .option("share", OptionType::Share, "A condition on a share")
            .option("pattern", OptionType::Pattern, "A condition on bytes")
            .option("checksum", OptionType::Hash, "A checksum")
            .option("headers", OptionType::Headers, "Headers of a request")
            .metric("gauge", MetricKind::Gauge, "The number")
            .metric("counter", MetricKind::Counter, "Files below the folder")
            .metric("span", MetricKind::DurationMs, "The time span")
            .metric("room", MetricKind::Bytes, "The number of bytes")
            .metric("share", MetricKind::Percent, "Half of a hundred")
            .needs(GrantKind::Connect, "localhost:7", "to speak with it")
            .needs(GrantKind::Read, "/a/folder", "to read in it")
            .needs(GrantKind::Fetch, "http://localhost:7", "to ask it")
    }

    fn check(options: &Options) -> Check {
        note("noted: Grüße");
        match options.text("text") {
            Some("rejects") => return Err(Failure::Rejected("no, says Grüße".into())),
            Some("misconfigures") => return Err(Failure::Misconfigured("this makes no sense".into())),
            Some("knows nothing") => return Err(Failure::Unknown("nobody knows".into())),
            Some("breaks") => return Err(dial::open("nobody").map(|_| ()).expect_err("it is not granted").into()),
            _ => {}
        }
        let span = options.duration("span").unwrap_or_default().as_millis();
        let passed = conditions(given(ok("everything: Grüße"), options, span), options);
        let passed = asked(read(spoken(passed)?)?, options)?;
        let counted = files::first()?.count(2)?.files;
        passed
            .fact("ambient", format!("{} {}", now().0 > 1_700_000_000, random_bytes(8).len()))
            .metric("gauge", options.number("number").unwrap_or_default())
            .metric("counter", counted as f64)
            .metric("span", span as f64)
            .metric("room", options.size("room").unwrap_or_default() as f64)
            .metric("share", 50.0)
            .into()
    }
}
checker!(Everything);

fn given(passed: Outcome, options: &Options, span: u128) -> Outcome {
    let one = |name| options.text(name).unwrap_or_default();
    let (whole, number) = (options.integer("whole").unwrap_or_default(), options.number("number").unwrap_or_default());
    let (boolean, room) = (options.boolean("boolean").unwrap_or_default(), options.size("room").unwrap_or_default());
    let headers: Vec<String> = options.headers("headers").iter().map(|(name, value)| format!("{name}={value}")).collect();
    let checksum = options.hash("checksum").map_or("unset".to_owned(), |hash| {
        format!("{} {}", hash.kind == HashKind::Sha256, hash.digits)
    });
    passed
        .fact("options", format!("{} {whole} {number} {boolean} {span} {room} {}", one("text"), one("choice")))
        .fact("secret", options.secret("secret").unwrap_or("unset"))
        .fact("texts", options.texts("texts").join("|"))
        .fact("checksum", checksum)
        .fact("headers", headers.join("|"))
}

fn conditions(passed: Outcome, options: &Options) -> Outcome {
    let held = |name, number| options.comparison(name).is_none_or(|condition| condition.holds(number));
    let matched = |text: &str| options.pattern("pattern").is_none_or(|pattern| pattern.holds(text));
    let all = [held("comparison", 399), held("comparison", 400), held("share", 79), held("share", 80)];
    let all = [all.as_slice(), &[matched("Ärger"), matched("kein Ärger")]].concat();
    passed.fact("conditions", all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

fn word(error: IoError) -> &'static str {
    match error {
        IoError::TimedOut => "timed-out",
        IoError::TooLong => "too-long",
        IoError::NotGranted => "not-granted",
        IoError::NotFound => "not-found",
        _ => "something else",
    }
}

/// With what it fails.
fn failing<T>(result: Result<T, IoError>) -> &'static str {
    result.map_or_else(word, |_| "nothing")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn spoken(passed: Outcome) -> Check {
    let conn = dial::open("broker")?;
    let peer = conn.peer();
    let encrypted = conn.tls().is_some();
    conn.command("HELLO Grüße")?;
    let line = conn.line(80)?;
    let (exactly, until) = (conn.exactly(3)?, conn.until(";", 80)?);
    let silence = failing(conn.receive_within(10, 20));
    conn.send("MORE\n")?;
    let received = conn.receive(1)?;
    conn.finish_sending()?;
    let rest = conn.all(100)?;
    let timely = conn.elapsed_us() > 0 && conn.remaining_us() > 0;
    drop(conn);
    let again = dial::first()?;
    again.send("HELLO again\r\n")?;
    let second = again.line(80)?;
    passed
        .fact("granted", dial::granted().join(" "))
        .fact("peer", format!("{} {} {} {encrypted}", peer.transport == Transport::Tcp, peer.name, peer.encrypted))
        .fact("heard", [line.as_bytes(), &exactly, &until, &received, &rest].map(text).join("|"))
        .fact("silence", silence)
        .fact("timely", timely.to_string())
        .fact("second", second)
        .fact("nobody", failing(dial::open("nobody")))
        .into()
}

fn read(passed: Outcome) -> Check {
    let folder = files::first()?;
    let mut entries = folder.entries()?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let kind = |kind| match kind {
        files::FileKind::File => "file",
        files::FileKind::Directory => "directory",
        files::FileKind::Link => "link",
        files::FileKind::Other => "other",
    };
    let names: Vec<String> = entries.iter().map(|entry| format!("{}={}", entry.name, kind(entry.kind))).collect();
    let (tally, file) = (folder.count(2)?, folder.join("text"));
    let known = file.inspect()?;
    let outside = files::Place::at("/etc/passwd");
    passed
        .fact("folder", folder.path())
        .fact("entries", names.join(" "))
        .fact("tally", format!("{} {} {} {}", tally.files, tally.directories, tally.links, tally.others))
        .fact("file", format!("{} {} {:o} {}", kind(known.kind), known.size, known.mode & 0o777, known.modified.0))
        .fact("text", file.text(100)?)
        .fact("odd", folder.join("odd").text(100)?)
        .fact("files", [failing(folder.join("missing").read(9)), failing(file.read(4)), failing(outside.read(9))].join(" "))
        .into()
}

fn asked(passed: Outcome, options: &Options) -> Check {
    let origin = http::first()?;
    let page = http::get(&format!("{origin}/page")).fetch(1_000)?;
    let moved = http::get(&format!("{origin}/moved")).fetch(1_000)?;
    let kept = http::get(&format!("{origin}/moved")).redirects(0).fetch(1_000)?;
    let mut posted = http::request("POST", &format!("{origin}/echo")).body("naïve");
    for (name, value) in options.headers("headers") {
        posted = posted.header(name, value);
    }
    let posted = posted.header("x-secret", options.secret("secret").unwrap_or_default()).fetch(1_000)?;
    let long = http::get(&format!("{origin}/page")).fetch(4);
    let elsewhere = http::get("http://localhost:9/").fetch(9);
    passed
        .fact("page", format!("{} {} {}", page.status, page.text(), page.header("x-answer").unwrap_or_default()))
        .fact("moved", format!("{} {}", moved.status, moved.url))
        .fact("kept", format!("{} {}", kept.status, kept.url))
        .fact("posted", posted.text())
        .fact("http", [failing(long), failing(elsewhere)].join(" "))
        .into()
}
