//! Addresses of pages: `https://user:password@host:port/path?query`.

use grammar::source::encode_back;
use grammar::{Severity, Span, Spanned};

use super::Context;
use crate::lint;
use crate::lint::wrong_url::Fault;

/// The port of `http` when none is written.
const HTTP_PORT: u16 = 80;
/// The port of `https` when none is written.
const HTTPS_PORT: u16 = 443;

/// An address with its defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    /// `http` or `https`.
    pub(super) scheme: String,
    /// User and password, decoded.
    pub(super) login: Option<(String, String)>,
    /// Name or address, without brackets.
    pub(super) host: String,
    /// The port.
    pub(super) port: u16,
    /// The path as it is sent.
    pub(super) path: String,
    /// The query as it is sent, without its question mark.
    pub(super) query: Option<String>,
}

impl Url {
    /// Whether the connection is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.scheme == "https"
    }

    /// The path with the query.
    pub(super) fn request(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// The parts of an address as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts<'t> {
    user: Option<&'t str>,
    password: Option<&'t str>,
    host: &'t str,
    port: Option<&'t str>,
    path: &'t str,
    query: Option<&'t str>,
}

impl Context<'_> {
    /// An address; nothing where it cannot be read.
    pub(super) fn url(&mut self, written: &Spanned<String>) -> Option<Url> {
        let text = written.node.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return self.refuse(lint::wrong_url::finding(written.span, Fault::NoScheme));
        };
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return self.refuse(lint::wrong_url::finding(written.span, Fault::Scheme(scheme)));
        }
        let parts = match self.parts(written.span, rest) {
            Ok(parts) => parts,
            Err(fault) => return self.refuse(lint::wrong_url::finding(written.span, fault)),
        };
        let port = match parts.port {
            None if scheme == "https" => HTTPS_PORT,
            None => HTTP_PORT,
            Some(digits) => self.url_port(written.span, digits)?,
        };
        let keep = !self.is_monit();
        Some(Url {
            scheme,
            login: login(&parts),
            host: parts.host.to_owned(),
            port,
            path: if parts.path.is_empty() { "/".to_owned() } else { encoded(parts.path, keep) },
            query: parts.query.map(|query| encoded(query, keep)),
        })
    }

    /// The parts of an address, as the dialect reads them.
    fn parts<'t>(&mut self, span: Span, rest: &'t str) -> Result<Parts<'t>, Fault> {
        let meant = as_it_is_meant(rest);
        if !self.is_monit() {
            return meant;
        }
        match (as_monit_reads(rest), meant) {
            (Some(read), Ok(meant)) if read != meant => {
                self.report(lint::wrong_url::read_otherwise(span, read.host, meant.host));
                Ok(read)
            }
            (Some(read), _) => Ok(read),
            (None, Ok(meant)) => {
                let headline = "Monit refuses this address";
                self.report(lint::not_portable::finding(span, headline, "it cannot tell its parts from each other"));
                Ok(meant)
            }
            (None, Err(fault)) => Err(fault),
        }
    }

    /// The port of an address. Monit takes any number and uses the lower 16 bits.
    fn url_port(&mut self, span: Span, digits: &str) -> Option<u16> {
        let number = digits.parse::<i64>().unwrap_or(i64::MAX);
        if self.is_monit() {
            let number = super::number::wrap(digits);
            return Some(self.lower_bits(span, i64::from(number)));
        }
        let range = 1..=i64::from(u16::MAX);
        let port = u16::try_from(number).ok().filter(|_| range.contains(&number));
        if port.is_none() {
            let dialect = self.dialect;
            self.report(lint::out_of_range::finding(span, Severity::Error, "port", number, &range, dialect));
        }
        port
    }
}

/// Whether there is a password in an address.
pub(crate) fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let parts = as_it_is_meant(rest).ok().or_else(|| as_monit_reads(rest));
    parts.is_some_and(|parts| parts.password.is_some_and(|password| !password.is_empty()))
}

/// User and password, where there are any.
fn login(parts: &Parts<'_>) -> Option<(String, String)> {
    if parts.user.is_none() && parts.password.is_none() {
        return None;
    }
    let part = |part: Option<&str>| decoded(part.unwrap_or_default());
    Some((part(parts.user), part(parts.password)))
}

/// The parts of an address as RFC 3986 has them.
fn as_it_is_meant(rest: &str) -> Result<Parts<'_>, Fault> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, authority),
    };
    let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
        Some(Ok((user, password))) => (Some(user), Some(password)),
        Some(Err(user)) => (Some(user), None),
        None => (None, None),
    };
    let (host, port) = match place.strip_prefix('[').map(|inner| inner.split_once(']')) {
        Some(Some((host, port))) if is_ipv6(host) => (host, port.strip_prefix(':').ok_or(port)),
        Some(_) => return Err(Fault::Host(place.to_owned())),
        None => match place.split_once(':') {
            Some((host, port)) => (host, Ok(port)),
            None => (place, Err("")),
        },
    };
    let port = match port {
        Ok(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port).filter(|port| !port.is_empty()),
        Err("") => None,
        Ok(other) | Err(other) => return Err(Fault::Port(other.to_owned())),
    };
    let fits = |one: char| one.is_alphanumeric() || matches!(one, '-' | '.' | '_' | ':' | '%');
    if host.is_empty() {
        return Err(Fault::NoHost);
    }
    if !host.chars().all(fits) || host.starts_with('.') || host.contains("..") {
        return Err(Fault::Host(host.to_owned()));
    }
    Ok(Parts { user, password, host, port, path, query })
}

/// Whether a text between brackets is an address of IPv6, or its author may have thought so.
fn is_ipv6(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_ipv6_sign)
}

fn is_ipv6_sign(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, ':' | '.' | '%')
}

/// The parts of an address as Monit's scanner finds them: at each place the longest of its patterns counts, and of a
/// part that is found twice the last one. `http://a/b?c=d:e@f` has the host `f`.
fn as_monit_reads(rest: &str) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    let mut left = rest;
    while let Some(first) = left.chars().next() {
        let user = left.find([':', '@']).filter(|at| *at > 0).and_then(|at| Some((at, password(left.get(at..)?)?)));
        let host = host(left);
        let (taken, is_user) = match (first, user) {
            ('/', user) => longest(up_to(left, &['?', '#']), user),
            ('?', user) => longest(up_to(left, &['#']), user),
            ('#', user) => longest(left.len(), user),
            (_, user) => longest(host.map_or(0, |(taken, _)| taken), user),
        };
        let part = left.get(..taken)?;
        match first {
            _ if is_user => parts.user = Some(part),
            '/' => parts.path = part,
            '?' => parts.query = part.get(1..),
            '#' => {}
            ':' => {
                let digits = left.get(1..)?;
                let digits = digits.get(..up_to_other(digits, |one| one.is_ascii_digit()))?;
                let taken = match password(left) {
                    Some(secret) if secret > digits.len() => {
                        parts.password = left.get(1..secret);
                        secret + 1
                    }
                    _ if digits.is_empty() => return None,
                    _ => {
                        parts.port = Some(digits);
                        digits.len() + 1
                    }
                };
                left = left.get(taken..)?;
                continue;
            }
            _ => parts.host = host?.1,
        }
        left = left.get(taken..)?;
    }
    (!parts.host.is_empty()).then_some(parts)
}

/// The longer of a part and a user, whose password belongs to what is compared.
fn longest(part: usize, user: Option<(usize, usize)>) -> (usize, bool) {
    match user {
        Some((user, password)) if user + password + 1 > part => (user, true),
        _ => (part, false),
    }
}

/// Where the `@` behind a colon and a password is.
fn password(text: &str) -> Option<usize> {
    let at = text.strip_prefix(':')?.find('@')? + 1;
    (at > 1).then_some(at)
}

/// How much of the text a host takes, and the host.
fn host(text: &str) -> Option<(usize, &str)> {
    if let Some(inner) = text.strip_prefix('[') {
        let end = inner.find(']')?;
        let host = inner.get(..end)?;
        return is_ipv6(host).then_some((end + 2, host));
    }
    let is_letter = |one: char| one.is_ascii_alphanumeric() || one == '-';
    let mut taken = up_to_other(text, is_letter);
    while taken > 0 {
        let more =
            text.get(taken..).and_then(|rest| rest.strip_prefix('.')).map_or(0, |rest| up_to_other(rest, is_letter));
        if more == 0 {
            break;
        }
        taken += more + 1;
    }
    Some((taken, text.get(..taken)?)).filter(|_| taken > 0)
}

fn up_to(text: &str, ends: &[char]) -> usize {
    text.find(ends).unwrap_or(text.len())
}

fn up_to_other(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|one| !is_part(one)).unwrap_or(text.len())
}

/// What can be sent as path and query: all other bytes as `%XX`. What is encoded already stays so when `keep` says it;
/// Monit encodes its percent signs again.
pub(super) fn encoded(text: &str, keep: bool) -> String {
    let bytes = encode_back(text);
    let mut encoded = String::with_capacity(text.len());
    for (at, byte) in bytes.iter().enumerate() {
        let is_code = keep && bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        match byte {
            b'%' if is_code => encoded.push('%'),
            b'"' | b'#' | b'%' | b'<' | b'>' | b'[' | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                encoded.push_str(&format!("%{byte:02X}"));
            }
            byte if byte.is_ascii_graphic() => encoded.push(char::from(*byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A text without its `%XX`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = (*first == b'%').then(|| behind.get(..2)).flatten();
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> Option<String> {
        as_monit_reads(rest).map(|parts| {
            let query = parts.query.map(|query| format!("?{query}")).unwrap_or_default();
            let login = parts.user.unwrap_or_default().to_owned() + "|" + parts.password.unwrap_or_default();
            format!("{login}|{}|{}|{}{query}", parts.host, parts.port.unwrap_or_default(), parts.path)
        })
    }

    /// Each of them was tried with Monit 5.33.
    #[test]
    fn addresses_are_cut_as_monit_cuts_them() {
        for (rest, parts) in [
            ("foo.bar", "||foo.bar||"),
            ("u:p@foo.bar:8080/a/b?c=d#e", "u|p|foo.bar|8080|/a/b?c=d"),
            ("[::1]:8080", "||::1|8080|"),
            ("u:p@[::1]:80/", "u|p|::1|80|/"),
            (":p@foo.bar/x", "|p|foo.bar||/x"),
            ("u:p:q@foo.bar/x", "u|p:q|foo.bar||/x"),
            ("u:p/q@foo/", "u|p/q|foo||/"),
            ("foo.bar?x=y", "||foo.bar||?x=y"),
            ("foo.bar/a?b?c", "||foo.bar||/a?b?c"),
            ("foo.bar/a#b?c", "||foo.bar||/a"),
            ("foo.bar:80abc/x", "||abc|80|/x"),
            ("foo.bar:80:81/x", "||foo.bar|81|/x"),
            ("[::1]x/", "||x||/"),
            ("u:p@foo.bar/x?y=a:b@c", "foo.bar/x?y=a|b|c||"),
            ("foo/a#x:y@z", "foo/a#x|y|z||"),
            ("foo.bar/x?y=a@c", "||foo.bar||/x?y=a@c"),
            ("foo.bar/x:y", "||foo.bar||/x:y"),
        ] {
            let parts = parts.to_owned();
            let found = read(rest);
            // A user that is found twice is the last one, and so is a password.
            assert_eq!(found, Some(parts), "{rest}");
        }
        for rest in
            ["foo.bar:/x", "u@foo.bar/x", "u:@foo.bar/x", "[::1/x", "::1/x", "foo_bar/x", "a..b/", "./", "a./", ""]
        {
            assert_eq!(read(rest), None, "{rest}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_encoded() {
        assert_eq!(encoded("/a b?%41\"<>|\\^`[]{}é", false), "/a%20b?%2541%22%3C%3E%7C%5C%5E%60%5B%5D%7B%7D%C3%A9");
        assert_eq!(encoded("/a;':@&=+$,~!*()-_.?a/b", false), "/a;':@&=+$,~!*()-_.?a/b");
        assert_eq!(encoded("/%41%zz%", true), "/%41%25zz%25");
        assert_eq!(decoded("pa%20ss%zz%"), "pa ss%zz%");
    }
}
