//! `wrong-checksum`: a checksum of the wrong length.

use grammar::{Dialect, Finding, Spanned};

use super::Entry;
use crate::program::HashKind;

const NAME: &str = "wrong-checksum";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a checksum of the wrong length", include_str!("wrong_checksum.md"));

/// The finding about a text that is no checksum of the kind that is wanted.
pub(crate) fn finding(written: &Spanned<String>, kind: Option<HashKind>, dialect: Dialect) -> Finding {
    let count = written.node.chars().filter(char::is_ascii_hexdigit).count();
    let digits = if count == 1 { "digit" } else { "digits" };
    let wanted = match (kind, dialect) {
        (Some(HashKind::Md5), _) => "an MD5 checksum has 32",
        (Some(HashKind::Sha1), _) => "a SHA-1 checksum has 40",
        (Some(HashKind::Sha256), _) => "a SHA-256 checksum has 64",
        (None, Dialect::Monit) => "MD5 has 32, SHA-1 has 40",
        (None, Dialect::Rules) => "MD5 has 32, SHA-1 has 40, SHA-256 has 64",
    };
    Finding::error(NAME, written.span, "this is no checksum of the kind that is wanted")
        .here(format!("{count} hexadecimal {digits}: {wanted}"))
}
