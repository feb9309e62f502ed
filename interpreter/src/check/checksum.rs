//! Checksums as people write them.

use crate::program::HashKind;

/// The digits of a checksum in lower case, with its kind, which must be the one that was written. Everything between the
/// digits is left out, as Monit does.
pub(super) fn digits(written: &str, kind: Option<HashKind>, is_monit: bool) -> Option<(HashKind, String)> {
    let digits: String =
        written.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_lowercase()).collect();
    let found = match digits.len() {
        32 => HashKind::Md5,
        40 => HashKind::Sha1,
        64 if !is_monit => HashKind::Sha256,
        _ => return None,
    };
    kind.is_none_or(|kind| kind == found).then_some((found, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_the_length_and_must_be_the_one_that_was_written() {
        let md5 = "8F:7f:41:99:55:ce:fa:0b:33:a2:ba:31:6c:ba:36:59";
        let digits_only = "8f7f419955cefa0b33a2ba316cba3659".to_owned();
        assert_eq!(digits(md5, None, true), Some((HashKind::Md5, digits_only)));
        assert_eq!(digits(md5, Some(HashKind::Sha1), true), None);
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(digits(sha256, None, false).is_some());
        assert_eq!(digits(sha256, None, true), None);
    }
}
