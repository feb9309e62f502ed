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
            (&[Write("a/b", "few")], &[]),
            (&[], &[]),
            (&[Mode("a", 0o700)], &[]),
            (&[Age("a", 7200), Mode("a", 0o755)], &[]),
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
            (&[Remove("a")], &[]),
            (&[], &[]),
            (&[Folder("a")], &[]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &[]),
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
            (&[Mode("a", 0o644)], &[]),
            (&[], &[]),
            (&[Mode("a", 0o600)], &[]),
            (&[Remove("a")], &[]),
            (&[Pipe("a")], &[]),
            (&[], &[]),
            (&[Remove("a"), Write("a", "few")], &[]),
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
            (&[Fill("a/b", 700_000)], &[]),
            (&[], &[]),
            (&[Remove("a/b")], &[]),
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
            (&[], &[]),
            (&[], &[]),
            (&[Write("status", "0")], &[]),
            (&[], &[]),
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
            (&[], &[]),
            (&[], &[]),
            (&[Write("status", "4"), Write("said", "fine")], &[]),
            (&[], &[]),
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
        &[
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}

/// This one does.
pub(in super::super) fn host_answers_pings() -> World {
    World::of(
        "\
            check host a with address 127.0.0.1\n\
                if failed ping count 1 with timeout 3 seconds then alert\n\
                if succeeded ping count 1 with timeout 3 seconds then alert",
        &[
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
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
            (&[HangUp], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[Listen], &[]),
            (&[], &[]),
            (&[HangUp], &[]),
            (&[Listen], &[]),
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
        &[
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
            (&[], &[]),
        ],
    )
}
