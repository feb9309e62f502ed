//! `missing-program`: a program that is not there or cannot be run.

use grammar::ast::{Action, ActionKind, CheckStatement, MethodKind, Program, Rule, Target};
use grammar::{Finding, Span, english};

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

/// So many programs that are missing have a finding each; more of them have one together, because then the rules are most
/// likely for another machine.
const EACH_MAX: usize = 2;

/// So many programs are named by the finding about all of them.
const NAMED_MAX: usize = 12;

/// So many places are shown by the finding about all of them.
const SHOWN_MAX: usize = 3;

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut missing: Vec<Missing> = Vec::new();
    each(view, &mut |program, consequence| {
        let Some(found) = self::missing(view, program, consequence) else { return };
        if !missing.iter().any(|known| known.path == found.path) {
            missing.push(found);
        }
    });
    let (elsewhere, wrong): (Vec<Missing>, Vec<Missing>) = missing.into_iter().partition(|one| one.elsewhere);
    findings.extend(wrong.into_iter().map(|one| one.finding));
    if elsewhere.len() <= EACH_MAX {
        findings.extend(elsewhere.into_iter().map(|one| one.finding));
    } else {
        findings.extend(together(&elsewhere));
    }
}

/// A program that is missing, where it is named first.
struct Missing {
    path: String,
    span: Span,
    /// Whether it may well be there on another machine.
    elsewhere: bool,
    finding: Finding,
}

fn together(missing: &[Missing]) -> Option<Finding> {
    let (first, others) = missing.split_first()?;
    let headline = format!("{} are not on this machine", english::count(missing.len() as u64, "program"));
    let mut finding = Finding::warning(NAME, first.span, headline).here(format!("there is no program {}", first.path));
    for other in others.iter().take(SHOWN_MAX) {
        finding = finding.also(other.span, format!("nor {}", other.path));
    }
    let unnamed = others.get(SHOWN_MAX..).unwrap_or_default();
    let mut names: Vec<String> = unnamed.iter().take(NAMED_MAX).map(|one| one.path.clone()).collect();
    let more = unnamed.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        names.push(format!("{} more", english::thousands(more as u64)));
    }
    if !names.is_empty() {
        finding = finding.note(format!("nor {}", english::and(names)));
    }
    Some(finding.help("check the rules on the machine that they are for; there, --here makes this an error"))
}

/// Hands on each program that rules name, with what follows when it is missing.
pub(super) fn each(view: &View<'_>, take: &mut dyn FnMut(&Program, &str)) {
    for watched in &view.services {
        let name = &watched.service.name;
        if let Some(Target::Program(target)) = &watched.check.target {
            take(&target.program, &format!("so {name} could not be run"));
        }
        for statement in &watched.check.statements {
            match statement {
                CheckStatement::Method(method) => {
                    let consequence = match method.kind.node {
                        MethodKind::Start => format!("so {name} could not be started"),
                        MethodKind::Stop => format!("so {name} could not be stopped"),
                        MethodKind::Restart => format!("so {name} could not be restarted"),
                    };
                    take(&method.program, &consequence);
                }
                CheckStatement::Rule(rule) => {
                    for program in execs(rule) {
                        take(program, "so nothing would happen when the rule holds");
                    }
                }
                CheckStatement::RestartLimit(limit) => {
                    if let Some(program) = exec(&limit.action) {
                        take(program, "so nothing would happen when the limit is reached");
                    }
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

fn missing(view: &View<'_>, program: &Program, consequence: &str) -> Option<Missing> {
    let path = program.words.first()?;
    let state = view.surroundings.program(&path.node);
    let headline = match state {
        ProgramState::Missing => format!("there is no program {}", path.node),
        ProgramState::NotExecutable => format!("{} cannot be run", path.node),
        ProgramState::Executable | ProgramState::Unknown => return None,
    };
    let mut finding = Finding::warning(NAME, path.span, headline).here(consequence);
    let (blanks, whole) = (path.node.contains(char::is_whitespace), path.node.starts_with('/'));
    if blanks {
        finding = finding.note("the blanks belong to the name of the program: it is written in single quotes");
    } else if !whole {
        finding = finding.help("write the whole path: no shell looks for the program");
    }
    let elsewhere = state == ProgramState::Missing && whole && !blanks;
    Some(Missing { path: path.node.clone(), span: path.span, elsewhere, finding })
}
