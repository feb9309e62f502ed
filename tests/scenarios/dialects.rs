//! The same words in both dialects, where they mean different things.

use std::time::Duration;

use interpreter::engine::{EventClass, EventState};
use interpreter::simulate::{Script, Thing};

use super::{monit, rules, s};

const BROKEN: &str = r#"
set daemon 10
check process nginx with pidfile /run/nginx.pid
    start program = "/usr/sbin/nginx" with timeout 5 seconds
"#;

fn dead(nginx: &mut Thing) {
    nginx.start = Script { effect_after: None, status: 1, ..Script::default() };
}

#[test]
fn a_start_that_fails_is_tried_in_every_cycle_or_with_longer_pauses() {
    let every = monit(BROKEN).with("nginx", dead).process_dies(s(15), "nginx").run(s(200));
    let pauses = rules(BROKEN).with("nginx", dead).process_dies(s(15), "nginx").run(s(200));
    let starts = |timeline: &interpreter::simulate::Timeline| timeline.done("nginx", "start");
    assert_eq!((starts(&every), starts(&pauses)), (18, 4), "{every}\n{pauses}");
    for timeline in [every, pauses] {
        assert_eq!(timeline.count("nginx", EventClass::Nonexist, EventState::Failed), 1);
        assert_eq!(timeline.count("nginx", EventClass::Exec, EventState::Failed), 1);
    }
}

#[test]
fn a_zombie_runs_in_monit_only() {
    let zombie = |scenario: interpreter::simulate::Scenario| {
        let timeline = scenario.at(s(15), "nginx", Thing::becomes_zombie).run(s(60));
        (timeline.count("nginx", EventClass::Data, EventState::Failed), timeline.done("nginx", "start"))
    };
    assert_eq!(zombie(monit(BROKEN)), (1, 0));
    assert_eq!(zombie(rules(BROKEN)), (0, 1));
}

#[test]
fn depends_on_is_followed_from_the_words_to_the_deeds() {
    let text = r#"
set daemon 10
check process shop with pidfile /run/shop.pid
    start program = "/bin/start shop"
    stop program = "/bin/stop shop"
    depends on db
check process db with pidfile /run/db.pid
    start program = "/bin/start db"
    stop program = "/bin/stop db"
    if memory usage > 50% for 2 cycles then restart
"#;
    let takes = |gigabytes: f64| {
        move |db: &mut Thing| {
            db.shows(interpreter::engine::Metric::Memory, interpreter::simulate::SimValue::Part(gigabytes, 10.0));
        }
    };
    for scenario in [monit(text), rules(text)] {
        // A new process begins with little.
        let stopped = s(30) + Duration::from_millis(100);
        let timeline = scenario.at(s(15), "db", takes(8.0)).at(stopped, "db", takes(1.0)).run(s(35));
        let deeds: Vec<String> =
            timeline.deeds().map(|(_, service, deed)| format!("{} {service}", deed.word())).collect();
        assert_eq!(deeds, ["stop shop", "stop db", "start db", "start shop"], "{timeline}");
    }
}
