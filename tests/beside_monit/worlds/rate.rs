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
            (&[], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
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
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
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
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &["a size succeeded alert"]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
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
            (&[], &["a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
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
            (&[Write("a", "many, many letters")], &["a size failed exec"]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded exec"]),
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
            (&[Write("a", "many, many letters")], &["a size failed exec"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
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
            (&[], &["a size failed exec"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
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
            (&[Write("a", "many, many letters")], &["a size failed exec"]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
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
            (&[Write("a", "many, many letters")], &["a size changed alert"]),
            (&[Write("a", "few")], &["a size changed alert"]),
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
            (&[], &["a size failed alert"]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "eleven here")], &["a size succeeded alert"]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// And the same again after it recovered.
pub(in super::super) fn three_times_within_five() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B for 3 times within 5 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "many, many letters")], &[]),
            (&[], &["a size failed alert"]),
            (&[Write("a", "few")], &["a size succeeded alert"]),
            (&[Write("a", "many, many letters")], &[]),
            (&[Write("a", "many, many letters")], &[]),
        ],
    )
}

/// The cycles before the failure count as good ones.
pub(in super::super) fn recovers_three_times_within_four() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert else if succeeded 3 times within 4 cycles then alert",
        &[
            (&[Write("a", "few")], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
            (&[], &[]),
            (&[], &["a size succeeded alert"]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
        ],
    )
}

/// A stronger rule follows a weaker one.
pub(in super::super) fn becomes_worse() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert\n\
                if size > 10 B for 3 cycles then unmonitor",
        &[
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[], &[]),
            (&[], &["a size failed unmonitor", "a size failed alert"]),
            (&[], &[]),
            (&[Write("a", "few")], &[]),
        ],
    )
}

/// A cycle in which it is missing is none.
pub(in super::super) fn is_missing_meanwhile() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if not exist then alert\n\
                if size > 10 B for 3 cycles then alert else if succeeded for 2 cycles then alert",
        &[
            (&[Write("a", "many, many letters")], &[]),
            (&[], &[]),
            (&[Remove("a")], &["a nonexist failed alert"]),
            (&[Write("a", "many, many letters")], &["a nonexist succeeded alert", "a size failed alert"]),
            (&[Write("a", "few")], &[]),
            (&[Remove("a")], &["a nonexist failed alert"]),
            (&[Write("a", "few")], &["a nonexist succeeded alert", "a size succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// A change that is told is the first of the next three.
pub(in super::super) fn changed_for_three_cycles() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed size for 3 cycles then alert",
        &[
            (&[Write("a", "1")], &[]),
            (&[Write("a", "12")], &[]),
            (&[Write("a", "123")], &[]),
            (&[Write("a", "1234")], &["a size changed alert"]),
            (&[Write("a", "12345")], &[]),
            (&[Write("a", "123456")], &["a size changed alert"]),
            (&[Write("a", "1234567")], &[]),
            (&[Write("a", "12345678")], &["a size changed alert"]),
            (&[], &[]),
        ],
    )
}

/// And begins anew when nothing changed.
pub(in super::super) fn changed_twice_within_four() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if changed size 2 times within 4 cycles then alert",
        &[
            (&[Write("a", "1")], &[]),
            (&[Write("a", "12")], &[]),
            (&[], &[]),
            (&[Write("a", "123")], &["a size changed alert"]),
            (&[], &[]),
            (&[Write("a", "1234")], &[]),
            (&[Write("a", "12345")], &["a size changed alert"]),
            (&[], &[]),
            (&[Write("a", "123456")], &[]),
            (&[Write("a", "1234567")], &["a size changed alert"]),
            (&[Write("a", "12345678")], &["a size changed alert"]),
            (&[], &[]),
        ],
    )
}

/// Of the cycles before a failure every eighth counts as one more.
pub(in super::super) fn recovers_nine_times_within_ten() -> World {
    World::of(
        "\
            check file a with path {here}/a\n\
                if size > 10 B then alert else if succeeded 9 times within 10 cycles then alert",
        &[
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "few")], &[]),
            (&[], &["a size succeeded alert"]),
            (&[], &[]),
            (&[Write("a", "many, many letters")], &["a size failed alert"]),
            (&[Write("a", "few")], &[]),
            (&[], &["a size succeeded alert"]),
            (&[], &[]),
        ],
    )
}
