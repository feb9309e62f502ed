//! Processes: they die, they come back, and pid files say what they like.

use super::super::repair::Repair;
use super::super::world::{Change::*, World};

/// Nobody wrote a rule: what is missing is restarted.
pub(in super::super) fn dies_and_is_restarted() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// One event when it dies, one when it is back.
pub(in super::super) fn dies_and_nobody_acts() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a")], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// ruled need not wait for the cycle.
pub(in super::super) fn dies_and_is_seen_at_once() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
             stop program = \"{here}/stop a\" with timeout 5 seconds",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
    .repaired(Repair::DeathAtOnce, &[(3, &["a nonexist failed restart", "a nonexist succeeded alert"]), (4, &[])])
}

/// Somebody else restarted it between two cycles.
pub(in super::super) fn runs_again_by_itself() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds",
        &[(&[Run("a")], &[]), (&[Kill("a"), Run("a")], &[]), (&[], &[])],
    )
}

/// It took its pid file with it.
pub(in super::super) fn stops_in_good_order() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a")], &[]),
            (&[Kill("a"), Remove("a.pid")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// The number that is known still names it.
pub(in super::super) fn pidfile_goes_while_it_lives() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a")], &[]),
            (&[Remove("a.pid")], &[]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[], &[]),
        ],
    )
}

/// The number that is known still names it.
pub(in super::super) fn pidfile_is_garbled_while_it_lives() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a")], &[]),
            (&[Write("a.pid", "rubbish")], &[]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[], &[]),
        ],
    )
}

/// The number that is known still names it.
pub(in super::super) fn pidfile_names_another_while_it_lives() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a"), Run("b")], &[]),
            (&[Write("a.pid", "{pid b}")], &[]),
            (&[], &[]),
            (&[Kill("a")], &[]),
            (&[], &[]),
            (&[Kill("b")], &["a nonexist failed alert"]),
        ],
    )
}

/// What runs under the number is somebody else.
pub(in super::super) fn pidfile_names_a_stranger_after_its_death() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a"), Run("b")], &[]),
            (&[Kill("a"), Write("a.pid", "{pid b}")], &[]),
            (&[], &[]),
            (&[Kill("b")], &["a nonexist failed alert"]),
            (&[], &[]),
        ],
    )
}

/// There is no number in it.
pub(in super::super) fn pidfile_holds_garbage() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Write("a.pid", "rubbish")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// There is no such process.
pub(in super::super) fn pidfile_names_nobody() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Write("a.pid", "4194300")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// It has ended, but its parent takes no notice.
pub(in super::super) fn becomes_a_zombie() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("a")], &[]),
            (&[Zombie("a")], &["a data failed alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert", "a data succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// The start program ends without effect.
pub(in super::super) fn cannot_be_started() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 1 seconds\n\
                stop program = \"{here}/stop a\" with timeout 1 seconds",
        &[
            (&[Write("a.lame", "")], &["a nonexist failed restart", "a exec failed alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[Remove("a.lame")], &["a exec succeeded alert"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// It takes the place of stop and start.
pub(in super::super) fn has_a_restart_program() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                restart program = \"{here}/start a\" with timeout 5 seconds",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[Kill("a")], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// Once for each death, and once for each return.
pub(in super::super) fn runs_a_program_when_it_dies() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then exec \"{here}/note gone\" else if succeeded then exec \"{here}/note back\"",
        &[
            (&[Run("a")], &[]),
            (&[Kill("a")], &["a nonexist failed exec"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded exec"]),
            (&[], &[]),
        ],
    )
}

/// The rule about existence takes the place of the one about absence.
pub(in super::super) fn should_not_run() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if exist then alert",
        &[
            (&[], &[]),
            (&[Run("a")], &["a exist failed alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a exist succeeded alert"]),
            (&[], &[]),
            (&[Run("a")], &["a exist failed alert"]),
        ],
    )
}

/// The command line is what tells it.
pub(in super::super) fn is_found_by_pattern() -> World {
    World::of(
        "\
            check process a matching \"{here}/service-a\"\n\
                if not exist then alert",
        &[
            (&[], &["a nonexist failed alert"]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// Any process takes more than a byte.
pub(in super::super) fn takes_memory() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert\n\
                if memory > 1 B for 2 cycles then alert",
        &[
            (&[Run("a")], &[]),
            (&[], &["a resource failed alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// What is stopped is not watched any more.
pub(in super::super) fn is_stopped_by_a_rule() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                start program = \"{here}/start a\" with timeout 5 seconds\n\
                stop program = \"{here}/stop a\" with timeout 5 seconds\n\
                if memory > 1 B for 2 cycles then stop",
        &[
            (&[], &["a nonexist failed restart"]),
            (&[], &["a nonexist succeeded alert"]),
            (&[], &["a resource failed stop"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// It was replaced between two cycles.
pub(in super::super) fn changes_its_number() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if changed pid then alert",
        &[(&[Run("a")], &[]), (&[], &[]), (&[Kill("a"), Run("a")], &["a pid changed alert"]), (&[], &[]), (&[], &[])],
    )
}

/// All that it started counts.
pub(in super::super) fn has_children() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert\n\
                if children > 0 then alert\n\
                if threads > 1 then alert\n\
                if threads < 2 for 2 cycles then alert",
        &[(&[Run("a")], &[]), (&[], &["a resource failed alert"]), (&[], &[]), (&[], &[])],
    )
}

/// One of each kind.
pub(in super::super) fn has_an_owner() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert\n\
                if failed uid 1 then alert\n\
                if failed euid 0 then alert\n\
                if failed gid 1 then alert",
        &[
            (&[Run("a")], &["a uid failed alert", "a gid failed alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// It begins anew with each process.
pub(in super::super) fn is_young() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert\n\
                if uptime < 1 hour then alert",
        &[
            (&[Run("a")], &["a uptime failed alert"]),
            (&[], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// A port of a process is not looked at while the process is missing.
pub(in super::super) fn opens_a_port() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert\n\
                if failed port {port} then alert",
        &[
            (&[Run("a")], &["a connection failed alert"]),
            (&[], &[]),
            (&[Listen], &["a connection succeeded alert"]),
            (&[], &[]),
            (&[HangUp], &["a connection failed alert"]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// Process 1 always runs.
pub(in super::super) fn pidfile_names_init() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[(&[Write("a.pid", "1")], &[]), (&[], &[]), (&[Run("a")], &[]), (&[], &[])],
    )
    .repaired(Repair::ForeignPidfile, &[(1, &["a nonexist failed alert"]), (3, &["a nonexist succeeded alert"])])
}

/// The first one counts.
pub(in super::super) fn pidfile_holds_two_numbers() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert",
        &[
            (&[Run("b"), Write("a.pid", "{pid b} 4194300")], &[]),
            (&[Kill("b")], &["a nonexist failed alert"]),
            (&[], &[]),
        ],
    )
}

/// What comes after an absence is not compared with what was there before.
pub(in super::super) fn has_another_number_after_an_absence() -> World {
    World::of(
        "\
            check process a with pidfile {here}/a.pid\n\
                if not exist then alert\n\
                if changed pid then alert",
        &[
            (&[Run("a")], &[]),
            (&[Kill("a")], &["a nonexist failed alert"]),
            (&[Run("a")], &["a nonexist succeeded alert"]),
            (&[Kill("a"), Run("a")], &["a pid changed alert"]),
            (&[], &[]),
        ],
    )
}
