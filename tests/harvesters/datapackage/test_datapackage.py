"""The kind ``datapackage``: descriptors of Frictionless v1 and Data Package v2, on the web and in folders."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters import datapackage
from maillon import mapping
from maillon.errors import ParseFailed, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Source

HERE = Path(__file__).parent
ADDRESS = "https://data.example.org/arbres/datapackage.json"
Fetcher = Callable[..., Any]


def web(fetch_folder: Fetcher, name: str, address: str = ADDRESS, **keys: str) -> list[Record]:
    source = Source(name="test", kind="datapackage", url=keys.pop("url", address), **keys)  # type: ignore[arg-type]
    return list(datapackage.records(source, fetch_folder(HERE, {address: name})))


def only(records: list[Record]) -> Dataset:
    (found,) = [item for item in records if isinstance(item, Dataset)]
    return found


def test_a_package_of_version_1_becomes_a_dataset(fetch_folder: Fetcher) -> None:
    found = only(web(fetch_folder, "v1.json", language="fr"))
    assert found.identifier == "b1f6f1d2-0000-4000-8000-000000000001"
    assert found.title == {"fr": "Arbres des parcs"}
    assert found.keyword == (("fr", "arbre"), ("fr", "parc"))
    assert found.publisher is not None
    assert found.publisher.name == {"fr": "Service exemple"}
    assert found.creator is not None
    assert found.creator.name == {"fr": "Atelier exemple"}
    assert [(item.name, item.email) for item in found.contact] == [("Guichet exemple", "guichet@example.org")]
    assert (found.issued, found.version, found.license) == (
        "2023-03-01T00:00:00Z", "1.2.0", "https://creativecommons.org/licenses/by/4.0/",
    )  # fmt: skip
    assert found.documentation == ("https://www.example.org/releve",)
    assert found.conforms_to == ("https://specs.frictionlessdata.io/tabular-data-package/",)


def test_each_path_is_a_distribution_with_its_address(fetch_folder: Fetcher) -> None:
    parts = {item.identifier: item for item in only(web(fetch_folder, "v1.json")).distributions}
    assert list(parts) == ["liste", "releves 1", "releves 2", "especes", "carte"]
    listed = parts["liste"]
    assert listed.download_url == "https://data.example.org/arbres/data/liste%202024.csv"
    assert (listed.media_type, listed.byte_size) == ("text/csv; charset=windows-1252", "12345")
    assert listed.checksum == "md5:5d41402abc4b2a76b9719d911017c592"
    assert listed.format == "csv"
    assert parts["releves 2"].download_url == "https://data.example.org/arbres/data/2023.csv"
    assert parts["releves 2"].byte_size is None  # the size stated is that of the whole
    assert parts["releves 2"].checksum is None
    assert (parts["especes"].access_url, parts["especes"].format) == (ADDRESS, "json")
    assert parts["carte"].download_url == "https://cartes.example.org/arbres.geojson"
    assert parts["carte"].license == "CC0-1.0"


def test_what_cannot_be_used_is_listed(fetch_folder: Fetcher) -> None:
    rejected = [item for item in web(fetch_folder, "v1.json") if isinstance(item, Rejected)]
    assert [(item.reason, item.is_dataset) for item in rejected] == [
        ("resource with inline data: it is in the descriptor", False),
        ("resource path leads out of the package", False),
        ("resource without path and data", False),
        ("resource without path and data", False),
    ]


def test_a_package_of_version_2_has_roles_and_texts_by_language(fetch_folder: Fetcher) -> None:
    found = only(web(fetch_folder, "v2.json", language="nl"))
    assert found.title == {"nl": "Bomen in parken", "fr": "Arbres des parcs"}
    assert found.publisher is not None
    assert found.publisher.name == {"nl": "Dienst voorbeeld"}
    assert [item.email for item in found.contact] == ["vragen@example.org"]


def test_a_web_folder_is_asked_for_its_descriptor(fetch_folder: Fetcher) -> None:
    found = web(fetch_folder, "v2.json", url="https://data.example.org/arbres")
    assert only(found).distributions[0].access_url == "https://data.example.org/arbres/lijst.parquet"


def test_a_folder_of_packages_gives_each_and_says_what_is_none(fetch_folder: Fetcher, tmp_path: Path) -> None:
    for name in ("v1", "v2"):
        (tmp_path / name).mkdir()
        shutil.copy(HERE / f"{name}.json", tmp_path / name / "datapackage.json")
        (tmp_path / name / "lijst.csv").write_text("a,b\n")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "datapackage.json").write_text('{"name": "x"')
    (tmp_path / "twice").mkdir()
    shutil.copy(HERE / "v2.json", tmp_path / "twice" / "datapackage.json")
    source = Source(name="test", kind="datapackage", url=str(tmp_path))
    found = list(datapackage.records(source, fetch_folder(tmp_path)))
    assert len([item for item in found if isinstance(item, Dataset)]) == 2
    reasons = [item.reason for item in found if isinstance(item, Rejected) and item.is_dataset]
    assert reasons == ["not a data package", "identifier stands twice in the source"]


def test_files_beside_a_local_descriptor_have_no_address_without_base(fetch_folder: Fetcher, tmp_path: Path) -> None:
    shutil.copy(HERE / "v2.json", tmp_path / "datapackage.json")
    source = Source(name="test", kind="datapackage", url=str(tmp_path / "datapackage.json"))
    found = list(datapackage.records(source, fetch_folder(tmp_path)))
    assert only(found).distributions[0].access_url is None
    assert [item.reason for item in found if isinstance(item, Rejected)] == [
        "resource without web address: give the base of the source"
    ]


@pytest.mark.parametrize("text", ['{"resources": {}}', "[]", "{}", '"x"'])
def test_json_that_is_no_package_is_refused(text: str, fetch_folder: Fetcher, tmp_path: Path) -> None:
    path = tmp_path / "datapackage.json"
    path.write_text(text)
    source = Source(name="test", kind="datapackage", url=str(path))
    with pytest.raises(SourceUnavailable, match="no data package"):
        list(datapackage.records(source, fetch_folder(tmp_path)))


def test_truncated_json_says_where(fetch_folder: Fetcher, tmp_path: Path) -> None:
    path = tmp_path / "datapackage.json"
    path.write_bytes((HERE / "v1.json").read_bytes()[:300])
    source = Source(name="test", kind="datapackage", url=str(path))
    with pytest.raises(ParseFailed, match="line 9"):
        list(datapackage.records(source, fetch_folder(tmp_path)))


def test_values_of_any_type_do_no_harm(fetch_folder: Fetcher, tmp_path: Path) -> None:
    names = list(json.loads((HERE / "v1.json").read_text()))
    hostile: list[Any] = [
        None,
        7,
        "x",
        [],
        {},
        [[]],
        [{}],
        [None, 7, {"title": []}],
        {"a": {"b": 1}},
        True,
        "a" * 10_000,
    ]
    path = tmp_path / "datapackage.json"
    source = Source(name="test", kind="datapackage", url=str(path))
    for name in names:
        for value in hostile:
            package = json.loads((HERE / "v1.json").read_text()) | {name: value}
            package["resources"] = (
                [{**package["resources"][0], "path": value, "title": value}]
                if name == "title"
                else (package["resources"] if isinstance(package["resources"], list) else [])
            )
            path.write_text(json.dumps(package))
            for record in datapackage.records(source, fetch_folder(tmp_path)):
                if isinstance(record, Dataset):
                    mapping.entities(record, source, "https://catalogue.example/")


def test_the_same_descriptor_gives_the_same_canonical_entities(fetch_folder: Fetcher) -> None:
    base = "https://catalogue.example/"
    source = Source(name="test", kind="datapackage", url=ADDRESS, language="fr")
    texts = []
    for _ in range(2):
        entities = mapping.entities(only(web(fetch_folder, "v1.json", language="fr")), source, base)
        texts.append([canonical.version(item, base).text for item in entities])
    assert texts[0] == texts[1]
    assert "<http://publications.europa.eu/resource/authority/file-type/CSV>" in "".join(texts[0])
