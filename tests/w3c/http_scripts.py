"""Plays the HTTP scripts of the W3C's Protocol and Graph Store Protocol suites, and its Service Description tests.

A script is a list of requests with what is expected of each answer (vocabularies ``ht``, ``cnt`` and ``mf``; the
manifests explain them). Its addresses begin with a path that stands for the endpoint under test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import RdfFormat, parse
from rdflib import Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from . import comparing
from .endpoints import Http
from .manifests import MF, RDFS, SUITES, UT, entries, path_of

HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_BOOLEAN: Final = {"application/sparql-results+json", "application/sparql-results+xml"}
FORMATS: Final = {
    "boolean": _BOOLEAN,
    "tabular": {*_BOOLEAN, "text/csv", "text/tab-separated-values"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request of a script with what is expected of its answer.

    Attributes:
        method: HTTP method.
        path: Path and query as the manifest writes them.
        headers: Headers by name in lower case.
        body: Octets of the body, None for none.
        statuses: What the status may be: three digits, or the first one for a class.
        boolean: The answer to an ASK, None where it does not matter.
        format: A key of FORMATS, empty where it does not matter.
        location: Name that the Location of the answer gets in the requests that follow, empty for none.
        turtle: The graph expected, empty where it does not matter.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[str]
    boolean: bool | None
    format: str
    location: str
    turtle: str


@dataclass(frozen=True, slots=True)
class Script:
    """One test: its name, pairs of a graph's IRI and its N-Triples to begin with, and its requests."""

    name: str
    graphs: tuple[tuple[str, bytes], ...]
    requests: tuple[Sent, ...]


def scripts(manifest: str) -> list[Script]:
    """Return the scripts of a manifest, given by its path below ``sparql``."""
    return [_script(found, node) for found, node in entries(SUITES / "sparql" / manifest)]


def _script(found: Graph, node: Node) -> Script:
    listed = found.value(found.value(node, MF.action), HT.requests)
    assert listed is not None, node
    graphs = [
        (str(found.value(item, RDFS.label)), path_of(found.value(item, UT.graph) or "").read_bytes())
        for item in found.objects(node, UT.graphData)
    ]
    name = str(node).rpartition("#")[2]
    return Script(name, tuple(graphs), tuple(_sent(found, item) for item in Collection(found, listed)))


def _headers(found: Graph, node: Node | None) -> dict[str, str]:
    listed = found.value(node, HT.headers)
    return {
        str(found.value(item, HT.fieldName)).lower(): str(found.value(item, HT.fieldValue))
        for item in (Collection(found, listed) if listed else ())
    }


def _sent(found: Graph, node: Node) -> Sent:
    body, response = found.value(node, HT.body), found.value(node, HT.resp)
    boolean = found.value(response, MF.expectedBoolean)
    names = (str(item).rpartition("#")[2] for item in found.objects(response, MF.expectedStatus))
    encoding = str(found.value(body, CNT.characterEncoding) or "utf-8")
    return Sent(
        method=str(found.value(node, HT.methodName)),
        path=str(found.value(node, HT.absolutePath)),
        headers=_headers(found, node),
        body=str(found.value(body, CNT.chars)).encode(encoding) if body else None,
        statuses=frozenset(_STATUSES.get(name, name[-3:-2]) for name in names),
        boolean=None if boolean is None else str(boolean) == "true",
        format=str(found.value(response, MF.expectedFormat) or ""),
        location=str(found.value(response, MF.expectedLocation) or ""),
        turtle=str(found.value(found.value(response, HT.body), CNT.chars) or ""),
    )


_STATUSES: Final = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}


def play(script: Script, connection: Http, prefix: str, path: str) -> str:
    """Play a script; return what went wrong first, empty where nothing did.

    Args:
        script: The test.
        connection: Where to.
        prefix: What the manifest's paths begin with.
        path: What stands in its place here.
    """
    locations: dict[str, str] = {}
    for number, sent in enumerate(script.requests, 1):
        target = path + sent.path.removeprefix(prefix)
        body = sent.body
        for name, value in locations.items():
            target = target.replace(name, value)
            body = body.replace(name.encode(), value.encode()) if body is not None else None
        headers = {name.replace("-", "_"): value for name, value in sent.headers.items()}
        status, given, content = connection.send(sent.method, target, body, **headers)
        if sent.location and "Location" in given:
            locations[sent.location] = given["Location"]
        if wrong := next(_wrong(sent, status, given.get_content_type(), content), ""):
            return f"request {number}: {wrong}"
        if sent.location and sent.location not in locations:
            return f"request {number}: no Location"
    return ""


def _wrong(sent: Sent, status: int, media_type: str, content: bytes) -> Iterator[str]:
    """Yield what of an answer is not as expected."""
    if not {str(status), str(status)[0]} & sent.statuses:
        yield f"status {status}: {content[:200].decode(errors='replace').strip()}"
    if sent.format and media_type not in FORMATS[sent.format]:
        yield f"sent as {media_type}"
    if sent.boolean is not None and json.loads(content)["boolean"] is not sent.boolean:
        yield "the wrong truth"
    if sent.turtle:
        wanted = comparing.dataset(list(parse(sent.turtle, RdfFormat.TURTLE)))
        given = RdfFormat.from_media_type(media_type)
        if given is None or comparing.dataset(list(parse(content, given))) != wanted:
            yield "another graph"


def service_description(connection: Http, path: str) -> dict[str, str]:
    """Return the fault of each of the three tests of a service description, empty for one that passes.

    Its third test, "conforms to schema", is checked as far as the specification says MUST of what is described: every
    named graph has its name, every sd:Service an endpoint, and objects of sd properties are no literals.
    """
    status, headers, content = connection.send("GET", path, accept="text/turtle")
    faults = {"returns-rdf": "", "has-endpoint-triple": "", "conforms-to-schema": ""}
    if status != 200 or headers.get_content_type() != "text/turtle":
        return dict.fromkeys(faults, f"status {status}, {headers.get_content_type()}")
    found = Graph().parse(data=content, format="turtle")
    sd = Namespace(_SD)
    address = connection.root + path.removeprefix("/")
    if address not in {str(item) for item in found.objects(None, sd.endpoint)}:
        faults["has-endpoint-triple"] = f"no sd:endpoint <{address}>"
    graphs = set(found.objects(None, sd.namedGraph))
    unnamed = [item for item in graphs if found.value(item, sd.name) is None]
    odd = [str(p) for _, p, o in found if str(p).startswith(_SD) and not _is_resource(o)]
    if unnamed or odd or not list(found.objects(None, sd.defaultDataset)):
        faults["conforms-to-schema"] = f"graphs without name: {len(unnamed)}; literals at {odd}"
    return faults


def _is_resource(node: Node) -> bool:
    return not hasattr(node, "datatype")
