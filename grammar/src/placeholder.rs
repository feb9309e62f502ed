//! Marks that a template leaves behind when nobody fills them in: `<user>`, `@@NAME@@`, `${VAR}`, `{{ var }}`.

use std::ops::Range;

/// A longer one is hardly a mark.
const MARK_BYTES_MAX: usize = 120;

/// The names that Monit fills in itself where a `$` stands before them, in texts of mails and in names. In `${…}` it knows
/// none.
const FILLED_BY_MONIT: [&str; 7] = ["HOST", "HOSTNAME", "SERVICE", "DATE", "ACTION", "EVENT", "DESCRIPTION"];

/// The marks in a text, in the order in which they stand.
///
/// What Monit fills in itself is none, and neither is what is only a sign of a pattern, such as `(?<name>…)`.
pub fn placeholders(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    // Where a mark can begin; see `begins_mark`.
    let mut some = memchr::memchr3_iter(b'{', b'<', b'$', bytes).peekable();
    let mut others = memchr::memchr2_iter(b'@', b'%', bytes).peekable();
    let places = std::iter::from_fn(move || match (some.peek(), others.peek()) {
        (Some(one), Some(other)) if other < one => others.next(),
        (Some(_), _) => some.next(),
        (None, _) => others.next(),
    });
    found_at(places, bytes, mark).collect()
}

/// The names with a `$` in a text, such as `$PORT`, in the order in which they stand: nobody but a shell fills them in.
pub fn variables(text: &str) -> Vec<Range<usize>> {
    found_at(memchr::memchr_iter(b'$', text.as_bytes()), text.as_bytes(), variable).collect()
}

/// What a function finds at each place of a text where it can begin: most texts have few such places, or none.
pub(crate) fn marks(
    text: &str,
    begins: fn(u8) -> bool,
    find: fn(&[u8], usize) -> Option<usize>,
) -> impl Iterator<Item = Range<usize>> {
    let places = text.bytes().enumerate().filter(move |(_, byte)| begins(*byte)).map(|(at, _)| at);
    found_at(places, text.as_bytes(), find)
}

/// What a function finds at these places, none of which lies in what was found before.
fn found_at(
    places: impl Iterator<Item = usize>,
    bytes: &[u8],
    find: fn(&[u8], usize) -> Option<usize>,
) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    places.filter_map(move |at| {
        if at < end {
            return None;
        }
        end = at + find(bytes, at)?;
        Some(at..end)
    })
}

/// Whether a mark can begin with this byte.
pub(crate) fn begins_mark(byte: u8) -> bool {
    matches!(byte, b'{' | b'<' | b'$' | b'@' | b'%')
}

/// How long the mark is that begins at an offset.
pub(crate) fn mark(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    match rest {
        [b'{', b'{', ..] => enclosed(rest, b"{{", b"}}", |inside| {
            let name = inside.trim_ascii();
            let name = name.strip_prefix(b"{").or(name.strip_prefix(b"-")).unwrap_or(name);
            name.trim_ascii().first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        })
        .map(|length| length + usize::from(rest.starts_with(b"{{{") && rest.get(length) == Some(&b'}'))),
        [b'{', b'%', ..] => enclosed(rest, b"{%", b"%}", |_| true),
        [b'<', b'%', ..] => enclosed(rest, b"<%", b"%>", |_| true),
        [b'$', b'{', ..] => enclosed(rest, b"${", b"}", |inside| is_name(inside, b"_ .:-")),
        [b'@', b'@', ..] => enclosed(rest, b"@@", b"@@", |inside| is_name(inside, b"_.-")),
        [b'%', b'%', ..] => enclosed(rest, b"%%", b"%%", |inside| is_name(inside, b"_.-")),
        [b'@', ..] => enclosed(rest, b"@", b"@", is_shouted),
        [b'%', ..] => enclosed(rest, b"%", b"%", is_shouted),
        [b'<', ..] => {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            let named_group = before.is_some_and(|before| matches!(before, b'?' | b'P'));
            enclosed(rest, b"<", b">", |inside| is_name(inside, b"_ .-") && !inside.ends_with(b" "))
                .filter(|_| !named_group)
        }
        _ => None,
    }
}

/// How long the name with a `$` is that begins at an offset.
pub(crate) fn variable(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?.strip_prefix(b"$")?;
    let length = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(rest.len());
    let name = rest.get(..length)?;
    (name.len() > 1 && is_name(name, b"_") && !is_filled(name)).then_some(length + 1)
}

fn enclosed(rest: &[u8], open: &[u8], close: &[u8], fits: fn(&[u8]) -> bool) -> Option<usize> {
    let inside = rest.strip_prefix(open)?;
    let inside = inside.get(..MARK_BYTES_MAX).unwrap_or(inside);
    let mut ends = memchr::memchr_iter(*close.first()?, inside);
    let end = ends.find(|end| inside.get(*end..).is_some_and(|rest| rest.starts_with(close)))?;
    let inside = inside.get(..end)?;
    (!inside.contains(&b'\n') && fits(inside)).then_some(open.len() + end + close.len())
}

/// Whether it begins with a letter and goes on with letters, digits and some signs.
fn is_name(inside: &[u8], signs: &[u8]) -> bool {
    inside.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && inside.iter().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(byte))
}

/// Whether it is a name in capitals; at least three, since `%E4%` is a part of an address.
fn is_shouted(inside: &[u8]) -> bool {
    inside.len() > 2
        && inside.first().is_some_and(u8::is_ascii_uppercase)
        && inside.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

fn is_filled(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"MONIT_").unwrap_or(name);
    FILLED_BY_MONIT.iter().any(|known| name == known.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        placeholders(text).into_iter().filter_map(|range| text.get(range)).collect()
    }

    #[test]
    fn marks_of_templates_are_found() {
        assert_eq!(found("allow <user>:<your password>"), ["<user>", "<your password>"]);
        assert_eq!(found("port @PORT@ and @@port@@"), ["@PORT@", "@@port@@"]);
        assert_eq!(found("%%host%%:%PORT%"), ["%%host%%", "%PORT%"]);
        assert_eq!(found("${HOME}/x ${virtual host}"), ["${HOME}", "${virtual host}"]);
        assert_eq!(found("${HOST} ${SERVICE} $HOST"), ["${HOST}", "${SERVICE}"]);
        assert_eq!(
            found("{{ host }} {{{host}}} {% if x %}<%= y %>"),
            ["{{ host }}", "{{{host}}}", "{% if x %}", "<%= y %>"]
        );
    }

    #[test]
    fn what_means_something_else_is_none() {
        for text in [
            "set mail-format { from: monit@$HOST }",
            "$HOST $SERVICE",
            "if cpu < 5% and memory > 3%",
            "size <a and size > 3",
            "/%E4%BD%A0",
            "(?<user>x) (?P<user>x)",
            "alert a@b.com not on { pid, ppid }",
            "{{.State.Running}}",
            "a{{2}}",
            "allow @admins @others",
            "<\nname>",
            "{{ never closed",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn variables_are_those_that_a_shell_would_fill() {
        let found =
            |text: &'static str| variables(text).into_iter().filter_map(|range| text.get(range)).collect::<Vec<_>>();
        assert_eq!(found("http://$hostname:9200/$HOST"), ["$hostname"]);
        assert!(found("^a$ $1 $").is_empty());
    }
}
