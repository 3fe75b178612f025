"""Turns a request that came before, word for word, into the answer that it got then, before Flask sees it.

Only answers that a view has marked (``offer``), only over the snapshot that is published now, and each counts as before
against its client's rate, in the metrics, in the log and as usage. It is the short way to what ``maillon.sparql.kept``
has; what it gains is in decision record 0014. WSGI middleware (PEP 3333, https://peps.python.org/pep-3333/).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask, request

from maillon.settings import Settings
from maillon.store import snapshots
from maillon.web import limits

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST: Final = 64_000
"""Octets that an answer may have to be held here."""
MOST: Final = 16_000_000
"""Octets that one web process holds: answers, their headers, and the requests that lead to them."""
_MARK: Final = "maillon.repeated"
_NAMES: Final = (
    "wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING",
    "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE",
)  # fmt: skip
"""All that an answer to a GET may depend on, but for _OTHERS."""
_OTHERS: Final = (
    "HTTP_ACCEPT_DATETIME", "HTTP_AUTHORIZATION", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH",
    "HTTP_IF_RANGE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE",
)  # fmt: skip
"""What a request has that must be looked at by Flask."""
_PER_ENTRY: Final = 1_000
"""Octets that Python adds to an entry."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a view says of an answer that may be sent again as it is.

    Attributes:
        snapshot: Number of the snapshot that it comes from.
        may: Counts a request against a client's rate and tells whether it may be answered.
        count: Counts that it was answered.
    """

    snapshot: int
    may: Callable[[str], bool]
    count: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One answer: its mark, status line, headers and octets."""

    mark: Mark
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + _PER_ENTRY


def offer(mark: Mark) -> None:
    """Mark the answer to this request as one that may be sent again to whoever asks the same.

    Nothing but what _NAMES has may shape it, and it must have at most LONGEST octets, which are there already.
    """
    request.environ[_MARK] = mark


class Repeated:
    """The middleware of one application.

    Args:
        inner: What answers requests that did not come before.
        root: Folder of the snapshots.
        most: Octets to hold.
    """

    def __init__(self, inner: "WSGIApplication", root: Path, most: int = MOST) -> None:
        self._inner = inner
        self._root = root
        self._most = most
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, ...], _Entry] = OrderedDict()
        self._octets = 0
        self._snapshot: int | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in _OTHERS):
            return self._inner(environ, start_response)
        key = tuple(environ.get(name, "") for name in _NAMES)
        entry = self._find(key)
        if entry is None or not entry.mark.may(limits.name_of(environ.get("REMOTE_ADDR"))):
            return self._asked(key, environ, start_response)
        entry.mark.count()
        start_response(entry.status, list(entry.headers))
        return [entry.body]

    def _find(self, key: tuple[str, ...]) -> _Entry | None:
        """Return the answer to a request, if it is from the snapshot that is published now."""
        if not self._entries:
            return None
        now = snapshots.current_number(self._root)
        with self._lock:
            if now != self._snapshot:
                self._forget(now)
            if (entry := self._entries.get(key)) is not None:
                self._entries.move_to_end(key)
            return entry

    def _asked(
        self, key: tuple[str, ...], environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Have a request answered, and hold the answer where it is marked."""
        heads: list[tuple[str, list[tuple[str, str]]]] = []

        def started(status: str, headers: list[tuple[str, str]], failed: object = None, /) -> Callable[[bytes], object]:
            heads.append((status, headers))
            return start_response(status, headers, failed)  # type: ignore[arg-type]

        answer = self._inner(environ, started)
        mark: Mark | None = environ.pop(_MARK, None)
        if mark is None or len(heads) != 1:
            return answer
        try:
            body = b"".join(answer)
        finally:
            with suppress(AttributeError):
                answer.close()  # type: ignore[attr-defined]
        self._put(key, _Entry(mark, heads[0][0], list(heads[0][1]), body))
        return [body]

    def _put(self, key: tuple[str, ...], entry: _Entry) -> None:
        """Hold an answer, and let those go that nobody has asked for the longest."""
        with self._lock:
            if entry.mark.snapshot != self._snapshot:
                if entry.mark.snapshot != snapshots.current_number(self._root):
                    return  # published anew meanwhile
                self._forget(entry.mark.snapshot)
            if (old := self._entries.pop(key, None)) is not None:
                self._octets -= _octets(key, old)
            self._entries[key] = entry
            self._octets += _octets(key, entry)
            while self._octets > self._most:
                self._octets -= _octets(*self._entries.popitem(last=False))

    def _forget(self, now: int | None) -> None:
        """Let go of all answers, as they are from another snapshot."""
        self._entries.clear()
        self._octets = 0
        self._snapshot = now


def _octets(key: tuple[str, ...], entry: _Entry) -> int:
    return entry.size + sum(map(len, key))


def install(app: Flask) -> None:
    """Let an application answer repeated requests by the short way; before what rewrites addresses of clients."""
    settings: Settings = app.config["MAILLON"]
    app.wsgi_app = Repeated(app.wsgi_app, settings.snapshots)  # type: ignore[method-assign]
