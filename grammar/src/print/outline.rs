//! Where the statements of a text are, as its tree says.

use crate::ast::{CheckStatement, RuleFile, Statement};
use crate::finding::Help;
use crate::parse::{Include, TEXT_BYTES_MAX, includes, parse};
use crate::{Dialect, Finding, Severity, Source, Span};

/// What a text that continues somebody else's service is read behind.
const HEAD: &str = "check process x with pidfile /x\n";

/// The statements of a text.
pub(super) struct Outline {
    /// What the text says, without its includes.
    pub(super) tree: RuleFile,
    /// Where its statements are, in the order of the text.
    pub(super) statements: Vec<Part>,
    /// What blanks must not change in, besides what the characters themselves tell: the paths of includes and
    /// lists of names.
    pub(super) untouchable: Vec<Span>,
    /// Whether the text begins inside of a service that another file has begun.
    pub(super) fragment: bool,
}

/// One statement. A `check` is only its head here; what stands in it are parts of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What kind of statement a part is, as far as its place in the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `set …`.
    Set,
    /// `check …`, up to the end of the target.
    Check,
    /// A statement of a check.
    Inside,
    /// `include …`.
    Include,
}

impl Outline {
    /// Reads a text; what cannot be read is returned as its findings.
    pub(super) fn read(text: &str, dialect: Dialect) -> Result<Outline, Vec<Finding>> {
        // A text that is too large is refused below, before anything walks over it.
        let includes = if text.len() > TEXT_BYTES_MAX { Vec::new() } else { includes(text, dialect) };
        let mut bare = text.to_owned();
        for include in &includes {
            let range = include.span.range();
            bare.replace_range(range.clone(), &" ".repeat(range.len()));
        }
        let whole = match attempt(bare.clone(), dialect) {
            Ok(tree) => return Ok(Outline::new(tree, &includes, 0)),
            Err(findings) => findings,
        };
        match attempt(format!("{HEAD}{bare}"), dialect) {
            Ok(tree) => Ok(Outline::new(tree, &includes, HEAD.len())),
            // Of two readings with errors the better one is closer to what was meant.
            Err(part) if errors(&part) < errors(&whole) => Err(part.into_iter().map(moved_back).collect()),
            Err(_) => Err(whole),
        }
    }

    /// The outline of a tree that was read behind so many bytes of ours.
    fn new(tree: RuleFile, includes: &[Include], ours: usize) -> Outline {
        let mut statements: Vec<Part> = Vec::new();
        let mut untouchable: Vec<Span> = includes.iter().map(|include| include.pattern.span).collect();
        let mut add = |kind, span: Span| {
            if span.end as usize > ours {
                statements.push(Part { kind, span: moved(span, ours) });
            }
        };
        for statement in &tree.statements {
            match statement {
                Statement::Set(setting) => add(Kind::Set, setting.span),
                Statement::Check(check) => {
                    add(Kind::Check, check.head);
                    for inside in &check.statements {
                        add(Kind::Inside, inside.span());
                        if let CheckStatement::DependsOn { span, names } = inside
                            && let Some(first) = names.first()
                        {
                            untouchable.push(moved(first.span.to(Span { start: first.span.end, end: span.end }), ours));
                        }
                    }
                }
            }
        }
        statements.sort_by_key(|part| part.span);
        let alone: Vec<Part> = includes
            .iter()
            .map(|include| Part { kind: Kind::Include, span: include.span })
            .filter(|include| !interrupts(&statements, include.span))
            .collect();
        statements.extend(alone);
        statements.sort_by_key(|part| part.span);
        untouchable.sort();
        Outline { tree, statements, untouchable, fragment: ours > 0 }
    }
}

/// Whether an include stands in the middle of a statement, where it is nothing but a word of it.
fn interrupts(statements: &[Part], include: Span) -> bool {
    let before = statements.partition_point(|part| part.span.start < include.start);
    let before = before.checked_sub(1).and_then(|before| statements.get(before));
    before.is_some_and(|part| include.start < part.span.end)
}

/// The tree of a text without errors, or the findings.
fn attempt(text: String, dialect: Dialect) -> Result<RuleFile, Vec<Finding>> {
    let parsed = parse(&Source::new("", text), dialect);
    if errors(&parsed.findings) == 0 { Ok(parsed.file) } else { Err(parsed.findings) }
}

fn errors(findings: &[Finding]) -> usize {
    // A program whose quote is never closed goes on to the end of the file; nothing can be laid out behind it.
    let stops = |finding: &&Finding| finding.severity == Severity::Error || finding.name == "unclosed-quote";
    findings.iter().filter(stops).count()
}

fn moved(span: Span, ours: usize) -> Span {
    let range = span.range();
    Span::new(range.start.saturating_sub(ours), range.end.saturating_sub(ours))
}

/// A finding of a text that was read behind our head, as one of the text alone.
fn moved_back(mut finding: Finding) -> Finding {
    for label in &mut finding.labels {
        label.span = moved(label.span, HEAD.len());
    }
    if let Some(Help::Fix(fix)) = &mut finding.help {
        for edit in &mut fix.edits {
            edit.span = moved(edit.span, HEAD.len());
        }
    }
    finding
}
