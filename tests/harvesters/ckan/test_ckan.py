"""The CKAN harvester: golden triples, envelopes, paging, broken and hostile documents."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Quad, RdfFormat, parse
from pyoxigraph import Dataset as Quads

from harvesters import ckan
from maillon import mapping
from maillon.errors import PagesShifted, ParseFailed, RecordRejected, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Dataset, Entity, Record, Rejected
from maillon.sources import Source

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / ".." / "shared"
CORPUS = SHARED / "corpus" / "ckan"
BASE = "https://data.example.org/"
PACKAGE = {
    "id": "1",
    "name": "arbres",
    "title": "Arbres",
    "resources": [{"id": "r1", "url": "https://ville.example.org/a"}],
}
Read = Callable[[object], list[Record]]


def _entities(records: list[Record], source: Source) -> list[Entity]:
    return [entity for item in records if isinstance(item, Dataset) for entity in mapping.entities(item, source, BASE)]


def test_a_package_gives_exactly_the_expected_triples(
    harvest_files: Callable[..., list[Record]], source: Source
) -> None:
    records = harvest_files(HERE / "package.json")
    assert records[1:] == [Rejected("4c7d2a10-0001-4000-8000-000000000009", "private", is_private=True)]
    found = Quads(quad for entity in _entities(records[:1], source) for quad in _apart(entity))
    expected = Quads(parse(path=HERE / "expected.ttl", format=RdfFormat.TURTLE))
    for quads in (found, expected):
        quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert sorted(map(str, found)) == sorted(map(str, expected))


def _apart(entity: Entity) -> Iterator[Quad]:
    """Yield the triples with the blank nodes renamed, which are numbered inside each entity only."""
    nodes: dict[str, BlankNode] = {}
    for subject, predicate, value in entity.triples:
        ours = nodes.setdefault(subject.value, BlankNode()) if isinstance(subject, BlankNode) else subject
        theirs = nodes.setdefault(value.value, BlankNode()) if isinstance(value, BlankNode) else value
        yield Quad(ours, predicate, theirs)


@pytest.mark.parametrize(
    "document",
    [
        {"help": "", "success": True, "result": {"count": 1, "results": [PACKAGE]}},
        {"help": "", "success": True, "result": [PACKAGE]},
        {"success": True, "result": [[PACKAGE]]},
        {"success": True, "result": PACKAGE},
        {"count": 1, "results": [PACKAGE]},
        {"count": 1, "results": [{"data_dict": json.dumps(PACKAGE)}]},
        {"id": "org", "is_organization": True, "packages": [PACKAGE]},
        [PACKAGE],
        PACKAGE,
        "\ufeff" + json.dumps([PACKAGE]),
        json.dumps(PACKAGE).encode("utf-16"),
        json.dumps(PACKAGE) + "\n\n" + json.dumps({**PACKAGE, "private": True}) + "\n",
    ],
)
def test_every_envelope_is_opened(document: object, read: Read) -> None:
    record = read(document)[0]
    assert isinstance(record, Dataset)
    assert (record.identifier, record.title, len(record.distributions)) == ("1", {"fr": "Arbres"}, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"private": True}, "private"), ({"private": "True"}, "private"), ({"state": "Deleted"}, "state deleted"),
     ({"state": "draft"}, "state draft"), ({"type": "harvest"}, "type harvest, not a dataset"),
     ({"type": "Showcase"}, "type showcase, not a dataset"), ({"package_id": "x"}, "type resource, not a dataset")],
)  # fmt: skip
def test_what_must_not_be_read_is_rejected_by_id_alone(change: dict[str, object], reason: str, read: Read) -> None:
    expected = Rejected("1", reason, is_dataset="type" not in reason, is_private=reason == "private")
    assert read({**PACKAGE, **change}) == [expected]


@pytest.mark.parametrize(
    "change", [{"state": "Active"}, {"state": None}, {"type": None}, {"type": "Dataset"}, {"private": None}]
)
def test_old_portals_leave_state_and_type_open(change: dict[str, object], read: Read) -> None:
    assert isinstance(read({**PACKAGE, **change})[0], Dataset)


def test_records_without_use_are_named_with_their_place(read: Read) -> None:
    found = read([PACKAGE, {"title": "no id"}, 12, None, "name", PACKAGE])
    assert [item.reason for item in found[1:] if isinstance(item, Rejected)] == [
        "no identifier", "not a package", "not a package", "not a package", "identifier stands twice in the source",
    ]  # fmt: skip
    assert found[1] == Rejected("dump.json, item 2", "no identifier")


def test_a_list_of_names_is_refused_with_advice(read: Read) -> None:
    with pytest.raises(SourceUnavailable, match="names of packages only"):
        read({"success": True, "result": ["arbres", "bancs"]})


def test_an_error_of_the_portal_stops_the_source_with_its_message(read: Read) -> None:
    with pytest.raises(SourceUnavailable, match="Search index is down"):
        read({"success": False, "error": {"message": "Search index is down", "__type": "Search Error"}})


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [('[{"id": "1"},\n {"id": "2", "ti', 2, 14), ('[{"id": "1",\n "size": NaN}]', 2, 10), ("<html>", 1, 1), ("", 1, 1),
     ('{"id": "1"}\n{"id": "2"\n', 2, 11), ("[" * 100_000, 1, 1), ("[" + "9" * 5000 + "]", 1, 1)],
)  # fmt: skip
def test_a_broken_document_is_refused_with_its_place(document: str, line: int, column: int, read: Read) -> None:
    with pytest.raises(ParseFailed) as caught:
        read(document)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_the_windows_code_page_is_read(read: Read) -> None:
    record = read('{"id": "1", "title": "Éclairage – été"}'.encode("cp1252"))[0]
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "Éclairage – été"}


def test_of_two_equal_keys_the_last_counts(read: Read) -> None:
    record = read('{"id": "1", "title": "a", "title": "b"}')[0]
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "b"}


@pytest.mark.parametrize(
    ("path", "asked"),
    [("", "/api/3/action/package_search"), ("/", "/api/3/action/package_search"),
     ("/data", "/data/api/3/action/package_search"),
     ("/api/3", "/api/3/action/package_search"), ("/api/3/action/", "/api/3/action/package_search"),
     ("/api/3/action/package_search?fq=organization:parcs", "/api/3/action/package_search?fq=organization%3Aparcs&")],
)  # fmt: skip
def test_the_api_is_found_from_any_of_its_addresses(path: str, asked: str, portal: Callable[..., Any]) -> None:
    fetch = portal([PACKAGE])
    source = Source(name="ville", kind="ckan", url="https://ckan.example.org" + path)
    assert len(list(ckan.records(source, fetch))) == 1
    assert fetch.asked[0].startswith("https://ckan.example.org" + asked)
    assert "sort=id+asc" in fetch.asked[0]


@pytest.mark.parametrize(("size", "most", "requests"), [(10, 1000, 3), (25, 1000, 1), (100, 1000, 1), (100, 7, 4)])
def test_all_pages_are_read_also_where_the_portal_gives_fewer_rows(
    size: int, most: int, requests: int, portal: Callable[..., Any]
) -> None:
    fetch = portal([{**PACKAGE, "id": f"{number:03}"} for number in range(25)], most)
    source = Source(name="ville", kind="ckan", url="https://ckan.example.org", page_size=size)
    found = [record.identifier for record in ckan.records(source, fetch) if isinstance(record, Dataset)]
    assert found == [f"{number:03}" for number in range(25)]
    assert len(fetch.asked) == requests


def test_a_listing_that_ends_before_its_count_is_no_complete_harvest(portal: Callable[..., Any]) -> None:
    fetch = portal([PACKAGE])
    pages = iter([{"count": 3, "results": [PACKAGE]}, {"count": 3, "results": []}])

    def stops(url: str, accept: str = "*/*") -> Any:
        fetch.asked.append(url)
        return fetch.answer({"success": True, "result": next(pages)})

    stops.documents = fetch.documents  # type: ignore[attr-defined]
    source = Source(name="ville", kind="ckan", url="https://ckan.example.org")
    with pytest.raises(PagesShifted, match="counts 3 records but gave 1"):
        list(ckan.records(source, stops))  # type: ignore[arg-type]


def test_a_portal_that_does_not_page_is_noticed(portal: Callable[..., Any]) -> None:
    fetch = portal([PACKAGE])

    def repeats(url: str, accept: str = "*/*") -> Any:
        fetch.asked.append(url)
        return fetch.answer({"success": True, "result": {"count": 5, "results": [PACKAGE]}})

    source = Source(name="ville", kind="ckan", url="https://ckan.example.org")
    with pytest.raises(PagesShifted, match="does not page"):
        list(ckan.records(source, repeats))  # type: ignore[arg-type]


def test_a_package_that_stands_on_two_pages_asks_for_another_reading(portal: Callable[..., Any]) -> None:
    fetch = portal([PACKAGE])
    pages = iter([[{"id": "a"}, {"id": "b"}], [{"id": "b"}, {"id": "c"}]])

    def shifts(url: str, accept: str = "*/*") -> Any:
        return fetch.answer({"success": True, "result": {"count": 4, "results": next(pages)}})

    source = Source(name="ville", kind="ckan", url="https://ckan.example.org", page_size=2)
    with pytest.raises(PagesShifted, match="b stood on an earlier page"):
        list(ckan.records(source, shifts))  # type: ignore[arg-type]


def test_dkan_in_french(read: Read, source: Source) -> None:
    package = {
        "id": "1", "title": "Antennes", "state": "Active", "type": "Dataset",
        "metadata_created": "mar, 10/12/2019 - 09:23",
        "groups": [{"id": "g1", "name": "group/region", "title": "Région"}],
        "extras": [{"key": "bbox-west-long", "value": "1.5"}, {"key": "bbox-south-lat", "value": "48"},
                   {"key": "bbox-east-long", "value": "4.5"}, {"key": "bbox-north-lat", "value": "51"},
                   {"key": "frequency-of-update", "value": "asNeeded"},
                   {"key": "contact-email", "value": "sig@region.example.org"}],
        "resources": [{"id": "r", "url": "https://region.example.org/a.xlsx", "format": "xlsx", "mimetype": "xlsx",
                       "size": "42 octets", "last_modified": "Date changed  jeu, 19/12/2019 - 03:00"}],
    }  # fmt: skip
    (record,) = read([package])
    assert isinstance(record, Dataset)
    assert record.publisher is not None
    assert (record.publisher.name, record.publisher.identifier, record.theme) == ({"fr": "Région"}, "g1", ())
    assert (record.spatial, record.frequency) == (("1.5,48,4.5,51",), "asNeeded")
    assert [contact.email for contact in record.contact] == ["sig@region.example.org"]
    text = "".join(str(triple) for triple in mapping.entities(record, source, BASE)[1].triples)
    assert '"42 octets"' in text  # as the portal wrote it: reading it is a repair, which is told
    assert '"Date changed  jeu, 19/12/2019 - 03:00"' in text


def test_the_first_versions_of_the_api(read: Read) -> None:
    package = {
        "id": "1", "title": "Arbeitslose", "tags": ["Arbeit", "Statistik"], "license_id": "cc-by",
        "license_url": "https://creativecommons.org/licenses/by/3.0/at/deed.de",
        "groups": ["b4d01991-17dd-4803-a573-5067bb983996", "wirtschaft"],
        "extras": {"update_frequency": "monatlich", "begin_datetime": "2003", "publisher": "Stadt Test",
                   "schema_language": "ger",
                   "categorization": "[\"kunst-und-kultur\"]", "geographic_bbox": "POLYGON ((1 2, 3 4, 1 2))"},
    }  # fmt: skip
    (record,) = read(package)
    assert isinstance(record, Dataset)
    assert record.keyword == (("fr", "Arbeit"), ("fr", "Statistik"))
    assert record.license == package["license_url"]
    assert record.theme == ("kunst-und-kultur", "wirtschaft")
    assert record.publisher is not None
    assert record.publisher.name == {"fr": "Stadt Test"}
    assert (record.temporal, record.language) == ((("2003", None),), ("ger",))


def test_the_subfields_of_scheming(read: Read) -> None:
    package = {
        "id": "1", "title_fr": "Arbres", "title_nl": "Bomen", "publisher": [{"name": "Ville", "uri": "https://org.example.org/1"}],
        "contact": [{"name": "Guichet", "email": "info@ville.example.org", "url": "https://ville.example.org"}],
        "spatial_coverage": [{"uri": "https://sws.geonames.org/1/", "geom": {"type": "Point", "coordinates": [4, 50]}}],
        "temporal_coverage": [{"start": "2001", "end": "2002"}], "theme": ["ENVI"], "keywords": {"nl": ["boom"]},
        "resources": [{"url": "https://ville.example.org/1", "hash": "0" * 40, "rights": "Citer la source",
                       "hash_algorithm": "http://spdx.org/rdf/terms#checksumAlgorithm_sha1"},
                      {"id": "a", "url": "https://ville.example.org/1"},
                      {"id": "a", "url": "https://ville.example.org/2"}, {}],
    }  # fmt: skip
    (record,) = read(package)
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "Arbres", "nl": "Bomen"}
    assert record.publisher is not None
    assert record.publisher.iri == "https://org.example.org/1"
    assert record.spatial == ("https://sws.geonames.org/1/", '{"type": "Point", "coordinates": [4, 50]}')
    assert record.temporal == (("2001", "2002"),)
    assert record.keyword == (("nl", "boom"),)
    assert [part.identifier for part in record.distributions] == [
        "https://ville.example.org/1",
        "a",
        "a https://ville.example.org/2",
    ]
    assert record.distributions[0].checksum == "sha1:" + "0" * 40


def test_user_accounts_are_no_contact_points(read: Read) -> None:
    (record,) = read({**PACKAGE, "maintainer": "jdupont", "author": "a_martin"})
    assert isinstance(record, Dataset)
    assert record.contact == ()


def test_the_same_document_gives_the_same_entities(harvest_files: Callable[..., list[Record]], source: Source) -> None:
    first, second = (_entities(harvest_files(HERE / "package.json"), source) for _ in range(2))
    assert first == second


ODD = ["<script>alert(1)</script>", "TODO", "A REMPLIR", "\U0001f98a", "{", "[1", '{"fr": 1}', '[{"a": []}]', "\ud800"]
NAMES = [
    "title",
    "title_translated",
    "notes",
    "tags",
    "tags_translated",
    "keywords",
    "groups",
    "organization",
    "publisher",
    "contact",
    "extras",
    "resources",
    "license_url",
    "license_id",
    "url",
    "spatial",
    "spatial_coverage",
    "temporal_coverage",
    "temporal_start",
    "language",
    "theme",
    "frequency",
    "uri",
    "maintainer",
    "author",
    "maintainer_email",
    "metadata_created",
    "private",
    "state",
    "type",
    "hvd_category",
    "conforms_to",
    "version",
]
RESOURCE_NAMES = ["id", "url", "name", "format", "mimetype", "size", "hash", "created", "language", "license", "state"]
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
keys = st.sampled_from(["fr", "name", "title", "key", "value", "id", "x y"])
odd = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=4,
)
packages = st.dictionaries(st.sampled_from(NAMES), odd, max_size=6)
resource_lists = st.lists(st.dictionaries(st.sampled_from(RESOURCE_NAMES), odd, max_size=3), max_size=2)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(package=packages, resources=resource_lists)
def test_values_of_any_type_never_crash(
    package: dict[str, Any], resources: list[Any], read: Read, source: Source
) -> None:
    (record,) = read({"resources": resources, **package, "id": "1"})
    if isinstance(record, Dataset):
        try:
            entities = mapping.entities(record, source, BASE)
        except RecordRejected:
            return
        assert all(canonical.version(entity, BASE).text for entity in entities)
    else:
        assert isinstance(record, Rejected)
        assert record.reason


def test_a_script_in_a_title_stays_a_text(read: Read, source: Source) -> None:
    (record,) = read({**PACKAGE, "title": "<script>alert(1)</script>", "notes": "x" * 10_000_000})
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "<script>alert(1)</script>"}
    assert len(mapping.entities(record, source, BASE)) == 3


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: corpus tests need it")
def test_every_file_of_the_corpus_is_read_or_refused_with_a_reason(
    harvest_files: Callable[..., list[Record]], source: Source
) -> None:
    datasets, refused, rejected = 0, [], []
    for path in sorted(CORPUS.rglob("*.json")):
        try:
            records = harvest_files(path)
        except SourceUnavailable as error:
            refused.append((path.name, str(error)))
            continue
        datasets += sum(isinstance(record, Dataset) for record in records)
        rejected += [record for record in records if isinstance(record, Rejected)]
        assert _entities(records, source) == _entities(harvest_files(path), source)
    assert datasets == 479
    assert {name for name, _ in refused} == {
        "organization_list.json", "package_list.json", "search_dataset.rawids.json", "search_dataset.rawslugs.json",
    }  # fmt: skip
    assert all("names of packages only" in message for _, message in refused)
    assert all(record.identifier and record.reason for record in rejected)
    assert [record.reason for record in rejected].count("private") == 1
