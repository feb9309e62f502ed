//! The contract for plugins, `ruled:plugin@0.1.0`, is frozen: a plugin that was made once runs in every later ruled.
//!
//! Two components were made when the contract was finished, and lie beside their sources in `tests/frozen`, with the contract
//! as it was. They use every function and every type of it. **They are never made again**: if a test here fails, it is ruled
//! that has changed.
//!
//! The rule of evolution, for whoever changes `plugins-sdk/wit`:
//!
//! - No record, variant, enum, flag or function that stands in a released version changes, is renamed or goes: each change of a
//!   type is another binary interface, and components that import it load no more.
//! - What is new is added: another function, another interface, another world. The package becomes 0.1.1, whose host still
//!   serves what imports 0.1.0.
//! - What must become different gets another name beside the old one, and the host serves both. Where that is no longer
//!   possible the package becomes 0.2.0 in a folder beside `since-0.1`, and the host serves both packages.
//! - An enum or variant that may grow is none: what may grow is a number or a text whose unknown values mean something.
//! - Options and metrics are the plugins' own, and their descriptions grow without any of this.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ruled::plugin::{
    Added, Comparison, CustomCheck, Grant, Hash, HashKind, Kind, OptionType, Pattern, Plugins, ProbeOutcome, Relation,
    Value, Want, describe_added,
};
use ruled::transport::Route;
use ruled_manifest::{Manifest, sha256};

use super::own::{Written, added, added_as, check, faulted, guest, manifest, report_by};
use super::peer;

/// What was frozen, with its SHA-256.
const FROZEN: [(&str, &str); 2] = [
    ("frozen_check", "a130596c515811a86d7e9b54b1a6adce6628692dcae78e105c23632275148278"),
    ("frozen_probe", "bdf8c3de002fa972928eaa5c484414430ecba2782c34857f1f6cb2c751a134ce"),
];

#[test]
fn the_frozen_components_are_those_that_were_frozen() {
    for (name, digest) in FROZEN {
        assert_eq!(sha256(guest(name).component), digest, "{name} must never be made again");
    }
}

/// The contract as it was frozen, and as it is.
const THEN: &str = include_str!("../frozen/ruled-0.1.0.wit");
const NOW: &str = include_str!("../../plugins-sdk/wit/since-0.1/ruled.wit");

/// The words of a contract, without its comments.
fn words(wit: &str) -> Vec<&str> {
    let code = wit.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(str::split_whitespace).collect()
}

/// What stands in a row of words: each declaration with all its words, up to its semicolon or closing brace.
fn declarations(words: &[&str]) -> Vec<String> {
    let (mut all, mut one, mut depth) = (Vec::new(), Vec::new(), 0);
    for word in words {
        one.push(*word);
        depth += word.matches('{').count();
        depth -= word.matches('}').count();
        if depth == 0 && word.ends_with([';', '}']) {
            all.push(one.join(" "));
            one.clear();
        }
    }
    assert!(one.is_empty() && depth == 0, "{one:?}");
    all
}

/// What may grow, with what stands in it: interfaces, worlds and resources.
fn body(declaration: &str) -> Option<(&str, Vec<String>)> {
    let (head, rest) = declaration.split_once(" { ")?;
    let may_grow = ["interface ", "world ", "resource "].iter().any(|word| head.starts_with(word));
    let inner: Vec<&str> = rest.strip_suffix('}')?.split_whitespace().collect();
    may_grow.then(|| (head, declarations(&inner)))
}

/// That all that was declared still is, word for word.
fn still_stands(place: &str, then: &[String], now: &[String]) {
    for declaration in then {
        let Some((head, parts)) = body(declaration) else {
            assert!(now.contains(declaration), "{place}: version 0.1.0 has `{declaration}`; see the top of this file");
            continue;
        };
        let today = now.iter().filter_map(|one| body(one)).find(|(other, _)| *other == head);
        let (_, today) =
            today.unwrap_or_else(|| panic!("{place}: version 0.1.0 has `{head}`; see the top of this file"));
        still_stands(head, &parts, &today);
    }
}

#[test]
fn what_was_frozen_stands_in_the_contract_unchanged() {
    assert_eq!(
        sha256(words(THEN).join(" ").as_bytes()),
        "81dd1e3e53bb02c2f9755a65f66a8b3e35846d05fcbbc6e1866ef3f55711854a",
        "version 0.1.0 changes no more: see the top of this file"
    );
    fn without_version(wit: &str) -> Vec<String> {
        declarations(&words(wit)).into_iter().filter(|one| !one.starts_with("package ruled:plugin@0.1.")).collect()
    }
    let (then, now) = (without_version(THEN), without_version(NOW));
    assert!(then.len() > 10 && NOW.contains("package ruled:plugin@0.1."), "{then:?}");
    still_stands("the contract", &then, &now);
    // A word more in a record is another binary interface; a function more is not.
    let grown = |from: &str, to: &str| {
        std::panic::catch_unwind(|| {
            assert!(NOW.contains(from), "{from}");
            still_stands("the contract", &without_version(THEN), &without_version(&NOW.replace(from, to)));
        })
    };
    assert!(grown("record metric {", "record metric { unit: string,").is_err());
    assert!(grown("interface log {", "interface log { more: func(); ").is_ok());
}

/// The names of the functions below a declaration, as components import and export them.
fn functions(declaration: &str, resource: Option<&str>) -> Vec<String> {
    if let Some((head, parts)) = body(declaration) {
        let resource = head.strip_prefix("resource ");
        return parts.iter().flat_map(|part| functions(part, resource)).collect();
    }
    let Some((name, _)) = declaration.split_once(": func(") else { return Vec::new() };
    vec![resource.map_or(name.to_owned(), |resource| format!("[method]{resource}.{name}"))]
}

#[test]
fn all_functions_of_the_contract_are_used_by_what_is_frozen() {
    let declared = declarations(&words(THEN));
    let all: Vec<String> = declared.iter().flat_map(|declaration| functions(declaration, None)).collect();
    assert!(all.len() > 30, "{all:?}");
    for function in all {
        // A name has its length before it in a component.
        let length = u8::try_from(function.len()).expect("a short name");
        let named = [&[length], function.as_bytes()].concat();
        let is_used =
            FROZEN.iter().any(|(name, _)| guest(name).component.windows(named.len()).any(|part| part == named));
        assert!(is_used, "`{function}` is in version 0.1.0, and no frozen component uses it");
    }
}

#[test]
fn what_is_frozen_describes_itself() {
    for (name, _) in FROZEN {
        let is_probe = name == "frozen_probe";
        let kind = if is_probe { Kind::Probe } else { Kind::Check };
        let asked = describe_added(added_as(manifest(guest(name), kind), guest(name).precompiled));
        let (described, wants) = asked.unwrap_or_else(|sentence| panic!("{name}: {sentence}"));
        let about = &described.description;
        assert_eq!((about.name.as_ref(), about.version.as_ref(), about.default_port), (name, "0.1.0", Some(7)));
        assert_eq!((about.default_tls_port, about.start_tls), (is_probe.then_some(8), is_probe));
        assert_eq!((about.options.len(), about.metrics.len()), (15, 5));
        assert_eq!(about.options[2].kind, OptionType::Integer(-3, 3));
        assert!(about.options[14].required && about.options[0].default == Some(Value::Text("usual".into())));
        let wanted: &[Want] = if is_probe { &[] } else { &Want::ALL };
        assert_eq!((wants.as_slice(), described.needs.len()), (wanted, wanted.len()), "{name}");
    }
}

/// One option of each type.
fn settings(check: CustomCheck) -> CustomCheck {
    let pattern = Pattern { text: "^an".into(), posix: false, negated: false };
    let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let asked = |number| Value::Comparison(Comparison { relation: Relation::Less, number });
    check
        .with("secret", "hidden")
        .setting("integer", Value::Integer(-2))
        .setting("number", Value::Number(0.5))
        .setting("boolean", Value::Boolean(true))
        .setting("duration", Value::DurationMs(1_500))
        .setting("size", Value::SizeBytes(2_048))
        .with("choice", "other")
        .setting("texts", Value::Texts(vec!["a".into(), "b".into()].into()))
        .setting("comparison", asked(8))
        .setting("share", asked(9))
        .setting("pattern", Value::Pattern(pattern))
        .setting("hash", Value::Hash(Hash { kind: HashKind::Sha256, digits: digits.into() }))
        .setting("headers", Value::Headers(vec![("x-a".into(), "b".into())].into()))
}

const UNDERSTOOD: &str = "Some(\"usual\") Some(6) Some(-2) Some(0.5) Some(true) Some(1.5s) Some(2048) Some(\"other\") \
     [\"a\", \"b\"] Some((true, false)) Some((true, true)) Some((true, false)) Some((true, false)) [(\"x-a\", \"b\")]";

/// `md5 abc`, `sha256 abc` (RFC 1321, FIPS 180-4), HMAC-SHA-1 of `abc` under `key`, PBKDF2-HMAC-SHA-256 of the vector of
/// RFC 7914 with two rounds.
const DIGESTS: &str = "900150983cd24fb0d6963f7d28e17f72 \
     ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad \
     4fd0b215276ef12f2b3e4c8ecac2811498b656fc \
     ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43";

/// The summary and the facts of a check that passed, with all its metrics.
fn facts(outcome: ProbeOutcome) -> (String, Vec<(String, String)>) {
    let ProbeOutcome::Passed { summary, facts, metrics } = outcome else { panic!("it passes: {outcome:?}") };
    assert_eq!(metrics, METRICS.map(|(name, value)| (name.to_owned(), value)));
    (summary, facts)
}

fn expect(found: &[(String, String)], expected: &[(&str, &str)]) {
    for (name, text) in expected {
        let fact = found.iter().find(|(fact, _)| fact == name).map(|(_, text)| text.as_str());
        assert_eq!(fact, Some(*text), "{name}");
    }
}

const METRICS: [(&str, f64); 5] =
    [("gauge", 1.5), ("counter", 2.0), ("duration", 3.0), ("bytes", 4.0), ("percent", 5.0)];

#[test]
fn a_frozen_probe_speaks() {
    let connections = Arc::new(AtomicUsize::new(0));
    let port = peer::serve(move |mut stream| {
        if connections.fetch_add(1, Ordering::SeqCst) > 0 {
            stream.write_all(b"again\n").expect("the second connection");
            return;
        }
        stream.write_all(b"whole\nabc").expect("words");
        let mut more = [0; 5];
        stream.read_exact(&mut more).expect("more");
        stream.write_all(b"r").expect("one byte");
        let mut end = Vec::new();
        stream.read_to_end(&mut end).expect("the other side has finished");
        stream.write_all(b"rest").expect("the rest");
    });
    let probe = as_added("frozen_probe", Kind::Probe);
    let route = Route::tcp("127.0.0.1", port);
    let report =
        report_by(&Plugins::with([]), settings(check(probe).with("deed", "passes")).grant(Grant::Service(route)));
    let (summary, found) = facts(report.outcome);
    assert_eq!(summary, "whole abcrrestagain", "{found:?}");
    expect(
        &found,
        &[
            ("peer", "Tcp 127.0.0.1 false false"),
            ("tls", "None"),
            ("silence", "Err(TimedOut)"),
            ("encrypted", "Err(Tls)"),
            ("timely", "true"),
            ("options", UNDERSTOOD),
            ("digests", DIGESTS),
            ("ambient", "true 16"),
        ],
    );
    assert_eq!(report.log, ["info: a note"]);
}

fn as_added(name: &'static str, kind: Kind) -> Arc<Added> {
    let own = guest(name);
    let asked = describe_added(added_as(manifest(own, kind), own.precompiled));
    let (described, wants) = asked.unwrap_or_else(|sentence| panic!("{name}: {sentence}"));
    added_as(Manifest { description: described.description, wants, ..manifest(own, kind) }, own.precompiled)
}

/// A check by the frozen one, with everything that it needs, that ends as it is told.
fn frozen_check(deed: &str, folder: &std::path::Path) -> CustomCheck {
    let speaks = peer::greets("a line\n");
    let origin = peer::answers(|request| {
        let is_whole = request.starts_with("POST /path HTTP/1.1\r\n") && request.contains("x-key: value\r\n");
        let body = if is_whole { "answered" } else { "odd" };
        format!("HTTP/1.1 203 Fine\r\nx-answer: yes\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    });
    settings(check(added("frozen_check")).with("deed", deed))
        .connect("127.0.0.1", speaks, None)
        .read(folder)
        .fetch(&format!("http://127.0.0.1:{origin}"))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "content").expect("a file");
    folder
}

#[test]
fn a_frozen_check_uses_what_it_is_granted() {
    let folder = folder();
    let report = report_by(&Plugins::with([]), frozen_check("passes", folder.path()));
    let (summary, found) = facts(report.outcome);
    assert_eq!(summary, "content a line 203 answered", "{found:?}");
    expect(
        &found,
        &[
            ("file", "File 7 true"),
            ("names", "file"),
            ("tally", "1 0 0 0"),
            ("missing", "Err(NotFound)"),
            ("refused", "Err(NotGranted)"),
            ("unknown", "Err(NotGranted)"),
            ("header", "Some(\"yes\") 1"),
            ("options", UNDERSTOOD),
            ("digests", DIGESTS),
            ("ambient", "true 16"),
        ],
    );
}

#[test]
fn a_frozen_check_ends_in_every_way() {
    let folder = folder();
    let plugins = Plugins::with([]);
    for (number, (deed, is_failed, expected)) in [
        ("protocol", true, "it speaks something else"),
        ("rejected", true, "no"),
        ("mismatch", true, "the thing is that, expected this"),
        ("misconfigured", false, "these do not go together"),
        ("unknown", false, "nobody can know"),
        ("io", true, ""),
        ("panic", false, "last words"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut check = frozen_check(deed, folder.path());
        check.name = format!("frozen {number}");
        match (report_by(&plugins, check).outcome, is_failed) {
            (ProbeOutcome::Failed(said), true) | (ProbeOutcome::Faulted(said), false) => {
                assert!(said.contains(expected), "{deed}: {said}");
            }
            (other, _) => panic!("{deed}: {other:?}"),
        }
    }
}

#[test]
fn a_frozen_check_needs_the_options_that_it_requires() {
    let said = faulted(settings(check(added("frozen_check"))).everything());
    assert!(said.contains("deed"), "{said}");
}
