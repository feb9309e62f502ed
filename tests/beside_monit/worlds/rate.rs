//! Rates: so many cycles, so many of so many, and back again.

use super::super::world::{Change::*, World};

/// A miss begins anew.
pub(in super::super) fn for_three_cycles() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B for 3 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
        ],
    )
}

/// Any two of the last three.
pub(in super::super) fn two_times_within_three() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B for 2 times within 3 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "many, many letters")], &[]),
        ],
    )
}

/// The way back has a rate of its own.
pub(in super::super) fn recovers_after_two() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert else if succeeded for 2 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
        ],
    )
}

/// And so has a window.
pub(in super::super) fn recovers_twice_within_four() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B for 2 cycles then alert else if succeeded 2 times within 4 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
        ],
    )
}

/// The way back may do something.
pub(in super::super) fn another_action_after() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then exec \"{here}/note big\" else if succeeded then exec \"{here}/note small\"",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}

/// The event is told once.
pub(in super::super) fn repeats_a_program() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then exec \"{here}/note big\" repeat every 2 cycles",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
        ],
    )
}

/// Counted from the change of state.
pub(in super::super) fn repeats_every_third_time() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B for 2 cycles then exec \"{here}/note big\" repeat every 3 cycles",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
        ],
    )
}

/// Without a word about repetition.
pub(in super::super) fn exec_once() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then exec \"{here}/note big\"",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
        ],
    )
}

/// Two changes one after the other.
pub(in super::super) fn changed_for_two_cycles() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed size for 2 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// Two rules of one class have states of their own.
pub(in super::super) fn both_in_one() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B for 2 cycles then alert\n\
                if size > 15 B then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "eleven here")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "eleven here")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
        ],
    )
}
