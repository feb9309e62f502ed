//! Who gets what, and how it looks.

use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::engine::{Event, EventClass, EventState, Order, ServiceId, Wall};
use interpreter::outbox::{DESCRIPTION_CHARS_MAX, News, NewsTurn, SUBJECT_CHARS_MAX, Surroundings, TEXT_BYTES_MAX};
use interpreter::program::Program;
use interpreter::simulate::Scenario;
use jiff::tz::{Offset, TimeZone};
use proptest::prelude::*;

const FORMAT: &str = "set mail-format {
    from: Ruled <ruled@$HOST>
    reply-to: admins@example.com
    subject: $SERVICE $EVENT at $DATE
    message: On $HOST $ACTION: $DESCRIPTION
        ($SERVICE, $EVENT, $DATE)
}
";

fn program(dialect: Dialect, text: &str) -> Program {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main", text.as_bytes(), dialect, &machine);
    let checked = check(&loaded.source, dialect, &Protocols { entries: Vec::new() }, &machine);
    checked.program.unwrap_or_else(|| panic!("{text}\n{:?}", checked.findings))
}

fn event(program: &Program, class: EventClass, state: EventState, message: &str) -> Event {
    Event {
        at: Wall(1_795_235_160_000_000),
        cycle: 1,
        early: false,
        service: program.find("shop").unwrap_or(ServiceId(0)),
        class,
        rule: None,
        state,
        action: "restart",
        message: message.to_owned(),
        takers: Vec::new(),
    }
}

fn news(program: &Program, event: &Event) -> Vec<News> {
    let zone = TimeZone::fixed(Offset::constant(1));
    Surroundings { program, host: "box.example", zone: &zone }.news(event)
}

/// Who is told of this class.
fn told(text: &str, class: EventClass) -> Vec<String> {
    let program = program(Dialect::Rules, text);
    let event = event(&program, class, EventState::Failed, "x");
    news(&program, &event).into_iter().map(|one| one.to).collect()
}

#[test]
fn entries_of_a_service_replace_those_for_all() {
    let text = "set alert A@example.com\nset alert b@example.com only on { nonexist, connection }\n\
                set alert c@example.com but not on { resource, instance }\n\
                check process shop with pidfile /run/shop.pid\n    alert a@example.com on { timeout }\n    \
                alert d@example.com not on { nonexist }\n    noalert c@example.com\n";
    for (class, recipients) in [
        (EventClass::Nonexist, &["b@example.com"][..]),
        (EventClass::Connection, &["d@example.com", "b@example.com"]),
        (EventClass::Timeout, &["a@example.com", "d@example.com"]),
        (EventClass::Resource, &["d@example.com"]),
        (EventClass::Instance, &["d@example.com"]),
    ] {
        assert_eq!(told(text, class), recipients, "{class:?}");
    }
    let text = "set alert A@example.com\nset alert c@example.com but not on { resource }\n\
                check process shop with pidfile /run/shop.pid\n";
    assert_eq!(told(text, EventClass::Nonexist), ["A@example.com", "c@example.com"]);
    assert_eq!(told(text, EventClass::Resource), ["A@example.com"]);
}

#[test]
fn everybody_has_a_format_of_his_own_or_that_for_all() {
    let text = format!(
        "{FORMAT}set alert a@example.com\nset alert b@example.com mail-format {{ subject: short $EVENT }}\n\
         check process shop with pidfile /run/shop.pid\n    \
         alert c@example.com mail-format {{ from: pager@example.com\n message: $SERVICE! }}\n"
    );
    let program = program(Dialect::Rules, &text);
    let event = event(&program, EventClass::Nonexist, EventState::Failed, "process is not running");
    let found = news(&program, &event);
    let of = |to: &str| found.iter().find(|one| one.to == to).unwrap_or_else(|| panic!("{found:?}"));
    let a = of("a@example.com");
    assert_eq!(a.from, (Some("Ruled".to_owned()), "ruled@box.example".to_owned()));
    assert_eq!(a.reply_to, Some((None, "admins@example.com".to_owned())));
    assert_eq!(a.subject, "shop Does not exist at Sat, 21 Nov 2026 05:26:00");
    let lines: Vec<&str> = a.text.lines().map(str::trim).collect();
    let said = ["On localhost restart: process is not running", "(shop, Does not exist, Sat, 21 Nov 2026 05:26:00)"];
    assert_eq!(lines[..2], said, "{}", a.text);
    let b = of("b@example.com");
    assert_eq!((b.subject.as_str(), &b.text, &b.from), ("short Does not exist", &a.text, &a.from));
    let c = of("c@example.com");
    assert_eq!((c.text.trim(), &c.subject, &c.reply_to), ("shop!", &a.subject, &a.reply_to));
    assert_eq!(c.from, (None, "pager@example.com".to_owned()));
}

#[test]
fn without_a_format_it_looks_as_it_always_does() {
    let program = program(
        Dialect::Rules,
        "set alert a@example.com\ncheck system web1\n    if loadavg (1min) > 4 then alert\n\
         check process shop with pidfile /run/shop.pid\n",
    );
    for (state, words) in [(EventState::Failed, "Does not exist"), (EventState::Succeeded, "Exists")] {
        let found = news(&program, &event(&program, EventClass::Nonexist, state, "one\ntwo"));
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(one.subject, format!("ruled alert --  {words} shop"));
        assert_eq!(one.from, (None, "ruled@box.example".to_owned()));
        let text = format!(
            "{words} Service shop\n\n\tDate:        Sat, 21 Nov 2026 05:26:00\n\tAction:      restart\n\
             \tHost:        web1\n\tDescription: one\n\t             two\n\nYour faithful employee,\nruled\n"
        );
        assert_eq!(one.text, text);
        assert_eq!(one.line, format!("Sat, 21 Nov 2026 05:26:00  shop: {words}: one two"));
        assert_eq!(News::from_json(&one.to_json()).as_ref(), Some(one));
    }
}

#[test]
fn variables_are_searched_again_in_monits_dialect_only() {
    for (dialect, subject) in
        [(Dialect::Monit, "restart Does not exist $HOST"), (Dialect::Rules, "$ACTION $EVENT $HOST")]
    {
        let text = "set mail-format { subject: $DESCRIPTION }\nset alert a@example.com\n\
                    check process shop with pidfile /run/shop.pid\n";
        let program = program(dialect, text);
        // What stands for `$EVENT` was filled in before the description.
        let found = news(&program, &event(&program, EventClass::Nonexist, EventState::Failed, "$ACTION $EVENT $HOST"));
        let expected = if dialect == Dialect::Monit { "restart $EVENT $HOST" } else { subject };
        assert_eq!(found[0].subject, expected);
    }
}

#[test]
fn who_wants_it_is_reminded_and_nobody_else() {
    for (dialect, header) in [(Dialect::Monit, "set daemon 10\n"), (Dialect::Rules, "set daemon 10\n")] {
        let text = format!(
            "{header}set alert a@example.com with reminder on 3 cycles\nset alert b@example.com\n\
             set alert c@example.com only on {{ resource }} reminder 2\n\
             check process shop with pidfile /run/shop.pid\n    if not exist then alert\n"
        );
        let program = program(dialect, &text);
        let zone = TimeZone::UTC;
        let mut scenario = Scenario::new(program.clone()).traced();
        scenario = scenario.at(std::time::Duration::from_secs(15), "shop", |shop| shop.dies());
        scenario.run_for(std::time::Duration::from_secs(10 * 12));
        let said = Surroundings { program: &program, host: "box", zone: &zone };
        let reminders: Vec<(u64, Vec<String>)> = scenario
            .trace()
            .iter()
            .filter_map(|(_, order)| match order {
                Order::Remind(event, cycles) => Some((*cycles, said.reminders(event, *cycles))),
                _ => None,
            })
            .map(|(cycles, news)| {
                assert!(news.iter().all(|one| one.turn == NewsTurn::Reminder && one.text.contains("not running")));
                (cycles, news.into_iter().map(|one| one.to).collect())
            })
            .collect();
        let a = || vec!["a@example.com".to_owned()];
        assert_eq!(reminders[..3], [(3, a()), (6, a()), (9, a())], "{dialect:?}");
    }
}

#[test]
fn nobody_is_reminded_of_what_nobody_was_told() {
    for (action, is_reminded) in [("alert", true), ("ignore", false)] {
        let text = format!(
            "set daemon 10\nset alert a@example.com with reminder on 3 cycles\n\
             check file shop with path /srv/shop\n    if failed permission 0644 then {action}\n"
        );
        let program = program(Dialect::Rules, &text);
        let mut scenario = Scenario::new(program).traced();
        scenario = scenario.at(std::time::Duration::from_secs(15), "shop", |shop| shop.is_given_mode(0o600));
        scenario.run_for(std::time::Duration::from_secs(120));
        let is_about_it = |event: &Event| event.class == EventClass::Permission;
        let orders = || scenario.trace().iter().map(|(_, order)| order);
        let told = orders().any(|order| matches!(order, Order::Tell(event) if is_about_it(event)));
        let reminded = orders().any(|order| matches!(order, Order::Remind(event, _) if is_about_it(event)));
        assert_eq!((told, reminded), (is_reminded, is_reminded), "{action}");
    }
}

proptest! {
    /// Whatever a service says: the subject is one line and short, and nothing in the texts steers a terminal.
    #[test]
    fn nothing_that_is_said_leaves_its_place(message in ".{0,400}", control in prop::collection::vec(0_u8..32, 0..40), long in 0_usize..40_000) {
        let control: String = control.into_iter().map(char::from).collect();
        let message = format!("{message}\r\nBcc: evil@example.com\n{control}$SERVICE{}", "ä".repeat(long));
        for dialect in [Dialect::Monit, Dialect::Rules] {
            let text = "set mail-format { subject: $DESCRIPTION $ACTION }\nset alert a@example.com\n\
                        set alert b@example.com mail-format { message: $DESCRIPTION $DESCRIPTION }\n\
                        check process shop with pidfile /run/shop.pid\n";
            let program = program(dialect, text);
            for one in news(&program, &event(&program, EventClass::Nonexist, EventState::Failed, &message)) {
                prop_assert!(!one.subject.contains(char::is_control) && one.subject.chars().count() <= SUBJECT_CHARS_MAX + 1);
                prop_assert!(!one.line.contains(char::is_control));
                let steers = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
                prop_assert!(!one.text.contains(steers) && one.text.len() <= TEXT_BYTES_MAX + 3);
                prop_assert!(one.text.chars().count() <= 2 * DESCRIPTION_CHARS_MAX + 1_000);
            }
        }
    }
}
