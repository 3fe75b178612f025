"""The data.json harvester: DCAT-US 1.0, 1.1 and 3, Hub feeds, broken and hostile documents."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters import datajson
from maillon import mapping
from maillon.errors import ParseFailed, RecordRejected, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Agent, Contact, DataService, Dataset, Entity, Record, Rejected
from maillon.sources import Source

HERE = Path(__file__).resolve().parent
SHARED = Path(__file__).resolve().parents[4] / "shared"
CORPUS = SHARED / "corpus"
BASE = "https://data.example.org/"
SOURCE = Source(name="ville", kind="datajson", url="/data.json", language="fr", publisher="Ville de Test")
Read = Callable[..., list[Record]]


@pytest.fixture
def harvest(fetch_folder: Callable[..., Any]) -> Callable[[Path], list[Record]]:
    """Harvest a file or a folder."""
    return lambda path: list(
        datajson.records(Source(name="ville", kind="datajson", url=str(path), language="fr"), fetch_folder(path.parent))
    )


@pytest.fixture
def read(harvest: Callable[[Path], list[Record]], tmp_path: Path) -> Read:
    """Harvest one document: bytes or a text as they are, anything else as JSON."""

    def one(value: object) -> list[Record]:
        path = tmp_path / "data.json"
        data = value if isinstance(value, bytes | str) else json.dumps(value)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return harvest(path)

    return one


@pytest.fixture
def read_one(read: Read) -> Callable[..., Dataset]:
    """Harvest one dataset with these fields."""

    def one(**fields: object) -> Dataset:
        (record,) = read({"dataset": [{"identifier": "1", **fields}]})
        assert isinstance(record, Dataset)
        return record

    return one


def _entities(records: list[Record]) -> list[Entity]:
    found = (mapping.entities(item, SOURCE, BASE) for item in records if isinstance(item, Dataset | DataService))
    return [entity for entities in found for entity in entities]


def _lines(records: list[Record]) -> str:
    return "".join(canonical.version(entity, BASE).text for entity in _entities(records))


def test_a_catalogue_of_dcat_us_1_1(harvest: Callable[[Path], list[Record]]) -> None:
    trees, files = harvest(HERE / "data.json")
    assert isinstance(trees, Dataset)
    assert isinstance(files, Dataset)
    assert (trees.identifier, trees.iri) == ("https://ville.example.org/donnees/arbres", None)
    assert trees.title == {"fr": "Arbres remarquables"}
    assert trees.description == {"fr": "<p>Les arbres de la ville.</p>"}
    assert trees.keyword == (("fr", "arbres"), ("fr", "Rue Haute, numéro 3"))
    assert (trees.issued, trees.modified, trees.frequency) == ("2020-02-03", None, "R/P1W")
    assert trees.publisher == Agent(name={"fr": "Service des parcs"})
    assert trees.contact == (Contact(name="Guichet des parcs", email="parcs@ville.example.org"),)
    assert (trees.access_rights, files.access_rights) == ("restricted", "non-public")
    assert trees.spatial == ("4.3,50.8,4.5,50.9",)
    assert trees.temporal == (("2019-01-01", "2020-12-31"),)
    assert trees.language == ("fr-BE", "nl-BE")
    assert len(trees.documentation) == 2
    assert [part.identifier for part in trees.distributions] == [
        "https://ville.example.org/arbres.csv",
        "https://ville.example.org/api/arbres",
    ]
    assert trees.distributions[0].rights == {"fr": "Sur demande au guichet."}
    assert files.publisher == Agent(name={"fr": "Ville de Test"})
    assert files.contact == (Contact(name="Archives", url="https://ville.example.org/contact"),)


def test_its_codes_become_those_of_the_european_tables(harvest: Callable[[Path], list[Record]]) -> None:
    text = _lines(harvest(HERE / "data.json"))
    for code in ("access-right/RESTRICTED", "access-right/NON_PUBLIC", "frequency/WEEKLY", "language/NLD",
                 "licence/CC_BY_4_0", "file-type/CSV"):  # fmt: skip
        assert f"<http://publications.europa.eu/resource/authority/{code}>" in text
    assert "<mailto:parcs@ville.example.org>" in text
    assert "POLYGON((4.3 50.8" in text


def test_a_hub_feed_with_templates_that_were_not_filled_in(harvest: Callable[[Path], list[Record]]) -> None:
    record, twice = harvest(HERE / "hub.json")
    assert isinstance(record, Dataset)
    assert (record.description, record.spatial, record.contact) == ({}, (), ())
    assert record.publisher == Agent(name={"fr": "Commune de Test"})
    assert record.license == "<span style='color:red'>Données fournies &quot;en l'état&quot;.</span>"
    assert [part.identifier for part in record.distributions] == [
        record.identifier, "https://hub.example.org/x_1.csv", "https://hub.example.org/x_1.csv TXT CSV bis",
    ]  # fmt: skip
    assert twice == Rejected(record.identifier, "identifier stands twice in the source", "hub.json, item 2")
    assert "{{" not in _lines([record])


def test_dcat_us_3(harvest: Callable[[Path], list[Record]]) -> None:
    found = harvest(HERE / "dcat-us-3.json")
    bench, service, nameless, quarter, other, *members = found
    assert isinstance(bench, Dataset)
    assert isinstance(quarter, Dataset)
    assert (bench.identifier, bench.iri) == ("BANCS-1", "https://ville.example.org/id/bancs")
    assert bench.title == {"fr": "Bancs", "nl": "Banken"}
    assert bench.publisher == Agent(name={"fr": "Ville de Test"}, iri="https://ville.example.org/id/org")
    assert bench.contact == (Contact(name="Guichet", email="guichet@ville.example.org"),)
    assert bench.temporal == (("2001", "2002"),)
    assert bench.spatial == ("4.3,50.8,4.5,50.9", "Bruxelles")
    assert bench.license == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert isinstance(service, DataService)
    assert (service.endpoint_url, service.serves) == ("https://ville.example.org/api", ("s-bancs",))
    assert nameless == Rejected("dcat-us-3.json, service 2", "no identifier", is_dataset=False)
    assert quarter.identifier == "q1"
    assert isinstance(other, Rejected)
    assert (other.reason, other.detail) == ("catalogue that is no object", "https://autre.example.org/data.json")
    assert [record.identifier for record in members if isinstance(record, Dataset)] == ["s-bancs", "r2023", "r2024"]
    assert {entity.kind for entity in _entities(found)} == {"dataset", "service", "organisation"}


def test_the_list_of_dcat_us_1_0(read: Read) -> None:
    record, empty = read(
        [{"title": "Arbres", "identifier": 1, "keyword": "arbre, banc,", "publisher": "Ville",
          "contactPoint": "Guichet", "mbox": "guichet@ville.example.org", "accessURL": "https://ville.example.org/a.csv",
          "format": "text/csv", "webService": "https://ville.example.org/api",
          "dataDictionary": "https://ville.example.org/d"},
         {"title": "", "identifier": "", "keyword": ["", ""], "accessURL": ""}]
    )  # fmt: skip
    assert isinstance(record, Dataset)
    assert record.keyword == (("fr", "arbre"), ("fr", "banc"))
    assert record.contact == (Contact(name="Guichet", email="guichet@ville.example.org"),)
    assert [part.access_url for part in record.distributions] == [
        "https://ville.example.org/a.csv",
        "https://ville.example.org/api",
    ]
    assert empty == Rejected("data.json, item 2", "no identifier")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2009/2010", ("2009", "2010")), ("2009/", ("2009", None)), ("../2010", (None, "2010")),
     ("2009", ("2009", "2009")), ("", None), ("/", None), (12, ("12", "12")),
     ([{"startDate": "2001"}], ("2001", None)), ({"a": 1}, None)],
)  # fmt: skip
def test_periods(value: object, expected: object, read_one: Callable[..., Dataset]) -> None:
    assert read_one(temporal=value).temporal == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("fields", "modified", "frequency"),
    [({"modified": "R/P1W"}, None, "R/P1W"), ({"modified": "R/2012-01-01/P1Y"}, None, "R/P1Y"),
     ({"modified": "R/P1W", "accrualPeriodicity": "irregular"}, None, "irregular"),
     ({"modified": "2012-01-01", "accrualPeriodicity": "R/P1Y"}, "2012-01-01", "R/P1Y"),
     ({"modified": "last spring"}, "last spring", None), ({"modified": None}, None, None)],
)  # fmt: skip
def test_an_interval_as_date_is_the_frequency(
    fields: dict[str, object], modified: object, frequency: object, read_one: Callable[..., Dataset]
) -> None:
    record = read_one(**fields)
    assert (record.modified, record.frequency) == (modified, frequency)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("4,50,5,51", ("4,50,5,51",)), ("POINT(4 50)", ("POINT(4 50)",)), ("Namur", ("Namur",)), (None, ()), ([], ()),
     ({"type": "Point", "coordinates": [4, 50]}, ('{"type": "Point", "coordinates": [4, 50]}',)),
     ([4, 50, 5, 51], ("4,50,5,51",)), ([[50, 4], [51, 5]], ("[[50, 4], [51, 5]]",)),
     ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [4, 50]}},
      ('{"type": "Point", "coordinates": [4, 50]}',)),
     ({"geometry": "POINT(4 50)"}, ("POINT(4 50)",)), (["Namur", "Liège"], ("Namur", "Liège")),
     ({"west": 4}, ('{"west": 4}',)), ("{{extent}}", ()), ("{{a}},{{b:c}}", ())],
)  # fmt: skip
def test_places(value: object, expected: object, read_one: Callable[..., Dataset]) -> None:
    assert read_one(spatial=value).spatial == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"fn": "A B", "hasEmail": "a@b.example"}, Contact(name="A B", email="a@b.example")),
     ({"fn": "A B", "hasEmail": "mailto:https://b.example/c"}, Contact(name="A B", url="https://b.example/c")),
     ({"fn": "A B", "hasEmail": "mailto:{{mail}}", "hasURL": "https://b.example"},
      Contact(name="A B", url="https://b.example")),
     ({"fn": "jdupont_ville"}, None), ({"fn": "{{owner}}"}, None), (None, None), ([{}], None), (3, None),
     ({"fn": "Guichet", "hasTelephone": 112}, Contact(name="Guichet", telephone="112"))],
)  # fmt: skip
def test_contacts(value: object, expected: Contact | None, read_one: Callable[..., Dataset]) -> None:
    assert read_one(contactPoint=value).contact == ((expected,) if expected else ())


def test_what_is_not_to_be_shown_is_rejected(read: Read) -> None:
    found = read(
        {
            "dataset": [
                {"identifier": "1", "private": True},
                {"identifier": "2", "@id": "https://a.example/2", "private": "true"},
                {"identifier": "3", "status": "Draft"},
                {"identifier": "4", "status": {"@id": "http://publications.europa.eu/resource/authority/x/WITHDRAWN"}},
            ]
        }
    )
    assert found == [
        Rejected("1", "private", is_private=True), Rejected("https://a.example/2", "private", is_private=True),
        Rejected("3", "status draft"), Rejected("4", "status withdrawn"),
    ]  # fmt: skip


def test_two_datasets_with_one_iri_are_noticed(read: Read) -> None:
    found = read([{"identifier": "1", "@id": "urn:x:1"}, {"identifier": "2", "@id": "urn:x:1"}, None, "x", 3])
    assert [getattr(item, "reason", "") for item in found] == [
        "", "identifier stands twice in the source", *["dataset that is no object"] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [{"error": {"message": "being generated"}}, {"title": "Not found", "status": 404}, {}, None, "x", 3, True,
     {"dataset": None}, {"dataset": "later"}],
)  # fmt: skip
def test_what_is_no_catalogue_is_no_empty_catalogue(document: object, read: Read) -> None:
    with pytest.raises(SourceUnavailable, match="no list of datasets"):
        read(json.dumps(document))


@pytest.mark.parametrize("document", [[], {"dataset": []}])
def test_an_empty_catalogue_is_one(document: object, read: Read) -> None:
    assert read(document) == []


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [('{"dataset": [\n {"identifier": "2", "ti', 2, 22), ('[{"identifier": "1",\n "a": NaN}]', 2, 7), ("<html>", 1, 1),
     ("", 1, 1), ("[" * 100_000, 1, 1), ("[" + "9" * 5000 + "]", 1, 1)],
)  # fmt: skip
def test_a_broken_document_is_refused_with_its_place(document: str, line: int, column: int, read: Read) -> None:
    with pytest.raises(ParseFailed) as caught:
        read(document)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_broken_file_among_several_is_rejected(harvest: Callable[[Path], list[Record]], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"dataset": [')
    (tmp_path / "b.json").write_text('{"dataset": [{"identifier": "1"}]}')
    broken, record = harvest(tmp_path)
    assert isinstance(broken, Rejected)
    assert (broken.identifier, broken.reason, broken.is_dataset) == ("a.json", "file without datasets", False)
    assert "line 1, column 14" in broken.detail
    assert isinstance(record, Dataset)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(codec: str, read: Read) -> None:
    (record,) = read('[{"identifier": "1", "title": "Éclairage – été"}]'.encode(codec))
    assert isinstance(record, Dataset)
    assert record.title == {"fr": "Éclairage – été"}


@pytest.mark.parametrize(
    ("address", "asked"),
    [("https://hub.example.org", "https://hub.example.org/data.json"),
     ("https://hub.example.org/", "https://hub.example.org/data.json"),
     ("https://hub.example.org/api/feed/dcat-us/1.1.json", "https://hub.example.org/api/feed/dcat-us/1.1.json")],
)  # fmt: skip
def test_a_feed_on_the_web_is_one_document(address: str, asked: str, fetch_folder: Callable[..., Any]) -> None:
    fetch = fetch_folder(HERE, {asked: "hub.json"})
    source = Source(name="hub", kind="datajson", url=address)
    assert len(list(datajson.records(source, fetch))) == 2
    assert fetch.asked == [asked]


def test_the_same_document_gives_the_same_entities(harvest: Callable[[Path], list[Record]]) -> None:
    for name in ("data.json", "hub.json", "dcat-us-3.json"):
        assert _lines(harvest(HERE / name)) == _lines(harvest(HERE / name))


NAMES = [
    "title", "description", "publisher", "contactPoint", "keyword", "theme", "modified", "accrualPeriodicity",
    "spatial", "temporal", "license", "rights", "accessLevel", "language", "landingPage", "conformsTo",
    "references", "version", "distribution", "@id", "status", "private", "mbox", "accessURL", "issued",
    "endpointURL", "servesDataset",
]  # fmt: skip
ODD = ["<script>alert(1)</script>", "{{x}}", "mailto:", "R/P", "/", "\ud800", "_:b", "http://[", "2020/{{x}}"]
keys = st.sampled_from(["@id", "@value", "@language", "name", "fn", "hasEmail", "geometry", "coordinates", "accessURL"])
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
parts = st.sampled_from(["dataset", "catalog", "datasetSeries", "service"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(NAMES), odd, max_size=6), around=st.dictionaries(parts, odd, max_size=2))
def test_values_of_any_type_never_crash(fields: dict[str, Any], around: dict[str, Any], read: Read) -> None:
    item = {**fields, "identifier": "1"}
    found = read({**around, "dataset": [item], "service": [item], "datasetSeries": [{"seriesMember": item}]})
    assert all(item.identifier and item.reason for item in found if isinstance(item, Rejected))
    for record in found:
        with suppress(RecordRejected):  # mapping rejects what has no usable identifier
            _lines([record])


def test_deep_and_long_values_end(read: Read, read_one: Callable[..., Dataset]) -> None:
    deep: object = "x"
    for _ in range(300):
        deep = {"name": deep, "geometry": deep}["name"], {"geometry": deep}
        deep = {"name": deep[1], "@id": 3}
    for name in ("title", "publisher", "spatial", "license", "distribution"):
        read_one(**{name: deep})
    catalogue: object = {"dataset": [{"identifier": "1"}]}
    for _ in range(300):
        catalogue = {"catalog": [catalogue]}
    assert len(read(catalogue)) == 1
    read_one(contactPoint={"fn": "a" * 1_000_000 + "!"}, spatial="{{" * 500_000, modified="R/" + "/" * 1_000_000)
    read_one(contactPoint={"fn": "_" * 1_000_000 + "!"})


def _harvested(path: Path, harvest: Callable[[Path], list[Record]], folder: Path) -> list[Record]:
    if path.suffix != ".gz":
        return harvest(path)
    unpacked = folder / path.stem
    unpacked.write_bytes(gzip.decompress(path.read_bytes()))
    return harvest(unpacked)


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: corpus tests need it")
def test_every_file_of_the_corpus_is_read_or_refused_with_a_reason(
    harvest: Callable[[Path], list[Record]], tmp_path: Path
) -> None:
    counts: dict[str, Counter[str]] = {"dcat-us": Counter(), "arcgis-hub": Counter()}
    refused = []
    for name, count in counts.items():
        for path in sorted((CORPUS / name).rglob("*.json*")):
            try:
                records = _harvested(path, harvest, tmp_path)
            except SourceUnavailable as error:
                refused.append((path.name, str(error).rsplit("(", 1)[-1]))
                continue
            for record in records:
                count[record.reason if isinstance(record, Rejected) else type(record).__name__] += 1
            assert _lines(records) == _lines(_harvested(path, harvest, tmp_path))
    assert counts["dcat-us"] == {"Dataset": 483, "DataService": 3, "no identifier": 9}
    assert counts["arcgis-hub"] == {"Dataset": 3179, "identifier stands twice in the source": 17}
    assert refused == [("catalog-template-extended.json", "line 46, column 24)")]
