//! What is run of a plugin of one's own: the code that was added, and no other; read once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use ruled::plugin::{Added, Kind, Plugins, ProbeOutcome};
use ruled_manifest::Manifest;

use super::granting::outcome;
use super::{added, added_as, check, guest, manifest, report_by};

#[test]
fn other_code_than_was_added_is_not_run() {
    let own = guest("alone");
    for place in [0, own.precompiled.len() / 3, own.precompiled.len() / 2, own.precompiled.len() - 1] {
        let mut code = own.precompiled.to_vec();
        code[place] ^= 1;
        let plugin = added_as(manifest(own, Kind::Check), code.leak());
        let sentence = "the alone plugin cannot be loaded: its code is not what was added";
        assert_eq!(outcome(check(plugin)), ProbeOutcome::Faulted(sentence.into()));
    }
    let gone = ruled::plugin::Added::new(manifest(own, Kind::Check), || Err("it is gone".into())).expect("digests");
    let sentence = "the alone plugin cannot be loaded: it is gone";
    assert_eq!(outcome(check(gone.into())), ProbeOutcome::Faulted(sentence.into()));
    let mut odd = manifest(own, Kind::Check);
    odd.code_sha256 = "no digest".into();
    assert!(ruled::plugin::Added::new(odd, || Ok(Vec::new())).is_err());
}

#[test]
fn code_for_another_engine_is_not_run() {
    // That of a stock plugin, with its right digest, but compiled with other settings.
    let stock = ruled_embedded::STOCK.iter().find(|stock| stock.name == "ssh").expect("a stock plugin");
    let mut other = manifest(guest("alone"), Kind::Check);
    other.code_sha256 = ruled_manifest::sha256(stock.precompiled);
    let ProbeOutcome::Faulted(sentence) = outcome(check(added_as(other, stock.precompiled))) else {
        panic!("it must not run")
    };
    assert!(sentence.starts_with("the alone plugin cannot be loaded: "), "{sentence}");
}

#[test]
fn what_was_added_for_another_version_of_ruled_is_not_run() {
    let own = guest("alone");
    let mut other = manifest(own, Kind::Check);
    other.engine = other.engine.replace("wasmtime-", "wasmtime-1");
    let sentence = "the alone plugin was added for another version of ruled; `ruled-plugin add` adds it again";
    assert_eq!(outcome(check(added_as(other, own.precompiled))), ProbeOutcome::Faulted(sentence.into()));
}

#[test]
fn what_one_manifest_calls_a_check_and_is_a_probe_is_not_run() {
    let own = guest("probe");
    let sentence = "the probe plugin is not of the kind that its manifest says";
    let lying = added_as(manifest(own, Kind::Check), own.precompiled);
    assert_eq!(outcome(check(lying)), ProbeOutcome::Faulted(sentence.into()));
}

#[test]
fn code_is_read_once_as_long_as_a_rule_has_it() {
    let own = guest("alone");
    let about = Manifest { description: added("alone").manifest().description.clone(), ..manifest(own, Kind::Check) };
    let reads = Arc::new(AtomicUsize::new(0));
    let plugin = || {
        let count = Arc::clone(&reads);
        // From the second time on the file is another one.
        let code = move || Ok(if count.fetch_add(1, SeqCst) == 0 { own.precompiled.to_vec() } else { Vec::new() });
        Arc::new(Added::new(about.clone(), code).expect("digests"))
    };
    let plugins = Plugins::with([]);
    let outcome = |plugin: &Arc<Added>| report_by(&plugins, check(Arc::clone(plugin))).outcome;
    let first = plugin();
    for _ in 0..3 {
        assert!(matches!(outcome(&first), ProbeOutcome::Passed { .. }));
    }
    // The rules are read again: it is the same code, which is there already.
    let second = plugin();
    assert!(matches!(outcome(&second), ProbeOutcome::Passed { .. }));
    drop(first);
    // Another plugin is loaded beside it, and it still runs.
    assert!(matches!(outcome(&added("reads")), ProbeOutcome::Faulted(_)));
    assert!(matches!(outcome(&second), ProbeOutcome::Passed { .. }));
    assert_eq!(reads.load(SeqCst), 1);
    // When no rule has it any more, it goes; what is read then is looked at anew.
    drop(second);
    outcome(&added("deeds"));
    let sentence = "the alone plugin cannot be loaded: its code is not what was added";
    assert_eq!(outcome(&plugin()), ProbeOutcome::Faulted(sentence.into()));
}
