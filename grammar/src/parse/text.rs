//! Texts and words: quotes taken off, escapes decoded.

use pest::iterators::Pair;

use super::{Builder, Rule, span};
use crate::{Dialect, Finding, Spanned};

/// Words that Monit reserves everywhere, so that they need quotes in the place of a text.
const RESERVED: &[&str] = &[
    "active",
    "address",
    "alert",
    "allow",
    "basedir",
    "byte",
    "b",
    "certificate",
    "changed",
    "check",
    "checksum",
    "child",
    "children",
    "content",
    "core",
    "count",
    "cpu",
    "cycle",
    "cycles",
    "daemon",
    "data",
    "database",
    "default",
    "delay",
    "disk",
    "dns",
    "down",
    "else",
    "exec",
    "exist",
    "expect",
    "failed",
    "fips",
    "free",
    "ftp",
    "get",
    "gid",
    "gps",
    "head",
    "host",
    "hostname",
    "http",
    "https",
    "icmp",
    "if",
    "imap",
    "init",
    "inode",
    "instance",
    "invalid",
    "limits",
    "link",
    "log",
    "match",
    "mem",
    "memory",
    "method",
    "mode",
    "mqtt",
    "mysql",
    "not",
    "ntp3",
    "origin",
    "packet",
    "passive",
    "password",
    "path",
    "perm",
    "permission",
    "pgsql",
    "pid",
    "pidfile",
    "ping",
    "pop",
    "port",
    "process",
    "proto",
    "protocol",
    "radius",
    "read",
    "redis",
    "register",
    "repeat",
    "request",
    "resource",
    "restart",
    "retry",
    "rsync",
    "s",
    "m",
    "h",
    "secret",
    "send",
    "set",
    "sip",
    "size",
    "slot",
    "slots",
    "smtp",
    "space",
    "ssh",
    "ssl",
    "start",
    "status",
    "stop",
    "swap",
    "syslog",
    "system",
    "tcp",
    "then",
    "time",
    "timeout",
    "timestamp",
    "tls",
    "total",
    "type",
    "udp",
    "uid",
    "unix",
    "up",
    "upload",
    "uptime",
    "url",
    "username",
    "version",
    "write",
];

impl Builder {
    /// A text in the place of a string: reserved words need quotes in `monit`.
    pub(super) fn text(&mut self, pair: Pair<'_, Rule>) -> Spanned<String> {
        let at = span(&pair);
        let word = at.with(self.plain(&pair));
        let bare = !pair.as_str().starts_with(['"', '\'']);
        if bare && self.dialect == Dialect::Monit {
            let number = word.node.bytes().all(|byte| byte.is_ascii_digit());
            if number || RESERVED.contains(&word.node.to_ascii_lowercase().as_str()) {
                let what = if number { "a number" } else { "a reserved word" };
                let headline = format!("`{}` is {what}; as a text it needs quotes", word.node);
                let finding = Finding::error("reserved-word", at, headline);
                self.findings.push(finding.fix("put it in quotes", at, format!("\"{}\"", word.node), true));
            }
        }
        word
    }

    /// A name, where no word is reserved.
    pub(super) fn name(&mut self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        span(pair).with(self.plain(pair))
    }

    fn plain(&self, pair: &Pair<'_, Rule>) -> String {
        unquote(pair.as_str().trim_end(), self.dialect)
    }
}

/// What a written text says.
pub(super) fn unquote(written: &str, dialect: Dialect) -> String {
    let Some(quote) = written.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        return written.to_string();
    };
    match dialect {
        // Monit strips all quotes of either kind and all blanks from both ends, again and again.
        Dialect::Monit => {
            unescape(written.trim_matches(|c: char| matches!(c, '"' | '\'') || c.is_ascii_whitespace()), None)
        }
        Dialect::Rules => {
            let inner = written.strip_prefix(quote).unwrap_or(written);
            unescape(inner.strip_suffix(quote).unwrap_or(inner), Some(quote))
        }
    }
}

/// Decodes `\n \t \r \\ \0xHH` and a blank behind a backslash; any other backslash stays, so that patterns are natural.
fn unescape(text: &str, quote: Option<char>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut letters = behind.chars();
        let decoded = match letters.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some(' ') => Some(' '),
            Some('\\') => Some('\\'),
            Some(letter) if Some(letter) == quote => Some(letter),
            _ => None,
        };
        let byte =
            behind.strip_prefix("0x").and_then(|hex| hex.get(..2)).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = match (decoded, byte) {
            (Some(letter), _) => {
                plain.push(letter);
                letters.as_str()
            }
            (None, Some(byte)) if byte != 0 && byte < 0x80 => {
                plain.push(char::from(byte));
                behind.get(4..).unwrap_or_default()
            }
            _ => {
                plain.push('\\');
                behind
            }
        };
    }
    plain.push_str(rest);
    plain
}
