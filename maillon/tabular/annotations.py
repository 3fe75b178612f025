"""Turns what CSVW metadata says of a table (common properties and notes, JSON-LD values) into triples.

Only the part of JSON-LD that `CSVW allows <https://www.w3.org/TR/tabular-metadata/#common-properties>`_, converted as
`csv2rdf, section 6 <https://www.w3.org/TR/csv2rdf/#json-ld-to-rdf>`_ says. No context is ever fetched.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.tabular.annotated import CSVW, SELF, Subject, Value
from maillon.tabular.templates import resolver
from maillon.vocabulary import PREFIXES, TYPE

_DEEPEST: Final = 20
_NOTE: Final = NamedNode(CSVW + "note")
_XSD: Final = PREFIXES["xsd"]


def texts(value: Any) -> list[str]:
    """Return the texts of a natural language property (text, list, or texts by language)."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) else []


def triples(description: Mapping[str, Any], base: str, language: str) -> Iterator[Triple]:
    """Yield what common properties and notes of a description say, about ``SELF``.

    Args:
        description: Of a table or a group of tables.
        base: What relative addresses are relative to.
        language: BCP 47 tag of texts that have none, empty for none.
    """
    writer = _Writer(base, language)
    for key, value in description.items():
        if ":" in key:
            writer.property(SELF, NamedNode(writer.resolve(key)), value, 0)
    if isinstance(notes := description.get("notes"), list | dict):
        writer.property(SELF, _NOTE, notes, 0)
    yield from writer.found


class _Writer:
    def __init__(self, base: str, language: str) -> None:
        self.resolve = resolver(base)
        self.found: list[Triple] = []
        self._language = language

    def property(self, subject: Subject, predicate: NamedNode, value: Any, depth: int) -> None:
        """Add the triples of one property of a subject."""
        for item in value if isinstance(value, list) else [value]:
            made = self._value(item, depth + 1)
            if made is not None:
                self.found.append(Triple(subject, predicate, made))

    def _value(self, item: Any, depth: int) -> Value | None:
        if isinstance(item, dict):
            return self._object(item, depth)
        if isinstance(item, str):
            return Literal(item, language=self._language) if self._language else Literal(item)
        return None if item is None or isinstance(item, list) else _scalar(item)

    def _object(self, item: Mapping[str, Any], depth: int) -> Value | None:
        if "@value" in item:
            return self._literal(item)
        if depth > _DEEPEST:
            return None
        name = item.get("@id")
        node: Subject = NamedNode(self.resolve(name)) if isinstance(name, str) else BlankNode()
        for name in texts(item.get("@type")):
            self.found.append(Triple(node, TYPE, NamedNode(self.resolve(name))))
        for key, value in item.items():
            if not key.startswith("@"):
                self.property(node, NamedNode(self.resolve(key)), value, depth)
        return node

    def _literal(self, item: Mapping[str, Any]) -> Literal:
        value = item["@value"]
        text = value if isinstance(value, str) else _scalar(value).value
        if isinstance(kind := item.get("@type"), str):
            known = PREFIXES["xsd"] + kind if ":" not in kind else kind
            return Literal(text, datatype=NamedNode(self.resolve(known)))
        if isinstance(tag := item.get("@language"), str) and tag:
            return Literal(text, language=tag)
        return Literal(text) if isinstance(value, str) else _scalar(value)


def _scalar(value: Any) -> Literal:
    if isinstance(value, bool):
        return Literal("true" if value else "false", datatype=NamedNode(_XSD + "boolean"))
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return Literal(str(int(value)), datatype=NamedNode(_XSD + "integer"))
    return Literal(repr(value), datatype=NamedNode(_XSD + "double"))
