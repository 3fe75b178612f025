"""A remote SPARQL endpoint: paging by key, descriptions in batches, and the ways in which endpoints cut and fail."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pyoxigraph import BlankNode, NamedNode

from harvesters import _sparql_queries
from maillon import mapping
from maillon.errors import MaillonError, PagesShifted, ParseFailed, SourceDefinitionError, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Described, Record, Rejected
from maillon.sources import Source

Harvest = Callable[..., list[Record]]
D = "https://data.example.org/"
LEAF, MORE = '"leaf"', '[ dct:title "lost" ]'
HEAD = f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix d: <{D}> .
"""


def catalogue(count: int) -> str:
    """Datasets with a distribution each, two publishers, a blank contact point with a blank address."""
    text = HEAD + "".join(
        f'd:set{number:02} a dcat:Dataset ; dct:title "Set {number}"@en ; dcat:distribution d:file{number:02} ; '
        f"dct:publisher d:body{number % 2} ; dcat:contactPoint [ a vcard:Kind ; "
        f'vcard:fn "Service" ; vcard:hasAddress [ vcard:locality "Ville" ] ] .\n'
        f"d:file{number:02} a dcat:Distribution ; dcat:accessURL <https://files.example.org/{number}> .\n"
        for number in range(count)
    )
    return text + 'd:body0 a foaf:Agent ; foaf:name "Zero" . d:body1 a foaf:Agent ; foaf:name "One" .\n'


def subjects(records: list[Record]) -> list[str]:
    return [record.subject.value.removeprefix(D) for record in records if isinstance(record, Described)]


def rejected(records: list[Record]) -> list[Rejected]:
    return [record for record in records if isinstance(record, Rejected)]


def test_datasets_are_paged_by_key_and_described_with_all_they_refer_to(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(11))
    records = harvest(page_size=3)
    expected = {f"set{number:02}" for number in range(11)} | {f"file{number:02}" for number in range(11)}
    assert sorted(subjects(records)) == sorted(expected | {"body0", "body1"})
    assert rejected(records) == []
    listings = [query for query in endpoint.queries if "ORDER BY" in query]
    assert len(listings) == 5  # four pages, and an empty one
    assert not [query for query in endpoint.queries if "OFFSET" in query]
    assert f'STR(?d) > "{D}set02"' in listings[1]


def test_blank_nodes_inside_blank_nodes_are_kept(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(1))
    [dataset] = [item for item in harvest() if isinstance(item, Described) and item.subject.value == D + "set00"]
    blanks = {triple.subject for triple in dataset.triples if isinstance(triple.subject, BlankNode)}
    assert len(blanks) == 2
    assert any(getattr(triple.object, "value", "") == "Ville" for triple in dataset.triples)


def test_every_subject_becomes_an_entity_whose_hash_does_not_change(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(4))
    source = Source(name="s", kind="sparql", url=endpoint.url)

    def hashes() -> dict[str, str]:
        base = "https://cat.example/"
        described = [item for item in harvest(page_size=2) if isinstance(item, Described)]
        found = [entity for item in described for entity in mapping.entities(item, source, base)]
        return {entity.iri: canonical.version(entity, base).hash for entity in found}

    assert hashes() == hashes()
    assert len(hashes()) == 10


def test_requests_are_built_for_content_negotiation_and_stay_short(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(150))
    assert len(subjects(harvest(page_size=1000))) == 302
    assert max(endpoint.lengths) <= _sparql_queries.MAX_ADDRESS
    assert sum("CONSTRUCT" in query for query in endpoint.queries) > 3
    asked = dict(zip(endpoint.queries, endpoint.accepted, strict=True))
    assert all(("text/turtle" if "CONSTRUCT" in query else "json") in accept for query, accept in asked.items())


def test_only_the_named_graph_and_the_classes_asked_for_are_read(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(
        HEAD + 'd:outside a dcat:Dataset . GRAPH d:g { d:inside a dcat:Dataset ; dct:title "I" . '
        "d:service a dcat:DataService . d:other a dct:Agent }"
    )
    dcat = "http://www.w3.org/ns/dcat#"
    assert subjects(harvest(options={"graph": D + "g"})) == ["inside"]
    both = harvest(options={"graph": D + "g", "class": [dcat + "Dataset", dcat + "DataService"]})
    assert subjects(both) == ["inside", "service"]


def test_parameters_of_the_endpoints_address_are_kept() -> None:
    address, _ = _sparql_queries.request("https://e.example/sparql?default-graph-uri=urn%3Ag", "SELECT * {}")
    assert address == "https://e.example/sparql?default-graph-uri=urn%3Ag&query=SELECT+%2A+%7B%7D"


def test_a_dataset_without_iri_is_listed_with_its_title(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(HEAD + 'd:a a dcat:Dataset . [] a dcat:Dataset ; dct:title "Nameless" .')
    records = harvest()
    assert subjects(records) == ["a"]
    assert [(item.identifier, item.reason) for item in rejected(records)] == [
        ("dataset without IRI 1: Nameless", "no identity")
    ]


@pytest.mark.parametrize("iri", ["nodeID://b10001", "https://e.example/.well-known/genid/1f"])
def test_a_blank_node_that_the_endpoint_makes_an_iri_is_rejected(endpoint: Any, harvest: Harvest, iri: str) -> None:
    endpoint.load(HEAD + f"d:a a dcat:Dataset . <{iri}> a dcat:Dataset .")
    records = harvest()
    assert subjects(records) == ["a"]
    assert [(item.identifier, item.reason) for item in rejected(records)] == [
        (iri, "blank node made an IRI by the endpoint")
    ]


def test_an_iri_that_fits_into_no_address_is_rejected(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(HEAD + f"d:a a dcat:Dataset . <{D}{'x' * 6000}> a dcat:Dataset .")
    records = harvest()
    assert subjects(records) == ["a"]
    assert [item.reason for item in rejected(records)] == ["IRI that cannot be asked for"]


def test_an_endpoint_that_lists_fewer_rows_than_asked_for_is_still_read_whole(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(7))

    def cut(query: str) -> str:
        return query.replace("LIMIT 100", "LIMIT 2")

    answer = endpoint.answer
    endpoint.answer = lambda query: answer(cut(query))
    assert len([name for name in subjects(harvest(page_size=100)) if name.startswith("set")]) == 7


def test_a_description_cut_without_a_word_is_asked_for_in_halves(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(8))
    endpoint.most = 20  # three datasets of 8 triples are too many
    records = harvest(page_size=8)
    assert len(subjects(records)) == 18
    assert all(len(record.triples) > 1 for record in records if isinstance(record, Described))


def test_a_single_description_cut_without_a_word_stops_the_run(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(2))
    endpoint.most = 4
    with pytest.raises(SourceUnavailable, match="does not give all it says of"):
        harvest()


def test_a_list_shorter_than_the_count_stops_the_run(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(5))

    def without_one(query: str, kind: str, body: bytes) -> tuple[str, bytes]:
        value = json.loads(body) if "ORDER BY" in query else None
        if value is None:
            return kind, body
        rows = value["results"]["bindings"]
        value["results"]["bindings"] = [row for row in rows if not row["d"]["value"].endswith("set03")]
        return kind, json.dumps(value).encode()

    endpoint.change = without_one
    with pytest.raises(SourceUnavailable, match="counts 5 datasets but listed 4"):
        harvest()


def test_blank_nodes_that_are_too_deep_are_listed(endpoint: Any, harvest: Harvest) -> None:
    deep = "[ dct:relation [ dct:relation [ dct:relation {} ] ] ]"
    endpoint.load(HEAD + f"d:a a dcat:Dataset ; dct:relation {deep.replace('{}', LEAF)} .")
    endpoint.load(HEAD + f"d:b a dcat:Dataset ; dct:relation {deep.replace('{}', MORE)} .")
    records = harvest()
    assert subjects(records) == ["a", "b"]
    assert [(item.identifier, item.reason) for item in rejected(records)] == [(D + "b", "blank nodes too deep")]


def test_a_dataset_that_goes_while_the_list_is_read_makes_it_be_read_again(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(6))

    def remove(query: str) -> None:
        if "set03" in query and "ORDER BY" in query:
            endpoint.store.update(f"DELETE WHERE {{ <{D}set05> ?p ?o }}")

    endpoint.before = remove
    with pytest.raises(PagesShifted, match="counted 6 datasets, then 5"):
        harvest(page_size=2)


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (b"<html><body><h1>Bad gateway</h1></body></html>", SourceUnavailable, "Bad gateway"),
        (b"Virtuoso 37000 Error SP030: SPARQL compiler", SourceUnavailable, "Virtuoso 37000"),
        (b"", SourceUnavailable, "nothing"),
        (b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"ty', ParseFailed, "cut short"),
        (b'{"head":{},"boolean":true}', SourceUnavailable, "does not answer as"),
        (b'{"head":{"vars":["n"]},"results":{"bindings":[]}}', SourceUnavailable, "does not answer as"),
    ],
)
def test_an_answer_that_is_no_result_is_named(
    endpoint: Any, harvest: Harvest, body: bytes, error: type[MaillonError], message: str
) -> None:
    endpoint.load(catalogue(1))
    kind = "text/html" if b"<html" in body else "application/sparql-results+json" if body[:1] == b"{" else "text/plain"
    endpoint.change = lambda query, media_type, real: (kind, body)
    with pytest.raises(error, match=message):
        harvest()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'<https://data.example.org/set00> <http://purl.org/dc/terms/title> "Se', ParseFailed),
        (b"<html><body>Time-out</body></html>", SourceUnavailable),
        (b"<https://data.example.org/set00> a <http://www.w3.org/ns/dcat#Dataset> .", SourceUnavailable),
    ],
)
def test_a_description_that_is_cut_or_no_rdf_stops_the_run(
    endpoint: Any, harvest: Harvest, body: bytes, error: type[MaillonError]
) -> None:
    endpoint.load(catalogue(1))
    endpoint.change = lambda query, kind, real: (kind, body if "CONSTRUCT" in query else real)
    with pytest.raises(error):
        harvest()


def test_an_endpoint_that_does_not_sort_is_refused(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(catalogue(3))
    answer = endpoint.answer
    endpoint.answer = lambda query: answer(query.replace("ORDER BY STR(?d)", "ORDER BY DESC(STR(?d))"))
    with pytest.raises(SourceUnavailable, match="in the order that was asked for"):
        harvest()


def test_an_empty_endpoint_gives_nothing(harvest: Harvest) -> None:
    assert harvest() == []


def test_a_publisher_without_iri_is_yielded_once_though_batches_repeat_it(endpoint: Any, harvest: Harvest) -> None:
    body = 'dct:publisher [ a foaf:Agent ; foaf:name "Service exemple" ]'
    endpoint.load(HEAD + "".join(f"d:{name} a dcat:Dataset ; {body} ." for name in "abc"))
    found = [record.subject for record in harvest(page_size=1) if isinstance(record, Described)]
    assert len(found) == len(set(found)) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"graphs": "x"}, "unknown options graphs"),
        ({"graph": "my graph"}, "no absolute IRI"),
        ({"class": "https://x.example/> ?d ?e } #"}, "no absolute IRI"),
        ({"class": []}, "at least one"),
        ({"class": 7}, "no absolute IRI"),
    ],
)
def test_options_that_cannot_be_used_are_refused(harvest: Harvest, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceDefinitionError, match=message):
        harvest(options=options)


def test_a_path_is_refused(harvest: Harvest) -> None:
    with pytest.raises(SourceDefinitionError, match="address of an endpoint"):
        harvest(url="/srv/catalogue.ttl")


def test_a_reference_that_is_no_iri_for_a_query_is_not_followed(endpoint: Any, harvest: Harvest) -> None:
    endpoint.load(HEAD + "d:a a dcat:Dataset ; dct:publisher <mailto:service@example.org> .")
    [record] = harvest()
    assert isinstance(record, Described)
    assert record.subject == NamedNode(D + "a")
