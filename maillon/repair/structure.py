"""Rules that turn properties which do not exist, values given twice and empty nodes into what DCAT-AP has for them.

https://semiceu.github.io/DCAT-AP/releases/3.0.1/ ; the wrong terms are those counted in public feeds.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.repair.rule import Change, Context, Example, Rule, Text, Triples
from maillon.vocabulary import IDENTIFIER, ISSUED, MODIFIED, PREFIXES, TITLE, TYPE, term

WRONG_TERMS: Final[dict[str, str]] = {
    "dct:frequency": "dct:accrualPeriodicity",
    "dct:updated": "dct:modified",
    "dct:mediaType": "dcat:mediaType",
    "dct:landingPage": "dcat:landingPage",
    "dct:keyword": "dcat:keyword",
    "dct:theme": "dcat:theme",
    "dct:contactPoint": "dcat:contactPoint",
    "dct:distribution": "dcat:distribution",
    "dct:accessURL": "dcat:accessURL",
    "dct:downloadURL": "dcat:downloadURL",
    "dct:accessService": "dcat:accessService",
    "dct:byteSize": "dcat:byteSize",
    "dct:licence": "dct:license",
    "dct:#license": "dct:license",
    "dct:#conformsTo": "dct:conformsTo",
    "dcat:title": "dct:title",
    "dcat:description": "dct:description",
    "dcat:identifier": "dct:identifier",
    "dcat:publisher": "dct:publisher",
    "dcat:license": "dct:license",
    "dcat:issued": "dct:issued",
    "dcat:modified": "dct:modified",
    "dcat:format": "dct:format",
    "dcat:language": "dct:language",
    "dcat:spatial": "dct:spatial",
    "dcat:temporal": "dct:temporal",
    "dcat:conformsTo": "dct:conformsTo",
    "dcat:accessRights": "dct:accessRights",
    "dcat:accrualPeriodicity": "dct:accrualPeriodicity",
    "dcat:accessUrl": "dcat:accessURL",
    "dcat:downloadUrl": "dcat:downloadURL",
    "dcat:accessurl": "dcat:accessURL",
    "dcat:downloadurl": "dcat:downloadURL",
    "dcat:keywords": "dcat:keyword",
    "dcat:page": "foaf:page",
    "foaf:Page": "foaf:page",
}
"""Properties that do not exist, with the one that is meant. ``dcat:granularity`` and ``dcat:dataQuality`` existed in
drafts of DCAT and mean nothing else, so they stay."""

_RENAMED: Final = {term(wrong): term(right) for wrong, right in WRONG_TERMS.items()}
_WRONG: Final = frozenset(_RENAMED)
_END: Final = frozenset({term("dcat:endDate"), term("schema:endDate")})
_START: Final = frozenset({term("dcat:startDate"), term("schema:startDate")})
_DATES: Final = _START | _END
_ISO: Final = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d)(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)?)?")
_FAR: Final = ("9999", "2999-12-31", "3000-01-01")
_LIKE_DATASETS: Final = frozenset({"dataset", "series", "service", "catalog"})
_ADMS_IDENTIFIER: Final = term("adms:identifier")
_IDENTIFIER_CLASS: Final = NamedNode(PREFIXES["adms"] + "Identifier")
_NOTATION: Final = term("skos:notation")
_ALTERNATIVE: Final = term("dct:alternative")
_LOOSE_END: Final = frozenset({term("rdf:first"), term("rdf:rest")})


def _rename(triples: Triples, _context: Context) -> Iterator[Change]:
    for triple in triples.among(_WRONG):
        yield Change((triple,), (Triple(triple.subject, _RENAMED[triple.predicate], triple.object),))


def _own(triples: Triples, predicate: NamedNode) -> list[Text]:
    """Return the literals of a property of the entity itself where there is more than one."""
    if len(triples.having(predicate)) < 2:
        return []
    own = [text for text in triples.texts() if text.predicate == predicate and text.triple.subject == triples.node]
    return own if len(own) > 1 else []


def _one_identifier(triples: Triples, _context: Context) -> Iterator[Change]:
    """Keep the identifier that the IRI of the entity names, else the first in the order of code points."""
    own = _own(triples, IDENTIFIER)
    parts = set(re.split(r"[/#:?=&]", triples.iri))
    own.sort(key=lambda text: (text.value not in parts, text.value, str(text.triple.object)))
    for text in own[1:]:
        node = BlankNode()
        yield Change(
            (text.triple,),
            (
                Triple(triples.node, _ADMS_IDENTIFIER, node),
                Triple(node, TYPE, _IDENTIFIER_CLASS),
                Triple(node, _NOTATION, text.triple.object),
            ),
        )


def _one_title(triples: Triples, _context: Context) -> Iterator[Change]:
    """Keep the longest title of each language, of equals the first in the order of code points."""
    for found in triples.several(TITLE):
        found.sort(key=lambda text: (-len(text.value), text.value))
        for text in found[1:]:
            yield Change((text.triple,), (Triple(text.triple.subject, _ALTERNATIVE, text.triple.object),))


def _moment(value: str) -> str | None:
    """Return an ISO 8601 date in a form that sorts by time, None for any other text."""
    match = _ISO.fullmatch(value.strip())
    return None if match is None or value.startswith("-") else value.strip()


def _one_date(predicate: NamedNode, *, earliest: bool) -> Callable[[Triples, Context], Iterator[Change]]:
    def repair(triples: Triples, _context: Context) -> Iterator[Change]:
        own = _own(triples, predicate)
        moments = [(_moment(text.value), str(text.triple.object), text.triple) for text in own]
        if not own or any(moment is None for moment, _, _ in moments):
            return
        ordered = sorted(moments, key=lambda item: (item[0] or "", item[1]), reverse=not earliest)
        yield Change(tuple(triple for _, _, triple in ordered[1:]), ())

    return repair


def _empty_nodes(triples: Triples, _context: Context) -> Iterator[Change]:
    """Drop embedded nodes of which nothing is said but a class, with what leads to them."""
    full = {node for t in triples if isinstance(node := t.subject, BlankNode) and t.predicate != TYPE}
    leading: dict[BlankNode, list[Triple]] = {}
    for triple in triples.leads():
        target = triple.object
        if isinstance(target, BlankNode) and target not in full:
            leading.setdefault(target, []).append(triple)
    for node, leads in leading.items():
        if not any(triple.predicate in _LOOSE_END for triple in leads):
            yield Change((*leads, *triples.about(node)), ())


def _open_ends(triples: Triples, _context: Context) -> Iterator[Change]:
    for triple in triples.having(*_DATES):
        value = triple.object.value if isinstance(triple.object, Literal) else ""
        if triple.predicate in _START:
            is_open = value.startswith("0001-01-01")
        else:
            is_open = value.startswith(_FAR) or (value.startswith("1900-01-01") and _starts_later(triples, triple))
        if is_open:
            yield Change((triple,), ())


def _starts_later(triples: Triples, end: Triple) -> bool:
    starts = [text for text in triples.texts() if text.predicate in _START and text.triple.subject == end.subject]
    return any((_moment(text.value) or "") > "1900-01-02" for text in starts)


def _titles(fr: str, nl: str, de: str, en: str) -> dict[str, str]:
    return {"fr": fr, "nl": nl, "de": de, "en": en}


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="wrong-term",
        title=_titles(
            "Les propriétés qui n'existent pas sont remplacées par celles qui étaient visées.",
            "Eigenschappen die niet bestaan, zijn vervangen door die welke bedoeld waren.",
            "Eigenschaften, die es nicht gibt, sind durch die gemeinten ersetzt.",
            "Properties that do not exist are replaced by those that were meant.",
        ),
        matches="A property of the wrong namespace or spelling, such as `foaf:Page` (3,033 on data.gov.be), "
        "`dct:frequency` (62), `dct:#conformsTo`, `dct:updated`, `dct:mediaType` or `dcat:title`.",
        changes="The property of DCAT-AP with the same value.",
        predicates=_WRONG,
        example=Example(
            before='<urn:example> dcat:title "Bus"@fr ; foaf:Page <https://example.org/> .',
            after='<urn:example> dct:title "Bus"@fr ; foaf:page <https://example.org/> .',
        ),
        repair=_rename,
    ),
    Rule(
        id="one-identifier",
        title=_titles(
            "De plusieurs identifiants, un seul reste l'identifiant principal.",
            "Van meerdere identificaties blijft er één de hoofdidentificatie.",
            "Von mehreren Kennungen bleibt eine die Hauptkennung.",
            "Of several identifiers one stays the main one.",
        ),
        matches="More than one dct:identifier (45 on data.gov.be).",
        changes="The one that the IRI holds, else the first by code points; the others become adms:identifier.",
        predicates=frozenset({IDENTIFIER}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:identifier "example", "b-2" .',
            after='<urn:example> dct:identifier "example" ; '
            'adms:identifier [ a adms:Identifier ; skos:notation "b-2" ] .',
        ),
        repair=_one_identifier,
    ),
    Rule(
        id="one-issued",
        title=_titles(
            "De plusieurs dates de publication, la première est gardée.",
            "Van meerdere publicatiedatums is de eerste bewaard.",
            "Von mehreren Veröffentlichungsdaten ist das früheste behalten.",
            "Of several dates of publication the earliest is kept.",
        ),
        matches="More than one dct:issued, all of them ISO 8601 (10 on data.gov.be).",
        changes="The earliest alone.",
        predicates=frozenset({ISSUED}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:issued "2021-03-01"^^xsd:date, "2020-01-01"^^xsd:date .',
            after='<urn:example> dct:issued "2020-01-01"^^xsd:date .',
        ),
        repair=_one_date(ISSUED, earliest=True),
    ),
    Rule(
        id="one-modified",
        title=_titles(
            "De plusieurs dates de modification, la dernière est gardée.",
            "Van meerdere wijzigingsdatums is de laatste bewaard.",
            "Von mehreren Änderungsdaten ist das späteste behalten.",
            "Of several dates of modification the latest is kept.",
        ),
        matches="More than one dct:modified, all of them ISO 8601 (5 on data.gov.be).",
        changes="The latest alone.",
        predicates=frozenset({MODIFIED}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:modified "2021-03-01"^^xsd:date, "2020-01-01"^^xsd:date .',
            after='<urn:example> dct:modified "2021-03-01"^^xsd:date .',
        ),
        repair=_one_date(MODIFIED, earliest=False),
    ),
    Rule(
        id="open-end",
        title=_titles(
            "Une date de fin fictive (1900-01-01, 9999-12-31) est retirée: la période est ouverte.",
            "Een fictieve einddatum (1900-01-01, 9999-12-31) is verwijderd: de periode is open.",
            "Ein erfundenes Enddatum (1900-01-01, 9999-12-31) ist entfernt: der Zeitraum ist offen.",
            "A made-up end date (1900-01-01, 9999-12-31) is removed: the period is open.",
        ),
        matches="A period that ends on 1900-01-01, before it starts (122 on data.gov.be), or in the year 9999.",
        changes="The period without that end.",
        predicates=_DATES,
        example=Example(
            before='<urn:example> dct:temporal [ dcat:startDate "2019-01-01"^^xsd:date ; '
            'dcat:endDate "1900-01-01"^^xsd:date ] .',
            after='<urn:example> dct:temporal [ dcat:startDate "2019-01-01"^^xsd:date ] .',
        ),
        repair=_open_ends,
    ),
    Rule(
        id="empty-node",
        title=_titles(
            "Les éléments dont rien n'est dit sont retirés.",
            "Onderdelen waarover niets gezegd wordt, zijn verwijderd.",
            "Elemente, über die nichts gesagt wird, sind entfernt.",
            "Parts of which nothing is said are removed.",
        ),
        matches="An embedded node with no statement but its class, such as a period without dates (55 on data.gov.be).",
        changes="Nothing in its place.",
        marks=frozenset({"embedded"}),
        example=Example(
            before='<urn:example> dct:title "Bus"@fr ; dct:temporal [ a dct:PeriodOfTime ] .',
            after='<urn:example> dct:title "Bus"@fr .',
        ),
        repair=_empty_nodes,
    ),
)

LATE_RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="one-title",
        title=_titles(
            "De plusieurs titres dans une langue, un seul reste le titre.",
            "Van meerdere titels in één taal blijft er één de titel.",
            "Von mehreren Titeln in einer Sprache bleibt einer der Titel.",
            "Of several titles in one language one stays the title.",
        ),
        matches="More than one title of a dataset in one language that are not pieces of one (65 on data.gov.be).",
        changes="The longest, of equals the first by code points; the others become dct:alternative.",
        kinds=_LIKE_DATASETS,
        predicates=frozenset({TITLE}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:title "Bus 2020"@fr, "Transport en bus 2020"@fr .',
            after='<urn:example> dct:title "Transport en bus 2020"@fr ; dct:alternative "Bus 2020"@fr .',
        ),
        repair=_one_title,
    ),
)
"""Tried after texts have been joined and cleaned."""
