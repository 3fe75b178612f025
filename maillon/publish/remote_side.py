"""Turns triples to add and to take away into requests to one side of a remote SPARQL server, of bounded size, retried.

SPARQL 1.1 Graph Store HTTP Protocol (POST of N-Triples adds) and SPARQL 1.1 Update (DELETE DATA). Nothing that is sent
holds a blank node, so sending it twice is as sending it once and every request may be tried again.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from maillon.sparql.remote import marker as remote_marker
from maillon.sparql.remote.http import FUSEKI, Server, ServerFailed, Side
from maillon.sparql.remote.marker import Names

OCTETS: Final = 4_000_000
"""Octets of one addition."""
LARGE: Final = 32_000_000
"""The same for Fuseki: TDB2 copies the blocks that a transaction touches and keeps the old ones until it is compacted;
1.8 million triples took 5.9 GB in parts of 4 MB."""
DELETED: Final = 500
"""Triples of one DELETE DATA: Virtuoso 7 compiles the text to SQL of at most 10,000 lines."""
CLEARED: Final = 50_000
"""Triples taken out of a graph at a time; Oxigraph clears a graph of 620,000 at once in 24 s and 0.9 GB, one of 6
million not within 15 minutes."""
_SECONDS: Final = 600.0
_WAITS: Final = (0.5, 2.0, 5.0)
_TRANSIENT: Final = (0, 408, 425, 429, 502, 503, 504)
_TOO_MUCH: Final = (400, 413, 414, 500)


class Filling:
    """One load of one side: takes the mark away at its beginning, and ``close`` puts the new one in its place.

    Args:
        server: The server.
        side: The side.
        names: IRIs of the graphs.
        graphs: Graphs that may hold something from before.
        progress: Told what is being done.
    """

    def __init__(
        self,
        server: Server,
        side: Side,
        names: Names,
        graphs: Iterable[str],
        progress: Callable[[str, int, int | None], None],
    ) -> None:
        self.side = side
        self._server = server
        self._names = names
        self._graphs = set(graphs)
        self._opened = False
        self._waiting: dict[str, list[str]] = {}
        self._size = 0
        self._octets = OCTETS
        self._added = 0
        self._progress = progress

    def open(self, graphs: Iterable[str]) -> None:
        """Note on the side, before anything changes, that it is being loaded and which graphs will hold something."""
        new = set(graphs) - self._graphs
        if new or not self._opened:
            self._graphs |= new
            self._mark("", self._graphs)
            self._opened = True

    def close(self, mark: str, graphs: Iterable[str]) -> None:
        """Say that the side holds a whole snapshot."""
        self._mark(mark, graphs)

    def _mark(self, mark: str, graphs: Iterable[str]) -> None:
        triples = remote_marker.triples(self._names, mark, graphs)
        self._tried(lambda: self._server.put(self.side, self._names.mark, triples, _SECONDS, replace=True))

    def clear(self) -> None:
        """Empty every graph that may hold something from before. Raises ServerFailed."""
        for graph in sorted(self._graphs | self._found()):
            self._progress(f"clearing {graph}", 0, None)
            left = self._count(graph)
            while left:
                self._update(
                    f"DELETE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} WHERE {{ SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> "
                    f"{{ ?s ?p ?o }} }} LIMIT {CLEARED} }}"
                )
                before, left = left, self._count(graph)
                if left >= before:
                    raise ServerFailed(
                        f"{self.side.update_url} took a DELETE but <{graph}> still holds {left} triples: what may "
                        "store_user do there?",
                        200,
                    )

    def _found(self) -> set[str]:
        """Return our graphs that are on the side, whatever its mark says, which a server killed meanwhile may lose."""
        rows, software = remote_marker.rows(
            self._server, self.side, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", _SECONDS
        )
        self._octets = LARGE if software == FUSEKI else OCTETS
        ours = self._names.mark.rpartition("/")[0]
        return {row["g"].value for row in rows if row["g"].value.startswith(f"{ours}/")} - {self._names.mark}

    def _count(self, graph: str) -> int:
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        rows, _ = remote_marker.rows(self._server, self.side, query, _SECONDS)
        return int(rows[0]["n"].value) if rows else 0

    def remove(self, graphs: dict[str, list[str]]) -> None:
        """Take triples away."""
        for graph, triples in graphs.items():
            for start in range(0, len(triples), DELETED):
                self._delete(graph, triples[start : start + DELETED])

    def _delete(self, graph: str, triples: list[str]) -> None:
        """Take triples away, in halves where the server finds them too many."""
        try:
            lines = "".join(f"{triple} .\n" for triple in triples)
            self._update(f"DELETE DATA {{ GRAPH <{graph}> {{\n{lines}}} }}")
        except ServerFailed as error:
            if error.status not in _TOO_MUCH or len(triples) == 1:
                raise
            middle = len(triples) // 2
            self._delete(graph, triples[:middle])
            self._delete(graph, triples[middle:])

    def add(self, graphs: dict[str, list[str]]) -> None:
        """Add triples, some time until ``flush``."""
        for graph, triples in graphs.items():
            self._waiting.setdefault(graph, []).extend(triples)
            self._size += sum(map(len, triples))
        if self._size >= self._octets:
            self.flush()

    def flush(self) -> None:
        """Send what waits to be added."""
        for graph, triples in self._waiting.items():
            for part in _parts(triples, self._octets):
                self._post(graph, part)
                self._added += part.count(b"\n")
                self._progress("server", self._added, None)
        self._waiting.clear()
        self._size = 0

    def _post(self, graph: str, part: bytes) -> None:
        self._tried(lambda: self._server.put(self.side, graph, part, _SECONDS))

    def _update(self, text: str) -> None:
        self._tried(lambda: self._server.update(self.side, text, _SECONDS))

    @staticmethod
    def _tried(send: Callable[[], None]) -> None:
        for wait in _WAITS:
            try:
                return send()
            except ServerFailed as error:
                if error.status not in _TRANSIENT or error.late:
                    raise
            time.sleep(wait)
        return send()


def _parts(triples: list[str], octets: int) -> Iterator[bytes]:
    """Cut triples into N-Triples of about so many octets."""
    lines: list[str] = []
    size = 0
    for triple in triples:
        lines.append(f"{triple} .\n")
        size += len(triple)
        if size >= octets:
            yield "".join(lines).encode()
            lines, size = [], 0
    if lines:
        yield "".join(lines).encode()
