//! The program itself is started again in the middle.

use super::super::world::Change::*;
use super::super::world::World;

/// What was written to it meanwhile.
pub(in super::super) fn follows_a_file() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if match \"bad\" then alert",
        &[
            (&[Write("a", "bad\n")], &[]),
            (&[Append("a", "bad 1\n")], &["a content changed alert"]),
            (&[Again, Append("a", "bad 2\n")], &["a content changed alert"]),
            (&[], &[]),
            (&[Again], &[]),
        ],
    )
}

/// All of it, while nobody looks.
pub(in super::super) fn file_changes() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed size then alert\n\
                if changed permission then alert\n\
                if changed mtime then alert\n\
            check file b with path {here}/a\n\
                if changed checksum then alert\n\
            check file c with path {here}/a\n\
                if failed checksum then alert",
        &[
            (&[Write("a", "one\n"), Age("a", 600)], &[]),
            (&[], &[]),
            (&[Again], &[]),
            (
                &[Again, Write("a", "three\n"), Age("a", 300), Mode("a", 0o600)],
                &["a permission changed alert", "a size changed alert", "a timestamp changed alert"],
            ),
            (&[], &[]),
        ],
    )
}

/// The same of a folder and of a pipe.
pub(in super::super) fn folder_changes() -> World {
    World::of(
        "\
            check directory a with path {here}/a\n\
                if changed mtime then alert\n\
                if changed permission then alert\n\
            check fifo b with path {here}/b\n\
                if changed mtime then alert\n\
                if changed permission then alert",
        &[
            (&[Folder("a"), Age("a", 600), Pipe("b")], &[]),
            (&[], &[]),
            (
                &[Again, Age("a", 300), Mode("a", 0o700), Mode("b", 0o640)],
                &["a permission changed alert", "a timestamp changed alert", "b permission changed alert"],
            ),
            (&[], &[]),
        ],
    )
}

/// Another process, and another status.
pub(in super::super) fn process_changes() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if changed pid then alert\n\
            check program b with path {here}/program\n\
                if changed status then alert",
        &[
            (&[Run("a"), Write("status", "0")], &[]),
            (&[], &[]),
            (&[Again, Run("a"), Write("status", "1")], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// It was told before.
pub(in super::super) fn fault_lasts() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 2 B then alert\n\
                if not exist then alert",
        &[
            (&[Write("a", "long\n")], &["a size failed alert"]),
            (&[Again], &["a size failed alert"]),
            (&[Again, Write("a", "")], &[]),
            (&[Remove("a")], &["a nonexist failed alert"]),
            (&[Again, Write("a", "")], &[]),
        ],
    )
}

/// And stays so. Only what is to be as it was before is watched as it was: Monit takes many a start for one of the
/// machine, because it knows that only to a second.
pub(in super::super) fn rule_unwatches() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                onreboot laststate\n\
                if size > 2 B then unmonitor\n\
            check file b with path {here}/a\n\
                onreboot nostart\n\
                if size > 2 B then unmonitor",
        &[(&[Write("a", "long\n")], &["a size failed unmonitor"]), (&[Again], &[]), (&[], &[])],
    )
}

/// Counted across both.
pub(in super::super) fn restarts_are_counted() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                if not exist then restart\n\
                if 2 restarts within 6 cycles then unmonitor",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[Again], &["a timeout failed unmonitor"]),
            (&[Kill("a")], &[]),
            (&[], &[]),
        ],
    )
}
