"""Turn one job into the frames of its answer, over an open store (SPARQL 1.1 Query; ``maillon.sparql.jobs``).

What goes wrong becomes the kind and the message that its sender reads; see ``QueryFailed``.
"""

import re
from typing import Any, Final

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Variable,
    parse,
)

from maillon.rdf.serialization import stream
from maillon.sparql import tables, whole_graph
from maillon.sparql.jobs import RECORDS, TABLE
from maillon.sparql.labels import Labels, functions
from maillon.sparql.text import names, places
from maillon.sparql.text.tokens import tokens
from maillon.sparql.workers import stops
from maillon.sparql.workers.frames import Frames, TooLarge
from maillon.vocabulary import QUERY_PREFIXES

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_REASON: Final = re.compile(r"(?:^|, )([A-Z]\w*(?: [a-z]\w*| [A-Z]+)* [a-z]\w*)(?=,|$)")  # "Prefix not found"
_EXCERPT: Final = 40
_MARK: Final = "\ufeff"
"""Byte order mark, which editors of Windows put before a text."""

Values = dict[str, Any]
_Result = QuerySolutions | QueryBoolean | QueryTriples


def _asked(job: Values) -> Values:
    """Return the arguments of ``Store.query`` that a job needs: each one costs time, 33 µs for all prefixes."""
    query: str = job["query"]
    values: Values = {
        "base_iri": job["base_iri"],
        "prefixes": {name: iri for name, iri in QUERY_PREFIXES.items() if f"{name}:" in query},
    }
    if job["default_graphs"] or job["named_graphs"]:
        # The protocol's dataset wins over the query's as a whole (SPARQL 1.1 Protocol, section 2.1.4).
        values["default_graph"] = [NamedNode(iri) for iri in job["default_graphs"]]
        values["named_graphs"] = [NamedNode(iri) for iri in job["named_graphs"]]
    if job["bindings"]:
        values["substitutions"] = {Variable(name): _term(text) for name, text in job["bindings"]}
    return values


def _term(text: str) -> Any:
    """Return the term that a binding's N-Triples text stands for. Raises ValueError."""
    try:
        quads = list(parse(f"<urn:s> <urn:p> {text} .", RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        raise ValueError(f"{text[:_EXCERPT]!r} is no term in N-Triples.") from error
    if len(quads) != 1:
        raise ValueError(f"{text[:_EXCERPT]!r} is not one term in N-Triples.")
    return quads[0].object


def _is_whole_graph(job: Values) -> bool:
    """Tell whether all triples of one graph are asked for, as RDF: a scan needs no memory for them."""
    one = len(job["default_graphs"]) <= 1 and not job["named_graphs"] and not job["bindings"]
    return one and job["media_type"] not in (TABLE, RECORDS) and whole_graph.is_asked(job["query"])


def _answer(store: Store, job: Values, frames: Frames) -> None:
    if _is_whole_graph(job):
        triples = whole_graph.triples(store, next(iter(job["default_graphs"]), ""))
        frames.start(job["rdf_media_type"], job["max_bytes"])
        stream(triples, frames, job["rdf_media_type"])  # type: ignore[arg-type]
        return
    values = _asked(job)
    if "label" in job["query"]:
        values["custom_functions"] = functions(store)
    result: _Result = store.query(job["query"], **values)
    labels = Labels(store, job["labels"]) if job["labels"] else None
    if job["media_type"] == TABLE:
        frames.start(TABLE, job["max_bytes"])
        frames.write(tables.table(result, job["max_rows"], labels))
    elif job["media_type"] == RECORDS:
        frames.start(RECORDS, job["max_bytes"])
        tables.records(result, labels, frames.write)
    elif isinstance(result, QueryTriples):
        frames.start(job["rdf_media_type"], job["max_bytes"])
        stream(result, frames, job["rdf_media_type"])  # type: ignore[arg-type]
    else:
        frames.start(job["media_type"], job["max_bytes"])
        result.serialize(frames, QueryResultsFormat.from_media_type(job["media_type"]))  # type: ignore[arg-type]


def answer(store: Store, job: Values, frames: Frames) -> None:
    """Answer one job; whatever happens, the last frame says how it ended.

    Raises:
        BrokenPipeError, ConnectionResetError: The client has gone away.
    """
    job = {**job, "query": job["query"].removeprefix(_MARK)}
    try:
        _answer(store, job, frames)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except (TooLarge, SyntaxError, RuntimeError, ValueError, MemoryError, OSError) as error:
        frames.fail(*_failure(error, job))
    else:
        frames.finish()


def _failure(error: Exception, job: Values) -> tuple[str, str]:
    """Return the kind and the message that tell the sender of a query what went wrong."""
    match error:
        case TooLarge():
            return "size", f"The answer has more than {job['max_bytes']} octets."
        case SyntaxError():
            return "syntax", _readable(str(error), job["query"], job["base_iri"])
        case MemoryError():
            return "memory", "The query used up its memory. Ask for less, or for smaller parts."
        case PermissionError():  # the sandbox refused a socket
            return "refused", "This endpoint never asks other servers."
        case OSError():
            return "failed", str(error)
        case _:  # an unknown function, for instance
            return "refused", str(error)


def _readable(message: str, query: str, base_iri: str) -> str:
    """Return where a query stops being SPARQL, instead of the parser's list of all that could stand there."""
    if not query.strip():
        return "The query is empty."
    place = _PLACE.match(message)
    if place is None:
        return message
    stop = stops.stop(query, places.offset(query, int(place[1]), int(place[2])), base_iri, QUERY_PREFIXES)
    unknown = _undeclared(query, stop)
    if unknown:
        return unknown
    reason = _REASON.search(place[3])
    return places.sentence(query, stop, *([reason[1]] if reason else []))


def _undeclared(query: str, limit: int) -> str:
    """Return a message on the first prefix that is not declared, empty where there is none before the parser's place.

    The parser itself says so only for some places of a name, and then of the end of the name.
    """
    known, before = set(QUERY_PREFIXES), ""
    for kind, text, start in tokens(query):
        if kind == "comment":
            continue
        prefix = text.partition(":")[0]
        if kind == "name" and before == "PREFIX":
            known.add(prefix)
        elif kind == "name" and prefix != "_" and prefix not in known:
            if start > limit:
                return ""
            line, column = names.place(query, start)
            known_names = ", ".join(sorted(QUERY_PREFIXES))
            return (
                f"Line {line}, column {column}: the prefix {prefix}: is not declared. Declare it, or use one of the "
                f"predeclared prefixes: {known_names}."
            )
        before = text.upper()
    return ""
