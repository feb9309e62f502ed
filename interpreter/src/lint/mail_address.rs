//! `mail-address`: a sender that nobody can answer, or none.

use grammar::{Finding, Span};

use super::Entry;
use crate::program::MailAddress;

const NAME: &str = "mail-address";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a sender that is no mail address", include_str!("mail_address.md"));

/// What stands in no mail address.
const STRANGE: [char; 12] = ['<', '>', '[', ']', '(', ')', ',', ';', ':', '"', '\'', '\\'];

/// Whether mail can go there; variables may stand in it.
pub(crate) fn can_be_written_to(address: &str) -> bool {
    let is_plain = |part: &str| {
        let odd = |char: char| char.is_whitespace() || char.is_control() || char == '@' || STRANGE.contains(&char);
        !part.is_empty() && !part.contains(odd)
    };
    address.split_once('@').is_some_and(|(owner, domain)| is_plain(owner) && is_plain(domain))
}

/// The finding about a text without an address.
pub(crate) fn missing(span: Span) -> Finding {
    Finding::error(NAME, span, "this names no mail address")
        .here("a mail needs a sender")
        .help("write `somebody@example.com`, or `Some Body <somebody@example.com>`")
}

/// The finding about an address that is odd; `meant` is what the author may have meant.
pub(crate) fn finding(span: Span, found: &MailAddress, meant: Option<&MailAddress>) -> Finding {
    let headline = match &found.name {
        Some(name) => format!("this is the address `{}` of somebody named `{name}`", found.address),
        None => format!("this is the address `{}`", found.address),
    };
    let finding = Finding::warning(NAME, span, headline).here("every word in this line counts");
    match meant {
        Some(MailAddress { name: Some(name), address }) => finding.help(format!("write `{name} <{address}>`")),
        Some(MailAddress { name: None, address }) => finding.help(format!("write `{address}` alone in this line")),
        None => finding.help("write `somebody@example.com`, or `Some Body <somebody@example.com>`"),
    }
}
