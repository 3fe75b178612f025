"""What the tests of the suites are asked of: a live HTTP endpoint over one connection, and pyoxigraph in this process.

Both load a dataset, answer a query in a media type, run an update and tell what they hold; a refusal is ``Refused``.
"""

import http.client
import json
import re
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    serialize,
)

from .comparing import RDF_SUFFIXES
from .manifests import Data, address_of

MEDIA_TYPES: Final = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".tsv": "text/tab-separated-values",
    ".csv": "text/csv",
    ".ttl": "text/turtle",
    ".rdf": "application/rdf+xml",
    ".nt": "application/n-triples",
}
_UNDERSTOOD: Final = re.compile("does not exist|is not supported|is not offered")
"""In the message of a refusal after the text was understood: a missing graph, an unknown function, LOAD."""
_ALL: Final = "SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


class Refused(Exception):
    """The endpoint did not do what was asked; ``is_syntax`` where the text is not SPARQL."""

    def __init__(self, message: str, is_syntax: bool) -> None:
        super().__init__(message)
        self.is_syntax = is_syntax


class Endpoint(Protocol):
    """Answers the tests of the suites."""

    def load(self, data: Data) -> None:
        """Hold this dataset and nothing else."""

    def query(self, text: str, base: str, suffix: str) -> bytes:
        """Answer a query whose file has the address ``base``. Raises Refused."""

    def update(self, text: str, base: str) -> None:
        """Run an update whose file has the address ``base``. Raises Refused."""

    def quads(self) -> list[Quad]:
        """Return everything that is held."""


class Http:
    """One connection to a server.

    Attributes:
        root: Address of the server, ending with a slash.
        sent: Number of requests so far.
    """

    def __init__(self, root: str, token: str = "") -> None:
        self.root = root
        self.sent = 0
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connection = http.client.HTTPConnection(urlsplit(root).netloc, timeout=60)

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Return status, headers and body of the answer; keyword ``content_type`` is the header Content-Type."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.sent += 1
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, {**self._headers, **named})
                reply = self._connection.getresponse()
                return reply.status, reply.headers, reply.read()
            except (http.client.RemoteDisconnected, ConnectionError):  # an idle connection is closed by the server
                self._connection.close()
                if attempt == 2:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Live:
    """The working graph of a server, by SPARQL Protocol and Graph Store Protocol."""

    def __init__(self, connection: Http) -> None:
        self._http = connection

    def load(self, data: Data) -> None:
        self._checked("POST", "/working/sparql", b"DROP ALL", "application/sparql-update")
        for path in data.default:
            self._put("default", path.read_bytes(), address_of(path), path.suffix)
        for name, path in data.named:
            self._put(f"graph={quote(name, safe='')}", path.read_bytes(), address_of(path), path.suffix)

    def _put(self, graph: str, content: bytes, address: str, suffix: str) -> None:
        if suffix == ".ttl":  # what is relative in the file is so to its address at the W3C
            content = f"@base <{address}> .\n".encode() + content
        self._checked("POST", f"/working/graphs?{graph}", content, MEDIA_TYPES[suffix])

    def query(self, text: str, base: str, suffix: str) -> bytes:
        body = f"BASE <{base}>\n{text}".encode()
        return self._checked("POST", "/working/sparql", body, "application/sparql-query", MEDIA_TYPES[suffix])

    def update(self, text: str, base: str) -> None:
        self._checked("POST", "/working/sparql", f"BASE <{base}>\n{text}".encode(), "application/sparql-update")

    def quads(self) -> list[Quad]:
        rows = json.loads(self.query(_ALL, "http://example.org/", ".srj"))["results"]["bindings"]
        return [Quad(*(_term(row[name]) for name in "spo" if name in row), *_graph(row)) for row in rows]

    def _checked(self, method: str, path: str, body: bytes, content_type: str, accept: str = "*/*") -> bytes:
        status, headers, content = self._http.send(method, path, body, content_type=content_type, accept=accept)
        if status >= 300:
            message = content.decode(errors="replace").strip()
            raise Refused(f"{status} {message}", status == 400 and not _UNDERSTOOD.search(message))
        assert accept in ("*/*", headers.get_content_type())
        return content


def _term(value: dict[str, str]) -> Any:
    if value["type"] == "uri":
        return NamedNode(value["value"])
    if value["type"] == "bnode":
        return BlankNode(value["value"])
    if "xml:lang" in value:
        return Literal(value["value"], language=value["xml:lang"])
    return Literal(value["value"], datatype=NamedNode(value["datatype"]) if "datatype" in value else None)


def _graph(row: dict[str, dict[str, str]]) -> tuple[Any, ...]:
    return (_term(row["g"]),) if "g" in row else ()


class Direct:
    """Pyoxigraph in this process, as it is."""

    def __init__(self) -> None:
        self._store = Store()

    def load(self, data: Data) -> None:
        self._store = Store()
        for path in data.default:
            self._store.load(path=path, format=RDF_SUFFIXES[path.suffix], base_iri=address_of(path))
        for name, path in data.named:
            graph = NamedNode(name)
            self._store.load(path=path, format=RDF_SUFFIXES[path.suffix], base_iri=address_of(path), to_graph=graph)

    def query(self, text: str, base: str, suffix: str) -> bytes:
        try:
            found = self._store.query(text, base_iri=base)
            if isinstance(found, QuerySolutions | QueryBoolean):
                return found.serialize(None, QueryResultsFormat.from_media_type(MEDIA_TYPES[suffix])) or b""
            return serialize(found, format=RdfFormat.N_TRIPLES) or b""
        except SyntaxError as error:
            raise Refused(str(error), True) from error
        except (RuntimeError, ValueError, OSError) as error:
            raise Refused(str(error), False) from error

    def update(self, text: str, base: str) -> None:
        try:
            self._store.update(text, base_iri=base)
        except SyntaxError as error:
            raise Refused(str(error), True) from error
        except (RuntimeError, ValueError, OSError) as error:
            raise Refused(str(error), False) from error

    def quads(self) -> list[Quad]:
        return list(self._store)
