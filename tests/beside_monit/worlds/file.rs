//! Files: they come and go, and change in every way.

use super::super::world::{Change::*, World};

/// And shrinks again.
pub(in super::super) fn grows() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
        ],
    )
}

/// The bits are compared as a whole.
pub(in super::super) fn changes_its_mode() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if failed permission 640 then alert",
        &[
            (&[Write("a", "few"), Mode("a", 0o640)], &[]),
            (&[Mode("a", 0o644)], &[]),
            (&[], &[]),
            (&[Mode("a", 0o600)], &[]),
            (&[Mode("a", 0o640)], &[]),
            (&[], &[]),
            (&[Mode("a", 0o4640)], &[]),
        ],
    )
}

/// Nobody wrote a rule: a restart is told, although nobody can do it.
pub(in super::super) fn comes_and_goes() -> World {
    World::of(
        "check file a with path {here}/a",
        &[
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Remove("a")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// Age counts, of the content and of the inode.
pub(in super::super) fn is_old() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if mtime > 1 hour then alert\n\
                if timestamp > 1 hour then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Age("a", 7200)], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// Both are judged, in an order of their own.
pub(in super::super) fn has_two_limits() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
                if size < 100 B then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// The rule about existence takes the place of the one about absence.
pub(in super::super) fn should_not_be() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if exist then alert",
        &[
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Remove("a")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
        ],
    )
}

/// It is there, but it is no file.
pub(in super::super) fn becomes_a_folder() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if not exist then alert\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "many, many letters")], &[]),
            (&[Remove("a"), Folder("a")], &[]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// By number.
pub(in super::super) fn has_an_owner() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if failed uid 0 then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Owner("a", 12345)], &[]),
            (&[], &[]),
            (&[Owner("a", 0)], &[]),
            (&[], &[]),
        ],
    )
}

/// By number.
pub(in super::super) fn has_a_group() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if failed gid 0 then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Group("a", 12345)], &[]),
            (&[], &[]),
            (&[Group("a", 0)], &[]),
            (&[], &[]),
        ],
    )
}

/// The letters `few` have this one.
pub(in super::super) fn has_a_checksum() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if failed checksum expect 7c3daa31f887c333291d5cf04e541db5 then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Remove("a")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// Each change is one event.
pub(in super::super) fn changes_its_checksum() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed checksum then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "other, other letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// Each change is one event.
pub(in super::super) fn changes_its_size() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed size then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Append("a", "more")], &[]),
            (&[Write("a", "wef")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// Each change is one event.
pub(in super::super) fn changes_its_time() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed mtime then alert",
        &[
            (&[Write("a", "few"), Age("a", 7200)], &[]),
            (&[Age("a", 3600)], &[]),
            (&[], &[]),
            (&[Age("a", 7200)], &[]),
            (&[], &[]),
        ],
    )
}

/// Each change is one event.
pub(in super::super) fn changes_its_mode_at_all() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed permission then alert",
        &[
            (&[Write("a", "few"), Mode("a", 0o640)], &[]),
            (&[Mode("a", 0o644)], &[]),
            (&[], &[]),
            (&[Mode("a", 0o640)], &[]),
            (&[], &[]),
        ],
    )
}

/// Only what was added since is read, line by line.
pub(in super::super) fn has_content() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if content = \"error\" then alert",
        &[
            (&[Write("a", "error 0\n")], &[]),
            (&[], &[]),
            (&[Append("a", "error 1\n")], &[]),
            (&[], &[]),
            (&[Append("a", "error 2\nfine\nerror 3\n")], &[]),
            (&[Append("a", "error")], &[]),
            (&[Append("a", " 4\n")], &[]),
            (&[], &[]),
        ],
    )
}

/// The lines that do not match are the news.
pub(in super::super) fn lacks_content() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if content != \"fine\" then alert",
        &[
            (&[Write("a", "error 0\n")], &[]),
            (&[], &[]),
            (&[Append("a", "error 1\nfine\n")], &[]),
            (&[Append("a", "fine\n")], &[]),
            (&[], &[]),
        ],
    )
}

/// Another file of this name is read from its beginning, and a shorter one too.
pub(in super::super) fn is_rotated() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if content = \"error\" then alert",
        &[
            (&[Write("a", "error 0\n")], &[]),
            (&[Replace("a", "error 1\n")], &[]),
            (&[], &[]),
            (&[Write("a", "error\n")], &[]),
            (&[], &[]),
        ],
    )
}
