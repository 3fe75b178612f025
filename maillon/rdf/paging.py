"""Reads how a catalogue is spread over pages, and takes that out of what it says.

Three vocabularies: Hydra as it was (``hydra:PagedCollection`` with ``nextPage``), Hydra as it is
(``PartialCollectionView`` with ``next``), and `TREE <https://w3id.org/tree/specification>`_ (``tree:relation`` with
``tree:node``, ``tree:view``). Some portals write the address of the next page as a text.
"""

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urljoin

from pyoxigraph import Literal, NamedNode, Quad

from maillon.vocabulary import PREFIXES, TYPE, term

_NEXT: Final = frozenset({term("hydra:next"), term("hydra:nextPage"), term("tree:node")})
_VIEW: Final = term("tree:view")
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
