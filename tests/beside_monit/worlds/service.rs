//! What holds for every service: dependencies, modes, groups, restart limits, and what people ask for.

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
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Kill("c")], &[]),
            (&[], &[]),
            (&[Kill("b")], &[]),
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
            (&[Write("a", "many, many letters"), Write("b", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Write("b", "few")], &[]),
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
            (&[Write("a.lame", "")], &[]),
            (&[], &[]),
            (&[Remove("a.lame")], &[]),
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
            (&[Kill("a")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

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
            (&[], &[]),
            (&[Start("a")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Kill("a")], &[]),
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
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Remove("a")], &[]),
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
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("b", "many, many letters")], &[]),
            (&[], &[]),
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
            (&[Ask("monitor a")], &[]),
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
            (&[Ask("-g letters unmonitor all")], &[]),
            (&[Write("a", "many, many letters"), Write("b", "many, many letters"), Write("c", "many, many letters")], &[]),
            (&[Ask("-g letters monitor all")], &[]),
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
            (&[], &[]),
            (&[Kill("a")], &[]),
            (&[], &[]),
            (&[Kill("a")], &[]),
            (&[], &[]),
            (&[Kill("a")], &[]),
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
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
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
            (&[Write("a", "many, many letters")], &[]),
            (&[Ask("unmonitor a")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Ask("monitor a")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
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
            (&[Ask("restart a")], &[]),
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
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Ask("stop b")], &[]),
            (&[], &[]),
            (&[Kill("a")], &[]),
            (&[], &[]),
            (&[Ask("start b")], &[]),
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
        &[
            (&[], &[]),
            (&[Ask("start c")], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}
