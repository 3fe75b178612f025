"""Describes a converted table: where its rows come from, and as a cube its structure, properties and code lists.

After `VoID <https://www.w3.org/TR/void/>`_ and `RDF Data Cube <https://www.w3.org/TR/vocab-data-cube/>`_. Components
have properties of ours: the integrity constraints ask each for a range, and what others' properties say is theirs. The
declared property is their super-property.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.records import Entity
from maillon.tabular import datatypes
from maillon.tabular.annotated import SELF, Subject
from maillon.tabular.declaration import Declaration, Field
from maillon.tabular.plan import STRUCTURE, Names
from maillon.tabular.resources import Resource
from maillon.vocabulary import PREFIXES, TITLE, TYPE, term

QB: Final = "http://purl.org/linked-data/cube#"
_UNIT: Final = NamedNode("http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure")
_SKOS: Final = PREFIXES["skos"]
_XSD: Final = PREFIXES["xsd"]
_LABEL: Final = term("rdfs:label")
KIND: Final = "data"


def qb(local: str) -> NamedNode:
    """Return the IRI of a term of RDF Data Cube."""
    return NamedNode(QB + local)


def _literals(texts: Mapping[str, str], otherwise: str) -> Iterator[Literal]:
    for tag, text in (texts or {"": otherwise}).items():
        yield Literal(text, language=tag) if tag else Literal(text)


def table(declaration: Declaration, names: Names, resource: Resource, about: Sequence[Triple]) -> Entity:
    """Return the entity of the table as a whole, whose IRI is that of the graph of its rows.

    Args:
        declaration: Of the table.
        names: Its IRIs.
        resource: Its dataset and distribution.
        about: What CSVW metadata says of it, with ``SELF`` as the subject.
    """
    node = NamedNode(names.graph)
    distribution = NamedNode(resource.distribution)
    triples = [
        Triple(node, TYPE, term("void:Dataset")),
        Triple(node, term("dct:source"), NamedNode(resource.dataset)),
        Triple(node, term("prov:wasDerivedFrom"), distribution),
        *(Triple(node, TITLE, text) for text in _literals(declaration.title, declaration.name)),
        *_walk(SELF, node, about),
    ]
    if declaration.is_cube:
        triples += [Triple(node, TYPE, qb("DataSet")), Triple(node, qb("structure"), NamedNode(names.root + STRUCTURE))]
    return Entity(names.graph, KIND, tuple(triples))


def _walk(start: Subject, node: NamedNode, about: Sequence[Triple]) -> Iterator[Triple]:
    """Yield what is said of ``start``, as said of ``node``, with the blank nodes that it leads to."""
    waiting: list[Subject] = [start]
    seen = {start}
    while waiting:
        current = waiting.pop()
        for triple in about:
            if triple.subject != current:
                continue
            yield Triple(node if current == start else triple.subject, triple.predicate, triple.object)
            if isinstance(triple.object, BlankNode) and triple.object not in seen:
                seen.add(triple.object)
                waiting.append(triple.object)


def structure(declaration: Declaration, names: Names) -> Iterator[Entity]:
    """Yield the structure of a cube, then its component properties; nothing for other tables."""
    if not declaration.is_cube:
        return
    node = NamedNode(names.root + STRUCTURE)
    components = [item for item in declaration.fields if item.role]
    triples = [Triple(node, TYPE, qb("DataStructureDefinition"))]
    for order, item in enumerate(components, start=1):
        part = BlankNode(f"component{order}")
        triples += [Triple(node, qb("component"), part), *_component(part, item, names, order)]
    if any(item.unit for item in components):
        part = BlankNode("unit")
        triples += [
            Triple(node, qb("component"), part),
            Triple(part, TYPE, qb("ComponentSpecification")),
            Triple(part, qb("attribute"), _UNIT),
            Triple(part, qb("componentAttachment"), qb("MeasureProperty")),
        ]
    yield Entity(node.value, KIND, tuple(triples))
    for item in components:
        yield _property(item, names)


def _component(part: BlankNode, item: Field, names: Names, order: int) -> Iterator[Triple]:
    yield Triple(part, TYPE, qb("ComponentSpecification"))
    yield Triple(part, qb(item.role), NamedNode(names.property(item)))
    yield Triple(part, qb("order"), Literal(str(order), datatype=NamedNode(_XSD + "integer")))
    if item.role == "attribute":
        required = "true" if item.column.required else "false"
        yield Triple(part, qb("componentRequired"), Literal(required, datatype=NamedNode(_XSD + "boolean")))


def _property(item: Field, names: Names) -> Entity:
    node = NamedNode(names.property(item))
    triples = [
        Triple(node, TYPE, qb(f"{item.role.capitalize()}Property")),
        *(Triple(node, _LABEL, text) for text in _literals(item.label, item.column.title)),
        Triple(node, term("rdfs:range"), NamedNode(_range(item))),
    ]
    if item.property:
        triples.append(Triple(node, term("rdfs:subPropertyOf"), NamedNode(item.property)))
    if item.labels:
        triples += [
            Triple(node, TYPE, qb("CodedProperty")),
            Triple(node, qb("codeList"), NamedNode(names.scheme(item))),
        ]
    if item.unit:
        triples.append(Triple(node, _UNIT, NamedNode(item.unit)))
    return Entity(node.value, KIND, tuple(triples))


def _range(item: Field) -> str:
    if item.range:
        return item.range
    if item.labels:
        return _SKOS + "Concept"
    is_link = item.codes is not None or item.column.codes is not None or item.column.value_url is not None
    if is_link:
        return PREFIXES["rdfs"] + "Resource"
    if item.column.lang:
        return PREFIXES["rdf"] + "langString"
    return datatypes.iri_of(item.column.datatype)


def code_lists(declaration: Declaration, names: Names) -> Iterator[Entity]:
    """Yield the concept schemes whose concepts the declaration names by label, and their concepts."""
    for item in declaration.fields:
        if not item.labels:
            continue
        scheme = NamedNode(names.scheme(item))
        concepts = {text: NamedNode(names.code(item, text)) for text in item.labels}
        triples = [
            Triple(scheme, TYPE, NamedNode(_SKOS + "ConceptScheme")),
            *(Triple(scheme, _LABEL, text) for text in _literals(item.label, item.column.title)),
            *(Triple(scheme, NamedNode(_SKOS + "hasTopConcept"), concept) for concept in concepts.values()),
        ]
        yield Entity(scheme.value, KIND, tuple(triples))
        yield from (_concept(concept, text, item.labels[text], scheme) for text, concept in concepts.items())


def _concept(node: NamedNode, notation: str, label: str, scheme: NamedNode) -> Entity:
    triples = (
        Triple(node, TYPE, NamedNode(_SKOS + "Concept")),
        Triple(node, NamedNode(_SKOS + "inScheme"), scheme),
        Triple(node, NamedNode(_SKOS + "notation"), Literal(notation)),
        Triple(node, NamedNode(_SKOS + "prefLabel"), Literal(label)),
    )
    return Entity(node.value, KIND, triples)


def others(about: Sequence[Triple]) -> Iterator[Entity]:
    """Yield the entities that CSVW metadata describes beside the table, such as a structure of its own."""
    for subject in dict.fromkeys(triple.subject for triple in about):
        if isinstance(subject, NamedNode):
            yield Entity(subject.value, KIND, tuple(_walk(subject, subject, about)))
