"""All properties of an entity as a table, so that nothing that a source said is hidden."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from maillon.store.documents import Document, Documents
from maillon.web import display, links, property_names
from maillon.web.described import Description, compact, read
from maillon.web.texts import Text
from maillon.web.wording import _


@dataclass(frozen=True, slots=True)
class Value:
    """One object of a property.

    Attributes:
        text: Its lexical form, or the name of what it refers to.
        href: Address to follow, empty where there is none.
        iri: What it refers to, empty for a literal.
        note: Language tag or datatype as a prefixed name, empty for plain texts and references.
    """

    text: str
    href: str
    iri: str
    note: str


@dataclass(frozen=True, slots=True)
class Property:
    """One property with its objects.

    Attributes:
        label: What it is called in the visitor's language, empty where nobody named it.
        name: Its prefixed name.
        iri: Its IRI.
        values: Its objects.
    """

    label: str
    name: str
    iri: str
    values: list[Value]


@dataclass(frozen=True, slots=True)
class Node:
    """A subject with its properties.

    Attributes:
        iri: The subject.
        anchor: Identifier of its place in the page.
        label: Heading of its table.
        properties: Its properties, classes first.
    """

    iri: str
    anchor: str
    label: str
    properties: list[Property]


_PLAIN = "xsd:string"


def _value(item: NamedNode | Literal, known: dict[str, Document], anchors: dict[str, str], language: str) -> Value:
    if isinstance(item, Literal):
        note = item.language or compact(item.datatype.value)
        return Value(item.value, display.followed(item.value), "", "" if note == _PLAIN else note)
    iri = item.value
    if iri in anchors:
        return Value(_("Part of this record"), f"#{anchors[iri]}", iri, "")
    if iri in known:
        link = links.to_document(known[iri], language)
        return Value(link.label.value, link.href, iri, "")
    label = display.concept(iri, language)
    text = label.value if label.value != display.tail(iri) else compact(iri)
    return Value(text, display.followed(iri), iri, "")


def _objects(description: Description) -> Iterable[str]:
    for subject in description.subjects():
        for _predicate, objects in description.about(subject).properties():
            yield from (item.value for item in objects if isinstance(item, NamedNode))


def table(document: Document, documents: Documents, language: str) -> list[Node]:
    """Return everything that a document says: the entity first, then its embedded nodes."""
    description = read(document.iri, document.text)
    known = documents.many(dict.fromkeys(_objects(description)))
    known.pop(document.iri, None)
    subjects = description.subjects()
    names = property_names.names()
    anchors = {subject: f"node-{number}" for number, subject in enumerate(subjects)}
    return [
        Node(
            subject,
            anchors[subject],
            subject if not number else _("Part %(number)s of this record", number=number),
            [
                Property(
                    names.get(compact(predicate), ""),
                    compact(predicate),
                    predicate,
                    [_value(item, known, anchors, language) for item in objects],
                )
                for predicate, objects in description.about(subject).properties()
            ],
        )
        for number, subject in enumerate(subjects)
    ]


def heading(document: Document, language: str) -> Text:
    """Return what an entity is called."""
    return links.name(document, language)
