"""Which form of an answer a client wants, and the headers that every answer for machines has.

Turns ``Accept`` (RFC 9110, section 12.5.1: the most specific range counts), a ``format`` parameter or an extension into
one of the forms on offer. Answers for machines are open to every origin (Fetch Standard, CORS).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn
from urllib.parse import urlsplit

from flask import Response, abort, request
from pyoxigraph import DefaultGraph, Quad, Triple
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from maillon.rdf import serialization
from maillon.settings import Settings
from maillon.web import languages

_BARE_WEIGHT: Final = re.compile(r"(;\s*q=)\.")  # "*/*; q=.2" is what Java's own client sends
_USUAL: Final = 200
"""Characters of a header that is remembered; longer ones are rare, and somebody might send many of them."""
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of an answer.

    Attributes:
        name: Its extension, also its name in ``format=``.
        media_type: What the answer is declared as.
        aliases: Media types and names by which clients ask for it too.
        sent_as: What the answer is declared as instead, where clients know that better than its own type.
    """

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()
    sent_as: str = ""

    @property
    def content_type(self) -> str:
        """The media type as it is sent; texts are UTF-8."""
        declared = self.sent_as or self.media_type
        return f"{declared}; charset=utf-8" if declared.startswith("text/") else declared


TURTLE: Final = Form("ttl", "text/turtle", ("turtle", "application/x-turtle"))
RDF_XML: Final = Form("rdf", "application/rdf+xml", ("xml", "rdf+xml", "application/xml", "text/xml"))
JSON_LD: Final = Form("jsonld", "application/ld+json", ("json", "json-ld", "application/json"))
N_TRIPLES: Final = Form("nt", "application/n-triples", ("ntriples", "text/plain"))
N_QUADS: Final = Form("nq", "application/n-quads", ("nquads", "n-quads", "text/x-nquads"))
JSON: Final = Form("json", "application/sparql-results+json", ("application/json",))
XML: Final = Form("xml", "application/sparql-results+xml", ("application/xml", "text/xml"))
CSV: Final = Form("csv", "text/csv")
TSV: Final = Form("tsv", "text/tab-separated-values")
# Spreadsheets read application/json; a SPARQL client that asks for that means the results of the standard.
RECORDS: Final = Form("records", "application/vnd.maillon.records+json", (), "application/json")
HTML: Final = Form("html", "text/html", ("application/xhtml+xml",))

RDF_FORMS: Final = (TURTLE, RDF_XML, JSON_LD, N_TRIPLES)
GRAPH_FORMS: Final = (*RDF_FORMS, N_QUADS)
"""Forms of a graph that a query makes, or of a whole graph."""
RESULT_FORMS: Final = (JSON, XML, CSV, TSV, RECORDS)
"""Forms of the rows of a SELECT and of the truth of an ASK."""
_ALL: Final = (*GRAPH_FORMS, *RESULT_FORMS, HTML)

_EXPOSED: Final = (
    "Content-Location, ETag, Link, Location, Memento-Datetime, Retry-After, X-Maillon-Reason, X-Maillon-Snapshot"
)
_ACCEPTED: Final = "Accept, Accept-Datetime, Accept-Language, Cache-Control, Content-Type, If-None-Match"


def _rank(accept: MIMEAccept, form: Form) -> tuple[float, int]:
    """Return the weight of a form and how specific the range is that gives it; an alias counts only when named."""
    main = form.media_type.split("/", maxsplit=1)[0]
    ranges = {form.media_type: 2, f"{main}/*": 1, "*/*": 0}
    best, aliases = (-1, 0.0), [(0.0, -1)]
    for value, weight in accept:
        wanted = value.split(";")[0].strip().lower()
        if wanted in ranges:
            best = max(best, (ranges[wanted], weight))
        elif wanted in form.aliases:
            aliases.append((weight, 2))
    return max((best[1], best[0]), *aliases)


def choose(offered: tuple[Form, ...], header: str) -> Form | None:
    """Return the form that a client prefers by its ``Accept``; the first offered among equals, None for none."""
    if not header.strip():
        return offered[0]
    return _chosen(offered, header) if len(header) < _USUAL else _chosen.__wrapped__(offered, header)


@lru_cache(1_000)
def _chosen(offered: tuple[Form, ...], header: str) -> Form | None:
    """Return the form that a header chooses; clients send the same few, so most are known."""
    accept = parse_accept_header(_BARE_WEIGHT.sub(r"\g<1>0.", header), MIMEAccept)
    best: tuple[float, int] = (0.0, 0)
    chosen = None
    for form in offered:
        rank = _rank(accept, form)
        if rank[0] > 0 and (chosen is None or rank > best):
            best, chosen = rank, form
    return chosen


def named(offered: Sequence[Form], name: str) -> Form | None:
    """Return the form that an extension, a ``format`` parameter or a media type names; the first that fits."""
    fits = [form for form in offered if name in (form.name, form.media_type)]
    return next(iter(fits or [form for form in offered if name in form.aliases]), None)


def negotiate(offered: tuple[Form, ...], name: str = "") -> Form:
    """Return the form for this request: the one named, else by ``Accept``; ends the request with 406 for none.

    A name that nobody knows is left aside: clients send names of their own beside a right ``Accept``.
    """
    is_known = named(_ALL, name) is not None
    form = named(offered, name) if is_known else choose(offered, request.headers.get("Accept", ""))
    if form is None:
        known = ", ".join(f"{item.media_type} (format={item.name})" for item in offered)
        refuse(406, f"None of the forms asked for is offered. Offered are: {known}.")
    return form


def graph(triples: Iterable[Triple], form: Form) -> Response:
    """Return triples in one of RDF_FORMS."""
    quads = (Quad(item.subject, item.predicate, item.object, DefaultGraph()) for item in triples)
    return Response(serialization.write(quads, form.media_type), content_type=form.content_type)


def message(status: int, text: str) -> Response:
    """Return a plain text that says what is wrong and what to do."""
    return Response(text.rstrip() + "\n", status, content_type="text/plain; charset=utf-8")


def refuse(status: int, text: str) -> NoReturn:
    """End the request with a plain text that says what is wrong and what to do."""
    abort(open_to_all(message(status, text)))


def open_to_all(response: Response) -> Response:
    """Let scripts of every origin read an answer (an ``after_request`` function of the machines' blueprints)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    response.vary.add("Accept")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = _ACCEPTED
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def tag(*parts: object) -> str:
    """Return an entity tag for what an answer is made of."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def unchanged(entity_tag: str) -> Response | None:
    """Return 304 where the client has this answer already, so that it need not be made.

    Compression adds its name to a tag (``"...:gzip"``), and the client sends it back so.
    """
    known = {item.split(":")[0] for item in request.if_none_match.as_set(include_weak=True)}
    if request.method not in ("GET", "HEAD") or entity_tag not in known:
        return None
    response = Response(status=304)
    response.set_etag(entity_tag, weak=True)
    return response


def root(settings: Settings) -> str:
    """Return what addresses in an answer start with, ending with a slash.

    That is the base IRI, whatever host a client claims; only on this machine itself the address that was asked, so
    that a catalogue can be tried out before it has its name.
    """
    return request.root_url if _is_loopback(request.host) else settings.base_iri


@lru_cache(100)
def _is_loopback(host: str) -> bool:
    return urlsplit(f"//{host}").hostname in _LOOPBACK


def see(path: str, status: int = 303) -> Response:
    """Return a redirection to a path of this site, wherever it is mounted."""
    response = Response(status=status)
    response.headers["Location"] = request.script_root + path
    return response


def see_page(path: str) -> Response:
    """Return a redirection to a page for people in the visitor's language (its path without the language)."""
    response = see(f"/{languages.preferred()}{path}", 302)
    response.vary.add("Accept-Language")
    return response
