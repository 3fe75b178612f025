"""Turns sources and settings into what publishing adds beside the entities of the ledger: the frame of the catalogue.

That is the catalogue of the whole site, one dcat:Catalog per source, the agents that publish them, and one
``prov:Activity`` per harvest run (PROV-O) in the named graph ``<base>graph/provenance``. It is made anew for every
snapshot, from what the ledger says, so that a rebuilt and an incremental snapshot have the same.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode
from sqlalchemy import select

from maillon import identifiers, mapping, repair, vocabulary
from maillon.ledger import Ledger, RunRow, SourceRow, twins
from maillon.ledger.schema import entities
from maillon.rdf import canonical
from maillon.records import Entity
from maillon.settings import Settings
from maillon.store.documents import PUBLISHED, Document, RunInfo, SourceInfo

_LINKS = "|".join(re.escape(link.value) for link in (vocabulary.HAS_DISTRIBUTION, vocabulary.SAMPLE))
_PART = re.compile(rf"<(?:{_LINKS})> <([^>]*)> \.")

RUNS_PER_SOURCE = 50
"""Harvest runs shown and published per source; the ledger keeps all."""

RUNS_WITH_NAMES = 5
"""Of so many of them the rejected records are named."""

MOST_REJECTIONS = 500
"""So many rejected records of a run are named; their number is shown whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The frame of one snapshot.

    Attributes:
        base: The setting ``base_iri``.
        documents: What is added, by IRI.
        catalogs: IRI of the catalogue by name of source.
        region: IRI of the catalogue of the whole site.
        sources: The sources as their pages show them, without numbers.
        runs: Their last runs, latest first.
        missing: IRIs of entities that are shown though their source no longer lists them.
        copies: Datasets in whose place another one is shown, by IRI: the one that is shown.
        copied_parts: Distributions of these alone.
        hash: Changes when any of this but the runs does.
    """

    base: str
    documents: Mapping[str, Document]
    catalogs: Mapping[str, str]
    region: str
    sources: tuple[SourceInfo, ...]
    runs: tuple[RunInfo, ...]
    missing: frozenset[str]
    copies: Mapping[str, str]
    copied_parts: frozenset[str]
    hash: str


def document_of(
    entity: Entity, base: str, derived: Iterable[str] = (), issued: str = "", modified: str = ""
) -> Document:
    """Return the document of an entity that publishing adds; ``derived`` are N-Quads lines."""
    version = canonical.version(entity, base)
    key = identifiers.key(base, entity.kind, entity.iri)
    lines = "".join(sorted(set(derived)))
    return Document(entity.iri, entity.kind, key, "", version.hash, version.text, lines, "live", issued, modified)


def line(subject: str, predicate: NamedNode, value: object, graph: str = "") -> str:
    """Return one line of N-Quads; the subject and the graph are IRIs, the graph empty for the default one."""
    return f"<{subject}> {predicate} {value} <{graph}> .\n" if graph else f"<{subject}> {predicate} {value} .\n"


def _time(text: str) -> Literal:
    return Literal(text, datatype=vocabulary.term("xsd:dateTime"))


def _activity(run: RunRow, source: SourceRow, catalog: str, base: str) -> Iterator[str]:
    activity = f"{catalog}#run-{run.id}"
    graph = f"{base}graph/provenance"
    yield line(activity, vocabulary.TYPE, vocabulary.term("prov:Activity"), graph)
    yield line(activity, vocabulary.IDENTIFIER, Literal(str(run.id)), graph)
    yield line(activity, vocabulary.term("prov:startedAtTime"), _time(run.started), graph)
    yield line(activity, vocabulary.DESCRIPTION, Literal(run.status), graph)
    if run.finished:
        yield line(activity, vocabulary.term("prov:endedAtTime"), _time(run.finished), graph)
    if source.source.is_http and identifiers.is_absolute(source.source.url):
        yield line(activity, vocabulary.term("prov:used"), NamedNode(source.source.url), graph)
    if run.status == "done":
        yield line(catalog, vocabulary.term("prov:wasGeneratedBy"), NamedNode(activity), graph)


def _source_info(row: SourceRow, catalog: str) -> SourceInfo:
    source = row.source
    return SourceInfo(
        name=row.name,
        kind=source.kind,
        url=source.url if source.is_http else "",
        title=dict(source.title),
        description=dict(source.description),
        publisher=source.publisher,
        homepage=source.homepage,
        license=source.license,
        catalog=catalog,
        harvested=row.last_done or "",
        schedule=source.schedule,
    )


def _run_info(row: RunRow, ledger: Ledger, place: int) -> RunInfo:
    """Return a run as its page shows it; ``place`` counts from 0 for the latest of its source."""
    rejections: list[tuple[str, str, str]] = []
    if place < RUNS_WITH_NAMES:
        # What is private is counted, but never named in public.
        named = [item for item in ledger.rejections(row.id) if not item.is_private][:MOST_REJECTIONS]
        rejections = [(item.identifier, item.reason, item.detail) for item in named]
    return RunInfo(
        id=row.id,
        source=row.source,
        started=row.started,
        finished=row.finished,
        status=row.status,
        message=row.message,
        report=row.report,
        rejections=rejections,
    )


def _hash(documents: Mapping[str, Document], sources: Iterable[SourceInfo], missing: Iterable[str]) -> str:
    summed = hashlib.sha256()
    for document in sorted(documents.values(), key=lambda item: item.iri):
        summed.update(f"{document.iri} {document.hash}\n".encode())
    for source in sources:
        # Not the time of the last run: a run that changed nothing is no reason for a new snapshot.
        summed.update(f"{source.name} {source.title} {source.description} {source.homepage}\n".encode())
    for iri in sorted(missing):
        summed.update(f"{iri}\n".encode())
    return summed.hexdigest()


def _without_owned(ledger: Ledger, documents: dict[str, Document]) -> dict[str, Document]:
    """Leave out agents that the ledger has as entities of a source: one subject has one owner, and theirs says more."""
    agents = [iri for iri, document in documents.items() if document.kind != "catalog"]
    owned = {row.iri for row in ledger.known(agents).values() if row.state in PUBLISHED}
    return {iri: document for iri, document in documents.items() if iri not in owned}


def _missing(ledger: Ledger) -> set[str]:
    """Return the IRIs of missing entities; going missing is no change of the ledger, so it has to be asked for."""
    with ledger.reading() as connection:
        return set(connection.scalars(select(entities.c.iri).where(entities.c.state == "missing")))


def _copies(ledger: Ledger) -> dict[str, str]:
    """Return the datasets that are copies, with what is shown in their place; where that is gone they are none."""
    with ledger.reading() as connection:
        found = {twin.iri: twin.shown for twin in twins.all_twins(connection).values()}
    rows = ledger.known(found.values())
    return {iri: shown for iri, shown in found.items() if shown in rows and rows[shown].state in PUBLISHED}


def _parts(ledger: Ledger, copies: Collection[str]) -> set[str]:
    """Return the distributions of copies; one that another dataset has too would be missed there, so it stays."""
    found = {part for item in ledger.current(sorted(copies)) for part in _PART.findall(item.text)}
    if found:
        for item in ledger.current(kinds=["dataset"]):
            if item.iri not in copies and item.state in PUBLISHED:
                found.difference_update(_PART.findall(item.text))
    return found


def _rules(base: str) -> Iterator[str]:
    """Yield what the provenance graph says of the repair rules: their titles."""
    graph = f"{base}graph/provenance"
    for rule in repair.RULES:
        iri = vocabulary.RULE + rule.id
        yield line(iri, vocabulary.TYPE, vocabulary.term("prov:Plan"), graph)
        for language, title in rule.title.items():
            yield line(iri, vocabulary.term("rdfs:label"), Literal(title, language=language), graph)


def build(ledger: Ledger, settings: Settings) -> Frame:
    """Make the frame from the ledger as it is now."""
    base = settings.base_iri
    site = mapping.region_catalog(settings)
    region = next(entity.iri for entity in site if entity.kind == "catalog")
    documents = {
        entity.iri: document_of(entity, base, _rules(base) if entity.kind == "catalog" else ()) for entity in site
    }
    catalogs: dict[str, str] = {}
    sources: list[SourceInfo] = []
    runs: list[RunInfo] = []
    for row in ledger.sources():
        publisher = mapping.publisher(row.source, base)
        if publisher is not None:
            documents.setdefault(publisher.iri, document_of(publisher, base))
        catalog = mapping.catalog(row.source, base)
        rows = ledger.runs(row.name, RUNS_PER_SOURCE)
        lines = [text for run in rows for text in _activity(run, row, catalog.iri, base)]
        lines.append(line(region, vocabulary.term("dcat:catalog"), NamedNode(catalog.iri)))
        dates = (row.first_seen, row.last_done or row.first_seen)
        documents[catalog.iri] = document_of(catalog, base, lines, *dates)
        catalogs[row.name] = catalog.iri
        sources.append(_source_info(row, catalog.iri))
        runs += [_run_info(run, ledger, place) for place, run in enumerate(rows)]
    documents = _without_owned(ledger, documents)
    missing = _missing(ledger)
    copies = _copies(ledger)
    return Frame(
        base=base,
        documents=documents,
        catalogs=catalogs,
        region=region,
        sources=tuple(sources),
        runs=tuple(runs),
        missing=frozenset(missing),
        copies=copies,
        copied_parts=frozenset(_parts(ledger, copies)),
        hash=_hash(documents, sources, [*missing, *(f"{iri} {shown}" for iri, shown in copies.items())]),
    )
