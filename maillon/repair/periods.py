"""Rules that turn temporal coverage as sources write it into ``dct:PeriodOfTime`` with its start and end.

A period that ends before it begins is left for validation, because nothing tells which of the two is wrong.
https://semiceu.github.io/DCAT-AP/releases/3.0.1/#PeriodofTime
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.rdf import lexical
from maillon.repair import values
from maillon.repair.calendar import in_words, plain
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import TYPE, term

_TEMPORAL: Final = term("dct:temporal")
_PERIOD: Final = term("dct:PeriodOfTime")
_START: Final = term("dcat:startDate")
_END: Final = term("dcat:endDate")
_TERMS: Final = {
    term("schema:startDate"): _START,
    term("schema:endDate"): _END,
    NamedNode("https://schema.org/startDate"): _START,
    NamedNode("https://schema.org/endDate"): _END,
}

_RANGE = re.compile(r"\[?\s*(.{1,40}?)\s+TO\s+(.{1,40}?)\s*\]?")
_INTERVAL = re.compile(r"([\dT:.Z+-]{4,35}|\.\.|)\s*/\s*([\dT:.Z+-]{4,35}|\.\.|)")
_BETWEEN = re.compile(r"(?:de |du |van |von |from )?(.{4,40}?)\s*(?:–|—| - | / | a | au | tot | bis | to )\s*(.{4,40})")
_YEARS = re.compile(r"(\d{4})\s*[-–/]\s*(\d{4})")
_SHORT = re.compile(r"(\d{2})-(\d{2})-(\d{2})")
_UNTIL = re.compile(r"(?:jusqu['’]?\s*(?:en|a|au)|until|tot(?: en met)?|bis)\s+(.+)")
_SINCE = re.compile(r"(?:depuis(?: le)?|a partir d[eu]|since|vanaf|sinds|seit|ab)\s+(.+)")
_OPEN: Final = frozenset({"*", "..", "", "now", "present", "aujourd'hui", "heute", "heden", "nu"})

Period = tuple[Literal | None, Literal | None]
"""Start and end, None for open."""


def _moment(text: str) -> Literal | None:
    text = text.strip()
    if match := _SHORT.fullmatch(text):  # "01-01-12": the two figures of a year since 2000, days first
        text = f"{match[1]}/{match[2]}/20{match[3]}"
    return lexical.moment(text) or in_words(text)


def _pair(first: str, last: str) -> Period | None:
    start = None if first.strip() in _OPEN else _moment(first)
    end = None if last.strip() in _OPEN else _moment(last)
    known = (start or first.strip() in _OPEN) and (end or last.strip() in _OPEN)
    return (start, end) if known and (start or end) else None


def _open_ended(text: str) -> Period | None:
    if match := _UNTIL.fullmatch(text):
        end = _moment(match[1])
        return (None, end) if end else None
    if match := _SINCE.fullmatch(text):
        start = _moment(match[1])
        return (start, None) if start else None
    return None


@lru_cache(maxsize=10_000)
def period(text: str) -> Period | None:
    """Return start and end of a period that a text states, None where it states none that is certain.

    One date alone (a year, a month, a day) is a period that begins and ends then.
    """
    text = lexical.stated(text)
    if not text or len(text) > 100 or not any(sign.isdigit() for sign in text):
        return None
    bare = plain(text).replace("’", "'")
    alone = _moment(text)
    if alone is not None:
        return alone, alone
    for pattern, subject in ((_YEARS, text), (_RANGE, text), (_INTERVAL, text), (_BETWEEN, bare)):
        match = pattern.fullmatch(subject)
        found = _pair(match[1], match[2]) if match else None
        if found:
            return found
    return _open_ended(bare)


def _texts(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_TEMPORAL):
        value = values.read(triples, triple)
        found = None if value.iri or len(value.texts) != 1 else period(value.texts[0])
        if found is None:
            continue
        node = BlankNode()
        bounds = [Triple(node, _START, found[0])] if found[0] else []
        bounds += [Triple(node, _END, found[1])] if found[1] else []
        yield values.swap(value, Triple(triple.subject, _TEMPORAL, node), Triple(node, TYPE, _PERIOD), *bounds)


def _split(triples: Triples, context: Context) -> Iterator[Change]:
    """Take apart an interval that a record has as its start."""
    for triple in triples.having(_START):
        text = triple.object.value if isinstance(triple.object, Literal) else ""
        if in_words(text) or lexical.moment(text.strip()):
            continue
        found = period(text)
        if found is None or any(end.subject == triple.subject for end in triples.having(_END)):
            continue
        added = [Triple(triple.subject, _START, found[0])] if found[0] else []
        yield Change((triple,), (*added, *([Triple(triple.subject, _END, found[1])] if found[1] else ())))


def _schema_org(triples: Triples, context: Context) -> Iterator[Change]:
    periods = {triple.object for triple in triples.having(_TEMPORAL)}
    for triple in triples.having(*_TERMS):
        if triple.subject in periods:
            yield Change((triple,), (Triple(triple.subject, _TERMS[triple.predicate], triple.object),))


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="period-terms",
        title={
            "fr": "Remplace les termes de schema.org d'une période par ceux de DCAT.",
            "nl": "Vervangt de schema.org-termen van een periode door die van DCAT.",
            "de": "Ersetzt die schema.org-Begriffe eines Zeitraums durch die von DCAT.",
            "en": "Replaces the schema.org terms of a period by those of DCAT.",
        },
        matches="schema:startDate and schema:endDate in a dct:temporal (46 in DCAT feeds).",
        changes="dcat:startDate and dcat:endDate with the same values.",
        predicates=frozenset(_TERMS),
        example=Example(
            before="<urn:example> a dcat:Dataset ; "
            'dct:temporal [ a dct:PeriodOfTime ; schema:startDate "2012-01-01"^^xsd:date ] .',
            after="<urn:example> a dcat:Dataset ; "
            'dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2012-01-01"^^xsd:date ] .',
        ),
        repair=_schema_org,
    ),
    Rule(
        id="period-in-words",
        title={
            "fr": "Lit une période écrite comme texte.",
            "nl": "Leest een periode die als tekst is geschreven.",
            "de": "Liest einen Zeitraum, der als Text geschrieben ist.",
            "en": "Reads a period written as text.",
        },
        matches="dct:temporal with a text: `2009-2012`, `01-01-12 / 31-12-13`, `jusqu'en février 2015`, "
        "`[2005 TO 2008]`, `2012-01-01/2012-12-31` (47 in Paris, CKAN extras, DCAT-US).",
        changes="A dct:PeriodOfTime with start, end or both; a text that is no period stays.",
        predicates=frozenset({_TEMPORAL}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:temporal "2009-2012" .',
            after="<urn:example> a dcat:Dataset ; dct:temporal [ a dct:PeriodOfTime ; "
            'dcat:startDate "2009"^^xsd:gYear ; dcat:endDate "2012"^^xsd:gYear ] .',
        ),
        repair=_texts,
    ),
    Rule(
        id="period-in-start",
        title={
            "fr": "Sépare le début et la fin d'une période donnée tout entière comme début.",
            "nl": "Scheidt begin en einde van een periode die helemaal als begin is opgegeven.",
            "de": "Trennt Anfang und Ende eines Zeitraums, der ganz als Anfang angegeben ist.",
            "en": "Separates start and end of a period given as a whole in the place of its start.",
        },
        matches="dcat:startDate with a text that is a period, and no dcat:endDate (records whose field for temporal "
        "coverage is one text: Opendatasoft, CKAN, DCAT-US).",
        changes="dcat:startDate and dcat:endDate.",
        predicates=frozenset({_START}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:temporal [ dcat:startDate "[2005 TO 2008]" ] .',
            after='<urn:example> a dcat:Dataset ; dct:temporal [ dcat:startDate "2005"^^xsd:gYear ; '
            'dcat:endDate "2008"^^xsd:gYear ] .',
        ),
        repair=_split,
    ),
)
"""In the order in which they are tried."""
