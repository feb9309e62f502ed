//! How Monit counts and compares, beside what the words say. What stands here for Monit was tried with Monit 5.33.

use grammar::Dialect;
use interpreter::engine::Metric;
use interpreter::simulate::{SimValue, Thing};

use crate::things::World;

use Dialect::{Monit, Rules};

/// The cycles in which a rule about a file tells something, for one letter a cycle: `F` many bytes, `.` few, `C` another
/// number of bytes than ever before, `=` nothing new, `M` the file is missing.
fn told(dialect: Dialect, rule: &str, letters: &str) -> Vec<u64> {
    let text = format!("check file f with path /f\n  if not exist then alert\n  {rule}\n");
    let mut world = World::new(dialect, &text);
    let mut before = ' ';
    for (cycle, letter) in (1..).zip(letters.chars()) {
        let is_missing = std::mem::replace(&mut before, letter) == 'M';
        world = world.before(cycle, "f", move |f| match letter {
            'M' => f.dies(),
            '=' => {}
            _ => {
                if is_missing {
                    f.comes_up();
                }
                f.is_written(match letter {
                    'F' => 3_000,
                    'C' => cycle,
                    _ => 500,
                });
            }
        });
    }
    let events = world.events(letters.len() as u64);
    let about_size = events.iter().filter(|event| event.contains(" size "));
    about_size.map(|event| event.split(' ').next().and_then(|cycle| cycle.parse().ok()).expect("a cycle")).collect()
}

#[test]
fn a_cycle_in_which_nobody_can_tell_is_none_to_monit() {
    let rule = "if size > 1 kB for 3 cycles then alert else if succeeded for 2 cycles then alert";
    assert_eq!(told(Monit, rule, "FFMF.M.."), [4, 7]);
    assert_eq!(told(Rules, rule, "FFMF.M.."), [0_u64; 0]);
    assert_eq!(told(Rules, rule, "FFMFFF.M.."), [6, 10]);
    // A window is as long to Monit as there were results; otherwise as there were cycles.
    let rule = "if size > 1 kB 3 times within 4 cycles then alert";
    assert_eq!(told(Monit, rule, "F.MFMF."), [6, 7]);
    assert_eq!(told(Rules, rule, "F.MFMF."), [0_u64; 0]);
}

#[test]
fn a_change_that_is_told_is_the_first_of_the_next_to_monit() {
    let rule = "if changed size for 3 cycles then alert";
    assert_eq!(told(Monit, rule, "CCCCCCCCCC"), [4, 6, 8, 10]);
    assert_eq!(told(Rules, rule, "CCCCCCCCCC"), [4, 5, 6, 7, 8, 9, 10]);
    // When nothing changed, it begins anew.
    let rule = "if changed size 2 times within 4 cycles then alert";
    assert_eq!(told(Monit, rule, "CC=C=CC=CCC=="), [4, 7, 10, 11]);
    assert_eq!(told(Rules, rule, "CC=C=CC=CCC=="), [4, 6, 7, 9, 10, 11]);
}

#[test]
fn of_the_cycles_before_a_failure_every_eighth_is_bad_to_monit() {
    let rule = "if size > 1 kB then alert else if succeeded 9 times within 10 cycles then alert";
    assert_eq!(told(Monit, rule, "F...F..."), [1, 3, 5, 7]);
    assert_eq!(told(Rules, rule, "F.F.........."), [1, 11]);
}

#[test]
fn a_restart_forgets_what_was_counted_but_for_monit() {
    let cycle = |dialect| {
        let text =
            "check process p with pidfile /p\n  start program = /bin/up\n  if memory > 50% for 5 cycles then alert\n";
        let world = World::new(dialect, text).before(1, "p", |p| p.shows(Metric::Memory, SimValue::Part(9.0, 10.0)));
        let events = world.before(5, "p", Thing::dies).events(12);
        events.iter().find(|event| event.contains("resource")).cloned()
    };
    // It dies in the fourth cycle and runs again in the fifth.
    assert_eq!(cycle(Monit).as_deref(), Some("5 p resource failed alert"));
    assert_eq!(cycle(Rules).as_deref(), Some("9 p resource failed alert"));
}

#[test]
fn a_fault_masks_those_that_need_the_service_and_to_monit_none_else() {
    let text = |name: &str| format!("check file {name} with path /{name}\n  if size > 2000 B then alert\n");
    let told = |dialect| {
        let world =
            World::new(dialect, &format!("{}{}  depends on a\n{}  depends on b\n", text("a"), text("b"), text("c")));
        let world = world.before(2, "a", |a| a.is_written(3_000)).before(3, "c", |c| c.is_written(3_000));
        let world = world.before(4, "b", |b| b.is_written(3_000)).before(5, "a", |a| a.is_written(100));
        world.before(7, "b", |b| b.is_written(100)).events(8)
    };
    let monit = [
        "2 a size failed alert",
        "3 c size failed alert",
        "5 a size succeeded alert",
        "5 b size failed alert",
        "7 b size succeeded alert",
    ];
    assert_eq!(told(Monit), monit);
    let rules = [
        "2 a size failed alert",
        "5 a size succeeded alert",
        "5 b size failed alert",
        "7 b size succeeded alert",
        "7 c size failed alert",
    ];
    assert_eq!(told(Rules), rules);
}

#[test]
fn another_process_after_an_absence_is_no_change_to_monit() {
    let told = |dialect, rules: &str, happens: fn(World) -> World| {
        let text =
            format!("check process p with pidfile /p\n  start program = /bin/up\n  if changed pid then alert\n{rules}");
        let events = happens(World::new(dialect, &text)).events(9);
        events.into_iter().filter(|event| event.contains(" pid ")).collect::<Vec<_>>()
    };
    let alone = "  if not exist then alert\n";
    let comes_back = |world: World| world.before(3, "p", Thing::dies).before(5, "p", Thing::comes_up);
    assert_eq!(told(Monit, alone, comes_back), [""; 0]);
    assert_eq!(told(Rules, alone, comes_back), ["5 p pid changed alert"]);
    // ruled's own restart is one too.
    let dies = |world: World| world.before(3, "p", Thing::dies);
    assert_eq!(told(Monit, "", dies), [""; 0]);
    assert_eq!(told(Rules, "", dies), ["3 p pid changed alert"]);
    for dialect in [Monit, Rules] {
        let is_replaced = |world: World| world.before(3, "p", Thing::is_replaced);
        assert_eq!(told(dialect, alone, is_replaced), ["3 p pid changed alert"], "{dialect:?}");
    }
}
