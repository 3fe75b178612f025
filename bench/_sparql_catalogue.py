"""Makes a synthetic catalogue, the same one for the same size, and a data folder that serves it.

Turns a number of datasets into N-Triples of DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/), about 66
triples a dataset: texts in French, Dutch and English of words whose frequency falls as Zipf found it, keywords, themes,
publishers, contact points, periods, dates, three distributions with format, licence and size, and two payments, so that
analytic queries have something to sum. The data folder holds one published snapshot: that of an empty ledger, with this
store in its place. Pages of datasets and text search are empty there; SPARQL is not.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import accumulate, chain
from pathlib import Path
from random import Random
from typing import Final

from maillon.ledger import Ledger
from maillon.publish import building, publish, verification
from maillon.settings import Settings
from maillon.store import graph, snapshots, statistics
from maillon.store.snapshots import Snapshot

BASE: Final = "http://localhost:8000/"
AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
PUBLISHERS: Final = 60
BENEFICIARIES: Final = 400
WORDS: Final = 4000
THEMES: Final = (
    "TRAN", "ENVI", "GOVE", "SOCI", "EDUC", "ENER", "ECON", "HEAL", "REGI", "TECH", "AGRI", "JUST", "INTR",
)  # fmt: skip
FORMATS: Final = ("CSV", "JSON", "XML", "XLSX", "GEOJSON", "PDF", "SHP", "KML", "RDF_TURTLE", "HTML")
LICENCES: Final = ("CC_BY_4_0", "CC0", "CC_BY_SA_4_0", "ODC_BL", "NLOD_2_0")
FREQUENCIES: Final = ("ANNUAL", "MONTHLY", "DAILY", "IRREG", "QUARTERLY", "WEEKLY")
SYLLABLES: Final = ("ba", "co", "di", "fe", "ga", "lo", "mi", "no", "pa", "ri", "sa", "te", "vu", "za", "pré", "été")
FREQUENT: Final = {"fr": "données", "nl": "gegevens", "en": "data"}
"""A word of one title in three, by language."""

_DCAT, _DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
_SCHEMA, _XSD = "http://schema.org/", "http://www.w3.org/2001/XMLSchema#"
_FOAF, _VCARD = "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2006/vcard/ns#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def iri(kind: str, number: int, suffix: str = "") -> str:
    """Return the IRI of one entity of the catalogue."""
    return f"{BASE}id/{kind}/bench/{number}{suffix}"


def _date(random: Random, first: int = 2010) -> str:
    return f"{random.randint(first, 2026)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"


class _Writer:
    """Collects the triples of one subject after the other."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._subject = ""

    def of(self, subject: str, *types: str) -> None:
        self._subject = subject
        for name in types:
            self.link(_TYPE, name)

    def link(self, predicate: str, target: str) -> None:
        self._lines.append(f"<{self._subject}> <{predicate}> <{target}> .\n")

    def text(self, predicate: str, text: str, language: str = "") -> None:
        mark = f"@{language}" if language else ""
        self._lines.append(f'<{self._subject}> <{predicate}> "{text}"{mark} .\n')

    def typed(self, predicate: str, value: str, datatype: str) -> None:
        self._lines.append(f'<{self._subject}> <{predicate}> "{value}"^^<{_XSD}{datatype}> .\n')

    def take(self) -> str:
        text = "".join(self._lines)
        self._lines.clear()
        return text


class Catalogue:
    """A catalogue of some size.

    Attributes:
        datasets: Number of its datasets.
    """

    def __init__(self, datasets: int, seed: int = 1) -> None:
        self.datasets = datasets
        self._random = Random(seed)
        words = Random(0)
        self._words = [
            "".join(words.choice(SYLLABLES) for _ in range(words.randint(2, 4))) + str(number % 7)
            for number in range(WORDS)
        ]
        self._weights = list(accumulate(1 / (place + 1) for place in range(WORDS)))

    def parts(self) -> Iterator[str]:
        """Yield the catalogue as N-Triples, an entity and what belongs to it at a time."""
        writer = _Writer()
        for number in range(PUBLISHERS):
            self._publisher(writer, number)
            yield writer.take()
        for number in range(BENEFICIARIES):
            writer.of(iri("beneficiary", number), _FOAF + "Agent")
            writer.text(_FOAF + "name", f"Association exemple {number}", "fr")
            yield writer.take()
        for number in range(self.datasets):
            self._dataset(writer, number)
            for place in range(3):
                self._distribution(writer, number, place)
            for place in range(2):
                self._payment(writer, number, place)
            yield writer.take()

    def _sentence(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=words))

    def _publisher(self, writer: _Writer, number: int) -> None:
        writer.of(iri("organisation", number), _FOAF + "Agent")
        writer.text(_FOAF + "name", f"Service exemple {number}", "fr")
        writer.text(_FOAF + "name", f"Voorbeelddienst {number}", "nl")
        writer.link(_FOAF + "homepage", f"https://service-{number}.example.org/")
        writer.of(iri("contact", number), _VCARD + "Organization")
        writer.text(_VCARD + "fn", f"Contact {number}")
        writer.link(_VCARD + "hasEmail", f"mailto:service-{number}@example.org")

    def _dataset(self, writer: _Writer, number: int) -> None:
        random, subject = self._random, iri("dataset", number)
        writer.of(subject, _DCAT + "Dataset")
        writer.text(_DCT + "identifier", f"bench-{number}")
        for language in ("fr", "nl", "en"):
            frequent = f"{FREQUENT[language]} " if random.random() < 1 / 3 else ""
            writer.text(_DCT + "title", frequent + self._sentence(5), language)
            writer.text(_DCT + "description", self._sentence(25), language)
            writer.text(_DCAT + "keyword", self._sentence(1), language)
        writer.text(_DCAT + "keyword", f"mot{int(random.paretovariate(0.8)) % 900}", "fr")
        writer.text(_DCAT + "keyword", f"mot{int(random.paretovariate(0.5)) % 900}x", "fr")
        for theme in random.sample(THEMES, 2):
            writer.link(_DCAT + "theme", f"{AUTHORITY}data-theme/{theme}")
        publisher = min(int(random.paretovariate(0.6)) - 1, PUBLISHERS - 1)
        writer.link(_DCT + "publisher", iri("organisation", publisher))
        writer.link(_DCAT + "contactPoint", iri("contact", publisher))
        writer.typed(_DCT + "issued", _date(random), "date")
        writer.typed(_DCT + "modified", _date(random, 2020), "date")
        writer.link(_DCT + "accrualPeriodicity", f"{AUTHORITY}frequency/{random.choice(FREQUENCIES)}")
        writer.link(_DCT + "language", f"{AUTHORITY}language/FRA")
        writer.link(_DCT + "spatial", f"{AUTHORITY}country/BEL")
        writer.link(_DCAT + "landingPage", f"https://service-{publisher}.example.org/{number}")
        for place in range(3):
            writer.link(_DCAT + "distribution", iri("distribution", number, f"-{place}"))
        writer.link(_DCT + "temporal", iri("period", number))
        writer.of(iri("period", number), _DCT + "PeriodOfTime")
        year = random.randint(1990, 2025)
        writer.typed(_DCAT + "startDate", f"{year}-01-01", "date")
        writer.typed(_DCAT + "endDate", f"{year + random.randint(0, 5)}-12-31", "date")

    def _distribution(self, writer: _Writer, number: int, place: int) -> None:
        random = self._random
        writer.of(iri("distribution", number, f"-{place}"), _DCAT + "Distribution")
        kind = FORMATS[min(int(random.paretovariate(0.7)) - 1, len(FORMATS) - 1)]
        writer.text(_DCT + "title", f"{kind} {self._sentence(2)}", "fr")
        writer.link(_DCT + "format", f"{AUTHORITY}file-type/{kind}")
        writer.link(_DCAT + "accessURL", f"https://files.example.org/{number}/{place}")
        writer.link(_DCAT + "downloadURL", f"https://files.example.org/{number}/{place}/file")
        if random.random() < 0.9:
            writer.link(_DCT + "license", f"{AUTHORITY}licence/{random.choice(LICENCES)}")
        writer.typed(_DCAT + "byteSize", str(int(random.lognormvariate(11, 2))), "nonNegativeInteger")
        writer.typed(_DCT + "modified", _date(random, 2020), "date")

    def _payment(self, writer: _Writer, number: int, place: int) -> None:
        random = self._random
        writer.of(iri("payment", number, f"-{place}"), _SCHEMA + "MonetaryGrant")
        writer.link(_SCHEMA + "funder", iri("organisation", random.randrange(PUBLISHERS)))
        writer.link(_SCHEMA + "recipient", iri("beneficiary", random.randrange(BENEFICIARIES)))
        writer.typed(_SCHEMA + "amount", f"{random.randint(1, 5_000_000) / 100:.2f}", "decimal")
        writer.typed(_SCHEMA + "datePublished", _date(random), "date")
        writer.link(_SCHEMA + "about", iri("dataset", number))


def write(path: Path, datasets: int) -> int:
    """Write a catalogue, with the vocabularies that every snapshot holds, as N-Triples; return its triples."""
    lines = 0
    with path.open("w", encoding="utf-8") as file:
        for part in chain(building.labels(), Catalogue(datasets).parts()):
            lines += part.count("\n")
            file.write(part)
    return lines


def _stream(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        while lines := file.readlines(1 << 16):
            yield "".join(lines)


def _count(folder: Path, first: Snapshot, datasets: int) -> None:
    """Write the manifest of the snapshot in a folder, made after that of the first one."""
    store = graph.open_read_only(folder / "store")
    triples = graph.triples(store)
    statistics.write(folder, statistics.count(store))
    counts = dict(first.manifest.counts) | {
        "datasets": datasets, "distributions": 3 * datasets, "entities": 4 * datasets, "triples": triples,
    }  # fmt: skip
    sums = verification.sums(folder)
    manifest = replace(first.manifest, number=2, counts=counts, content=f"bench-{datasets}", files=sums)
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest)), encoding="utf-8")


def make(data: Path, datasets: int) -> Path:
    """Make a data folder with a published snapshot, and ``catalogue.nt`` in it; return the snapshot's folder.

    A folder that is there already is taken as it is.
    """
    settings = Settings(data=data, base_iri=BASE)
    final = snapshots.folder(settings.snapshots, 2)
    if not final.exists():
        data.mkdir(parents=True, exist_ok=True)
        write(data / "catalogue.nt", datasets)
        with Ledger(settings.ledger) as ledger, publish(ledger, settings) as first:
            work = settings.snapshots / ".making"
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(first.path, work, ignore=shutil.ignore_patterns("store", "manifest.json"))
            graph.bulk_build(work / "store", _stream(data / "catalogue.nt"), data / ".store")
            _count(work, first, datasets)
            work.rename(final)
    snapshots.switch(settings.snapshots, 2)
    return final
