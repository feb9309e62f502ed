"""What a plugin of ruled is written with, in Python.

A plugin is a module with one class. `Prober` speaks a protocol over the one connection that ruled opened:

    import ruled

    class Prober(ruled.Prober):
        name = "greeting"
        summary = "A service that greets"
        port = 7777

        def run(self, connection, options):
            line = connection.line(80)
            if not line.startswith("HELLO "):
                raise ruled.ProtocolError("the greeting is missing")
            return ruled.Passed(line)

`Checker` is handed no connection: `run(self, options)`. What it looks at the rule grants, and the modules `ruled.files`,
`ruled.http` and `ruled.dial` reach it; plugin.json says which of them the plugin asks for.

A run that returns passed. One that raises `Failed`, or what is derived from it, failed; a connection that breaks raises
`IoError`, so nothing needs to be caught for it. Any other exception is a fault of the plugin, and ruled shows it.

There is no operating system below: no files but those of `ruled.files`, no sockets, no threads, no clock but `now()`, and
`random` gives the same numbers in each run: use `random_bytes()`.
"""

import re as _re
from dataclasses import dataclass, field
from datetime import timedelta

from componentize_py_types import Err
from wit_world import exports as _exports
from wit_world.imports import ambient as _ambient
from wit_world.imports import log as _log
from wit_world.imports import patterns as _patterns
from wit_world.imports import types as _types

# How a check ends.


@dataclass
class Passed:
    """The check passed: one line for people, numbers that rules may test, and facts worth showing."""

    summary: str
    metrics: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)


class Failed(Exception):
    """The check failed. Raise what is derived from it."""

    def _failure(self):
        return _types.Failure_Protocol(_whole(self))


class ProtocolError(Failed):
    """The peer does not speak the protocol, or what was found is no good; a sentence without its full stop."""


class Rejected(Failed):
    """The peer speaks the protocol and says no; what it said."""

    def _failure(self):
        return _types.Failure_Rejected(_whole(self))


class Mismatch(Failed):
    """The peer answered, but not what the rule wants. Reads as "the WHAT is FOUND, expected EXPECTED"."""

    def __init__(self, what, expected, found):
        super().__init__(f"the {what} is {found}, expected {expected}")
        self._parts = _types.Mismatch(_whole(what), _whole(expected), _whole(found))

    def _failure(self):
        return _types.Failure_Mismatch(self._parts)


class Misconfigured(Failed):
    """The settings make no sense together, which is an error of the rule."""

    def _failure(self):
        return _types.Failure_Misconfigured(_whole(self))


class Unknown(Failed):
    """Nothing is known: the peer may be as the rule wants it or not. A sentence without its full stop."""

    def _failure(self):
        return _types.Failure_Unknown(_whole(self))


class IoError(Failed):
    """Sending, receiving, reading or fetching failed. `reason` is one of the constants of `ruled.Reason`."""

    def __init__(self, reason):
        super().__init__(reason.name.lower().replace("_", " "))
        self.reason = reason

    def _failure(self):
        return _types.Failure_Io(self.reason)


Reason = _types.IoError


def call(function, *arguments):
    """Calls a function of the host; an error that it returns is raised as `IoError`."""
    try:
        return function(*arguments)
    except Err as error:
        if isinstance(error.value, Reason):
            raise IoError(error.value) from None
        raise


def as_bytes(data):
    """The bytes of a text; bytes stay what they are."""
    return _whole(data).encode() if isinstance(data, str) else bytes(data)


# Half of a pair is no character, though JSON may have one; there is no UTF-8 for it.
_HALVES = _re.compile("[\ud800-\udfff]")


def _whole(text):
    """The text of anything, as the host takes it."""
    return _HALVES.sub("\ufffd", str(text))


# What a plugin says about itself.


def _option(name, help, kind, default, required, page):
    return _types.OptionSpec(name, help, page, kind, required, default)


def text(name, help, *, default=None, required=False, page=""):
    """An option that is a text."""
    value = None if default is None else _types.Value_Text(default)
    return _option(name, help, _types.OptionType_Text(), value, required, page)


def secret(name, help, *, required=False, page=""):
    """An option that is a text and masked wherever it would be shown."""
    return _option(name, help, _types.OptionType_Secret(), None, required, page)


def integer(name, help, least, greatest, *, default=None, required=False, page=""):
    """An option that is a whole number between two others."""
    value = None if default is None else _types.Value_Integer(default)
    return _option(name, help, _types.OptionType_Integer((least, greatest)), value, required, page)


def number(name, help, *, default=None, required=False, page=""):
    """An option that is a number."""
    value = None if default is None else _types.Value_Number(default)
    return _option(name, help, _types.OptionType_Number(), value, required, page)


def boolean(name, help, *, default=None, required=False, page=""):
    """An option that is true or false."""
    value = None if default is None else _types.Value_Boolean(default)
    return _option(name, help, _types.OptionType_Boolean(), value, required, page)


def duration(name, help, *, default=None, required=False, page=""):
    """An option that is a span of time; its value is a `timedelta`, and so is the default."""
    value = None if default is None else _types.Value_DurationMs(int(default / timedelta(milliseconds=1)))
    return _option(name, help, _types.OptionType_Duration(), value, required, page)


def size(name, help, *, default=None, required=False, page=""):
    """An option that is a number of bytes."""
    value = None if default is None else _types.Value_SizeBytes(default)
    return _option(name, help, _types.OptionType_Size(), value, required, page)


def choice(name, help, words, *, default=None, required=False, page=""):
    """An option that is one of these words."""
    value = None if default is None else _types.Value_Text(default)
    return _option(name, help, _types.OptionType_Choice(list(words)), value, required, page)


def texts(name, help, *, required=False, page=""):
    """An option that may be written several times; its value is a list."""
    return _option(name, help, _types.OptionType_Texts(), None, required, page)


def comparison(name, help, *, required=False, page=""):
    """An option that is a condition on a whole number, such as `= 404`; its value is a `Comparison`."""
    return _option(name, help, _types.OptionType_Comparison(), None, required, page)


def share(name, help, *, required=False, page=""):
    """An option that is a condition on a share in per cent; its value is a `Comparison`."""
    return _option(name, help, _types.OptionType_Share(), None, required, page)


def pattern(name, help, *, required=False, page=""):
    """An option that is a regular expression; its value is a `Pattern`."""
    return _option(name, help, _types.OptionType_Pattern(), None, required, page)


def checksum(name, help, *, required=False, page=""):
    """An option that is a checksum; its value has `kind` and `digits`."""
    return _option(name, help, _types.OptionType_Hash(), None, required, page)


def headers(name, help, *, required=False, page=""):
    """An option that is a list of pairs, the names and values of headers."""
    return _option(name, help, _types.OptionType_Headers(), None, required, page)


def gauge(name, help):
    """A metric that goes up and down."""
    return _types.MetricSpec(name, help, _types.MetricKind.GAUGE)


def counter(name, help):
    """A metric that only goes up."""
    return _types.MetricSpec(name, help, _types.MetricKind.COUNTER)


def milliseconds(name, help):
    """A metric that is a span of time, in milliseconds."""
    return _types.MetricSpec(name, help, _types.MetricKind.DURATION_MS)


def bytes_metric(name, help):
    """A metric that is a number of bytes."""
    return _types.MetricSpec(name, help, _types.MetricKind.BYTES)


def percent(name, help):
    """A metric that is a share in per cent."""
    return _types.MetricSpec(name, help, _types.MetricKind.PERCENT)


# What a rule sets.


@dataclass
class Comparison:
    """A condition on a whole number that the plugin finds."""

    relation: object
    number: int

    def holds(self, found):
        """Whether what was found meets the condition."""
        relation = _types.Relation
        return {
            relation.EQUAL: found == self.number,
            relation.NOT_EQUAL: found != self.number,
            relation.LESS: found < self.number,
            relation.LESS_OR_EQUAL: found <= self.number,
            relation.GREATER: found > self.number,
            relation.GREATER_OR_EQUAL: found >= self.number,
        }[self.relation]


@dataclass
class Pattern:
    """A condition on bytes that the plugin finds. The host matches it, as everywhere in rules."""

    name: str
    text: str
    negated: bool

    def holds(self, data):
        """Whether the bytes, or the text, meet the condition."""
        return _patterns.matches(self.name, as_bytes(data)) != self.negated


def _value(setting):
    value = setting.value
    match value:
        case _types.Value_DurationMs():
            return timedelta(milliseconds=value.value)
        case _types.Value_Comparison():
            return Comparison(value.value.relation, value.value.number)
        case _types.Value_Pattern():
            return Pattern(setting.name, value.value.text, value.value.negated)
        case _:
            return value.value


# What a plugin sees.


class Connection:
    """A connection that the host opened. Every call waits at most until the deadline of the check."""

    def __init__(self, raw):
        self._raw = raw

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def close(self):
        """Closes the connection. At the end of the check it is closed anyway."""
        self._raw.__exit__(None, None, None)

    @property
    def peer(self):
        """Whom the host connected to: `name`, `port`, `address`, `transport`, `encrypted`, `start_tls_wanted`."""
        return self._raw.peer()

    @property
    def tls(self):
        """How the connection is encrypted: `version`, `cipher`, `certificate`; None while it is not."""
        return self._raw.tls()

    def send(self, data):
        """Writes all of it, a text or bytes. Over datagrams it is one datagram."""
        call(self._raw.send, as_bytes(data))

    def command(self, line):
        """Writes a line and CR LF. Refuses control characters, which would make two commands of what a rule says."""
        if any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in line):
            raise Misconfigured("what is sent in one line has a line break or another control character in it")
        self.send(line + "\r\n")

    def line(self, at_most=1024):
        """Reads a line that ends in LF or CR LF, of at most so many bytes with its end, and returns it without."""
        line = self.until(b"\n", at_most).removesuffix(b"\n").removesuffix(b"\r")
        return line.decode(errors="replace")

    def receive(self, at_most=65_536):
        """Reads at least one byte, however much has arrived. Over datagrams it is one datagram."""
        return call(self._raw.receive, at_most)

    def receive_within(self, wait_ms, at_most=65_536):
        """The same, and gives up after so many milliseconds with `Reason.TIMED_OUT`."""
        return call(self._raw.receive_within, at_most, wait_ms)

    def exactly(self, count):
        """Reads so many bytes."""
        return call(self._raw.receive_exactly, count)

    def until(self, delimiter, at_most=65_536):
        """Reads up to and including the delimiter, a text or bytes."""
        return call(self._raw.receive_until, as_bytes(delimiter), at_most)

    def all(self, at_most=1_048_576):
        """Reads until the peer closes; more bytes are `Reason.TOO_LONG`."""
        return call(self._raw.receive_all, at_most)

    def start_tls(self):
        """Encrypts the connection from here on."""
        call(self._raw.start_tls)

    def reopen(self):
        """Opens the connection anew, once in a check."""
        call(self._raw.reopen)

    def finish_sending(self):
        """Tells the peer that nothing more will be sent."""
        call(self._raw.finish_sending)

    def elapsed(self):
        """Seconds since the host began to connect."""
        return self._raw.elapsed_us() / 1e6

    def remaining(self):
        """Seconds until the deadline of the check."""
        return self._raw.remaining_us() / 1e6


def note(message):
    """Writes a line into the log."""
    _log.write(_log.Level.INFO, _whole(message))


def warn(message):
    """Writes a warning into the log."""
    _log.write(_log.Level.WARN, _whole(message))


def now():
    """Seconds since 1970."""
    seconds, nanoseconds = _ambient.now()
    return seconds + nanoseconds / 1e9


def random_bytes(count):
    """From the operating system's generator; at most 4096 bytes."""
    return _ambient.random_bytes(count)


# What ruled calls.


class _Plugin:
    """What both kinds of a plugin say about themselves: attributes of their class."""

    #: As rules write it: small letters, digits and _.
    name = ""
    #: The plugin's own version.
    version = "0.1.0"
    #: One line for people.
    summary = ""
    #: What else the manual page says: paragraphs, separated by empty lines.
    page = ""
    #: Options, made with `text`, `integer` and their like.
    options = ()
    #: Metrics, made with `gauge`, `counter` and their like.
    metrics = ()
    #: The port where a rule names none.
    port = None

    def _about(self):
        return _types.Description(
            self.name, self.version, self.summary, self.page, list(self.options), list(self.metrics)
        )

    def _outcome(self, settings, *arguments):
        try:
            passed = self.run(*arguments, {setting.name: _value(setting) for setting in settings})
            if not isinstance(passed, Passed):
                raise TypeError(f"run returned {passed!r}, and a check that passes returns ruled.Passed")
            metrics = [_types.Metric(name, float(value)) for name, value in passed.metrics.items()]
            facts = [(_whole(name), _whole(fact)) for name, fact in passed.facts.items()]
            return _types.Outcome(_whole(passed.summary), metrics, facts)
        except Failed as failed:
            raise Err(failed._failure()) from None
        except BaseException as error:
            _log.last_words(_whole(_told(error)))
            raise


def _told(error):
    """What went wrong, and where. Python's own traceback looks for the sources, and they are not there."""
    places, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        places.append(f'File "{code.co_filename}", line {at.tb_lineno}, in {code.co_name}')
        at = at.tb_next
    return ", ".join([f"{type(error).__name__}: {error}", *reversed(places[-3:])])


if hasattr(_exports, "Prober"):
    from wit_world.exports import prober as _prober

    Transport = _types.Transport

    class Prober(_Plugin):
        """A probe. Derive a class of the same name from it, with `run(self, connection, options)`."""

        #: What it can be spoken over; the customary one is the first.
        transports = (Transport.TCP,)
        #: The port where it is encrypted from the start.
        tls_port = None
        #: Whether encryption can begin within the protocol.
        start_tls = False

        def describe(self):
            transports = list(self.transports)
            return _prober.Protocol(self._about(), transports, self.port, self.tls_port, self.start_tls)

        def check(self, conn, settings):
            return self._outcome(settings, Connection(conn))


if hasattr(_exports, "Checker"):
    from wit_world.exports import checker as _checker

    def needs_connection(example, purpose):
        """A `grant connect` that the check cannot do without: an example, and what it is for."""
        return _checker.Need(_checker.GrantKind.CONNECT, example, purpose)

    def needs_file(example, purpose):
        """A `grant read` that the check cannot do without."""
        return _checker.Need(_checker.GrantKind.READ, example, purpose)

    def needs_origin(example, purpose):
        """A `grant fetch` that the check cannot do without."""
        return _checker.Need(_checker.GrantKind.FETCH, example, purpose)

    class Checker(_Plugin):
        """A check of one's own. Derive a class of the same name from it, with `run(self, options)`."""

        #: What a rule must grant, made with `needs_file` and its like.
        needs = ()

        def describe(self):
            return _checker.Custom(self._about(), self.port, list(self.needs))

        def check(self, settings):
            return self._outcome(settings)
