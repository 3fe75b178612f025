"""Which snapshot a request is about, and what its answer says of it.

Turns ``?snapshot=N`` and ``Accept-Datetime`` into a kept snapshot after RFC 7089 (Memento), and a snapshot into the
headers of an answer: an address is its own TimeGate and answers with 200 (pattern 1.2 there), its mementos are the same
address with ``snapshot=N``, and ``<path>/timemap`` lists them (application/link-format, RFC 6690).

Only snapshots up to the current one are offered: after a publication was undone, what was taken back stays back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from flask import Response, current_app, request
from pyoxigraph import NamedNode, Store
from werkzeug.http import http_date, parse_date

from maillon.errors import SnapshotError
from maillon.settings import Settings
from maillon.store import graph, snapshots, statistics
from maillon.store.snapshots import Manifest, Snapshot
from maillon.web import negotiation
from maillon.web.current import snapshot as current_snapshot
from maillon.web.headers import PAGE_SECONDS, YEAR

TIMEMAP: Final = "application/link-format"
_SAFE: Final = "%/:?@!$&'()*+,;=~"
LONGEST: Final = 1000
"""Characters of an address that is repeated in a header: three of them must fit into the 4 kB of a usual proxy."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The snapshot that a request is about.

    Attributes:
        snapshot: The snapshot, under a lease.
        pinned: Whether the address itself names it, so that the answer never changes.
        dated: Whether ``Accept-Datetime`` chose it.
    """

    snapshot: Snapshot
    pinned: bool = False
    dated: bool = False


def _root() -> Path:
    settings: Settings = current_app.config["MAILLON"]
    return settings.snapshots


def kept() -> list[int]:
    """Return the numbers of the snapshots that may be asked, ascending."""
    newest = current_snapshot().snapshot.number
    return [number for number in snapshots.numbers(_root()) if number <= newest]


def manifests() -> list[Manifest]:
    """Return the manifests of the snapshots that may be asked, ascending; at least the current one."""
    newest = current_snapshot().snapshot
    older = [manifest for manifest, _ in snapshots.listing(_root()) if manifest.number < newest.number]
    return [*older, newest.manifest]


def made(manifest: Manifest) -> datetime:
    """Return when a snapshot was made."""
    return datetime.fromisoformat(manifest.made).astimezone(UTC)


def _at(text: str) -> int:
    """Return the newest snapshot made at or before an HTTP date; the oldest where all are later (section 4.5.3)."""
    wanted = parse_date(text)
    if wanted is None:
        negotiation.refuse(400, f"Accept-Datetime: {text!r} is no date such as {http_date(datetime.now(UTC))}.")
    known = manifests()
    before = [manifest for manifest in known if made(manifest) <= wanted]
    return (before[-1] if before else known[0]).number


def _open(number: int) -> Snapshot:
    offered = kept()
    if number in offered:
        try:
            return snapshots.open_number(_root(), number)
        except SnapshotError:  # pruned meanwhile, or torn
            offered.remove(number)
    known = ", ".join(map(str, offered))
    return negotiation.refuse(404, f"Snapshot {number} is not kept. Kept are: {known}. Leave snapshot out for today's.")


@contextmanager
def chosen(number: int | None) -> Iterator[Chosen]:
    """Hold the snapshot that a request is about.

    Args:
        number: The one that the address names, None for none. Ends the request with 404 where it is not kept.
    """
    date = request.headers.get("Accept-Datetime", "") if number is None and request.method in ("GET", "HEAD") else ""
    wanted = _at(date) if date else number
    current = current_snapshot().snapshot
    if wanted is None or wanted == current.number:
        yield Chosen(current, number is not None, bool(date))
        return
    with _open(wanted) as held:
        yield Chosen(held, number is not None, bool(date))


def has_graph(held: Snapshot, iri: str) -> bool:
    """Tell whether a snapshot has a named graph: one look-up, which needs no worker.

    Where a server holds the graphs and they were not counted, each may be there.
    """
    counted = statistics.read(held.path)
    if counted is not None:
        return iri in counted.graphs
    return not held.store.is_dir() or _store(held).contains_named_graph(NamedNode(iri))


def graphs(held: Snapshot) -> list[str]:
    """Return the IRIs of a snapshot's named graphs; the store keeps a list of them."""
    if not held.store.is_dir():
        return []
    return [node.value for node in _store(held).named_graphs() if isinstance(node, NamedNode)]


def _store(held: Snapshot) -> Store:
    published = current_snapshot()
    shared = published.store if published.snapshot == held else None
    return shared if isinstance(shared, Store) else graph.open_read_only(held.store)


def _query() -> str:
    """Return the query of this request's address without its snapshot."""
    text = request.query_string.decode("utf-8", "replace")
    if "snapshot" not in text:
        return quote(text, safe=_SAFE)  # what clients send unescaped would end a link, or is no octet of a header
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if name != "snapshot"])


def _addresses(path: str) -> tuple[str, str]:
    """Return the address of a path with the query of this request, and what comes before the number of a snapshot."""
    query = _query()
    whole = f"{negotiation.root(current_app.config['MAILLON'])}{quote(path.lstrip('/'), safe=_SAFE)}"
    if not query:
        return whole, f"{whole}?snapshot="
    return f"{whole}?{query}", f"{whole}?{query}&snapshot="


def pinned(number: int) -> str:
    """Return the address of this request's answer from one snapshot."""
    return f"{_addresses(request.path)[1]}{number}"


@lru_cache(100)
def _date(moment: str) -> str:
    return http_date(datetime.fromisoformat(moment).astimezone(UTC))


def _memento(address: str, manifest: Manifest, relation: str = "memento") -> str:
    return f'<{address}{manifest.number}>; rel="{relation}"; datetime="{_date(manifest.made)}"'


def _links(manifest: Manifest) -> tuple[str, str]:
    """Return the address of an answer from its snapshot, and the links to it, to today's and to the list of all.

    None for a POST, which no address repeats, nor for addresses too long for a header.
    """
    if request.method == "POST" or len(request.query_string) > LONGEST:
        return "", ""
    today, fixed = _addresses(request.path)
    whole, mark_, query = today.partition("?")
    return f"{fixed}{manifest.number}", (
        f'<{today}>; rel="original timegate", <{whole}/timemap{mark_}{query}>; rel="timemap"; type="{TIMEMAP}", '
        f"{_memento(fixed, manifest)}"
    )


def mark(response: Response, of: Chosen) -> None:
    """Say in an answer which snapshot it comes from, and how long it stays right where it has a tag.

    Without a tag it is of this moment only, such as RAND() or a failure.
    """
    manifest, headers = of.snapshot.manifest, response.headers
    headers["X-Maillon-Snapshot"] = str(manifest.number)
    fixed, links = _links(manifest)
    if links:
        headers.add("Link", links)
    if of.pinned or of.dated:
        headers["Memento-Datetime"] = _date(manifest.made)
    if of.dated and fixed:
        headers["Content-Location"] = fixed
    if not of.pinned:
        response.vary.add("Accept-Datetime")
    if "ETag" not in headers:
        headers["Cache-Control"] = "no-store"
    elif of.pinned:
        headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        headers["Cache-Control"] = f"public, max-age={PAGE_SECONDS}"


def timemap() -> Response:
    """Return the list of all snapshots in which this request's address, less its ``/timemap``, can be asked."""
    (today, fixed), known = _addresses(request.path.removesuffix("/timemap")), manifests()
    lines = [
        f'<{today}>; rel="original timegate"',
        f'<{_addresses(request.path)[0]}>; rel="self"; type="{TIMEMAP}"; '
        f'from="{_date(known[0].made)}"; until="{_date(known[-1].made)}"',
    ]
    for place, manifest in enumerate(known):
        relation = ("first " if place == 0 else "") + ("last " if place == len(known) - 1 else "") + "memento"
        lines.append(_memento(fixed, manifest, relation))
    response = Response(",\n".join(lines) + "\n", content_type=TIMEMAP)
    response.headers["Cache-Control"] = f"public, max-age={PAGE_SECONDS}"
    return response
