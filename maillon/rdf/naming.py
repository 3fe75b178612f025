"""Gives blank nodes that deserve an identity a minted IRI that is the same on every harvest.

Identity, by class, from what the source says and never from a position or a blank node label:

- dataset, series: ``dct:identifier``, else landing page, else title (both hashed: the last resort);
- distribution: its dataset with ``dcat:accessURL`` and ``dcat:downloadURL``;
- service: ``dct:identifier``, else endpoint URL, else title;
- catalogue: ``dct:identifier``, else homepage, else title, else the source itself;
- catalogue record: what it is about (``foaf:primaryTopic``);
- agent: homepage, else ``dct:identifier``, mailbox, name.

Two datasets, series, services or distributions with one identity but different titles, landing pages, formats or
media types are two things: the first by content keeps the plain IRI, the others get one with a hash of that content.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Dataset, Literal, NamedNode

from maillon import identifiers, vocabulary
from maillon.records import Node
from maillon.vocabulary import term

_LANDING_PAGE: Final = term("dcat:landingPage")
_ENDPOINT: Final = term("dcat:endpointURL")
_HOMEPAGE: Final = term("foaf:homepage")
_MAILBOX: Final = term("foaf:mbox")
_FORMAT: Final = term("dct:format")
_MEDIA_TYPE: Final = term("dcat:mediaType")

CLASSES: Final[Mapping[NamedNode, str]] = {
    vocabulary.CATALOG: "catalog",
    vocabulary.DATASET_SERIES: "series",
    vocabulary.DATASET: "dataset",
    vocabulary.DATA_SERVICE: "service",
    vocabulary.DISTRIBUTION: "distribution",
    vocabulary.CATALOG_RECORD: "record",
    **dict.fromkeys(vocabulary.AGENT_CLASSES, "organisation"),
}
"""Classes whose blank nodes are named; the first that applies decides."""
_ORDER: Final = ("catalog", "series", "dataset", "service", "organisation", "distribution", "record")
ROLES: Final[Mapping[NamedNode, NamedNode]] = {
    vocabulary.HAS_DISTRIBUTION: vocabulary.DISTRIBUTION,
    vocabulary.SAMPLE: vocabulary.DISTRIBUTION,
    vocabulary.HAS_DATASET: vocabulary.DATASET,
    vocabulary.HAS_SERVICE: vocabulary.DATA_SERVICE,
    vocabulary.HAS_RECORD: vocabulary.CATALOG_RECORD,
    vocabulary.PUBLISHER: vocabulary.AGENT,
}
"""Class of an untyped blank node by the property that leads to it: the property's range in DCAT."""
_OWNING: Final = (vocabulary.HAS_DISTRIBUTION, vocabulary.SAMPLE)
_IDENTITY: Final[Mapping[str, tuple[NamedNode, ...]]] = {
    "catalog": (vocabulary.IDENTIFIER, _HOMEPAGE, vocabulary.TITLE),
    "series": (vocabulary.IDENTIFIER, _LANDING_PAGE, vocabulary.TITLE),
    "dataset": (vocabulary.IDENTIFIER, _LANDING_PAGE, vocabulary.TITLE),
    "service": (vocabulary.IDENTIFIER, _ENDPOINT, vocabulary.TITLE),
    "organisation": (_HOMEPAGE, vocabulary.IDENTIFIER, _MAILBOX, vocabulary.NAME),
}
_DISTINCT: Final[Mapping[str, tuple[NamedNode, ...]]] = {
    **dict.fromkeys(("series", "dataset", "service"), (vocabulary.TITLE, _LANDING_PAGE)),
    "distribution": (vocabulary.TITLE, _FORMAT, _MEDIA_TYPE),
}


@dataclass(slots=True)
class Names:
    """What naming found.

    Attributes:
        iri: The minted IRI of each named blank node.
        implied: The class that its role gives to a blank node that has none.
        refused: Blank nodes of a class that needs an identity, which have none; by kind.
    """

    iri: dict[BlankNode, NamedNode] = field(default_factory=dict)
    implied: dict[BlankNode, NamedNode] = field(default_factory=dict)
    refused: dict[BlankNode, str] = field(default_factory=dict)


def name(graph: Dataset, source: str, base: str) -> Names:
    """Mint the IRIs of a graph's blank nodes.

    Args:
        graph: All quads of one run; graph names do not matter.
        source: Name of the source, part of every minted IRI.
        base: The setting ``base_iri``.
    """
    names = Names()
    kinds, owners = _survey(graph, names)
    for kind in _ORDER:
        nodes = sorted((node for node, its in kinds.items() if its == kind), key=str)
        _mint(_Namer(graph, names, owners), kind, nodes, source, base)
    return names


_Owners = dict[BlankNode, list[Node]]


def _survey(graph: Dataset, names: Names) -> tuple[dict[BlankNode, str], _Owners]:
    """Read the kind of each blank node worth naming, and what owns each distribution."""
    types: dict[BlankNode, set[NamedNode]] = {}
    roles: dict[BlankNode, set[NamedNode]] = {}
    owners: _Owners = {}
    for quad in graph:
        subject, target = quad.subject, quad.object
        if isinstance(subject, BlankNode) and isinstance(target, NamedNode) and quad.predicate == vocabulary.TYPE:
            types.setdefault(subject, set()).add(target)
        elif isinstance(target, BlankNode) and quad.predicate in ROLES and isinstance(subject, Node):
            roles.setdefault(target, set()).add(ROLES[quad.predicate])
            if quad.predicate in _OWNING:
                owners.setdefault(target, []).append(subject)
    for node, classes in roles.items():
        if node not in types and any(True for _ in graph.quads_for_subject(node)):
            names.implied[node] = min(classes, key=str)
            types[node] = {names.implied[node]}
    return _kinds(types), owners


def _kinds(types: Mapping[BlankNode, set[NamedNode]]) -> dict[BlankNode, str]:
    kinds = {}
    for node, classes in types.items():
        kind = next((kind for cls, kind in CLASSES.items() if cls in classes), "")
        # A contact point that is also called an agent stays a contact point.
        if kind and not (kind == "organisation" and classes.intersection(vocabulary.KIND_CLASSES)):
            kinds[node] = kind
    return kinds


class _Namer:
    """Reads what identifies a blank node."""

    def __init__(self, graph: Dataset, names: Names, owners: _Owners) -> None:
        self._graph = graph
        self._names = names
        self._owners = owners

    def values(self, node: BlankNode, properties: Sequence[NamedNode]) -> Iterator[str]:
        """Yield, for each property, its values as one text; nothing for a property without any."""
        found: dict[NamedNode, set[str]] = {}
        for quad in self._graph.quads_for_subject(node):
            target = self._names.iri.get(quad.object) if isinstance(quad.object, BlankNode) else quad.object
            if quad.predicate in properties and isinstance(target, NamedNode | Literal):
                found.setdefault(quad.predicate, set()).add(target.value.strip())
        for item in properties:
            texts = sorted(found.get(item, set()) - {""})
            if texts:
                # One identifier is enough, and the least likely to change; of names and pages all count.
                yield texts[0] if item == vocabulary.IDENTIFIER else "\n".join(texts)

    def identity(self, kind: str, node: BlankNode) -> str | None:
        """Return what identifies a node inside its source, or None."""
        if kind == "distribution":
            return self._distribution(node)
        if kind == "record":
            return next(self.values(node, [vocabulary.PRIMARY_TOPIC]), None)
        return next(self.values(node, _IDENTITY[kind]), "catalog" if kind == "catalog" else None)

    def distinction(self, kind: str, node: BlankNode) -> str:
        return "\n\n".join(self.values(node, _DISTINCT.get(kind, ())))

    def _distribution(self, node: BlankNode) -> str | None:
        owners = []
        for owner in self._owners.get(node, ()):
            iri = self._names.iri.get(owner) if isinstance(owner, BlankNode) else owner
            if iri is not None:
                owners.append(iri.value)
        addresses = list(self.values(node, [vocabulary.ACCESS_URL, vocabulary.DOWNLOAD_URL]))
        if not owners and not addresses:
            return None
        return "\n\n".join([min(owners, default=""), *addresses])


def _mint(namer: _Namer, kind: str, nodes: Sequence[BlankNode], source: str, base: str) -> None:
    by_identity: dict[str, dict[str, list[BlankNode]]] = {}
    for node in nodes:
        identity = namer.identity(kind, node)
        if identity is not None:
            by_identity.setdefault(identity, {}).setdefault(namer.distinction(kind, node), []).append(node)
        elif kind in _DISTINCT:
            namer._names.refused[node] = kind
    for identity, variants in by_identity.items():
        for position, distinction in enumerate(sorted(variants)):
            # The second of two things with one identity is told apart by its content, never by its place.
            text = identity if position == 0 else f"{identity}\n{identifiers.digest(distinction)}"
            iri = NamedNode(identifiers.mint(base, kind, source, text))
            namer._names.iri.update(dict.fromkeys(variants[distinction], iri))
