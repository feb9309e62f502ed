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
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
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
            (&[Mode("a", 0o644)], &["a permission failed alert"]),
            (&[], &[]),
            (&[Mode("a", 0o600)], &[]),
            (&[Mode("a", 0o640)], &["a permission succeeded alert"]),
            (&[], &[]),
            (&[Mode("a", 0o4640)], &["a permission failed alert"]),
        ],
    )
}

/// Nobody wrote a rule: a restart is told, although nobody can do it.
pub(in super::super) fn comes_and_goes() -> World {
    World::of(
        "check file a with path {here}/a",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[Write("a", "few")], &["a nonexist succeeded alert"]),
            (&[], &[]),
            (&[Remove("a")], &["a nonexist failed restart"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a nonexist succeeded alert"]),
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
            (&[Age("a", 7200)], &["a timestamp failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a timestamp succeeded alert"]),
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
            (&[Write("a", "few")], &["a size failed alert"]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
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
            (&[Write("a", "few")], &["a exist failed alert"]),
            (&[], &[]),
            (&[Remove("a")], &["a exist succeeded alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a exist failed alert"]),
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
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Remove("a"), Folder("a")], &["a invalid failed restart"]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &["a invalid succeeded alert", "a size succeeded alert"]),
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
            (&[Owner("a", 12345)], &["a uid failed alert"]),
            (&[], &[]),
            (&[Owner("a", 0)], &["a uid succeeded alert"]),
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
            (&[Group("a", 12345)], &["a gid failed alert"]),
            (&[], &[]),
            (&[Group("a", 0)], &["a gid succeeded alert"]),
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
            (&[Write("a", "many, many letters")], &["a checksum failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a checksum succeeded alert"]),
            (&[], &[]),
            (&[Remove("a")], &["a nonexist failed restart"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a nonexist succeeded alert"]),
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
            (&[Write("a", "many, many letters")], &["a checksum changed alert"]),
            (&[], &[]),
            (&[Write("a", "other, other letters")], &["a checksum changed alert"]),
            (&[Write("a", "few")], &["a checksum changed alert"]),
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
            (&[Write("a", "many, many letters")], &["a size changed alert"]),
            (&[], &[]),
            (&[Append("a", "more")], &["a size changed alert"]),
            (&[Write("a", "wef")], &["a size changed alert"]),
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
            (&[Age("a", 3600)], &["a timestamp changed alert"]),
            (&[], &[]),
            (&[Age("a", 7200)], &["a timestamp changed alert"]),
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
            (&[Mode("a", 0o644)], &["a permission changed alert"]),
            (&[], &[]),
            (&[Mode("a", 0o640)], &["a permission changed alert"]),
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
            (&[Append("a", "error 1\n")], &["a content changed alert"]),
            (&[], &[]),
            (&[Append("a", "error 2\nfine\nerror 3\n")], &["a content changed alert"]),
            (&[Append("a", "error")], &[]),
            (&[Append("a", " 4\n")], &["a content changed alert"]),
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
            (&[Append("a", "error 1\nfine\n")], &["a content changed alert"]),
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
            (&[Replace("a", "error 1\n")], &["a content changed alert"]),
            (&[], &[]),
            (&[Write("a", "error\n")], &["a content changed alert"]),
            (&[], &[]),
        ],
    )
}

/// What it is at first is the reference.
pub(in super::super) fn has_a_checksum_of_its_own() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if failed checksum then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a checksum failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a checksum succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// What is ignored never matches.
pub(in super::super) fn has_ignored_content() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                ignore content = \"fine\"\n\
                if content = \"error\" then alert",
        &[
            (&[Write("a", "")], &[]),
            (&[Append("a", "error 1\nfine error 2\n")], &["a content changed alert"]),
            (&[Append("a", "fine error 3\n")], &[]),
            (&[Append("a", "error 4\n")], &["a content changed alert"]),
            (&[], &[]),
        ],
    )
}

/// Two cycles one after the other.
pub(in super::super) fn has_content_for_two_cycles() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if content = \"error\" for 2 cycles then alert",
        &[
            (&[Write("a", "")], &[]),
            (&[Append("a", "error 1\n")], &[]),
            (&[], &[]),
            (&[Append("a", "error 2\n")], &[]),
            (&[Append("a", "error 3\n")], &["a content changed alert"]),
            (&[Append("a", "error 4\n")], &["a content changed alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// Each is one event, in the order of the file.
pub(in super::super) fn has_two_patterns() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if content = \"error\" then alert\n\
                if content = \"warning\" then alert",
        &[
            (&[Write("a", "")], &[]),
            (&[Append("a", "warning 1\nerror 2\n")], &["a content changed alert", "a content changed alert"]),
            (&[Append("a", "error, no warning\n")], &["a content changed alert", "a content changed alert"]),
            (&[], &[]),
        ],
    )
}

/// Which one is told first.
pub(in super::super) fn breaks_every_rule() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
                if mtime > 1 hour then alert\n\
                if changed size then alert\n\
                if failed gid 0 then alert\n\
                if failed uid 0 then alert\n\
                if failed permission 640 then alert\n\
                if changed checksum then alert\n\
                if content = \"letters\" then alert",
        &[
            (&[Write("a", "few"), Mode("a", 0o640)], &[]),
            (
                &[Write("a", "many, many letters\n"), Mode("a", 0o600), Owner("a", 1), Group("a", 1), Age("a", 7200)],
                &[
                    "a checksum changed alert",
                    "a permission failed alert",
                    "a uid failed alert",
                    "a gid failed alert",
                    "a size changed alert",
                    "a size failed alert",
                    "a timestamp failed alert",
                    "a content changed alert",
                ],
            ),
            (&[], &[]),
            (
                &[Write("a", "few"), Mode("a", 0o640), Owner("a", 0), Group("a", 0)],
                &[
                    "a checksum changed alert",
                    "a permission succeeded alert",
                    "a uid succeeded alert",
                    "a gid succeeded alert",
                    "a size changed alert",
                    "a size succeeded alert",
                    "a timestamp succeeded alert",
                ],
            ),
            (&[], &[]),
        ],
    )
}

/// It is there, but it is no file.
pub(in super::super) fn is_a_pipe() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert",
        &[
            (&[Pipe("a")], &["a invalid failed restart"]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &["a invalid succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// The second counts on its own.
pub(in super::super) fn has_a_limit_that_counts_beside_one_that_does_not() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 15 B then alert\n\
                if size > 10 B for 3 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[], &[]),
            (&[], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "twelve bytes")], &["a size succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
        ],
    )
}

/// Nothing was there before to compare it with, but its permissions were none.
pub(in super::super) fn comes_late() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if not exist then alert\n\
                if changed permission then alert\n\
                if changed size then alert\n\
                if changed mtime then alert\n\
                if changed checksum then alert",
        &[
            (&[], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a nonexist succeeded alert", "a permission changed alert"]),
            (&[], &[]),
            (&[Mode("a", 0o600)], &["a permission changed alert"]),
            (&[], &[]),
        ],
    )
}

/// A rule restarts what others of its rules still look at.
pub(in super::super) fn is_restarted_by_a_rule() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                start program = \"/bin/true\"\n\
                stop program = \"/bin/true\"\n\
                if size > 10 B then restart\n\
                if failed permission 640 then alert\n\
                if failed uid 0 then alert",
        &[
            (&[Write("a", "few"), Mode("a", 0o640)], &[]),
            (&[Write("a", "many, many letters")], &["a size failed restart"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[], &[]),
        ],
    )
}
