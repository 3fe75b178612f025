"""Reads how a catalogue is spread over pages, and takes that out of what it says.

Three vocabularies: Hydra as it was (``hydra:PagedCollection`` with ``nextPage``), Hydra as it is
(``PartialCollectionView`` with ``next``), and `TREE <https://w3id.org/tree/specification>`_ (``tree:relation`` with
``tree:node``, ``tree:view``). Some portals write the address of the next page as a text. Of TREE also what spares a
client to read a page again: that it is immutable, and up to which value its members go.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from pyoxigraph import Literal, NamedNode, Quad

from maillon.vocabulary import PREFIXES, TYPE, term

_NEXT: Final = frozenset({term("hydra:next"), term("hydra:nextPage"), term("tree:node")})
_VIEW: Final = term("tree:view")
_NODE: Final = term("tree:node")
_PATH: Final = term("tree:path")
_VALUE: Final = term("tree:value")
_BELOW: Final = term("tree:LessThanRelation")
_NOT_ABOVE: Final = term("tree:LessThanOrEqualToRelation")
_IMMUTABLE: Final = term("ldes:immutable")
_HYDRA_PAGING: Final = frozenset(
    term(f"hydra:{name}")
    for name in (
        "next", "nextPage", "previous", "previousPage", "first", "firstPage", "last", "lastPage", "view", "member",
        "totalItems", "itemsPerPage", "Collection", "PagedCollection", "PartialCollectionView",
    )
)  # fmt: skip
_PAGING_NAMESPACES: Final = (PREFIXES["tree"], PREFIXES["ldes"])


def next_pages(quads: Iterable[Quad], address: str) -> list[str]:
    """Return the addresses of further pages that a page names, absolute, without fragment, each once, by name.

    Args:
        quads: What the page says.
        address: Its own address, against which addresses written as text are resolved.
    """
    found, views = set[str](), set[str]()
    for quad in quads:
        if isinstance(quad.object, NamedNode | Literal) and (quad.predicate in _NEXT or quad.predicate == _VIEW):
            target = urljoin(address, quad.object.value.strip()).partition("#")[0]
            if target and target != address:
                (views if quad.predicate == _VIEW else found).add(target)
    # All views of a stream hold the same members, so from its description one is enough.
    return sorted(found) or sorted(views)[:1]


@dataclass(frozen=True, slots=True)
class Bound:
    """That all members of a page, and of those behind it, come before a value: ``tree:LessThanRelation`` and its like.

    Attributes:
        path: The property of the members that is bound.
        value: The bound.
        is_within: Whether members may have the bound itself as value.
    """

    path: NamedNode
    value: Literal
    is_within: bool


def bounds(quads: Iterable[Quad], address: str) -> dict[str, list[Bound]]:
    """Return the upper bounds that a page's relations give to other pages, by their address.

    Args:
        quads: What the page says.
        address: Its own address.
    """
    relations: dict[object, dict[NamedNode, list[object]]] = {}
    for quad in quads:
        if quad.predicate in (_NODE, _PATH, _VALUE) or (quad.predicate == TYPE and quad.object in (_BELOW, _NOT_ABOVE)):
            relations.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)
    found: dict[str, list[Bound]] = {}
    for relation in relations.values():
        kinds, paths, values = (relation.get(name, []) for name in (TYPE, _PATH, _VALUE))
        if not kinds or len(paths) != 1 or len(values) != 1:
            continue
        path, value = paths[0], values[0]
        for node in relation.get(_NODE, []):
            if isinstance(node, NamedNode) and isinstance(path, NamedNode) and isinstance(value, Literal):
                target = urljoin(address, node.value).partition("#")[0]
                found.setdefault(target, []).append(Bound(path, value, _NOT_ABOVE in kinds))
    return found


def is_immutable(quads: Iterable[Quad], address: str) -> bool:
    """Tell whether a page says of itself that it will never have other members (``ldes:immutable``)."""
    return any(
        quad.predicate == _IMMUTABLE
        and isinstance(quad.subject, NamedNode)
        and quad.subject.value.partition("#")[0] == address
        and isinstance(quad.object, Literal)
        and quad.object.value in ("true", "1")
        for quad in quads
    )


def _is_paging(term_: NamedNode) -> bool:
    return term_ in _HYDRA_PAGING or term_.value.startswith(_PAGING_NAMESPACES)


def without_paging(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the quads that are about the data: paging properties and types are left out."""
    for quad in quads:
        if _is_paging(quad.predicate):
            continue
        if quad.predicate == TYPE and isinstance(quad.object, NamedNode) and _is_paging(quad.object):
            continue
        yield quad
