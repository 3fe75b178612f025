"""What a request asks of the SPARQL endpoint, whichever way it comes.

Turns the address and the body of a request (SPARQL 1.1 Protocol, section 2.1: GET, POST of a form, POST of the query
itself) into one ``Asked``. What cannot be understood ends the request with a plain text: 400 for wrong parameters, 413
for too large a body, 415 for another media type.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from flask import request

from maillon import identifiers
from maillon.settings import LANGUAGES
from maillon.web import languages, negotiation

MAX_BODY: Final = 1_000_000
"""Octets of a request."""
FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"

_MILLISECONDS: Final = 1000.0
"""A ``timeout`` from here on is one of Virtuoso's, whose unit is the millisecond."""
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")

Values = Mapping[str, Sequence[str]]
"""The values of each parameter, in the order in which they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The parameters of a query operation.

    Attributes:
        query: The text of the query, as it was sent.
        default_graphs: IRIs of the graphs that make up the default graph; they win over the query's.
        named_graphs: IRIs of the named graphs; they win over the query's.
        format: Name of the form wanted, empty to go by ``Accept``.
        language: Language of the page for people.
        labels: Language of the labels beside IRIs, empty for none.
        seconds: Time that the client gives the query, 0 for the setting.
        snapshot: Number of the snapshot asked, None for the one that ``Accept-Datetime`` names or the current one.
        bindings: Pairs of a variable's name and the N-Triples term that it stands for.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str = ""
    language: str = "en"
    labels: str = ""
    seconds: float = 0.0
    snapshot: int | None = None
    bindings: tuple[tuple[str, str], ...] = ()


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        negotiation.refuse(400, f"The {what} is not UTF-8.")


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        negotiation.refuse(400, "The parameters are not URL-encoded UTF-8, or there are more than 1000 of them.")


def _body() -> str:
    """Return the text of the body."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        negotiation.refuse(400, f"The body is declared as {charset}: send UTF-8.")
    body = request.stream.read()  # all of it, up to what the application takes: octets left unread break a connection
    if len(body) > MAX_BODY:
        negotiation.refuse(413, f"The request has more than {MAX_BODY} octets.")
    return _decoded(body, "body")


def received(direct: Mapping[str, str]) -> dict[str, list[str]]:
    """Return all parameters of the request, those of its body among them.

    Args:
        direct: Media types of bodies that are one parameter, each with its name: ``{QUERY: "query"}``.
    """
    pairs = _pairs(_decoded(request.query_string, "address"))
    if request.method == "POST":
        if request.mimetype == FORM:
            pairs += _pairs(_body())
        elif request.mimetype in direct:
            pairs.append((direct[request.mimetype], _body()))
        else:
            known = ", ".join(direct)
            negotiation.refuse(415, f"Send {FORM} with {' or '.join(direct.values())}=, or one of: {known}.")
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def first(values: Values, name: str) -> str:
    """Return the first value of a parameter, empty where there is none."""
    return next(iter(values.get(name, ())), "")


def graphs(values: Values, name: str) -> tuple[str, ...]:
    """Return the IRIs of a parameter; ends the request with 400 where one is not absolute."""
    found = tuple(values.get(name, ()))
    for iri in found:
        if not identifiers.is_absolute(iri):
            negotiation.refuse(400, f"The graph {iri!r} is not an absolute IRI.")
    return found


def _of_dataset(values: Values, name: str) -> tuple[str, ...]:
    """Return graphs; one without a value is none, as forms of Virtuoso write it into every address that people copy."""
    return graphs({name: [iri for iri in values.get(name, ()) if iri]}, name)


def seconds(text: str) -> float:
    """Return the time that a ``timeout`` gives: seconds, or milliseconds from 1000 on; 0 for none of its own."""
    if not text:
        return 0.0
    if not _NUMBER.fullmatch(text):
        negotiation.refuse(400, f"timeout={text!r}: give seconds (or milliseconds from 1000 on), such as timeout=10.")
    value = float(text)
    return value / 1000 if value >= _MILLISECONDS and math.isfinite(value) else value


def snapshot_number(text: str) -> int | None:
    """Return the number of a ``snapshot`` parameter, None for none; ends the request with 400 for anything else."""
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,8}", text):
        negotiation.refuse(400, f"snapshot={text!r}: give the number of a snapshot, such as snapshot=12.")
    return int(text)


def _labels(text: str) -> str:
    if text not in ("", *LANGUAGES):
        negotiation.refuse(400, f"labels={text!r}: use one of {', '.join(LANGUAGES)}.")
    return text


def asked(values: Values, query: str, extension: str = "") -> Asked:
    """Return a query together with the parameters that go with any query.

    Args:
        values: The parameters of the request.
        query: The query.
        extension: Extension of the address; it wins over ``format``.
    """
    language = first(values, "lang")
    return Asked(
        query=query,
        default_graphs=_of_dataset(values, "default-graph-uri"),
        named_graphs=_of_dataset(values, "named-graph-uri"),
        format=extension or first(values, "format"),
        language=language if language in LANGUAGES else languages.preferred(),
        labels=_labels(first(values, "labels")),
        seconds=seconds(first(values, "timeout")),
        snapshot=snapshot_number(first(values, "snapshot")),
    )


def parse(extension: str = "") -> Asked | None:
    """Return the query operation of the request, None where it asks nothing.

    Args:
        extension: Extension of the address (``/sparql.csv``), empty for none; it wins over ``format``.
    """
    if request.method == "POST" and request.mimetype == UPDATE:
        negotiation.refuse(400, "Updates are refused: this endpoint is read-only.")
    values = received({QUERY: "query"})
    if "update" in values:
        negotiation.refuse(400, "Updates are refused: this endpoint is read-only.")
    queries = values.get("query", [])
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        negotiation.refuse(400, f"Send exactly one query parameter; there are {len(queries)}.")
    return asked(values, queries[0], extension)
