//! `unused-allow`: a comment that allows what is not there.

use grammar::{Finding, Source, Span, Spanned, english};

use super::Entry;
use super::wording::did_you_mean;
use crate::check::{Allow, Covered};

const NAME: &str = "unused-allow";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a comment that allows what is not there", include_str!("unused_allow.md"));

/// Why a finding can never be allowed, if so.
pub(crate) fn forbidden(name: &str) -> Option<&'static str> {
    match name {
        NAME | "expired-allow" | "allow-without-reason" => Some("what is wrong with a comment is always shown"),
        "writable-by-others" => Some("whoever may write the file could have written the comment"),
        "replaceable-by-others" => Some("whoever may replace the file could have written the comment"),
        _ => None,
    }
}

/// The finding about a comment whose names are all of no use.
pub(crate) fn whole(source: &Source, allow: &Allow, covered: Covered) -> Finding {
    let names = english::or(allow.names.iter().map(|name| format!("`{}`", name.node)));
    Finding::warning(NAME, allow.span, format!("there is no {names} that this comment could allow"))
        .here(why(covered))
        .fix("remove the comment", with_blanks(source, allow.span), "", true)
}

/// The finding about one name of several that is of no use.
pub(crate) fn one(allow: &Allow, index: usize, name: &Spanned<String>, covered: Covered) -> Finding {
    let next = allow.names.get(index + 1).map(|next| Span { start: name.span.start, end: next.span.start });
    let before = index.checked_sub(1).and_then(|before| allow.names.get(before));
    let before = before.map(|before| Span { start: before.span.end, end: name.span.end });
    let finding =
        Finding::warning(NAME, name.span, format!("there is no `{}` that this comment could allow", name.node))
            .here(why(covered));
    match next.or(before) {
        Some(span) => finding.fix("remove the name", span, "", true),
        None => finding,
    }
}

/// The finding about a name that no finding has.
pub(crate) fn unknown(name: &Spanned<String>, known: &[&str]) -> Finding {
    let finding = Finding::warning(NAME, name.span, format!("there is no finding named `{}`", name.node))
        .here("so this allows nothing");
    if name.node.contains(char::is_whitespace) {
        return finding.help("put a comma between two names, and `because` before the reason");
    }
    did_you_mean(finding, name.span, &name.node, known)
}

/// The finding about a name that can never be allowed.
pub(crate) fn forever(name: &Spanned<String>, reason: &str) -> Finding {
    Finding::warning(NAME, name.span, format!("no comment can allow `{}`", name.node)).here(reason)
}

/// The finding about a comment that names nothing.
pub(crate) fn nameless(allow: &Allow) -> Finding {
    Finding::warning(NAME, allow.span, "this comment names no finding")
        .here("so it allows nothing")
        .help("write the name that stands in brackets, as in `# ruled: allow shadowed-rule because …`")
}

/// The finding about a day that is none.
pub(crate) fn no_day(until: &Spanned<String>) -> Finding {
    let headline = match until.node.as_str() {
        "" => "no day stands behind `until`".to_owned(),
        day => format!("`{day}` is no day"),
    };
    Finding::warning(NAME, until.span, headline)
        .here("so this comment allows nothing")
        .help("write the year, the month and the day, as in `until 2026-12-01`")
}

/// The finding about a comment that was meant to begin with `# ruled: allow`.
pub(crate) fn misspelt(begin: &Spanned<String>) -> Finding {
    Finding::warning(NAME, begin.span, format!("`{}` says nothing to ruled", begin.node))
        .here("so this comment changes nothing")
        .fix("begin it with `# ruled: allow`", begin.span, "# ruled: allow", false)
}

/// The finding about a comment with more names than anybody means.
pub(crate) fn too_many(allow: &Allow, most: usize) -> Finding {
    Finding::warning(NAME, allow.span, format!("this comment names more than {most} findings"))
        .here("so it allows nothing")
        .help("mend some of them, or write several comments")
}

fn why(covered: Covered) -> &'static str {
    match covered {
        Covered::Line => "nothing of the kind is found on this line, so this changes nothing",
        Covered::Next => "nothing of the kind is found in what follows, so this changes nothing",
        Covered::File => "nothing of the kind is found in this file, so this changes nothing",
        Covered::Nothing => "no statement follows, so this changes nothing",
    }
}

/// A comment with what must go with it: the blanks before it, and its line if nothing else stands on that.
fn with_blanks(source: &Source, span: Span) -> Span {
    let text = source.text();
    let before = text.get(..span.start as usize).unwrap_or_default();
    let blank = before.trim_end_matches([' ', '\t']);
    let behind = text.get(span.end as usize..).unwrap_or_default();
    let remark = behind.trim_start_matches([' ', '\t']);
    if remark.starts_with('#') {
        return Span { start: span.start, end: Span::new(0, text.len() - remark.len()).end };
    }
    let start = Span::new(blank.len(), blank.len()).end;
    let end = span.end;
    if !blank.is_empty() && !blank.ends_with('\n') {
        return Span { start, end };
    }
    let line = behind.find('\n').map_or(behind.len(), |newline| newline + 1);
    let whole = Span { start, end: end.saturating_add(Span::new(0, line).end) };
    // Behind the line break another file may begin.
    let (file, there) = source.in_file(whole.start);
    let length = whole.end - whole.start;
    if source.in_file(whole.end) == (file, there.saturating_add(length)) { whole } else { Span { start, end } }
}
