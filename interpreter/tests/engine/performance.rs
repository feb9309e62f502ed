//! Performance data, from the text of the rules and of the programs to the events.

use grammar::Dialect::Rules;
use interpreter::engine::{Fact, FactValue, Metric};
use interpreter::simulate::{SimValue, Thing};

use crate::build::s;
use crate::things::World;

fn printed(text: &str) -> FactValue {
    FactValue::Text(text.to_owned())
}

#[test]
fn performance_data_is_held_against_limits() {
    let world = World::new(
        Rules,
        "check program load with path /bin/load\n  if performance \"load1\" > 5 for 2 cycles then alert\n  if performance '/var' > \
         80 % then exec /bin/true\n  if performance time > 500 ms then alert\n  if status != 0 then alert\n",
    );
    let prints = |output: &'static str| move |load: &mut Thing| load.has(Fact::Output, printed(output));
    let world = world
        .before(1, "load", prints("fine | load1=1 /var=50% time=0.1s"))
        .before(2, "load", prints("bad | load1=9;5;10;0; /var=90%;;;; time=0.5s"))
        .before(3, "load", prints("bad | load1=9 /var=90% time=501ms"))
        .before(5, "load", prints("fine | load1=5 /var=80% time=500000us"));
    assert_eq!(
        world.events(7),
        [
            "2 load resource failed exec",
            "3 load resource failed alert",
            "3 load resource failed alert",
            "5 load resource succeeded alert",
            "5 load resource succeeded alert",
            "5 load resource succeeded alert",
        ]
    );
}

#[test]
fn performance_data_that_is_not_there_is_unknown() {
    let rules = "check program load with path /bin/load\n  if performance load1 > 5 then alert\n  if performance load1 < 5 then \
                 alert\n  if not performance load1 != 0 then alert\n";
    let quiet = [
        "",
        "fine",
        "fine load1=9",
        "fine | load5=9",
        "fine | load1=U",
        "fine | load1=",
        "fine | load1=many",
        "fine | load1=9,5",
        "fine | load1=9 load1=1",
        "fine | load1=9 … (output truncated)",
    ];
    for output in quiet {
        let world = World::new(Rules, rules).before(1, "load", |load| load.has(Fact::Output, printed(output)));
        assert_eq!(world.events(3), [""; 0], "{output}");
    }
    let hidden = World::new(Rules, rules).before(1, "load", |load| load.hides(Fact::Output, "nobody read it"));
    assert_eq!(hidden.events(3), [""; 0]);
    // What a signal ended may have been in the middle of a number; what ended by itself was not.
    for (status, told) in [(137.0, 0), (2.0, 1)] {
        let world = World::new(Rules, rules).before(1, "load", move |load| {
            load.shows(Metric::Status, SimValue::Gauge(status));
            load.has(Fact::Output, printed("fine | load1=9"));
        });
        assert_eq!(world.events(3).len(), told, "{status}");
    }
    // A figure that cannot be told begins the count anew, and ends nothing.
    let world = World::new(Rules, "check program p with path /bin/p\n  if performance a > 5 for 2 cycles then alert\n");
    let prints = |output: &'static str| move |p: &mut Thing| p.has(Fact::Output, printed(output));
    let world = world
        .before(1, "p", prints("| a=9"))
        .before(2, "p", prints("| a=U"))
        .before(3, "p", prints("| a=9"))
        .before(5, "p", prints("| a=5s"))
        .before(6, "p", prints("| b=1"))
        .before(7, "p", prints("| a=1"));
    assert_eq!(world.events(8), ["4 p resource failed alert", "5 p resource succeeded alert"]);
}

#[test]
fn what_is_said_of_performance_data() {
    let said = |test: &str, output: &'static str| {
        let world =
            World::new(Rules, &format!("check program p with path /bin/p\n  if performance {test} then alert\n"));
        let world = world
            .before(1, "p", move |p| p.has(Fact::Output, printed(output)))
            .before(2, "p", |p| p.has(Fact::Output, printed("| a=0 b=0% c=0s d=0B")));
        let timeline = world.into_scenario().run(s(70));
        let messages: Vec<String> = timeline.events().skip(1).map(|(_, _, event)| event.message.clone()).collect();
        messages.join("; ")
    };
    assert_eq!(
        said("\"a\" > 5", "| a=5.2"),
        "performance 'a' of 5.2 matches resource limit [performance 'a' > 5]; performance 'a' check succeeded [current \
         performance 'a' = 0]"
    );
    assert_eq!(
        said("a >= 1", "| a=1e300"),
        "performance 'a' of 1e300 matches resource limit [performance 'a' >= 1]; performance 'a' check succeeded [current \
         performance 'a' = 0]"
    );
    assert_eq!(
        said("b > 80%", "| b=82%"),
        "performance 'b' of 82.0% matches resource limit [performance 'b' > 80.0%]; performance 'b' check succeeded [current \
         performance 'b' = 0.0%]"
    );
    assert_eq!(
        said("c > 500 ms", "| c=1.5s"),
        "performance 'c' of 1.5 s matches resource limit [performance 'c' > 500 ms]; performance 'c' check succeeded [current \
         performance 'c' = 0 ms]"
    );
    assert_eq!(
        said("d > 10 MB", "| d=20MB"),
        "performance 'd' of 20 MB matches resource limit [performance 'd' > 10 MB]; performance 'd' check succeeded [current \
         performance 'd' = 0 B]"
    );
}
