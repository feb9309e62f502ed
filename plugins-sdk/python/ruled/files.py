"""Files and directories that a check reads, each below what one `grant read "/path"` of the rule names.

plugin.json must say `"grants": ["read"]`. Paths are absolute. What goes wrong raises `ruled.IoError`.
"""

from ruled import IoError, Reason, call

try:
    from wit_world.imports import files as _files
except ImportError as error:
    raise ImportError('a plugin that reads files says `"grants": ["read"]` in plugin.json') from error

_CALL_BYTES_MAX = 1 << 20


def granted():
    """The paths that the rule grants, in its order."""
    return _files.granted()


def first():
    """The first path that the rule grants, for checks that need one only."""
    paths = granted()
    if not paths:
        raise IoError(Reason.NOT_GRANTED)
    return paths[0]


def read(path, at_most=_CALL_BYTES_MAX):
    """The bytes of a file, all of them; more than `at_most` are `Reason.TOO_LONG`."""
    data = bytearray()
    while True:
        wanted = min(at_most + 1 - len(data), _CALL_BYTES_MAX)
        part = call(_files.read, path, len(data), wanted)
        data += part
        if len(data) > at_most:
            raise IoError(Reason.TOO_LONG)
        if len(part) < wanted:
            return bytes(data)


def read_part(path, offset, at_most):
    """So many bytes of a file from an offset on, at most 1 MiB. Fewer than asked for means that the file ends there."""
    return call(_files.read, path, offset, at_most)


def read_text(path, at_most=_CALL_BYTES_MAX):
    """The text of a file. Bytes that are no UTF-8 become U+FFFD."""
    return read(path, at_most).decode(errors="replace")


def inspect(path, follows_links=True):
    """What is known of a file without opening it: `kind`, `size`, `mode`, `owner`, `group`, `links`, `modified`."""
    return call(_files.inspect, path, follows_links)


def entries(path, at_most=10_000):
    """What is in a directory: objects with `name` and `kind`. More than `at_most` are `Reason.TOO_LONG`."""
    listing = call(_files.entries, path, at_most)
    if not listing.complete:
        raise IoError(Reason.TOO_LONG)
    return listing.entries


def count(path, levels=0):
    """How many `files`, `directories`, `links` and `others` are in a directory and so many levels below it."""
    return call(_files.count, path, levels)
