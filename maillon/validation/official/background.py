"""Makes the knowledge that the official shapes need besides the data: code lists, range types, class hierarchies.

Without it a catalogue without fault gets thousands of violations (docs/decisions/0022-engines-and-official-shapes.md):
``sh:class dct:LinguisticSystem`` on a language fails unless something says that the EU's ``language/FRA`` is one. It is
taken from ``ontology/authority/``. Lists that stand there in part only, or not at all, are trusted: a code of theirs in
the data counts as one of the list.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from maillon import authority
from maillon.validation.marks import REGULATION
from maillon.validation.official.patches import HVD_CLASSES, flagged_class
from maillon.vocabulary import AUTHORITY, PREFIXES, TYPE, term

_KEPT: Final = {TYPE, term("skos:inScheme"), term("skos:prefLabel"), term("dct:title"), term("skos:notation")}
_CONCEPT, _SCHEME = term("skos:Concept"), term("skos:ConceptScheme")
_ADMS: Final = "http://purl.org/adms/"
_IANA: Final = "iana.org/assignments/media-types/"
_CHECKSUM: Final = PREFIXES["spdx"] + "checksumAlgorithm_"

SUBCLASSES: Final = (
    ("foaf:Organization", "foaf:Agent"),
    ("foaf:Person", "foaf:Agent"),
    ("foaf:Group", "foaf:Agent"),
    ("org:Organization", "foaf:Agent"),
    ("vcard:Organization", "vcard:Kind"),
    ("vcard:Individual", "vcard:Kind"),
    ("vcard:Group", "vcard:Kind"),
    ("vcard:Location", "vcard:Kind"),
    ("dcat:DatasetSeries", "dcat:Dataset"),
    ("dct:FileFormat", "dct:MediaTypeOrExtent"),
    ("dct:MediaType", "dct:MediaTypeOrExtent"),
    ("dct:Frequency", "rdfs:Resource"),
    ("foaf:Image", "foaf:Document"),
    ("dcat:Dataset", "dcat:Resource"),
    ("dcat:DataService", "dcat:Resource"),
    ("dcat:Catalog", "dcat:Resource"),
)
"""Class and the wider class, as the vocabularies themselves say; whole vocabularies would make catalogues datasets.

The last three are asked for by the HVD files only (foaf:primaryTopic of a record).
"""

RANGES: Final = {
    "language": "dct:LinguisticSystem",
    "frequency": "dct:Frequency",
    "file-type": "dct:MediaTypeOrExtent",
    "access-right": "dct:RightsStatement",
    "country": "dct:Location",
    "place": "dct:Location",
    "continent": "dct:Location",
    "licence": "dct:LicenseDocument",
}
"""Class of the codes of an EU list, by the list's name."""

_TRUSTED: Final = {
    **{f"{AUTHORITY}{name}/": f"{AUTHORITY}{name}" for name in ("corporate-body", "place", "country", "language")},
    **{f"{_ADMS}{name}/": f"{_ADMS}{name}/1.0" for name in ("status", "licencetype", "publishertype")},
}
"""Scheme by how its codes start, of the lists that ontology/authority/ does not hold whole."""


def _range_of(iri: str) -> str:
    table = iri.removeprefix(AUTHORITY).partition("/")[0] if iri.startswith(AUTHORITY) else ""
    if table in RANGES:
        return RANGES[table]
    if iri == REGULATION:
        return "http://data.europa.eu/eli/ontology#LegalResource"
    if iri.startswith(_CHECKSUM):
        return "spdx:ChecksumAlgorithm"
    return "dct:MediaType" if _IANA in iri else ""


def _typed(iri: str) -> Iterator[str]:
    name = _range_of(iri)
    if name:
        yield f"<{iri}> {TYPE} {NamedNode(name) if name.startswith('http') else term(name)} .\n"


@cache
def _tables() -> tuple[tuple[Triple, ...], frozenset[str]]:
    """Return what is kept of our tables, and their subjects."""
    kept = [
        quad.triple
        for path in authority.graph_files()
        for quad in parse(path=path, format=RdfFormat.TURTLE)
        if quad.predicate in _KEPT and isinstance(quad.subject, NamedNode)
    ]
    return tuple(kept), frozenset(triple.subject.value for triple in kept if isinstance(triple.subject, NamedNode))


def subjects() -> frozenset[str]:
    """Return the IRIs of the concepts and schemes; they are not what is checked."""
    return _tables()[1]


@cache
def text(with_ranges: bool = True) -> str:
    """Return what is added whatever the data are, as N-Triples; ``with_ranges`` tells of which class codes are."""
    narrower = term("rdfs:subClassOf")
    lines = [f"{term(sub)} {narrower} {term(wide)} .\n" for sub, wide in SUBCLASSES]
    triples, known = _tables()
    lines += [f"{triple} .\n" for triple in triples]
    for scheme in sorted({*_TRUSTED.values()} - known):
        lines += [f"<{scheme}> {TYPE} {_SCHEME} .\n", f'<{scheme}> {term("dct:title")} "{scheme}"@en .\n']
    if with_ranges:
        lines += [line for iri in sorted(known) for line in _typed(iri)]
    return "".join(lines)


def _trusted(iri: str) -> Iterator[str]:
    scheme = next((scheme for start, scheme in _TRUSTED.items() if iri.startswith(start)), "")
    if scheme and iri != scheme and iri not in subjects():
        yield f"<{iri}> {TYPE} {_CONCEPT} .\n"
        yield f"<{iri}> {term('skos:inScheme')} <{scheme}> .\n"
        yield f'<{iri}> {term("skos:prefLabel")} "{iri.rpartition("/")[2]}"@en .\n'


def stubs(triples: Iterable[Triple], with_ranges: bool = True) -> tuple[str, frozenset[str]]:
    """Return what is added for the codes in the data, and these codes.

    Args:
        triples: The data.
        with_ranges: Whether to tell of which class they are.
    """
    found: dict[str, list[str]] = {}
    for iri in {triple.object.value for triple in triples if isinstance(triple.object, NamedNode)}:
        lines = [*_trusted(iri), *(_typed(iri) if with_ranges and iri not in subjects() else ())]
        if lines:
            found[iri] = lines
    return "".join(line for iri in sorted(found) for line in found[iri]), frozenset(found)


def _flagged(triples: list[Triple]) -> set[str]:
    """Return the nodes that say they are of high value, and the contact points and licences of these."""
    law, regulation = term("dcatap:applicableLegislation"), NamedNode(REGULATION)
    direct = {str(item.subject) for item in triples if item.predicate == law and item.object == regulation}
    links = {term("dcat:contactPoint"), term("dct:license")}
    return direct | {
        str(triple.object) for triple in triples if triple.predicate in links and str(triple.subject) in direct
    }


def high_value(triples: list[Triple]) -> str:
    """Return marks, as N-Triples, that make high-value resources targets of the repaired HVD shapes."""
    flagged, wider = _flagged(triples), {str(term(sub)): term(wide) for sub, wide in SUBCLASSES}
    lines = set()
    for triple in triples:
        if triple.predicate != TYPE or str(triple.subject) not in flagged:
            continue
        for name in {triple.object, wider.get(str(triple.object))}:
            if isinstance(name, NamedNode) and name in HVD_CLASSES:
                lines.add(f"{triple.subject} {TYPE} {flagged_class(name.value)} .\n")
    return "".join(sorted(lines))
