"""Recognises datasets to which their source gave other identifiers, so that they keep their IRI and count as changed.

Compares what vanished with what is new in one run: titles, addresses of files and pages, publisher, description. Only
pairs that are each other's best match, with no other nearly as good, are taken; a title alone is never enough. (All
222 identifiers of one ArcGIS Hub portal changed between two harvests: without this, all would vanish and come back
under other IRIs.)
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple
from rapidfuzz import fuzz

from maillon.harvest.apply import Application
from maillon.harvest.merging import parts_of
from maillon.harvest.staging import Staging
from maillon.ledger import Ledger
from maillon.ledger.bookmarks import Alias
from maillon.ledger.reading import batches
from maillon.rdf import canonical
from maillon.vocabulary import (
    ACCESS_URL,
    DESCRIPTION,
    DOWNLOAD_URL,
    HAS_DISTRIBUTION,
    ISSUED,
    PUBLISHER,
    SAMPLE,
    TITLE,
    term,
)

ENOUGH: Final = 70
"""Points that a pair needs; see ``_score``."""

MARGIN: Final = 10
"""Points that the best partner must be ahead of the second best."""

CROWD: Final = 20
"""An address or title of more datasets than this tells nothing."""

_LANDING_PAGE: Final = term("dcat:landingPage")
_ADDRESSES: Final = frozenset({ACCESS_URL, DOWNLOAD_URL, _LANDING_PAGE})
_PARTS: Final = frozenset({HAS_DISTRIBUTION, SAMPLE})
_WORDS = re.compile(r"[^\w]+")
_LONGEST: Final = 2000
_TELLING: Final = 40  # characters from which a description tells anything
_TO_THE_SECOND: Final = re.compile(r"T(?!00:00:00)")  # a portal's own stamp, not a date that somebody entered
_LONG: Final = 5  # letters of a word that may be misspelt
_SLIP: Final = 75


@dataclass(frozen=True, slots=True)
class Features:
    """What tells one dataset from another.

    Attributes:
        iri: The dataset.
        titles: Its titles, folded.
        addresses: Addresses of its files and pages, of its distributions too.
        publisher: IRIs of its publishers.
        description: The beginning of its longest description.
        issued: Its dates of issue.
        parts: Addresses of each distribution by its IRI.
    """

    iri: str
    titles: frozenset[str]
    addresses: frozenset[str]
    publisher: frozenset[str]
    description: str
    issued: frozenset[str]
    parts: Mapping[str, frozenset[str]]


def folded(text: str) -> str:
    """Return a text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORDS.sub(" ", "".join(sign for sign in plain if not unicodedata.combining(sign))).split())


def _has_letter(title: str) -> bool:
    return any(sign.isalpha() for sign in title)  # "1971 - 1976" is no title to be recognised by


def _addresses(triples: Iterable[Triple]) -> frozenset[str]:
    return frozenset(
        triple.object.value.strip()
        for triple in triples
        if triple.predicate in _ADDRESSES and isinstance(triple.object, NamedNode | Literal)
    )


def features(iri: str, text: str, texts_of_parts: Mapping[str, str]) -> Features:
    """Read the features of a dataset from its canonical text and those of its distributions, by IRI."""
    by_predicate: dict[NamedNode, list[str]] = defaultdict(list)
    triples = canonical.triples(text)
    for triple in triples:
        if triple.subject == NamedNode(iri) and isinstance(triple.object, NamedNode | Literal):
            by_predicate[triple.predicate].append(triple.object.value)
    parts = {
        part: _addresses(canonical.triples(texts_of_parts[part]))
        for predicate in _PARTS
        for part in by_predicate[predicate]
        if part in texts_of_parts
    }
    return Features(
        iri=iri,
        titles=frozenset(filter(_has_letter, map(folded, by_predicate[TITLE]))),
        addresses=_addresses(triples).union(*parts.values()),
        publisher=frozenset(by_predicate[PUBLISHER]),
        description=max(by_predicate[DESCRIPTION], key=len, default="")[:_LONGEST],
        issued=frozenset(by_predicate[ISSUED]),
        parts=parts,
    )


def alike(one: Iterable[str], other: Collection[str], least: float) -> bool:
    """Tell whether two datasets have nearly the same title, as somebody would write it twice.

    Another number, code or word makes another dataset: 2023 and 2024, sheet V and VI, Lden and Lnight.
    """
    pairs = ((first, second) for first in one for second in other)
    return any(
        fuzz.token_sort_ratio(first, second, score_cutoff=least) and _only_slips(first.split(), second.split())
        for first, second in pairs
    )


def _only_slips(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether words differ as slips of the pen do: as many on both sides, long ones, each nearly another."""
    these, those = Counter(one) - Counter(other), Counter(other) - Counter(one)
    pairs = list(zip(sorted(these.elements()), sorted(those.elements()), strict=False))
    return these.total() == those.total() and all(
        min(len(first), len(second)) >= _LONG and fuzz.ratio(first, second) >= _SLIP and first.isalpha()
        for first, second in pairs
    )


def _score(one: Features, other: Features, shared: Collection[str]) -> int:
    """Return how alike two datasets are, from 0 to 100.

    40 for a title in common, 30 for nearly the same one, else they are two; 30 for an address that no other dataset
    has, 5 more where all addresses are the same, 10 for one that others have too; 25 for the second of issue, 5 for its
    day; 20 for the description, 5 for the publisher.

    Args:
        one: A dataset.
        other: Another one.
        shared: Addresses that others have too: a portal's page or a service of many layers.
    """
    if not one.titles & other.titles and not alike(one.titles, other.titles, 90):
        return 0
    points, common = 40 if one.titles & other.titles else 30, one.addresses & other.addresses
    if common.difference(shared):
        points += 30 + 5 * (one.addresses == other.addresses)
    elif common:
        points += 10
    if min(len(one.description), len(other.description)) >= _TELLING:
        points += 20 * bool(fuzz.ratio(one.description, other.description, score_cutoff=90))
    points += 5 * bool(one.publisher & other.publisher)
    times = one.issued & other.issued
    points += 25 if any(map(_TO_THE_SECOND.search, times)) else 5 * bool(times)
    return min(100, points)


def _shared(datasets: Iterable[Features]) -> set[str]:
    """Return the addresses of more than one dataset."""
    counted = Counter(address for item in datasets for address in item.addresses)
    return {address for address, number in counted.items() if number > 1}


def _candidates(old: Sequence[Features], new: Sequence[Features]) -> dict[str, dict[str, int]]:
    """Return the points of pairs that share a title or an address: by new IRI, then by old IRI."""
    index: dict[str, list[Features]] = defaultdict(list)
    for item in old:
        for key in item.titles | item.addresses:
            index[key].append(item)
    shared = _shared(old) | _shared(new)
    scores: dict[str, dict[str, int]] = {}
    for item in new:
        near = {
            other.iri: other
            for key in item.titles | item.addresses
            if len(index.get(key, ())) <= CROWD
            for other in index.get(key, ())
        }
        points = {iri: _score(item, other, shared) for iri, other in near.items()}
        scores[item.iri] = {iri: number for iri, number in points.items() if number > ENOUGH - MARGIN}
    return scores


def matches(old: Sequence[Features], new: Sequence[Features]) -> list[Alias]:
    """Pair datasets that are the same under another identifier.

    Args:
        old: Features of those that vanished.
        new: Features of those that came.

    Returns:
        An alias for each pair and for those of their distributions that have the same addresses.
    """
    scores = _candidates(old, new)
    back: dict[str, dict[str, int]] = defaultdict(dict)
    for given, partners in scores.items():
        for kept, points in partners.items():
            back[kept][given] = points
    by_iri = {item.iri: item for item in (*old, *new)}
    found: list[Alias] = []
    for given in sorted(scores):
        best = _best(scores[given])
        if best is not None and _best(back[best]) == given:
            why = f"recognised with {scores[given][best]} of 100 points"
            found.append(Alias(given, best, why))
            found += _distributions(by_iri[given], by_iri[best])
    return found


def _best(partners: Mapping[str, int]) -> str | None:
    ranked = sorted(partners.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < ENOUGH:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < MARGIN:
        return None
    return ranked[0][0]


def _distributions(new: Features, old: Features) -> list[Alias]:
    """Pair the distributions of one dataset by their addresses, where these tell them apart."""
    kept = _by_addresses(old)
    return [
        Alias(given, kept[addresses], "a distribution with the same addresses")
        for addresses, given in sorted(_by_addresses(new).items(), key=lambda item: item[1])
        if addresses in kept and kept[addresses] != given and kept[addresses] not in new.parts
    ]


def _by_addresses(dataset: Features) -> dict[frozenset[str], str]:
    times = Counter(dataset.parts.values())
    return {addresses: iri for iri, addresses in dataset.parts.items() if addresses and times[addresses] == 1}


def recognise(application: Application) -> list[Alias]:
    """Find what the source of a run renamed: vanished datasets of the ledger against new ones of the staging file."""
    ledger, staging = application.ledger, application.staging
    vanished = application.vanishing()
    if not vanished:
        return []
    came = list(_fresh(ledger, staging))
    if not came:
        return []
    found = matches(list(_known(ledger, vanished)), came)
    # A distribution may have moved to another dataset; what this run gives under its own IRI keeps it.
    free = {iri for part in batches([item.kept for item in found]) for iri in staging.lacking(part)}
    return [item for item in found if item.kept in free]


def _known(ledger: Ledger, iris: Sequence[str]) -> Iterator[Features]:
    """Yield the features of datasets of the ledger, a batch of texts at a time."""
    for part in batches(iris):
        texts = {item.iri: item.text for item in ledger.current(part)}
        own = {iri for text in texts.values() for iri in parts_of(text)}
        distributions = {item.iri: item.text for item in ledger.current(sorted(own))}
        for iri, text in texts.items():
            yield features(iri, text, distributions)


def _fresh(ledger: Ledger, staging: Staging) -> Iterator[Features]:
    """Yield the features of staged datasets that the ledger does not have."""
    for batch in staging.batches():
        datasets = {item.iri: item.text for item in batch if item.kind == "dataset"}
        known = {iri for iri, row in ledger.known(datasets).items() if row.state != "gone"}
        for iri, text in datasets.items():
            if iri not in known:
                yield features(iri, text, staging.parts_of(iri))
