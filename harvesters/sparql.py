"""Remote SPARQL endpoints: turns the datasets that a SPARQL 1.1 endpoint knows, and what they refer to, into records.

The IRIs of the datasets are listed by key, page after page (``page_size`` of the source), and described in batches
with their blank nodes to depth 3; then in the same way their distributions, data services, series, agents and contact
points, and what those refer to. SPARQLWrapper builds the requests, ``fetch`` sends them: always GET.
https://www.w3.org/TR/sparql11-protocol/

Endpoints cut long answers without a word (Virtuoso after 10,000 rows, others amid a triple). So datasets are counted
before and after they are listed, and the solutions of every description are counted too; a description that comes
short is asked for in halves.

Options (``[options]`` in the source's TOML):

- ``class``: IRI of the class whose instances are harvested, or a list of them; default ``dcat:Dataset``.
- ``graph``: IRI of the named graph to read; default: the endpoint's default graph.
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode

from harvesters import _sparql_queries as queries
from harvesters._sparql_endpoint import Endpoint
from maillon.errors import SourceDefinitionError
from maillon.records import Described, Record
from maillon.sources import Fetch, Source
from maillon.vocabulary import term

FOLLOWED: Final = frozenset(
    {
        term("dcat:distribution"), term("adms:sample"), term("dcat:accessService"), term("dcat:inSeries"),
        term("dcat:contactPoint"), term("dct:publisher"), term("dct:creator"), term("dct:contributor"),
    }
)  # fmt: skip
"""Properties whose objects are described too, where the endpoint says anything of them."""
DEPTH: Final = 3
"""Steps from a dataset: distribution, its data service, the service's publisher."""


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield every subject with its triples, and the datasets that have no lasting IRI.

    Raises:
        SourceDefinitionError: An option or the address cannot be used.
        SourceUnavailable: The endpoint does not answer as SPARQL says, or cuts its answers.
        PagesShifted: Datasets came or went while they were listed.
    """
    if not source.is_http:
        raise SourceDefinitionError(f"Source {source.name}: the kind sparql needs the address of an endpoint as url.")
    endpoint = Endpoint(source, fetch)
    seen: set[str] = set()
    described: set[NamedNode] = set()
    for page in endpoint.pages():
        wanted, depth = [iri for iri in page if iri not in seen], 0
        while wanted and depth <= DEPTH:
            seen.update(wanted)
            found: dict[str, None] = {}
            for record in endpoint.described(wanted):
                if isinstance(record, Described):
                    found.update(dict.fromkeys(_referred(record)))
                    if record.subject in described:  # an agent without IRI that several batches embed
                        continue
                    if record.subject.value.startswith(fetch.base_iri):
                        described.add(record.subject)
                yield record
            wanted, depth = [iri for iri in found if iri not in seen], depth + 1
    yield from endpoint.nameless()


def _referred(record: Described) -> Iterator[str]:
    for triple in record.triples:
        if (
            triple.predicate in FOLLOWED
            and isinstance(triple.object, NamedNode)
            and queries.is_iri(triple.object.value)
        ):
            yield triple.object.value
