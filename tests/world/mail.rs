//! Mail: handed to servers that lie, kept through kills, and tried against postfix.

mod beside_monit;
mod headers;
mod kept;
mod liar;
pub(crate) mod postfix;
mod servers;

use std::sync::Arc;

use grammar::Dialect;
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, check, load_text};
use interpreter::engine::{Event, EventClass, EventState, Monotonic, Now, ServiceId, Wall};
use interpreter::outbox::{Input, Letter, Manner, Order, Outbox, Surroundings};
use interpreter::program::Program;
use jiff::tz::TimeZone;

/// The program of a text in the dialect `rules`.
pub(super) fn program(text: &str) -> Program {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/ruled/main.rules", text.as_bytes(), Dialect::Rules, &machine);
    let checked = check(&loaded.source, Dialect::Rules, &Protocols { entries: Vec::new() }, &machine);
    checked.program.unwrap_or_else(|| panic!("{text}\n{:?}", checked.findings))
}

/// An event of the service.
fn event(program: &Program, message: &str) -> Event {
    Event {
        at: Wall(1_795_235_160_000_000),
        cycle: 1,
        early: false,
        service: program.find("shop").unwrap_or(ServiceId(0)),
        class: EventClass::Nonexist,
        rule: None,
        state: EventState::Failed,
        action: "restart",
        message: message.to_owned(),
        takers: Vec::new(),
    }
}

/// The letters about this, as the outbox makes them.
fn letters(program: &Program, message: &str) -> Vec<Letter> {
    let surroundings = Surroundings { program, host: "box.example", zone: &TimeZone::UTC };
    let manner = Manner { servers: 1, slots: None, host: "box.example".to_owned() };
    let mut outbox = Outbox::new(manner, 7);
    let now = Now { monotonic: Monotonic(1), wall: Wall(1_795_235_160_000_000) };
    let news = surroundings.news(&event(program, message));
    let mut orders = Vec::new();
    for one in news {
        orders.extend(outbox.handle(now, Input::News(Box::new(one))));
    }
    orders.extend(outbox.handle(now, Input::Stored(outbox.last_number())));
    let handed = orders.into_iter().filter_map(|order| match order {
        Order::HandIn(letter, _) => Some(*letter),
        _ => None,
    });
    handed.collect()
}

/// A program whose mail goes to this server, with these words behind its port.
fn mailing(port: u16, words: &str) -> Arc<Program> {
    Arc::new(program(&format!(
        "set mailserver localhost port {port} {words}\nset alert keeper@example.com\n\
         check process shop with pidfile /run/shop.pid\n"
    )))
}
