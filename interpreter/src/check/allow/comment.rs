//! What is said in a comment that begins with `ruled:`.

use grammar::{Span, Spanned, suggest};

/// A comment that allows findings, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allow {
    /// From its `#` to its last word, or to a remark behind it.
    pub(crate) span: Span,
    /// The findings that it names.
    pub(crate) names: Vec<Spanned<String>>,
    /// Whatever stands behind `until`.
    pub(crate) until: Option<Spanned<String>>,
    /// Whether something stands behind `because`.
    pub(crate) has_reason: bool,
}

/// A comment that says something to the checker.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It allows findings.
    Allow(Allow),
    /// It nearly begins with `# ruled: allow`.
    Misspelt(Spanned<String>),
}

/// What a comment begins with that says something to the checker, in any case and with a colon behind it.
const MARK: &str = "ruled";

/// What somebody writes who does not know the word.
const OTHER_WORDS: [&str; 6] = ["disable", "ignore", "noqa", "permit", "skip", "suppress"];

/// Names beyond these are not read: nobody means them, and each is compared with those that there are.
pub(super) const NAMES_MAX: usize = 64;

/// Whether there may be a comment in a text that says something to the checker.
pub(super) fn is_in(text: &str) -> bool {
    text.match_indices('#').any(|(at, _)| text.get(at..).is_some_and(|written| mark(written).is_some()))
}

/// What stands behind the mark that a comment begins with, and whether the mark has its colon.
fn mark(written: &str) -> Option<(&str, bool)> {
    let said = written.trim_start_matches('#').trim_start_matches([' ', '\t']);
    let word = said.get(..MARK.len())?;
    let behind = said.get(MARK.len()..)?;
    if !word.eq_ignore_ascii_case(MARK) {
        return None;
    }
    match (behind.strip_prefix(':'), behind.trim_start_matches([' ', '\t'])) {
        (Some(said), _) => Some((said, true)),
        (None, rest) if rest.len() < behind.len() => Some((rest.strip_prefix(':').unwrap_or(rest), false)),
        _ => None,
    }
}

/// What a comment says to the checker; nothing when it speaks to people only.
pub(super) fn read(text: &str, comment: Span) -> Option<Said> {
    // Behind other words it belongs to a line that was made a comment.
    let (said, has_colon) = text.get(comment.range()).and_then(mark)?;
    let from = comment.end as usize - said.len();
    // A remark behind it is for people.
    let said = said.split(" # ").next().unwrap_or_default().trim_end();
    let words = words(said);
    let (first_at, first) = *words.first()?;
    let place = |start: usize, end: usize| Span::new(from + start, from + end);
    let is_allow = first.eq_ignore_ascii_case("allow");
    if !is_allow || !has_colon {
        let meant = is_allow
            || OTHER_WORDS.iter().any(|other| first.eq_ignore_ascii_case(other))
            || !suggest::nearest(first, ["allow"]).is_empty();
        let span = Span { start: comment.start, end: place(0, first_at + first.len()).end };
        return meant.then(|| Said::Misspelt(span.with(text.get(span.range()).unwrap_or_default().to_owned())));
    }
    let end = said.len();
    let find = |keyword: &str| words.iter().skip(1).find(|(_, word)| word.eq_ignore_ascii_case(keyword)).copied();
    let because = find("because").map_or(end, |(at, _)| at);
    // In a reason it is a word among others.
    let until = find("until").filter(|(at, _)| *at < because);
    let names_from = first_at + first.len();
    let names_end = until.map_or(because, |(at, _)| at);
    let until = until.map(|(at, word)| {
        let behind = at + word.len();
        trimmed(said, behind, because).map_or_else(
            || place(at, behind).with(String::new()),
            |(start, text)| place(start, start + text.len()).with(text.to_owned()),
        )
    });
    let mut names = Vec::new();
    let mut at = names_from;
    for part in said.get(names_from..names_end).unwrap_or_default().split(',').take(NAMES_MAX + 1) {
        let found = trimmed(said, at, at + part.len());
        names.extend(found.map(|(start, name)| place(start, start + name.len()).with(name.to_owned())));
        at += part.len() + 1;
    }
    let has_reason = trimmed(said, because + "because".len(), end).is_some();
    let span = Span { start: comment.start, end: place(0, end).end };
    Some(Said::Allow(Allow { span, names, until, has_reason }))
}

/// The words of a text with where they begin.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.split(|c: char| c.is_whitespace()) {
        if !part.is_empty() {
            words.push((at, part));
        }
        // Blanks of more than one byte are seldom, and counted as they are.
        at += part.len();
        at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    words
}

/// What stands in a part of a text, without the blanks round it, and where it begins.
fn trimmed(text: &str, start: usize, end: usize) -> Option<(usize, &str)> {
    let part = text.get(start..end)?;
    let inner = part.trim_start();
    let at = start + part.len() - inner.len();
    let inner = inner.trim_end();
    (!inner.is_empty()).then_some((at, inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(text: &str) -> Option<Allow> {
        match read(text, Span::new(0, text.len())) {
            Some(Said::Allow(allow)) => Some(allow),
            _ => None,
        }
    }

    fn shown(text: &str) -> Option<String> {
        let allow = allow(text)?;
        let at = |part: &Spanned<String>| {
            assert!(text.get(part.span.range()).is_some_and(|there| there == part.node || part.node.is_empty()));
            part.node.clone()
        };
        let names: Vec<String> = allow.names.iter().map(at).collect();
        let until = allow.until.as_ref().map(at);
        Some(format!("{} | {} | {}", names.join("+"), until.unwrap_or("-".to_owned()), allow.has_reason))
    }

    #[test]
    fn the_parts_of_a_comment() {
        let same = [
            ("# ruled: allow a-b because it is so", "a-b | - | true"),
            ("#ruled:allow a-b because so", "a-b | - | true"),
            ("# RULED: ALLOW a-b BECAUSE so", "a-b | - | true"),
            ("## ruled:  Allow a , b,c until 2026-12-01 because so", "a+b+c | 2026-12-01 | true"),
            ("# ruled: allow a because until 2026-12-01 because", "a | - | true"),
            ("# ruled: allow a until\u{a0}2026-12-01 because x", "a | 2026-12-01 | true"),
            ("# ruled: allow a", "a | - | false"),
            ("# ruled: allow a because", "a | - | false"),
            ("# ruled: allow a because # a remark", "a | - | false"),
            ("# ruled: allow because so", " | - | true"),
            ("# ruled: allow until because so", " |  | true"),
            ("# ruled: allow a b,, because so", "a b | - | true"),
        ];
        for (text, wanted) in same {
            assert_eq!(shown(text).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "# ruled: everything below is old",
            "# ruled:",
            "# see ruled: allow a because b",
            "# ruled by nobody",
            "# unruled: allow a because b",
            "# a note # ruled: allow a because b",
        ] {
            assert_eq!(read(text, Span::new(0, text.len())), None, "{text}");
        }
        for begin in ["# ruled: alow", "# ruled allow", "#Ruled : allow", "# ruled: ignore", "# ruled ignore"] {
            let text = format!("{begin} a because b");
            let span = Span::new(0, begin.len());
            assert_eq!(read(&text, Span::new(0, text.len())), Some(Said::Misspelt(span.with(begin.to_owned()))));
            assert!(is_in(&text));
        }
        assert!(!is_in("# who is ruled?\n# unruled: x\nruled: y"));
    }

    #[test]
    fn a_remark_is_no_part_of_it() {
        let text = "# ruled: allow a because b  # said on Monday";
        assert_eq!(allow(text).map(|allow| allow.span), Some(Span::new(0, 26)));
    }
}
