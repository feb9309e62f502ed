//! What a component imports is what it asks for; what is not granted is not linked, and said in a sentence.

use ruled::plugin::{Grant, Kind, Plugins, ProbeOutcome, Value, Want, describe_added};
use ruled::transport::Route;

use super::super::peer;
use super::{Written, added, added_as, check, deed, guest, manifest, report_by};

/// Why a guest cannot be added.
fn refused(name: &str) -> String {
    let own = guest(name);
    describe_added(added_as(manifest(own, Kind::Check), own.precompiled)).expect_err("it must be refused")
}

pub(super) fn outcome(check: ruled::plugin::CustomCheck) -> ProbeOutcome {
    report_by(&Plugins::with([]), check).outcome
}

#[test]
fn what_a_check_does_not_use_it_does_not_ask_for() {
    for (name, kind, wants) in [
        ("alone", Kind::Check, &[][..]),
        ("reads", Kind::Check, &[Want::Read]),
        ("deeds", Kind::Check, &[Want::Connect, Want::Read, Want::Fetch]),
        ("probe", Kind::Probe, &[]),
    ] {
        let own = guest(name);
        let (described, found) = describe_added(added_as(manifest(own, Kind::Check), own.precompiled)).expect(name);
        assert_eq!((described.kind, found.as_slice()), (kind, wants), "{name}");
        // Not even the name of another interface stands in the component.
        for want in Want::ALL {
            let name = want.interface().as_bytes();
            let stands = own.component.windows(name.len()).any(|window| window == name);
            assert_eq!(stands, wants.contains(&want), "{want} in {}", own.name);
        }
    }
}

#[test]
fn what_a_check_says_about_itself() {
    let own = guest("deeds");
    let (described, _) = describe_added(added_as(manifest(own, Kind::Check), own.precompiled)).expect("a description");
    let about = &described.description;
    assert_eq!((&*about.name, &*about.version, about.default_port), ("deeds", "1.2.3", Some(7)));
    assert_eq!(about.options.len(), 5);
    let [need] = &described.needs[..] else { panic!("{:?}", described.needs) };
    assert_eq!((need.kind, &*need.example, &*need.purpose), (Want::Connect, "host:7", "to do with it what it is told"));
}

#[test]
fn a_grant_that_is_missing_is_named() {
    let sentence =
        "the reads plugin asks to read files, and the rule does not grant that; write `grant read \"/path\"`";
    assert_eq!(outcome(check(added("reads"))), ProbeOutcome::Faulted(sentence.into()));
    // Another kind does not do.
    let other = check(added("reads")).fetch("http://localhost:9");
    assert_eq!(outcome(other), ProbeOutcome::Faulted(sentence.into()));
    let sentence = "the deeds plugin asks to open connections and to make requests over HTTP, and the rule does not grant \
                    that; write `grant connect \"host:port\"` and `grant fetch \"https://host\"`";
    let some = deed("").read(std::path::Path::new("/nowhere"));
    assert_eq!(outcome(some), ProbeOutcome::Faulted(sentence.into()));
    // A check that asks for nothing needs nothing.
    let ProbeOutcome::Passed { metrics, .. } = outcome(check(added("alone"))) else { panic!("it should pass") };
    assert!(matches!(metrics.as_slice(), [(name, seconds)] if name == "seconds" && *seconds > 1.0e9), "{metrics:?}");
}

#[test]
fn what_this_ruled_does_not_have_is_named() {
    let newer = refused("newer");
    assert!(newer.contains("version 0.2.0") && newer.contains("this ruled has 0.1"), "{newer}");
    let unknown = refused("unknown");
    assert!(unknown.contains("needs the interface spawn, which this ruled does not have"), "{unknown}");
    let wasi = refused("wasi");
    assert!(wasi.contains("wasi:clocks/clock") && wasi.contains("built without WASI"), "{wasi}");
    let grown = refused("grown");
    assert!(
        grown.contains("needs observe of ruled:plugin/files@0.1.0, which this ruled does not have; a newer one may"),
        "{grown}"
    );
    for sentence in [newer, unknown, wasi, grown] {
        assert!(!sentence.contains("linker") && !sentence.contains("implementation"), "{sentence}");
    }
}

#[test]
fn a_later_version_of_the_contract_runs_where_it_needs_nothing_new() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("text"), "first\nsecond\n").expect("a file");
    let later = added("later");
    assert_eq!(later.manifest().wants, [Want::Read]);
    match outcome(check(later).read(&folder.path().join("text"))) {
        ProbeOutcome::Passed { summary, .. } => assert_eq!(summary, "first"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_probe_of_ones_own_speaks_over_the_one_connection_that_is_granted() {
    let probe = added("probe");
    let port = peer::greets("hello\r\n");
    let line = || check(probe.clone()).with("deed", "whole_line");
    let passes = |check| match outcome(check) {
        ProbeOutcome::Passed { summary, .. } => summary,
        other => panic!("{other:?}"),
    };
    assert_eq!(passes(line().connect("localhost", port, None)), "hello");
    assert_eq!(passes(line().grant(Grant::Service(Route::tcp("127.0.0.1", port)))), "hello");
    for odd in [line(), line().connect("localhost", port, None).connect("localhost", port, None), line().everything()] {
        let ProbeOutcome::Faulted(sentence) = outcome(odd) else { panic!("it has one connection") };
        assert!(sentence.contains("exactly one connection") && sentence.contains("`grant connect"), "{sentence}");
    }
}

#[test]
fn options_are_held_against_the_description() {
    let unknown = deed("").everything().with("colour", "red");
    assert_eq!(outcome(unknown), ProbeOutcome::Faulted("the deeds plugin has no option colour".into()));
    let ProbeOutcome::Passed { metrics, .. } = outcome(deed("").everything().setting("tells", Value::Boolean(true)))
    else {
        panic!("it should pass")
    };
    assert_eq!(metrics, [("known".to_owned(), 1.0)]);
}
