"""Requests over HTTP, each to an origin that one `grant fetch "https://origin"` of the rule names.

plugin.json must say `"grants": ["fetch"]`. What goes wrong raises `ruled.IoError`; a status of any kind does not.
"""

import json as _json
from dataclasses import dataclass

from ruled import IoError, ProtocolError, Reason, as_bytes, call

try:
    from wit_world.imports import http as _http
except ImportError as error:
    raise ImportError('a plugin that asks over HTTP says `"grants": ["fetch"]` in plugin.json') from error


@dataclass
class Response:
    """An answer. `headers` has names in lower case; of several with one name the last. `all_headers` has all."""

    status: int
    url: str
    headers: dict
    all_headers: list
    body: bytes
    seconds: float

    def text(self):
        """The body as text. Bytes that are no UTF-8 become U+FFFD."""
        return self.body.decode(errors="replace")

    def json(self):
        """The body as JSON; raises ProtocolError where it is none: that is the service's fault, and not the plugin's."""
        try:
            return _json.loads(self.body)
        except ValueError as error:
            raise ProtocolError(f"the answer is no JSON: {error}") from None


def granted():
    """The origins that the rule grants, in its order."""
    return _http.granted()


def first():
    """The first origin that the rule grants, for checks that need one only."""
    origins = granted()
    if not origins:
        raise IoError(Reason.NOT_GRANTED)
    return origins[0]


def fetch(url, *, method="GET", headers=(), body=b"", redirects=5, at_most=1 << 20):
    """Asks, and waits for the whole answer; a body of more than `at_most` bytes is `Reason.TOO_LONG`.

    `headers` is a dictionary, or pairs, as the value of an option of that kind. Up to 5 redirects are followed, each only to
    an origin that the rule grants; one that is too many is the answer.
    """
    pairs = [(name, value) for name, value in (headers.items() if hasattr(headers, "items") else headers)]
    request = _http.Request(method, url, pairs, as_bytes(body), redirects)
    answer = call(_http.fetch, request, at_most)
    headers = dict(answer.headers)
    return Response(answer.status, answer.url, headers, answer.headers, answer.body, answer.finished_us / 1e6)
