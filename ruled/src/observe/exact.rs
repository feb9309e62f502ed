//! What another program saw of a file, made as exact as ruled sees it, where the file is still the one that was seen.

use std::fs;

use grammar::ast::TimestampKind;
use interpreter::durable::{Kept, KeptValue};
use interpreter::program::Target;

use super::{file, lines};

/// The words for times among what is kept.
const TIMES: [(&str, TimestampKind); 4] = [
    ("timestamp", TimestampKind::Any),
    ("atime", TimestampKind::Access),
    ("ctime", TimestampKind::Change),
    ("mtime", TimestampKind::Modify),
];

/// Adds the text by which a file is known, and the fractions of its times. What changed meanwhile stays as it was seen, so
/// that the first look finds the change.
pub fn refine(target: &Target, kept: &mut Kept) {
    let (Target::File(path) | Target::Directory(path) | Target::Fifo(path)) = target else { return };
    if let (Target::File(_), Some(position)) = (target, &mut kept.position)
        && let Some(fingerprint) = lines::fingerprint_of(path, position.inode, position.offset_bytes)
    {
        position.fingerprint = fingerprint;
    }
    let Ok(metadata) = fs::metadata(path) else { return };
    for (word, which) in TIMES {
        let now_us = file::stamp(which, &metadata).0.cast_unsigned();
        if let Some(KeptValue::Number(seen_us)) = kept.marks.get_mut(word)
            && *seen_us / 1_000_000 == now_us / 1_000_000
        {
            *seen_us = now_us;
        }
    }
}
