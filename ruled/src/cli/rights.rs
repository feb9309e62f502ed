//! What rules want that only root may do, said before anything fails.

use interpreter::program::{Action, Command, Program, Service, Target};

use crate::act::identity::RunAs;

/// A sentence for each program that is to run as somebody else than ruled, where ruled is not root. Whether it may do so all
/// the same, by capabilities(7), shows when it is run.
pub(super) fn wanting(program: &Program) -> Vec<String> {
    let own = nix::unistd::geteuid();
    if own.is_root() {
        return Vec::new();
    }
    let stranger = |command: &Command| !RunAs::of(command).is_ok_and(RunAs::is_own);
    let of = |service: &Service| -> Vec<String> {
        let wanted = programs(service).into_iter().filter(|(_, command)| stranger(command));
        wanted.map(|(what, _)| format!("the {what} of '{}' is to run as somebody else", service.name)).collect()
    };
    let sentences = program.services.iter().flat_map(of);
    sentences.map(|sentence| format!("{sentence}, which needs root; ruled runs as user {own}")).collect()
}

/// The programs of a service, with what they are.
fn programs(service: &Service) -> Vec<(&'static str, &Command)> {
    let mut programs: Vec<(&'static str, &Command)> = Vec::new();
    let own =
        [("start program", &service.start), ("stop program", &service.stop), ("restart program", &service.restart)];
    programs.extend(own.into_iter().filter_map(|(what, command)| Some((what, &**command.as_ref()?))));
    if let Target::Program(command) = &service.target {
        programs.push(("program", command));
    }
    for rule in &service.rules {
        for action in [&rule.action, &rule.recovery.action] {
            if let Action::Exec(exec) = action {
                programs.push(("program of a rule", &exec.command));
            }
        }
    }
    programs
}
