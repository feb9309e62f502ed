//! Checks of plugins, from the text of the rules and what the plugins say to the events.

use grammar::Dialect::Rules;
use interpreter::engine::Interval;
use interpreter::program::Program;
use interpreter::simulate::{Climate, PluginMood, Scenario, Thing, Weather};

use crate::build::s;
use crate::things::World;

fn fails(thing: &mut Thing) {
    thing.plugin = PluginMood::Fails("the broker does not answer".to_owned());
}

fn passes(thing: &mut Thing) {
    thing.plugin = PluginMood::Passes;
}

fn faults(thing: &mut Thing) {
    thing.plugin = PluginMood::Faults("the plugin ran into a trap".to_owned());
}

fn depth(value: f64) -> impl FnOnce(&mut Thing) {
    move |thing| thing.measures("depth", value)
}

const ORDERS: &str =
    "check plugin orders using \"rabbitmq.wasm\" with { queue: \"orders\" }\n  grant connect \"mq:5672\"\n";

fn orders(rules: &str) -> World {
    World::new(Rules, &format!("{ORDERS}{rules}"))
}

fn messages(world: World, cycles: u64) -> Vec<String> {
    let timeline = world.into_scenario().run(s(cycles * 60 - 10));
    timeline.events().skip(1).map(|(_, _, event)| event.message.clone()).collect()
}

#[test]
fn a_check_that_fails_is_told_and_its_end() {
    let world = orders("  if failed for 2 cycles then alert\n").before(2, "orders", fails).before(5, "orders", passes);
    assert_eq!(world.events(7), ["3 orders status failed alert", "5 orders status succeeded alert"]);
    // Whoever says nothing is told all the same.
    let world = orders("  if depth > 5 then alert\n").before(2, "orders", fails).before(3, "orders", passes);
    assert_eq!(world.events(5), ["2 orders status failed alert", "3 orders status succeeded alert"]);
    let world = orders("  if succeeded then exec /bin/true\n").before(2, "orders", fails);
    assert_eq!(world.events(4), ["1 orders status failed exec", "2 orders status succeeded alert"]);
}

#[test]
fn the_fault_of_a_plugin_is_not_that_of_the_service() {
    let world = orders("  if failed then alert\n  if depth > 5 then alert\n").before(2, "orders", faults);
    assert_eq!(world.events(6), [""; 0]);
    // It ends nothing either, and begins the count anew.
    let world = orders("  if failed for 2 cycles then alert\n")
        .before(1, "orders", fails)
        .before(2, "orders", faults)
        .before(3, "orders", fails)
        .before(5, "orders", faults)
        .before(7, "orders", passes);
    assert_eq!(world.events(8), ["4 orders status failed alert", "7 orders status succeeded alert"]);
}

#[test]
fn metrics_are_held_against_limits() {
    let world = orders("  if depth > 1000 for 2 cycles then alert\n  if latency > 500 ms then alert\n")
        .before(2, "orders", depth(1_001.0))
        .before(3, "orders", |thing| thing.measures("latency", 500.0))
        .before(4, "orders", |thing| thing.measures("latency", 501.0))
        .before(5, "orders", depth(1_000.0));
    assert_eq!(
        world.events(6),
        ["3 orders resource failed alert", "4 orders resource failed alert", "5 orders resource succeeded alert"]
    );
    // What fails measures nothing: that neither holds nor ends.
    let world = orders("  if failed then alert\n  if depth > 5 then alert\n")
        .before(1, "orders", depth(9.0))
        .before(2, "orders", fails)
        .before(4, "orders", passes);
    assert_eq!(
        world.events(6),
        ["1 orders resource failed alert", "2 orders status failed alert", "4 orders status succeeded alert"]
    );
    // One that is not reported is unknown, and so is one that is no number.
    let world = orders("  if not depth > 5 then alert\n").before(1, "orders", depth(f64::NAN));
    assert_eq!(world.events(3), [""; 0]);
}

#[test]
fn counters_are_asked_for_what_they_grow_by() {
    let world = orders("  if jobs > 5 per second for 2 cycles then alert\n")
        .before(3, "orders", |thing| thing.counts("jobs", 6.0))
        .before(6, "orders", |thing| thing.counts("jobs", 5.0))
        // Whatever counts began anew: nothing is known of that cycle.
        .before(8, "orders", |thing| thing.measures("jobs", 0.0));
    assert_eq!(world.events(9), ["5 orders resource failed alert", "7 orders resource succeeded alert"]);
    let fell =
        orders("  if not jobs > 5 per second then alert\n").before(1, "orders", |thing| thing.measures("jobs", 99.0));
    let fell = fell.before(2, "orders", |thing| thing.measures("jobs", 9.0));
    assert_eq!(fell.events(3), ["3 orders resource failed alert"]);
}

#[test]
fn a_change_is_told_once_and_outlives_ruled() {
    let world = orders("  if changed leader then alert\n")
        .before(1, "orders", |thing| thing.measures("leader", 1.0))
        .before(3, "orders", |thing| thing.measures("leader", 2.0))
        .before(4, "orders", fails)
        .before(5, "orders", passes)
        .before(6, "orders", |thing| thing.measures("leader", 3.0))
        .again(6, Interval::Restart);
    let events: Vec<String> = world.events(8).into_iter().filter(|event| event.contains("resource")).collect();
    assert_eq!(events, ["3 orders resource changed alert", "1 orders resource changed alert"]);
}

#[test]
fn what_is_said_of_a_plugin() {
    let world = orders("  if failed then alert\n").before(2, "orders", fails).before(3, "orders", passes);
    assert_eq!(messages(world, 4), ["check failed -- the broker does not answer", "check succeeded"]);
    let said = |rule: &str, metric: &'static str, first: f64, then: f64| {
        let world = orders(&format!("  if {rule} then alert\n"))
            .before(1, "orders", move |thing| thing.measures(metric, first))
            .before(2, "orders", move |thing| thing.measures(metric, then));
        messages(world, 3)
    };
    assert_eq!(
        said("depth > 5", "depth", 7.5, 1.0),
        ["depth of 7.5 matches resource limit [depth > 5]", "depth check succeeded [current depth = 1]"]
    );
    assert_eq!(
        said("expires_in < 14 days", "expires_in", 1e9, 2e9),
        [
            "expires_in of 11 days 13 hours matches resource limit [expires_in < 14 days]",
            "expires_in check succeeded [current expires_in = 23 days 3 hours]"
        ]
    );
    assert_eq!(
        said("expires_in < 14 days", "expires_in", -1e8, 2e9)[0],
        "expires_in of -(1 day 3 hours) matches resource limit [expires_in < 14 days]"
    );
    assert_eq!(said("size >= 10 MB", "size", 2e7, 0.0)[0], "size of 19.1 MB matches resource limit [size >= 10 MB]");
    assert_eq!(said("share > 80%", "share", 81.0, 0.0)[0], "share of 81.0% matches resource limit [share > 80.0%]");
    assert_eq!(said("changed leader", "leader", 3.0, 4.0), ["leader changed from 3 to 4"]);
    let rate = orders("  if jobs > 5 per second then alert\n").before(1, "orders", |thing| thing.counts("jobs", 6.0));
    assert_eq!(messages(rate, 3), ["jobs of 6 per second matches resource limit [jobs > 5 per second]"]);
}

#[test]
fn why_and_status_name_what_was_last_seen() {
    let rules = "  if failed for 3 cycles then alert\n  if depth > 5 then alert\n  if jobs > 5 per second then alert\n";
    let world = orders(rules).before(1, "orders", depth(9.0)).before(1, "orders", |thing| thing.counts("jobs", 6.0));
    let engine = world.engine_after(3);
    let id = engine.program().find("orders").expect("it is there");
    let status = engine.status(id).expect("it has a status");
    let lines: Vec<(String, String)> =
        status.readings.iter().map(|one| (one.name.to_string(), one.shown.clone())).collect();
    let line = |name: &str, shown: &str| (name.to_owned(), shown.to_owned());
    assert_eq!(lines, [line("check", "passed"), line("depth", "9"), line("jobs per second", "6")]);
    assert_eq!(status.title, "Plugin");
    let why = engine.why(id).expect("it has reasons");
    let asks: Vec<(String, Option<String>)> =
        why.rules.iter().map(|rule| (rule.asks.clone(), rule.last.clone())).collect();
    assert_eq!(
        asks,
        [
            ("depth > 5".to_owned(), Some("depth is 9".to_owned())),
            ("jobs > 5 per second".to_owned(), Some("jobs is 6 per second".to_owned()))
        ]
    );
    let engine = orders("  if failed for 3 cycles then alert\n").before(1, "orders", fails).engine_after(2);
    let why = engine.why(id).expect("it has reasons");
    assert_eq!(why.rules[0].last.as_deref(), Some("failed: the broker does not answer"));
    let engine = orders("  if failed then alert\n").before(1, "orders", faults).engine_after(2);
    assert_eq!(engine.status(id).expect("a status").readings[0].shown, "unknown: the plugin ran into a trap");
}

/// The program of a text of rules.
fn program(text: &str) -> Program {
    World::new(Rules, text).into_scenario().engine().program().clone()
}

#[test]
fn bad_weather_breaks_no_promise_over_plugins_and_ends() {
    let text = format!(
        "{ORDERS}  if failed for 2 cycles then alert\n  if depth > 1000 for 3 cycles then exec /bin/true\n  if jobs < 5 per \
         second then alert\n  if changed leader then alert\n  if succeeded for 500 cycles then unmonitor\n"
    );
    let (mut failed, mut faulted) = (0, 0);
    for seed in 0..20 {
        let program = program(&text);
        let climate = Climate {
            thing: s(1_200),
            machine: Some(s(20_000)),
            mail: None,
            people: None,
            is_lossy: true,
            longest: s(3_600),
        };
        let mut weather = Weather::new(&program, seed, climate);
        let mut scenario = Scenario::new(program).promising();
        weather.comes(&mut scenario, s(86_400));
        scenario.run_for(s(86_400));
        assert_eq!(scenario.breaches(), [""; 0], "seed {seed}");
        let said: Vec<String> = scenario.timeline().entries.iter().map(|entry| format!("{:?}", entry.what)).collect();
        failed += said.iter().filter(|what| what.contains("check failed -- it says no")).count();
        faulted += said.iter().filter(|what| what.contains("the plugin itself fails")).count();
    }
    assert!(failed > 20 && faulted > 20, "{failed} {faulted}");
}
