//! Where comments go that have a line of their own: to what follows them, or to the end of the check above.

use super::line::{Line, Role};
use super::margin::{LEVEL, Margin, State};
use super::outline::Kind as Statement;

/// Splits off the comments that lines begin with, up to the first empty line.
pub(super) fn split_run<'l, 't>(lines: &'l [Line<'t>]) -> (&'l [Line<'t>], &'l [Line<'t>]) {
    let goes_on = |line: &Line<'_>| line.role == Role::Comment && line.breaks() <= 1;
    let more = lines.iter().skip(1).take_while(|line| goes_on(line)).count();
    lines.split_at_checked(1 + more).unwrap_or((lines, &[]))
}

/// The margins of a run of comments, and of nothing else.
pub(super) fn margins(state: &State, run: &[Line<'_>], behind: &[Line<'_>]) -> Vec<Margin> {
    let next = behind.iter().find(|line| line.role != Role::Comment);
    let below = next.and_then(|line| match line.role {
        Role::Begins(kind) => Some((kind, state.of_statement(kind, line))),
        _ => None,
    });
    let directly = |line: &Line<'_>| line.role != Role::Comment && line.breaks() <= 1;
    let direct = behind.first().filter(|line| directly(line));
    // So many at the end of the run belong to the statement that follows.
    let mut attached = 0;
    let indents: Vec<usize> = match (next, below) {
        (Some(_), None) => vec![state.of_comment_within(); run.len()],
        (_, Some((_, indent))) if indent > 0 => vec![indent; run.len()],
        _ if !state.in_check => {
            attached = if direct.is_some() { run.len() } else { 0 };
            vec![0; run.len()]
        }
        _ => {
            let at_most = direct.map(|line| line.indent().unwrap_or_default());
            let belongs = |line: &&Line<'_>| at_most.is_some_and(|most| line.indent().unwrap_or_default() <= most);
            attached = run.iter().rev().take_while(belongs).count();
            let above = run.len() - attached;
            let indent = |(index, line): (usize, &Line<'_>)| {
                if index < above { at_the_end(state, run, line, direct.is_some()) } else { 0 }
            };
            run.iter().enumerate().map(indent).collect()
        }
    };
    let is_check = below.is_some_and(|(kind, _)| kind == Statement::Check);
    let first_attached = run.len() - attached;
    let margin = |(index, (line, indent)): (usize, (&Line<'_>, usize))| Margin {
        indent,
        empty_line_before: line.breaks() > 1 || (is_check && attached > 0 && index == first_attached),
    };
    run.iter().zip(indents).enumerate().map(margin).collect()
}

/// The indentation of a comment behind the last statement of a check, with nothing of its own below.
fn at_the_end(state: &State, run: &[Line<'_>], line: &Line<'_>, above_statement: bool) -> usize {
    let touches = run.first().is_some_and(|first| first.breaks() <= 1);
    let indented = line.indent().unwrap_or_default() > 0;
    // At the margin stands what speaks of the file, unless the statements of the check stand there too.
    let unindented_check = touches && state.stood == Some(0);
    if indented || unindented_check || above_statement { LEVEL } else { 0 }
}

/// Whether the last of the lines that have a margin is a comment that belongs to the statement below it.
pub(super) fn belongs_below(lines: &[Line<'_>], margins: &[Margin]) -> bool {
    let last = margins.len().checked_sub(1);
    let comment = last.and_then(|last| lines.get(last)).is_some_and(|line| line.role == Role::Comment);
    comment && margins.last().is_some_and(|margin| margin.indent == 0)
}
