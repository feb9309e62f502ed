//! What a cycle costs: what is read, asked and run in it.

use grammar::ast::ServiceKind;
use grammar::english;
use interpreter::program::{Program, Test};

/// What is done in a cycle in which every service is checked, as the rest of a sentence; nothing when nothing is.
pub(super) fn of_a_cycle(program: &Program) -> Option<String> {
    let services = |kinds: &[ServiceKind]| {
        program.services.iter().filter(|service| kinds.contains(&service.kind())).count() as u64
    };
    let tests = |is: fn(&Test) -> bool| {
        let rules = program.services.iter().flat_map(|service| &service.rules);
        rules.flat_map(|rule| rule.test.parts()).filter(|test| is(test)).count() as u64
    };
    let read = [
        (services(&[ServiceKind::Process]), "process"),
        (services(&[ServiceKind::File, ServiceKind::Directory, ServiceKind::Fifo]), "file"),
        (services(&[ServiceKind::Filesystem]), "filesystem"),
        (services(&[ServiceKind::Network]), "network interface"),
    ];
    let done = [
        ("opens", tests(|test| matches!(test, Test::Connection(_))), "connection"),
        ("sends", tests(|test| matches!(test, Test::Ping(_))), "ping"),
        ("runs", services(&[ServiceKind::Program]), "program"),
        ("asks", services(&[ServiceKind::Plugin]), "plugin"),
    ];
    let read: Vec<String> =
        read.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| english::count(*number, noun)).collect();
    let mut parts = Vec::new();
    if !read.is_empty() {
        parts.push(format!("reads {}", english::and(read)));
    }
    let done = done.iter().filter(|(_, number, _)| *number > 0);
    parts.extend(done.map(|(verb, number, noun)| format!("{verb} {}", english::count(*number, noun))));
    (!parts.is_empty()).then(|| parts.join(", "))
}
