"""New findings as an Atom feed (RFC 4287, https://www.rfc-editor.org/rfc/rfc4287): one entry a record and publication.

Turns the difference between the findings of each kept snapshot and those of the one before into entries, the newest and
gravest first. A snapshot without one before it has no new findings: everything in it may be old.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from maillon.errors import SnapshotError
from maillon.identifiers import digest
from maillon.records import Finding
from maillon.store import findings_by_record, snapshots
from maillon.store.documents import Documents
from maillon.store.findings_by_record import Found
from maillon.web import findings, links, quality_findings, quality_rules
from maillon.web.current import Published
from maillon.web.texts import Text
from maillon.web.wording import _, ngettext

MOST: Final = 100
"""Entries of a feed."""

MOST_LINES: Final = 20
"""Findings spelt out in an entry."""

ATOM: Final = "http://www.w3.org/2005/Atom"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ORDER: Final = {"Violation": 0, "Warning": 1, "Info": 2}
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class News:
    """What is new in one record.

    Attributes:
        snapshot: Number of the snapshot in which it is.
        made: When that was made, ISO 8601 UTC.
        record: The record with its new findings, the gravest first.
    """

    snapshot: int
    made: str
    record: Found


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself.

    Attributes:
        title: Its title.
        own: Its own address, absolute.
        page: Address of the page that it accompanies, absolute.
        author: Who publishes it.
        updated: When its newest entry was made, ISO 8601 UTC.
        language: Of its texts.
        base: Setting ``base_iri``, part of the identity of entries.
    """

    title: str
    own: str
    page: str
    author: str
    updated: str
    language: str
    base: str


def _key(finding: Finding) -> tuple[str, str, str]:
    # Without the focus node: embedded nodes are named anew whenever something else in the record changes.
    return finding.shape, finding.path, finding.value


def new_findings(now: Sequence[Finding], then: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that were not there before, the gravest first; two alike count as two."""
    old = Counter(map(_key, then))
    new = []
    for finding in now:
        if old[_key(finding)] > 0:
            old[_key(finding)] -= 1
        else:
            new.append(finding)
    return tuple(sorted(new, key=lambda item: _ORDER.get(item.severity, 3)))


def _records(published: Published, kind: str, key: str) -> Iterator[Found]:
    return quality_findings.of_scope(published, kind, key)


def _changed(records: Iterable[Found], then: Documents) -> Iterator[Found]:
    waiting = iter(records)
    while batch := list(islice(waiting, _BATCH)):
        before = findings_by_record.of_iris(then, [item.iri for item in batch])
        for item in batch:
            if new := new_findings(item.findings, before.get(item.iri, ())):
                yield Found(item.iri, item.kind, item.key, new)


def _rank(item: Found) -> tuple[int, int, str]:
    return _ORDER.get(item.findings[0].severity, 3), -len(item.findings), item.iri


@contextmanager
def _earlier(root: Path, number: int) -> Iterator[Published | None]:
    """Open an earlier snapshot; gives None where it was pruned meanwhile or cannot be read."""
    try:
        opened = Published(snapshots.open_number(root, number))
    except SnapshotError:
        yield None
        return
    try:
        yield opened
    finally:
        opened.close()


def _between(root: Path, numbers: tuple[int, int], kind: str, key: str) -> list[News]:
    with _earlier(root, numbers[0]) as then, _earlier(root, numbers[1]) as now:
        if then is None or now is None:
            return []
        changed = heapq.nsmallest(MOST, _changed(_records(now, kind, key), then.documents), key=_rank)
        return [News(now.snapshot.number, now.snapshot.manifest.made, item) for item in changed]


@lru_cache(maxsize=64)
def _known(root: Path, numbers: tuple[int, ...], kind: str, key: str) -> tuple[News, ...]:
    """Return the news of published snapshots, which never change; readers of feeds ask for them every hour."""
    news: list[News] = []
    for then, now in reversed(list(pairwise(numbers))):
        if len(news) < MOST:
            news += _between(root, (then, now), kind, key)
    return tuple(news[:MOST])


def news(root: Path, published: Published, kind: str, key: str) -> tuple[News, ...]:
    """Return what is new in a source or an organisation up to a snapshot, at most MOST records.

    Args:
        root: Folder of the snapshots.
        published: The snapshot of the request.
        kind: ``catalogue``, ``source`` or ``organisation``.
        key: Name of the source, IRI of the organisation.
    """
    numbers = tuple(number for number in snapshots.numbers(root) if number <= published.snapshot.number)
    return _known(root, numbers, kind, key)


def _element(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    made.text = quality_rules.printable(text) or None
    return made


def write(head: Head, items: Sequence[News], documents: Documents) -> bytes:
    """Return the feed.

    Args:
        head: What it says of itself.
        items: Its entries.
        documents: Of the present snapshot, where records have their names.
    """
    feed = etree.Element(f"{{{ATOM}}}feed", {_LANG: head.language}, nsmap={None: ATOM})  # type: ignore[dict-item]
    _element(feed, "id", head.own)
    _element(feed, "title", head.title)
    _element(feed, "updated", items[0].made if items else head.updated)
    _element(feed, "link", rel="self", type="application/atom+xml", href=head.own)
    _element(feed, "link", rel="alternate", type="text/html", href=head.page, hreflang=head.language)
    _element(_element(feed, "author"), "name", head.author)
    _element(feed, "generator", "Maillon")
    names = quality_findings.dataset_names([item.record for item in items], documents, head.language)
    for item in items:
        _entry(feed, head, item, names[item.record.iri])
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _entry(feed: etree._Element, head: Head, item: News, name: Text) -> None:
    record, count = item.record, len(item.record.findings)
    said = ngettext("%(count)s new finding", "%(count)s new findings", count, count=count)
    entry = _element(feed, "entry")
    place = urlsplit(head.base).hostname or "localhost"
    _element(
        entry, "id", f"tag:{place},{item.made[:10]}:findings/{item.snapshot}/{digest(f'{head.base} {record.iri}')}"
    )
    _element(entry, "title", f"{name.value}: {said}")
    _element(entry, "updated", item.made)
    page = quality_findings.absolute(links.page(record.kind, record.key))
    _element(entry, "link", rel="alternate", type="text/html", href=page, hreflang=head.language)
    for severity in dict.fromkeys(finding.severity for finding in record.findings):
        _element(entry, "category", term=severity, label=findings.severity_label(severity))
    lines = [_line(finding, head.language) for finding in record.findings[:MOST_LINES]]
    if count > MOST_LINES:
        lines.append(_("and %(count)s more", count=count - MOST_LINES))
    _element(entry, "content", "\n".join(lines), type="text")


def _line(finding: Finding, language: str) -> str:
    wrong, to_do = quality_rules.wrong_and_to_do(finding.shape, language)
    field = quality_findings.field_name(finding, language)
    value = f" “{findings.lexical(finding.value)[:160]}”" if finding.value else ""
    return f"{findings.severity_label(finding.severity)}: {field}{value} – {wrong} {to_do}".strip()
