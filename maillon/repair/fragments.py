"""Rules that turn the pieces of a text that was split at its commas back into one text.

Seen on data.gov.be (372 of 604 Brussels datasets, 106 of BMDC, 6 of Sodha): several ``dct:description`` or
``dct:title`` in one language, each a fragment. The order comes from ``_order``; a fragment that stood twice in the text
("rgb(90, 90, 90)") came through only once, because a graph holds a triple once, and cannot be put back. On the Brussels
subset 395 of 397 datasets and services get one description in each language; 12 of them are marked as unsure. Read by
eye: 30 of 30 texts of three pieces or more marked as sure read right, 9 of 12 of those marked as unsure.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from maillon.repair import _order
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import DESCRIPTION, TITLE

_MOST: Final = 200
"""Fragments of the longest text that is joined; the longest seen has 28."""
_UNIT: Final = re.compile(r"\d{1,2}\s*(?:[km]?m[²2]?|cm|ha|%|€|°|[KMG][Bo]|mètres?|meters?|metres?|millions?|Mio)\b")
_THOUSANDS: Final = re.compile(r"000\b")


def join(fragments: Sequence[str]) -> str:
    """Join fragments with a comma and a blank; in a number (``0,5 m``, ``20,000``) the comma stands alone."""
    joined = fragments[0]
    for fragment in fragments[1:]:
        number = re.search(r"(?<!\d)\d{1,3}$", joined) and (_UNIT.match(fragment) or _THOUSANDS.match(fragment))
        joined += f"{',' if number else ', '}{fragment}"
    return joined


def _joined(predicate: NamedNode, is_sure: bool) -> Callable[[Triples, Context], Iterator[Change]]:
    def repair(triples: Triples, _context: Context) -> Iterator[Change]:
        for group in triples.several(predicate):
            texts = tuple(text.value for text in group)
            if group[0].language is None or len(group) > _MOST or not _order.are_fragments(texts):
                continue
            order = _order.order(texts)
            if order.is_sure == is_sure:
                value, tag = join(order.fragments), group[0].language
                literal = Literal(value, language=tag) if tag else Literal(value)
                removed = tuple(text.triple for text in group)
                yield Change(removed, (Triple(removed[0].subject, predicate, literal),))

    return repair


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="description-joined",
        title={
            "fr": "Les morceaux d'une description coupée aux virgules sont réunis.",
            "nl": "Stukken van een beschrijving die bij komma's werd gesplitst, zijn weer samengevoegd.",
            "de": "Teile einer an Kommas zerlegten Beschreibung sind wieder zusammengefügt.",
            "en": "The pieces of a description that was split at commas are joined again.",
        },
        matches="Several descriptions of one language that go on in lower case or close what others open, in an order "
        "that the document or the pieces themselves tell (data.gov.be: 372 of 604 Brussels datasets).",
        changes="One description, the pieces joined with a comma and a blank.",
        predicates=frozenset({DESCRIPTION}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:description "Ce service permet"@fr, "au moyen d\'une adresse"@fr, '
            '"de voir les plans."@fr .',
            after='<urn:example> dct:description "Ce service permet, au moyen d\'une adresse, de voir les plans."@fr .',
        ),
        repair=_joined(DESCRIPTION, is_sure=True),
    ),
    Rule(
        id="description-joined-order-unsure",
        title={
            "fr": "Les morceaux d'une description coupée aux virgules sont réunis ; leur ordre n'est pas certain.",
            "nl": "Stukken van een bij komma's gesplitste beschrijving zijn samengevoegd; hun volgorde is niet zeker.",
            "de": "Teile einer an Kommas zerlegten Beschreibung sind zusammengefügt; ihre Reihenfolge ist unsicher.",
            "en": "The pieces of a description that was split at commas are joined; their order is not certain.",
        },
        matches="As description-joined, but the order of the pieces cannot be told with confidence (data.gov.be: a "
        "piece that also occurs elsewhere stands before the beginning of the text).",
        changes="One description, the pieces in the most likely order, joined with a comma and a blank. The source "
        "should be asked for the text.",
        predicates=frozenset({DESCRIPTION}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:description "communes"@fr, "quartiers"@fr, "Nombre de permis par secteurs"@fr, '
            '"selon leur date"@fr .',
            after='<urn:example> dct:description "Nombre de permis par secteurs, communes, quartiers, '
            'selon leur date"@fr .',
        ),
        repair=_joined(DESCRIPTION, is_sure=False),
    ),
    Rule(
        id="title-joined",
        title={
            "fr": "Les morceaux d'un titre coupé aux virgules sont réunis.",
            "nl": "Stukken van een titel die bij komma's werd gesplitst, zijn weer samengevoegd.",
            "de": "Teile eines an Kommas zerlegten Titels sind wieder zusammengefügt.",
            "en": "The pieces of a title that was split at commas are joined again.",
        },
        matches="Several titles of one language that go on in lower case, in an order that can be told (data.gov.be: "
        "24 Brussels datasets).",
        changes="One title, the pieces joined with a comma and a blank.",
        predicates=frozenset({TITLE}),
        marks=frozenset({"several"}),
        example=Example(
            before='<urn:example> dct:title "Dienst - Lucht"@nl, "klimaat"@nl, "energie"@nl .',
            after='<urn:example> dct:title "Dienst - Lucht, klimaat, energie"@nl .',
        ),
        repair=_joined(TITLE, is_sure=True),
    ),
)
