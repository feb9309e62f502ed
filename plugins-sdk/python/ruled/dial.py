"""Connections that a check opens by itself, each to what one `grant connect "host:port"` of the rule names.

plugin.json must say `"grants": ["connect"]`. What goes wrong raises `ruled.IoError`.
"""

from ruled import Connection, IoError, Reason, call

try:
    from wit_world.imports import dial as _dial
except ImportError as error:
    raise ImportError('a plugin that opens connections says `"grants": ["connect"]` in plugin.json') from error


def granted():
    """What the rule grants, in its order: names (`as "broker"`), or else the texts of the grants."""
    return _dial.granted()


def open(name):
    """Opens one of them, by its name or by the text of its grant."""
    return Connection(call(_dial.open, name))


def first():
    """Opens the first, for checks that need one only."""
    names = granted()
    if not names:
        raise IoError(Reason.NOT_GRANTED)
    return open(names[0])
