"""Rules that turn dates as sources write them into typed literals of XML Schema, never padded and never invented.

A date is typed by what it says: a year stays a year. ISO 8601 is read first, whatever the declared datatype; then
figures in the order day, month, year; then words in French, Dutch, German and English. Figures that may be read in two
ways in an English source (``03/04/2020``) and texts such as ``été 2014`` are left as they were.
https://www.w3.org/TR/xmlschema11-2/
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pyoxigraph import Literal, Triple

from maillon.rdf import lexical
from maillon.repair import periods
from maillon.repair.calendar import LONGEST, in_words, in_zone
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import ISSUED, MODIFIED, term

DATES: Final = (
    ISSUED, MODIFIED, term("dct:created"), term("dct:date"), term("dct:available"), term("dct:valid"),
    term("dcat:startDate"), term("dcat:endDate"),
)  # fmt: skip
"""Properties whose values are dates."""

_DATE_TIME: Final = term("xsd:dateTime")
_TYPES: Final = frozenset(term("xsd:" + name) for name in ("date", "dateTime", "gYear", "gYearMonth"))
_WELL_FORMED: Final = {
    term("xsd:date"): re.compile(r"\d{4}-\d{2}-\d{2}(?:Z|[+-]\d{2}:\d{2})?"),
    _DATE_TIME: re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?"),
    term("xsd:gYear"): re.compile(r"\d{4}"),
    term("xsd:gYearMonth"): re.compile(r"\d{4}-\d{2}"),
}


@lru_cache(maxsize=50_000)
def _retyped(text: str) -> Literal | None:
    text = lexical.stated(text)
    return lexical.moment(text) if text and len(text) <= LONGEST else None


def _is_good(value: Literal) -> bool:
    pattern = _WELL_FORMED.get(value.datatype)
    return pattern is not None and pattern.fullmatch(value.value) is not None


def _dates(triples: Triples) -> Iterator[tuple[Triple, Literal]]:
    for triple in triples.having(*DATES):
        if isinstance(triple.object, Literal):
            yield triple, triple.object


def _ill_typed(triples: Triples, context: Context) -> Iterator[Change]:
    for triple, value in _dates(triples):
        better = None if _is_good(value) else _retyped(value.value)
        if better is not None and better != value:
            yield Change((triple,), (Triple(triple.subject, triple.predicate, better),))


def _worded(triples: Triples, context: Context) -> Iterator[Change]:
    english = (context.source.language or "").startswith("en")
    for triple, value in _dates(triples):
        if value.datatype in _TYPES and _retyped(value.value) is not None:
            continue
        found = in_words(value.value, english)
        if found is not None:
            yield Change((triple,), (Triple(triple.subject, triple.predicate, found),))


def _without_zone(triples: Triples, context: Context) -> Iterator[Change]:
    zone = context.source.timezone
    if not zone:
        return
    for triple, value in _dates(triples):
        if value.datatype != _DATE_TIME or not _is_good(value) or re.search(r"Z|[+-]\d\d:\d\d$", value.value):
            continue
        known = in_zone(value.value, zone)
        if known:
            literal = Literal(known, datatype=_DATE_TIME)
            yield Change((triple,), (Triple(triple.subject, triple.predicate, literal),))


_PREDICATES: Final = frozenset(DATES)

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="date-type",
        title={
            "fr": "Donne à une date le type qui correspond à ce qu'elle dit.",
            "nl": "Geeft een datum het type dat past bij wat ze zegt.",
            "de": "Gibt einem Datum den Typ, der zu seinem Inhalt passt.",
            "en": "Gives a date the type that fits what it says.",
        },
        matches="A date with another datatype than its form asks for: a time as xsd:date, `2012-05-10T21:04`, blanks, "
        "a year as xsd:date (44 in DCAT feeds), a plain string in ISO 8601 (8).",
        changes="xsd:date, xsd:dateTime, xsd:gYearMonth or xsd:gYear by the form; nothing is padded.",
        predicates=_PREDICATES,
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:issued "2012-05-10T21:04"^^xsd:date .',
            after='<urn:example> a dcat:Dataset ; dct:issued "2012-05-10T21:04:00"^^xsd:dateTime .',
        ),
        repair=_ill_typed,
    ),
    Rule(
        id="date-in-words",
        title={
            "fr": "Lit une date écrite en chiffres ou en mots.",
            "nl": "Leest een datum die in cijfers of woorden is geschreven.",
            "de": "Liest ein Datum, das in Ziffern oder Wörtern geschrieben ist.",
            "en": "Reads a date written in figures or words.",
        },
        matches="`mar, 10/12/2019 - 09:23`, `Date changed  jeu, 19/12/2019`, `1er mars 2015`, `maart 2016`, "
        "`3. März 2021`, `March 3, 2021` (DKAN, CKAN, Opendatasoft). Seasons and figures that English reads two ways "
        "are left.",
        changes="The typed date: a day, a day and time, or a month.",
        predicates=_PREDICATES,
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:modified "mar, 10/12/2019 - 09:23" ; dct:issued "maart 2016" .',
            after='<urn:example> a dcat:Dataset ; dct:modified "2019-12-10T09:23:00"^^xsd:dateTime ; '
            'dct:issued "2016-03"^^xsd:gYearMonth .',
        ),
        repair=_worded,
    ),
    Rule(
        id="date-time-zone",
        title={
            "fr": "Ajoute à une date avec heure le fuseau horaire déclaré pour la source.",
            "nl": "Voegt aan een datum met tijd de tijdzone toe die voor de bron is opgegeven.",
            "de": "Ergänzt bei Datum mit Uhrzeit die für die Quelle angegebene Zeitzone.",
            "en": "Adds the time zone declared for the source to a date with a time.",
        },
        matches="xsd:dateTime without a zone (1,002 at data.gov.be, 168 at CKAN portals), in a source whose TOML has a "
        "`timezone`. The hour that the clocks go through twice in autumn is left.",
        changes="The same time with the offset that the zone had then.",
        predicates=_PREDICATES,
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:modified "2021-07-01T10:00:00"^^xsd:dateTime .',
            after='<urn:example> a dcat:Dataset ; dct:modified "2021-07-01T10:00:00+02:00"^^xsd:dateTime .',
            source={"timezone": "Europe/Brussels"},
        ),
        repair=_without_zone,
    ),
    *periods.RULES,
)
"""In the order in which they are tried."""
