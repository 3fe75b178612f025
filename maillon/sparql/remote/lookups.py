"""Look up quads by their parts in a remote SPARQL server, as the pages do it in the store of a snapshot."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, QueryResultsFormat, QuerySolutions, parse_query_results

from maillon.settings import Settings
from maillon.sparql.jobs import Job
from maillon.sparql.remote.engine import RemoteEngine

_MOST: Final = 100
_BYTES: Final = 1_000_000


class RemoteLookups:
    """Stands for the store of a snapshot that has none.

    Args:
        settings: The settings in force.
        folder: Folder of the snapshot.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._engine = RemoteEngine(settings)
        self._folder = folder

    def quads_for_pattern(
        self, subject: NamedNode | None, predicate: NamedNode | None, node: NamedNode | None, graph: None = None
    ) -> Iterator[Quad]:
        """Yield at most 100 quads of all graphs, without their graph; None stands for any.

        Raises:
            QueryFailed: The server could not answer.
        """
        if graph is not None:
            raise ValueError("A graph cannot be chosen.")
        pattern = " ".join(str(term or name) for term, name in ((subject, "?s"), (predicate, "?p"), (node, "?o")))
        query = f"SELECT * WHERE {{ {{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }} }} LIMIT {_MOST}"
        answer = self._engine.query(self._folder, Job(query=query, max_bytes=_BYTES))
        try:
            found = parse_query_results(b"".join(answer), QueryResultsFormat.JSON)
        finally:
            answer.close()
        if not isinstance(found, QuerySolutions):
            raise TypeError(json.dumps(query))
        names = {variable.value for variable in found.variables}
        for row in found:
            parts = (
                row[name] if name in names else given
                for name, given in zip("spo", (subject, predicate, node), strict=True)
            )
            yield Quad(*parts)  # type: ignore[arg-type]

    def close(self) -> None:
        """Close the connections."""
        self._engine.close()
