"""The sample sources: what they promise in data/samples/README.md, as files and through harvester and mapping."""

import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Dataset, Literal, NamedNode, RdfFormat, parse

from maillon import definitions, mapping, paths, repair, settings, validation
from maillon.fetch import Fetcher
from maillon.mapping import entities
from maillon.rdf import canonical
from maillon.records import Finding, Rejected, Version
from maillon.validation import marks
from maillon.vocabulary import DATASET, DATASET_SERIES, DESCRIPTION, PUBLISHER, TITLE, TYPE, term

BASE = "http://localhost:8000/"
CKAN = paths.SAMPLES / "brussels-ckan.json"
TURTLE = paths.SAMPLES / "brussels-dcat.ttl"
TABLES = paths.SAMPLES / "brussels-tables.ttl"
NAMES = ("brussels-ckan", "brussels-dcat", "brussels-tables")
DATASETS = {"brussels-ckan": 36, "brussels-dcat": 31, "brussels-tables": 3}
ONE_LANGUAGE = {"cerisiers-japon", "gardiens-de-la-paix"}
NO_DESCRIPTION = {"metiers-en-penurie", "sites-archeologiques"}
LONG = {"agenda-evenements", "patrimoine-architectural"}
LICENCE = "Licence maison de la commune : réutilisation libre sauf publicité, voir le règlement du 12 mai"
MEANT = {
    "brussels-ckan": [
        ("dataset-description", ""),
        ("distribution-access-url", ""),
        ("distribution-byte-size-number", "environ 35 Ko"),
        ("distribution-format-code", "API"),
        ("distribution-format-code", "API"),
        ("distribution-format-code", "API"),
        ("distribution-license", ""),
        ("distribution-license", ""),
        ("distribution-license", ""),
        ("distribution-license-words", LICENCE),
    ],
    "brussels-dcat": [
        ("dataset-description", ""),
        ("distribution-byte-size-number", "120 kilo-octets"),
        ("distribution-format-node", "fichier CSV (point-virgule)"),
        ("distribution-license", ""),
        ("distribution-license", ""),
        ("distribution-license", ""),
        ("distribution-license-words", "Licence ouverte de la Région, voir le site"),
    ],
    "brussels-tables": [],
}
"""Shape and words of the findings of each source that its README names as meant."""

LEFT_OUT = {
    "brussels-ckan": {"dataset-temporal": 35, "distribution-availability": 69, "distribution-description": 69},
    "brussels-dcat": {
        "dataset-temporal": 22, "distribution-availability": 42, "distribution-description": 48,
        "dataset-series-contact-point": 1,
    },
    "brussels-tables": {
        "dataset-temporal": 2, "dataset-spatial": 2, "distribution-availability": 3, "distribution-description": 3,
    },
}  # fmt: skip
"""What datasets, series and distributions do not say though it is recommended, as is usual: findings by shape."""


def packages() -> list[dict[str, Any]]:
    answer = json.loads(CKAN.read_text(encoding="utf-8"))
    assert answer["success"] is True
    found: list[dict[str, Any]] = answer["result"]["results"]
    assert answer["result"]["count"] == len(found)
    return found


def usable() -> list[dict[str, Any]]:
    return [item for item in packages() if not item["private"] and item["name"] != "musees-copie"]


def turtle() -> Dataset:
    return Dataset(parse(TURTLE.read_bytes(), RdfFormat.TURTLE))


def datasets_of(graph: Dataset) -> list[NamedNode]:
    found = [quad.subject for quad in graph.quads_for_predicate(TYPE) if quad.object == DATASET]
    return [subject for subject in found if isinstance(subject, NamedNode)]


def texts_of(graph: Dataset, subject: NamedNode, predicate: NamedNode) -> dict[str, str]:
    objects = [quad.object for quad in graph.quads_for_subject(subject) if quad.predicate == predicate]
    return {text.language or "": text.value for text in objects if isinstance(text, Literal)}


def described() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield (short name, title by language, description by language) of every usable dataset of both samples."""
    for item in usable():
        yield (
            item["name"],
            item["title_translated"],
            {tag: text for tag, text in item["notes_translated"].items() if text},
        )
    graph = turtle()
    for subject in datasets_of(graph):
        yield subject.value.rsplit("/", 1)[1], texts_of(graph, subject, TITLE), texts_of(graph, subject, DESCRIPTION)


def test_at_least_sixty_datasets_of_eight_administrations() -> None:
    graph = turtle()
    assert len(usable()) + len(datasets_of(graph)) >= 60
    names = {item["organization"]["title_translated"]["fr"] for item in usable()}
    publishers = {quad.object for quad in graph.quads_for_predicate(PUBLISHER)}
    names |= {texts_of(graph, iri, term("foaf:name"))["fr"] for iri in publishers if isinstance(iri, NamedNode)}
    assert len(names) >= 8


def test_french_and_dutch_throughout_german_and_english_for_a_quarter() -> None:
    all_of_them = list(described())
    for name, title, description in all_of_them:
        wanted = {"fr", "nl"}
        assert (title.keys() >= wanted) == (name not in ONE_LANGUAGE), name
        assert (description.keys() >= wanted) == (name not in ONE_LANGUAGE | NO_DESCRIPTION), name
        assert all(text.strip() for text in (*title.values(), *description.values())), name
        assert title.keys() >= description.keys(), name
    both = [name for name, title, description in all_of_them if {"de", "en"} <= title.keys() & description.keys()]
    assert len(both) >= len(all_of_them) // 4


def test_names_of_datasets_are_different() -> None:
    names = Counter(name for name, _, _ in described())
    titles = Counter(title.get("fr") for _, title, _ in described() if "fr" in title)
    assert max(names.values()) == max(titles.values()) == 1


@pytest.mark.parametrize("path", [CKAN, TURTLE, TABLES])
def test_no_person_and_no_existing_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    addresses = re.findall(r"[\w.+-]+@[\w-]+\.[\w.-]*\w", text)
    assert addresses
    assert all(re.fullmatch(r"opendata@[\w-]+\.example", address) for address in addresses)
    hosts = set(re.findall(r"https?://([^/\"<>\s]+)", text))
    codes = {
        "publications.europa.eu", "data.europa.eu", "creativecommons.org", "opendatacommons.org", "purl.org",
        "www.iana.org", "www.w3.org", "xmlns.com", "spdx.org", "www.opengis.net",
    }  # fmt: skip
    assert {host for host in hosts if not host.endswith(".example")} <= codes
    assert "tel:" not in text


def test_each_defect_of_the_readme_is_there() -> None:
    found = {item["name"]: item for item in packages()}
    graph = turtle()
    by_name = {subject.value.rsplit("/", 1)[1]: subject for subject in datasets_of(graph)}
    assert found["controles-proprete-brouillon"]["private"] is True
    assert found["musees-copie"]["id"] == found["musees"]["id"]
    assert {name for name, _, description in described() if not description} == NO_DESCRIPTION
    assert {name for name, _, description in described() if len(description.get("fr", "")) > 2000} == LONG
    assert not found["aires-de-jeux-ixelles"]["license_id"]
    assert found["boites-a-livres"]["license_id"] == "notspecified"
    assert found["subsides-associations-ixelles"]["license_title"].startswith("Licence maison")
    assert (found["subsides-associations-ixelles"]["issued"], found["feux-tricolores"]["modified"]) == (
        "12 mars 2023",
        "januari 2024",
    )
    assert "&eacute;" in found["stationnement-velo"]["notes"]
    assert "," in found["stationnement-velo"]["tags"][0]["name"]
    assert {resource["size"] for item in found.values() for resource in item["resources"]} >= {
        "402 Ko",
        "2,4 Mo",
        "environ 35 Ko",
    }
    assert any(not resource["url"] for resource in found["postes-incendie"]["resources"])
    assert texts_of(graph, by_name["arbres-remarquables"], term("dct:issued")) == {"": "12 mars 2023"}
    literals = {quad.predicate.value.rsplit("/", 1)[1] for quad in graph if isinstance(quad.object, Literal)}
    assert {"format", "license"} <= literals


def test_high_value_datasets_series_and_services() -> None:
    graph = turtle()
    flagged = {quad.subject for quad in graph.quads_for_predicate(term("dcatap:hvdCategory"))}
    assert len(flagged & set(datasets_of(graph))) >= 5
    series = {quad.subject for quad in graph.quads_for_predicate(TYPE) if quad.object == DATASET_SERIES}
    assert {quad.object for quad in graph.quads_for_predicate(term("dcat:inSeries"))} == series
    served = {quad.object for quad in graph.quads_for_predicate(term("dcat:servesDataset"))}
    assert served <= set(datasets_of(graph))
    services = {quad.subject for quad in graph.quads_for_object(term("dcat:DataService"))}
    assert {quad.object for quad in graph.quads_for_predicate(term("dcat:accessService"))} == services


def test_every_reference_of_the_turtle_leads_to_something_described_or_to_a_known_code() -> None:
    graph = turtle()
    described_there = {quad.subject for quad in graph}
    own = [quad.object for quad in graph if str(quad.object).startswith("<https://data.example/id/")]
    assert set(own) <= described_there


@pytest.mark.parametrize("name", NAMES)
def test_the_sources_speak_four_languages_and_find_their_file_from_anywhere(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    source = definitions.load(name)
    assert source.title.keys() == source.description.keys() == set(settings.LANGUAGES)
    assert Path(source.url).parent == paths.SAMPLES
    assert source.publisher
    assert source.enabled


def harvested(name: str, folder: Path) -> tuple[list[Version], list[Rejected]]:
    source = definitions.load(name)
    module = importlib.import_module(f"harvesters.{source.kind}")
    versions: dict[str, Version] = {}
    rejected: list[Rejected] = []
    with Fetcher(source, settings.load({}, data=folder), folder / "raw") as fetch:
        for record in module.records(source, fetch):
            if isinstance(record, Rejected):
                rejected.append(record)
                continue
            for sent in entities(record, source, BASE):
                entity = repair.repair(sent, repair.Context(source=source, base=BASE))[0]
                versions[entity.iri] = canonical.version(entity, BASE)
    for own in filter(None, (mapping.catalog(source, BASE), mapping.publisher(source, BASE))):
        versions[own.iri] = canonical.version(own, BASE)
    return list(versions.values()), rejected


def words_of(finding: Finding, version: Version) -> str:
    """Return the text that a finding is about: its value, or what the embedded node in its place is labelled."""
    embedded = [triple for triple in canonical.triples(version.text) if "/.well-known/genid/" in str(triple.subject)]
    labels = {
        triple.object.value
        for triple in embedded
        if triple.predicate == term("rdfs:label") and isinstance(triple.object, Literal)
    }
    if finding.value.startswith('"'):
        return finding.value[1:].rsplit('"', 1)[0]
    return ", ".join(sorted(labels)) if finding.value else ""


@pytest.mark.parametrize("name", NAMES)
def test_harvested_the_samples_have_the_findings_that_are_meant(name: str, tmp_path: Path) -> None:
    versions, rejected = harvested(name, tmp_path)
    assert len([version for version in versions if version.kind == "dataset"]) == DATASETS[name]
    assert len(rejected) == {"brussels-ckan": 2}.get(name, 0)
    found = validation.validate(versions)
    findings = [
        (item.shape.rsplit(":", 1)[1], item.severity, words_of(item, version))
        for version in versions
        for item in found[version.hash]
    ]
    named = {shape for shape, _ in MEANT[name]}
    meant = [(shape, words) for shape, severity, words in findings if severity == "Violation" or shape in named]
    assert sorted(meant) == MEANT[name]
    warnings = {shape for shape, severity, _ in findings if severity == "Warning" and shape in named}
    assert warnings == {shape for shape in named if shape.endswith(("-code", "-words", "-license"))}
    others = Counter(shape for shape, _, _ in findings if shape not in named)
    left_out = {shape: number for shape, number in others.items() if shape.startswith(("dataset-", "distribution-"))}
    assert left_out == LEFT_OUT[name]
    assert all(validation.passes_gate(part) for part in found.values())
    assert "brouillon interne" not in "".join(version.text for version in versions)


@pytest.mark.parametrize("name", NAMES)
def test_pyshacl_finds_the_same_in_the_harvested_samples(name: str, tmp_path: Path) -> None:
    import rdflib  # noqa: PLC0415 (slow to import)
    from pyshacl import validate  # noqa: PLC0415

    versions, _ = harvested(name, tmp_path)
    ours = {(item.focus, item.shape) for part in validation.validate(versions).values() for item in part}
    data, shapes = rdflib.Graph(), rdflib.Graph()
    data.parse(data="".join(version.text + marks.marked(version.text) for version in versions), format="nt")
    for path in paths.SHAPES.glob("*.ttl"):
        shapes.parse(path, format="turtle")
    _, report, _ = validate(data, shacl_graph=shapes, inplace=True)
    assert isinstance(report, rdflib.Graph)
    theirs = {
        (str(focus), str(report.value(result, rdflib.SH.sourceShape)))
        for result, focus in report.subject_objects(rdflib.SH.focusNode)
    }
    assert ours == theirs
