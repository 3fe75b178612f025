"""Datasets in Turtle whose points on data.europa.eu were worked out by hand, and what makes closures of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import RdfFormat, parse

from maillon import identifiers
from maillon.links.states import LinkState
from maillon.quality.closures import closure
from maillon.quality.values import Closure
from maillon.rdf import canonical
from maillon.records import Entity, Finding
from maillon.store.documents import Document

BASE = "http://localhost:8000/"
TODAY = "2026-11-22"
SET = "https://data.example.org/set"
PAGE = "https://files.example.org/page"
FILE = "https://files.example.org/file.csv"
DEAD = "https://files.example.org/dead"
NEW = "https://files.example.org/never-checked"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix theme: <http://publications.europa.eu/resource/authority/data-theme/> .
@prefix right: <http://publications.europa.eu/resource/authority/access-right/> .
@prefix type: <http://publications.europa.eu/resource/authority/file-type/> .
@prefix licence: <http://publications.europa.eu/resource/authority/licence/> .
"""
STATUSES = {PAGE: 200, FILE: 200, DEAD: 404}
IANA = "https://www.iana.org/assignments/media-types/"


def document(iri: str, kind: str, turtle: str, findings: Iterable[Finding] = (), state: str = "live") -> Document:
    """Make the document of an entity; ``turtle`` are predicates and objects, or whole triples about it in braces."""
    text = turtle if turtle.lstrip().startswith("<") else f"<{iri}> {turtle} ."
    quads = parse((PREFIXES + text).encode(), RdfFormat.TURTLE, rename_blank_nodes=True)
    version = canonical.version(Entity(iri, kind, tuple(quad.triple for quad in quads)), BASE)
    key = identifiers.key(BASE, kind, iri)
    return Document(
        iri, kind, key, "ville", version.hash, version.text,
        state=state, modified="2026-11-20T08:00:00Z", findings=list(findings),
    )  # fmt: skip


def states(statuses: Mapping[str, int], verdict: str = "") -> dict[str, LinkState]:
    """Make link states from HTTP status codes."""
    return {
        url: LinkState(url=url, verdict=verdict or ("ok" if status < 400 else "missing"), status=status)
        for url, status in statuses.items()
    }


def finding(severity: str, shape: str = "urn:maillon:shape:dataset-title") -> Finding:
    return Finding(SET, "", "", severity, "http://www.w3.org/ns/shacl#MinCountConstraintComponent", shape)


DATASET = {
    "type": "a dcat:Dataset",
    "keyword": 'dcat:keyword "air"@fr',
    "theme": "dcat:theme theme:ENVI",
    "spatial": "dct:spatial <http://data.europa.eu/nuts/code/BE1>",
    "temporal": 'dct:temporal [ dcat:startDate "2020-01-01"^^xsd:date ]',
    "rights": "dct:accessRights right:PUBLIC",
    "contact": 'dcat:contactPoint [ vcard:fn "Service exemple" ]',
    "publisher": "dct:publisher <https://org.example.org/1>",
    "issued": 'dct:issued "2020-01-01"^^xsd:date',
    "modified": 'dct:modified "2026-01-01"^^xsd:date',
}
PART = {
    "type": "a dcat:Distribution",
    "access": f"dcat:accessURL <{PAGE}>",
    "download": f"dcat:downloadURL <{FILE}>",
    "format": "dct:format type:CSV",
    "media": f"dcat:mediaType <{IANA}text/csv>",
    "licence": "dct:license licence:CC_BY_4_0",
    "rights": "dct:rights <https://data.example.org/rights>",
    "size": 'dcat:byteSize "120"^^xsd:nonNegativeInteger',
    "issued": 'dct:issued "2020-01-01"^^xsd:date',
    "modified": 'dct:modified "2026-01-01"^^xsd:date',
}


def said(full: Mapping[str, str], *without: str, **instead: str) -> str:
    """Return predicates and objects: all of a description but some, and some in other words."""
    return " ; ".join((dict(full) | instead)[name] for name in full if name not in without)


def part(*without: str, **instead: str) -> str:
    """Return what is said of a full distribution but for some properties."""
    return said(PART, *without, **instead)


def dataset(*without: str, **instead: str) -> str:
    """Return what is said of a full dataset but for some properties."""
    return said(DATASET, *without, **instead)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A dataset and what was worked out by hand.

    Attributes:
        name: What is special about it.
        points: Its points.
        unmet: Metrics not met, by their names in ``pv:``.
        unknown: Metrics that could not be measured.
        dataset: Predicates and objects of the dataset.
        parts: Those of its distributions; None where one is not described.
        statuses: HTTP status codes by address.
        findings: Of the dataset.
        best: Number of the best distribution, 0 where there is none.
        gains: Points that each fix adds; None where that is no matter of the case.
    """

    name: str
    points: int
    unmet: str = ""
    unknown: str = ""
    dataset: str = field(default_factory=dataset)
    parts: tuple[str | None, ...] = field(default_factory=lambda: (part(),))
    statuses: Mapping[str, int] = field(default_factory=lambda: STATUSES)
    findings: tuple[Finding, ...] = ()
    best: int = 1
    gains: Mapping[str, int] | None = None

    def closure(self) -> Closure:
        """Make its closure, by way of the documents."""
        iris = [f"{SET}#{number}" for number, _ in enumerate(self.parts, 1)]
        links = "".join(f" ; dcat:distribution <{iri}>" for iri in iris)
        described = {
            iri: document(iri, "distribution", turtle)
            for iri, turtle in zip(iris, self.parts, strict=True)
            if turtle is not None
        }
        found = document(SET, "dataset", self.dataset + links, self.findings)
        return closure(
            found, lambda wanted: {iri: described[iri] for iri in wanted if iri in described},
            states(self.statuses), TODAY,
        )  # fmt: skip


OF_PARTS = (
    "accessUrlStatusCode downloadUrlAvailability downloadUrlStatusCode formatAvailability mediaTypeAvailability"
    " formatMediaTypeVocabularyAlignment formatMediaTypeNonProprietary formatMediaTypeMachineInterpretable"
    " licenceAvailability knownLicence rightsAvailability byteSizeAvailability"
)
DATES = " dateIssuedAvailability dateModifiedAvailability"
OF_FORMAT = "formatMediaTypeNonProprietary formatMediaTypeMachineInterpretable"
ALIGNED = "formatMediaTypeVocabularyAlignment"

CASES = (
    # 30+30+20+20, 50+20+30, 20+10+10+20+20+30, 20+10+10+5+20+10, 5+5+5+5
    Case(name="everything", points=405, gains={}),
    Case(
        name="nothing, and a violation", points=0, dataset="a dcat:Dataset", parts=(), best=0,
        findings=(finding("Violation"),), unmet=OF_PARTS + DATES + " keywordAvailability categoryAvailability"
        " spatialAvailability temporalAvailability dcatApCompliance accessRightsAvailability"
        " accessRightsVocabularyAlignment contactPointAvailability publisherAvailability",
        gains={
            "add-keywords": 30, "add-theme": 30, "add-spatial": 20, "add-temporal": 20, "mend-violations": 30,
            "add-access-rights": 15, "add-contact-point": 20, "add-publisher": 10, "add-issued": 5, "add-modified": 5,
            "add-distribution": 220,
        },
    ),
    # 100 + 0 + 30 + 45 + 10: the most without a distribution; one that is added has neither rights nor size
    Case(name="no distribution", points=185, parts=(), best=0, unmet=OF_PARTS, gains={"add-distribution": 210}),
    # An empty distribution is described: it has the measurement "no date", so the dataset's dates do not count.
    Case(name="a distribution that says nothing", points=175, parts=("a dcat:Distribution",), unmet=OF_PARTS + DATES),
    # Of one that nobody describes there is no measurement: the dataset's dates count, and are lost with the first fact.
    Case(
        name="a distribution that is not described", points=185, parts=(None,), unmet=OF_PARTS,
        gains={"mend-access-url": 40, "add-download-url": 40, "add-format": 10, "add-licence": 20},
    ),
    Case(name="no keyword", points=375, dataset=dataset("keyword"), unmet="keywordAvailability",
         gains={"add-keywords": 30}),
    Case(name="no theme", points=375, dataset=dataset("theme"), unmet="categoryAvailability", gains={"add-theme": 30}),
    Case(name="no place", points=385, dataset=dataset("spatial"), unmet="spatialAvailability",
         gains={"add-spatial": 20}),
    Case(name="no period", points=385, dataset=dataset("temporal"), unmet="temporalAvailability",
         gains={"add-temporal": 20}),
    Case(name="the access address is gone", points=355, parts=(part(access=f"dcat:accessURL <{DEAD}>"),),
         unmet="accessUrlStatusCode", gains={"mend-access-url": 50}),
    Case(name="no access address", points=355, parts=(part("access"),), unmet="accessUrlStatusCode",
         gains={"mend-access-url": 50}),
    Case(name="no download address", points=355, parts=(part("download"),),
         unmet="downloadUrlAvailability downloadUrlStatusCode", gains={"add-download-url": 50}),
    Case(name="the download address is gone", points=375, parts=(part(download=f"dcat:downloadURL <{DEAD}>"),),
         unmet="downloadUrlStatusCode", gains={"mend-download-url": 30}),
    # The lists hold file types, so a media type alone makes nothing open or readable by machines.
    Case(name="no format", points=335, parts=(part("format"),), unmet=f"formatAvailability {ALIGNED} {OF_FORMAT}",
         gains={"add-format": 70}),
    Case(name="no media type", points=385, parts=(part("media"),), unmet=f"mediaTypeAvailability {ALIGNED}",
         gains={"add-media-type": 20}),
    Case(name="neither format nor media type", points=325, parts=(part("format", "media"),),
         unmet=f"formatAvailability mediaTypeAvailability {ALIGNED} {OF_FORMAT}",
         gains={"add-format": 20, "add-media-type": 10}),
    Case(name="a format that is the code of a list", points=405, parts=(part(format='dct:format "csv"'),), gains={}),
    Case(name="a format that the EU table has had since 2022", points=365, unmet=OF_FORMAT,
         parts=(part(format="dct:format type:WMTS_SRVC"),), gains={"use-machine-readable-format": 40}),
    Case(name="a format in no list", points=355, parts=(part(format='dct:format "tableau"'),),
         unmet=f"{ALIGNED} {OF_FORMAT}", gains={"use-listed-types": 50, "use-machine-readable-format": 50}),
    Case(name="a media type in no list", points=395, parts=(part(media=f"dcat:mediaType <{IANA}text/x-table>"),),
         unmet=ALIGNED, gains={"use-listed-types": 10}),
    Case(name="a media type as text, with a parameter", points=405,
         parts=(part(media='dcat:mediaType "Text/CSV;charset=utf-8"'),), gains={}),
    Case(name="a media type of IANA with http", points=405,
         parts=(part(media="dcat:mediaType <http://www.iana.org/assignments/media-types/text/csv>"),), gains={}),
    Case(name="a file type where the media type stands", points=335,
         parts=(part("format", media="dcat:mediaType <http://example.org/CSV>"),),
         unmet=f"formatAvailability {ALIGNED} {OF_FORMAT}", gains={"add-format": 60}),
    Case(name="a PDF", points=365, parts=(part(format="dct:format type:PDF"),), unmet=OF_FORMAT,
         gains={"use-machine-readable-format": 40}),
    Case(name="a spreadsheet of a maker", points=385, parts=(part(format="dct:format type:XLSX"),),
         unmet="formatMediaTypeNonProprietary", gains={"use-open-format": 20}),
    Case(name="a picture", points=385, parts=(part(format="dct:format type:PNG"),),
         unmet="formatMediaTypeMachineInterpretable", gains={"use-machine-readable-format": 20}),
    Case(name="two formats, one of them open", points=405, parts=(part(format="dct:format type:PDF, type:CSV"),),
         gains={}),
    Case(name="a violation", points=375, findings=(finding("Violation"), finding("Warning")), unmet="dcatApCompliance",
         gains={"mend-violations": 30}),
    Case(name="a warning", points=405, findings=(finding("Warning"), finding("Info")), gains={}),
    Case(name="a violation of the rules for high-value datasets", points=405,
         findings=(finding("Violation", "urn:maillon:shape:hvd-dataset-contact"),), gains={}),
    Case(name="no licence", points=375, parts=(part("licence"),), unmet="licenceAvailability knownLicence",
         gains={"add-licence": 30}),
    Case(name="a national licence", points=395, unmet="knownLicence", gains={"use-known-licence": 10},
         parts=(part(licence="dct:license <http://dcat-ap.de/def/licenses/dl-by-de/2.0>"),)),
    Case(name="a deprecated licence of the list", points=405, parts=(part(licence="dct:license licence:CC_BY"),)),
    Case(name="a licence as text", points=395, parts=(part(licence='dct:license "CC_BY_4_0"'),), unmet="knownLicence"),
    Case(name="no access right", points=390, dataset=dataset("rights"),
         unmet="accessRightsAvailability accessRightsVocabularyAlignment", gains={"add-access-rights": 15}),
    Case(name="an access right in no list", points=400, dataset=dataset(rights='dct:accessRights "PUBLIC"'),
         unmet="accessRightsVocabularyAlignment", gains={"use-listed-access-rights": 5}),
    Case(name="no contact point", points=385, dataset=dataset("contact"), unmet="contactPointAvailability",
         gains={"add-contact-point": 20}),
    Case(name="no publisher", points=395, dataset=dataset("publisher"), unmet="publisherAvailability",
         gains={"add-publisher": 10}),
    Case(name="no rights", points=400, parts=(part("rights"),), unmet="rightsAvailability", gains={"add-rights": 5}),
    Case(name="no size", points=400, parts=(part("size"),), unmet="byteSizeAvailability", gains={"add-byte-size": 5}),
    # The dataset has both dates; they do not count, since the distribution has the measurement, though it is "no".
    Case(name="the distribution has no date of issue", points=400, parts=(part("issued"),),
         unmet="dateIssuedAvailability", gains={"add-issued": 5}),
    Case(name="the distribution has no date of change", points=400, parts=(part("modified"),),
         unmet="dateModifiedAvailability", gains={"add-modified": 5}),
    Case(name="dates on the distribution alone", points=405, dataset=dataset("issued", "modified"), gains={}),
    Case(name="no distribution and no dates", points=175, dataset=dataset("issued", "modified"), parts=(), best=0,
         unmet=OF_PARTS + DATES, gains={"add-issued": 5, "add-modified": 5, "add-distribution": 220}),
    # The best is the one with most points in all: 20+80+30+10 against 50+20+30. It is not put together of several.
    Case(
        name="a rich one with dead addresses and a bare one that answers", points=315,
        parts=(
            part("issued", "modified", access=f"dcat:accessURL <{DEAD}>", download=f"dcat:downloadURL <{DEAD}>"),
            part("format", "media", "licence", "rights", "size", "issued", "modified"),
        ),
        unmet="accessUrlStatusCode downloadUrlStatusCode" + DATES,
        gains={"mend-access-url": 50, "mend-download-url": 30, "add-issued": 5, "add-modified": 5},
    ),
    Case(name="the second is the best", points=405, parts=(part("licence"), part()), best=2, gains={}),
    # Both have 10 points: the earlier counts.
    Case(name="a tie, media type first", points=185, parts=(PART["media"], f"{PART['issued']} ; {PART['modified']}"),
         unmet=OF_PARTS.replace(" mediaTypeAvailability", "") + DATES),
    Case(name="a tie, dates first", points=185, parts=(f"{PART['issued']} ; {PART['modified']}", PART["media"]),
         unmet=OF_PARTS),
    # Both have none. Whether the earlier is described decides whether the dataset's dates count.
    Case(name="a tie at nothing, not described first", points=185, parts=(None, "a dcat:Distribution"), unmet=OF_PARTS),
    Case(name="a tie at nothing, described first", points=175, parts=("a dcat:Distribution", None),
         unmet=OF_PARTS + DATES),
    Case(name="the best of several addresses", points=405, gains={},
         parts=(part(access=f"dcat:accessURL <{DEAD}>, <{PAGE}>", download=f"dcat:downloadURL <{NEW}>, <{FILE}>"),)),
    Case(name="one address dead, one never checked", points=355, unknown="accessUrlStatusCode", gains={},
         parts=(part(access=f"dcat:accessURL <{DEAD}>, <{NEW}>"),)),
    Case(name="addresses never checked", points=325, statuses={}, gains={},
         unknown="accessUrlStatusCode downloadUrlStatusCode"),
    Case(name="status 299 counts, 300 does not", points=375, statuses={PAGE: 299, FILE: 300},
         unmet="downloadUrlStatusCode"),
    Case(name="status 199 and none at all do not count", points=325, statuses={PAGE: 199, FILE: 0},
         unmet="accessUrlStatusCode downloadUrlStatusCode"),
)  # fmt: skip
