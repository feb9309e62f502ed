//! The shop of the first steps: what its rules lead to.

use interpreter::engine::{EventClass, EventState, Metric};
use interpreter::simulate::{Port, Scenario, SimValue, Thing};

use super::{lines, rules, s};

/// The example, with a cycle that leaves more time between two of them.
fn shop() -> Scenario {
    rules(&include_str!("../../examples/shop.rules").replace("set daemon 10", "set daemon 30"))
}

#[test]
fn a_killed_shop_is_up_again_at_once() {
    let timeline = shop().process_dies(s(100), "shop").run(s(600));
    let wanted = "\
100.001s #4 early shop nonexist failed, restart: process is not running
100.001s shop: start /opt/shop/shop serve 8080 /opt/shop/shop.pid
120.002s #5 shop nonexist succeeded, alert: process is running with pid 10102
";
    assert_eq!(lines(&timeline), wanted);
}

#[test]
fn a_shop_that_does_not_answer_is_restarted_at_the_second_cycle() {
    let closed = |shop: &mut Thing| shop.answers(8080, Port::Refused("Connection refused".to_owned()));
    let timeline =
        shop().at(s(95), "shop", closed).at(s(151), "shop", |shop| shop.answers(8080, Port::Hanging)).run(s(149));
    assert_eq!(timeline.count("shop", EventClass::Connection, EventState::Failed), 0, "{timeline}");
    let timeline = shop().at(s(95), "shop", closed).run(s(151));
    let failed = timeline.events().last().expect("an event").2;
    assert_eq!((failed.cycle, failed.action), (6, "restart"), "{timeline}");
    assert_eq!(failed.message, "failed protocol test [HTTP] at [localhost]:8080 [TCP/IP] -- Connection refused");
    assert_eq!(timeline.done("shop", "terminate"), 1, "{timeline}");
}

#[test]
fn a_leak_is_noticed_at_the_fifth_cycle() {
    let leak = |shop: &mut Thing| shop.shows(Metric::Memory, SimValue::Part(300e6, 4e9));
    let timeline = shop().at(s(95), "shop", leak).run(s(241));
    let failed = timeline.events().last().expect("an event").2;
    assert_eq!((failed.cycle, failed.class, failed.action), (9, EventClass::Resource, "restart"), "{timeline}");
}
