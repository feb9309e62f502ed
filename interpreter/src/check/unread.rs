//! Passwords in text that could not be read: nobody knows what stands there, but everybody sees the picture of it.

use grammar::{Finding, Span};

use crate::lint::plain_password;

/// Secrets shorter than this are left in sentences: they are words that stand there for another reason.
const SHOWN_BYTES_MAX: usize = 3;

const RESERVED: &str = "reserved-word";

/// Where secrets seem to stand, by the words before them: behind `password` and names like it, behind the user of `allow`, and in
/// addresses. Whoever sees stars where no secret is loses little.
pub(super) fn secrets(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let found = named(line).into_iter().chain(logins(line)).chain(of_users(line));
        // What is to be filled in is none yet.
        let found = found.filter(|(from, to)| plain_password::is_one(line[*from..*to].trim_matches(['"', '\''])));
        spans.extend(found.map(|(from, to)| Span::new(start + from, start + to)));
        start += line.len();
    }
    spans
}

/// Takes secrets out of what is said.
pub(super) fn conceal(finding: &mut Finding, secrets: &[&str]) {
    // What it names is a word of the language.
    if finding.name == RESERVED {
        return;
    }
    for text in finding.sentences_mut() {
        for secret in secrets.iter().filter(|secret| secret.len() > SHOWN_BYTES_MAX) {
            if text.contains(secret) {
                *text = text.replace(secret, &"*".repeat(secret.len()));
            }
        }
    }
}

/// The values behind names that secrets have.
fn named(line: &str) -> Vec<(usize, usize)> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(begin) = line[at..].find(is_part).map(|begin| at + begin) {
        let end = line[begin..].find(|letter| !is_part(letter)).map_or(line.len(), |length| begin + length);
        at = end;
        if !super::plugin::may_be_secret(&line[begin..end]) {
            continue;
        }
        let rest = line[end..].trim_start_matches([' ', '\t']);
        let is_given = rest.starts_with([':', '=']);
        let rest = rest.trim_start_matches([':', '=', ' ', '\t']);
        let from = line.len() - rest.len();
        let length = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                rest[1..].find([quote, '\n']).map_or(rest.len(), |length| length + 2).min(rest.trim_end().len())
            }
            Some(_) if is_given || line[begin..end].eq_ignore_ascii_case("password") => {
                rest.find(|letter: char| letter.is_whitespace() || ",})]".contains(letter)).unwrap_or(rest.len())
            }
            _ => 0,
        };
        if length > 0 {
            found.push((from, from + length));
            at = from + length;
        }
    }
    found
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
            ("username u password secret then alert", "username u password ****** then alert"),
            ("{ secret: abc}", "{ secret: ***}"),
            // Nothing stands there.
            ("password", "password"),
            ("password:\n\"x\"", "password:\n\"x\""),
            ("the key is under the mat", "the key is under the mat"),
            ("get https://u:pa@ss@host/x?a=b@c \"y\"", "get https://u:*****@host/x?a=b@c \"y\""),
            ("get http://host:80/a@b", "get http://host:80/a@b"),
            ("allow admin:monit read-only", "allow admin:***** read-only"),
            ("allow localhost", "allow localhost"),
            ("Paßwort password: \"ä\u{1f511}\"", "Paßwort password: ********"),
        ];
        for (text, shown) in cases {
            assert_eq!(masked(text), shown);
        }
    }
}
