//! How far each line stands from the margin, and where an empty line goes.

use super::comment;
use super::line::{Line, Role};
use super::outline::Kind as Statement;
use super::token::Kind;

/// One level of indentation, in blanks.
pub(super) const LEVEL: usize = 4;

/// The place of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Margin {
    /// In blanks.
    pub(super) indent: usize,
    /// Whether there is an empty line before.
    pub(super) empty_line_before: bool,
}

/// What the lines so far mean for the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Whether a check has begun, so that its statements may follow.
    pub(super) in_check: bool,
    /// How far the last statement stood from the margin; nothing when it began within a line.
    pub(super) stood: Option<usize>,
    /// The indentation of the last statement.
    statement: usize,
    /// The indentation of its further lines.
    further: usize,
    /// The indentation of the lines whose braces are open.
    braces: Vec<usize>,
}

/// The margin of each line.
pub(super) fn margins(lines: &[Line<'_>], fragment: bool) -> Vec<Margin> {
    let mut state = State { in_check: fragment, ..State::default() };
    let mut margins: Vec<Margin> = Vec::with_capacity(lines.len());
    let mut rest = lines;
    while let Some((line, behind)) = rest.split_first() {
        let margin = match line.role {
            Role::Comment => {
                let (run, behind) = comment::split_run(rest);
                margins.extend(comment::margins(&state, run, behind));
                rest = behind;
                continue;
            }
            Role::GoesOn => Margin { indent: state.within(line), empty_line_before: line.breaks() > 1 },
            Role::Begins(kind) => {
                // Between a check and the comment that belongs to it there is none; it stands before the comment.
                let commented = line.breaks() == 1 && comment::belongs_below(lines, &margins);
                let apart = if kind == Statement::Check { !commented } else { line.breaks() > 1 };
                Margin { indent: state.begin(kind, line), empty_line_before: apart }
            }
        };
        state.walk(line, margin.indent);
        margins.push(margin);
        rest = behind;
    }
    margins
}

impl State {
    /// Goes on to a statement; returns its indentation.
    fn begin(&mut self, kind: Statement, line: &Line<'_>) -> usize {
        self.in_check = match kind {
            Statement::Set => false,
            Statement::Check => true,
            Statement::Inside | Statement::Include => self.in_check,
        };
        self.stood = line.indent();
        self.statement = self.of_statement(kind, line);
        // The further lines of a head stand behind the statements that follow it, so that nobody confuses them.
        self.further = self.statement + if kind == Statement::Check { 2 * LEVEL } else { LEVEL };
        self.braces.clear();
        self.statement
    }

    /// The indentation of a statement. An include stands where its author has put it: at the margin, or in the check.
    pub(super) fn of_statement(&self, kind: Statement, line: &Line<'_>) -> usize {
        match kind {
            Statement::Set | Statement::Check => 0,
            Statement::Inside => LEVEL,
            Statement::Include if self.in_check && line.indent() != Some(0) => LEVEL,
            Statement::Include => 0,
        }
    }

    /// The indentation of a further line of the statement.
    fn within(&self, line: &Line<'_>) -> usize {
        match (line.first().map(|token| token.kind), self.braces.last()) {
            (Some(Kind::Close), Some(opened)) => *opened,
            (Some(Kind::Open), None) => self.statement,
            _ => self.of_comment_within(),
        }
    }

    /// The indentation of a comment in the middle of the statement.
    pub(super) fn of_comment_within(&self) -> usize {
        self.braces.last().map_or(self.further, |opened| opened + LEVEL)
    }

    /// Looks which braces a line opens and closes.
    fn walk(&mut self, line: &Line<'_>, indent: usize) {
        for token in line.tokens {
            match token.kind {
                Kind::Open => self.braces.push(indent),
                Kind::Close => drop(self.braces.pop()),
                Kind::Plain | Kind::Comment => {}
            }
        }
    }
}
