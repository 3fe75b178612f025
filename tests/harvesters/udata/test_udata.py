"""The udata harvester: both versions of the API, dumps, paging, what is left out, broken and hostile documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters import _udata_dataset, udata
from maillon import authority, mapping
from maillon.errors import PagesShifted, ParseFailed, RecordRejected, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Contact, Dataset, Record, Rejected
from maillon.sources import Source

HERE = Path(__file__).resolve().parent
CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "udata"
BASE = "https://data.example.org/"
PORTAL = "https://portail.example.org"
V1 = f"{PORTAL}/api/1/datasets/?page={{}}&page_size=2&sort=created"
V2 = f"{PORTAL}/api/2/datasets/?page=1&page_size=100&sort=created"
LINK = f"{PORTAL}/api/2/datasets/64c0000000000000000000b1/resources/?page={{}}&page_size=2"
TWO_PAGES = {V1.format(1): "v1-page-1.json", V1.format(2): "v1-page-2.json"}
DATASET: dict[str, Any] = {
    "id": "1",
    "title": "Arbres",
    "resources": [{"id": "r", "url": "https://ville.example.org/a"}],
}
Read = Callable[[object], list[Record]]


def _source(url: str, size: int = 100) -> Source:
    return Source(name="portail", kind="udata", url=url, language="fr", page_size=size)


@pytest.fixture
def read(tmp_path: Path, fetch_folder: Callable[..., Any]) -> Read:
    """Harvest one document: bytes or a text as they are, anything else as JSON."""

    def harvest(value: object) -> list[Record]:
        path = tmp_path / "dump.json"
        data = value if isinstance(value, bytes | str) else json.dumps(value)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return list(udata.records(_source(str(path)), fetch_folder(tmp_path)))

    return harvest


@pytest.fixture
def portal(tmp_path: Path, fetch_folder: Callable[..., Any]) -> Callable[..., list[Record]]:
    """Harvest a portal whose pages are given by address."""

    def harvest(pages: dict[str, object], url: str = PORTAL, size: int = 2) -> list[Record]:
        for number, page in enumerate(pages.values()):
            (tmp_path / f"{number}.json").write_text(json.dumps(page), encoding="utf-8")
        names = {address: f"{number}.json" for number, address in enumerate(pages)}
        return list(udata.records(_source(url, size), fetch_folder(tmp_path, names)))

    return harvest


def _datasets(records: list[Record]) -> list[Dataset]:
    return [record for record in records if isinstance(record, Dataset)]


def _triples(record: Record) -> str:
    assert isinstance(record, Dataset)
    return "\n".join(canonical.version(entity, BASE).text for entity in mapping.entities(record, _source(PORTAL), BASE))


def test_version_1_is_paged_and_what_must_not_be_shown_is_left_out(fetch_folder: Callable[..., Any]) -> None:
    fetch = fetch_folder(HERE, TWO_PAGES)
    records = list(udata.records(_source(PORTAL, 2), fetch))
    assert fetch.asked == list(TWO_PAGES)  # the link names a host behind the proxy, the one that was asked counts
    assert [record.identifier[-2:] for record in _datasets(records)] == ["a1", "a2", "a3"]
    assert records[3:] == [
        Rejected("64c0000000000000000000a4", "private", is_private=True),
        Rejected("64c0000000000000000000a5", "archived", "2020-01-01T00:00:00+00:00"),
    ]
    assert records == list(udata.records(_source(PORTAL, 2), fetch_folder(HERE, TWO_PAGES)))


def test_every_field_of_a_dataset(fetch_folder: Callable[..., Any]) -> None:
    trees = _datasets(list(udata.records(_source(PORTAL, 2), fetch_folder(HERE, TWO_PAGES))))[0]
    assert trees.publisher is not None
    assert (trees.publisher.name, trees.publisher.identifier) == ({"fr": "Ville de Test"}, "64c0000000000000000000e1")
    assert trees.description == {"fr": "### Arbres\nListe *annuelle* <b>des arbres</b>."}
    assert trees.keyword == (("fr", "arbre"), ("fr", "espaces-verts"))
    assert trees.contact == (Contact(name="Guichet des données", email="donnees@ville.example.org"),)
    assert (trees.frequency, trees.license, trees.access_rights) == ("AS_NEEDED", "lov2", "PUBLIC")
    assert trees.spatial == ("fr", "http://id.insee.fr/geo/commune/33063", "country-group:ue")
    assert trees.temporal == (("2020-01-01", "2020-12-31"),)
    assert (trees.issued, trees.modified) == ("2021-01-06T17:35:53.838000+00:00", "2023-01-18T07:51:59.683000+00:00")
    assert trees.conforms_to == ("https://schema.example.org/arbres/1.0",)
    assert trees.documentation == ("https://static.example.org/notice.pdf",)
    assert [part.identifier for part in trees.distributions] == ["r-main", "r-other"]
    data, page = trees.distributions
    assert (data.download_url, page.download_url) == ("https://static.example.org/arbres.csv", None)
    assert data.checksum == "sha1:5b787ad25b85b994d03b5c536d8ecdecef3da9a1"
    assert data.byte_size == "493"
    text = _triples(trees)
    for expected in (
        "<https://www.iana.org/assignments/media-types/text/csv>", "authority/file-type/HTML>", "licence/ETALAB_2_0>",
        "authority/frequency/AS_NEEDED>", "access-right/PUBLIC>", "authority/country/FRA>", "checksumAlgorithm_sha1>",
        "foaf/0.1/page> <https://static.example.org/notice.pdf>",
    ):  # fmt: skip
        assert expected in text


def test_a_person_who_owns_a_dataset_is_never_its_publisher(fetch_folder: Callable[..., Any]) -> None:
    own = _datasets(list(udata.records(_source(PORTAL, 2), fetch_folder(HERE, TWO_PAGES))))[1]
    assert (own.publisher, own.creator, own.contact) == (None, None, ())
    assert "Nom" not in _triples(own)
    assert own.frequency == "WEEKLY_3"
    assert own.license == _udata_dataset.LICENCES["fr-lo"]


def test_a_copy_of_another_portal_keeps_the_iri_page_and_dates_of_its_owner(fetch_folder: Callable[..., Any]) -> None:
    copy = _datasets(list(udata.records(_source(PORTAL, 2), fetch_folder(HERE, TWO_PAGES))))[2]
    assert copy.iri == "https://autre.example.org/dataset/adresses"
    assert copy.landing_page == "https://autre.example.org/adresses"
    assert (copy.issued, copy.modified) == ("2020-07-24T00:00:00+00:00", "2021-07-24T00:00:00+00:00")
    assert copy.distributions[0].issued == "2020-08-01T00:00:00+00:00"
    text = _triples(copy)
    assert "geoJSONLiteral" in text
    assert "checksumAlgorithm_sha256" in text
    assert "dc/terms/license" not in text


def test_version_2_fetches_the_resources_behind_their_links(fetch_folder: Callable[..., Any]) -> None:
    pages = {V2: "v2-page.json", LINK.format(1): "v2-resources-1.json", LINK.format(2): "v2-resources-2.json"}
    fetch = fetch_folder(HERE, pages)
    buildings, bare = _datasets(list(udata.records(_source(f"{PORTAL}/api/2/datasets/"), fetch)))
    assert fetch.asked == list(pages)
    assert [part.identifier for part in buildings.distributions] == ["r1", "r2"]
    assert buildings.documentation == ("https://static.example.org/3.pdf",)
    assert (buildings.frequency, buildings.license) == ("annual", "https://licence.example.org/mobilite")
    assert (bare.distributions, bare.license) == ((), None)


def test_a_dump_of_version_2_fetches_the_resources_too(fetch_folder: Callable[..., Any]) -> None:
    fetch = fetch_folder(HERE, {LINK.format(1): "v2-resources-1.json", LINK.format(2): "v2-resources-2.json"})
    buildings = _datasets(list(udata.records(_source(str(HERE / "v2-page.json")), fetch)))[0]
    assert len(buildings.distributions) == 2


@pytest.mark.parametrize(
    "link", ["/etc/passwd", "file:///etc/passwd", "etc/passwd", "//host/x", "http:///x", "http://["]
)
def test_a_link_in_a_dump_never_reads_files_of_this_machine(link: str, read: Read) -> None:
    (record,) = read({"id": "1", "resources": {"href": link, "total": 1}})
    assert isinstance(record, Rejected)
    assert "no web address" in record.detail


def test_one_dataset_whose_resources_vanished_is_rejected_but_not_all(portal: Callable[..., Any]) -> None:
    def linked(number: int) -> dict[str, object]:
        return {"id": f"{number}", "title": "x", "resources": {"href": f"{PORTAL}/r/{number}", "total": 1}}

    address = f"{PORTAL}/api/2/datasets/?page=1&page_size=2&sort=created"
    good = {"data": [{"id": "r", "url": "https://ville.example.org/a"}], "total": 1}
    records = portal({address: {"data": [linked(1), linked(2)], "total": 2}, f"{PORTAL}/r/2": good}, f"{PORTAL}/api/2/")
    assert [getattr(record, "reason", "") for record in records] == ["resources cannot be read", ""]
    with pytest.raises(SourceUnavailable, match="404"):
        portal({address: {"data": [linked(1), linked(2), linked(3)], "total": 3}}, f"{PORTAL}/api/2/")


@pytest.mark.parametrize(
    ("url", "asked"),
    [("", "/api/1/datasets/?"), ("/fr/", "/api/1/datasets/?"), ("/fr/datasets", "/api/1/datasets/?"),
     ("/api/1/", "/api/1/datasets/?"), ("/api/2", "/api/2/datasets/?"),
     ("/sub/api/1/datasets", "/sub/api/1/datasets/?"),
     ("/data", "/data/api/1/datasets/?"), ("/api/2/datasets/search/", "/api/2/datasets/search/?"),
     ("/api/1/organizations/ville/datasets/", "/api/1/organizations/ville/datasets/?"),
     ("/api/1/datasets/?tag=eau&page=7", "/api/1/datasets/?tag=eau&")],
)  # fmt: skip
def test_the_api_is_found_from_any_of_its_addresses(url: str, asked: str, portal: Callable[..., Any]) -> None:
    address = f"{PORTAL}{asked}page=1&page_size=2&sort=created"
    assert len(portal({address: {"data": [DATASET], "total": 1, "next_page": None}}, PORTAL + url)) == 1


def test_the_address_of_one_dataset_is_read_as_a_document(portal: Callable[..., Any]) -> None:
    address = f"{PORTAL}/api/1/datasets/arbres/"
    assert len(portal({address: DATASET}, address)) == 1


def test_a_listing_that_ends_before_its_count_is_no_complete_harvest(portal: Callable[..., Any]) -> None:
    with pytest.raises(PagesShifted, match="counts 3 records but gave 1"):
        portal({V1.format(1): {"data": [DATASET], "total": 3, "next_page": None}})


def test_pages_that_shift_while_they_are_read_are_noticed_by_the_repeated_identifier(
    portal: Callable[..., Any],
) -> None:
    first = {"data": [{"id": "1"}, {"id": "2"}], "total": 4, "next_page": V1.format(2)}
    second = {"data": [{"id": "2"}, {"id": "3"}], "total": 4, "next_page": None}
    with pytest.raises(PagesShifted, match="2 stood on an earlier page"):
        portal({V1.format(1): first, V1.format(2): second})


@pytest.mark.parametrize("link", [V1.format(1), V1.format(2)])
def test_a_portal_that_does_not_page_is_noticed(link: str, portal: Callable[..., Any]) -> None:
    page = {"data": [DATASET], "total": 9, "next_page": link}
    with pytest.raises(PagesShifted, match="does not page"):
        portal({V1.format(1): page, V1.format(2): page})


@pytest.mark.parametrize("page", [{"message": "down"}, [], None, {"data": None}, {"data": {"a": 1}}])
def test_a_page_without_a_list_stops_the_source(page: object, portal: Callable[..., Any]) -> None:
    with pytest.raises(SourceUnavailable, match="gives no list"):
        portal({V1.format(1): page})


def test_a_link_that_is_no_address_stops_the_source(portal: Callable[..., Any]) -> None:
    with pytest.raises(SourceUnavailable, match="no web address"):
        portal({V1.format(1): {"data": [DATASET], "total": 9, "next_page": "http://[x"}})


@pytest.mark.parametrize(
    "document",
    [[DATASET], DATASET, {"data": [DATASET], "total": 1}, {"datasets": [DATASET], "posts": []},
     {"datasets": [{"dataset": {**DATASET, "resources": None}, "resources": DATASET["resources"]}]},
     "\ufeff" + json.dumps([DATASET]), json.dumps(DATASET).encode("utf-16")],
)  # fmt: skip
def test_every_envelope_is_opened(document: object, read: Read) -> None:
    (record,) = read(document)
    assert isinstance(record, Dataset)
    assert (record.identifier, record.title, len(record.distributions)) == ("1", {"fr": "Arbres"}, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"private": True}, "private"), ({"private": "true"}, "private"), ({"private": 1}, "private"),
     ({"deleted": "2020-01-01"}, "deleted"), ({"archived": True}, "archived")],
)  # fmt: skip
def test_what_must_not_be_shown_is_rejected(change: dict[str, object], reason: str, read: Read) -> None:
    (record,) = read({**DATASET, **change})
    assert isinstance(record, Rejected)
    assert (record.identifier, record.reason, record.is_private) == ("1", reason, reason == "private")


@pytest.mark.parametrize("change", [{"private": None}, {"private": "false"}, {"deleted": ""}, {"archived": False}])
def test_flags_that_are_not_set_are_no_reason(change: dict[str, object], read: Read) -> None:
    assert isinstance(read({**DATASET, **change})[0], Dataset)


def test_a_private_copy_is_withdrawn_by_the_iri_it_was_published_under(read: Read) -> None:
    record = {**DATASET, "private": True, "harvest": {"uri": "https://autre.example.org/1"}}
    assert read(record) == [Rejected("https://autre.example.org/1", "private", is_private=True)]


def test_a_dataset_that_became_private_counts_as_private_also_where_it_stands_twice(read: Read) -> None:
    assert read([DATASET, {**DATASET, "private": True}])[1] == Rejected("1", "private", is_private=True)


def test_records_without_use_are_named_with_their_place(read: Read) -> None:
    found = read([DATASET, {"title": "no id"}, 12, None, {"id": "r", "filetype": "file", "url": "x"}, DATASET])
    assert [item.reason for item in found[1:] if isinstance(item, Rejected)] == [
        "no identifier", "not a dataset", "not a dataset", "not a dataset", "identifier stands twice in the source",
    ]  # fmt: skip
    assert found[1] == Rejected("dump.json, item 2", "no identifier")


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [('[{"id": "1"},\n {"id": "2", "ti', 2, 14), ('[{"id": "1",\n "size": NaN}]', 2, 10), ("<html>", 1, 1), ("", 1, 1),
     ("[" * 100_000, 1, 1), ("[" + "9" * 5000 + "]", 1, 1)],
)  # fmt: skip
def test_a_broken_document_is_refused_with_its_place(document: str, line: int, column: int, read: Read) -> None:
    with pytest.raises(ParseFailed) as caught:
        read(document)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("document", [{"posts": []}, 12, None, "text", {"data": 1}])
def test_a_document_without_datasets_is_refused_with_advice(document: object, read: Read) -> None:
    with pytest.raises(SourceUnavailable, match="holds no datasets"):
        read(json.dumps(document))


def test_a_broken_file_among_several_does_not_stop_the_others(tmp_path: Path, fetch_folder: Callable[..., Any]) -> None:
    for name, content in (("a.json", json.dumps(DATASET)), ("b.json", "{"), ("c.json", '[{"id": "2"}]')):
        (tmp_path / name).write_text(content)
    first, broken, last = udata.records(_source(str(tmp_path)), fetch_folder(tmp_path))
    assert isinstance(first, Dataset)
    assert isinstance(last, Dataset)
    assert (first.identifier, last.identifier) == ("1", "2")
    assert isinstance(broken, Rejected)
    assert (broken.identifier, broken.reason, broken.is_dataset) == ("b.json", "file without datasets", False)
    assert "line 1, column 2" in broken.detail


def test_the_windows_code_page_is_read(read: Read) -> None:
    (record,) = read('{"id": "1", "title": "Éclairage – été"}'.encode("cp1252"))
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "Éclairage – été"}


# udata's lists, of today (UPDATE_FREQUENCIES) and of before (LEGACY_FREQUENCIES)
CODES = [
    "unknown", "other", "never", "not_planned", "as_needed", "irreg", "update_cont", "hourly", "cont", "daily_2",
    "daily", "weekly_5", "weekly_3", "weekly_2", "weekly", "biweekly", "monthly_3", "monthly_2", "monthly",
    "bimonthly", "quarterly", "annual_3", "annual_2", "annual", "biennial", "triennial", "quinquennial",
    "decennial", "irregular", "punctual", "realtime", "continuous", "fourTimesADay", "threeTimesADay", "semidaily",
    "fourTimesAWeek", "threeTimesAWeek", "semiweekly", "threeTimesAMonth", "semimonthly", "fortnighly",
    "threeTimesAYear", "semiannual", "biannual",
]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_every_frequency_of_udata_has_its_european_code(code: str, read: Read) -> None:
    (record,) = read({**DATASET, "frequency": code})
    assert isinstance(record, Dataset)
    assert authority.lookup("frequency", record.frequency or "")


def test_old_zones_are_objects(read: Read) -> None:
    zones = [{"id": "fr/town/1", "name": "Ville", "uri": None}, {"id": "x", "uri": "https://geo.example.org/x"}, {}, 5]
    (record,) = read({**DATASET, "spatial": {"zones": zones}})
    assert isinstance(record, Dataset)
    assert record.spatial == ("Ville", "https://geo.example.org/x", "5")


def test_resources_with_one_id_are_all_kept_once(read: Read) -> None:
    resources = [{"id": "a", "url": "u:1"}, {"id": "a", "url": "u:2"}, {"id": "a", "url": "u:2"}, {"url": "u:3"}, {}, 1]
    (record,) = read({**DATASET, "resources": resources})
    assert isinstance(record, Dataset)
    assert [part.identifier for part in record.distributions] == ["a", "a u:2", "u:3"]


NAMES = [
    "title", "description", "tags", "frequency", "license", "access_type", "schema", "organization", "owner",
    "contact_points", "temporal_coverage", "spatial", "page", "harvest", "internal", "created_at", "last_modified",
    "private", "archived", "deleted", "extras", "resources",
]  # fmt: skip
PARTS = [
    "id", "url", "type", "filetype", "format", "mime", "filesize", "checksum", "title", "harvest", "internal",
    "created_at",
]  # fmt: skip
KEYS = [
    "id", "name", "url", "uri", "zones", "geom", "start", "end", "remote_url", "value", "type", "role", "email",
    "href", "total", "label", "coordinates",
]  # fmt: skip
ODD = ["<script>alert(1)</script>", "\U0001f98a", "\ud800", "\x00", "", "http://[", "documentation", "1" * 5000]
odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=4,
)
datasets = st.dictionaries(st.sampled_from(NAMES), odd, max_size=6)
resource_lists = st.lists(st.dictionaries(st.sampled_from(PARTS), odd, max_size=4), max_size=2)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(item=datasets, resources=resource_lists)
def test_values_of_any_type_never_crash(item: dict[str, Any], resources: list[Any], read: Read) -> None:
    document = json.dumps({"resources": resources, **item, "id": "1"}).replace("Infinity", "1e999")
    (record,) = read(document)
    if isinstance(record, Dataset):
        try:
            entities = mapping.entities(record, _source(PORTAL), BASE)
        except RecordRejected:
            return
        assert all(canonical.version(entity, BASE).text for entity in entities)
    else:
        assert isinstance(record, Rejected)
        assert record.reason


@pytest.mark.parametrize("value", [None, 5, True, [], {}, "x"])
def test_one_value_everywhere_never_crashes(value: object, read: Read) -> None:
    names = [name for name in NAMES if name not in {"private", "archived", "deleted"}]
    (record,) = read({**dict.fromkeys(names, value), "id": "1"})
    assert isinstance(record, Dataset)
    assert mapping.entities(record, _source(PORTAL), BASE)


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it")
def test_the_corpus_is_read(fetch_folder: Callable[..., Any]) -> None:
    files = sorted(CORPUS.rglob("*.json"))
    records = [item for path in files for item in udata.records(_source(str(path)), fetch_folder(path.parent))]
    found = _datasets(records)
    assert (len(files), len(records), len(found)) == (1, 15, 15)
    assert sum(len(item.distributions) for item in found) == 74  # 65 main and 9 other of 99 resources
    assert sum(len(item.documentation) for item in found) == 24  # 25 resources, one of which repeats an address
    assert sum(item.landing_page is not None for item in found) == 3  # copies of other portals
    assert all(item.publisher and item.issued and item.modified for item in found)
    assert all(authority.lookup("frequency", item.frequency or "") for item in found)
    assert not any(item.license for item in found)
    assert all(_triples(item) == _triples(item) for item in found)
