"""Turn what a caller gives for a parameter of a saved query into the RDF term meant, or say what is wrong with it.

The types are those that people fill into a form: an absolute IRI (RFC 3987), a text, an integer, a date (``xsd:date``
without a zone) and a language tag (RFC 5646). A term is bound as a value and never becomes a part of the query's text.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from maillon import identifiers
from maillon.errors import MaillonError
from maillon.vocabulary import term

Term = NamedNode | Literal

LONGEST: Final = 1_000
"""Characters of a value."""
_SHOWN: Final = 60
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,5}")


class ValueRefused(MaillonError):
    """A value is none of its parameter's. The message names the parameter, what is wrong, and an example."""


def _iri(value: str) -> Term | None:
    return NamedNode(value) if identifiers.is_absolute(value) else None


def _text(value: str) -> Term | None:
    # NUL and its like have no place in XML results, and nobody types them.
    return None if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value) else Literal(value)


def _integer(value: str) -> Term | None:
    return Literal(int(value)) if _INTEGER.fullmatch(value) else None


def _date(value: str) -> Term | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        date.fromisoformat(value)
    except ValueError:
        return None
    return Literal(value, datatype=term("xsd:date"))


def _language(value: str) -> Term | None:
    # Oxigraph keeps language tags in lower case, so LANG() gives them so.
    return Literal(value.lower()) if _LANGUAGE.fullmatch(value) else None


_TYPES: Final[Mapping[str, tuple[Callable[[str], Term | None], str]]] = {
    "iri": (_iri, "an absolute IRI"),
    "text": (_text, "a text without control characters"),
    "integer": (_integer, "a whole number"),
    "date": (_date, "a date written YYYY-MM-DD"),
    "language": (_language, "a language tag"),
}
TYPES: Final = tuple(_TYPES)
"""What a parameter can be declared as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a saved query, as its file declares it.

    Attributes:
        name: Its name, which is also the variable of the query.
        type: One of TYPES.
        labels: What a form calls it, by language.
        default: Value where the caller gives none, as a caller would write it; None where it may be left out.
        example: A value to try.
        values: The only values allowed, empty for any of the type.
        least: Smallest value of an integer or a date, empty for none.
        most: Largest value, empty for none.
    """

    name: str
    type: str
    labels: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    example: str = ""
    values: tuple[str, ...] = ()
    least: str = ""
    most: str = ""

    def term(self, value: str) -> Term:
        """Return the term that a value stands for.

        Raises:
            ValueRefused: It is not of the type, too long, not in the range or not on the list.
        """
        if len(value) > LONGEST:
            raise self._refused(f"it has {len(value)} characters, at most {LONGEST} are accepted")
        read, wanted = _TYPES[self.type]
        found = read(value)
        if found is None:
            raise self._refused(f"{_shown(value)} is not {wanted}")
        if self.values and value not in self.values:
            raise self._refused(f"{_shown(value)} is none of {', '.join(self.values)}")
        if self._is_outside(value):
            raise self._refused(f"{_shown(value)} is not {self.range}")
        return found

    @property
    def range(self) -> str:
        """The range in words, empty where there is none."""
        if self.least and self.most:
            return f"between {self.least} and {self.most}"
        return f"at least {self.least}" if self.least else f"at most {self.most}" if self.most else ""

    def _is_outside(self, value: str) -> bool:
        read: Callable[[str], object] = int if self.type == "integer" else str  # ISO dates sort as text
        small, large = self.least or value, self.most or value
        return not read(small) <= read(value) <= read(large)  # type: ignore[operator]  # both int or both str

    def _refused(self, reason: str) -> ValueRefused:
        return ValueRefused(f"Parameter {self.name}: {reason}. Send, for example, {self.name}={self.example}.")


def _shown(value: str) -> str:
    """Return a value for a message: short, and without anything that a terminal would obey."""
    return (
        ascii(value[:_SHOWN] + "…" * (len(value) > _SHOWN))
        if not value.isprintable()
        else repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
    )
