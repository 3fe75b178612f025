"""The rules of ``shapes/`` for people: the field that a rule is about, what is wrong, what to do, where it is written.

Turns the annotations of property shapes (``sh:name``, ``sh:message``, ``rdfs:seeAlso``; SHACL, section 2.3.2,
https://www.w3.org/TR/shacl/#nonValidation) into texts in the visitor's language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import paths, validation
from maillon.vocabulary import term

_NAME: Final = term("sh:name")
_SEE_ALSO: Final = term("rdfs:seeAlso")
# The end of a sentence, not the full stop of "z. B.", "e.g.", "p. ex.", "bv.", "cf." or "art." before a capital.
_END: Final = re.compile(r"(?<![\s.(]\w)(?<!\b(?:ex|bv|cf|nr|Nr))(?<!\b(?:art|Art|usw))\.\s+(?=[A-ZÀ-ÖØ-Þ„«“])")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a shape says of itself.

    Attributes:
        names: What the field is called, by language.
        specification: Address of the passage that the rule comes from, empty where none is named.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    specification: str = ""


@cache
def _rules(folder: Path = paths.SHAPES) -> dict[str, Rule]:
    names: dict[str, dict[str, str]] = {}
    passages: dict[str, str] = {}
    for path in sorted(folder.glob("*.ttl")):
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE):
            shape, value = quad.subject, quad.object
            if not isinstance(shape, NamedNode):
                continue
            if quad.predicate == _NAME and isinstance(value, Literal):
                names.setdefault(shape.value, {})[value.language or ""] = value.value
            elif quad.predicate == _SEE_ALSO and isinstance(value, NamedNode):
                passages.setdefault(shape.value, value.value)
    return {shape: Rule(names.get(shape, {}), passages.get(shape, "")) for shape in {*names, *passages}}


def name(shape: str, language: str) -> str:
    """Return what the field of a rule is called, empty where the shapes do not name it (any more)."""
    names = _rules().get(shape, Rule()).names
    return next((names[tag] for tag in (language, "en", "") if tag in names), "")


def specification(shape: str) -> str:
    """Return the address of the passage that a rule comes from, empty where none is named."""
    return _rules().get(shape, Rule()).specification


def is_known(shape: str) -> bool:
    """Tell whether the shapes have a rule of this IRI."""
    return shape in _rules()


def wrong_and_to_do(shape: str, language: str) -> tuple[str, str]:
    """Return what is wrong (the first sentence of the rule's message) and what to do (the rest, may be empty)."""
    text = validation.message(shape, language)
    match = _END.search(text)
    return (text[: match.start() + 1], text[match.end() :]) if match else (text, "")


def printable(text: str) -> str:
    """Return a text without the characters that XML 1.0 (section 2.2) cannot hold; each is replaced by U+FFFD."""
    return _CONTROL.sub("\ufffd", text)
