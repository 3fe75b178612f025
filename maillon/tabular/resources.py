"""Finds, among the harvested entities of a source, the dataset and distribution that a declared table belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from maillon.records import Entity, Rejected
from maillon.tabular.declaration import Declaration
from maillon.vocabulary import ACCESS_URL, DOWNLOAD_URL, HAS_DISTRIBUTION, IDENTIFIER, TITLE, term

_NOTATION: Final = term("skos:notation")
_NAMES: Final = frozenset({IDENTIFIER, TITLE, DOWNLOAD_URL, ACCESS_URL})


@dataclass(frozen=True, slots=True)
class Resource:
    """What a table is made of.

    Attributes:
        dataset: IRI of the dataset in the catalogue.
        distribution: IRI of its distribution, from which rows are derived.
        url: Address or path of the file.
    """

    dataset: str
    distribution: str
    url: str


@dataclass(slots=True)
class _Known:
    names: set[str] = field(default_factory=set)
    distributions: list[str] = field(default_factory=list)
    url: str = ""


class Finder:
    """Sees the entities of a run go by and keeps what tables need: names, addresses, and what belongs together."""

    def __init__(self, declarations: Iterable[Declaration]) -> None:
        """Keep only datasets that one of the declarations names."""
        self._wanted = {declaration.dataset for declaration in declarations}
        self._datasets: dict[str, _Known] = {}
        self._distributions: dict[str, _Known] = {}

    def see(self, entity: Entity) -> None:
        """Take note of an entity; the distributions of a dataset may come before or after it."""
        if entity.kind not in ("dataset", "distribution") or not self._wanted:
            return
        known = _known(entity)
        if entity.kind == "distribution":
            self._distributions[entity.iri] = known
        elif known.names & self._wanted:
            self._datasets[entity.iri] = known

    def find(self, declaration: Declaration) -> Resource | Rejected:
        """Return what a table is made of, or why it cannot be said; asked when all entities were seen."""
        datasets = [iri for iri, known in self._datasets.items() if declaration.dataset in known.names]
        if len(datasets) != 1:
            fault = "more than one dataset has" if datasets else "no dataset of the source has"
            return self._rejected(declaration, f"{fault} the identifier {declaration.dataset!r}")
        own = [iri for iri in self._datasets[datasets[0]].distributions if iri in self._distributions]
        if wanted := declaration.distribution:
            own = [iri for iri in own if _is_called(self._distributions[iri], wanted)]
        if len(own) != 1:
            fault = f"{datasets[0]} has {len(own)} distributions" + (f" called {wanted!r}" if wanted else "")
            return self._rejected(declaration, f"{fault}: give distribution, the identifier or file name of one")
        url = declaration.file or self._distributions[own[0]].url
        if not url:
            return self._rejected(declaration, f"{own[0]} has no address: give file")
        return Resource(datasets[0], own[0], url)

    def _rejected(self, declaration: Declaration, detail: str) -> Rejected:
        return Rejected(f"table {declaration.name}", "table without its distribution", detail, is_dataset=False)


def _known(entity: Entity) -> _Known:
    known, own, accessed = _Known({entity.iri}), NamedNode(entity.iri), ""
    for triple in entity.triples:
        value = triple.object
        if triple.predicate == _NOTATION and isinstance(value, Literal):
            known.names.add(value.value)  # what the source calls it stands in an embedded adms:Identifier
        if triple.subject != own or not isinstance(value, NamedNode | Literal):
            continue
        if triple.predicate in _NAMES:
            known.names.add(value.value)
        if triple.predicate == HAS_DISTRIBUTION:
            known.distributions.append(value.value)
        elif triple.predicate == DOWNLOAD_URL:
            known.url = known.url or value.value
        elif triple.predicate == ACCESS_URL:
            accessed = accessed or value.value
    known.url = known.url or accessed
    return known


def _is_called(known: _Known, wanted: str) -> bool:
    return wanted in known.names or any(name.rstrip("/").endswith("/" + wanted) for name in known.names)
