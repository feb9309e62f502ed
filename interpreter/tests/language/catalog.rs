//! Every example of the catalog is a rule without a finding, and every list is complete.

use grammar::Dialect;
use grammar::ast::{EVENT_WORDS, ServiceKind};
use interpreter::catalog::{ACTIONS, EVENTS, METRICS, SERVICES, SETTINGS, STATEMENTS, ServiceEntry, TESTS};
use interpreter::engine::EventClass;

/// What an example needs around it: programs to run, and the services that it depends on.
fn service(kind: ServiceKind, statement: &str) -> String {
    let head = ServiceEntry::of(kind).expect("every kind has an entry").head;
    let head = if statement.starts_with("grant") { "check plugin mail using \"queue.wasm\"" } else { head };
    let others = "check file database with path /a\ncheck file cache with path /b\n";
    let others = if statement.starts_with("depends") { others } else { "" };
    let is_start = statement.starts_with("start program") || statement.starts_with("restart program");
    let start = if is_start { "" } else { "    start program = \"/bin/true\"\n" };
    format!("{head}\n{start}    {statement}\n{others}")
}

fn is_fine(text: &str) {
    is_fine_in(&[Dialect::Rules, Dialect::Monit], text);
}

fn is_fine_in(dialects: &[Dialect], text: &str) {
    for dialect in dialects.iter().copied() {
        let (source, checked) = crate::rig::run(text, dialect, &crate::rig::machine());
        let mut found = crate::rig::found(&source, &checked);
        // The entry says itself that Monit never makes this test, and other findings what this version does not do.
        let known = ["warning[never-fires]", "warning[not-obeyed-yet]", "warning[not-watched-yet]"];
        found.retain(|(_, _, mark)| !known.contains(&mark.as_str()));
        // Monit verifies nothing unless it is told to.
        found.retain(|(_, _, mark)| mark != "warning[unverified-tls]" || dialect != Dialect::Monit);
        // Monit wants `set daemon` beside it.
        found.retain(|(_, _, mark)| mark != "warning[not-portable]" || text != "set init");
        // The action came with Monit 5.34.
        found.retain(|(_, _, mark)| mark != "warning[not-portable]" || !text.contains("else ignore"));
        assert!(found.is_empty(), "{found:?} in\n{text}");
        assert!(checked.program.is_some());
    }
}

/// The dialects that have a statement or a kind of service.
fn dialects(word: &str) -> &'static [Dialect] {
    match word {
        "grant" | "plugin" => &[Dialect::Rules],
        _ => &[Dialect::Rules, Dialect::Monit],
    }
}

#[test]
fn every_metric_has_an_example_for_each_of_its_services() {
    for entry in METRICS {
        for kind in entry.services {
            is_fine(&service(*kind, entry.example));
        }
        assert!(entry.sentence.ends_with('.'), "{} is not explained in sentences", entry.words);
    }
}

#[test]
fn every_test_has_an_example_for_each_of_its_services() {
    for entry in TESTS {
        let (known, unknown): (Vec<Dialect>, Vec<Dialect>) =
            [Dialect::Rules, Dialect::Monit].iter().partition(|dialect| entry.is_in(**dialect));
        for kind in entry.services {
            let text = service(*kind, entry.example);
            is_fine_in(&known, &text);
            for dialect in &unknown {
                assert!(crate::rig::run(&text, *dialect, &crate::rig::machine()).1.program.is_none(), "{text}");
            }
        }
    }
}

#[test]
fn the_grammar_knows_the_words_of_all_events() {
    let mut words: Vec<&str> = EVENTS.iter().flat_map(|entry| entry.words).copied().collect();
    words.sort_unstable();
    assert_eq!(words, EVENT_WORDS);
}

#[test]
fn every_action_has_an_example() {
    for entry in ACTIONS {
        is_fine(&service(ServiceKind::Process, entry.example));
    }
}

#[test]
fn every_statement_has_an_example() {
    for entry in SETTINGS {
        assert!(entry.example.starts_with(entry.words));
        is_fine(entry.example);
    }
    for entry in STATEMENTS {
        assert!(entry.example.starts_with(entry.words));
        is_fine_in(dialects(entry.words), &service(ServiceKind::Process, entry.example));
    }
}

#[test]
fn every_kind_of_service_and_every_class_of_events_has_an_entry() {
    for kind in ServiceKind::ALL {
        let tests = TESTS.iter().filter(|entry| entry.services.contains(&kind)).map(|entry| entry.example);
        let metrics = METRICS.iter().filter(|entry| entry.services.contains(&kind)).map(|entry| entry.example);
        let asked = tests.chain(metrics).next().expect("every kind can be asked something");
        is_fine_in(dialects(kind.word()), &service(kind, asked));
    }
    assert_eq!(SERVICES.len(), ServiceKind::ALL.len());
    for class in EventClass::ALL {
        let entries = interpreter::catalog::EVENTS.iter().filter(|entry| entry.class == class);
        let words: Vec<&str> = entries.filter_map(|entry| entry.words.first().copied()).collect();
        assert_eq!(words, [class.word()], "the word of a class stands in the catalog once, and first");
    }
}
