"""Turns requests to the operator's working graph into what they ask: a query, an update, or documents for a graph.

SPARQL 1.1 Protocol, section 2 (https://www.w3.org/TR/sparql11-protocol/), and Graph Store Protocol, sections 4 and 5
(https://www.w3.org/TR/sparql11-http-rdf-update/). What cannot be understood ends the request: 400, 413 or 415, with
what to do.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from flask import request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from maillon.sparql.working.documents import FORMATS
from maillon.sparql.working.graph import MAX_BODY
from maillon.web import negotiation, sparql_request

_MAX_PARTS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_DATASETS: Final = {
    "query": ("default-graph-uri", "named-graph-uri"),
    "update": ("using-graph-uri", "using-named-graph-uri"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the SPARQL Protocol.

    Attributes:
        kind: ``query`` or ``update``, empty where nothing is asked.
        text: The query or update.
        graphs: IRIs of default-graph-uri or using-graph-uri.
        named_graphs: IRIs of named-graph-uri or using-named-graph-uri.
        format: The form of the answer that ``format`` names, empty for none.
    """

    kind: str
    text: str
    graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str


def _body() -> bytes:
    """Return the body of the request; ends it with 413 or 415 where that is too large or compressed."""
    request.max_content_length = MAX_BODY
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        negotiation.refuse(415, "The body is compressed: send it as it is.")
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        negotiation.refuse(413, f"The body has more than {MAX_BODY} octets: send it in parts, by POST.")


def _check_charset(content_type: str) -> str:
    """Return a media type without its parameters; ends the request where it is not declared to be UTF-8."""
    media_type, parameters = parse_options_header(content_type)
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        negotiation.refuse(415, f"The body is declared as {charset}: send UTF-8.")
    return media_type.lower()


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        negotiation.refuse(400, f"The {what} is not UTF-8.")


def _parameters(text: str) -> list[tuple[str, str]]:
    """Return the pairs of a URL-encoded text; ends the request with 400 where it is none."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        negotiation.refuse(400, "The parameters are not URL-encoded UTF-8.")


def _query_string() -> list[tuple[str, str]]:
    """Return the parameters of the address."""
    return _parameters(_decoded(request.query_string, "address"))


def _asked() -> list[tuple[str, str]]:
    found = _query_string()
    if request.method != "POST":
        if any(name == "update" for name, _ in found):
            negotiation.refuse(400, "An update is sent by POST.")
        return found
    media_type = _check_charset(request.headers.get("Content-Type", ""))
    text = _decoded(_body(), "body")
    if media_type == _FORM:
        return found + _parameters(text)
    for kind in _DATASETS:
        if media_type == f"application/sparql-{kind}":
            return [*found, (kind, text)]
    return negotiation.refuse(
        415, f"Send {_FORM} with query= or update=, or application/sparql-query, or application/sparql-update."
    )


def operation() -> Operation:
    """Return what a request to the SPARQL address asks."""
    asked = _asked()
    texts = [(name, value) for name, value in asked if name in _DATASETS]
    if not texts and request.method != "POST":
        return Operation("", "", (), (), next((value for name, value in asked if name == "format"), ""))
    if len(texts) != 1:
        negotiation.refuse(400, f"Send exactly one query or update; there are {len(texts)}.")
    ((kind, text),) = texts
    values = {name: [value for other, value in asked if other == name] for name, _ in asked}
    other = _DATASETS["update" if kind == "query" else "query"]
    if wrong := [name for name in other if name in values]:
        own = " or ".join(_DATASETS[kind])
        negotiation.refuse(400, f"{wrong[0]} does not go with {kind}=: use {own}.")
    graphs, named_graphs = (sparql_request.graphs(values, name) for name in _DATASETS[kind])
    return Operation(kind, text, graphs, named_graphs, sparql_request.first(values, "format"))


def graph() -> str | None:
    """Return the graph that ``?graph=`` names, empty for ``?default``, None where neither is given."""
    found = [(name, value) for name, value in _query_string() if name in ("graph", "default")]
    if not found:
        return None
    if len(found) > 1:
        negotiation.refuse(400, "Name one graph: graph= or default, once.")
    ((name, value),) = found
    if name == "default" and value:
        negotiation.refuse(400, "The parameter default takes no value.")
    return sparql_request.graphs({name: [value]}, name)[0] if name == "graph" else ""


def documents() -> tuple[tuple[bytes, str], ...]:
    """Return pairs of octets and media type: the body, or the parts of multipart/form-data."""
    media_type, options = parse_options_header(request.headers.get("Content-Type", ""))
    if media_type.lower() != "multipart/form-data":
        return ((_body(), _rdf_type(request.headers.get("Content-Type", ""))),)
    try:
        return tuple(
            (content, _rdf_type(headers.get("Content-Type", "")))
            for headers, content in _parts(_body(), options.get("boundary", "").encode())
        )
    except ValueError as error:
        negotiation.refuse(400, f"The body is not multipart/form-data as it is declared: {error}")


def _rdf_type(content_type: str) -> str:
    media_type = _check_charset(content_type)
    if media_type not in FORMATS:
        named = media_type or "nothing"
        negotiation.refuse(415, f"The document is declared as {named}: send one of {', '.join(FORMATS)}.")
    return media_type


def _parts(content: bytes, boundary: bytes) -> list[tuple[Headers, bytes]]:
    """Cut multipart/form-data into its parts. Raises ValueError where it is none."""
    decoder = MultipartDecoder(boundary, max_parts=_MAX_PARTS)
    decoder.receive_data(content)
    decoder.receive_data(None)
    found: list[tuple[Headers, list[bytes]]] = []
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, Field | File):
            found.append((event.headers, []))
        elif isinstance(event, Data):
            found[-1][1].append(event.data)
    if not found:
        raise ValueError("it has no parts")
    return [(headers, b"".join(data)) for headers, data in found]
