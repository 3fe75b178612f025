"""What is said between those who ask and those who answer: a job, the octets of its answer, or why there is none."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Literal

from maillon.errors import MaillonError
from maillon.sparql.text.hint_texts import PLACE

TABLE: Final = "application/x-maillon-table+json"
"""Own media type of the first rows of any answer, for pages: columns, rows of cells, truncated."""
RECORDS: Final = "application/json"
"""Media type of the rows of an answer as a list of flat objects, for spreadsheets."""
FRAME: Final = 65_536
"""Octets of a part of an answer; a shorter one is the last."""

Kind = Literal["refused", "syntax", "time", "memory", "size", "busy", "share", "died", "failed"]


@dataclass(frozen=True, slots=True)
class Hint:
    """One part of a query that is likely to blame.

    Attributes:
        id: Key of ``text.hint_texts.TEXTS`` or of ``text.mistake_texts.MISTAKES``.
        line: Line of the query, from 1.
        part: Excerpt of the query.
        what: What is slow or wrong about it, in English, with ``%(name)s`` where a value goes.
        advice: What to try, in the same way.
        values: The values by name.
    """

    id: str
    line: int
    part: str
    what: str
    advice: str
    values: Mapping[str, str] = field(default_factory=dict)

    def texts(self) -> tuple[tuple[str, Mapping[str, str | int]], ...]:
        """Return place, what and advice, each with its values, for who translates them."""
        values: dict[str, str | int] = {"line": self.line, "part": self.part, **self.values}
        return (PLACE, values), (self.what, values), (self.advice, values)

    def __str__(self) -> str:
        return " ".join(text % values for text, values in self.texts())


ASKER: Final[ContextVar[int | None]] = ContextVar("asker", default=None)
"""Handle of the connection of who asks, where a thread answers one; a query ends when that is closed."""


class QueryFailed(MaillonError):
    """A query gave no whole answer.

    Attributes:
        kind: ``refused`` and ``syntax``: the query must be changed; ``time``, ``memory``, ``size``: this budget was
            used up; ``busy``: no worker was free; ``share``: the client has as much open as one may have; ``died``: the
            worker crashed or was stopped; ``failed``: the engine could not.
        hints: What is likely to blame and what to try; the message says it in English too.
    """

    def __init__(self, kind: Kind, message: str, hints: Sequence[Hint] = ()) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.hints = hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One query.

    Attributes:
        query: Its text, let through by the guard.
        media_type: Form of a SELECT or ASK answer, or TABLE for the first ``max_rows`` rows of any answer.
        rdf_media_type: Form of a CONSTRUCT or DESCRIBE answer.
        base_iri: What relative IRIs of the query are relative to.
        default_graphs: IRIs of the protocol's default-graph-uri.
        named_graphs: IRIs of the protocol's named-graph-uri.
        bindings: Pairs of a variable's name and the N-Triples term that it stands for.
        labels: Language of the labels that a TABLE or RECORDS answer gives beside its IRIs; empty for none.
        max_rows: Rows of a TABLE.
        max_bytes: Octets of the answer, where fewer are wanted than the setting allows.
        seconds: Time that it may take, where less is wanted than the setting allows; 0 for the setting.
    """

    query: str
    media_type: str = "application/sparql-results+json"
    rdf_media_type: str = "text/turtle"
    base_iri: str = "http://localhost/sparql"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    bindings: tuple[tuple[str, str], ...] = ()
    labels: str = ""
    max_rows: int = 1000
    max_bytes: int = sys.maxsize
    seconds: float = 0.0


class Answer(Iterator[bytes]):
    """The octets of one answer, while they are made or read from the cache.

    Iterating raises QueryFailed where the answer breaks off, so that what was sent is not taken for whole. Always call
    ``close``: it ends the work that nobody waits for any more.

    Attributes:
        media_type: Form of the octets.
        length: Their number, None while they are being made.
    """

    media_type: str = ""
    length: int | None = None

    def close(self) -> None:
        """End the work. May be called again."""
