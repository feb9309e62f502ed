//! Plugins of one's own that do what they must not while they say what they are: none of it gets into a manifest.

use std::time::{Duration, Instant};

use ruled::plugin::{Kind, describe_added};

use super::{added_as, guest, manifest};

/// Far above what any of them takes, even on a machine that is busy with something else, and below what a hang would.
const SOON: Duration = Duration::from_secs(20);

/// Why what a guest says about itself is of no use; another one can be asked after it.
fn refused(name: &str) -> String {
    let asked = |name: &str| {
        let own = guest(name);
        describe_added(added_as(manifest(own, Kind::Check), own.precompiled))
    };
    let began = Instant::now();
    let sentence = asked(name).expect_err("it must be refused");
    assert!(began.elapsed() < SOON, "{name} took {:?}", began.elapsed());
    assert_eq!(asked("alone").expect("another one is asked").0.description.name, "alone");
    sentence
}

#[test]
fn a_description_without_end_uses_up_its_budget() {
    assert_eq!(refused("loops"), "the loops plugin used up its CPU budget of 500 ms");
}

#[test]
fn a_flood_is_refused() {
    assert_eq!(refused("floods"), "the floods plugin describes 1000 options, and 64 is the most");
}

#[test]
fn what_it_needs_is_one_plain_line() {
    let sentence = "the needs plugin describes itself with a purpose of a grant that is not one plain line";
    assert_eq!(refused("needs"), sentence);
}
