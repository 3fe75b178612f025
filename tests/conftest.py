"""Fixtures for all tests: a published sample catalogue, and ledgers filled by hand.

``sample_data`` is a data folder with a ledger and a published snapshot, made once per session (one second);
``settings`` are the settings that go with it, ``ledger`` its ledger. They are shared: read them, never change them. A
test that changes something takes ``new_settings`` (an empty data folder of its own) and fills a ledger with ``keep``,
which writes versions as a harvest run does.

The sample has two sources, ``ville`` and ``region``, with datasets in French and Dutch, one of them gone, one missing,
one with violations, one of high value, their distributions (one of no dataset), organisations and contact points, and a
data service; a dataset of which ``region`` has a copy and whose rows are linked data, and two repairs in it.
``harvested`` gives the settings of another data folder: the sources of ``data/samples``, harvested and
published as a newcomer does it.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import hypothesis
import pytest
from pyoxigraph import RdfFormat, parse

from maillon import definitions, harvest, identifiers, publish, repair, validation
from maillon.ledger import EntityRow, Ledger, NewState, NewVersion, Validation, repairs, twins, writing
from maillon.ledger.repairs import Repaired
from maillon.rdf import canonical
from maillon.records import Entity
from maillon.settings import Settings
from maillon.sources import Source

BASE = "http://localhost:8000/"

# The same examples each time, so that one commit has one verdict; `--hypothesis-profile=default` looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")
# Beside other tests a worker may take its time; only the tests of just that should see it.
QUEUE = 30.0
os.environ.setdefault("MAILLON_QUERY_QUEUE", str(QUEUE))
AUTHORITY = "http://publications.europa.eu/resource/authority/"
STARTED = "2026-11-20T08:00:00Z"
ENDED = "2026-11-20T08:01:00Z"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix a: <http://publications.europa.eu/resource/authority/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix void: <http://rdfs.org/ns/void#> .
"""


class Keep(Protocol):
    """Writes entities of a source into a ledger, all in one state and under one operation of the change log."""

    def __call__(
        self,
        ledger: Ledger,
        source: Source,
        entities: list[Entity],
        state: str = "live",
        operation: str | None = "create",
        at: str = STARTED,
    ) -> None: ...


def _keep(
    ledger: Ledger,
    source: Source,
    entities: list[Entity],
    state: str = "live",
    operation: str | None = "create",
    at: str = STARTED,
) -> None:
    versions = [canonical.version(entity, BASE) for entity in entities]
    known = ledger.known([version.iri for version in versions])
    results = [
        Validation(digest, validation.passes_gate(found), tuple(found))
        for digest, found in validation.validate(versions).items()
    ]
    with ledger.writing() as connection:
        writing.put_source(connection, source, at)
        run = writing.start_run(connection, source.name, at, None)
        writing.put_versions(connection, run, at, [NewVersion(v.iri, v.hash, v.text) for v in versions])
        writing.put_validations(connection, validation.build_id(), at, results)
        states = [
            NewState(
                iri=version.iri,
                kind=version.kind,
                key=identifiers.key(BASE, version.kind, version.iri),
                hash=version.hash,
                state=state,
                issued=known[version.iri].issued if version.iri in known else at,
                modified=_modified(known.get(version.iri), version.hash, at),
                missing_since=at if state == "missing" else None,
                missing_runs=int(state == "missing"),
                operation=operation,
            )
            for version in versions
        ]
        writing.put_entities(connection, run, source.name, states, {s.iri for s in states} - known.keys())
        writing.put_changes(connection, run, at, states)
        report = {"source": source.name, "found": len(versions), "rejected": {}}
        writing.finish_run(connection, run, {"status": "done", "finished": ENDED, "message": ""}, report)


def _modified(row: EntityRow | None, digest: str, at: str) -> str:
    return row.modified if row is not None and row.hash == digest else at


@pytest.fixture(scope="session")
def keep() -> Keep:
    """Give the function that writes entities into a ledger as a harvest run does."""
    return _keep


@pytest.fixture(scope="session")
def entity() -> Callable[[str, str, str], Entity]:
    """Give a function that makes an entity from (IRI, kind, Turtle without prefixes)."""
    return _entity


def _entity(iri: str, kind: str, turtle: str) -> Entity:
    quads = parse((PREFIXES + turtle).encode(), RdfFormat.TURTLE, rename_blank_nodes=True)
    return Entity(iri, kind, tuple(quad.triple for quad in quads))


@pytest.fixture
def new_settings(tmp_path: Path) -> Settings:
    """Give settings with an empty data folder of the test's own."""
    return Settings(data=tmp_path / "data", base_iri=BASE, query_queue=QUEUE)


VILLE = Source(
    name="ville",
    kind="ckan",
    url="https://opendata.ville.example.org/api/3",
    title={"fr": "Données de la Ville", "nl": "Gegevens van de Stad"},
    publisher="Ville d'essai",
    homepage="https://opendata.ville.example.org/",
    language="fr",
)
REGION = Source(
    name="region",
    kind="dcat",
    url="region.ttl",
    title={"fr": "Données de la Région", "nl": "Gegevens van het Gewest"},
    publisher="Région d'essai",
)
TOPICS = (
    ("ville", "Stations de vélos", "Fietsstations", "TRAN", "CSV", "mobilite"),
    ("ville", "Comptages de trafic", "Verkeerstellingen", "TRAN", "JSON", "mobilite"),
    ("ville", "Budget communal", "Gemeentebegroting", "ECON", "XLSX", "finances"),
    ("ville", "Écoles fondamentales", "Basisscholen", "EDUC", "CSV", "finances"),
    ("ville", "Fontaines d'eau potable", "Drinkwaterfonteinen", "ENVI", "GEOJSON", "nature"),
    ("region", "Qualité de l'air", "Luchtkwaliteit", "ENVI", "CSV", "nature"),
    ("region", "Arbres remarquables", "Opmerkelijke bomen", "ENVI", "GEOJSON", "nature"),
    ("region", "Monuments classés", "Beschermde monumenten", "EDUC", "PDF", "finances"),
    ("region", "Réseau cyclable", "Fietsnetwerk", "TRAN", "GEOJSON", "mobilite"),
    ("region", "Zones de basse émission", "Lage-emissiezone", "ENVI", "JSON", "mobilite"),
)


def _organisation(name: str, title: str) -> list[Entity]:
    iri, contact = f"{BASE}id/organisation/region/{name}", f"{BASE}id/contact/region/{name}"
    return [
        _entity(iri, "organisation", f'<{iri}> a foaf:Agent ; foaf:name "{title}"@fr , "{name}"@nl .'),
        _entity(
            contact,
            "contact",
            f'<{contact}> a vcard:Kind ; vcard:fn "{title}" ; vcard:hasEmail <mailto:{name}@example.org> .',
        ),
    ]


def _dataset(number: int, topic: tuple[str, ...]) -> list[Entity]:
    source, french, dutch, theme, file_type, organisation = topic
    iri, part = f"{BASE}id/dataset/{source}/jeu-{number}", f"{BASE}id/distribution/{source}/jeu-{number}-1"
    regulation = "dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj>"
    category = "dcatap:hvdCategory <http://data.europa.eu/bna/c_b79e35eb>"
    high_value = f"{category} ; {regulation} ; " if number == 5 else ""
    turtle = f"""
        <{iri}> a dcat:Dataset ; dct:title "{french}"@fr , "{dutch}"@nl ; dct:identifier "jeu-{number}" ; {high_value}
        dct:description "Description de « {french} »."@fr , "Beschrijving van {dutch}."@nl ;
        dcat:keyword "Bruxelles"@fr , "Brussel"@nl ; dcat:theme <{AUTHORITY}data-theme/{theme}> ;
        dct:publisher <{BASE}id/organisation/region/{organisation}> ;
        dcat:contactPoint <{BASE}id/contact/region/{organisation}> ; dct:language <{AUTHORITY}language/FRA> ;
        dct:issued "2021-03-0{number % 9 + 1}"^^xsd:date ; dct:modified "2024-0{number % 9 + 1}-11"^^xsd:date ;
        dct:accrualPeriodicity <{AUTHORITY}frequency/{"DAILY" if number % 2 else "ANNUAL"}> ;
        dct:accessRights <{AUTHORITY}access-right/PUBLIC> ; dcat:distribution <{part}> ;
        dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date ] .
    """
    distribution = f"""
        <{part}> a dcat:Distribution ; dct:title "{french}, {file_type}"@fr ;
        dct:format <{AUTHORITY}file-type/{file_type}> ;
        dcat:accessURL <https://data.example.org/{number}> ; dcat:downloadURL <https://data.example.org/{number}.zip> ;
        dct:license <{AUTHORITY}licence/CC_BY_4_0> ; dcat:byteSize "12{number}"^^xsd:nonNegativeInteger .
    """
    return [_entity(iri, "dataset", turtle), _entity(part, "distribution", distribution)]


def _service() -> Entity:
    iri = f"{BASE}id/service/region/wfs"
    return _entity(
        iri,
        "service",
        f'<{iri}> a dcat:DataService ; dct:title "Service WFS"@fr ; dcat:endpointURL <https://geo.example.org/wfs> ;'
        f" dcat:servesDataset <{BASE}id/dataset/region/jeu-6> .",
    )


def _copy() -> list[Entity]:
    iri, part = f"{BASE}id/dataset/region/copie-1", f"{BASE}id/distribution/region/copie-1-1"
    turtle = f"""
        <{iri}> a dcat:Dataset ; dct:title "Stations de vélos (repris de la Ville)"@fr ; dct:description "Copie."@fr ;
        dcat:distribution <{part}> .
    """
    distribution = f"<{part}> a dcat:Distribution ; dcat:accessURL <https://data.example.org/1> ."
    return [_entity(iri, "dataset", turtle), _entity(part, "distribution", distribution)]


def _table() -> list[Entity]:
    table, part = f"{BASE}graph/data/ville/stations", f"{BASE}id/distribution/ville/jeu-1-1"
    turtle = f"""
        <{table}> a void:Dataset ; dct:title "Stations"@fr ; dct:source <{BASE}id/dataset/ville/jeu-1> ;
        prov:wasDerivedFrom <{part}> .
    """
    rows = [
        _entity(
            f"{BASE}id/data/ville/stations/{number}",
            "data",
            f"""<{BASE}id/data/ville/stations/{number}> rdfs:label "Station {number}"@fr , "Halte {number}"@nl ;
            void:inDataset <{table}> ; prov:wasDerivedFrom <{part}#row={number + 1}> .""",
        )
        for number in (1, 2)
    ]
    return [_entity(table, "data", turtle), *rows]


def _steward(ledger: Ledger) -> None:
    """Add what a harvest run adds beside entities: repairs of a dataset, and which one is a copy."""
    iri = f"{BASE}id/dataset/ville/jeu-1"
    title = f'<{iri}> <http://purl.org/dc/terms/title> "{{}}Stations de vélos"@fr .\n'
    place = "http://purl.org/dc/terms/spatial"
    done = [
        repair.Application("outer-blanks", title.format("  "), title.format(""), ""),
        repair.Application(
            "empty-node", f"<{iri}> <{place}> _:b0 .\n_:b0 a <http://purl.org/dc/terms/Location> .\n".replace(
                " a ", " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            ), "", f"<{place}>",
        ),
    ]  # fmt: skip
    copy = f"{BASE}id/dataset/region/copie-1"
    with ledger.writing() as connection:
        run = writing.start_run(connection, "ville", STARTED, None)
        repairs.put(connection, run, STARTED, [Repaired(iri, 0, repair.pack(done), None)])
        twins.replace(connection, [copy], [twins.Twin(copy, iri, 95, "the same title and address")], STARTED)
        report = {
            "source": "ville", "found": 9, "published": 8, "new": 1, "changed": 1, "unchanged": 6, "seconds": 83.2,
            "rejected": {"private": 1}, "repairs": {"outer-blanks": 1, "empty-node": 1},
            "findings_before": {"Violation": 3}, "findings": {"Violation": 1, "Warning": 2},
        }  # fmt: skip
        writing.finish_run(connection, run, {"status": "done", "finished": ENDED, "message": ""}, report)


def _fill(ledger: Ledger) -> None:
    organisations = (("mobilite", "Mobilité"), ("finances", "Finances"), ("nature", "Nature et environnement"))
    entities: dict[str, list[Entity]] = {
        "ville": [],
        "region": [_service(), *(item for pair in organisations for item in _organisation(*pair))],
    }
    for number, topic in enumerate(TOPICS, 1):
        entities[topic[0]] += _dataset(number, topic)
    wrong = f"{BASE}id/dataset/ville/sans-description"
    entities["ville"].append(_entity(wrong, "dataset", f'<{wrong}> a dcat:Dataset ; dct:title "Sans description"@fr .'))
    orphan = f"{BASE}id/distribution/ville/orpheline"
    entities["ville"].append(
        _entity(
            orphan, "distribution", f"<{orphan}> a dcat:Distribution ; dcat:accessURL <https://data.example.org/o> ."
        )
    )
    _keep(ledger, REGION, entities["region"])
    _keep(ledger, VILLE, entities["ville"])
    for name, state, operation in (("disparu", "gone", "delete"), ("manquant", "missing", None)):
        iri = f"{BASE}id/dataset/ville/{name}"
        turtle = f'<{iri}> a dcat:Dataset ; dct:title "Jeu {name}"@fr ; dct:description "Il était là."@fr .'
        _keep(ledger, VILLE, [_entity(iri, "dataset", turtle)])
        _keep(ledger, VILLE, [_entity(iri, "dataset", turtle)], state, operation)
    _keep(ledger, REGION, _copy())
    _keep(ledger, VILLE, _table())
    _steward(ledger)


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the data folder of the sample catalogue, published."""
    settings = Settings(data=tmp_path_factory.mktemp("sample"), base_iri=BASE)
    with Ledger(settings.ledger) as ledger:
        _fill(ledger)
        publish.publish(ledger, settings).close()
    return settings.data


@pytest.fixture(scope="session")
def settings(sample_data: Path) -> Settings:
    """Give the settings of the sample catalogue."""
    return Settings(data=sample_data, base_iri=BASE, query_queue=QUEUE)


@pytest.fixture(scope="session")
def ledger(settings: Settings) -> Iterator[Ledger]:
    """Give the ledger of the sample catalogue."""
    with Ledger(settings.ledger) as opened:
        yield opened


@pytest.fixture(scope="session")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give the settings of a data folder with the sample sources, harvested and published."""
    settings = Settings(data=tmp_path_factory.mktemp("harvested"), base_iri=BASE)
    with Ledger(settings.ledger) as ledger:
        for source in definitions.known()[0]:
            if source.enabled:
                harvest.run(source, settings, ledger, harvest.Options(), harvest.silent)
        publish.publish(ledger, settings).close()
    return settings
