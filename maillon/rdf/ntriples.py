"""Writes terms and whole entities as lines of canonical N-Triples, which is what their identity is made of.

What is mapped is written down once and read only where somebody asks for its triples: to make a triple of terms costs
pyoxigraph 0.5 3 to 4 µs, to write its line 0.3 µs.
https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import Literal, RdfFormat, Triple, parse, serialize

from maillon.records import Entity
from maillon.vocabulary import term

_set = object.__setattr__  # of a frozen class


def literal(text: str, suffix: str = "") -> str:
    """Return a literal as it stands in a line.

    Args:
        text: The lexical form, without lone surrogates.
        suffix: What ``tagged`` or ``typed`` gives, empty for a plain text.
    """
    # Of the printable signs only these two are escaped (compared with pyoxigraph for all of Unicode).
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"{suffix}'
    return f"{Literal(text)}{suffix}"


class _Predicates(dict[str, str]):
    """Predicates with the blanks around them, by their prefixed names: there are no more than code names."""

    def __missing__(self, name: str) -> str:
        self[name] = written = f" {prefixed(name)} "
        return written


PREDICATES: Final = _Predicates()
"""What stands between subject and object, by prefixed name such as ``dct:title``."""


def iri(value: str) -> str:
    """Return an IRI that is known to be valid as it stands in a line."""
    return f"<{value}>"


@lru_cache(maxsize=4_096)
def tagged(tag: str) -> str:
    """Return what stands behind a text in a language, empty for a tag that BCP 47 does not allow."""
    try:
        return str(Literal("", language=tag))[2:] if tag else ""
    except ValueError:  # well-formed parts in the wrong order
        return ""


@lru_cache(maxsize=4_096)
def prefixed(name: str) -> str:
    """Return the IRI of a prefixed name, such as ``dct:title``, as it stands in a line."""
    return str(term(name))


@lru_cache(maxsize=4_096)
def typed(datatype: str) -> str:
    """Return what stands behind a text of a datatype, which is a prefixed name such as ``xsd:date``."""
    return f"^^{prefixed(datatype)}"


def lines(entity: Entity) -> list[str]:
    """Return the lines of an entity, without line feeds and each as often as it was said."""
    if isinstance(entity, Written):
        return list(entity.lines)
    written = (serialize(entity.triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    return written.split("\n")[:-1]


def triples(text: str) -> list[Triple]:
    """Read N-Triples back, in their order. Raises SyntaxError for what is none."""
    return [quad.triple for quad in parse(text.encode(), RdfFormat.N_TRIPLES)]


class Written(Entity):
    """An entity that is kept as its lines; ``triples`` are read from them when first asked for.

    Attributes:
        lines: Canonical N-Triples without line feeds, embedded nodes still blank, in the order in which they were
            added.
        has_blank: False where none of the lines holds a blank node, so that nobody need look for one.
    """

    __slots__ = ("has_blank", "lines")

    lines: Sequence[str]
    has_blank: bool

    def __init__(self, iri: str, kind: str, lines: Sequence[str], has_blank: bool = True) -> None:
        _set(self, "iri", iri)
        _set(self, "kind", kind)
        _set(self, "lines", lines)
        _set(self, "has_blank", has_blank)

    def __getattr__(self, name: str) -> Any:
        # Called for what is not set, which is only `triples` before they are first asked for.
        if name != "triples":
            raise AttributeError(name)
        read = tuple(triples("\n".join(self.lines)))
        _set(self, "triples", read)
        return read
