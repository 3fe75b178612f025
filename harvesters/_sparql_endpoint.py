"""Asks a SPARQL endpoint for datasets and their descriptions, and turns its answers into quads that are whole.

SPARQL 1.1 results (https://www.w3.org/TR/sparql11-results-json/) and RDF, read by pyoxigraph. What comes short of its
count is asked for in halves, because endpoints cut long answers without a word.
"""

import re
from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, parse_query_results

from harvesters import _sparql_queries as queries
from maillon.errors import PagesShifted, ParseFailed, SourceUnavailable
from maillon.rdf import parsing, subjects
from maillon.records import Described, Rejected
from maillon.sources import Answer, Fetch, Source

BLANK_DEPTH: Final = 3
"""Blank nodes inside each other that are asked for."""

_SKOLEM: Final = re.compile(r"nodeid:|.*/\.well-known/genid/|bnode:|_:", re.IGNORECASE)


class Endpoint:
    """One endpoint.

    Args:
        source: Where it is, and what of it is read.
        fetch: What it is asked with.
    """

    def __init__(self, source: Source, fetch: Fetch) -> None:
        self._source, self._fetch = source, fetch
        self._scope = queries.scope(source)
        self._rejected: list[Rejected] = []

    def pages(self) -> Iterator[list[str]]:
        """Yield the IRIs of the datasets by page, until one is empty: an endpoint may give less than asked for."""
        count, got, last = self._count(self._scope.count()), 0, ""
        while found := self._page(last):
            got, last = got + len(found), found[-1]
            yield [iri for iri in found if self._is_lasting(iri)]
        # The blank makes it another address, because fetch answers the same one from what it kept.
        after = self._count(self._scope.count() + " ")
        if got == count == after:
            return
        if count == after:
            raise SourceUnavailable(
                f"{self._source.url} counts {count} datasets but listed {got}. Ask its operator to lift the limit."
            )
        raise PagesShifted(f"{self._source.url} counted {count} datasets, then {after}, and listed {got}: try again.")

    def _page(self, last: str) -> list[str]:
        answer, solutions = self._select(self._scope.page(_quoted(last), self._source.page_size))
        found = [node.value for node in (row["d"] for row in solutions) if isinstance(node, NamedNode)]
        if any(one >= other for one, other in zip([last, *found], found, strict=False)):
            raise SourceUnavailable(
                f"{answer.url[:200]} does not give IRIs in the order that was asked for: its engine sorts or compares "
                "texts in its own way, so it cannot be read page by page. Ask its operator for a dump."
            )
        return found

    def _is_lasting(self, iri: str) -> bool:
        """Tell whether an IRI can be asked for again; what endpoints make up for blank nodes changes with each load."""
        if _SKOLEM.match(iri):
            self._reject(iri, "blank node made an IRI by the endpoint", "give the dataset an IRI of its own")
        elif not queries.is_iri(iri):
            self._reject(iri, "IRI that cannot be asked for", "it has characters that no IRI may have")
        elif not queries.fits(self._source.url, self._scope, [iri]):
            self._reject(iri[:200], "IRI that cannot be asked for", f"an address of {queries.MAX_ADDRESS} is too short")
        else:
            return True
        return False

    def _reject(self, identifier: str, reason: str, detail: str) -> None:
        self._rejected.append(Rejected(identifier, reason, detail))

    def nameless(self) -> Iterator[Rejected]:
        """Yield the datasets that cannot be used because they have no lasting IRI."""
        yield from self._rejected
        limit = 1000
        _, solutions = self._select(self._scope.blanks(limit))
        rows = [row for row in solutions if row["d"] is not None]
        for number, row in enumerate(rows, start=1):
            title = row["t"].value if isinstance(row["t"], Literal) else "no title"
            yield Rejected(f"dataset without IRI {number}: {title[:80]}", "no identity", "a dataset needs an IRI")
        if len(rows) >= limit:
            yield Rejected(self._source.url, "no identity", f"more than {limit} datasets without IRI", is_dataset=False)

    def described(self, iris: list[str]) -> Iterator[Described | Rejected]:
        """Yield what the endpoint says of some subjects."""
        short = [iri for iri in iris if queries.fits(self._source.url, self._scope, [iri])]
        for batch in queries.batches(self._source.url, self._scope, short, self._source.page_size):
            quads, note = self._whole(batch)
            yield from subjects.split(quads, self._source, self._fetch.base_iri, note)
            yield from _too_deep(quads, batch)

    def _whole(self, batch: list[str]) -> tuple[list[Quad], str]:
        """Return all triples of a batch; in halves where the endpoint cuts them."""
        quads, note = self._construct(self._scope.describe(batch))
        if _rows(quads, batch) >= self._count(self._scope.rows(batch)):
            return quads, note
        if len(batch) == 1:
            raise SourceUnavailable(
                f"{self._source.url} does not give all it says of {batch[0]}: it gave {len(quads)} triples. Ask its "
                "operator to lift the limit."
            )
        first, first_note = self._whole(batch[: len(batch) // 2])
        second, second_note = self._whole(batch[len(batch) // 2 :])
        return first + second, first_note or second_note

    def _construct(self, query: str) -> tuple[list[Quad], str]:
        answer = self._ask(query)
        data = answer.read()
        if not data.strip():
            return [], ""
        try:
            parsed = parsing.parse(data, answer.url, answer.media_type, self._source.url)
        except ParseFailed as error:
            if parsing.sniff(data, answer.media_type) is None:
                raise self._no_result(data) from error
            raise
        return parsed.quads, parsed.note

    def _count(self, query: str) -> int:
        answer, solutions = self._select(query)
        for row in solutions:
            value = row["n"]
            if isinstance(value, Literal) and value.value.isdecimal():
                return int(value.value)
        raise self._no_result(answer.read())

    def _select(self, query: str) -> tuple[Answer, list[dict[str, NamedNode | BlankNode | Literal | None]]]:
        """Return the rows of a SELECT query, each with the variables that it asks for."""
        answer = self._ask(query)
        data = answer.read()
        found = QueryResultsFormat.from_media_type(answer.media_type) if answer.media_type else None
        try:
            results = parse_query_results(data, found or QueryResultsFormat.JSON)
            if not isinstance(results, QuerySolutions):
                raise self._no_result(data)
            names = [variable.value for variable in results.variables]
            return answer, [{name: row[name] for name in names} for row in results]
        except (SyntaxError, ValueError, UnicodeDecodeError) as error:
            if data.lstrip()[:1] in (b"{", b"<") and found is not None:
                raise ParseFailed(
                    f"{self._source.url} sends results that are cut short or damaged ({str(error)[:200]}). Try again "
                    "later, or tell its operator"
                ) from error
            raise self._no_result(data) from error

    def _ask(self, query: str) -> Answer:
        return self._fetch(*queries.request(self._source.url, query))

    def _no_result(self, data: bytes) -> SourceUnavailable:
        text = " ".join(re.sub(r"<[^>]*>", " ", data[:2000].decode("utf-8", "replace")).split())
        return SourceUnavailable(
            f"{self._source.url} does not answer as a SPARQL endpoint does, but: {text[:200] or 'nothing'}. Check its "
            "address, or tell its operator."
        )


def _quoted(text: str) -> str:
    return re.sub(r'["\\]', lambda match: "\\" + match[0], text)


def _objects(quads: list[Quad]) -> dict[object, list[object]]:
    found: dict[object, list[object]] = {}
    for quad in set(quads):
        found.setdefault(quad.subject, []).append(quad.object)
    return found


def _rows(quads: list[Quad], batch: list[str]) -> int:
    """Return how many solutions of the pattern behind ``Scope.describe`` a graph has."""
    objects = _objects(quads)

    def solutions(node: object, depth: int) -> int:
        found = objects.get(node, []) if depth == 0 or isinstance(node, BlankNode) else []
        inner = sum(solutions(item, depth + 1) if depth < BLANK_DEPTH else 1 for item in found)
        return inner or (1 if depth else 0)

    return sum(solutions(NamedNode(iri), 0) for iri in batch)


def _too_deep(quads: list[Quad], batch: list[str]) -> Iterator[Rejected]:
    """Yield the subjects with blank nodes of which the endpoint was not asked."""
    objects = _objects(quads)
    for iri in batch:
        nodes: set[object] = {NamedNode(iri)}
        for _ in range(BLANK_DEPTH + 1):
            nodes = {item for node in nodes for item in objects.get(node, []) if isinstance(item, BlankNode)}
        if nodes - objects.keys():
            yield Rejected(iri, "blank nodes too deep", f"what lies deeper than {BLANK_DEPTH} is left out", False)
