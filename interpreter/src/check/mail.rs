//! Mail servers, and how mail looks.

use std::time::Duration;

use grammar::Span;
use grammar::ast::{self, MailPartKind};

use super::{Context, length};
use crate::lint;
use crate::program::{MailAddress, MailFormat, MailServer, MailSettings};

/// The port on which mail is handed in.
const MAIL_PORT: u16 = 25;
/// The ports on which encryption begins within the conversation; on others it is there from the start.
const STARTTLS_PORTS: [u16; 2] = [25, 587];

impl Context<'_> {
    /// One server of `set mailserver`.
    pub(super) fn mail_server(&mut self, server: &ast::MailServer) -> Option<MailServer> {
        let port = server.port.as_ref().map_or(Some(MAIL_PORT), |port| self.port(port));
        let starttls = port.filter(|port| STARTTLS_PORTS.contains(port));
        let said = self.tls(server.tls.iter(), starttls, false);
        Some(MailServer {
            host: server.host.node.clone(),
            port: port?,
            username: server.username.as_ref().map(|user| user.node.clone()),
            password: server.password.as_ref().map(|password| password.node.clone()),
            tls: said?.tls,
        })
    }

    /// How long a server may take, where a statement changes it. Monit 5.33 takes the limit for connections where
    /// nothing is said, and takes note of either only when it is longer than what it is used to.
    pub(super) fn mail_timeout(&mut self, written: Option<&ast::Length>) -> Option<Duration> {
        let usual = MailSettings::TIMEOUT;
        let Some(written) = written else {
            return Some(self.limits.network_timeout).filter(|timeout| self.is_monit() && *timeout > usual);
        };
        let timeout = self.timeout(written)?;
        if self.is_monit() && timeout <= usual {
            if timeout < usual {
                self.report(lint::ignored_timeout::finding(written.span, usual));
            }
            return None;
        }
        Some(timeout.max(length::duration(1.0)))
    }

    /// How mail looks. Of a part that is given twice the last one counts.
    pub(super) fn mail_format(&mut self, written: &ast::MailFormat) -> MailFormat {
        let mut format = MailFormat::default();
        for part in &written.parts {
            let text = part.text.node.trim();
            match part.kind {
                MailPartKind::From => format.from = self.mail_address(part.text.span, text).or(format.from),
                MailPartKind::ReplyTo => format.reply_to = self.mail_address(part.text.span, text).or(format.reply_to),
                MailPartKind::Subject => format.subject = Some(text.to_owned()),
                MailPartKind::Message => format.message = Some(text.to_owned()),
            }
        }
        format
    }

    fn mail_address(&mut self, span: Span, text: &str) -> Option<MailAddress> {
        let found = if self.is_monit() { as_monit_reads(text) } else { as_it_is_meant(text) };
        let Some(found) = found else {
            return self.refuse(lint::mail_address::missing(span));
        };
        let meant = as_it_is_meant(text);
        if !lint::mail_address::can_be_written_to(&found.address) || meant.as_ref() != Some(&found) {
            let meant = meant.filter(|meant| lint::mail_address::can_be_written_to(&meant.address));
            self.report(lint::mail_address::finding(span, &found, meant.as_ref()));
        }
        Some(found)
    }
}

/// What stands round an address.
const BRACKETS: [char; 4] = ['<', '>', '[', ']'];

/// Monit cuts the line into words and names and keeps the last of each. A name is what reaches further up to the next
/// `@` or bracket than a word does up to the next blank or bracket, so only a word in front of a blank can begin one.
pub(crate) fn as_monit_reads(text: &str) -> Option<MailAddress> {
    let mut found = MailAddress { name: None, address: String::new() };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = up_to(rest, |char| char.is_whitespace() || BRACKETS.contains(&char));
        let name = up_to(rest, |char| char == '@' || BRACKETS.contains(&char));
        let taken = if BRACKETS.contains(&first) {
            first.len_utf8()
        } else if word.len() >= name.len() {
            found.address = word.to_owned();
            word.len()
        } else {
            let unquoted = name.trim_matches(|char: char| char.is_whitespace() || matches!(char, '"' | '\''));
            if !name.trim().is_empty() {
                found.name = Some(unquoted.to_owned()).filter(|name| !name.is_empty());
            }
            name.len()
        };
        rest = rest.get(taken.max(1)..).unwrap_or_default();
    }
    (!found.address.is_empty()).then_some(found)
}

fn up_to(text: &str, end: impl Fn(char) -> bool) -> &str {
    text.get(..text.find(end).unwrap_or(text.len())).unwrap_or_default()
}

/// The address in brackets or else the first word with an `@`, and the rest as the name.
pub(crate) fn as_it_is_meant(text: &str) -> Option<MailAddress> {
    let (address, name) = match text.find(['<', '[']).and_then(|open| Some((text.get(..open)?, text.get(open + 1..)?)))
    {
        Some((before, behind)) => {
            let address = up_to(behind, |char| matches!(char, '>' | ']'));
            let after = behind.get(address.len() + 1..).unwrap_or_default();
            (address.trim(), if before.trim().is_empty() { after } else { before }.to_owned())
        }
        None => {
            let words = || text.split_whitespace();
            let address =
                words().find(|word| word.contains('@')).or_else(|| words().next().filter(|one| *one == text))?;
            let others: Vec<&str> = words().filter(|word| *word != address).collect();
            (address, others.join(" "))
        }
    };
    let name = name.trim_matches(|char: char| char.is_whitespace() || matches!(char, '"' | '\''));
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    (!address.is_empty()).then(|| MailAddress { name, address: address.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<String>, String)> {
        as_monit_reads(text).map(|found| (found.name, found.address))
    }

    fn parts(name: &str, address: &str) -> Option<(Option<String>, String)> {
        Some((Some(name.to_owned()).filter(|name| !name.is_empty()), address.to_owned()))
    }

    /// Each of them was tried with Monit 5.33.
    #[test]
    fn addresses_are_cut_as_monit_cuts_them() {
        for (text, name, address) in [
            ("x@y", "", "x@y"),
            ("Bob <x@y>", "Bob", "x@y"),
            ("Bob [x@y]", "Bob", "x@y"),
            ("\"Bob B.\" <x@y>", "Bob B.", "x@y"),
            ("Bob<x@y>", "", "x@y"),
            ("Bob < x@y >", "x", "@y"),
            ("Bob <x@y", "Bob", "x@y"),
            ("x@y, Bob", "Bob", "x@y,"),
            ("\"Bob\" x@y", "Bob\" x", "@y"),
            ("'Bob' B <x@y>", "Bob' B", "x@y"),
            ("x@y> z", "z", "x@y"),
            ("Bob <x@y> foo", "foo", "x@y"),
            ("a@b c@d", "c", "@d"),
            ("a b@c d@e f", "f", "@e"),
            ("a@b subject: x", "subject: x", "a@b"),
            ("x@y<z>", "", "z"),
            ("x@y@z", "", "x@y@z"),
            ("Bob> <x@y>", "", "x@y"),
            ("Bob ] x <x@y>", "x", "x@y"),
            ("Bob <x@y> <z@w>", "Bob", "z@w"),
            ("<> x@y", "x", "@y"),
            ("(x@y)", "", "(x@y)"),
            ("q", "", "q"),
        ] {
            assert_eq!(read(text), parts(name, address), "{text}");
        }
        assert_eq!(read("x y z"), parts("", "x y z").filter(|_| false));
    }

    #[test]
    fn a_name_in_front_of_an_address_needs_no_brackets_to_be_meant() {
        let found = as_it_is_meant("Bob B. x@y").unwrap_or_else(|| panic!("an address"));
        assert_eq!((found.name.as_deref(), found.address.as_str()), (Some("Bob B."), "x@y"));
        let found = as_it_is_meant("\"Bob\" <x@y>").unwrap_or_else(|| panic!("an address"));
        assert_eq!((found.name.as_deref(), found.address.as_str()), (Some("Bob"), "x@y"));
        assert_eq!(as_it_is_meant("x y z"), None);
    }
}
