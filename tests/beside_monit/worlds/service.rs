//! What holds for every service: modes, groups, schedules, restart limits, and what people ask for.

use super::super::repair::Repair;
use super::super::world::{Change::*, World};

/// What would be done is told as an alert.
pub(in super::super) fn is_passive() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                mode passive\n\
                if memory > 1 B for 2 cycles then exec \"{here}/note big\"",
        &[
            (&[], &["a nonexist failed alert"]),
            (&[Start("a")], &["a nonexist succeeded alert"]),
            (&[], &["a resource failed exec"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[], &[]),
        ],
    )
}

/// From then on nothing is told.
pub(in super::super) fn is_unwatched_by_a_rule() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then unmonitor",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed unmonitor"]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Remove("a")], &[]),
        ],
    )
}

/// It is left to people.
pub(in super::super) fn begins_unwatched() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                onreboot nostart\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Ask("monitor a")], &["a action changed alert", "a size failed alert"]),
            (&[], &[]),
        ],
    )
}

/// All of it are asked at once.
pub(in super::super) fn is_in_a_group() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                group letters\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                group letters\n\
                if size > 10 B then alert\n\
            check file c with path {here}/c\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "few"), Write("b", "few"), Write("c", "few")], &[]),
            (&[Ask("-g letters unmonitor all")], &["a action changed alert", "b action changed alert"]),
            (
                &[Write("a", "many, many letters"), Write("b", "many, many letters"), Write("c", "many, many letters")],
                &["c size failed alert"],
            ),
            (
                &[Ask("-g letters monitor all")],
                &["a action changed alert", "b action changed alert", "a size failed alert", "b size failed alert"],
            ),
            (&[], &[]),
        ],
    )
}

/// After two restarts it is left alone.
pub(in super::super) fn is_restarted_too_often() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                if 2 restarts within 4 cycles then unmonitor",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a timeout failed unmonitor"]),
            (&[Kill("a")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// Between them nothing is seen.
pub(in super::super) fn is_seen_every_second_cycle() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                every 2 cycles\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "few")], &[]),
            (&[], &["a size succeeded alert"]),
        ],
    )
}

/// And watched again.
pub(in super::super) fn is_unwatched_by_hand() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Ask("unmonitor a")], &["a action changed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Ask("monitor a")], &["a action changed alert"]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
        ],
    )
}

/// With those that need it.
pub(in super::super) fn is_restarted_by_hand() -> World {
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
            (&[Ask("restart a")], &["a action changed alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// With those that need it; what is stopped is not watched.
pub(in super::super) fn is_stopped_by_hand() -> World {
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
            (&[Ask("stop b")], &["b action changed alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Ask("start b")], &["b action changed alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// The last of three.
pub(in super::super) fn is_started_with_what_it_needs() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                onreboot nostart\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
            check process b with pidfile {here}/b.pid\n\
                onreboot nostart\n\
                start program = \"{here}/start b\" with timeout 5 seconds\n\
                stop program = \"{here}/stop b\" with timeout 5 seconds\n\
                depends on a\n\
            check process c with pidfile {here}/c.pid\n\
                onreboot nostart\n\
                start program = \"{here}/start c\" with timeout 5 seconds\n\
                stop program = \"{here}/stop c\" with timeout 5 seconds\n\
                depends on b",
        &[(&[], &[]), (&[Ask("start c")], &["c action changed alert"]), (&[], &[]), (&[], &[])],
    )
}

/// The restarts go on.
pub(in super::super) fn is_restarted_too_often_and_told() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                if 2 restarts within 4 cycles then alert",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a timeout failed alert", "a nonexist succeeded alert", "a timeout succeeded alert"]),
            (&[Kill("a")], &["a timeout failed alert", "a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert", "a timeout succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
    .repaired(
        Repair::DeathAtOnce,
        &[
            (
                3,
                &[
                    "a nonexist failed restart",
                    "a timeout failed alert",
                    "a nonexist succeeded alert",
                    "a timeout succeeded alert",
                ],
            ),
            (4, &["a timeout failed alert", "a timeout succeeded alert"]),
            (
                5,
                &[
                    "a nonexist failed restart",
                    "a timeout failed alert",
                    "a nonexist succeeded alert",
                    "a timeout succeeded alert",
                ],
            ),
            (6, &[]),
            (7, &["a nonexist failed restart", "a nonexist succeeded alert"]),
            (8, &[]),
        ],
    )
}

/// Restarts that are not made count all the same.
pub(in super::super) fn is_restarted_too_often_on_paper() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                mode passive\n\
                if 2 restarts within 4 cycles then exec \"{here}/note often\"",
        &[
            (&[], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[], &["a timeout failed exec"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert", "a timeout succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// Those that need it are not watched either.
pub(in super::super) fn is_unwatched_by_hand_with_its_dependants() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                if size > 10 B then alert\n\
                depends on a",
        &[
            (&[Write("a", "few"), Write("b", "few")], &[]),
            (&[Ask("unmonitor a")], &["a action changed alert"]),
            (&[Write("b", "many, many letters"), Write("a", "many, many letters")], &[]),
            (&[Ask("monitor b")], &["b action changed alert", "a size failed alert"]),
            (&[], &[]),
        ],
    )
}

/// It is not looked at.
pub(in super::super) fn needs_one_that_is_unwatched() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
            check file b with path {here}/b\n\
                if size > 10 B then alert\n\
                depends on a",
        &[
            (&[Write("a", "few"), Write("b", "few")], &[]),
            (&[Ask("unmonitor a")], &["a action changed alert"]),
            (&[Ask("monitor a")], &["a action changed alert"]),
            (&[Write("b", "many, many letters")], &[]),
        ],
    )
}

/// The last limit comes first, and all restarts are forgotten when it is not watched any more.
pub(in super::super) fn has_two_limits_of_restarts() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if 1 restarts within 3 cycles then exec \"{here}/note often\"\n\
                if 1 restarts within 5 cycles then unmonitor\n\
            check file b with path {here}/b\n\
                if 1 restarts within 3 cycles then unmonitor\n\
                if 1 restarts within 5 cycles then exec \"{here}/note often\"\n\
            check file c with path {here}/c\n\
                if 1 restarts within 3 cycles then stop\n\
                if size > 10 B then alert",
        &[
            (&[Write("a", "few"), Write("b", "few"), Write("c", "few")], &[]),
            (
                &[Remove("a"), Remove("b"), Remove("c")],
                &["a nonexist failed restart", "b nonexist failed restart", "c nonexist failed restart"],
            ),
            (
                &[Write("c", "many, many letters")],
                &[
                    "a timeout failed unmonitor",
                    "b timeout failed exec",
                    "b timeout failed unmonitor",
                    "c timeout failed stop",
                ],
            ),
            (&[], &[]),
        ],
    )
}
