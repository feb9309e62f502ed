//! Passwords in text that could not be read: nobody knows what stands there, but everybody sees the picture of it.

use grammar::{Finding, Span};

use crate::lint::plain_password;

/// Secrets shorter than this are left in sentences: they are words that stand there for another reason.
const SHOWN_BYTES_MAX: usize = 3;

/// A sentence about a place quotes what stands no farther from it.
const QUOTED_BYTES_MAX: usize = 256;

/// The name of the finding that names a word of the language and nothing else.
const RESERVED: &str = "reserved-word";

/// What stands behind a password that was forgotten.
const FOLLOWERS: [&str; 12] =
    ["alert", "and", "for", "if", "or", "port", "protocol", "then", "timeout", "username", "using", "with"];

/// Where secrets seem to stand, in their order, by the words before them: behind `password` and names like it, behind the user
/// of `allow`, and in addresses. Whoever sees stars where no secret is loses little.
pub(super) fn secrets(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = named(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let line_spans = logins(line).into_iter().chain(of_users(line));
        spans.extend(line_spans.map(|(from, to)| Span::new(start + from, start + to)));
        start += line.len();
    }
    // What is to be filled in is none yet.
    spans.retain(|span| {
        text.get(span.range()).is_some_and(|secret| plain_password::is_one(secret.trim_matches(['"', '\''])))
    });
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans
}

/// Takes secrets out of what a finding quotes of the text around its places.
pub(super) fn conceal(finding: &mut Finding, text: &str, secrets: &[Span]) {
    if finding.name == RESERVED {
        return;
    }
    let mut near: Vec<&str> = Vec::new();
    for span in finding.labels.iter().map(|label| label.span.range()) {
        let (from, to) = (span.start.saturating_sub(QUOTED_BYTES_MAX), span.start.saturating_add(QUOTED_BYTES_MAX));
        let first = secrets.partition_point(|secret| secret.range().end < from);
        let around = secrets.get(first..).unwrap_or_default().iter().take_while(|secret| secret.range().start <= to);
        for secret in around.map(|secret| secret.range()) {
            near.extend(text.get(secret.clone()).map(|secret| secret.trim_matches(['"', '\''])));
            // A part of one may have been read as a word of its own.
            let is_part = secret.start <= span.start && span.end <= secret.end;
            near.extend(text.get(span.clone()).filter(|_| is_part));
        }
    }
    near.retain(|secret| secret.len() > SHOWN_BYTES_MAX);
    // One may be the beginning of another.
    near.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    if near.is_empty() {
        return;
    }
    for sentence in finding.sentences_mut() {
        // Only what stands between backticks is of the text.
        let parts = sentence.split('`').enumerate().map(|(index, part)| {
            let mut part = part.to_owned();
            if index % 2 == 1 {
                for secret in &near {
                    part = part.replace(secret, &"*".repeat(secret.len()));
                }
            }
            part
        });
        *sentence = parts.collect::<Vec<_>>().join("`");
    }
}

/// The values behind names that secrets have.
fn named(text: &str) -> Vec<Span> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let (mut found, mut at) = (Vec::new(), 0);
    // Where the line ends in which a name stands, and where its comment begins.
    let (mut line_end, mut remark) = (0, 0);
    while let Some(begin) = text[at..].find(is_part).map(|begin| at + begin) {
        let end = text[begin..].find(|letter| !is_part(letter)).map_or(text.len(), |length| begin + length);
        let name = &text[begin..end];
        at = end;
        if !super::plugin::may_be_secret(name) {
            continue;
        }
        if begin >= line_end {
            let from = text[..begin].rfind('\n').map_or(0, |end| end + 1);
            line_end = text[begin..].find('\n').map_or(text.len(), |length| begin + length);
            remark = from + comment(&text[from..line_end]);
        }
        if begin >= remark {
            continue;
        }
        let rest = text[end..].trim_start_matches([' ', '\t']);
        let is_given = rest.starts_with([':', '=']);
        let rest = rest.trim_start_matches([':', '=', ' ', '\t']);
        // A value may begin on the next line, in quotes.
        let below = rest.trim_start();
        let rest = if below.starts_with(['"', '\'']) { below } else { rest };
        let from = text.len() - rest.len();
        let length = match rest.chars().next() {
            // What is quoted must not touch the name: there a text ends that has it in it.
            Some('"' | '\'') if from == end => 0,
            Some(quote @ ('"' | '\'')) => quoted(rest, quote),
            Some(_) if is_given || name.eq_ignore_ascii_case("password") => {
                let length = rest.find(|letter: char| letter.is_whitespace() || ",})]".contains(letter));
                let word = &rest[..length.unwrap_or(rest.len())];
                if !is_given && FOLLOWERS.contains(&word.to_ascii_lowercase().as_str()) { 0 } else { word.len() }
            }
            _ => 0,
        };
        if length > 0 {
            found.push(Span::new(from, from + length));
            at = from + length;
        }
    }
    found
}

/// Where the comment of a line begins, or the line ends.
fn comment(line: &str) -> usize {
    let mut open = None;
    for (at, letter) in line.char_indices() {
        match letter {
            '#' if open.is_none() => return at,
            '"' | '\'' if open == Some(letter) => open = None,
            '"' | '\'' if open.is_none() => open = Some(letter),
            _ => {}
        }
    }
    line.len()
}

/// How long a text in quotes is, with both; up to the end of the line where it is never closed.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => return text[..at].trim_end().len(),
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    text.trim_end().len()
}

/// The passwords of addresses: `https://user:password@host`.
fn logins(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (begin, _) in line.match_indices("://") {
        let address = &line[begin + 3..];
        let end = address.find(|letter: char| letter.is_whitespace() || "/\"'".contains(letter));
        let login =
            address[..end.unwrap_or(address.len())].rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
        if let Some((user, password)) = login {
            let from = begin + 3 + user.len() + 1;
            found.push((from, from + password.len()));
        }
    }
    found
}

/// The passwords of users: `allow user:password`.
fn of_users(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut is_behind = false;
    for word in line.split_ascii_whitespace() {
        if is_behind && let Some((_, password)) = word.split_once(':') {
            // Where a word of a line stands in it.
            let end = word.as_ptr() as usize - line.as_ptr() as usize + word.len();
            found.push((end - password.len(), end));
        }
        is_behind = word.eq_ignore_ascii_case("allow");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        grammar::Source::new("", text).masked(&secrets(text)).text().to_owned()
    }

    #[test]
    fn what_stands_behind_the_name_of_a_secret_is_one() {
        let cases = [
            ("with { password \"hello\" }", "with { password ******* }"),
            ("{ token: \"a b\", x: 1", "{ token: *****, x: 1"),
            ("api_key = 'abc' then", "api_key = ***** then"),
            ("password \"never closed then alert\nnext", "password ************************\nnext"),
            ("password: \"hid\\\"den\" } then", "password: ********** } then"),
            ("username u password secret then alert", "username u password ****** then alert"),
            ("username \"u password \"secret\" then", "username \"u password ******** then"),
            ("{ secret: abc}", "{ secret: ***}"),
            ("password:\n  \"x\"\nnext", "password:\n  ***\nnext"),
            ("get https://u:pa@ss@host/x?a=b@c \"y\"", "get https://u:*****@host/x?a=b@c \"y\""),
            ("allow admin:monit read-only", "allow admin:***** read-only"),
            ("Paßwort password: \"ä\u{1f511}\"", "Paßwort password: ********"),
        ];
        for (text, shown) in cases {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn what_is_none_is_left() {
        for text in [
            "password",
            "password:\nx",
            "username u password then alert",
            "the key is under the mat",
            "if content = \"missing key\" then alrt",
            "\"no token\" and content = \"x\" thn",
            "path \"/etc/id_key\"\nif",
            "# password with \"care\"",
            "get http://host:80/a@b",
            "allow localhost",
            "password \"%PASS%\"",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn only_what_is_quoted_of_the_text_around_is_concealed() {
        let text = format!("password \"hidden\" x\n{}password \"farther\"", "y\n".repeat(200));
        let secrets = secrets(&text);
        let mut finding =
            Finding::error("syntax-error", Span::new(18, 19), "hidden: found `\"hidden\"`, not `farther`")
                .note("write `x hidden y`");
        conceal(&mut finding, &text, &secrets);
        assert_eq!(finding.headline, "hidden: found `\"******\"`, not `farther`");
        assert_eq!(finding.notes, ["write `x ****** y`"]);
    }
}
