//! What rules and people have done, beside modes, schedules and limits.

use super::super::world::{Change::*, World};

/// A start by a rule is no restart.
pub(in super::super) fn is_started_by_a_rule() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                start program = \"{here}/note started\"\n\
                if not exist then start",
        &[
            (&[Write("a", "few")], &[]),
            (&[Remove("a")], &["a nonexist failed start"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// What people ask for is done all the same.
pub(in super::super) fn is_passive_and_asked() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                mode passive",
        &[
            (&[], &["a nonexist failed alert"]),
            (&[Ask("start a")], &["a action changed alert", "a nonexist succeeded alert"]),
            (&[], &[]),
            (&[Ask("restart a")], &["a action changed alert"]),
            (&[], &[]),
            (&[Ask("stop a")], &["a action changed alert"]),
            (&[], &[]),
        ],
    )
}

/// A rule may still leave it unwatched, and run a program.
pub(in super::super) fn is_passive_and_unwatched_by_a_rule() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                mode passive\n\
                if size > 10 B then unmonitor\n\
            check file b with path {here}/b\n\
                mode passive\n\
                start program = \"{here}/note started\"\n\
                stop program = \"{here}/note stopped\"\n\
                if size > 10 B then stop\n\
                if size > 20 B then start\n\
                if size > 30 B then restart",
        &[
            (&[Write("a", "few"), Write("b", "few")], &[]),
            (
                &[Write("a", "many, many letters"), Write("b", "many, many letters, and many more of them")],
                &["a size failed unmonitor", "b size failed alert", "b size failed alert", "b size failed alert"],
            ),
            (&[], &[]),
            (&[Write("b", "few")], &["b size succeeded alert", "b size succeeded alert", "b size succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// Whoever is to be watched needs others to be watched.
pub(in super::super) fn is_watched_by_hand_with_what_it_needs() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                onreboot nostart\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                onreboot nostart\n\
                if size > 10 B then alert\n\
                depends on a\n\
            check file c with path {here}/c\n\
                onreboot nostart\n\
                if size > 10 B then alert\n\
                depends on b",
        &[
            (&[Write("a", "few"), Write("b", "few"), Write("c", "many, many letters")], &[]),
            (&[], &[]),
            (&[Ask("monitor c")], &["c action changed alert", "c size failed alert"]),
            (&[], &[]),
            (&[Write("b", "many, many letters")], &["b size failed alert"]),
        ],
    )
}

/// There is nothing to be done, and the event says what would be.
pub(in super::super) fn is_restarted_without_programs() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then restart\n\
                if 2 restarts within 9 cycles then alert\n\
            check file b with path {here}/b\n\
                if size > 10 B then start",
        &[
            (&[Write("a", "few"), Write("b", "few")], &[]),
            (
                &[Write("a", "many, many letters"), Write("b", "many, many letters")],
                &["a size failed restart", "b size failed start"],
            ),
            (&[], &[]),
            (&[], &["a timeout failed alert"]),
            (&[Write("a", "few"), Write("b", "few")], &["a size succeeded alert", "b size succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// What people ask for does not count towards a limit.
pub(in super::super) fn is_restarted_by_hand_beside_a_limit() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                if not exist then alert\n\
                if 1 restarts within 9 cycles then unmonitor",
        &[
            (&[Start("a")], &[]),
            (&[Ask("restart a")], &["a action changed alert"]),
            (&[], &[]),
            (&[Ask("restart a")], &["a action changed alert"]),
            (&[], &[]),
        ],
    )
}

/// People need not wait for its turn.
pub(in super::super) fn is_asked_out_of_turn() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                every 3 cycles\n\
                if not exist then alert",
        &[
            (&[Start("a")], &[]),
            (&[Ask("restart a")], &["a action changed alert"]),
            (&[Ask("stop a")], &["a action changed alert"]),
            (&[], &[]),
            (&[Ask("start a")], &["a action changed alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// How many there are is told.
pub(in super::super) fn has_too_many_children() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                if not exist then alert\n\
                if children < 5 then alert",
        &[(&[Start("a")], &["a resource failed alert"]), (&[], &[]), (&[], &[])],
    )
}
