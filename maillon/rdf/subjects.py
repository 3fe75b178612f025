"""Turns the quads of a source into one ``Described`` for every subject that has an IRI, with its embedded blank nodes.

Blank datasets, distributions, services, series, catalogues, catalogue records and agents are named first (``naming``);
all other blank nodes (contact points, periods, places, checksums ...) stay embedded in every subject that leads to
them; so do subjects with an IRI that means nothing outside the source (``file:``). A subject that is only referred to
gets no record. Blank nodes that no subject leads to, and datasets without any identity, are yielded as ``Rejected``, so
that nothing is lost without a word.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Dataset, Literal, NamedNode, Quad, Triple

from maillon import identifiers, vocabulary
from maillon.rdf import naming
from maillon.rdf.order import TextOrder
from maillon.records import Described, Node, Rejected
from maillon.sources import Source

_SPEAKING: Final = ("mailto:", "tel:", "geo:", "data:")
MAX_EMBEDDED: Final = 5000
"""Blank nodes that one subject may have; the largest of 17,828 datasets of data.gov.be has fewer than 100."""


MAX_IRI: Final = 2048
"""Characters that the IRI of a subject may have."""
_MAX_COPIES: Final = 20
"""How many times the triples of a graph may be yielded on average, because blank nodes are shared."""


def split(
    quads: Iterable[Quad], source: Source, base: str, note: str = "", order: TextOrder | None = None
) -> Iterator[Described | Rejected]:
    """Yield the subjects of a graph, ordered by IRI; then what had to be rejected.

    Args:
        quads: All quads of one run, or of one member of a feed; a Dataset is used as it is. Graph names do not matter.
            Blank node labels must not collide.
        source: Where they come from; its name is part of minted IRIs.
        base: The setting ``base_iri``.
        note: What had to be done to read them.
        order: The order of titles and descriptions in the documents, where ``quads`` is a Dataset, which has none.
    """
    order = TextOrder() if order is None else order
    graph = _embedding(quads if isinstance(quads, Dataset) else Dataset(order.watch(quads)))
    names = naming.name(graph, source.name, base)
    reached: set[BlankNode] = set(names.refused)
    blanks: set[BlankNode] = set()
    left = _MAX_COPIES * (len(graph) + 1000)
    for subject, nodes in sorted(_subjects(graph, names, blanks).items()):
        collector = _Collector(graph, names).collect(nodes)
        reached |= collector.seen
        left -= len(collector.triples)
        if len(collector.seen) > MAX_EMBEDDED or left < 0:
            yield Rejected(
                subject, "too many embedded nodes", f"more than {MAX_EMBEDDED}, or shared by too many", is_dataset=False
            )
        else:
            yield Described(NamedNode(subject), order.sorted(collector.triples), note)
    reached |= _Collector(graph, names).collect(names.refused).seen
    yield from _refused(graph, names)
    yield from _lost(graph, blanks - reached)


def _can_stand(iri: str) -> bool:
    return len(iri) <= MAX_IRI and identifiers.is_absolute(iri)


def _embedding(graph: Dataset) -> Dataset:
    """Make blank nodes of subjects whose IRI means nothing outside the source (``file:``, ``internal:``, ``mailto:``).

    Their triples are kept, embedded in what refers to them; but an IRI that carries data of its own, as ``mailto:``
    does, stays as object too.
    """
    local: dict[NamedNode, BlankNode] = {}
    for quad in graph:
        node = quad.subject
        if isinstance(node, NamedNode) and node not in local and not _can_stand(node.value):
            local[node] = BlankNode()
    if not local:
        return graph
    changed = Dataset()
    for quad in graph:
        subject, target = quad.subject, quad.object
        subject = local.get(subject, subject) if isinstance(subject, NamedNode) else subject
        if isinstance(target, NamedNode) and target in local:
            if target.value.lower().startswith(_SPEAKING):
                changed.add(Quad(subject, quad.predicate, target))
            target = local[target]
        changed.add(Quad(subject, quad.predicate, target))
    return changed


def _subjects(graph: Dataset, names: naming.Names, blanks: set[BlankNode]) -> dict[str, list[Node]]:
    """Return the nodes of each subject by IRI; unnamed blank nodes that have triples are added to ``blanks``."""
    found: dict[str, set[Node]] = {}
    for quad in graph:
        node = quad.subject
        if isinstance(node, NamedNode):
            found.setdefault(node.value, set()).add(node)
        elif isinstance(node, BlankNode) and node in names.iri:
            found.setdefault(names.iri[node].value, set()).add(node)
        elif isinstance(node, BlankNode):
            blanks.add(node)
    return {iri: list(nodes) for iri, nodes in found.items()}


class _Collector:
    """Collects the triples of one subject and of the blank nodes that it embeds."""

    def __init__(self, graph: Dataset, names: naming.Names) -> None:
        self._graph = graph
        self._names = names
        self.triples: set[Triple] = set()
        self.seen: set[BlankNode] = set()

    def collect(self, nodes: Iterable[Node]) -> "_Collector":
        names = self._names
        todo = list(nodes)
        while todo and len(self.seen) <= MAX_EMBEDDED:
            node = todo.pop()
            subject = names.iri.get(node, node) if isinstance(node, BlankNode) else node
            if isinstance(node, BlankNode) and node in names.implied:
                self.triples.add(Triple(subject, vocabulary.TYPE, names.implied[node]))
            for quad in self._graph.quads_for_subject(node):
                target = quad.object
                if not isinstance(target, BlankNode):
                    self.triples.add(quad.triple if subject is node else Triple(subject, quad.predicate, target))
                elif target in names.iri:
                    self.triples.add(Triple(subject, quad.predicate, names.iri[target]))
                elif target not in names.refused:
                    self.triples.add(Triple(subject, quad.predicate, target))
                    if target not in self.seen:
                        self.seen.add(target)
                        todo.append(target)
        return self


def _describe(graph: Dataset, node: BlankNode) -> str:
    """Say in words which blank node is meant: its class, and the first of its texts."""
    types, texts = [], []
    for quad in graph.quads_for_subject(node):
        if quad.predicate == vocabulary.TYPE and isinstance(quad.object, NamedNode):
            types.append(quad.object.value.replace("#", "/").rsplit("/", 1)[-1])
        elif isinstance(quad.object, Literal | NamedNode):
            texts.append(quad.object.value[:80])
    return f"{min(types, default='blank node')} without IRI: {min(texts, default='no text')}"


def _refused(graph: Dataset, names: naming.Names) -> Iterator[Rejected]:
    for text, kind in sorted((_describe(graph, node), kind) for node, kind in names.refused.items()):
        yield Rejected(
            text, "no identity", f"a {kind} needs an IRI, an identifier, a page or a title", kind == "dataset"
        )


def _lost(graph: Dataset, nodes: set[BlankNode]) -> Iterator[Rejected]:
    """Report blank nodes that nothing leads to, once for each tree of them; a cycle counts as its nodes."""
    inner: set[BlankNode] = set()
    for node in nodes:
        for quad in graph.quads_for_subject(node):
            if isinstance(quad.object, BlankNode) and quad.object != node:
                inner.add(quad.object)
    for text in sorted(_describe(graph, node) for node in (nodes - inner or nodes)):
        yield Rejected(text, "no identity", "no subject with an IRI leads to it", is_dataset=False)
