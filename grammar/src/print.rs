//! Text to the same text, in its customary shape: which blanks stand between the words, and nothing else.
//!
//! The tree says where statements begin (`outline`), a walk over the characters which blanks may change (`token`);
//! from both come the lines (`line`) with their margins (`margin`, `comment`). What comes out is compared with what
//! went in (`same`).
//!
//! **Invariant:** what is returned has the same words, signs, texts and comments in the same order, and the same tree. A
//! text of which this cannot be said is not returned.

mod comment;
mod line;
mod margin;
mod outline;
mod same;
mod token;

use crate::{Dialect, Finding};
use outline::Outline;
use token::Token;

/// Why a text keeps the shape that it has.
#[derive(Debug, Clone, PartialEq)]
pub enum Unformatted {
    /// The text cannot be read: these findings, errors among them, say why.
    Unreadable(Vec<Finding>),
    /// More than blanks would have changed. The sentence says what; the fault is ruled's own.
    Fault(&'static str),
}

/// The text in its customary shape.
///
/// Every statement begins its own line: what stands at the top of a file at its margin, the statements of a check
/// indented by four blanks, further lines of a statement by four more than its first. Words are one blank apart, comments
/// behind them two, every `check` stands behind one empty line. Lines are never joined; inside of texts nothing changes.
///
/// A text that continues a service of another file is formatted too; `include` is left to stand for itself.
///
/// # Errors
/// When the text has errors, or when ruled's own checks of the result fail.
pub fn format(text: &str, dialect: Dialect) -> Result<String, Unformatted> {
    let read = Read::new(text, dialect)?;
    let formatted = read.lay_out();
    // What was good before and is not any more is no mistake of the author's.
    let again = Read::new(&formatted, dialect).map_err(|_| Unformatted::Fault("what it wrote cannot be read"))?;
    same::compare(&read, &again)?;
    if again.lay_out() != formatted {
        return Err(Unformatted::Fault("formatting twice makes another text"));
    }
    Ok(formatted)
}

/// A text with everything that is known about its shape.
struct Read<'a> {
    text: &'a str,
    outline: Outline,
    tokens: Vec<Token<'a>>,
}

impl<'a> Read<'a> {
    fn new(text: &'a str, dialect: Dialect) -> Result<Read<'a>, Unformatted> {
        let outline = Outline::read(text, dialect).map_err(Unformatted::Unreadable)?;
        let tokens = token::scan(text, dialect, &outline.untouchable);
        Ok(Read { text, outline, tokens })
    }

    fn lay_out(&self) -> String {
        let lines = line::lines(&self.tokens, &self.outline.statements);
        let margins = margin::margins(&lines, self.outline.fragment);
        let mut text = String::with_capacity(self.text.len());
        for (line, margin) in lines.iter().zip(margins) {
            if margin.empty_line_before && !text.is_empty() {
                text.push('\n');
            }
            text.extend(std::iter::repeat_n(' ', margin.indent));
            line.write(&mut text);
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
        text
    }
}
