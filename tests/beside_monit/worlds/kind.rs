//! The other kinds: directories, pipes, file systems, programs, links, hosts, the system.

use super::super::world::{Change::*, World};

/// Its time changes with its entries.
pub(in super::super) fn directory_changes() -> World {
    World::of(
        "\
            check directory a with path {here}/a\n\
                if changed mtime then alert\n\
                if failed permission 755 then alert",
        &[
            (&[Folder("a"), Mode("a", 0o755), Age("a", 7200)], &[]),
            (&[Write("a/b", "few")], &["a timestamp changed alert"]),
            (&[], &[]),
            (&[Mode("a", 0o700)], &["a permission failed alert"]),
            (&[Age("a", 7200), Mode("a", 0o755)], &["a permission succeeded alert", "a timestamp changed alert"]),
            (&[], &[]),
        ],
    )
}

/// And made again.
pub(in super::super) fn directory_is_removed() -> World {
    World::of(
        "\
            check directory a with path {here}/a\n\
                if not exist then alert",
        &[
            (&[Folder("a")], &[]),
            (&[Remove("a")], &["a nonexist failed alert"]),
            (&[], &[]),
            (&[Folder("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &["a invalid failed restart"]),
            (&[], &[]),
        ],
    )
}

/// A pipe is not opened.
pub(in super::super) fn pipe_changes() -> World {
    World::of(
        "\
            check fifo a with path {here}/a\n\
                if not exist then alert\n\
                if failed permission 600 then alert",
        &[
            (&[Pipe("a")], &[]),
            (&[Mode("a", 0o644)], &["a permission failed alert"]),
            (&[], &[]),
            (&[Mode("a", 0o600)], &["a permission succeeded alert"]),
            (&[Remove("a")], &["a nonexist failed alert"]),
            (&[Pipe("a")], &["a nonexist succeeded alert"]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &["a invalid failed restart"]),
            (&[], &[]),
        ],
    )
}

/// And is emptied again.
pub(in super::super) fn filesystem_fills() -> World {
    World::of(
        "\
            check filesystem a with path {here}/a\n\
                if space usage > 50 % then alert\n\
                if inode usage > 99 % then alert",
        &[
            (&[Folder("a"), Mount("a")], &[]),
            (&[Fill("a/b", 700_000)], &["a resource failed alert"]),
            (&[], &[]),
            (&[Remove("a/b")], &["a resource succeeded alert"]),
            (&[], &[]),
        ],
    )
}

/// Its status is judged a cycle after it ran.
pub(in super::super) fn program_fails() -> World {
    World::of(
        "\
            check program a with path \"{here}/program\"\n\
                if status != 0 then alert",
        &[
            (&[Write("status", "0")], &[]),
            (&[], &[]),
            (&[Write("status", "3")], &[]),
            (&[], &["a status failed alert"]),
            (&[], &[]),
            (&[Write("status", "0")], &[]),
            (&[], &["a status succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// Its words are judged like its status.
pub(in super::super) fn program_says() -> World {
    World::of(
        "\
            check program a with path \"{here}/program\"\n\
                if content = \"error\" then alert\n\
                if changed status then alert",
        &[
            (&[Write("status", "0"), Write("said", "fine")], &[]),
            (&[], &[]),
            (&[Write("said", "an error")], &[]),
            (&[], &["a content changed alert"]),
            (&[], &["a content changed alert"]),
            (&[Write("status", "4"), Write("said", "fine")], &["a content changed alert"]),
            (&[], &["a status changed alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// The loopback is.
pub(in super::super) fn link_is_up() -> World {
    World::of(
        "\
            check network a with interface lo\n\
                if link up then alert\n\
                if changed link then alert",
        &[(&[], &["a link failed alert"]), (&[], &[]), (&[], &[])],
    )
}

/// This one does.
pub(in super::super) fn host_answers_pings() -> World {
    World::of(
        "\
            check host a with address 127.0.0.1\n\
                if failed ping count 1 with timeout 3 seconds then alert\n\
                if succeeded ping count 1 with timeout 3 seconds then alert",
        &[(&[], &["a icmp failed alert"]), (&[], &[]), (&[], &[])],
    )
}

/// And is opened again.
pub(in super::super) fn port_closes() -> World {
    World::of(
        "\
            check host a with address 127.0.0.1\n\
                if failed port {port} then alert\n\
                if failed port {port} for 2 cycles then exec \"{here}/note closed\"",
        &[
            (&[Listen], &[]),
            (&[HangUp], &["a connection failed alert"]),
            (&[], &["a connection failed exec"]),
            (&[], &[]),
            (&[Listen], &["a connection succeeded alert", "a connection succeeded alert"]),
            (&[], &[]),
            (&[HangUp], &["a connection failed alert"]),
            (&[Listen], &["a connection succeeded alert"]),
        ],
    )
}

/// A thousandth of the memory is always in use, and never all of it.
pub(in super::super) fn system_is_short_of_memory() -> World {
    World::of(
        "\
            check system here\n\
                if memory usage > 0.1 % for 2 cycles then alert\n\
                if memory usage > 100 % then alert\n\
                if loadavg (1min) > 1000000 then alert",
        &[(&[], &[]), (&[], &["here resource failed alert"]), (&[], &[]), (&[], &[])],
    )
}

/// Its result is collected between.
pub(in super::super) fn program_runs_every_second_cycle() -> World {
    World::of(
        "\
            check program a with path \"{here}/program\"\n\
                every 2 cycles\n\
                if status != 0 then alert",
        &[
            (&[Write("status", "0")], &[]),
            (&[], &[]),
            (&[Write("status", "3")], &[]),
            (&[], &["a status failed alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[Write("status", "0")], &[]),
            (&[], &["a status succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// Each result counts once.
pub(in super::super) fn program_fails_for_two_cycles() -> World {
    World::of(
        "\
            check program a with path \"{here}/program\"\n\
                if status != 0 for 2 cycles then alert",
        &[
            (&[Write("status", "3")], &[]),
            (&[], &[]),
            (&[], &["a status failed alert"]),
            (&[], &[]),
            (&[Write("status", "0")], &[]),
            (&[], &["a status succeeded alert"]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}
