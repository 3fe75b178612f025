"""Links datasets that arrive from several portals: which are the same, and whose record is shown.

Candidates come from equal addresses, declared identifiers and alike texts; points (``points``) decide. Of each group
one record is shown: that of the owner, never of an aggregator where there is another. What was compared is kept in a
file of the data folder, which can be thrown away; the result is in the ledger (table ``twins``).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode
from rapidfuzz import fuzz

from maillon import identifiers
from maillon.harvest.identity import CROWD, Features, alike, features, folded
from maillon.harvest.options import utc_now, written
from maillon.harvest.twin_store import Edge, Profile, TwinStore
from maillon.ledger import Ledger, Stored, reading, twins
from maillon.ledger.twins import Twin
from maillon.rdf import canonical
from maillon.search.likeness import Likeness
from maillon.sources import Source
from maillon.vocabulary import HAS_DISTRIBUTION, IDENTIFIER, NAME, SAMPLE, term

ENOUGH: Final = 70
"""Points that two datasets need to be the same."""

CANDIDATES: Final = 10
"""Datasets with alike texts that one is compared with."""

_DECLARING: Final = (
    IDENTIFIER, term("owl:sameAs"), term("dct:source"), term("dct:isVersionOf"), term("skos:notation"),
    term("dcat:landingPage"),
)  # fmt: skip
_PARTS: Final = (HAS_DISTRIBUTION, SAMPLE)
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Linked:
    """What linking did: datasets compared, datasets that are a copy of another now, entities that changed by it."""

    compared: int
    copies: int
    changed: int


def points(one: Profile, other: Profile) -> tuple[int, str]:
    """Return how surely two datasets of different sources are the same (0 to 100), and why in words.

    55 for a declared identifier, 35 or 25 for titles, 35 or 25 for addresses, 25 for descriptions, 10 for publishers.
    What names another of the same publisher and has nothing else of it is a version of it, or derived from it.
    """
    found: list[tuple[int, str]] = []
    if one.names() & other.declared or other.names() & one.declared:
        found.append((55, "one names the other"))
    found += _titles(one, other)
    shared = one.addresses & other.addresses
    if shared:
        most = len(shared) * 2 >= len(one.addresses | other.addresses)
        found.append((35, "the same addresses") if most else (25, "an address in common"))
    if min(len(one.description), len(other.description)) >= 40 and fuzz.ratio(one.description, other.description) >= 90:
        found.append((25, "the same description"))
    if one.publishers & other.publishers:
        found.append((10, "the same publisher"))
    return min(100, sum(number for number, _ in found)), ", ".join(why for _, why in found)


def _titles(one: Profile, other: Profile) -> list[tuple[int, str]]:
    if one.titles & other.titles:
        return [(35, "the same title")]
    if alike(one.titles, other.titles, 92):
        return [(25, "nearly the same title")]
    return []


def link(ledger: Ledger, data: Path) -> Linked:
    """Compare what changed since the last time with all other datasets, and keep which are shown.

    Args:
        ledger: Read, and written where a dataset is shown otherwise from now on.
        data: The data folder.
    """
    if not _can_be(ledger):
        return Linked(0, 0, 0)
    with TwinStore(data / "twins.sqlite") as store:
        sequence = ledger.sequence()
        changed = _refresh(ledger, store, store.sequence())
        if len(store.sources()) > 1:
            store.put_edges(_edges(store, changed))
        definitions = {row.name: row.source for row in ledger.sources()}
        wanted = shown(store.edges(), store.profiles(store.linked()), definitions)
        altered, upto = _write(ledger, wanted, sequence, store)
        store.finish(upto)
    return Linked(len(changed), len(wanted), altered)


def _can_be(ledger: Ledger) -> bool:
    """Tell whether there can be copies: comparing takes as long as harvesting, and most installations begin alone."""
    with ledger.reading() as connection:
        if twins.all_twins(connection):
            return True
    return sum(ledger.count(row.name, "dataset", ("live", "missing")) > 0 for row in ledger.sources()) > 1


def _refresh(ledger: Ledger, store: TwinStore, since: int) -> set[str]:
    """Read the profiles of datasets that changed, or of which a distribution did; return their IRIs."""
    changed = ledger.changed_since(since)
    datasets = store.having(changed)
    datasets.update(item.iri for item in ledger.current(sorted(changed), kinds=["dataset"]))
    ordered = sorted(datasets)
    for start in range(0, len(ordered), _BATCH):
        part = ordered[start : start + _BATCH]
        rows = [row for row in ledger.current(part) if row.state in {"live", "missing"}]
        store.replace(part, _profiles(ledger, rows))
    return datasets


def _profiles(ledger: Ledger, rows: Sequence[Stored]) -> list[Profile]:
    linked = {row.iri: _objects(row.text, _PARTS) for row in rows}
    texts = {
        item.iri: item.text for item in ledger.current(sorted({iri for list_ in linked.values() for iri in list_}))
    }
    read = {row.iri: features(row.iri, row.text, texts) for row in rows}
    agents = sorted({iri for item in read.values() for iri in item.publisher})
    names = {item.iri: {folded(name) for name in _objects(item.text, (NAME,))} for item in ledger.current(agents)}
    return [_profile(row, read[row.iri], names) for row in rows]


def _profile(row: Stored, read: Features, names: Mapping[str, set[str]]) -> Profile:
    declared = {value.strip() for value in _objects(row.text, _DECLARING)}
    return Profile(
        iri=row.iri,
        source=row.source,
        issued=row.issued,
        titles=read.titles,
        addresses=read.addresses,
        # An IRI, or an identifier long enough not to be a number that any portal may give.
        declared=frozenset(value for value in declared if identifiers.is_absolute(value) or len(value) >= 16),
        publishers=read.publisher.union(*(names.get(iri, set()) for iri in read.publisher)),
        description=read.description,
        parts=frozenset(read.parts),
    )


def _objects(text: str, predicates: Collection[NamedNode]) -> list[str]:
    return [
        triple.object.value
        for triple in canonical.triples(text)
        if triple.predicate in predicates and isinstance(triple.object, NamedNode | Literal)
    ]


def telling(profiles: Iterable[Profile]) -> dict[str, Profile]:
    """Return profiles, by IRI, without the addresses and identifiers that several datasets of one source have.

    These are a portal's own page, a service of many layers, a word that stands where an identifier should.
    """
    found = {profile.iri: profile for profile in profiles}
    counted = Counter((item.source, key) for item in found.values() for key in item.addresses | item.declared)
    common = {key for (_, key), number in counted.items() if number > 1}
    for iri, item in found.items():
        if not common.isdisjoint(item.addresses | item.declared):
            found[iri] = replace(item, addresses=item.addresses - common, declared=item.declared - common)
    return found


def _edges(store: TwinStore, changed: Collection[str]) -> Iterable[Edge]:
    """Yield the pairs of one of these and any dataset of another source that are the same."""
    everything = telling(store.all())
    index: dict[str, list[str]] = defaultdict(list)
    for profile in everything.values():
        for key in profile.addresses | profile.declared | profile.names():
            index[key].append(profile.iri)
    likeness = Likeness((profile.iri, profile.text()) for profile in everything.values())
    done: set[tuple[str, str]] = set()
    for iri in sorted(set(changed) & everything.keys()):
        one = everything[iri]
        keys = one.addresses | one.declared | one.names()
        near = {other for key in keys if len(index[key]) <= CROWD for other in index[key]}
        near.update(likeness.like(one.text(), CANDIDATES))
        for other in sorted(near):
            pair = (min(iri, other), max(iri, other))
            if everything[other].source == one.source or pair in done:
                continue
            done.add(pair)
            score, why = points(one, everything[other])
            if score >= ENOUGH:
                yield Edge(*pair, score, why)


def shown(
    edges: Sequence[Edge], profiles: Mapping[str, Profile], definitions: Mapping[str, Source]
) -> dict[str, tuple[str, int, str]]:
    """Decide which record of each group is shown.

    Returns:
        For each dataset that is a copy: the one that is shown, the points and why. A copy is always directly linked to
        what is shown in its place, and no source gives two copies of one dataset.
    """
    partners: dict[str, dict[str, Edge]] = defaultdict(dict)
    for edge in edges:
        partners[edge.one][edge.other] = edge
        partners[edge.other][edge.one] = edge
    copies: dict[str, tuple[str, int, str]] = {}
    originals: set[str] = set()
    for iri in sorted(partners, key=lambda iri: _rank(profiles[iri], definitions.get(profiles[iri].source))):
        if iri in copies:
            continue
        originals.add(iri)
        taken = {profiles[iri].source}
        for other, edge in sorted(partners[iri].items(), key=lambda item: (-item[1].score, item[0])):
            if other not in copies and other not in originals and profiles[other].source not in taken:
                copies[other] = (iri, edge.score, edge.why)
                taken.add(profiles[other].source)
    return copies


def _rank(profile: Profile, source: Source | None) -> tuple[bool, bool, str, str]:
    """Order by who owns: not an aggregator, an IRI on the host of the source, the one known first."""
    if source is None:
        return (True, True, profile.issued, profile.iri)
    hosts = {urlsplit(url).hostname for url in (source.url, source.homepage) if url}
    foreign = urlsplit(profile.iri).hostname not in hosts
    return (source.aggregator, foreign, profile.issued, profile.iri)


def _write(
    ledger: Ledger, wanted: Mapping[str, tuple[str, int, str]], compared: int, store: TwinStore
) -> tuple[int, int]:
    """Bring the ledger's twins to what is wanted.

    Returns:
        How many entities are shown otherwise, and the change number up to which all is compared then: the changes made
        here need no comparing, unless others came in between.
    """
    with ledger.writing() as connection:
        present = twins.all_twins(connection)
        now = {iri: Twin(iri, *values) for iri, values in wanted.items()}
        differing = {iri for iri in present.keys() | now.keys() if present.get(iri) != now.get(iri)}
        if not differing:
            return 0, compared
        alone = reading.sequence(connection) == compared
        both = [twin for twin in (*present.values(), *now.values()) if twin.iri in differing]
        touched = differing | {twin.shown for twin in both}
        touched = touched.union(*(profile.parts for profile in store.profiles(differing).values()))
        at = written(utc_now())
        twins.replace(connection, differing, [now[iri] for iri in sorted(differing & now.keys())], at)
        twins.note_changes(connection, sorted(touched), at)
        return len(touched), reading.sequence(connection) if alone else compared
