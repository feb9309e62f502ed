//! ruled ends without a word between any two steps in which something could be lost, one after the other: of what is told, what
//! is kept, what is done, and what becomes of mail.

use std::time::Duration;

use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::engine::FactValue;
use interpreter::program::Program;
use interpreter::simulate::Scenario;

/// The program of the first rule stands before what the second tells.
const SHOP: &str = "set daemon 10
set mailserver one.example.com, two.example.com
set alert ops@example.com but not on { instance }
check file shop with path /srv/shop
    if failed permission 0644 then exec \"/bin/page\" else if succeeded then exec \"/bin/well\"
    if failed uid 1000 then alert
";

fn shop() -> Program {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main", SHOP.as_bytes(), Dialect::Rules, &machine);
    let checked = check(&loaded.source, Dialect::Rules, &Protocols { entries: Vec::new() }, &machine);
    checked.program.unwrap_or_else(|| panic!("{:?}", checked.findings))
}

/// An hour in which two rules fail at once and are well at once again.
fn hour() -> Scenario {
    let uid = |number: u64| FactValue::Number(number);
    let secs = Duration::from_secs;
    Scenario::new(shop())
        .promising()
        .mailing()
        .with("shop", move |shop| shop.has(interpreter::engine::Fact::Uid, uid(1000)))
        .at(secs(33), "shop", move |shop| {
            shop.is_given_mode(0o600);
            shop.has(interpreter::engine::Fact::Uid, uid(0));
        })
        .at(secs(123), "shop", move |shop| {
            shop.is_given_mode(0o644);
            shop.has(interpreter::engine::Fact::Uid, uid(1000));
        })
}

#[test]
fn nothing_that_is_told_is_lost_between_any_two_steps() {
    let (mut ends, mut repeated) = (0, 0);
    for begins in [25, 115] {
        for step in 0..80 {
            for written in 0..3 {
                let mut scenario = hour().ends_at_step(Duration::from_secs(begins), step, written);
                scenario.run_for(Duration::from_secs(3_600));
                let timeline = scenario.timeline();
                let picture = || format!("from {begins} s, step {step}, {written} written:\n{timeline}");
                assert!(scenario.breaches().is_empty(), "{:?} {}", scenario.breaches(), picture());
                assert!(scenario.unmailed().is_empty(), "{:?} {}", scenario.unmailed(), picture());
                for said in ["Permission failed", "Permission succeeded", "UID failed", "UID succeeded"] {
                    let has = |subject: &str| subject.contains(said) || subject.contains("events of");
                    assert!(timeline.letters().any(|(_, letter)| has(&letter.subject)), "{said} {}", picture());
                }
                assert!(timeline.done("shop", "exec") <= 2, "{}", picture());
                ends += timeline.crashes;
                repeated += timeline.letters().filter(|(_, letter)| letter.is_repeated).count();
            }
        }
    }
    // The last steps are never reached: all of them are tried.
    assert!((150..480).contains(&ends), "{ends} ends");
    assert!(repeated > 3, "{repeated} letters came twice");
}
