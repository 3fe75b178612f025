"""The rule that turns sizes of files with units into octets (``dcat:byteSize``, DCAT 3)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, Triple

from maillon.rdf.lexical import stated
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import term

_SIZE: Final = term("dcat:byteSize")
_OCTETS: Final = term("xsd:nonNegativeInteger")
_NUMBER = r"(\d{1,15}(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d{1,6})?)"
_SIZE_TEXT = re.compile(rf"{_NUMBER}\s*([a-z]*)\.?", re.IGNORECASE)
_UNITS: Final = {
    "": 1, "b": 1, "o": 1, "byte": 1, "bytes": 1, "octet": 1, "octets": 1,
    "k": 10**3, "kb": 10**3, "ko": 10**3, "m": 10**6, "mb": 10**6, "mo": 10**6, "g": 10**9, "gb": 10**9, "go": 10**9,
    "tb": 10**12, "to": 10**12, "kib": 2**10, "kio": 2**10, "mib": 2**20, "mio": 2**20, "gib": 2**30, "gio": 2**30,
}  # fmt: skip


def octets(text: str) -> int | None:
    """Return the number of octets that a text states; ``kB`` and ``ko`` are decimal, ``KiB`` binary (IEC 80000-13)."""
    match = _SIZE_TEXT.fullmatch(stated(text))
    factor = _UNITS.get(match[2].lower()) if match else None
    if match is None or factor is None:
        return None
    number = Decimal(re.sub(r"[ \u00a0\u202f]", "", match[1]).replace(",", "."))
    return int(number * factor)


def _sizes(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_SIZE):
        size = triple.object
        if not isinstance(size, Literal) or (size.datatype == _OCTETS and size.value.isdecimal()):
            continue
        number = octets(size.value)
        if number is not None:
            yield Change((triple,), (Triple(triple.subject, _SIZE, Literal(str(number), datatype=_OCTETS)),))


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="size-in-octets",
        title={
            "fr": "Traduit une taille de fichier en nombre d'octets.",
            "nl": "Zet een bestandsgrootte om in een aantal bytes.",
            "de": "Rechnet eine Dateigröße in eine Anzahl Bytes um.",
            "en": "Turns a file size into a number of octets.",
        },
        matches="dcat:byteSize with a unit (`42 octets`, `4681 bytes`, `12,5 Mo`: DKAN and CKAN), or typed as text, "
        "decimal or double.",
        changes="An xsd:nonNegativeInteger; kB and ko are 1,000 octets, KiB and Kio 1,024.",
        predicates=frozenset({_SIZE}),
        example=Example(
            kind="distribution",
            before='<urn:example> a dcat:Distribution ; dcat:byteSize "12,5 Mo" .',
            after='<urn:example> a dcat:Distribution ; dcat:byteSize "12500000"^^xsd:nonNegativeInteger .',
        ),
        repair=_sizes,
    ),
)
"""The one rule."""
