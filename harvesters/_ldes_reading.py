"""Turns the pages of an event stream into the members that were not read yet, and into the next place.

The unordered mode of https://w3id.org/ldes/specification: from the root, and from pages left open last time, along the
relations; a page that is known to be immutable is not fetched again.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from pyoxigraph import DefaultGraph, Quad

from harvesters import _ldes_place
from harvesters._event_stream import ACCEPT, Feed, name, read, read_or_reject
from harvesters._ldes_retention import Retention, retention
from maillon.errors import SourceUnavailable
from maillon.rdf import feeds, paging, parsing
from maillon.records import Bookmark, Rejected
from maillon.sources import Answer, Fetch, Source

CLOCKS: Final = 300.0
"""Seconds by which clocks may differ."""

_CONTEXT_WORDS: Final = (b"timestampPath", b"versionOfPath", b"versionDeleteObject")


class ReadAgain(Exception):
    """A reason to read the stream as a whole, no error; ``notes`` are lines for the run's report."""

    def __init__(self, *notes: Rejected) -> None:
        super().__init__()
        self.notes = notes


@dataclass(slots=True)
class _Page:
    members: list[feeds.Member]
    links: list[str]
    is_immutable: bool


class Reading:
    """One way through the pages.

    Args:
        source: Which stream.
        fetch: What to read it with.
        place: Where to go on, None for the start.

    Attributes:
        feed: The members that were not read yet.
    """

    def __init__(self, source: Source, fetch: Fetch, place: _ldes_place.Place | None) -> None:
        self._source, self._fetch, self._place = source, fetch, place
        self._root = ""
        self._context = feeds.Context()
        self._retention = Retention()
        self._pages: dict[str, _Page] = {}
        self._bounds: dict[str, list[paging.Bound]] = {}
        self._is_feed = place is not None
        self._needs_all = False
        self.feed = Feed(source, fetch.base_iri)

    def walk(self) -> Iterator[Rejected]:
        """Read the pages; yield what cannot be used. Raises ReadAgain where going on from the place is no use."""
        answers = self._fetch.documents(self._source.url, ACCEPT)
        first = list(islice(answers, 2))
        if len(first) > 1:
            yield from self._files(chain(first, answers))
        elif first:
            yield from self._follow(first[0])
        if not self._is_feed:
            raise SourceUnavailable(
                f"{self._source.url} holds no event stream. Give the address of one, or use the kind dcat."
            )
        if self._place is not None and self._place.stream != self._stream():
            raise ReadAgain

    def _stream(self) -> str:
        return _ldes_place.stream_id(self._source.url, self._root, self._context)

    def _is_done(self, address: str) -> bool:
        return self._place is not None and _ldes_place.short(address) in self._place.done

    def _files(self, answers: Iterable[Answer]) -> Iterator[Rejected]:
        """Read the pages that are at hand: all but those that are immutable and were read."""
        self._context = self._stated()
        for answer in answers:
            if self._is_done(answer.url):
                continue
            parsed = read_or_reject(self._source, answer)
            if isinstance(parsed, Rejected):
                yield parsed
            elif feeds.is_feed(parsed.quads) or paging.next_pages(parsed.quads, answer.url):
                yield from self._page(answer.url, answer, parsed)
            else:
                yield Rejected(
                    name(self._source, answer), "no page of an event stream", "the kind dcat reads it", is_dataset=False
                )

    def _stated(self) -> feeds.Context:
        """Return what some file says of the stream; it may be the last one by name."""
        for answer in self._fetch.documents(self._source.url, ACCEPT):
            data = answer.read()
            if any(word in data for word in _CONTEXT_WORDS):
                parsed = read_or_reject(self._source, answer)
                found = feeds.Context() if isinstance(parsed, Rejected) else feeds.context(parsed.quads)
                if found:
                    return found
        return feeds.Context()

    def _follow(self, answer: Answer) -> Iterator[Rejected]:
        """Read the first page and those that it and its like lead to, and what was left open last time."""
        self._root = answer.url
        parsed = read(self._source, answer)
        yield from self._page(self._source.url, answer, parsed)
        todo = [*self._links(self._source.url), *(sorted(self._place.frontier) if self._place else ())]
        seen = {self._source.url, answer.url}
        while todo:
            target = todo.pop()
            if target in seen or self._is_done(target):
                continue
            seen.add(target)
            if not self._source.is_http:
                yield Rejected(target, "page not among the files", f"named by {self._root}", is_dataset=False)
                continue
            try:
                answer = self._fetch(target, ACCEPT)
            except SourceUnavailable as error:
                if getattr(error, "status", 0) != 410:  # a page that is gone has no members, says the specification
                    raise
                yield Rejected(target, "page gone", "the server answers 410", is_dataset=False)
                continue
            yield from self._page(target, answer, read(self._source, answer))
            seen.add(answer.url)
            todo += self._links(target)

    def _links(self, address: str) -> list[str]:
        return self._pages[address].links

    def _page(self, address: str, answer: Answer, parsed: parsing.Parsed) -> Iterator[Rejected]:
        """Take the members of a page that were not read yet."""
        control = [quad for quad in parsed.quads if isinstance(quad.graph_name, DefaultGraph)]
        self._is_feed = self._is_feed or feeds.is_feed(control)
        if not self._context:
            self._context = feeds.context(control)
        self._take_retention(control)
        members = list(feeds.members(control, self._context))
        new = [member for member in members if self._place is None or self._place.is_new(member)]
        self._check(new, parsed.quads)
        yield from self.feed.note(answer, new)
        links = paging.next_pages(control, answer.url)
        names = {address, answer.url, self._source.base} - {""}
        immutable = answer.is_immutable or any(paging.is_immutable(control, name) for name in names)
        self._pages[address] = _Page(members, links, immutable)
        for target, bounds in paging.bounds(control, answer.url).items():
            self._bounds.setdefault(target, []).extend(bounds)

    def _take_retention(self, control: list[Quad]) -> None:
        found = retention(control)
        if found is None:
            return
        self._retention = found
        age = 0.0 if self._place is None else time.time() - self._place.time
        if self._place is None or age + CLOCKS < found.deletions:
            return
        if found.keeps_current:
            raise ReadAgain
        raise ReadAgain(
            Rejected(
                self._source.url,
                "members no longer kept",
                f"the view keeps deletions for {found.deletions / 86400:g} days and was read {age / 86400:.1f} days "
                "ago: harvest it more often, or ask its publisher for a view that keeps more",
                is_dataset=False,
            )
        )

    def _check(self, new: list[feeds.Member], quads: list[Quad]) -> None:
        """Raise ReadAgain where new members alone do not tell what the stream says now."""
        if self._context.version_time or not feeds.is_standalone(quads, {member.iri: member for member in new}):
            self._needs_all = True
        late = self._place is not None and any(self._place.is_late(member) for member in new)
        if self._place is not None and (self._needs_all or late):
            raise ReadAgain

    def _is_closed(self, address: str, newest: float) -> bool:
        """Tell whether relations say that a page holds only members from before the newest one."""
        return any(
            bound.path in self._context.time
            and (feeds.seconds(bound.value) < newest or (feeds.seconds(bound.value) == newest and not bound.is_within))
            for bound in self._bounds.get(address, ())
        )

    def bookmark(self) -> Bookmark:
        """Return where the next run is to go on."""
        before = self._place or _ldes_place.Place(self._stream(), 0.0)
        place = _ldes_place.Place(self._stream(), time.time(), before.newest, set(before.done))
        for page in self._pages.values():
            place.newest = max([place.newest, *(member.published for member in page.members)])
        frontier, mutable = set(before.frontier), list[feeds.Member]()
        for address, page in self._pages.items():
            if page.is_immutable or self._is_closed(address, place.newest):
                place.done.add(_ldes_place.short(address))
                frontier.update(page.links)
            else:
                mutable += page.members
        place.frontier = {address for address in frontier if _ldes_place.short(address) not in place.done}
        is_partial = self._place is not None or not self._retention.keeps_current
        goes_on = place.remember(mutable) and not self._needs_all
        return Bookmark(place.text() if goes_on else "", is_partial)
