"""Makes a synthetic catalogue for validation: versions of entities as the ledger holds them, some with a known defect.

Turns a number into the versions of one dataset and its two distributions, about 62 triples of DCAT-AP 3
(https://semiceu.github.io/DCAT-AP/releases/3.0.1/), the same ones for the same number and seed; besides, 50 shared
publishers with their contact points, licence documents and concepts. One dataset in ten has one of 24 defects.
"""

import hashlib
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from maillon.records import Version
from maillon.vocabulary import PREFIXES

BASE: Final = "http://localhost:8000/"
AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
PUBLISHERS: Final = 50
THEMES: Final = ("TRAN", "ENVI", "GOVE", "SOCI", "EDUC", "ENER", "ECON", "HEAL", "REGI", "TECH", "AGRI", "JUST", "INTR")
FORMATS: Final = (
    ("CSV", "text/csv"),
    ("JSON", "application/json"),
    ("XML", "application/xml"),
    ("PDF", "application/pdf"),
)
FREQUENCIES: Final = ("ANNUAL", "MONTHLY", "DAILY", "IRREG", "QUARTERLY", "WEEKLY")
LICENCES: Final = ("CC_BY_4_0", "CC0", "CC_BY_SA_4_0")
WORDS: Final = ("arbres", "gares", "écoles", "budget", "air", "sols", "parcs", "eau", "rues", "vélos", "bus", "marchés")

Lines = list[str]
Pair = tuple[str, str]


def iri(kind: str, number: int, suffix: str = "") -> str:
    """Return the IRI of one entity of the catalogue."""
    return f"{BASE}id/{kind}/bench/{number}{suffix}"


def full(name: str) -> str:
    """Return a prefixed name, an authority code (``a/table/CODE``) or an IRI as an N-Triples term."""
    if name.startswith("a/"):
        return f"<{AUTHORITY}{name[2:]}>"
    prefix, _, local = name.partition(":")
    return f"<{PREFIXES[prefix]}{local}>" if prefix in PREFIXES else f"<{name}>"


def literal(text: str, kind: str = "") -> str:
    """Return a literal with a language tag (two letters) or a datatype of XML Schema."""
    if not kind:
        return f'"{text}"'
    return f'"{text}"@{kind}' if len(kind) == 2 else f'"{text}"^^<{PREFIXES["xsd"]}{kind}>'


def version(kind: str, subject: str, pairs: list[Pair], embedded: list[tuple[str, str, str]] = []) -> Version:  # noqa: B006
    """Return a version from pairs of property and object, and triples of its embedded nodes."""
    lines = {f"<{subject}> {full(name)} {value} .\n" for name, value in pairs}
    lines |= {f"<{node}> {full(name)} {value} .\n" for node, name, value in embedded}
    text = "".join(sorted(lines))
    return Version(subject, kind, hashlib.sha256(text.encode()).hexdigest(), text)


def _dropped(name: str) -> Callable[[list[Pair]], list[Pair]]:
    return lambda pairs: [pair for pair in pairs if pair[0] != name]


def _instead(name: str, *values: str) -> Callable[[list[Pair]], list[Pair]]:
    return lambda pairs: [pair for pair in pairs if pair[0] != name] + [(name, value) for value in values]


DATASET_DEFECTS: Final[dict[str, Callable[[list[Pair]], list[Pair]]]] = {
    "no title": _dropped("dct:title"),
    "no description": _dropped("dct:description"),
    "two publishers": _instead("dct:publisher", full(iri("organisation", 1)), full(iri("organisation", 2))),
    "publisher as text": _instead("dct:publisher", literal("Service exemple")),
    "theme as text": _instead("dcat:theme", literal("mobilité", "fr")),
    "theme outside the table": _instead("dcat:theme", "<https://themes.example.org/mobility>"),
    "bad issued date": _instead("dct:issued", literal("2024-02-30", "date")),
    "bad modified date": _instead("dct:modified", literal("12 mars 2023", "fr")),
    "frequency as text": _instead("dct:accrualPeriodicity", literal("tous les jours", "fr")),
    "language as text": _instead("dct:language", literal("fr")),
    "title as IRI": _instead("dct:title", "<https://titles.example.org/1>"),
    "access right outside the table": _instead("dct:accessRights", "<https://rights.example.org/open>"),
    "spatial as text": _instead("dct:spatial", literal("Bruxelles", "fr")),
    "landing page as text": _instead("dcat:landingPage", literal("https://service.example.org/1")),
    "deprecated version": lambda pairs: [*pairs, ("owl:versionInfo", literal("1.0"))],
    "two versions": _instead("dcat:version", literal("1.0"), literal("2.0")),
}
DISTRIBUTION_DEFECTS: Final[dict[str, Callable[[list[Pair]], list[Pair]]]] = {
    "no access address": _dropped("dcat:accessURL"),
    "format as text": _instead("dct:format", literal("csv")),
    "negative size": _instead("dcat:byteSize", literal("-1", "nonNegativeInteger")),
    "two licences": _instead("dct:license", full("a/licence/CC0"), full("a/licence/CC_BY_4_0")),
    "media type as text": _instead("dcat:mediaType", literal("text/csv")),
    "access address as text": _instead("dcat:accessURL", literal("https://files.example.org/1")),
}
EMBEDDED_DEFECTS: Final = ("checksum without value", "bad period")
DEFECTS: Final = (*DATASET_DEFECTS, *DISTRIBUTION_DEFECTS, *EMBEDDED_DEFECTS)


class Catalogue:
    """A catalogue without end: every number is a dataset of it.

    Attributes:
        seed: Catalogues of different seeds differ.
        rate: How many datasets in one have a defect.
    """

    def __init__(self, seed: int = 1, rate: float = 0.1) -> None:
        self.seed, self.rate = seed, rate

    def defect(self, number: int) -> str:
        """Return the defect of a dataset, empty if it has none."""
        chance = Random(f"{self.seed} {number} defect")
        return chance.choice(DEFECTS) if chance.random() < self.rate else ""

    def dataset(self, number: int, edition: int = 0) -> list[Version]:
        """Return a dataset and its distributions; another edition differs in its texts only."""
        chance, defect = Random(f"{self.seed} {number}"), self.defect(number)
        found = [self._dataset(chance, number, defect, edition)]
        found += [self._distribution(chance, number, place, defect if place == 0 else "") for place in range(2)]
        return found

    def _dataset(self, chance: Random, number: int, defect: str, edition: int) -> Version:
        publisher, words = chance.randrange(PUBLISHERS), chance.sample(WORDS, 4)
        period, page = f"{BASE}.well-known/genid/b{number}-c14n0", f"https://service-{publisher}.example.org/{number}"
        pairs = [
            ("rdf:type", full("dcat:Dataset")),
            ("dct:identifier", literal(f"bench-{number}")),
            *(("dct:title", literal(f"{' '.join(words[:3])} {number} {edition}", tag)) for tag in ("fr", "nl")),
            *(("dct:description", literal(f"Jeu exemple {' '.join(words)} {number}.", tag)) for tag in ("fr", "nl")),
            *(("dcat:keyword", literal(word, "fr")) for word in words[:3]),
            ("dcat:theme", full(f"a/data-theme/{chance.choice(THEMES)}")),
            ("dct:publisher", full(iri("organisation", publisher))),
            ("dcat:contactPoint", full(iri("contact", publisher))),
            ("dct:issued", literal(f"20{chance.randint(10, 19)}-0{chance.randint(1, 9)}-11", "date")),
            ("dct:modified", literal(f"202{chance.randint(0, 5)}-0{chance.randint(1, 9)}-21T10:00:00Z", "dateTime")),
            ("dct:accrualPeriodicity", full(f"a/frequency/{chance.choice(FREQUENCIES)}")),
            *(("dct:language", full(f"a/language/{code}")) for code in ("FRA", "NLD")),
            ("dct:accessRights", full("a/access-right/PUBLIC")),
            ("dct:spatial", full("a/country/BEL")),
            ("dcat:landingPage", full(page)),
            ("dcat:version", literal("1.0")),
            ("dct:temporal", full(period)),
            *(("dcat:distribution", full(iri("distribution", number, f"-{place}"))) for place in range(2)),
        ]
        end = literal("2020", "date") if defect == "bad period" else literal("2020-12-31", "date")
        embedded = [
            (period, "rdf:type", full("dct:PeriodOfTime")),
            (period, "dcat:startDate", literal("2018-01-01", "date")),
            (period, "dcat:endDate", end),
            (page, "rdf:type", full("foaf:Document")),
        ]
        change = DATASET_DEFECTS.get(defect)
        return version("dataset", iri("dataset", number), change(pairs) if change else pairs, embedded)

    def _distribution(self, chance: Random, number: int, place: int, defect: str) -> Version:
        code, media = chance.choice(FORMATS)
        node = f"{BASE}.well-known/genid/d{number}-{place}-c14n0"
        pairs = [
            ("rdf:type", full("dcat:Distribution")),
            *(("dct:title", literal(f"{code} {number}", tag)) for tag in ("fr", "nl")),
            ("dct:description", literal(f"Fichier {code} exemple.", "fr")),
            ("dcat:accessURL", full(f"https://files.example.org/{number}/{place}")),
            ("dcat:downloadURL", full(f"https://files.example.org/{number}/{place}/file")),
            ("dct:format", full(f"a/file-type/{code}")),
            ("dcat:mediaType", full(f"https://www.iana.org/assignments/media-types/{media}")),
            ("dct:license", full(f"a/licence/{chance.choice(LICENCES)}")),
            ("dcat:byteSize", literal(str(chance.randint(1, 10**7)), "nonNegativeInteger")),
            ("dct:modified", literal(f"202{chance.randint(0, 5)}-0{chance.randint(1, 9)}-21", "date")),
            ("dcatap:availability", full("a/planned-availability/STABLE")),
            ("spdx:checksum", full(node)),
        ]
        embedded = [
            (node, "rdf:type", full("spdx:Checksum")),
            (node, "spdx:algorithm", full("spdx:checksumAlgorithm_sha256")),
            (node, "spdx:checksumValue", literal(f"{chance.getrandbits(256):064x}", "hexBinary")),
        ]
        change = DISTRIBUTION_DEFECTS.get(defect)
        if defect == "checksum without value":
            embedded.pop()
        subject = iri("distribution", number, f"-{place}")
        return version("distribution", subject, change(pairs) if change else pairs, embedded)

    def shared(self, edition: int = 0) -> list[Version]:
        """Return what datasets share: publishers, contact points, licence documents, concepts and their scheme."""
        return [*self._publishers(edition), *self._vocabulary(edition)]

    def _publishers(self, edition: int) -> Iterator[Version]:
        for number in range(PUBLISHERS):
            name = f"Service exemple {number} {edition}"
            subject, contact = iri("organisation", number), iri("contact", number)
            pairs = [("rdf:type", full("foaf:Agent")), ("foaf:name", literal(name, "fr"))]
            pairs.append(("dct:type", "<http://purl.org/adms/publishertype/LocalAuthority>"))
            yield version("organisation", subject, pairs)
            mail = f"<mailto:service-{number}@example.org>"
            pairs = [("rdf:type", full("vcard:Organization")), ("vcard:fn", literal(name)), ("vcard:hasEmail", mail)]
            yield version("contact", contact, pairs)

    def _vocabulary(self, edition: int) -> Iterator[Version]:
        scheme = iri("resource", 0, "-scheme")
        kinds = [("rdf:type", full("skos:ConceptScheme")), ("dct:title", literal(f"Types {edition}", "fr"))]
        yield version("resource", scheme, kinds)
        for number in range(20):
            pairs = [
                ("rdf:type", full("skos:Concept")),
                ("skos:prefLabel", literal(f"Type {number} {edition}", "fr")),
                ("skos:inScheme", full(scheme)),
            ]
            yield version("resource", iri("resource", number), pairs)
            pairs = [("rdf:type", full("dct:LicenseDocument")), ("dct:title", literal(f"Licence {number}", "fr"))]
            pairs.append(("dct:type", "<http://purl.org/adms/licencetype/Attribution>"))
            yield version("resource", iri("resource", number, "-licence"), pairs)

    def versions(self, datasets: int) -> Iterator[Version]:
        """Yield the shared entities, then so many datasets with their distributions."""
        yield from self.shared()
        for number in range(datasets):
            yield from self.dataset(number)
