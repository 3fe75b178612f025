"""The Opendatasoft harvester: both versions of the API, exports, broken and hostile documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters import opendatasoft
from maillon import mapping
from maillon.errors import ParseFailed, SourceUnavailable
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Fetch, Source

HERE = Path(__file__).resolve().parent
CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "opendatasoft"
BASE = "https://data.example.org/"
PORTAL = "https://data.ville.example.org"
FIRST_PAGE = PORTAL + "/api/explore/v2.1/catalog/datasets?limit=100&offset=0&order_by=dataset_id"
Folder = Callable[..., Fetch]
Read = Callable[[object], list[Record]]


def _source(url: str, **values: Any) -> Source:
    return Source(name="ville", kind="opendatasoft", url=url, **values)


def _entry(identifier: object = "a", **metas: object) -> dict[str, Any]:
    return {"dataset_id": identifier, "has_records": True, "metas": {"default": {"title": "A", **metas}}}


@pytest.fixture
def read(tmp_path: Path, fetch_folder: Folder) -> Read:
    """Harvest one document: bytes or a text as they are, anything else as JSON."""

    def harvest(value: object) -> list[Record]:
        path = tmp_path / "dump.json"
        data = value if isinstance(value, bytes | str) else json.dumps(value)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return list(opendatasoft.records(_source(str(path), homepage=PORTAL + "/"), fetch_folder(tmp_path)))

    return harvest


def _one(records: list[Record]) -> Dataset:
    (record,) = records
    assert isinstance(record, Dataset)
    return record


def test_version_2_gives_every_field(fetch_folder: Folder) -> None:
    found = list(opendatasoft.records(_source(PORTAL), fetch_folder(HERE, {FIRST_PAGE: "v21.json"})))
    assert found[2] == Rejected("cache", "restricted", is_private=True)
    trees = _one(found[:1])
    assert (trees.identifier, trees.title, trees.description) == (
        "arbres-remarquables", {"fr": "Arbres remarquables"}, {"fr": "<p>Les <b>arbres</b>.</p>"},
    )  # fmt: skip
    assert trees.theme == ("Transports, Déplacements", "Environnement")
    assert trees.keyword == (("fr", "arbre"), ("fr", "parc, jardin"))
    assert (trees.issued, trees.modified, trees.frequency) == ("2011-12-04", "2024-03-02T10:00:00+00:00", "Annuelle")
    assert (trees.license, trees.language) == ("https://creativecommons.org/licenses/by/4.0/", ("nl",))
    assert trees.publisher is not None
    assert trees.creator is not None
    assert (trees.publisher.name, trees.creator.name) == ({"fr": "Ville d'Exemple"}, {"fr": "Service des parcs"})
    assert [(item.name, item.email) for item in trees.contact] == [("Guichet", "guichet@ville.example.org")]
    assert (trees.temporal, trees.spatial[1:]) == ((("2009", "2012"),), ("Exemple", "Exemple-Ville"))
    assert json.loads(trees.spatial[0])["geometry"]["coordinates"] == [4.35, 50.85]
    assert trees.documentation == ("https://ville.example.org/arbres",)
    assert trees.conforms_to == ("https://norme.example.org/1",)
    assert trees.landing_page == PORTAL + "/explore/dataset/arbres-remarquables/"
    below = PORTAL + "/api/explore/v2.1/catalog/datasets/arbres-remarquables"
    assert [(item.identifier, item.download_url, item.format) for item in trees.distributions] == [
        ("exports/csv", below + "/exports/csv", "CSV"),
        ("exports/json", below + "/exports/json", "JSON"),
        ("exports/geojson", below + "/exports/geojson", "GEOJSON"),
        ("exports/shp", below + "/exports/shp", "SHP"),
        ("alternative_exports/arbres_zip", below + "/alternative_exports/arbres_zip/", "ZIP"),
        ("alternative_exports/loin", "https://fichiers.example.org/a.xlsx", "XLSX"),
        ("attachments/notice_pdf", below + "/attachments/notice_pdf/", "PDF"),
    ]


def test_a_copy_of_another_portal_points_to_the_original(fetch_folder: Folder) -> None:
    copy = list(opendatasoft.records(_source(PORTAL), fetch_folder(HERE, {FIRST_PAGE: "v21.json"})))[1]
    assert isinstance(copy, Dataset)
    assert copy.identifier == "copie@autre"
    assert copy.landing_page == "https://autre.example.org/explore/dataset/original/"
    assert copy.modified == "2023-01-01"  # "modified" follows the metadata there
    assert (copy.access_rights, copy.distributions) == ("RESTRICTED", ())


def test_version_1_gives_every_field(fetch_folder: Folder) -> None:
    address = PORTAL + "/api/datasets/1.0/search/?rows=100&start=0"
    fetch = fetch_folder(HERE, {address: "v1.json"})
    lines, empty = opendatasoft.records(_source(PORTAL + "/api/datasets/1.0/search/"), fetch)
    assert isinstance(lines, Dataset)
    assert isinstance(empty, Dataset)
    assert (lines.title, lines.theme) == ({"nl": "Lijnen"}, ("Transport, Mobility",))
    assert lines.keyword == (("nl", "bus"), ("nl", "tram"))
    assert (lines.license, lines.spatial) == ("Licence Ouverte (Etalab)", ("0.1,46.4,0.5,46.6",))
    assert [item.email for item in lines.contact] == ["sig@ville.example.org"]
    download = PORTAL + "/explore/dataset/lignes/download/?format="
    assert [item.download_url for item in lines.distributions] == [  # no shapefile: it would be cut off
        download + "csv", download + "json", download + "geojson",
        PORTAL + "/api/datasets/1.0/lignes/attachments/plan_pdf/",
    ]  # fmt: skip
    assert empty.distributions == ()


@pytest.mark.parametrize(
    ("values", "portal"),
    [({}, "https://exemple.opendatasoft.com"), ({"homepage": PORTAL + "/explore/?q=x"}, PORTAL),
     ({"base": PORTAL}, PORTAL)],
)  # fmt: skip
def test_the_portal_of_a_file_is_told(values: dict[str, str], portal: str, fetch_folder: Folder) -> None:
    record = next(opendatasoft.records(_source(str(HERE / "v1.json"), **values), fetch_folder(HERE)))
    assert isinstance(record, Dataset)
    assert record.landing_page == portal + "/explore/dataset/lignes/"


def test_the_links_of_an_entry_name_its_portal(tmp_path: Path, fetch_folder: Folder) -> None:
    links = [{"rel": "self", "href": PORTAL + "/api/v2/catalog/datasets/a"}]
    (tmp_path / "a.json").write_text(json.dumps({"links": links, "dataset": _entry()}))
    record = _one(list(opendatasoft.records(_source(str(tmp_path / "a.json")), fetch_folder(tmp_path))))
    assert record.landing_page == PORTAL + "/explore/dataset/a/"


@pytest.mark.parametrize(
    "document",
    [
        {"total_count": 1, "results": [_entry()]},
        {"total_count": 1, "links": [], "datasets": [{"links": [], "dataset": _entry()}]},
        {"links": [], "dataset": _entry()},
        [_entry()],
        [{"dataset_id": "a", "default.title": "A"}],
        [{"datasetid": "a", "title": "A"}],
        {"nhits": 1, "datasets": [{"datasetid": "a", "metas": {"title": "A"}}]},
        _entry(),
        "\ufeff" + json.dumps(_entry()),
        json.dumps(_entry()).encode("utf-16"),
    ],
)
def test_every_envelope_is_opened(document: object, read: Read) -> None:
    record = _one(read(document))
    assert (record.identifier, record.title) == ("a", {"": "A"})
    assert record.distributions


@pytest.mark.parametrize(
    ("change", "reason", "private"),
    [({"visibility": "restricted"}, "restricted", True), ({"is_restricted": True}, "restricted", True),
     ({"is_published": False}, "state unpublished", False), ({"status": "Draft"}, "state draft", False),
     ({"status": "deleted"}, "state deleted", False)],
)  # fmt: skip
def test_what_must_not_be_read_is_rejected(change: dict[str, object], reason: str, private: bool, read: Read) -> None:
    expected = [Rejected("a", reason, is_private=private)]
    assert read({**_entry(), **change}) == expected
    assert read([{"datasetid": "a", "metas": change}]) == expected


def test_records_without_use_are_named_with_their_place(read: Read) -> None:
    found = read([_entry(), {"metas": {"default": {"title": "x"}}}, 12, None, _entry()])
    assert found[1:] == [
        Rejected("dump.json, item 2", "no identifier"),
        Rejected("dump.json, item 3", "not a dataset", "int", is_dataset=False),
        Rejected("dump.json, item 4", "not a dataset", "NoneType", is_dataset=False),
        Rejected("a", "identifier stands twice in the source", "dump.json, item 5"),
    ]


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [('[{"dataset_id": "1"},\n {"id": "2", "ti', 2, 14), ("<html>", 1, 1), ("", 1, 1), ("[" * 100_000, 1, 1),
     ("[" + "9" * 5000 + "]", 1, 1)],
)  # fmt: skip
def test_a_broken_document_is_refused_with_its_place(document: str, line: int, column: int, read: Read) -> None:
    with pytest.raises(ParseFailed) as caught:
        read(document)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("document", [{"records": []}, 12, {"results": None}])
def test_a_document_without_datasets_is_refused(document: object, read: Read) -> None:
    with pytest.raises(SourceUnavailable, match="holds no datasets"):
        read(document)


def test_an_error_of_the_portal_stops_the_source_with_its_message(read: Read) -> None:
    with pytest.raises(SourceUnavailable, match="Unknown domain"):
        read({"error_code": "NotFound", "message": "Unknown domain"})


def test_a_broken_file_among_several_is_rejected_alone(tmp_path: Path, fetch_folder: Folder) -> None:
    for name, content in (("a", json.dumps([_entry()])), ("b", "{"), ("c", '{"facets": []}')):
        (tmp_path / f"{name}.json").write_text(content)
    found = list(opendatasoft.records(_source(str(tmp_path)), fetch_folder(tmp_path)))
    assert [(item.identifier, item.reason, item.is_dataset) for item in found if isinstance(item, Rejected)] == [
        ("b.json", "file is not JSON", False), ("c.json", "file without datasets", False),
    ]  # fmt: skip
    assert len(found) == 3


def test_files_that_hold_fewer_than_they_count_say_so(read: Read) -> None:
    reason = "files hold fewer datasets than they count"
    assert read({"total_count": 101, "results": [_entry()]})[1:] == [
        Rejected("ville", reason, "1 of 101", is_dataset=False)
    ]


@pytest.mark.parametrize(
    ("text", "period"),
    [("01-01-12 / 31-12-13", ("01-01-12 / 31-12-13", None)), ("2009-2012", ("2009", "2012")),
     ("2011", ("2011", "2011")), ("2011-01-01/2012-06", ("2011-01-01", "2012-06")), ("2012-06", ("2012-06", None)),
     ("jusqu'en février 2015", ("jusqu'en février 2015", None))],
)  # fmt: skip
def test_periods(text: str, period: tuple[str, str | None], read: Read) -> None:
    assert _one(read([{**_entry(), "dcat.temporal": text}])).temporal == (period,)


@pytest.mark.parametrize(
    ("metas", "licence"),
    [({"license": None, "license_url": None}, None), ({"license": "ODbL Paris"}, "ODbL Paris"),
     ({"license": "Propre", "license_url": "https://ville.example.org/l"}, "https://ville.example.org/l"),
     ({"license": "CC BY 4.0", "license_url": "https://ville.example.org/l"}, "CC BY 4.0")],
)  # fmt: skip
def test_licences(metas: dict[str, object], licence: str | None, read: Read) -> None:
    assert _one(read(_entry(**metas))).license == licence


def test_without_a_known_portal_there_are_no_addresses(tmp_path: Path, fetch_folder: Folder) -> None:
    entry = {**_entry(domain="a b"), "attachments": [{"id": "x", "url": "odsfile://x.pdf"}]}
    (tmp_path / "a.json").write_text(json.dumps(entry))
    record = _one(list(opendatasoft.records(_source(str(tmp_path / "a.json")), fetch_folder(tmp_path))))
    assert (record.landing_page, record.distributions) == (None, ())


def _mapped(records: list[Record], source: Source) -> list[Any]:
    return [entity for item in records if isinstance(item, Dataset) for entity in mapping.entities(item, source, BASE)]


@pytest.mark.parametrize("name", ["v21.json", "v1.json"])
def test_records_become_entities_and_always_the_same(name: str, fetch_folder: Folder) -> None:
    source = _source(str(HERE / name), homepage=PORTAL, language="fr", publisher="Ville")
    first, second = (list(opendatasoft.records(source, fetch_folder(HERE))) for _ in range(2))
    assert first == second
    entities = _mapped(first, source)
    kinds = [entity.kind for entity in entities]
    assert (kinds.count("dataset"), kinds.count("distribution")) == ((2, 7) if name == "v21.json" else (2, 4))
    assert len({entity.iri for entity in entities if entity.kind != "organisation"}) == 6 + 3 * (name == "v21.json")


ODD = [
    "<script>alert(1)</script>",
    "{",
    "[1",
    "odsfile://x",
    "https://[",
    "\ud800",
    "2011 - ",
    "true",
    "geo",
    "http://",
]
FIGURES = st.floats(allow_nan=False, allow_infinity=False)
NAMES = ["title", "description", "keyword", "theme", "publisher", "license", "license_url", "language", "references",
         "metadata_languages", "modified", "records_count", "geographic_area", "territory", "source_domain_address",
         "source_dataset", "domain", "visibility", "temporal", "spatial", "contact_email", "creator",
         "type"]  # fmt: skip
TOP = ["dataset_id", "datasetid", "features", "fields", "attachments", "alternative_exports", "has_records", "metas",
       "interop_metas", "links", "_links", "dataset", "data_visible", "dcat.issued", "status"]  # fmt: skip
KEYS = ["id", "url", "href", "title", "type", "geometry", "default"]
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | FIGURES | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metas=st.dictionaries(st.sampled_from(NAMES), odd, max_size=6),
    top=st.dictionaries(st.sampled_from(TOP), odd, max_size=5),
)
def test_hostile_values_never_crash(metas: dict[str, Any], top: dict[str, Any], tmp_path: Path, read: Read) -> None:
    source = _source("dump.json", homepage=PORTAL)
    document = [{**_entry(), "metas": {"default": metas}, **top}, {"datasetid": "b", "metas": metas}]
    assert len(read(document)) == 2
    _mapped(read(document), source)


@pytest.mark.parametrize("value", [None, 1, 1.5, True, "", [], {}, [None], [{}], {"type": None}])
def test_the_same_odd_value_everywhere(value: object, read: Read) -> None:
    entry = {**dict.fromkeys(TOP, value), "dataset_id": "a", "metas": {"default": dict.fromkeys(NAMES, value)}}
    entry.pop("dataset")
    assert len(read([entry])) == 1
    _mapped(read([entry]), _source("dump.json"))


needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it")
COUNTS = {
    "terria/datasets.json": 6, "terria/datasets-over-100-1.json": 6, "terria/datasets-over-100-2.json": 6,
    "terria/weather-station-dataset.json": 1, "udata-ods-v1/empty.json": 1, "udata-ods-v1/inspire.json": 1,
    "udata-ods-v1/no-data.json": 2, "udata-ods-v1/test-a.json": 1, "udata-ods-v1/test-b.json": 1,
    "udata-ods-v1/test-c.json": 1, "udata-ods-v1/test-shp-limit.json": 1, "udata-ods-v1/with-attachments.json": 1,
}  # fmt: skip


@pytest.mark.corpus
@needs_corpus
@pytest.mark.parametrize("name", COUNTS)
def test_every_catalogue_of_the_corpus_is_read(name: str, fetch_folder: Folder) -> None:
    source = _source(str(CORPUS / name), language="en")
    found = list(opendatasoft.records(source, fetch_folder(CORPUS)))
    datasets = [item for item in found if isinstance(item, Dataset)]
    rejected = [item.reason for item in found if isinstance(item, Rejected)]
    assert len(datasets) == COUNTS[name]
    assert rejected == (["files hold fewer datasets than they count"] if "over-100" in name else [])
    assert all(item.title and item.landing_page and item.modified for item in datasets)
    assert [entity.kind for entity in _mapped(found, source)].count("dataset") == COUNTS[name]


@pytest.mark.corpus
@needs_corpus
@pytest.mark.parametrize("name", ["facets", "weather-station-100", "weather-station-groupby"])
def test_answers_of_the_corpus_without_datasets_are_refused(name: str, fetch_folder: Folder) -> None:
    with pytest.raises(SourceUnavailable, match="holds no datasets"):
        list(opendatasoft.records(_source(str(CORPUS / "terria" / f"{name}.json")), fetch_folder(CORPUS)))


@pytest.mark.corpus
@needs_corpus
def test_the_whole_corpus_as_one_folder(fetch_folder: Folder) -> None:
    found = list(opendatasoft.records(_source(str(CORPUS)), fetch_folder(CORPUS)))
    reasons = [item.reason for item in found if isinstance(item, Rejected)]
    assert {reason: reasons.count(reason) for reason in reasons} == {
        "file is not JSON": 1,  # the export as CSV, which is an inventory
        "file without datasets": 3,
        "identifier stands twice in the source": 7,
        "files hold fewer datasets than they count": 1,
    }
    assert len(found) - len(reasons) == 21
