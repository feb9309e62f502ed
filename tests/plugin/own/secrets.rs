//! What is secret stands in nothing that is reported, however the plugin tries.

use std::path::Path;
use std::sync::{Arc, Mutex};

use ruled::plugin::Plugins;

use super::{Written, deed, report, report_by};

const PASSWORD: &str = "correct  horse\tbattery";

/// Everything that is reported of a check that knows the password.
fn told(what: &str) -> String {
    let check = deed(what).with("password", PASSWORD).connect("localhost", 9, None).fetch("http://localhost:9");
    format!("{:?}", report(check.read(Path::new("/nowhere"))))
}

#[test]
fn a_secret_stands_in_nothing_that_is_reported() {
    for what in [
        "betray",
        "betray_in_failure",
        "betray_in_options",
        "betray_in_panic",
        "betray_in_path",
        "betray_in_name",
        "betray_in_address",
    ] {
        let told = told(what);
        for part in [PASSWORD, "horse", "battery", "correct"] {
            assert!(!told.contains(part), "{what}: {part:?} stands in {told}");
        }
    }
    let betrayed = told("betray");
    assert!(betrayed.contains("***"), "{betrayed}");
}

#[test]
fn an_option_that_is_wrong_does_not_show_others() {
    let check = deed("").with("password", PASSWORD).with("nonsense", PASSWORD);
    let told = format!("{:?}", report(check));
    assert!(told.contains("no option nonsense") && !told.contains("horse"), "{told}");
}

#[test]
fn a_secret_stands_neither_in_what_is_told_of_plugins_nor_in_our_own_panics() {
    let plugins = Plugins::with([]);
    let news = Arc::new(Mutex::new(String::new()));
    let hears = Arc::clone(&news);
    plugins.watch(move |told| hears.lock().expect("a text").push_str(&format!("{told} {told:?}")));
    let check = || deed("betray_in_panic").with("password", PASSWORD).everything();
    for _ in 0..4 {
        report_by(&plugins, check());
    }
    let quarantined = report_by(&plugins, check());
    let news = news.lock().expect("a text").clone();
    let told = format!("{:?} {quarantined:?} {news} {:?}", plugins.told(), check());
    assert!(told.contains("in quarantine") && told.contains("***"), "{told}");
    for part in [PASSWORD, "horse", "battery", "correct"] {
        assert!(!told.contains(part), "{part:?} stands in {told}");
    }
}
