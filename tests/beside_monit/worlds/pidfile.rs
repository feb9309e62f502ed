//! What stands in the place of a pid file.

use super::super::world::{Change, World};

use Change::{Folder, Kill, Link, Pipe, Remove, Run, Write};

/// Nothing is known of the process but what its pid file says.
const RULES: &str = "\
    check process a with pidfile {here}/a.pid\n\
        if not exist then alert";

/// There is nothing in it.
pub(in super::super) fn is_empty() -> World {
    World::of(
        RULES,
        &[
            (&[Write("a.pid", "")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// There is nothing in it that can be seen.
pub(in super::super) fn holds_blanks() -> World {
    World::of(
        RULES,
        &[(&[Write("a.pid", " \n\t\n")], &["a nonexist failed alert"]), (&[Run("a")], &["a nonexist succeeded alert"])],
    )
}

/// The number 0 is nobody's.
pub(in super::super) fn holds_zero() -> World {
    World::of(
        RULES,
        &[(&[Write("a.pid", "0\n")], &["a nonexist failed alert"]), (&[Run("a")], &["a nonexist succeeded alert"])],
    )
}

/// The number of a group, for kill(2).
pub(in super::super) fn holds_a_negative_number() -> World {
    World::of(
        RULES,
        &[
            (&[Run("b"), Write("a.pid", "-{pid b}\n")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
        ],
    )
}

/// No number of a process is so large.
pub(in super::super) fn holds_a_huge_number() -> World {
    World::of(
        RULES,
        &[
            (&[Write("a.pid", "99999999999999999999\n")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
        ],
    )
}

/// The number counts.
pub(in super::super) fn holds_a_number_and_letters() -> World {
    World::of(
        RULES,
        &[(&[Run("b"), Write("a.pid", "{pid b}x\n")], &[]), (&[], &[]), (&[Kill("b")], &["a nonexist failed alert"])],
    )
}

/// What stands before the point counts.
pub(in super::super) fn holds_a_fraction() -> World {
    World::of(RULES, &[(&[Run("b"), Write("a.pid", "{pid b}.5\n")], &[]), (&[Kill("b")], &["a nonexist failed alert"])])
}

/// The number counts.
pub(in super::super) fn holds_a_number_with_a_sign() -> World {
    World::of(RULES, &[(&[Run("b"), Write("a.pid", "+{pid b}\n")], &[]), (&[Kill("b")], &["a nonexist failed alert"])])
}

/// The first line counts.
pub(in super::super) fn holds_more_lines() -> World {
    World::of(
        RULES,
        &[
            (&[Run("b"), Write("a.pid", "\n  {pid b}\n/var/lib/data\n5432\n")], &[]),
            (&[Kill("b")], &["a nonexist failed alert"]),
        ],
    )
}

/// Nobody can read a folder.
pub(in super::super) fn is_a_folder() -> World {
    World::of(
        RULES,
        &[
            (&[Folder("a.pid")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Remove("a.pid"), Run("a")], &["a nonexist succeeded alert"]),
        ],
    )
}

/// Nobody writes into it, and nobody waits for that.
pub(in super::super) fn is_a_pipe() -> World {
    World::of(
        RULES,
        &[
            (&[Pipe("a.pid")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Remove("a.pid"), Run("a")], &["a nonexist succeeded alert"]),
        ],
    )
}

/// It cannot be opened.
pub(in super::super) fn leads_to_itself() -> World {
    World::of(
        RULES,
        &[
            (&[Link("a.pid", "a.pid")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Remove("a.pid"), Run("a")], &["a nonexist succeeded alert"]),
        ],
    )
}

/// It stands elsewhere.
pub(in super::super) fn is_a_link() -> World {
    World::of(
        RULES,
        &[(&[Run("b"), Link("a.pid", "b.pid")], &[]), (&[], &[]), (&[Kill("b")], &["a nonexist failed alert"])],
    )
}
