//! Services that need others: they are looked at after them, and share what is done to them.

use super::super::world::{Change::*, World};

/// What needs another is looked at after it.
pub(in super::super) fn depends_on_another() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
            check process b with pidfile {here}/b.pid\n\
                start program = \"{here}/start b\" with timeout 5 seconds\n\
                stop program = \"{here}/stop b\" with timeout 5 seconds\n\
                depends on a\n\
            check process c with pidfile {here}/c.pid\n\
                start program = \"{here}/start c\" with timeout 5 seconds\n\
                stop program = \"{here}/stop c\" with timeout 5 seconds\n\
                depends on b",
        &[
            (&[], &["a nonexist failed restart", "a nonexist succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[Kill("c")], &["c nonexist failed restart"]),
            (&[], &["c nonexist succeeded alert"]),
            (&[Kill("b")], &["b nonexist failed restart", "b nonexist succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// While the other fails, nothing is said.
pub(in super::super) fn needs_one_that_fails() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                if size > 10 B then alert\n\
                depends on a",
        &[
            (&[Write("a", "few"), Write("b", "few")], &[]),
            (&[Write("a", "many, many letters"), Write("b", "many, many letters")], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert", "b size failed alert"]),
            (&[], &[]),
            (&[Write("b", "few")], &["b size succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// It is not started either.
pub(in super::super) fn needs_one_that_cannot_start() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 1 seconds\n\
                stop program = \"{here}/stop a\" with timeout 1 seconds\n\
            check process b with pidfile {here}/b.pid\n\
                start program = \"{here}/start b\" with timeout 1 seconds\n\
                stop program = \"{here}/stop b\" with timeout 1 seconds\n\
                depends on a",
        &[
            (&[Write("a.lame", "")], &["a nonexist failed restart", "a exec failed alert"]),
            (&[], &[]),
            (&[Remove("a.lame")], &["a exec succeeded alert", "a nonexist succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// The first of three dies.
pub(in super::super) fn is_restarted_with_its_dependants() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
            check process b with pidfile {here}/b.pid\n\
                start program = \"{here}/start b\" with timeout 5 seconds\n\
                stop program = \"{here}/stop b\" with timeout 5 seconds\n\
                depends on a\n\
            check process c with pidfile {here}/c.pid\n\
                start program = \"{here}/start c\" with timeout 5 seconds\n\
                stop program = \"{here}/stop c\" with timeout 5 seconds\n\
                depends on b",
        &[
            (&[Start("a"), Start("b"), Start("c")], &[]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed restart", "a nonexist succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// Those that need it are not watched either.
pub(in super::super) fn is_unwatched_with_its_dependants() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then unmonitor\n\
            check file b with path {here}/b\n\
                if size > 10 B then alert\n\
                depends on a",
        &[
            (&[Write("a", "few"), Write("b", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed unmonitor"]),
            (&[Write("b", "many, many letters")], &[]),
            (&[], &[]),
        ],
    )
}

/// A rule stops the first of three.
pub(in super::super) fn stops_with_its_dependants() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                if memory > 1 B for 3 cycles then stop\n\
            check process b with pidfile {here}/b.pid\n\
                start program = \"{here}/start b\" with timeout 5 seconds\n\
                stop program = \"{here}/stop b\" with timeout 5 seconds\n\
                depends on a\n\
            check process c with pidfile {here}/c.pid\n\
                start program = \"{here}/start c\" with timeout 5 seconds\n\
                stop program = \"{here}/stop c\" with timeout 5 seconds\n\
                depends on b",
        &[
            (&[Start("a"), Start("b"), Start("c")], &[]),
            (&[], &[]),
            (&[], &["a resource failed stop"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// What needs it does not let go.
pub(in super::super) fn cannot_be_stopped_below() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 1 seconds\n\
                stop program = \"{here}/stop a\" with timeout 1 seconds\n\
                if memory > 1 B for 2 cycles then restart\n\
            check process b with pidfile {here}/b.pid\n\
                start program = \"{here}/start b\" with timeout 1 seconds\n\
                stop program = \"{here}/stop b\" with timeout 1 seconds\n\
                depends on a",
        &[
            (&[Start("a"), Start("b"), Write("b.stubborn", "")], &[]),
            (&[], &["a resource failed restart", "b exec failed alert"]),
            (&[], &[]),
            (&[Remove("b.stubborn")], &["b exec succeeded alert", "b exec failed alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// What was written meanwhile is read when the other one is well again.
pub(in super::super) fn is_read_when_another_is_well() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                if content = \"error\" then alert\n\
                depends on a",
        &[
            (&[Write("a", "few"), Write("b", "one\n")], &[]),
            (&[Append("b", "error 1\n")], &["b content changed alert"]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Append("b", "error 2\n")], &[]),
            (&[Append("b", "two\n")], &[]),
            (&[Write("a", "few")], &["a size succeeded alert", "b content changed alert"]),
            (&[], &[]),
        ],
    )
}

/// A fault masks what needs the service, and not what needs that.
pub(in super::super) fn needs_one_that_needs_one_that_fails() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                if size > 10 B then alert\n\
                depends on a\n\
            check file c with path {here}/c\n\
                if size > 10 B then alert\n\
                depends on b",
        &[
            (&[Write("a", "few"), Write("b", "few"), Write("c", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("c", "many, many letters")], &["c size failed alert"]),
            (&[Write("b", "many, many letters")], &[]),
            (&[Write("a", "few")], &["a size succeeded alert", "b size failed alert"]),
            (&[], &[]),
            (&[Write("b", "few")], &["b size succeeded alert"]),
            (&[], &[]),
        ],
    )
}
