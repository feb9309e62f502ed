//! Tests joined by `and`, `or`, `not` and parentheses, in the `rules` dialect.
//!
//! To the grammar all of these but `not` are blanks, as they are to Monit, so that every file of Monit's is read; what
//! they say is found in the gaps between the tests.

use crate::ast::{Condition, ConditionKind, Test};
use crate::{Finding, Span};

/// What stands in a condition.
pub(super) enum Token {
    /// A test.
    Test(Test),
    /// `and`.
    And,
    /// `or`.
    Or,
    /// `not`.
    Not(Span),
    /// `(`.
    Open,
    /// `)`.
    Close,
}

/// A condition and what is odd about it.
pub(super) struct Joined {
    pub(super) condition: Condition,
    pub(super) findings: Vec<Finding>,
}

/// Adds what a gap says. Comments say nothing.
pub(super) fn gap(text: &str, tokens: &mut Vec<Token>) {
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut word = String::new();
        for c in line.chars().chain([' ']) {
            if c.is_ascii_alphabetic() {
                word.push(c.to_ascii_lowercase());
                continue;
            }
            match word.as_str() {
                "and" => tokens.push(Token::And),
                "or" => tokens.push(Token::Or),
                _ => {}
            }
            word.clear();
            match c {
                '(' => tokens.push(Token::Open),
                ')' => tokens.push(Token::Close),
                _ => {}
            }
        }
    }
}

/// Makes one condition of them; nothing when there is no test. Parentheses without partners are blanks.
pub(super) fn join(tokens: Vec<Token>, place: Span) -> Option<Joined> {
    let mut join = Join { tokens: tokens.into_iter().peekable(), findings: Vec::new(), depth: 0 };
    let mut parts: Vec<Condition> = Vec::new();
    while join.tokens.peek().is_some() {
        parts.extend(join.any());
        // A parenthesis that closes nothing.
        if let Some(Token::Close) = join.tokens.peek() {
            join.tokens.next();
        }
    }
    let condition = group(parts, ConditionKind::All)?;
    let condition = Condition { span: place.to(condition.span), ..condition };
    Some(Joined { condition, findings: join.findings })
}

struct Join {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    findings: Vec<Finding>,
    depth: usize,
}

impl Join {
    /// `… or …`.
    fn any(&mut self) -> Option<Condition> {
        let (mut parts, mut mixed) = (Vec::new(), false);
        loop {
            let part = self.all();
            mixed |= part.as_ref().is_some_and(|(_, several)| *several);
            parts.extend(part.map(|(part, _)| part));
            match self.tokens.peek() {
                Some(Token::Or) => drop(self.tokens.next()),
                _ => break,
            }
        }
        let several = parts.len() > 1;
        let condition = group(parts, ConditionKind::Any)?;
        if several && mixed {
            let finding =
                Finding::warning("mixed-and-or", condition.span, "`and` and `or` stand here without parentheses")
                    .here("`and` binds tighter")
                    .help("put parentheses round what belongs together");
            self.findings.push(finding);
        }
        Some(condition)
    }

    /// `… and …`, and whether there are several.
    fn all(&mut self) -> Option<(Condition, bool)> {
        let mut parts: Vec<Condition> = Vec::new();
        let mut joined = true;
        loop {
            match self.tokens.peek() {
                None | Some(Token::Or | Token::Close) => break,
                Some(Token::And) => {
                    self.tokens.next();
                    joined = true;
                }
                Some(Token::Not(_) | Token::Open | Token::Test(_)) => {
                    let Some(part) = self.single() else { continue };
                    if !joined {
                        let finding = Finding::warning("missing-and", part.span, "two conditions stand side by side")
                            .here("both must hold")
                            .help("write `and` between them");
                        self.findings.push(finding);
                    }
                    joined = false;
                    parts.push(part);
                }
            }
        }
        let several = parts.len() > 1;
        group(parts, ConditionKind::All).map(|condition| (condition, several))
    }

    fn single(&mut self) -> Option<Condition> {
        match self.tokens.next()? {
            Token::Test(test) => Some(Condition { span: test.span, kind: ConditionKind::Test(Box::new(test)) }),
            Token::Not(place) => {
                let inner = self.single()?;
                Some(Condition { span: place.to(inner.span), kind: ConditionKind::Not(Box::new(inner)) })
            }
            Token::Open if self.depth < super::DEPTH_MAX => {
                self.depth += 1;
                let inner = self.any();
                self.depth -= 1;
                if let Some(Token::Close) = self.tokens.peek() {
                    self.tokens.next();
                }
                inner
            }
            Token::Open | Token::Close | Token::And | Token::Or => None,
        }
    }
}

fn group(mut parts: Vec<Condition>, kind: fn(Vec<Condition>) -> ConditionKind) -> Option<Condition> {
    let last = parts.pop()?;
    let Some(first) = parts.first() else { return Some(last) };
    let span = first.span.to(last.span);
    parts.push(last);
    Some(Condition { span, kind: kind(parts) })
}
