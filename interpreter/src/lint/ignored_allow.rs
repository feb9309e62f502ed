//! `ignored-allow`: what is said about the door and does not count.

use grammar::{Finding, Spanned};

use super::Entry;

const NAME: &str = "ignored-allow";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "an `allow` that lets nobody in", include_str!("ignored_allow.md"));

/// The finding about a text that names no host and no network.
pub(crate) fn no_place(host: &Spanned<String>) -> Finding {
    Finding::warning(NAME, host.span, format!("`{}` is neither a host nor a network", host.node))
        .here("so this lets nobody in")
        .help("write a name, an address, or a network such as `10.0.0.0/8`")
}

/// The finding about somebody who was let in before.
pub(crate) fn twice(written: &Spanned<String>, name: &str) -> Finding {
    Finding::warning(NAME, written.span, format!("`{name}` was let in before"))
        .here("so this changes nothing: the first one counts")
}

/// The finding about a file without users.
pub(crate) fn no_users(path: &Spanned<String>) -> Finding {
    Finding::warning(NAME, path.span, format!("there are no users in {}", path.node))
        .here("so this lets nobody in")
        .help("write a line for each user in it: the name, a colon, the password")
}

/// The finding about a user that a file does not have.
pub(crate) fn no_user(user: &Spanned<String>, path: &Spanned<String>) -> Finding {
    Finding::warning(NAME, user.span, format!("there is no user `{}` in {}", user.node, path.node))
        .here("so this lets nobody in")
}

/// The finding about an address that another one replaces.
pub(crate) fn address(first: &Spanned<String>, second: &Spanned<String>) -> Finding {
    Finding::warning(NAME, first.span, format!("nothing listens on {}", first.node))
        .here("this is replaced below")
        .also(second.span, "only the last address counts")
}
