//! Patterns that match nothing, as far as that is certain.

use regex_syntax::hir::{Hir, HirKind, Look};

/// Why a pattern matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {
    /// Something must stand before the beginning of the text.
    BeforeStart,
    /// Something must stand behind the end of the text.
    BehindEnd,
    /// A class has no character.
    EmptyClass,
}

/// Why the pattern matches nothing, if that is certain.
pub(super) fn never(pattern: &Hir) -> Option<Never> {
    part(pattern, false, false)
}

/// The same for a part of a pattern; `before` and `behind` say whether at least one byte is matched on that side of it.
///
/// The parser of the pattern limits how deep this recurses.
fn part(hir: &Hir, before: bool, behind: bool) -> Option<Never> {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) => None,
        HirKind::Class(_) => (hir.properties().minimum_len().is_none()).then_some(Never::EmptyClass),
        HirKind::Look(Look::Start) => before.then_some(Never::BeforeStart),
        HirKind::Look(Look::End) => behind.then_some(Never::BehindEnd),
        HirKind::Look(_) => None,
        HirKind::Repetition(repetition) if repetition.min == 0 => None,
        HirKind::Repetition(repetition) => part(&repetition.sub, before, behind),
        HirKind::Capture(capture) => part(&capture.sub, before, behind),
        HirKind::Concat(parts) => {
            let solid: Vec<bool> = parts.iter().map(is_solid).collect();
            let mut first = None;
            for (at, inner) in parts.iter().enumerate() {
                let before = before || solid.iter().take(at).any(|solid| *solid);
                let behind = behind || solid.iter().skip(at + 1).any(|solid| *solid);
                first = first.or_else(|| part(inner, before, behind));
            }
            first
        }
        HirKind::Alternation(parts) => {
            let mut reasons = parts.iter().map(|inner| part(inner, before, behind));
            let first = reasons.next()??;
            reasons.all(|reason| reason.is_some()).then_some(first)
        }
    }
}

/// Whether at least one byte is matched.
fn is_solid(hir: &Hir) -> bool {
    hir.properties().minimum_len().is_some_and(|length| length > 0)
}

#[cfg(test)]
mod tests {
    use super::super::{Syntax, never};
    use super::Never;

    #[test]
    fn an_anchor_in_the_middle_matches_nothing() {
        for syntax in [Syntax::Posix, Syntax::Regex] {
            for written in ["a^b", "(a|b)^c", "x+(^y)", "a(^b|^c)", "..^"] {
                assert_eq!(never(written, syntax), Some(Never::BeforeStart), "{written}");
            }
            for written in ["a$b", "$x", "(^$)x", "a($b|$c)", "^$."] {
                assert_eq!(never(written, syntax), Some(Never::BehindEnd), "{written}");
            }
        }
        assert_eq!(never("[^\\s\\S]", Syntax::Regex), Some(Never::EmptyClass));
    }

    #[test]
    fn what_may_match_is_left_alone() {
        for syntax in [Syntax::Posix, Syntax::Regex] {
            for written in [
                "^a$", "(^|,)x", "x(,|$)", "a*^b", "^^a", "a$$", "$^", "^$", "\\$x", "a\\^b", "[$]x", "[^a]",
                "(a$|b)c", "x?^", "(^a)?b", "",
            ] {
                assert_eq!(never(written, syntax), None, "{written}");
            }
        }
        assert_eq!(never("(?m)a\n^b", Syntax::Regex), None);
    }
}
