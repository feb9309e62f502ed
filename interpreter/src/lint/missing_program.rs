//! `missing-program`: a program that is not there or cannot be run.

use grammar::ast::{Action, ActionKind, CheckStatement, MethodKind, Program, Rule, Target};
use grammar::{Finding, Span};

use super::Entry;
use crate::check::{ProgramState, View};

const NAME: &str = "missing-program";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a program that is not there", include_str!("missing_program.md"), look);

/// The finding about a text that names no program.
pub(crate) fn empty(span: Span) -> Finding {
    Finding::error(NAME, span, "this names no program")
        .here("so there would be nothing to run")
        .help("write the path of a program")
}

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for watched in &view.services {
        let name = &watched.service.name;
        if let Some(Target::Program(target)) = &watched.check.target {
            findings.extend(finding(view, &target.program, &format!("so {name} could not be run")));
        }
        for statement in &watched.check.statements {
            match statement {
                CheckStatement::Method(method) => {
                    let consequence = match method.kind.node {
                        MethodKind::Start => format!("so {name} could not be started"),
                        MethodKind::Stop => format!("so {name} could not be stopped"),
                        MethodKind::Restart => format!("so {name} could not be restarted"),
                    };
                    findings.extend(finding(view, &method.program, &consequence));
                }
                CheckStatement::Rule(rule) => {
                    let programs = execs(rule).into_iter();
                    findings.extend(
                        programs.filter_map(|program| {
                            finding(view, program, "so nothing would happen when the rule holds")
                        }),
                    );
                }
                CheckStatement::RestartLimit(limit) => {
                    let consequence = "so nothing would happen when the limit is reached";
                    findings.extend(exec(&limit.action).and_then(|program| finding(view, program, consequence)));
                }
                _ => {}
            }
        }
    }
}

fn execs(rule: &Rule) -> Vec<&Program> {
    let recovery = rule.recovery.as_ref().map(|recovery| &recovery.action);
    let actions = std::iter::once(&rule.action).chain(recovery);
    actions.filter_map(exec).collect()
}

fn exec(action: &Action) -> Option<&Program> {
    match &action.kind {
        ActionKind::Exec(exec) => Some(&exec.program),
        _ => None,
    }
}

fn finding(view: &View<'_>, program: &Program, consequence: &str) -> Option<Finding> {
    let path = program.words.first()?;
    let headline = match view.surroundings.program(&path.node) {
        ProgramState::Missing => format!("there is no program {}", path.node),
        ProgramState::NotExecutable => format!("{} cannot be run", path.node),
        ProgramState::Executable | ProgramState::Unknown => return None,
    };
    let finding = Finding::warning(NAME, path.span, headline).here(consequence);
    if path.node.contains(char::is_whitespace) {
        return Some(finding.note("the blanks belong to the name of the program: it is written in single quotes"));
    }
    if !path.node.starts_with('/') {
        return Some(finding.help("write the whole path: no shell looks for the program"));
    }
    Some(finding)
}
