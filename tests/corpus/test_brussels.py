"""Brussels on data.gov.be through the whole process: descriptions split at commas are joined, and all of it explained.

Seen on 21 November 2026: 604 datasets, of which 372 had a description in pieces; warnings of two texts in one language
fell from 732 to 2, and those of a missing format from 867 to 146. What else is recommended and missing no repair adds.
"""

import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from maillon import publish, repair
from maillon.harvest import Options, Report, run, silent
from maillon.ledger import Ledger, repairs
from maillon.records import Finding
from maillon.repair import RULES, Application
from maillon.repair.patches import sparql_update
from maillon.settings import Settings
from maillon.sources import parse as source_of
from maillon.vocabulary import DATASET, DESCRIPTION, TYPE
from maillon.web import create_app

FILE = Path(__file__).resolve().parents[3] / "shared/corpus/dcat/be-data-gov-ldes/derived-brussels-subset.nt.gz"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILE.is_file(), reason="../shared is absent: corpus tests need it"),
]
LEFT_IN_PIECES = 2
"""Datasets whose description stays in two texts in one language, because they are no pieces of one text."""


@dataclass(frozen=True)
class Brussels:
    """What was sent, what became of it, and what was said."""

    report: Report
    sent: dict[object, list[Triple]]
    shown: dict[str, list[Triple]]
    applied: dict[str, list[Application]]
    before: Counter[str]
    after: Counter[str]
    """Number of findings by the rule's name, before and after repair."""
    client: FlaskClient


@pytest.fixture(scope="module")
def brussels(tmp_path_factory: pytest.TempPathFactory) -> Brussels:
    """Harvest and publish the subset once."""
    folder = tmp_path_factory.mktemp("brussels")
    settings = Settings(data=folder)
    source = source_of(f'kind = "dcat"\nurl = "{FILE}"\ntitle = "Bruxelles"\nlanguage = "fr"', "brussels", folder)
    with Ledger(settings.ledger) as ledger:
        report = run(source, settings, ledger, Options(), silent)
        shown = {
            item.iri: [quad.triple for quad in parse(item.text.encode(), RdfFormat.N_TRIPLES)]
            for item in ledger.current()
        }
        with ledger.reading() as connection:
            rows = [row for row, _ in repairs.of_source(connection, source.name)]
        hashes = {item.iri: item.hash for item in ledger.current()}
        found = ledger.findings(list(hashes.values()))
        publish.publish(ledger, settings).close()
    after = {iri: found.get(key, []) for iri, key in hashes.items()}
    before = after | {row.iri: row.findings_before() for row in rows}
    sent: dict[object, list[Triple]] = {}
    for quad in parse(gzip.decompress(FILE.read_bytes()), RdfFormat.N_TRIPLES):
        sent.setdefault(quad.subject, []).append(quad.triple)
    applied = {row.iri: list(repair.unpack(row.applied or b"")) for row in rows}
    return Brussels(report, sent, shown, applied, _by_rule(before), _by_rule(after), create_app(settings).test_client())


def _by_rule(findings: dict[str, list[Finding]]) -> Counter[str]:
    return Counter(item.shape.removeprefix("urn:maillon:shape:") for each in findings.values() for item in each)


def crowded(triples: list[Triple], iri: str) -> bool:
    """Say whether there are two descriptions in one language."""
    node = NamedNode(iri)
    tags = Counter(
        item.object.language
        for item in triples
        if item.subject == node and item.predicate == DESCRIPTION and isinstance(item.object, Literal)
    )
    return any(number > 1 for number in tags.values())


def datasets(of: dict[str, list[Triple]]) -> Iterator[str]:
    """Yield the IRIs of datasets."""
    for iri, triples in of.items():
        if Triple(NamedNode(iri), TYPE, DATASET) in triples:
            yield iri


def test_604_datasets_are_published_and_each_description_is_one_text_in_each_language(brussels: Brussels) -> None:
    assert (brussels.report.found, brussels.report.published, brussels.report.rejected) == (604, 604, {})
    found = list(datasets(brussels.shown))
    before = [iri for iri in found if crowded(brussels.sent[NamedNode(iri)], iri)]
    after = [iri for iri in found if crowded(brussels.shown[iri], iri)]
    assert len(before) == 372
    assert len(after) <= LEFT_IN_PIECES
    assert all(crowded(brussels.sent[NamedNode(iri)], iri) for iri in after)


def test_every_repair_is_explained_by_a_rule_in_four_languages_with_old_and_new(brussels: Brussels) -> None:
    titles = {rule.id: rule.title for rule in RULES}
    applications = [item for items in brussels.applied.values() for item in items]
    assert len(applications) > 1000
    for item in applications:
        assert set(titles[item.rule]) >= {"fr", "nl", "de", "en"}
        assert all(titles[item.rule].values())
        assert item.removed or item.added
    joined = [item for item in applications if item.rule.startswith("description-joined")]
    assert len(joined) >= 372 - LEFT_IN_PIECES
    assert all(item.removed and item.added for item in joined)


def test_every_difference_between_what_was_sent_and_what_is_shown_has_its_repair(brussels: Brussels) -> None:
    for iri in datasets(brussels.shown):
        before = {(item.predicate.value, str(item.object)) for item in brussels.sent[NamedNode(iri)] if _plain(item)}
        after = {
            (item.predicate.value, str(item.object))
            for item in brussels.shown[iri]
            if _plain(item) and item.subject == NamedNode(iri)
        }
        assert before == after or iri in brussels.applied, iri


def _plain(triple: Triple) -> bool:
    """Say whether a triple holds a text: dates and numbers may be written in another way, blank nodes are renamed."""
    return isinstance(triple.object, Literal) and triple.object.language is not None


def test_findings_before_and_after_stand_side_by_side_in_the_report_and_on_the_pages(brussels: Brussels) -> None:
    before, after = brussels.report.findings_before, brussels.report.findings
    assert sum(before.values()) == brussels.before.total()
    assert sum(after.values()) == brussels.after.total()
    once = ("dataset-title-once", "dataset-description-once")
    assert sum(brussels.before[rule] for rule in once) > 700
    assert sum(brussels.after[rule] for rule in once) <= LEFT_IN_PIECES
    assert before["Warning"] - after["Warning"] > 1400
    assert after["Violation"] <= before["Violation"]
    for rule in ("distribution-license", "dataset-keyword", "dataset-publisher"):  # no repair makes up a value
        assert brussels.after[rule] == brussels.before[rule] > 0
    numbers = [f"{sum(counts.values()):,}".replace(",", "") for counts in (before, after)]
    for address in ("/en/source/brussels/repairs", "/en/source/brussels"):
        document = html.document_fromstring(brussels.client.get(address).text)
        words = "".join(map(str, document.itertext()))
        plain = "".join(sign for sign in words if sign not in ",.\u00a0\u202f")
        assert all(number in plain for number in numbers), address


def test_the_update_for_the_source_makes_of_what_was_sent_what_is_shown(brussels: Brussels) -> None:
    sample = [iri for iri in sorted(brussels.applied) if iri in brussels.shown][::25]
    assert len(sample) > 20
    store = Store()
    for iri in sample:
        store.extend(Quad(*item) for item in _about(brussels.sent, NamedNode(iri)))
    store.update("".join(sparql_update((iri, brussels.applied[iri]) for iri in sample)))
    shown = Store()  # writes dates and numbers as the first one does
    shown.extend(Quad(*item) for iri in sample for item in brussels.shown[iri])
    for iri in sample:
        assert _said(store, iri) == _said(shown, iri), iri


def _said(store: Store, iri: str) -> set[tuple[object, object]]:
    """Return what is said of a dataset itself; its embedded nodes have other names before and after publishing."""
    found = list(store.quads_for_pattern(NamedNode(iri), None, None))
    return {
        (quad.predicate, quad.object)
        for quad in found
        if isinstance(quad.object, Literal)
        or (isinstance(quad.object, NamedNode) and not any(store.quads_for_pattern(quad.object, None, None)))
    }


def _about(sent: dict[object, list[Triple]], node: object) -> Iterator[Triple]:
    for item in sent.get(node, ()):
        yield item
        if isinstance(item.object, BlankNode):
            yield from _about(sent, item.object)
